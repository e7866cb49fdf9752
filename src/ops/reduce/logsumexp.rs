//! The logarithm of a sum of exponentials: a maximum without a kink.

use core::slice;

use super::Along;
use crate::shape::{Axis, Shape};
use crate::simd::{self, Float};
use crate::tensor::Tensor;

impl<S: Shape<Elem = T>, T: Float> Tensor<S> {
    /// ln Σ eˣ over all elements; −∞ if there are none, NaN if any is. The largest x is taken out of the sum, so nothing
    /// overflows. After [`torch.logsumexp`](https://docs.pytorch.org/docs/stable/generated/torch.logsumexp.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([1000.0f32, 0.0]).logsumexp(), 1000.0);
    /// ```
    #[inline]
    pub fn logsumexp(&self) -> T {
        log_of_sum(self.as_slice(), self.max())
    }

    /// [`logsumexp`](Self::logsumexp) along axis `D`, which goes: over axis 1, `A×B×C` gives `A×C`. −∞ along an empty axis.
    /// After [`torch.logsumexp`](https://docs.pytorch.org/docs/stable/generated/torch.logsumexp.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([[1000.0f32, 0.0], [0.0, -1000.0]]).logsumexp_axis::<-1>(), Tensor([1000.0, 0.0]));
    /// ```
    #[inline]
    pub fn logsumexp_axis<const D: isize>(&self) -> Tensor<S::Removed>
    where
        S: Axis<D>,
    {
        let (max, mut y) = (self.max_axis::<D>(), Tensor::zeros());
        let along = Along::axis::<D, S>();
        for ((x, max), y) in along.blocks(self.as_slice()).zip(along.rows(max.as_slice())).zip(along.rows_mut(y.as_mut_slice()))
        {
            if let ([max], [y]) = (max, &mut *y) {
                *y = sum_of_exponentials(x, *max);
                continue;
            }
            for x in along.rows(x) {
                y.iter_mut().zip(x.iter().zip(max)).for_each(|(y, (&x, &max))| *y += (x - shift(max)).exp());
            }
        }
        y.zip(&max, |sum, max| sum.ln() + shift(max))
    }
}

/// What is taken out of the sum: the largest number, and nothing where that is infinite.
#[inline(always)]
fn shift<T: Float>(max: T) -> T {
    if max == T::INFINITY || max == T::NEG_INFINITY { T::ZERO } else { max }
}

/// Σ eˣ / e^max.
#[inline]
fn sum_of_exponentials<T: Float>(x: &[T], max: T) -> T {
    simd::sum_of(x, |x| (x - shift(max)).exp())
}

#[inline]
fn log_of_sum<T: Float>(x: &[T], max: T) -> T {
    sum_of_exponentials(x, max).ln() + shift(max)
}

/// dx += dy · eˣ⁻ʸ, for y = ln Σ eˣ: the softmax of x. NaN where y is infinite, as in PyTorch.
#[inline]
pub fn logsumexp_backward<S: Shape<Elem = T>, T: Float>(x: &Tensor<S>, y: T, dy: T, dx: &mut Tensor<S>) {
    backward(Along::all::<S>(), x.as_slice(), slice::from_ref(&y), slice::from_ref(&dy), dx.as_mut_slice());
}

/// As [`logsumexp_backward`], along axis `D`.
#[inline]
pub fn logsumexp_axis_backward<const D: isize, S: Axis<D, Elem: Float>>(
    x: &Tensor<S>,
    y: &Tensor<S::Removed>,
    dy: &Tensor<S::Removed>,
    dx: &mut Tensor<S>,
) {
    backward(Along::axis::<D, S>(), x.as_slice(), y.as_slice(), dy.as_slice(), dx.as_mut_slice());
}

#[inline]
fn backward<T: Float>(along: Along, x: &[T], y: &[T], dy: &[T], dx: &mut [T]) {
    along.spread(x, [y, dy, dy, dy], dx, |x, [y, dy, ..]| dy * (x - y).exp());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::wavy;

    #[test]
    fn is_the_logarithm_of_a_sum() {
        let x = wavy::<[[[f64; 3]; 4]; 2], f64>(0.0);
        assert!((x.logsumexp() - Float::ln(x.exp().sum())).abs() < 1e-12);
        assert!(x.logsumexp_axis::<0>().all_close(&x.exp().sum_axis::<0>().ln(), 0.0, 1e-12));
        assert!(x.logsumexp_axis::<1>().all_close(&x.exp().sum_axis::<1>().ln(), 0.0, 1e-12));
        assert!(x.logsumexp_axis::<2>().all_close(&x.exp().sum_axis::<2>().ln(), 0.0, 1e-12));
    }

    #[test]
    fn nothing_and_infinity() {
        let x = Tensor([[f32::NEG_INFINITY, f32::NEG_INFINITY], [f32::INFINITY, 0.0], [f32::NAN, f32::INFINITY]]);
        let y = x.logsumexp_axis::<1>();
        assert_eq!(y.0[..2], [f32::NEG_INFINITY, f32::INFINITY]);
        assert!(y.0[2].is_nan() && x.logsumexp().is_nan());
        assert_eq!(Tensor([f32::NEG_INFINITY, 2.0]).logsumexp(), 2.0);
        let none = Tensor::<[[f32; 0]; 2]>::zeros();
        assert_eq!(none.logsumexp(), f32::NEG_INFINITY);
        assert_eq!(none.logsumexp_axis::<1>(), Tensor([f32::NEG_INFINITY; 2]));
        assert_eq!(none.logsumexp_axis::<0>(), Tensor([]));
        assert_eq!(Tensor::<[[f32; 2]; 0]>::zeros().logsumexp_axis::<0>(), Tensor([f32::NEG_INFINITY; 2]));
    }
}
