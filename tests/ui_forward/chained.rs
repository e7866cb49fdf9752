//! A struct of layers already has a forward pass: of one with a `Module` by hand `#[module(custom(forward))]` is missing.

use adamant::prelude::*;

#[derive(Module)]
struct Net<M> {
    first: M,
    second: Linear<4, 2>,
}

impl<M: Module<Tensor<[f32; 3]>, Output = Tensor<[f32; 4]>>> Module<Tensor<[f32; 3]>> for Net<M> {
    type Output = Tensor<[f32; 2]>;

    fn forward_into(&self, x: &Tensor<[f32; 3]>, y: &mut Tensor<[f32; 2]>) {
        *y = self.second.forward(self.first.forward(x).tanh());
    }
}

/// `#[forward]` says it.
#[derive(Module)]
struct Shortcut<M> {
    first: M,
    second: Linear<4, 4>,
}

#[forward]
impl<M: Module<Tensor<[f32; 4]>, Output = Tensor<[f32; 4]>>> Shortcut<M> {
    fn forward(&self, x: Tensor<[f32; 4]>) -> Tensor<[f32; 4]> {
        self.second.forward(self.first.forward(x)) + x
    }
}

const _: () = Shortcut::<Linear<4, 4>>::check::<Tensor<[f32; 4]>>();

/// The parameter is no layer for this input.
const _: () = Shortcut::<Linear<4, 3>>::check::<Tensor<[f32; 4]>>();

fn main() {}
