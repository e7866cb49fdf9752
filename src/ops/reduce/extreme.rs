//! The largest and the smallest element, and where they stand. NaN counts as both, so that it is never hidden.

use core::slice;

use super::Along;
use crate::shape::{Axis, Shape};
use crate::simd::{self, Float};
use crate::tensor::{Idx, Tensor};

/// A tensor of places, one for each result along axis `D`.
type Places<S, const D: isize> = Tensor<<<S as Axis<D>>::Removed as Shape>::Cast<usize>>;

impl<S: Shape<Elem = T>, T: Float> Tensor<S> {
    /// The largest of all elements; NaN if any is, −∞ if there are none. After
    /// [`torch.max`](https://docs.pytorch.org/docs/stable/generated/torch.max.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([[1.0f32, 4.0], [3.0, 2.0]]).max(), 4.0);
    /// ```
    #[inline]
    pub fn max(&self) -> T {
        simd::max(self.as_slice())
    }

    /// The smallest of all elements; NaN if any is, ∞ if there are none. After
    /// [`torch.min`](https://docs.pytorch.org/docs/stable/generated/torch.min.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([[1.0f32, 4.0], [3.0, 2.0]]).min(), 1.0);
    /// ```
    #[inline]
    pub fn min(&self) -> T {
        simd::min(self.as_slice())
    }

    /// The largest element along axis `D`, which goes: over axis 1, `A×B×C` gives `A×C`. NaN if any is, −∞ along an empty
    /// axis. After [`torch.amax`](https://docs.pytorch.org/docs/stable/generated/torch.amax.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let x = Tensor([[1.0f32, 4.0], [3.0, 2.0]]);
    /// assert_eq!(x.max_axis::<0>(), Tensor([3.0, 4.0]));
    /// assert_eq!(x.max_axis::<-1>(), Tensor([4.0, 3.0]));
    /// ```
    #[doc(alias = "amax")]
    #[inline]
    pub fn max_axis<const D: isize>(&self) -> Tensor<S::Removed>
    where
        S: Axis<D>,
    {
        let mut y = Tensor::zeros();
        Along::axis::<D, S>().reduce(self.as_slice(), y.as_mut_slice(), T::NEG_INFINITY, simd::max, T::maximum);
        y
    }

    /// The smallest element along axis `D`, which goes: over axis 1, `A×B×C` gives `A×C`. NaN if any is, ∞ along an empty
    /// axis. After [`torch.amin`](https://docs.pytorch.org/docs/stable/generated/torch.amin.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let x = Tensor([[1.0f32, 4.0], [3.0, 2.0]]);
    /// assert_eq!(x.min_axis::<0>(), Tensor([1.0, 2.0]));
    /// assert_eq!(x.min_axis::<-1>(), Tensor([1.0, 2.0]));
    /// ```
    #[doc(alias = "amin")]
    #[inline]
    pub fn min_axis<const D: isize>(&self) -> Tensor<S::Removed>
    where
        S: Axis<D>,
    {
        let mut y = Tensor::zeros();
        Along::axis::<D, S>().reduce(self.as_slice(), y.as_mut_slice(), T::INFINITY, simd::min, T::minimum);
        y
    }

    /// The place along axis `D` of the first largest element, a NaN counting as larger than any number; 0 along an empty axis.
    /// The axis goes: over axis 1, `A×B×C` gives `A×C`. After
    /// [`torch.argmax`](https://docs.pytorch.org/docs/stable/generated/torch.argmax.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let x = Tensor([[1.0f32, 4.0], [3.0, 2.0]]);
    /// assert_eq!(x.argmax_axis::<0>(), Tensor([1, 0]));
    /// assert_eq!(x.argmax_axis::<-1>(), Tensor([1, 0]));
    /// ```
    #[doc(alias = "argmax")]
    #[inline]
    pub fn argmax_axis<const D: isize>(&self) -> Places<S, D>
    where
        S: Axis<D>,
    {
        places::<D, S>(self, &self.max_axis::<D>())
    }

    /// As [`argmax_axis`](Self::argmax_axis), of the first smallest element. After
    /// [`torch.argmin`](https://docs.pytorch.org/docs/stable/generated/torch.argmin.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([[1.0f32, 4.0], [3.0, 2.0]]).argmin_axis::<0>(), Tensor([0, 1]));
    /// ```
    #[doc(alias = "argmin")]
    #[inline]
    pub fn argmin_axis<const D: isize>(&self) -> Places<S, D>
    where
        S: Axis<D>,
    {
        places::<D, S>(self, &self.min_axis::<D>())
    }
}

