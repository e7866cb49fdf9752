//! `#[layer]` on what it does not understand, and a layer that lacks a function.
use adamant::nn::Layer;
use adamant::prelude::*;

#[derive(Module)]
#[module(custom(forward))]
struct Mine {
    scale: Param<[f32; 1]>,
}

#[adamant::layer]
impl Mine {
    fn compute(&self) {}
}

#[derive(Module)]
#[module(custom(forward))]
struct Without {
    scale: Param<[f32; 1]>,
}

#[adamant::layer]
impl Layer<Tensor<[f32; 3]>> for Without {
    type Kept = ();

    fn compute(&self, x: &Tensor<[f32; 3]>, y: &mut Tensor<[f32; 3]>) {
        *y = *x;
    }
}

#[derive(Module)]
#[module(custom(forward))]
struct Forward {
    scale: Param<[f32; 1]>,
}

#[adamant::layer]
impl Layer<Tensor<[f32; 3]>> for Forward {
    type Output = Tensor<[f32; 3]>;
    type Kept = ();

    fn compute(&self, x: &Tensor<[f32; 3]>, y: &mut Tensor<[f32; 3]>) {
        *y = *x;
    }
}

fn main() {
    Forward::BLANK.forward(&Tensor([1.0f32; 4]));
}
