//! Variance and standard deviation, in two passes: the mean, then the squares of the deviations from it.

use core::slice;

use super::Along;
use crate::shape::{Axis, Shape};
use crate::simd::{self, Float};
use crate::tensor::Tensor;

/// What is taken off n before the sum of the squares is divided by it: 1 (Bessel) makes the estimate unbiased, 0 is the
/// variance of the numbers themselves.
type Correction = usize;

impl<S: Shape<Elem = T>, T: Float> Tensor<S> {
    /// The unbiased variance Σ (x − mean)² / (n − 1) of all n elements; NaN for fewer than two. After
    /// [`torch.var`](https://docs.pytorch.org/docs/stable/generated/torch.var.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([1.0f32, 2.0, 3.0]).var(), 1.0);
    /// ```
    #[inline]
    pub fn var(&self) -> T {
        variance(self, 1)
    }

    /// The variance Σ (x − mean)² / n of all n elements as a population; NaN if there are none. As
    /// [`torch.var(correction=0)`](https://docs.pytorch.org/docs/stable/generated/torch.var.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([1.0f32, 3.0]).var_population(), 1.0);
    /// ```
    #[inline]
    pub fn var_population(&self) -> T {
        variance(self, 0)
    }

    /// The standard deviation √[`var`](Self::var); NaN for fewer than two elements. After
    /// [`torch.std`](https://docs.pytorch.org/docs/stable/generated/torch.std.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([1.0f32, 3.0, 5.0]).std(), 2.0);
    /// ```
    #[inline]
    pub fn std(&self) -> T {
        self.var().sqrt()
    }

    /// [`var`](Self::var) along axis `D`, which goes: over axis 1, `A×B×C` gives `A×C`. NaN along an axis of fewer than two.
    /// After [`torch.var`](https://docs.pytorch.org/docs/stable/generated/torch.var.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let x = Tensor([[1.0f32, 5.0, 3.0], [2.0, 2.0, 2.0]]);
    /// assert_eq!(x.var_axis::<-1>(), Tensor([4.0, 0.0]));
    /// ```
    #[inline]
    pub fn var_axis<const D: isize>(&self) -> Tensor<S::Removed>
    where
        S: Axis<D>,
    {
        variance_along::<D, S>(self, 1)
    }

    /// [`var_population`](Self::var_population) along axis `D`, which goes. NaN along an empty axis. As
    /// [`torch.var(correction=0)`](https://docs.pytorch.org/docs/stable/generated/torch.var.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let x = Tensor([[1.0f32, 5.0], [3.0, 5.0]]);
    /// assert_eq!(x.var_population_axis::<0>(), Tensor([1.0, 0.0]));
    /// ```
    #[inline]
    pub fn var_population_axis<const D: isize>(&self) -> Tensor<S::Removed>
    where
        S: Axis<D>,
    {
        variance_along::<D, S>(self, 0)
    }

    /// [`std`](Self::std) along axis `D`, which goes. NaN along an axis of fewer than two. After
    /// [`torch.std`](https://docs.pytorch.org/docs/stable/generated/torch.std.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let x = Tensor([[1.0f32, 3.0, 5.0], [2.0, 2.0, 2.0]]);
    /// assert_eq!(x.std_axis::<-1>(), Tensor([2.0, 0.0]));
    /// ```
    #[inline]
    pub fn std_axis<const D: isize>(&self) -> Tensor<S::Removed>
    where
        S: Axis<D>,
    {
        self.var_axis::<D>().sqrt()
    }
}

/// n − correction, and NaN, not a negative number, where that is less than 0.
fn divisor<T: Float>(n: usize, correction: Correction) -> T {
    n.checked_sub(correction).map_or(T::NAN, T::from_usize)
}

#[inline]
fn variance<S: Shape<Elem = T>, T: Float>(x: &Tensor<S>, correction: Correction) -> T {
    let mean = x.mean();
    let squares = simd::sum_of(x.as_slice(), |x| (x - mean) * (x - mean));
    squares / divisor(S::LEN, correction)
}

#[inline]
fn variance_along<const D: isize, S: Axis<D, Elem: Float>>(x: &Tensor<S>, correction: Correction) -> Tensor<S::Removed> {
    let mut y = x.mean_axis::<D>();
    let along = Along::axis::<D, S>();
    let mean = y;
    y.fill(S::Elem::ZERO);
    for ((x, mean), y) in along.blocks(x.as_slice()).zip(along.rows(mean.as_slice())).zip(along.rows_mut(y.as_mut_slice())) {
        if let ([mean], [y]) = (mean, &mut *y) {
            *y = simd::sum_of(x, |x| (x - *mean) * (x - *mean));
            continue;
        }
        for x in along.rows(x) {
            y.iter_mut().zip(x.iter().zip(mean)).for_each(|(y, (&x, &mean))| *y += (x - mean) * (x - mean));
        }
    }
    simd::map_in_place(y.as_mut_slice(), |y| y / divisor(S::SIZE, correction));
    y
}

/// dx += dy · 2 (x − mean) / (n − 1), for y = x.var().
#[inline]
pub fn var_backward<S: Shape<Elem = T>, T: Float>(x: &Tensor<S>, dy: T, dx: &mut Tensor<S>) {
    backward(Along::all::<S>(), 1, x.as_slice(), slice::from_ref(&dy), slice::from_ref(&x.mean()), dx.as_mut_slice());
}

