//! Sum and mean.

use core::slice;

use super::Along;
use crate::shape::{Axis, Shape};
use crate::simd::{self, Float};
use crate::tensor::Tensor;

impl<S: Shape<Elem = T>, T: Float> Tensor<S> {
    /// Σ x over all elements; 0 if there are none. After
    /// [`torch.sum`](https://docs.pytorch.org/docs/stable/generated/torch.sum.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([[1.0f32, 2.0], [3.0, 4.0]]).sum(), 10.0);
    /// ```
    #[inline]
    pub fn sum(&self) -> T {
        simd::sum(self.as_slice())
    }

    /// Σ x / n over all n elements, which is x where all are equal; NaN if there are none. After
    /// [`torch.mean`](https://docs.pytorch.org/docs/stable/generated/torch.mean.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([[1.0f32, 2.0], [3.0, 4.0]]).mean(), 2.5);
    /// ```
    #[inline]
    pub fn mean(&self) -> T {
        simd::mean(self.as_slice())
    }

    /// Σ x along axis `D`, which goes: over axis 1, `A×B×C` gives `A×C`. 0 along an empty axis. After
    /// [`torch.sum`](https://docs.pytorch.org/docs/stable/generated/torch.sum.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let x = Tensor([[1.0f32, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.sum_axis::<0>(), Tensor([4.0, 6.0]));
    /// assert_eq!(x.sum_axis::<-1>(), Tensor([3.0, 7.0]));
    /// ```
    #[inline]
    pub fn sum_axis<const D: isize>(&self) -> Tensor<S::Removed>
    where
        S: Axis<D>,
    {
        let mut y = Tensor::zeros();
        Along::axis::<D, S>().reduce(self.as_slice(), y.as_mut_slice(), T::ZERO, simd::sum, |y, x| y + x);
        y
    }

    /// Σ x / n along axis `D` of size n, which goes: over axis 1, `A×B×C` gives `A×C`. NaN along an empty axis. After
    /// [`torch.mean`](https://docs.pytorch.org/docs/stable/generated/torch.mean.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let x = Tensor([[1.0f32, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.mean_axis::<0>(), Tensor([2.0, 3.0]));
    /// assert_eq!(x.mean_axis::<-1>(), Tensor([1.5, 3.5]));
    /// ```
    #[inline]
    pub fn mean_axis<const D: isize>(&self) -> Tensor<S::Removed>
    where
        S: Axis<D>,
    {
        let (mut y, mut rest) = (Tensor::zeros(), Tensor::<S::Removed>::zeros());
        Along::axis::<D, S>().mean_parts(self.as_slice(), y.as_mut_slice(), rest.as_mut_slice());
        simd::add_assign(y.as_mut_slice(), rest.as_slice());
        y
    }
}

/// dx += dy, for y = Σ x.
#[inline]
pub fn sum_backward<S: Shape<Elem = T>, T: Float>(dy: T, dx: &mut Tensor<S>) {
    add_scaled(Along::all::<S>(), T::ONE, slice::from_ref(&dy), dx.as_mut_slice());
}

/// dx += dy / n, for y = Σ x / n.
#[inline]
pub fn mean_backward<S: Shape<Elem = T>, T: Float>(dy: T, dx: &mut Tensor<S>) {
    add_scaled(Along::all::<S>(), T::from_usize(S::LEN).recip(), slice::from_ref(&dy), dx.as_mut_slice());
}

/// dx += dy, repeated along axis `D`, for y = Σ x along it.
#[inline]
pub fn sum_axis_backward<const D: isize, S: Axis<D, Elem: Float>>(dy: &Tensor<S::Removed>, dx: &mut Tensor<S>) {
    add_scaled(Along::axis::<D, S>(), S::Elem::ONE, dy.as_slice(), dx.as_mut_slice());
}

/// dx += dy / n, repeated along axis `D`, for y = Σ x / n along it.
#[inline]
pub fn mean_axis_backward<const D: isize, S: Axis<D, Elem: Float>>(dy: &Tensor<S::Removed>, dx: &mut Tensor<S>) {
    add_scaled(Along::axis::<D, S>(), S::Elem::from_usize(S::SIZE).recip(), dy.as_slice(), dx.as_mut_slice());
}

