//! Numbers as an index: they may be out of range.

use adamant::prelude::*;

fn main() {
    let x = Tensor([[1.0f32; 3]; 2]);
    let _ = x[0];
    let _ = x[[0, 1]];
}
