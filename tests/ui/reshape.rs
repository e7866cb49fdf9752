//! A shape with another number of elements.
use adamant::prelude::*;

fn main() {
    let x = Tensor::<[[f32; 4]; 3]>::zeros();
    x.reshape::<[[f32; 5]; 2]>();
}
