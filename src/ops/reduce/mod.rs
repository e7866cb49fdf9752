//! Many numbers to one: over a whole tensor, or along one axis of it.
//!
//! | file | what it computes |
//! |---|---|
//! | `mod.rs` | [`Along`]: how the elements lie, and the loops over them |
//! | `sum.rs` | sum, mean |
//! | `var.rs` | variance, standard deviation |
//! | `extreme.rs` | max, min and where they stand |
//! | `norm.rs` | Euclidean norm |
//! | `logsumexp.rs` | the logarithm of a sum of exponentials |
//! | `value.rs` | all of them as operations |
//!
//! Nothing here panics where there is nothing to reduce: a sum and a norm are then 0, a mean and a variance NaN, a maximum −∞,
//! a minimum ∞ and a place 0 (or `None`).

mod extreme;
mod logsumexp;
mod norm;
mod sum;
mod value;
mod var;

pub use extreme::{max_axis_backward, max_backward, min_axis_backward, min_backward};
pub use logsumexp::{logsumexp_axis_backward, logsumexp_backward};
pub use norm::{norm_axis_backward, norm_backward};
pub use sum::{mean_axis_backward, mean_backward, sum_axis_backward, sum_backward};
pub use value::*;
pub use var::{
    std_axis_backward, std_backward, var_axis_backward, var_backward, var_population_axis_backward, var_population_backward,
};

use crate::shape::{Axis, Shape};
use crate::simd::Float;

/// How the reduced elements lie: blocks of `size` rows of `inner` neighbours, each block giving one row of results.
///
/// With `inner` 1 a block is contiguous and is reduced by the 32 lanes of [`simd`](crate::simd); else its rows are combined
/// one after the other, which vectorises along them.
#[derive(Clone, Copy)]
struct Along {
    size: usize,
    inner: usize,
}

impl Along {
    /// The whole of a tensor, as one block.
    const fn all<S: Shape>() -> Self {
        Self { size: S::LEN, inner: 1 }
    }

    /// One axis.
    const fn axis<const D: isize, S: Axis<D>>() -> Self {
        Self { size: S::SIZE, inner: S::INNER }
    }

    /// The blocks of `x`; none if they are empty.
    #[inline]
    fn blocks<T>(self, x: &[T]) -> impl Iterator<Item = &[T]> {
        x.chunks_exact((self.size * self.inner).max(1))
    }

    /// As [`blocks`](Self::blocks), to write to.
    #[inline]
    fn blocks_mut<T>(self, x: &mut [T]) -> impl Iterator<Item = &mut [T]> {
        x.chunks_exact_mut((self.size * self.inner).max(1))
    }

    /// The rows of a block.
    #[inline]
    fn rows<T>(self, block: &[T]) -> impl DoubleEndedIterator<Item = &[T]> + ExactSizeIterator {
        block.chunks_exact(self.inner.max(1))
    }

    /// As [`rows`](Self::rows), to write to. A row of results, too, is one of these.
    #[inline]
    fn rows_mut<T>(self, block: &mut [T]) -> impl Iterator<Item = &mut [T]> {
        block.chunks_exact_mut(self.inner.max(1))
    }

    /// y = the elements of each block, one after the other from `start` by `step`: `whole` does the same with a slice.
    #[inline]
    fn reduce<T: Float>(self, x: &[T], y: &mut [T], start: T, whole: impl Fn(&[T]) -> T, step: impl Fn(T, T) -> T) {
        y.fill(start);
        if self.inner == 1 {
            return self.blocks(x).zip(y).for_each(|(x, y)| *y = whole(x));
        }
        for (block, y) in self.blocks(x).zip(self.rows_mut(y)) {
            for row in self.rows(block) {
                y.iter_mut().zip(row).for_each(|(y, &x)| *y = step(*y, x));
            }
        }
    }

    /// dx += f(x, a, b), where `a` and `b` hold one number for all that was reduced to it: dy and a statistic of x.
    #[inline]
    fn spread<T: Float>(self, x: &[T], a: &[T], b: &[T], dx: &mut [T], f: impl Fn(T, T, T) -> T) {
        let results = self.rows(a).zip(self.rows(b));
        for ((dx, x), (a, b)) in self.blocks_mut(dx).zip(self.blocks(x)).zip(results) {
            if let ([a], [b]) = (a, b) {
                dx.iter_mut().zip(x).for_each(|(dx, &x)| *dx += f(x, *a, *b));
                continue;
            }
            for (dx, x) in self.rows_mut(dx).zip(self.rows(x)) {
                dx.iter_mut().zip(x).zip(a.iter().zip(b)).for_each(|((dx, &x), (&a, &b))| *dx += f(x, a, b));
            }
        }
    }
}
