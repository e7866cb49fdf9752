//! [`AdaptiveAvgPool2d`].

use super::Layer;
use super::stateless::stateless;
use crate::ops::pool::{adaptive_avg_pool, adaptive_avg_pool_backward};
use crate::shape::{Extent, Planes};
use crate::simd::Float;
use crate::tensor::Tensor;

/// Averages over `H` × `W` equal parts of each plane: whatever the input's size is, the output's is `H` × `W`.
///
/// | | |
/// |---|---|
/// | input | `[C][IH][IW]`, a batch `[B][C][IH][IW]` |
/// | output | `[C][H][W]`, `[B][C][H][W]` |
///
/// The output i is the average of the rows from ⌊i · IH / H⌋ to ⌈(i + 1) · IH / H⌉, and the columns alike; parts overlap by
/// one where the size does not divide. `AdaptiveAvgPool2d<3>` is 3 × 3, `AdaptiveAvgPool2d<1>` the average of the plane. A
/// block that is generic over the input's size needs no bound. After
/// [`torch.nn.AdaptiveAvgPool2d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html).
///
/// ```
/// use adamant::prelude::*;
/// let x = Tensor([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]);
/// let y: Tensor<[[[f32; 2]; 1]; 1]> = AdaptiveAvgPool2d::<1, 2>.forward(&x);
/// assert_eq!(y, Tensor([[[3.0, 4.0]]]));
/// ```
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct AdaptiveAvgPool2d<const H: usize, const W: usize = H>;

stateless!([const H: usize, const W: usize] AdaptiveAvgPool2d<H, W> = Self, |_this| "AdaptiveAvgPool2d(output_size=({}, {}))", H, W;);

#[crate::layer]
impl<S: Planes<Self, Scalar: Float>, const H: usize, const W: usize> Layer<Tensor<S>> for AdaptiveAvgPool2d<H, W> {
    type Output = Tensor<S::With<H, W>>;
    type Kept = ();

    #[inline]
    fn compute(&self, x: &Tensor<S>, y: &mut Self::Output) {
        adaptive_avg_pool(<S::Extent as Extent>::SIZES, [H, W], x.as_slice(), y.as_mut_slice());
    }

    #[inline]
    fn backward_input(&self, x: &mut Tensor<S>, (): &(), dy: &mut Self::Output) {
        adaptive_avg_pool_backward(<S::Extent as Extent>::SIZES, [H, W], dy.as_slice(), x.as_mut_slice());
    }
}
