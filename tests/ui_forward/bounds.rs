//! What a bound of the function's own allows has no backward pass.

use adamant::prelude::*;

#[derive(Module)]
struct Sum {
    scale: Param<[f32; 3]>,
}

#[forward]
impl Sum {
    fn forward<S, R>(&self, x: Tensor<S>, y: Tensor<R>) -> Tensor<S>
    where
        S: Shape<Elem = f32>,
        R: Shape<Elem = f32>,
        Tensor<S>: std::ops::Add<Tensor<R>, Output = Tensor<S>>,
    {
        x + y
    }
}

fn main() {}
