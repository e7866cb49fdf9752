//! Where `#[forward]` stands, and what the function's first line must say.

use adamant::prelude::*;

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

#[forward(fast)]
impl Layer {
    fn forward(x: Tensor<[f32; 3]>) -> Tensor<[f32; 3]> {
        x
    }
}

struct A;
#[forward]
impl A {
    fn forward(&mut self, x: Tensor<[f32; 3]>) -> Tensor<[f32; 3]> {
        x
    }
}

struct B;
#[forward]
impl B {
    fn forward(&self, x: Tensor<[f32; 3]>) {
        x;
    }
}

struct C;
#[forward]
impl C {
    async fn forward(&self) -> impl Sized {
        Tensor(1.0)
    }
}

struct D;
#[forward]
impl D {
    fn forward(&self, x: &Tensor<[f32; 3]>, y: &mut Tensor<[f32; 3]>) -> Tensor<[f32; 3]> {
        *x
    }
}

struct E;
#[forward]
impl E {
    fn forward<const N: usize>(&self, x: impl Into<Tensor<[f32; 3]>>) -> Tensor<[f32; 3]> {
        x.into()
    }
}

fn main() {}
