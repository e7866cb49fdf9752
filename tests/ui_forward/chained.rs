//! A struct of layers already has a forward pass: of one with type parameters `#[forward]` does not say that it has another, and
//! `#[module(custom(forward))]` is missing.

use adamant::prelude::*;

#[derive(Module)]
struct Net<M> {
    first: M,
    second: Linear<4, 2>,
}

#[forward]
impl<M: Module<Tensor<[f32; 3]>, Output = Tensor<[f32; 4]>>> Net<M> {
    fn forward(&self, x: Tensor<[f32; 3]>) -> Tensor<[f32; 2]> {
        self.second.forward(self.first.forward(x).tanh())
    }
}

/// This one says it.
#[derive(Module)]
struct Shortcut {
    first: Linear<4, 4>,
    second: Linear<4, 4>,
}

#[forward]
impl Shortcut {
    fn forward(&self, x: Tensor<[f32; 4]>) -> Tensor<[f32; 4]> {
        self.second.forward(self.first.forward(x)) + x
    }
}

const _: () = Shortcut::check::<Tensor<[f32; 4]>>();

fn main() {}
