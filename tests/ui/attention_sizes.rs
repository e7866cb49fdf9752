//! Numbers that only a build looks at: heads that do not divide a width, a sequence that is too long, a padding that is no index.

use adamant::prelude::*;

const _: () = <Sequential![MultiheadAttention<8, 3>]>::check::<Tensor<[[[f32; 8]; 5]; 2]>>();
const _: () = <Sequential![Linear<6, 8>, TransformerEncoderLayer<8, 5, 16>]>::check::<Tensor<[[[f32; 6]; 5]; 2]>>();
const _: () = <Sequential![Embedding<10, 8>, LearnedPositions<4, 8>]>::check::<Tensor<[u8; 5]>>();
const _: () = <Sequential![Embedding<10, 8, PaddingIndex<10>>]>::check::<Tensor<[u8; 5]>>();
const _: () = <Sequential![MultiheadAttention<8, 2, Context<4>>]>::check::<Tensor<[[f32; 8]; 5]>>();

fn main() {}
