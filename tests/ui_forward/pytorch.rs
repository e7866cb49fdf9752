//! PyTorch's names, with what to write here.

use adamant::prelude::*;

#[derive(Module)]
#[module(custom(forward))]
struct Layer {
    hidden: Linear<3, 3>,
}

#[forward]
impl Layer {
    fn forward(&self, x: Tensor<[[f32; 3]; 2]>) -> Tensor<[[f32; 3]; 2]> {
        let a = x.view(3, 2);
        let a = Tensor::cat((x, x), 0);
        let a = x.softmax(-1);
        let a = x.sum(0);
        let a = x.transpose(0, 1);
        let a = x.unsqueeze(0);
        let a = x.log();
        let a = x.pow(2);
        let a = x.mm(&x);
        let a = x.mul(&x);
        let a = F::relu(x);
        let a = self.hidden(x);
        x
    }
}

fn main() {}
