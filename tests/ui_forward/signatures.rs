//! Where `#[forward]` stands, and what the function's first line must say.

use adamant::prelude::*;

#[derive(Module)]
struct Layer;

#[forward]
impl Clone for Layer {
    fn clone(&self) -> Self {
        Layer
    }
}

#[forward]
impl Layer {
    fn apply(&self) {}
}

#[forward]
struct Unfit;

impl Unfit {
    #[forward]
    fn forward(&self, x: Tensor<[f32; 3]>) -> Tensor<[f32; 3]> {
        x
    }
}

#[forward(fast)]
impl Layer {
    fn forward(x: Tensor<[f32; 3]>) -> Tensor<[f32; 3]> {
        x
    }
}

#[derive(Module)]
struct A;

#[forward]
impl A {
    fn forward(&mut self, x: Tensor<[f32; 3]>) -> Tensor<[f32; 3]> {
        x
    }
}

#[derive(Module)]
struct B;

#[forward]
impl B {
    fn forward(&self, x: Tensor<[f32; 3]>) {
        x;
    }
}

#[derive(Module)]
struct C;

#[forward]
impl C {
    async fn forward(&self) -> impl Sized {
        Tensor(1.0)
    }
}

#[derive(Module)]
struct D;

#[forward]
impl D {
    fn forward(&self, x: &Tensor<[f32; 3]>, y: &mut Tensor<[f32; 3]>) -> Tensor<[f32; 3]> {
        *x
    }
}

#[derive(Module)]
struct E;

#[forward]
impl E {
    fn forward<const N: usize>(&self, x: impl Into<Tensor<[f32; 3]>>) -> Tensor<[f32; 3]> {
        x.into()
    }
}

#[derive(Module)]
struct F;

#[forward]
impl F {
    unsafe fn forward(&self, x: &[f32]) -> &Tensor<[f32; 3]> {
        x.first()
    }
}

#[derive(Module)]
struct G;

#[forward]
impl Module<Tensor<[f32; 3]>> for G {
    type Output = Tensor<[f32; 3]>;

    fn forward(self: &Self, x: Tensor<[f32; 3]>) -> Tensor<[f32; 3]> {
        x.tanh()
    }
}

/// An error within a layer is none where it is used.
fn main() {
    Module::forward(&G, &Module::forward(&A, &Tensor([1.0, 2.0, 3.0])));
}
