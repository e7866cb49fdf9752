//! Attention, `y = softmax(scale · q · kᵀ + mask) · v`, of many heads of vectors that lie anywhere.
//!
//! The scores of all queries and keys are never there at once. They are worked on in blocks of [`QUERIES`] by [`KEYS`], each query carrying
//! the largest score so far and the sum of its exponentials (M. Milakov and N. Gimelshein, *Online normalizer calculation for softmax*,
//! 2018, arXiv:1805.02867), and of a whole row no more is kept than these two numbers, from which the backward pass computes each block
//! once more (T. Dao et al., *FlashAttention*, 2022, arXiv:2205.14135). What fits into one block is computed as one, so that there
//! is no second way for what is small. (The logarithm of the sum would be one number and not two, but e to the power of a difference of large
//! numbers has fewer digits than one of a small difference, times a factor.)
//!
//! The way through heads and blocks is code for the target, and what it leads to are kernels: the crate's products, and those of the scores
//! between them, once for each block. So the former are compiled for all, and of the latter there is little.
//!
//! **One order of sums**: keys in blocks of [`KEYS`], queries in blocks of [`QUERIES`], in order.

mod drops;
mod heads;
mod scores;
#[cfg(test)]
mod tests;

use super::Float;
use super::gemm::factor::{Matrix, Plain, Strided, Transposed};
use super::sets::SMALL;
pub use drops::Drops;

/// How many queries a block has.
pub const QUERIES: usize = if SMALL { 8 } else { 32 };

/// How many keys a block has.
pub const KEYS: usize = if SMALL { 16 } else { 64 };

/// The numbers of one block.
const BLOCK: usize = QUERIES * KEYS;

/// The bytes on the stack that a pass takes: the scores, and backward their gradients.
pub const fn scratch_bytes<T>(backward: bool) -> usize {
    BLOCK * size_of::<T>() * if backward { 2 } else { 1 }
}

/// How many heads there are, of how many vectors, of how many numbers.
#[derive(Clone, Copy)]
pub struct Sizes {
    pub samples: usize,
    pub heads: usize,
    pub queries: usize,
    pub keys: usize,
    /// The numbers of a query and of a key.
    pub width: usize,
    /// The numbers of a value and of an output.
    pub values: usize,
}

impl Sizes {
    /// Multiply-accumulates of a forward pass.
    pub const fn macs(&self) -> u64 {
        let scores = self.samples as u64 * self.heads as u64 * self.queries as u64 * self.keys as u64;
        scores * (self.width as u64 + self.values as u64)
    }
}

/// The distances from one sample, head and vector to the next.
#[derive(Clone, Copy)]
pub struct Steps {
    pub sample: usize,
    pub head: usize,
    pub row: usize,
}

impl Steps {
    /// Of vectors of `width` numbers one after the other, `rows` a head, `heads` a sample.
    pub const fn dense(heads: usize, rows: usize, width: usize) -> Self {
        Self { sample: heads * rows * width, head: rows * width, row: width }
    }

    /// Where a head begins.
    const fn start(self, sample: usize, head: usize) -> usize {
        sample * self.sample + head * self.head
    }
}

/// The vectors of all heads.
#[derive(Clone, Copy)]
pub struct Vectors<'a, T> {
    pub numbers: &'a [T],
    pub steps: Steps,
}

impl<'a, T: Float> Vectors<'a, T> {
    #[inline(always)]
    fn head(self, sample: usize, head: usize) -> Rows<'a, T> {
        let numbers = self.numbers.get(self.steps.start(sample, head)..).unwrap_or_default();
        Rows { numbers, step: self.steps.row }
    }
}

/// The vectors of one head, `step` apart.
#[derive(Clone, Copy)]
struct Rows<'a, T> {
    numbers: &'a [T],
    step: usize,
}

impl<'a, T: Float> Rows<'a, T> {
    /// From one of them on.
    #[inline(always)]
    fn from(self, row: usize) -> Self {
        Self { numbers: self.numbers.get(row * self.step..).unwrap_or_default(), ..self }
    }

    #[inline(always)]
    fn left(self) -> Strided<'a, T> {
        Strided { a: self.numbers, row: self.step, column: 1 }
    }

    #[inline(always)]
    fn right(self) -> Matrix<'a, T> {
        Matrix::Plain(Plain { a: self.numbers, width: self.step })
    }

    #[inline(always)]
    fn transposed(self) -> Matrix<'a, T> {
        Matrix::Transposed(Transposed { a: self.numbers, width: self.step })
    }
}

