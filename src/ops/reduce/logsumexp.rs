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
        let shift = shift(self.max());
        let (ones, others) = sum_of_exponentials(self.as_slice(), shift);
        log_of_sum(ones, others) + shift
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
        let shifts = self.max_axis::<D>().map(shift);
        let (mut ones, mut others) = (Tensor::zeros(), Tensor::zeros());
        let along = Along::axis::<D, S>();
        let results = along.rows_mut(ones.as_mut_slice()).zip(along.rows_mut(others.as_mut_slice()));
        for ((x, shifts), (ones, others)) in along.blocks(self.as_slice()).zip(along.rows(shifts.as_slice())).zip(results) {
            if let ([shift], [ones], [others]) = (shifts, &mut *ones, &mut *others) {
                (*ones, *others) = sum_of_exponentials(x, *shift);
                continue;
            }
            for x in along.rows(x) {
                let sums = ones.iter_mut().zip(&mut *others);
                sums.zip(x.iter().zip(shifts)).for_each(|((ones, others), (&x, &shift))| {
                    let (one, other) = exponential(x, shift);
                    (*ones, *others) = (*ones + one, *others + other);
                });
            }
        }
        ones.zip(&others, log_of_sum).zip(&shifts, |log, shift| log + shift)
    }
}

/// What is taken out of the sum: the largest number, and nothing where that is infinite.
#[inline(always)]
fn shift<T: Float>(max: T) -> T {
    if max == T::INFINITY || max == T::NEG_INFINITY { T::ZERO } else { max }
}

/// eˣ / e^shift where that is 1, and where it is not.
#[inline(always)]
fn exponential<T: Float>(x: T, shift: T) -> (T, T) {
    let e = (x - shift).exp();
    if x == shift { (T::ONE, T::ZERO) } else { (T::ZERO, e) }
}

/// Σ eˣ / e^shift in two parts: how many are 1, and the sum of the others, which keep their digits beside them.
#[inline]
fn sum_of_exponentials<T: Float>(x: &[T], shift: T) -> (T, T) {
    let ones = simd::sum_of(x, |x| if x == shift { T::ONE } else { T::ZERO });
    (ones, simd::sum_of(x, |x| exponential(x, shift).1))
}

/// ln (ones + others).
#[inline(always)]
fn log_of_sum<T: Float>(ones: T, others: T) -> T {
    (others + (ones - T::ONE)).ln_1p()
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
    fn what_is_small_beside_the_largest_counts() {
        let near = |found: f32, right: f32| assert!((found / right - 1.0).abs() < 4e-7, "{found:e}, not {right:e}");
        let x = Tensor([[0.0f32, -20.0, -20.0], [-20.0, 0.0, -20.0]]);
        near(x.at::<0>().logsumexp(), 4.122_307_2e-9);
        near(x.logsumexp_axis::<1>().0[1], 4.122_307_2e-9);
        near(x.logsumexp_axis::<0>().0[0], 2.061_153_6e-9);
        near(x.logsumexp_axis::<0>().0[2], 2f32.ln() - 20.0);
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
