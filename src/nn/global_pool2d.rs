//! [`GlobalAvgPool2d`] and [`GlobalMaxPool2d`].

use super::Layer;
use super::stateless::stateless;
use crate::ops::pool::{adaptive_avg_pool, adaptive_avg_pool_backward, global_max_pool, global_max_pool_backward};
use crate::shape::{Extent, Planes};
use crate::simd::Float;
use crate::tensor::Tensor;

/// The elements of a plane.
const fn plane<E: Extent>() -> usize {
    E::SIZES[0] * E::SIZES[1]
}

/// The average of each plane: y = Σ x / (H · W).
///
/// | | |
/// |---|---|
/// | input | `[C][H][W]`, a batch `[B][C][H][W]` |
/// | output | `[C]`, `[B][C]` |
///
/// As `x.mean(dim=(-2, -1))` in PyTorch: the plane's dimensions are gone, so a `Linear` may follow.
///
/// ```
/// use adamant::prelude::*;
/// let x = Tensor([[[1.0, 3.0], [2.0, 0.0]], [[4.0, 4.0], [4.0, 4.0]]]);
/// assert_eq!(GlobalAvgPool2d.forward(&x), Tensor([1.5, 4.0]));
/// ```
#[doc(alias = "AdaptiveAvgPool2d")]
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct GlobalAvgPool2d;

stateless!([] GlobalAvgPool2d = Self, |_this| "GlobalAvgPool2d()";);

#[crate::layer]
impl<S: Planes<Self, Scalar: Float>> Layer<Tensor<S>> for GlobalAvgPool2d {
    type Output = Tensor<S::Lead>;
    type Kept = ();

    #[inline]
    fn compute(&self, x: &Tensor<S>, y: &mut Self::Output) {
        adaptive_avg_pool(<S::Extent as Extent>::SIZES, [1; 2], x.as_slice(), y.as_mut_slice());
    }

    #[inline]
    fn backward_input(&self, x: &mut Tensor<S>, (): &(), dy: &mut Self::Output) {
        adaptive_avg_pool_backward(<S::Extent as Extent>::SIZES, [1; 2], dy.as_slice(), x.as_mut_slice());
    }
}

/// The maximum of each plane: y = max x.
///
/// | | |
/// |---|---|
/// | input | `[C][H][W]`, a batch `[B][C][H][W]` |
/// | output | `[C]`, `[B][C]` |
///
/// As `x.flatten(-2).max(-1).values` in PyTorch: the plane's dimensions are gone, so a `Linear` may follow. A NaN is the
/// maximum; of equal maxima the first takes the gradient.
///
/// ```
/// use adamant::prelude::*;
/// let x = Tensor([[[1.0, 3.0], [2.0, 0.0]], [[4.0, 4.0], [4.0, 4.0]]]);
/// assert_eq!(GlobalMaxPool2d.forward(&x), Tensor([3.0, 4.0]));
/// ```
#[doc(alias = "AdaptiveMaxPool2d")]
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct GlobalMaxPool2d;

stateless!([] GlobalMaxPool2d = Self, |_this| "GlobalMaxPool2d()";);

#[crate::layer]
impl<S: Planes<Self, Scalar: Float>> Layer<Tensor<S>> for GlobalMaxPool2d {
    type Output = Tensor<S::Lead>;
    type Kept = ();

    #[inline]
    fn compute(&self, x: &Tensor<S>, y: &mut Self::Output) {
        global_max_pool(plane::<S::Extent>(), x.as_slice(), y.as_mut_slice());
    }

    #[inline]
    fn backward_input(&self, x: &mut Tensor<S>, (): &(), dy: &mut Self::Output) {
        global_max_pool_backward(plane::<S::Extent>(), x.as_mut_slice(), dy.as_slice());
    }
}
