//! Functions with `#[forward]`, called and given what does not fit.
use adamant::prelude::*;

fn helper(x: Tensor<[f32; 3]>) -> Tensor<[f32; 3]> {
    x
}

#[forward]
fn without(p: Tensor<[f32; 3]>) -> f32 {
    helper(p).sum()
}

fn main() {}
