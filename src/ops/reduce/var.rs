//! Variance and standard deviation: the mean, in two parts, then the squares of the deviations from it.

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
        deviation(self)
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
        let [near, rest] = mean_parts::<D, S>(self);
        deviation_along::<D, S>(self, &near, &rest)
    }
}

/// n − correction, and NaN, not a negative number, where that is less than 0.
fn divisor<T: Float>(n: usize, correction: Correction) -> T {
    n.checked_sub(correction).map_or(T::NAN, T::from_usize)
}

/// The means along axis `D`, in the two parts of [`simd::mean_parts`].
#[inline]
fn mean_parts<const D: isize, S: Axis<D, Elem: Float>>(x: &Tensor<S>) -> [Tensor<S::Removed>; 2] {
    let [mut near, mut rest] = [Tensor::zeros(); 2];
    Along::axis::<D, S>().mean_parts(x.as_slice(), near.as_mut_slice(), rest.as_mut_slice());
    [near, rest]
}

/// x − mean by the mean's parts, squared.
#[inline(always)]
fn squared<T: Float>(x: T, near: T, rest: T) -> T {
    ((x - near) - rest) * ((x - near) - rest)
}

#[inline]
fn variance<S: Shape<Elem = T>, T: Float>(x: &Tensor<S>, correction: Correction) -> T {
    let (near, rest) = simd::mean_parts(x.as_slice());
    simd::sum_of(x.as_slice(), |x| squared(x, near, rest)) / divisor(S::LEN, correction)
}

#[inline]
fn variance_along<const D: isize, S: Axis<D, Elem: Float>>(x: &Tensor<S>, correction: Correction) -> Tensor<S::Removed> {
    let [near, rest] = mean_parts::<D, S>(x);
    let mut y = squares_along::<D, S>(x, &near, &rest);
    simd::map_in_place(y.as_mut_slice(), |y| y / divisor(S::SIZE, correction));
    y
}

/// Σ (x − mean)² along axis `D`.
#[inline]
fn squares_along<const D: isize, S: Axis<D, Elem: Float>>(
    x: &Tensor<S>,
    near: &Tensor<S::Removed>,
    rest: &Tensor<S::Removed>,
) -> Tensor<S::Removed> {
    let (along, mut y) = (Along::axis::<D, S>(), Tensor::zeros());
    let parts = along.rows(near.as_slice()).zip(along.rows(rest.as_slice()));
    for ((block, (near, rest)), y) in along.blocks(x.as_slice()).zip(parts).zip(along.rows_mut(y.as_mut_slice())) {
        if let ([near], [rest], [y]) = (near, rest, &mut *y) {
            *y = simd::sum_of(block, |x| squared(x, *near, *rest));
            continue;
        }
        for row in along.rows(block) {
            let parts = near.iter().zip(rest);
            y.iter_mut().zip(row.iter().zip(parts)).for_each(|(y, (&x, (&near, &rest)))| *y += squared(x, near, rest));
        }
    }
    y
}

/// The root of [`variance`], also where the variance is not representable.
#[inline]
fn deviation<S: Shape<Elem = T>, T: Float>(x: &Tensor<S>) -> T {
    let (near, rest) = simd::mean_parts(x.as_slice());
    simd::root_of_squares(x.as_slice(), divisor(S::LEN, 1), |x| (x - near) - rest)
}

/// As [`deviation`], along axis `D`, given the means.
#[inline]
fn deviation_along<const D: isize, S: Axis<D, Elem: Float>>(
    x: &Tensor<S>,
    near: &Tensor<S::Removed>,
    rest: &Tensor<S::Removed>,
) -> Tensor<S::Removed> {
    let along = Along::axis::<D, S>();
    let mut y = squares_along::<D, S>(x, near, rest);
    let parts = along.rows(near.as_slice()).zip(along.rows(rest.as_slice()));
    for ((block, (near, rest)), y) in along.blocks(x.as_slice()).zip(parts).zip(along.rows_mut(y.as_mut_slice())) {
        for (i, (y, (&near, &rest))) in y.iter_mut().zip(near.iter().zip(rest)).enumerate() {
            *y = simd::root(*y, divisor(S::SIZE, 1), || along.column(block, i).map(|x| (x - near) - rest));
        }
    }
    y
}

