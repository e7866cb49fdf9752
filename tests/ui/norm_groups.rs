//! Groups that do not divide the channels.
use adamant::prelude::*;

const _: () = GroupNorm::<3, 4>::check::<Tensor<[[[f32; 5]; 5]; 4]>>();

fn main() {}
