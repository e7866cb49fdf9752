//! What the pools have in common: everything but their shapes and their names. Their arithmetic is in
//! [`ops::pool`](crate::ops::pool).

use core::marker::PhantomData;

use super::options::{PoolKind, Pools};
use crate::ops::SlidingWindow;
use crate::shape::{Extent, Shape, Slides};
use crate::simd::Float;
use crate::tensor::Tensor;

/// What a pool with the configuration `C` does with an input of extent `E`.
pub(super) struct Pool<C, E>(PhantomData<(C, E)>);

impl<C: Pools + Slides<E>, E: Extent> Pool<C, E> {
    const WINDOW: SlidingWindow = C::WINDOW.over(E::SIZES, <C::Out as Extent>::SIZES);

    /// Bytes of buffers that [`backward`](Self::backward) makes.
    pub const fn backward_bytes<T: Float>() -> usize {
        if C::Kind::NEEDS_PLANE { size_of::<E::Plane<T>>() } else { 0 }
    }

    /// y = the maximum or the average of each window.
    #[inline]
    pub fn forward<T: Float, X: Shape<Elem = T>, Y: Shape<Elem = T>>(x: &Tensor<X>, y: &mut Tensor<Y>) {
        C::Kind::forward(const { &Self::WINDOW }, x.as_slice(), y.as_mut_slice());
    }

    /// x ← dx.
    #[inline]
    pub fn backward<T: Float, X: Shape<Elem = T>, Y: Shape<Elem = T>>(x: &mut Tensor<X>, dy: &mut Tensor<Y>) {
        C::Kind::backward::<T, E::Plane<T>>(const { &Self::WINDOW }, x.as_mut_slice(), dy.as_mut_slice());
    }
}
