//! The first argument of a loss.

use super::reduction::sum_of;
use crate::shape::Shape;
use crate::simd::{self, Float};
use crate::tensor::Tensor;

/// A prediction of the shape `S`: `&mut Tensor<S>`, which the loss overwrites by its gradient, or `&Tensor<S>`, which it only
/// reads.
#[diagnostic::on_unimplemented(
    message = "a loss cannot take the prediction `{Self}`",
    label = "must be `&mut Tensor<_>`, which is overwritten by the gradient, or `&Tensor<_>`, which is only read"
)]
pub trait Prediction<S: Shape<Elem: Float>> {
    /// The elements, row by row, which may or may not be written to.
    type Elements: Elements<S::Elem>;

    /// The elements, row by row.
    fn elements(self) -> Self::Elements;
}

impl<'a, S: Shape<Elem: Float>> Prediction<S> for &'a Tensor<S> {
    type Elements = &'a [S::Elem];

    #[inline]
    fn elements(self) -> Self::Elements {
        self.as_slice()
    }
}

impl<'a, S: Shape<Elem: Float>> Prediction<S> for &'a mut Tensor<S> {
    type Elements = &'a mut [S::Elem];

    #[inline]
    fn elements(self) -> Self::Elements {
        self.as_mut_slice()
    }
}

/// Elements that can be read, and overwritten by a gradient if somebody wants it.
pub trait Elements<T: Float>: Default {
    /// Takes off the first `n`; none if there are fewer.
    fn take(&mut self, n: usize) -> Self;

    /// The elements.
    fn values(&self) -> &[T];

    /// Σ f(x); leaves f(x) in their place if they may be overwritten.
    fn map_sum(&mut self, f: impl Fn(T) -> T) -> T;

    /// Lets `write` overwrite them, or does nothing.
    fn overwrite(self, write: impl FnOnce(&mut [T]));
}

impl<T: Float> Elements<T> for &[T] {
    #[inline]
    fn take(&mut self, n: usize) -> Self {
        self.split_off(..n).unwrap_or_default()
    }

    #[inline]
    fn values(&self) -> &[T] {
        self
    }

    #[inline]
    fn map_sum(&mut self, f: impl Fn(T) -> T) -> T {
        sum_of(self, f)
    }

    #[inline]
    fn overwrite(self, _: impl FnOnce(&mut [T])) {}
}

impl<T: Float> Elements<T> for &mut [T] {
    #[inline]
    fn take(&mut self, n: usize) -> Self {
        self.split_off_mut(..n).unwrap_or_default()
    }

    #[inline]
    fn values(&self) -> &[T] {
        self
    }

    #[inline]
    fn map_sum(&mut self, f: impl Fn(T) -> T) -> T {
        simd::map_in_place(self, f);
        simd::sum(self)
    }

    #[inline]
    fn overwrite(self, write: impl FnOnce(&mut [T])) {
        write(self);
    }
}
