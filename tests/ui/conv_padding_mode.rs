//! Padding that takes more of the input than there is.
use adamant::prelude::*;

const _: () = <Conv2d<1, 8, 5, (Padding<4>, Reflect)>>::check::<Tensor<[[[f32; 4]; 28]; 1]>>();
const _: () = <Conv2d<1, 8, 5, (Padding<5>, Circular)>>::check::<Tensor<[[[f32; 4]; 28]; 1]>>();
const _: () = <Conv2d<1, 8, 5, (Same, Reflect)>>::check::<Tensor<[[[f32; 2]; 28]; 1]>>();

fn main() {}
