//! The handwritten digits that `examples/data` describes, in constants: a program holds in flash those that it names.

use adamant::Tensor;

/// 64 pixels from 0 to 16, row by row, and what they show.
pub type Image = [u8; 65];

/// All 1,797.
const ALL: &[Image] = include_bytes!("../../../examples/data/digits.bin").as_chunks().0;

/// The first of those that test; the ones before train.
pub const TEST: usize = 1437;

/// As many as the type says, from one on.
pub const fn part<const N: usize>(from: usize) -> [Image; N] {
    let mut part = [[0; 65]; N];
    let mut i = 0;
    while i < N {
        part[i] = ALL[from + i];
        i += 1;
    }
    part
}

/// The pixels of each, from 0 to 1.
pub const fn pixels<const N: usize>(from: usize) -> [Tensor<[f32; 64]>; N] {
    let mut pixels = [const { Tensor([0.0; 64]) }; N];
    let mut i = 0;
    while i < N {
        let mut j = 0;
        while j < 64 {
            pixels[i].0[j] = ALL[from + i][j] as f32 / 16.0;
            j += 1;
        }
        i += 1;
    }
    pixels
}
