//! A parameter without its `&`.

use adamant::prelude::*;

#[derive(Module)]
struct Scaled {
    scale: Param<[f32; 3]>,
}

#[forward]
impl Scaled {
    fn forward(&self, x: Tensor<[f32; 3]>) -> Tensor<[f32; 3]> {
        x * self.scale
    }
}

fn main() {}