/// dx += dy · 2 (x − mean) / n, for y = x.var_population().
#[inline]
pub fn var_population_backward<S: Shape<Elem = T>, T: Float>(x: &Tensor<S>, dy: T, dx: &mut Tensor<S>) {
    backward(Along::all::<S>(), 0, x.as_slice(), slice::from_ref(&dy), slice::from_ref(&x.mean()), dx.as_mut_slice());
}

/// dx += dy · (x − mean) / ((n − 1) y), for y = x.std(). NaN where all elements are equal, as in PyTorch.
#[inline]
pub fn std_backward<S: Shape<Elem = T>, T: Float>(x: &Tensor<S>, dy: T, dx: &mut Tensor<S>) {
    var_backward(x, dy / (x.std() + x.std()), dx);
}

/// As [`var_backward`], along axis `D`.
#[inline]
pub fn var_axis_backward<const D: isize, S: Axis<D, Elem: Float>>(x: &Tensor<S>, dy: &Tensor<S::Removed>, dx: &mut Tensor<S>) {
    let mean = x.mean_axis::<D>();
    backward(Along::axis::<D, S>(), 1, x.as_slice(), dy.as_slice(), mean.as_slice(), dx.as_mut_slice());
}

/// As [`var_population_backward`], along axis `D`.
#[inline]
pub fn var_population_axis_backward<const D: isize, S: Axis<D, Elem: Float>>(
    x: &Tensor<S>,
    dy: &Tensor<S::Removed>,
    dx: &mut Tensor<S>,
) {
    let mean = x.mean_axis::<D>();
    backward(Along::axis::<D, S>(), 0, x.as_slice(), dy.as_slice(), mean.as_slice(), dx.as_mut_slice());
}

/// As [`std_backward`], along axis `D`.
#[inline]
pub fn std_axis_backward<const D: isize, S: Axis<D, Elem: Float>>(x: &Tensor<S>, dy: &Tensor<S::Removed>, dx: &mut Tensor<S>) {
    let dvar = x.std_axis::<D>().zip(dy, |y, dy| dy / (y + y));
    var_axis_backward::<D, S>(x, &dvar, dx);
}

/// dx += dy · 2 (x − mean) / (n − correction).
#[inline]
fn backward<T: Float>(along: Along, correction: Correction, x: &[T], dy: &[T], mean: &[T], dx: &mut [T]) {
    let scale = T::from_f64(2.0) / divisor(along.size, correction);
    along.spread(x, dy, mean, dx, |x, dy, mean| dy * scale * (x - mean));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{check_gradient, wavy};

    #[test]
    fn by_hand() {
        let x = Tensor([[1.0f64, 2.0, 3.0], [4.0, 5.0, 9.0]]);
        assert_eq!((x.var(), x.var_population(), x.std()), (8.0, 40.0 / 6.0, 8.0f64.sqrt()));
        assert_eq!(x.var_axis::<0>(), Tensor([4.5, 4.5, 18.0]));
        assert_eq!(x.var_axis::<1>(), Tensor([1.0, 7.0]));
        assert_eq!(x.var_population_axis::<0>(), Tensor([2.25, 2.25, 9.0]));
        assert_eq!(Tensor([[[[1.0f32, 3.0]]]]).std_axis::<-1>(), Tensor([[[2.0f32.sqrt()]]]));
    }

    #[test]
    fn a_large_mean_cancels_nothing() {
        let x = wavy::<[f32; 1000], f32>(0.0);
        let moved = (x + 4096.0).var();
        assert!((moved - x.var()).abs() < 1e-3 * x.var());
    }

    #[test]
    fn gradients() {
        let x = wavy::<[[[f64; 3]; 4]; 2], f64>(0.0);
        check_gradient(&x, |x| Tensor(x.var()), |dy, dx| var_backward(&x, dy.0, dx));
        check_gradient(&x, |x| Tensor(x.var_population()), |dy, dx| var_population_backward(&x, dy.0, dx));
        check_gradient(&x, |x| Tensor(x.std()), |dy, dx| std_backward(&x, dy.0, dx));
        check_gradient(&x, Tensor::var_axis::<1>, |dy, dx| var_axis_backward::<1, _>(&x, dy, dx));
        check_gradient(&x, Tensor::var_axis::<-1>, |dy, dx| var_axis_backward::<-1, _>(&x, dy, dx));
        check_gradient(&x, Tensor::std_axis::<1>, |dy, dx| std_axis_backward::<1, _>(&x, dy, dx));
        check_gradient(&x, Tensor::var_population_axis::<0>, |dy, dx| {
            var_population_axis_backward::<0, _>(&x, dy, dx);
        });
    }

    #[test]
    fn too_few_elements() {
        assert!(Tensor([1.0f32]).var().is_nan());
        assert!(Tensor::<[f32; 0]>::zeros().var().is_nan());
        assert!(Tensor::<[f32; 0]>::zeros().var_population().is_nan());
        assert_eq!(Tensor([1.0f32]).var_population(), 0.0);
        assert!(Tensor([[1.0f32, 2.0]]).var_axis::<0>().iter().all(|y| y.is_nan()));
        assert!(Tensor::<[[f32; 2]; 0]>::zeros().var_axis::<0>().iter().all(|y| y.is_nan()));
        assert_eq!(Tensor::<[[f32; 0]; 2]>::zeros().var_axis::<0>(), Tensor([]));
    }
}