/// dx += alpha · dy, repeated along the axis.
#[inline]
fn add_scaled<T: Float>(along: Along, alpha: T, dy: &[T], dx: &mut [T]) {
    for (dx, dy) in along.blocks_mut(dx).zip(along.rows(dy)) {
        match dy {
            [dy] => simd::map_in_place(dx, |dx| alpha.mul_add(*dy, dx)),
            _ => along.rows_mut(dx).for_each(|dx| simd::axpy(alpha, dy, dx)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{check_gradient, wavy};

    #[test]
    fn whole_tensors() {
        assert_eq!(Tensor(3.0f32).sum(), 3.0);
        assert_eq!(Tensor([[[1.0f64; 7]; 5]; 3]).sum(), 105.0);
        assert_eq!(Tensor([[[[2.0f32; 7]; 5]; 3]; 2]).mean(), 2.0);
        let x = wavy::<[[f64; 7]; 5], f64>(0.0);
        check_gradient(&x, |x| Tensor(x.sum()), |dy, dx| sum_backward(dy.0, dx));
        check_gradient(&x, |x| Tensor(x.mean()), |dy, dx| mean_backward(dy.0, dx));
    }

    #[test]
    fn each_axis() {
        let x = Tensor::<[[[f32; 4]; 3]; 2]>::from_fn(|[i, j, k]| (100 * i + 10 * j + k) as f32);
        let sums = Tensor::<[[f32; 4]; 3]>::from_fn(|[j, k]| (100 + 2 * (10 * j + k)) as f32);
        assert_eq!((x.sum_axis::<0>(), x.sum_axis::<-3>()), (sums, sums));
        let sums = Tensor::<[[f32; 4]; 2]>::from_fn(|[i, k]| (3 * (100 * i + k) + 30) as f32);
        assert_eq!((x.sum_axis::<1>(), x.sum_axis::<-2>()), (sums, sums));
        let sums = Tensor::<[[f32; 3]; 2]>::from_fn(|[i, j]| (4 * (100 * i + 10 * j) + 6) as f32);
        assert_eq!((x.sum_axis::<2>(), x.sum_axis::<-1>()), (sums, sums));
        assert_eq!(x.mean_axis::<2>(), sums / 4.0);
        assert_eq!(Tensor([1.0f32, 2.0]).sum_axis::<0>(), Tensor(3.0));
    }

    #[test]
    fn gradients_along_an_axis() {
        let x = wavy::<[[[[f64; 3]; 4]; 1]; 2], f64>(0.0);
        check_gradient(&x, Tensor::sum_axis::<1>, sum_axis_backward::<1, _>);
        check_gradient(&x, Tensor::sum_axis::<-1>, sum_axis_backward::<-1, _>);
        check_gradient(&x, Tensor::mean_axis::<0>, mean_axis_backward::<0, _>);
        check_gradient(&x, Tensor::mean_axis::<2>, mean_axis_backward::<2, _>);
    }

    #[test]
    fn the_mean_of_equal_numbers_is_one_of_them() {
        for c in [0.1f32, 40000.1, 1234.5677, 1e30, 1e-30, 3e38] {
            assert_eq!(Tensor([[c; 768]; 3]).mean(), c);
            assert_eq!(Tensor([[c; 3]; 768]).mean_axis::<0>(), Tensor([c; 3]));
            assert_eq!(Tensor([[c; 768]; 3]).mean_axis::<1>(), Tensor([c; 3]));
        }
        assert_eq!(Tensor([[0.1f64; 7]; 7]).mean_axis::<0>(), Tensor([0.1; 7]));
        const INF: f32 = f32::INFINITY;
        let x = Tensor([[INF, f32::MAX, 1.0], [1.0, -f32::MAX, f32::NAN]]);
        let (columns, rows) = (x.mean_axis::<0>(), x.transpose().mean_axis::<1>());
        assert!(columns.0[..2] == [INF, 0.0] && columns.0[2].is_nan(), "{columns}");
        assert!(rows.0[..2] == [INF, 0.0] && rows.0[2].is_nan(), "{rows}");
    }

    #[test]
    fn nothing_to_sum() {
        let x = Tensor::<[[f32; 0]; 2]>::zeros();
        assert_eq!(x.sum(), 0.0);
        assert!(x.mean().is_nan());
        assert_eq!(x.sum_axis::<1>(), Tensor([0.0; 2]));
        assert_eq!(x.sum_axis::<0>(), Tensor([]));
        assert!(x.mean_axis::<1>().iter().all(|y| y.is_nan()));
        assert_eq!(Tensor::<[[f32; 3]; 0]>::zeros().sum_axis::<0>(), Tensor([0.0; 3]));
        mean_axis_backward::<1, _>(&Tensor([1.0; 2]), &mut { x });
        sum_axis_backward::<0, _>(&Tensor([]), &mut { x });
        mean_backward(1.0, &mut { x });
    }
}