/// Vectors to write to: of queries, keys and values. Any of them may lie in one buffer.
pub struct VectorsMut<'a, T> {
    pub buffers: [&'a mut [T]; 3],
    /// In which buffer each lies, from where on, and how.
    pub places: [(usize, usize, Steps); 3],
}

impl<'a, T: Float> VectorsMut<'a, T> {
    /// Each in a buffer of its own.
    pub fn apart(buffers: [&'a mut [T]; 3], [q, k, v]: [Steps; 3]) -> Self {
        Self { buffers, places: [(0, 0, q), (1, 0, k), (2, 0, v)] }
    }

    /// Those of a head from `row` on, and how far apart they begin.
    #[inline(always)]
    fn rows(&mut self, [which, sample, head, row]: [usize; 4]) -> (&mut [T], usize) {
        let Some(&(buffer, first, steps)) = self.places.get(which) else { return (&mut [], 1) };
        let from = first + steps.start(sample, head) + row * steps.row;
        let rows = self.buffers.get_mut(buffer).and_then(|numbers| numbers.get_mut(from..));
        (rows.unwrap_or_default(), steps.row)
    }
}

/// Which keys a query may attend to, and what is added to its scores. What is not there is empty.
#[derive(Clone, Copy)]
pub struct Mask<'a, T> {
    /// Query i attends to the keys up to i alone.
    pub causal: bool,
    /// Whether query i attends to key j, `queries × keys`.
    pub allowed: &'a [bool],
    /// What is added to the score of query i and key j, `queries × keys`.
    pub added: &'a [T],
    /// Whether any query of a sample attends to key j, `samples × keys`.
    pub keys: &'a [bool],
}

impl<'a, T: Float> Mask<'a, T> {
    /// Everything attends to everything.
    pub const NONE: Self = Self { causal: false, allowed: &[], added: &[], keys: &[] };

    /// Whether that is so.
    #[inline(always)]
    fn is_none(&self) -> bool {
        !self.causal && self.allowed.is_empty() && self.added.is_empty() && self.keys.is_empty()
    }
}

/// What attention reads.
#[derive(Clone, Copy)]
pub struct Inputs<'a, T> {
    pub sizes: Sizes,
    /// What scores are multiplied by.
    pub scale: T,
    pub q: Vectors<'a, T>,
    pub k: Vectors<'a, T>,
    pub v: Vectors<'a, T>,
    pub mask: Mask<'a, T>,
    /// Which weights are dropped, in training.
    pub drops: Option<Drops>,
}

/// The forward pass.
pub struct Attend<'a, T> {
    pub inputs: Inputs<'a, T>,
    /// The outputs; their former content does not matter.
    pub y: &'a mut [T],
    pub steps: Steps,
    /// What the backward pass starts from, for each query of each head of each sample two numbers, m and 1/s: the weight of a score x is
    /// e^(x − m) / s. Empty where there is no backward pass.
    pub normalizers: &'a mut [T],
}

/// The backward pass: adds to the gradients of q, k and v.
pub struct AttendBackward<'a, T> {
    pub inputs: Inputs<'a, T>,
    pub y: Vectors<'a, T>,
    pub dy: Vectors<'a, T>,
    pub normalizers: &'a [T],
    pub gradients: VectorsMut<'a, T>,
}

/// Computes attention, in code of this crate that is compiled once for all sizes.
#[inline]
pub fn attend<T: Float>(attend: Attend<'_, T>) {
    T::large_attend(attend);
}

/// Computes the gradients of attention.
#[inline]
pub fn attend_backward<T: Float>(backward: AttendBackward<'_, T>) {
    T::large_attend_backward(backward);
}

/// Attention behind [`Float`]. Private, as the products are.
pub trait Attends: Sized {
    /// The forward pass, compiled in this crate, for the machine's instructions.
    fn large_attend(attend: Attend<'_, Self>);
    /// The backward pass, compiled in this crate, for the machine's instructions.
    fn large_attend_backward(backward: AttendBackward<'_, Self>);
}

macro_rules! attends {
    ($($float:ty)+, #[$inline:meta]) => {$(
        impl Attends for $float {
            #[$inline]
            fn large_attend(attend: Attend<'_, Self>) {
                heads::forward(attend);
            }

            #[$inline]
            fn large_attend_backward(backward: AttendBackward<'_, Self>) {
                heads::backward(backward);
            }
        }
    )+};
}

attends!(f32 f64, #[inline(never)]);

/// No kernel calls it.
#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod on {
    use super::*;
    use crate::simd::sets::{Avx2, Avx512, On};

    attends!(On<f32, Avx2> On<f64, Avx2> On<f32, Avx512>, #[inline]);
}
