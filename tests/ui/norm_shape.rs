//! A normalised shape that the input does not end in.
use adamant::prelude::*;

const _: () = LayerNorm::<[f32; 6]>::check::<Tensor<[[f32; 5]; 3]>>();
const _: () = LayerNorm::<[[f32; 6]; 4]>::check::<Tensor<[f32; 6]>>();
const _: () = RMSNorm::<[f32; 6]>::check::<Tensor<[f64; 6]>>();

fn main() {}
