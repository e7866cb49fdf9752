//! The first argument of a loss, or the first ones.

use super::reduction::sum_blocks;
use crate::nn::{Loss, Role, Wrote};
use crate::shape::Shape;
use crate::simd::{self, Float};
use crate::tensor::Tensor;

/// A prediction of the shape `S`: `&mut Tensor<S>`, which the loss overwrites by its gradient, or one that it only reads,
/// `&Tensor<S>` or `Tensor<S>`.
#[diagnostic::on_unimplemented(
    message = "a loss of `Tensor<{S}>` cannot take the prediction `{Self}`",
    label = "must be `&mut Tensor<{S}>`, which is overwritten by the gradient, or `&Tensor<{S}>`, which is only read"
)]
pub trait Prediction<S: Shape<Elem: Float>>: Role {
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
        #[diagnostic::do_not_recommend]
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

#[diagnostic::do_not_recommend]
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

    /// Σ e − 1 with e = e^(x − `max`), where `max` is the largest element. Its e, which is 1, is left out, not taken off: beside it
    /// the others would lose their digits. Leaves all e in their place if they may be overwritten.
    fn rest_of_exponentials(&mut self, max: T) -> T;

    /// Lets `write` overwrite them, or does nothing.
    fn overwrite(self, write: impl FnOnce(&mut [T]));

    /// The same, as one of several.
    fn cells(&mut self) -> Cells<'_, T>;
}

/// Elements of one tensor among several that a loss takes, whatever the tensor's role.
pub enum Cells<'a, T> {
    /// Only read.
    Read(&'a [T]),
    /// Read again and again: the number of the next one, which of the elements each number means, the elements.
    Repeat(usize, fn(usize) -> usize, &'a [T]),
    /// Overwritten by a gradient.
    Write(&'a mut [T]),
}

impl<'a, T: Float> Cells<'a, T> {
    /// How many there are.
    #[inline]
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Read(x) => x.len(),
            Self::Repeat(..) => usize::MAX,
            Self::Write(x) => x.len(),
        }
    }

    /// Takes off the first `n`; none if there are fewer.
    #[inline]
    pub(super) fn take(&mut self, n: usize) -> Self {
        match self {
            Self::Read(x) => Self::Read(x.split_off(..n).unwrap_or_default()),
            Self::Repeat(at, place, x) => Self::Repeat(core::mem::replace(at, *at + n), *place, x),
            Self::Write(x) => Self::Write(x.split_off_mut(..n).unwrap_or_default()),
        }
    }

    /// The elements.
    #[inline]
    pub(super) fn values(&self) -> &[T] {
        match self {
            Self::Read(x) | Self::Repeat(.., x) => x,
            Self::Write(x) => x,
        }
    }

    /// Copies as many as there is room for, takes them off, and gives the place of their gradient.
    #[inline]
    pub(super) fn next(&mut self, room: &mut [T]) -> Option<&'a mut [T]> {
        match self.take(room.len()) {
            Self::Read(x) => {
                simd::copy(x, room);
                None
            }
            Self::Repeat(at, place, x) => {
                let next = (at..).map(|i| x.get(place(i)).copied().unwrap_or(T::NAN));
                room.iter_mut().zip(next).for_each(|(room, x)| *room = x);
                None
            }
            Self::Write(x) => {
                simd::copy(x, room);
                Some(x)
            }
        }
    }
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
    fn rest_of_exponentials(&mut self, max: T) -> T {
        let (mut x, mut one) = (*self, T::ONE);
        let others = sum_blocks(x.len(), |block| {
            simd::map(x.split_off(..block.len()).unwrap_or_default(), block, |x| (x - max).exp());
            if one != T::ZERO
                && let Some(first) = block.iter_mut().find(|e| **e == one)
            {
                (*first, one) = (T::ZERO, T::ZERO);
            }
        });
        others - one
    }

    #[inline]
    fn overwrite(self, _: impl FnOnce(&mut [T])) {}

    #[inline]
    fn cells(&mut self) -> Cells<'_, T> {
        Cells::Read(self)
    }
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
    fn rest_of_exponentials(&mut self, max: T) -> T {
        simd::map_in_place(self, |x| (x - max).exp());
        let Some(place) = self.iter().position(|&e| e == T::ONE) else { return simd::sum(self) - T::ONE };
        put(self, place, T::ZERO);
        let rest = simd::sum(self);
        put(self, place, T::ONE);
        rest
    }

    #[inline]
    fn overwrite(self, write: impl FnOnce(&mut [T])) {
        write(self);
    }

    #[inline]
    fn cells(&mut self) -> Cells<'_, T> {
        Cells::Write(self)
    }
}

/// x\[place\] = value.
#[inline(always)]
pub(super) fn put<T>(x: &mut [T], place: usize, value: T) {
    if let Some(x) = x.get_mut(place) {
        *x = value;
    }
}
