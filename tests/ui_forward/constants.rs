//! What even a constant is not made of.

use adamant::prelude::*;

#[derive(Module)]
struct Layer {
    scale: f32,
}

impl Layer {
    fn double(&self) -> f32 {
        2.0 * self.scale
    }
}

#[forward]
impl Layer {
    fn forward(&self, x: Tensor<[f32; 3]>) -> Tensor<[f32; 3]> {
        let a = x * self.double();
        let b = x * Layer::double(self);
        let c = x * f32::from(b"abc"[0]?);
        let d = x * f32::max(1.0, return Tensor([0.0; 3]));
        let e = x * f32::max(1.0, later().await);
        let f = x * f32::max(1.0, env!("SCALE"));
        let one = 1.0;
        let g = match Some(2.0) {
            Some(one) => one,
            None => one,
        };
        let h = x.powi({
            let x = 2;
            x
        });
        let i = async { 2.0 };
        let j = loop {};
        let k = unsafe { 2.0 };
        let mut l = 2.0;
        let m = (l = 3.0);
        x
    }
}

fn main() {}
