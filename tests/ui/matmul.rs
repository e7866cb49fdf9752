//! Matrices whose inner dimensions differ.
use adamant::prelude::*;

fn main() {
    let a = Tensor::<[[f32; 3]; 2]>::zeros();
    let b = Tensor::<[[f32; 5]; 4]>::zeros();
    a.matmul(&b);
}
