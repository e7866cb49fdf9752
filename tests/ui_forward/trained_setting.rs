//! A parameter is not a constant: its gradient would be lost.

use adamant::prelude::*;

#[derive(Module)]
struct Scaled {
    scale: Param<[f32; 3]>,
}

#[forward]
impl Scaled {
    fn forward(&self, x: Tensor<[f32; 3]>) -> Tensor<[f32; 3]> {
        let scale = self.scale;
        x * &scale
    }
}

fn main() {}
