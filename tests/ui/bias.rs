//! A bias that does not repeat over the rows.
use adamant::prelude::*;

fn main() {
    let x = Tensor::<[[f32; 3]; 10]>::zeros();
    let bias = Param::new(Tensor([0.0f32; 4]));
    let _ = x + &bias;
    let _ = x + Tensor([0.0f32; 4]);
}
