//! An index of another rank than the tensor.

use adamant::prelude::*;

fn main() {
    let _ = Tensor::<[[f32; 3]; 4]>::from_fn(|[i]| i as f32);
    let _: Tensor2<4, 3> = Tensor::from_fn(|[i]| i as f32);
}
