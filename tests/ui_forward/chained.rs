//! A struct of layers already has a forward pass: `#[module(custom(forward))]` is missing.

use adamant::prelude::*;

#[derive(Module)]
struct Net {
    first: Linear<3, 4>,
    second: Linear<4, 2>,
}

#[forward]
impl Net {
    fn forward(&self, x: Tensor<[f32; 3]>) -> Tensor<[f32; 2]> {
        self.second.forward(self.first.forward(x).tanh())
    }
}

fn main() {}
