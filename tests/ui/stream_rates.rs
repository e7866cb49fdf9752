//! Rates and lengths that do not go together: what a stream's constants refuse.

use adamant::prelude::*;

type Signal = Tensor<[[f32; 1]; 1]>;

// A shortcut around what does not keep the length, and around what loses it and gets it back two frames at once.
const _: usize = Streaming::<Residual<Conv1d<1, 1, 3>>, Signal>::LATENCY;
const _: usize =
    Streaming::<Residual<Sequential![Conv1d<1, 1, 2, Stride<2>>, ConvTranspose1d<1, 1, 2, Stride<2>>]>, Signal>::LATENCY;

// The first output comes before the first frame; nothing is left of the last frame.
const _: usize = Streaming::<Conv1d<1, 1, 3, Padding<3>>, Signal>::LATENCY;
const _: usize = Streaming::<ConvTranspose1d<1, 1, 2, (Stride<2>, Padding<2>)>, Signal>::LATENCY;

fn main() {}
