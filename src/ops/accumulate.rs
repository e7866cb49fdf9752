//! Sums of gradients: a value that is used several times gets one from each use.

use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::{Buffer, Tensor};

/// What can add up gradients: a tensor or a float, and tuples and arrays of such.
#[diagnostic::on_unimplemented(
    message = "no gradient flows to `{Self}`",
    note = "gradients flow to tensors of floats and to floats, and to tuples and arrays of such"
)]
pub trait Accumulate: Buffer {
    /// Adds `other`, element by element.
    fn accumulate(&mut self, other: &Self);
}

impl<S: Shape<Elem: Float>> Accumulate for Tensor<S> {
    #[inline]
    fn accumulate(&mut self, other: &Self) {
        self.axpy(Float::ONE, other);
    }
}

impl<T: Float> Accumulate for T {
    #[inline]
    fn accumulate(&mut self, other: &T) {
        *self += *other;
    }
}

impl<A: Accumulate, const N: usize> Accumulate for [A; N] {
    #[inline]
    fn accumulate(&mut self, other: &Self) {
        self.iter_mut().zip(other).for_each(|(own, other)| own.accumulate(other));
    }
}

macro_rules! tuples {
    ($($name:ident $i:tt),+) => {
        impl<$($name: Accumulate),+> Accumulate for ($($name,)+) {
            #[inline]
            fn accumulate(&mut self, other: &Self) {
                $(self.$i.accumulate(&other.$i);)+
            }
        }
    };
}

tuples!(A 0);
tuples!(A 0, B 1);
tuples!(A 0, B 1, C 2);
tuples!(A 0, B 1, C 2, D 3);

/// A gradient of the type of `value`, zero.
#[inline(always)]
pub const fn zero_like<B: Buffer>(_: &B) -> B {
    B::ZERO
}
