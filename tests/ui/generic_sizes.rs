//! A size that is a parameter, in arithmetic that nobody promised.

use adamant::prelude::*;

fn turned<const H: usize, const W: usize>(x: Tensor<[[f32; W]; H]>) -> Tensor<[[f32; H]; W]> {
    x.reshape()
}

fn main() {
    turned(Tensor([[1.0f32; 3]; 2]));
}
