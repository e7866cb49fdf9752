//! Which weights are dropped in training: a function of a seed and of a weight's place, so that the backward pass finds the same in any
//! order.

use super::scores::Block;
use crate::simd::sets::{Kernel, Same};
use crate::simd::{Float, positive};

/// Dropout of weights.
#[derive(Clone, Copy)]
pub struct Drops {
    /// A weight is kept if 32 random bits reach this.
    pub threshold: u64,
    /// What one that is kept is multiplied by.
    pub keep: f64,
    pub seed: u64,
}

impl Drops {
    /// With the probability `p`.
    pub fn new(p: f64, seed: u64) -> Self {
        Self { threshold: (p * 4_294_967_296.0) as u64, keep: 1.0 / (1.0 - p), seed }
    }

    /// Multiplies the weights of a query, the first of which is that of `key`, by 0 or `keep`. `row` numbers the queries of all heads.
    #[inline(always)]
    pub fn apply<T: Float>(self, row: usize, key: usize, weights: &mut [T]) {
        let (keep, base) = (T::from_f64(self.keep), self.of_row(row));
        for (place, weight) in (key as u32..).zip(weights) {
            let bits = bits(base.wrapping_add(place.wrapping_mul(0x9e37_79b9)));
            *weight = if u64::from(bits) >= self.threshold { *weight * keep } else { T::ZERO };
        }
    }

    /// What tells the rows apart.
    #[inline(always)]
    fn of_row(self, row: usize) -> u32 {
        let mixed = (self.seed ^ row as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ (mixed >> 32)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed >> 32) as u32
    }
}

/// Drops weights of a block, or their gradients.
pub struct Drop<'a, T> {
    pub drops: Drops,
    /// The number of its first query among those of all heads.
    pub row: usize,
    pub block: Block,
    pub weights: &'a mut [T],
}

impl<T: Float> Kernel<T> for Drop<'_, T> {
    type Output = ();
    const DOUBLES: bool = false;

    #[inline(always)]
    fn run<N: Same<T>>(self) {
        let Self { drops, row, block, weights } = self;
        for (i, weights) in N::slice_mut(weights).chunks_exact_mut(positive(block.stride())).take(block.queries).enumerate() {
            drops.apply(row + i, block.key, weights);
        }
    }
}

/// 32 bits without a pattern, of a number: a finaliser of multiplications and shifts by C. Wellons (*Prospecting for hash functions*,
/// 2018), which the compiler makes vectors of.
#[inline(always)]
const fn bits(x: u32) -> u32 {
    let x = (x ^ (x >> 16)).wrapping_mul(0x7feb_352d);
    let x = (x ^ (x >> 15)).wrapping_mul(0x846c_a68b);
    x ^ (x >> 16)
}
