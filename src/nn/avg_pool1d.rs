//! [`AvgPool1d`].

use core::marker::PhantomData;

use super::Layer;
use super::options::{Averages, AvgPool1dLayer, Length, PoolArguments, PoolSettings, Pools};
use super::options_trait::options_trait;
use super::pooling::Pool;
use super::stateless::stateless;
use crate::shape::{Const, Lines, Slides};
use crate::simd::Float;
use crate::tensor::Tensor;

options_trait! {
    /// The options of a [`AvgPool1d`]: `()`, one, or a tuple of them.
    AvgPool1dOptions<KERNEL>: Pools = PoolSettings<Averages, Length<KERNEL>>, AvgPool1dLayer
}

/// The average of each window: `y[i] = Σ x[i · stride + k − padding] / KERNEL` over k < KERNEL.
///
/// | | |
/// |---|---|
/// | input | `[C][L]`, a batch `[B][C][L]` |
/// | output | `[C][OL]`, `[B][C][OL]` |
///
/// OL = ⌊(L + 2 · padding − KERNEL) / stride⌋ + 1. The stride is the kernel's size unless [`Stride`](super::Stride) says
/// otherwise; `O` sets it and `Padding` (at most half the kernel) by name, and with `ExcludePad` a sum is divided by the
/// number of elements that are no padding ([`options`](super::options)).
/// With [`CeilMode`](super::CeilMode) the size is rounded up: the last window may reach past the padded input, and is divided by what it
/// has of that. After
/// [`torch.nn.AvgPool1d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool1d.html).
///
/// ```
/// use adamant::prelude::*;
/// let y: Tensor<[[f32; 2]; 1]> = AvgPool1d::<2>::new().forward(&Tensor([[1.0, 3.0, 2.0, 0.0]]));
/// assert_eq!(y, Tensor([[2.0, 1.0]]));
/// ```
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct AvgPool1d<const KERNEL: usize, O: AvgPool1dOptions<KERNEL> = ()>(PhantomData<O>);

impl<const KERNEL: usize, O: AvgPool1dOptions<KERNEL>> AvgPool1d<KERNEL, O> {
    /// The layer. It has no parameters.
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

stateless! {
    [const KERNEL: usize, O: AvgPool1dOptions<KERNEL>] AvgPool1d<KERNEL, O> = Self::new(),
    |_this| "AvgPool1d({})", PoolArguments::<O::Settings>(PhantomData);
}

#[crate::layer]
impl<S, const OL: usize, const KERNEL: usize, O: AvgPool1dOptions<KERNEL>> Layer<Tensor<S>> for AvgPool1d<KERNEL, O>
where
    S: Lines<Self, Scalar: Float>,
    O::Settings: Slides<S::Extent, Out = Const<OL>>,
{
    type Output = Tensor<S::With<OL>>;
    type Kept = ();
    const BACKWARD_BYTES: usize = Pool::<O::Settings, S::Extent>::backward_bytes::<S::Scalar>();

    #[inline]
    fn compute(&self, x: &Tensor<S>, y: &mut Self::Output) {
        Pool::<O::Settings, S::Extent>::forward(x, y);
    }

    #[inline]
    fn backward_input(&self, x: &mut Tensor<S>, (): &(), dy: &mut Self::Output) {
        Pool::<O::Settings, S::Extent>::backward(x, dy);
    }
}
