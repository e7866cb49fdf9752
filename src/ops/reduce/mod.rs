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
use crate::simd::{self, Float};

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

    /// One column of a block: what is reduced to one number.
    #[inline]
    fn column<T: Copy>(self, block: &[T], index: usize) -> impl Iterator<Item = T> {
        block.iter().skip(index).step_by(self.inner.max(1)).copied()
    }

    /// The means along the axis, as [`simd::mean_parts`] has them.
    #[inline]
    fn mean_parts<T: Float>(self, x: &[T], near: &mut [T], rest: &mut [T]) {
        near.fill(T::NAN);
        rest.fill(T::ZERO);
        let n = T::from_usize(self.size);
        for ((block, near), rest) in self.blocks(x).zip(self.rows_mut(near)).zip(self.rows_mut(rest)) {
            if let ([near], [rest]) = (&mut *near, &mut *rest) {
                (*near, *rest) = simd::mean_parts(block);
                continue;
            }
            let first = self.rows(block).next().unwrap_or_default();
            for row in self.rows(block) {
                rest.iter_mut().zip(row.iter().zip(first)).for_each(|(sum, (&x, &first))| *sum += x - first);
            }
            for (i, ((near, sum), &first)) in near.iter_mut().zip(&mut *rest).zip(first).enumerate() {
                *near = simd::near_mean(first, *sum, n, || self.column(block, i).map(|x| x / n).sum());
                *sum = T::ZERO;
            }
            for row in self.rows(block) {
                rest.iter_mut().zip(row.iter().zip(&*near)).for_each(|(sum, (&x, &near))| *sum += x - near);
            }
            simd::map_in_place(rest, |sum| simd::finite_or_zero(sum / n));
        }
    }

    /// dx += f(x, stats), where each of `stats` holds one number for all that was reduced to it: dy and statistics of x.
    #[inline]
    fn spread<T: Float>(self, x: &[T], [a, b, c, d]: [&[T]; 4], dx: &mut [T], f: impl Fn(T, [T; 4]) -> T) {
        let stats = self.rows(a).zip(self.rows(b)).zip(self.rows(c).zip(self.rows(d)));
        for ((dx, x), ((a, b), (c, d))) in self.blocks_mut(dx).zip(self.blocks(x)).zip(stats) {
            if let ([a], [b], [c], [d]) = (a, b, c, d) {
                dx.iter_mut().zip(x).for_each(|(dx, &x)| *dx += f(x, [*a, *b, *c, *d]));
                continue;
            }
            for (dx, x) in self.rows_mut(dx).zip(self.rows(x)) {
                let stats = a.iter().zip(b).zip(c.iter().zip(d));
                dx.iter_mut().zip(x).zip(stats).for_each(|((dx, &x), ((&a, &b), (&c, &d)))| *dx += f(x, [a, b, c, d]));
            }
        }
    }
}
