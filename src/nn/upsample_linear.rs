//! [`UpsampleLinear`].

use core::marker::PhantomData;

use super::Layer;
use super::options::{Length, UpsampleArguments, UpsampleLinearLayer, UpsampleSettings, Upsamples};
use super::options_trait::options_trait;
use super::stateless::stateless;
use super::upsampling::Interpolate;
use crate::shape::{Const, Lines, Slides};
use crate::simd::Float;
use crate::tensor::Tensor;

options_trait! {
    /// The options of an [`UpsampleLinear`]: one, or a tuple of them.
    UpsampleLinearOptions: Upsamples = UpsampleSettings<Length<2>>, UpsampleLinearLayer
}

/// Stretches each signal by linear interpolation: `y[i] = (1 − t) · x[j] + t · x[j + 1]`, where output i lies at j + t among the inputs.
///
/// | | |
/// |---|---|
/// | input | `[L]`, any leading dimensions: a signal `[C][L]`, a batch `[B][C][L]` |
/// | output | the same leading dimensions, `[OL]` |
///
/// `O` says how long the output is ([`options`](super::options)): with [`Scale<N>`](super::Scale) OL = L · N, with
/// [`Size<N>`](super::Size) OL = N, which may be shorter. Output i lies at (i + ½) · L / OL − ½, and what lies before the first input or
/// behind the last is as that; with [`AlignCorners`](super::AlignCorners) it lies at i · (L − 1) / (OL − 1).
///
/// After [`torch.nn.Upsample`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Upsample.html) with `mode='linear'`.
///
/// ```
/// use adamant::prelude::*;
/// let x = Tensor([[1.0, 3.0]]);
/// assert_eq!(UpsampleLinear::<Scale<2>>::new().forward(&x), Tensor([[1.0, 1.5, 2.5, 3.0]]));
/// let corners = UpsampleLinear::<(Size<5>, AlignCorners)>::new();
/// assert_eq!(corners.forward(&x), Tensor([[1.0, 1.5, 2.0, 2.5, 3.0]]));
/// assert_eq!(corners.to_string(), "Upsample(size=5, mode='linear')");
/// ```
#[doc(alias("Upsample", "interpolate", "resize"))]
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct UpsampleLinear<O: UpsampleLinearOptions>(PhantomData<O>);

impl<O: UpsampleLinearOptions> UpsampleLinear<O> {
    /// The layer. It has no parameters.
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

stateless!([O: UpsampleLinearOptions] UpsampleLinear<O> = Self::new(), |_this| "Upsample({})", UpsampleArguments::<O::Settings>(PhantomData););

#[crate::layer]
impl<S, const OL: usize, O: UpsampleLinearOptions> Layer<Tensor<S>> for UpsampleLinear<O>
where
    S: Lines<Self, Scalar: Float>,
    O::Settings: Slides<S::Extent, Out = Const<OL>>,
{
    type Output = Tensor<S::With<OL>>;
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
