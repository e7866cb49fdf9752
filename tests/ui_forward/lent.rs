//! A layer with `#[forward]` takes its input by value or by reference, and no other.

use adamant::prelude::*;

#[derive(Module)]
struct Scale {
    scale: Param<[f32; 3]>,
}

#[forward]
impl Scale {
    fn forward(&self, x: Tensor<[f32; 3]>) -> Tensor<[f32; 3]> {
        x * &self.scale
    }
}

fn main() {
    let layer = Scale::BLANK;
    layer.forward(&Tensor([1.0, 2.0, 3.0]));
    layer.forward(&Tensor([1.0, 2.0, 3.0, 4.0]));
    layer.forward(Tensor([1.0, 2.0, 3.0, 4.0]));
}
