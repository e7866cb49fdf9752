//! Layers that change a shape: another number of elements, channels that are no blocks, an input without rows.
use adamant::prelude::*;

const _: () = <Sequential![Linear<8, 25>, Reshape<[[[f32; 4]; 3]; 2]>]>::check::<Tensor<[f32; 8]>>();
const _: () = <Sequential![Relu, PixelShuffle<3>]>::check::<Tensor<[[[[f32; 3]; 3]; 8]; 5]>>();
const _: () = <Sequential![Relu, PixelShuffle<2>]>::check::<Tensor<[[f32; 3]; 8]>>();
const _: () = <Sequential![Relu, Upsample<2>]>::check::<Tensor<[f32; 3]>>();
const _: () = <Sequential![Relu, Upsample<2>]>::check::<Tensor<[[f32; 999]; 9001]>>();

fn main() {}
