//! What `#[cfg]` takes out is not known when the backward pass is written.

use adamant::prelude::*;

#[derive(Module)]
struct Layer;

#[forward]
impl Layer {
    fn forward(&self, mut x: Tensor<[f32; 3]>, #[cfg(test)] y: Tensor<[f32; 3]>) -> Tensor<[f32; 3]> {
        #[cfg(test)]
        let x = x.tanh();
        #[cfg_attr(not(test), cfg(test))]
        {
            x = x.tanh();
        }
        #[cfg(test)] // An item is taken out of both passes.
        const SCALE: f32 = 2.0;
        #[cfg(not(test))]
        const SCALE: f32 = 3.0;
        if cfg!(test) { x * SCALE } else { x }
    }
}

#[derive(Module)]
struct Choice;

#[forward]
impl Choice {
    #[cfg(test)]
    fn forward(&self, x: Tensor<[f32; 3]>) -> Tensor<[f32; 3]> {
        x.tanh()
    }
}

fn main() {}
