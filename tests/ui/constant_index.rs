//! A constant index past the end. (The compiler finds it when it builds, not when it checks.)
use adamant::prelude::*;

fn main() {
    let x = Tensor([1.0f32, 2.0]);
    x.at::<2>();
}
