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

/// What has nothing of the input in it is a constant, too.
#[derive(Module)]
struct Halved {
    scale: Param<[f32; 3]>,
}

#[forward]
impl Halved {
    fn forward(&self, x: Tensor<[f32; 3]>) -> Tensor<[f32; 3]> {
        x * (0.5 * self.scale)
    }
}

fn main() {}
