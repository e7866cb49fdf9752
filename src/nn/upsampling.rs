//! What the upsamplings by interpolation have in common: everything but their shapes and their names. Their arithmetic is in
//! [`ops::upsample`](crate::ops::upsample).

use core::marker::PhantomData;

use super::options::Upsamples;
use crate::ops::{Stretch, upsample_linear, upsample_linear_backward};
use crate::shape::{Extent, Shape, Slides};
use crate::simd::Float;
use crate::tensor::Tensor;

/// What an upsampling with the configuration `C` does with an input of extent `E`.
pub(super) struct Interpolate<C, E>(PhantomData<(C, E)>);

impl<C: Upsamples + Slides<E>, E: Extent> Interpolate<C, E> {
    const STRETCH: Stretch = C::STRETCH.between(E::SIZES, <C::Out as Extent>::SIZES);

    /// y = the interpolated x.
    #[inline]
    pub fn forward<T: Float, X: Shape<Elem = T>, Y: Shape<Elem = T>>(x: &Tensor<X>, y: &mut Tensor<Y>) {
        upsample_linear(const { &Self::STRETCH }, x.as_slice(), y.as_mut_slice());
    }

    /// dx, of dy.
    #[inline]
    pub fn backward<T: Float, X: Shape<Elem = T>, Y: Shape<Elem = T>>(dy: &Tensor<Y>, dx: &mut Tensor<X>) {
        upsample_linear_backward(const { &Self::STRETCH }, dy.as_slice(), dx.as_mut_slice());
    }
}
