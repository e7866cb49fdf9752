//! Losses that do not leave their gradient in place of the output.
use adamant::prelude::*;

#[derive(Module)]
#[module(custom(forward))]
struct TwoHeads {
    class: Linear<3, 2>,
    value: Linear<3, 1>,
}

#[forward]
impl TwoHeads {
    fn forward(&self, x: Tensor<[f32; 3]>) -> (Tensor<[f32; 2]>, Tensor<[f32; 1]>) {
        (self.class.forward(x), self.value.forward(x))
    }
}

fn main() {
    let net = Linear::<3, 2>::BLANK;
    let x = Tensor::<[f32; 3]>::zeros();
    let y = Tensor::<[f32; 2]>::zeros();
    net.gradients(&x, |p| mse_loss(&*p, &y, Reduction::Mean));
    net.gradients(&x, |p| (*p - y).square().mean());
    net.gradients(&x, |p| {
        mse_loss(&mut p.clone(), &y, Reduction::Mean);
    });
    net.gradients(&x, |p| mse_loss(&mut *p, &y, Reduction::Mean) + l1_loss(p, &y, Reduction::Mean));
    TwoHeads::BLANK.gradients(&x, |(class, _)| mse_loss(class, &y, Reduction::Mean));
    TwoHeads::BLANK.gradients(&x, |(class, value)| {
        mse_loss(value, &Tensor::zeros(), Reduction::Mean) + mse_loss(class, &y, Reduction::Mean)
    });
}
