//! Wrong shapes and types are reported where the user wrote them.

use adamant::prelude::*;

#[derive(Module)]
struct Product {
    weight: Param<[[f32; 2]; 3]>,
}

#[forward]
impl Product {
    fn forward(&self, x: Tensor<[[f32; 4]; 5]>) -> Tensor<[[f32; 2]; 5]> {
        x.matmul(&self.weight)
    }
}

#[derive(Module)]
struct Layers {
    first: Linear<3, 4>,
    second: Linear<5, 2>,
}

#[derive(Module)]
#[module(custom(forward))]
struct Calls {
    first: Linear<3, 4>,
    second: Linear<5, 2>,
}

#[forward]
impl Calls {
    fn forward(&self, x: Tensor<[f32; 3]>) -> Tensor<[f32; 2]> {
        let h = self.first.forward(x);
        self.second.forward(h)
    }
}

#[derive(Module)]
struct Added {
    bias: Param<[f32; 4]>,
}

#[forward]
impl Added {
    fn forward<const N: usize>(&self, x: Tensor<[[f32; 3]; N]>) -> Tensor<[[f32; 3]; N]> {
        x.tanh() + &self.bias
    }
}

fn main() {}
