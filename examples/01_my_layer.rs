//! A layer of one's own, with its backward pass written by hand, and ten steps of Adam.
//!
//! `cargo run --example 01_my_layer`

use adamant::prelude::*;

/// y = (x² + bias) · weight
#[derive(Module)]
struct MyLayer<const IN: usize, const OUT: usize> {
    weight: Param<[[f32; OUT]; IN]>,
    bias: Param<[f32; IN]>,
}

impl<const IN: usize, const OUT: usize, const N: usize> Module<Tensor<[[f32; IN]; N]>> for MyLayer<IN, OUT> {
    type Output = Tensor<[[f32; OUT]; N]>;

    fn forward_into(&self, x: &Tensor<[[f32; IN]; N]>, y: &mut Self::Output) {
        *y = (x.square() + &self.bias).matmul(&self.weight);
    }
}

impl<const IN: usize, const OUT: usize, const N: usize> Backprop<Tensor<[[f32; IN]; N]>> for MyLayer<IN, OUT> {
    /// `next` turns `y` into dy, the loss's gradient with respect to it; then `x` becomes dx:
    ///
    /// h = x² + bias, dweight = hᵀ · dy, dh = dy · weightᵀ, dbias = Σ dh, dx = 2x · dh
    fn backprop<R>(
        &self,
        x: &mut Tensor<[[f32; IN]; N]>,
        grads: &mut Self::Grads,
        next: impl FnOnce(&mut Self::Output) -> R,
    ) -> R {
        let h = x.square() + &self.bias;
        let mut y = h.matmul(&self.weight);
        let result = next(&mut y);

        let dh = y.matmul(&self.weight.transpose());
        grads.weight += h.transpose().matmul(&y);
        grads.bias += dh.sum_axis::<0>();
        *x = *x * dh * 2.0;
        result
    }
}

#[derive(Module)]
struct MyNet {
    mylayer1: MyLayer<5, 3>, // a struct of layers chains its fields in order
}

fn main() {
    let mut rng = SmallRng::seed_from_u64(0);
    let mut model = MyNet::init(&mut rng);
    println!("{model}");
    let x: Tensor<[[f32; 5]; 10]> = Tensor::randn(&mut rng);
    let y: Tensor<[[f32; 3]; 10]> = Tensor::randn(&mut rng);
    let mut adam = Adam::new(&model).lr(1e-4);
    for epoch in 0..10 {
        let (loss, grads) = model.gradients(&x, |p| mse_loss(p, &y, Reduction::Sum));
        adam.step(&mut model, &grads);
        println!("epoch {epoch}, loss {loss}");
    }
}
