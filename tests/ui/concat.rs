//! Tensors that differ along another axis than the one they are joined along.
use adamant::prelude::*;

fn main() {
    let a = Tensor::<[[f32; 3]; 2]>::zeros();
    let b = Tensor::<[[f32; 4]; 2]>::zeros();
    a.concat::<0, _>(&b);
}