impl<T: Float, const N: usize> Tensor<[T; N]> {
    /// The place of a vector's first largest element, a NaN counting as larger than any number; `None` if it has none. After
    /// [`torch.argmax`](https://docs.pytorch.org/docs/stable/generated/torch.argmax.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let logits = Tensor([0.1f32, 2.0, -1.0]);
    /// let class: Idx<3> = logits.argmax_index().unwrap();
    /// assert_eq!((class.get(), logits[class]), (1, 2.0));
    /// ```
    #[doc(alias = "argmax")]
    #[inline]
    pub fn argmax_index(&self) -> Option<Idx<N>> {
        Idx::new(simd::argmax(self.as_slice()))
    }
}

/// Where each extreme of `x` along axis `D` stands first.
#[inline]
fn places<const D: isize, S: Axis<D, Elem: Float>>(x: &Tensor<S>, extremes: &Tensor<S::Removed>) -> Places<S, D> {
    let mut at = Places::<S, D>::zeros();
    first_places(Along::axis::<D, S>(), x.as_slice(), extremes.as_slice(), at.as_mut_slice());
    at
}

/// Whether `x` is its block's extreme. If that is NaN then every NaN is.
#[inline(always)]
fn is_extreme<T: Float>(x: T, extreme: T) -> bool {
    (x == extreme) | x.is_nan()
}

/// at = the first row of each block where x is the extreme.
#[inline]
fn first_places<T: Float>(along: Along, x: &[T], extremes: &[T], at: &mut [usize]) {
    for ((x, extremes), at) in along.blocks(x).zip(along.rows(extremes)).zip(along.rows_mut(at)) {
        if let ([extreme], [at]) = (extremes, &mut *at) {
            *at = x.iter().position(|&x| is_extreme(x, *extreme)).unwrap_or(0);
            continue;
        }
        // Backwards, so that the first place is the last one written, and nothing branches.
        for (place, x) in along.rows(x).enumerate().rev() {
            for (at, (&x, &extreme)) in at.iter_mut().zip(x.iter().zip(extremes)) {
                *at = if is_extreme(x, extreme) { place } else { *at };
            }
        }
    }
}

/// dx += dy at the first largest element, for y = x.max(), as `torch.max` along an axis. (Over a whole tensor PyTorch
/// shares dy among equal ones.)
#[inline]
pub fn max_backward<S: Shape<Elem = T>, T: Float>(x: &Tensor<S>, dy: T, dx: &mut Tensor<S>) {
    let y = x.max();
    backward(Along::all::<S>(), x.as_slice(), slice::from_ref(&y), slice::from_ref(&dy), dx.as_mut_slice());
}

/// dx += dy at the first smallest element, for y = x.min().
#[inline]
pub fn min_backward<S: Shape<Elem = T>, T: Float>(x: &Tensor<S>, dy: T, dx: &mut Tensor<S>) {
    let y = x.min();
    backward(Along::all::<S>(), x.as_slice(), slice::from_ref(&y), slice::from_ref(&dy), dx.as_mut_slice());
}

/// As [`max_backward`], along axis `D`.
#[inline]
pub fn max_axis_backward<const D: isize, S: Axis<D, Elem: Float>>(x: &Tensor<S>, dy: &Tensor<S::Removed>, dx: &mut Tensor<S>) {
    let y = x.max_axis::<D>();
    backward(Along::axis::<D, S>(), x.as_slice(), y.as_slice(), dy.as_slice(), dx.as_mut_slice());
}

/// As [`min_backward`], along axis `D`.
#[inline]
pub fn min_axis_backward<const D: isize, S: Axis<D, Elem: Float>>(x: &Tensor<S>, dy: &Tensor<S::Removed>, dx: &mut Tensor<S>) {
    let y = x.min_axis::<D>();
    backward(Along::axis::<D, S>(), x.as_slice(), y.as_slice(), dy.as_slice(), dx.as_mut_slice());
}

