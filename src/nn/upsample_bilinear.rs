//! [`UpsampleBilinear`].

use core::marker::PhantomData;

use super::Layer;
use super::options::{Area, UpsampleArguments, UpsampleBilinearLayer, UpsampleSettings, Upsamples};
use super::options_trait::options_trait;
use super::stateless::stateless;
use super::upsampling::Interpolate;
use crate::shape::{Const, Planes, Slides};
use crate::simd::Float;
use crate::tensor::Tensor;

options_trait! {
    /// The options of an [`UpsampleBilinear`]: one, or a tuple of them.
    UpsampleBilinearOptions: Upsamples = UpsampleSettings<Area<2, 2>>, UpsampleBilinearLayer
}

/// Stretches each plane by bilinear interpolation: an output that lies at k + s, l + t among the inputs is
/// `(1 − s) · ((1 − t) · x[k, l] + t · x[k, l + 1]) + s · ((1 − t) · x[k + 1, l] + t · x[k + 1, l + 1])`.
///
/// | | |
/// |---|---|
/// | input | `[H][W]`, any leading dimensions: an image `[C][H][W]`, a batch `[B][C][H][W]` |
/// | output | the same leading dimensions, `[OH][OW]` |
///
/// `O` says how large the output is ([`options`](super::options)): with [`Scale<M, N>`](super::Scale) OH = H · M and OW = W · N, with
/// [`Size<M, N>`](super::Size) OH = M and OW = N, which may be smaller. Row i lies at (i + ½) · H / OH − ½, and what lies before the first
/// row or behind the last is as that; with [`AlignCorners`](super::AlignCorners) it lies at i · (H − 1) / (OH − 1). Columns alike.
///
/// After [`torch.nn.Upsample`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Upsample.html) with `mode='bilinear'`.
///
/// ```
/// use adamant::prelude::*;
/// let x = Tensor([[[1.0, 3.0], [5.0, 7.0]]]);
/// let y: Tensor<[[[f32; 4]; 4]; 1]> = UpsampleBilinear::<Scale<2>>::new().forward(&x);
/// assert_eq!(y.at::<0>().0[1], [2.0, 2.5, 3.5, 4.0]);
/// let corners = UpsampleBilinear::<(Size<3>, AlignCorners)>::new();
/// assert_eq!(corners.forward(&x), Tensor([[[1.0, 2.0, 3.0], [3.0, 4.0, 5.0], [5.0, 6.0, 7.0]]]));
/// assert_eq!(corners.to_string(), "Upsample(size=3, mode='bilinear')");
/// ```
#[doc(alias("Upsample", "UpsamplingBilinear2d", "interpolate", "resize"))]
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct UpsampleBilinear<O: UpsampleBilinearOptions>(PhantomData<O>);

impl<O: UpsampleBilinearOptions> UpsampleBilinear<O> {
    /// The layer. It has no parameters.
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

stateless!([O: UpsampleBilinearOptions] UpsampleBilinear<O> = Self::new(), |_this| "Upsample({})", UpsampleArguments::<O::Settings>(PhantomData););

#[crate::layer]
impl<S, const OH: usize, const OW: usize, O: UpsampleBilinearOptions> Layer<Tensor<S>> for UpsampleBilinear<O>
where
    S: Planes<Self, Scalar: Float>,
    O::Settings: Slides<S::Extent, Out = (Const<OH>, Const<OW>)>,
{
    type Output = Tensor<S::With<OH, OW>>;
    type Kept = ();

    #[inline]
    fn compute(&self, x: &Tensor<S>, y: &mut Self::Output) {
        Interpolate::<O::Settings, S::Extent>::forward(x, y);
    }

    #[inline]
    fn backward_input(&self, x: &mut Tensor<S>, (): &(), dy: &mut Self::Output) {
        Interpolate::<O::Settings, S::Extent>::backward(dy, x);
    }
}
