//! The first argument of a loss.

use super::reduction::sum_of;
use crate::nn::{Loss, Wrote};
use crate::shape::Shape;
use crate::simd::{self, Float};
use crate::tensor::Tensor;

/// A prediction of the shape `S`: `&mut Tensor<S>`, which the loss overwrites by its gradient, or one that it only reads,
/// `&Tensor<S>` or `Tensor<S>`.
#[diagnostic::on_unimplemented(
    message = "a loss cannot take the prediction `{Self}`",
    label = "must be `&mut Tensor<_>`, which is overwritten by the gradient, or `&Tensor<_>`, which is only read"
)]
pub trait Prediction<S: Shape<Elem: Float>> {
    /// The elements, row by row, which may or may not be written to.
    type Elements<'a>: Elements<S::Elem>
    where
        Self: 'a;

    /// What the loss gives that reduces to a `T`: a [`Loss`] where the gradient is written, else a plain `T`.
    type Loss<T>;

    /// The elements, row by row.
    fn elements(&mut self) -> Self::Elements<'_>;

    /// The loss, after [`elements`](Self::elements) were overwritten.
    fn loss<T>(&self, value: T) -> Self::Loss<T>;
}

/// What is only read gives a plain value.
macro_rules! read {
    ($($t:ty),+) => {$(
        impl<S: Shape<Elem: Float>> Prediction<S> for $t {
            type Elements<'a>
                = &'a [S::Elem]
            where
                Self: 'a;
            type Loss<T> = T;

            #[inline]
            fn elements(&mut self) -> &[S::Elem] {
                self.as_slice()
            }

            #[inline]
            fn loss<T>(&self, value: T) -> T {
                value
            }
        }
    )+};
}

read!(Tensor<S>, &Tensor<S>);

impl<S: Shape<Elem: Float>> Prediction<S> for &mut Tensor<S> {
    type Elements<'a>
        = &'a mut [S::Elem]
    where
        Self: 'a;
    type Loss<T> = Loss<T, Wrote<Tensor<S>>>;

    #[inline]
    fn elements(&mut self) -> &mut [S::Elem] {
        self.as_mut_slice()
    }

    #[inline]
    fn loss<T>(&self, value: T) -> Self::Loss<T> {
        Loss::new(value, Wrote::over(&**self))
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