/// dx += dy at the first of each block's extremes.
#[inline]
fn backward<T: Float>(along: Along, x: &[T], extremes: &[T], dy: &[T], dx: &mut [T]) {
    let results = along.rows(extremes).zip(along.rows(dy));
    for ((dx, x), (extremes, dy)) in along.blocks_mut(dx).zip(along.blocks(x)).zip(results) {
        for (i, (&extreme, &dy)) in extremes.iter().zip(dy).enumerate() {
            let mut column = dx.iter_mut().zip(x).skip(i).step_by(along.inner.max(1));
            if let Some((dx, _)) = column.find(|(_, x)| is_extreme(**x, extreme)) {
                *dx += dy;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{check_gradient, wavy};

    #[test]
    fn by_hand() {
        let x = Tensor([[[1.0f64, 5.0], [3.0, 2.0]], [[4.0, 0.0], [-1.0, 7.0]]]);
        assert_eq!((x.max(), x.min()), (7.0, -1.0));
        assert_eq!(x.max_axis::<0>(), Tensor([[4.0, 5.0], [3.0, 7.0]]));
        assert_eq!(x.max_axis::<1>(), Tensor([[3.0, 5.0], [4.0, 7.0]]));
        assert_eq!(x.min_axis::<-1>(), Tensor([[1.0, 2.0], [0.0, -1.0]]));
        assert_eq!(x.argmax_axis::<0>(), Tensor([[1, 0], [0, 1]]));
        assert_eq!(x.argmax_axis::<1>(), Tensor([[1, 0], [0, 1]]));
        assert_eq!(x.argmin_axis::<-1>(), Tensor([[0, 1], [1, 0]]));
    }

    #[test]
    fn the_first_of_equals() {
        let x = Tensor([[2.0f32, 1.0], [2.0, 3.0], [0.0, 3.0]]);
        assert_eq!(x.argmax_axis::<0>(), Tensor([0, 1]));
        assert_eq!(x.argmax_axis::<1>(), Tensor([0, 1, 1]));
        let mut dx = Tensor::zeros();
        max_axis_backward::<0, _>(&x, &Tensor([1.0, 10.0]), &mut dx);
        max_backward(&x, 100.0, &mut dx);
        assert_eq!(dx, Tensor([[1.0, 0.0], [0.0, 110.0], [0.0, 0.0]]));
    }

    #[test]
    fn nan_is_an_extreme() {
        let x = Tensor([[1.0f32, 2.0], [f32::NAN, 0.0], [9.0, 1.0]]);
        assert!(x.max().is_nan() && x.min_axis::<0>().0[0].is_nan());
        assert_eq!(x.argmax_axis::<0>(), Tensor([1, 0]));
        assert_eq!(x.argmin_axis::<1>(), Tensor([0, 0, 1]));
        assert_eq!(Tensor([1.0, f64::NAN, f64::NAN]).argmax_index(), Idx::new(1));
    }

    #[test]
    fn gradients() {
        let x = wavy::<[[[f64; 3]; 4]; 2], f64>(0.0);
        check_gradient(&x, |x| Tensor(x.max()), |dy, dx| max_backward(&x, dy.0, dx));
        check_gradient(&x, |x| Tensor(x.min()), |dy, dx| min_backward(&x, dy.0, dx));
        check_gradient(&x, Tensor::max_axis::<0>, |dy, dx| max_axis_backward::<0, _>(&x, dy, dx));
        check_gradient(&x, Tensor::max_axis::<1>, |dy, dx| max_axis_backward::<1, _>(&x, dy, dx));
        check_gradient(&x, Tensor::min_axis::<-1>, |dy, dx| min_axis_backward::<-1, _>(&x, dy, dx));
    }

    #[test]
    fn nothing_to_compare() {
        let x = Tensor::<[[f32; 0]; 2]>::zeros();
        assert_eq!((x.max(), x.min()), (f32::NEG_INFINITY, f32::INFINITY));
        assert_eq!(x.max_axis::<1>(), Tensor([f32::NEG_INFINITY; 2]));
        assert_eq!(x.argmax_axis::<1>(), Tensor([0, 0]));
        assert_eq!(x.argmax_axis::<0>(), Tensor([]));
        assert_eq!(Tensor::<[[f32; 2]; 0]>::zeros().argmin_axis::<0>(), Tensor([0, 0]));
        assert_eq!(Tensor::<[f32; 0]>::zeros().argmax_index(), None);
        max_axis_backward::<1, _>(&x, &Tensor([1.0; 2]), &mut { x });
        max_backward(&x, 1.0, &mut { x });
    }
}