/// dx += dy · 2 (x − mean) / (n − 1), for y = x.var().
#[inline]
pub fn var_backward<S: Shape<Elem = T>, T: Float>(x: &Tensor<S>, dy: T, dx: &mut Tensor<S>) {
    whole_backward(1, x, dy, dx);
}

/// dx += dy · 2 (x − mean) / n, for y = x.var_population().
#[inline]
pub fn var_population_backward<S: Shape<Elem = T>, T: Float>(x: &Tensor<S>, dy: T, dx: &mut Tensor<S>) {
    whole_backward(0, x, dy, dx);
}

/// dx += dy · (x − mean) / ((n − 1) y), for y = x.std(); nothing where that is 0, as in PyTorch.
#[inline]
pub fn std_backward<S: Shape<Elem = T>, T: Float>(x: &Tensor<S>, dy: T, dx: &mut Tensor<S>) {
    let (near, rest) = simd::mean_parts(x.as_slice());
    let stats = [dy / divisor(S::LEN, 1), near, rest, deviation(x)];
    Along::all::<S>().spread(x.as_slice(), stats.each_ref().map(slice::from_ref), dx.as_mut_slice(), std_gradient);
}

/// As [`var_backward`], along axis `D`.
#[inline]
pub fn var_axis_backward<const D: isize, S: Axis<D, Elem: Float>>(x: &Tensor<S>, dy: &Tensor<S::Removed>, dx: &mut Tensor<S>) {
    axis_backward::<D, S>(1, x, dy, dx);
}

/// As [`var_population_backward`], along axis `D`.
#[inline]
pub fn var_population_axis_backward<const D: isize, S: Axis<D, Elem: Float>>(
    x: &Tensor<S>,
    dy: &Tensor<S::Removed>,
    dx: &mut Tensor<S>,
) {
    axis_backward::<D, S>(0, x, dy, dx);
}

/// As [`std_backward`], along axis `D`.
#[inline]
pub fn std_axis_backward<const D: isize, S: Axis<D, Elem: Float>>(x: &Tensor<S>, dy: &Tensor<S::Removed>, dx: &mut Tensor<S>) {
    let [near, rest] = mean_parts::<D, S>(x);
    let y = deviation_along::<D, S>(x, &near, &rest);
    let each = dy.map(|dy| dy / divisor(S::SIZE, 1));
    let stats = [&each, &near, &rest, &y].map(Tensor::as_slice);
    Along::axis::<D, S>().spread(x.as_slice(), stats, dx.as_mut_slice(), std_gradient);
}

/// dy / (n − 1) · (x − mean) / y, and 0 where y is.
#[inline(always)]
fn std_gradient<T: Float>(x: T, [each, near, rest, y]: [T; 4]) -> T {
    if y == T::ZERO { T::ZERO } else { each * (((x - near) - rest) / y) }
}

#[inline]
fn whole_backward<S: Shape<Elem = T>, T: Float>(correction: Correction, x: &Tensor<S>, dy: T, dx: &mut Tensor<S>) {
    let (near, rest) = simd::mean_parts(x.as_slice());
    backward(Along::all::<S>(), correction, x.as_slice(), [&dy, &near, &rest].map(slice::from_ref), dx.as_mut_slice());
}

#[inline]
fn axis_backward<const D: isize, S: Axis<D, Elem: Float>>(
    correction: Correction,
    x: &Tensor<S>,
    dy: &Tensor<S::Removed>,
    dx: &mut Tensor<S>,
) {
    let [near, rest] = mean_parts::<D, S>(x);
    let stats = [dy, &near, &rest].map(Tensor::as_slice);
    backward(Along::axis::<D, S>(), correction, x.as_slice(), stats, dx.as_mut_slice());
}

/// dx += dy · 2 (x − mean) / (n − correction).
#[inline]
fn backward<T: Float>(along: Along, correction: Correction, x: &[T], [dy, near, rest]: [&[T]; 3], dx: &mut [T]) {
    let scale = T::from_f64(2.0) / divisor(along.size, correction);
    along.spread(x, [dy, near, rest, rest], dx, |x, [dy, near, rest, _]| dy * scale * ((x - near) - rest));
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
    fn equal_elements_deviate_by_nothing() {
        fn check<T: Float, const N: usize>(c: T)
        where
            [T; N]: Shape<Elem = T> + Axis<0, Removed = T>,
            [[T; 2]; N]: Shape<Elem = T> + Axis<0, Removed = [T; 2]>,
        {
            let (x, columns) = (Tensor([c; N]), Tensor([[c; 2]; N]));
            assert_eq!((x.var(), x.std(), x.std_axis::<0>()), (T::ZERO, T::ZERO, Tensor(T::ZERO)), "{N} times {c}");
            assert_eq!((columns.var_axis::<0>(), columns.std_axis::<0>()), (Tensor::zeros(), Tensor::zeros()));
            let (mut dx, mut dcolumns) = (Tensor::zeros(), Tensor::zeros());
            std_backward(&x, T::ONE, &mut dx);
            var_backward(&x, T::ONE, &mut dx);
            var_population_backward(&x, T::ONE, &mut dx);
            std_axis_backward::<0, _>(&x, &Tensor(T::ONE), &mut dx);
            std_axis_backward::<0, _>(&columns, &Tensor([T::ONE; 2]), &mut dcolumns);
            var_axis_backward::<0, _>(&columns, &Tensor([T::ONE; 2]), &mut dcolumns);
            assert_eq!((dx, dcolumns), (Tensor::zeros(), Tensor::zeros()), "{N} times {c}");
        }
        for c in [0.0, 2.0, 0.1, 40000.1, 1234.5677, 1e30, 1e-30, 3e38] {
            check::<f32, 3>(c);
            check::<f32, 7>(c);
            check::<f32, 768>(c);
            check::<f64, 7>(f64::from(c) + 0.1);
            check::<f64, 768>(f64::from(c) + 0.1);
        }
    }

    #[test]
    fn neighbouring_numbers_deviate_by_their_distance() {
        // Their mean is none of the type.
        let (low, high) = (40000.1f32, 40000.1f32.next_up());
        let half = (high - low) / 2.0;
        let x = Tensor([low, high]);
        assert_eq!((x.var_population(), x.var_population_axis::<0>()), (half * half, Tensor(half * half)));
        assert_eq!(Tensor([[low; 2], [high; 2]]).var_population_axis::<0>(), Tensor([half * half; 2]));
        let mut dx = Tensor::zeros();
        std_backward(&x, 1.0, &mut dx);
        assert!(dx.all_close(&Tensor([-0.5f32.sqrt(), 0.5f32.sqrt()]), 1e-6, 0.0), "{dx}");
    }

    #[test]
    fn a_deviation_needs_no_variance() {
        for unit in [1e20f32, 1e-30, 1e-40] {
            let x = Tensor([[1.0, 3.0, 5.0], [2.0, 2.0, 2.0]]) * unit;
            let near = |found: f32| assert!((found / x.0[1][0] - 1.0).abs() < 1e-4, "{found:e}");
            near(x.at::<0>().std());
            near(x.std_axis::<1>().0[0]);
            near(x.transpose().std_axis::<0>().0[0]);
            assert_eq!(x.transpose().std_axis::<0>().0[1], 0.0);
            let mut dx = Tensor::zeros();
            std_backward(x.at::<0>(), 1.0, &mut dx);
            assert!(dx.all_close(&Tensor([-0.5, 0.0, 0.5]), 1e-4, 0.0), "{dx}");
        }
        let infinite = Tensor([1.0, f32::INFINITY]);
        assert!(infinite.var().is_nan() && infinite.std().is_nan());
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
