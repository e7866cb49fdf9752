//! [`MaxPool1d`].

use core::marker::PhantomData;

use super::Layer;
use super::options::{Length, MaxPool1dLayer, Maxima, PoolArguments, PoolSettings, Pools};
use super::options_trait::options_trait;
use super::pooling::Pool;
use super::stateless::stateless;
use crate::shape::{Const, Lines, Slides};
use crate::simd::Float;
use crate::tensor::Tensor;

options_trait! {
    /// The options of a [`MaxPool1d`]: `()`, one, or a tuple of them.
    MaxPool1dOptions<KERNEL>: Pools = PoolSettings<Maxima, Length<KERNEL>>, MaxPool1dLayer
}

/// The maximum of each window: `y[i] = max x[i · stride + k · dilation − padding]` over k < KERNEL.
///
/// | | |
/// |---|---|
/// | input | `[C][L]`, a batch `[B][C][L]` |
/// | output | `[C][OL]`, `[B][C][OL]` |
///
/// OL = ⌊(L + 2 · padding − dilation · (KERNEL − 1) − 1) / stride⌋ + 1. The stride is the kernel's size unless
/// [`Stride`](super::Stride) says otherwise; `O` sets it, `Padding` (at most half the kernel) and `Dilation` by name
/// ([`options`](super::options)), and [`CeilMode`](super::CeilMode) rounds up: the last window may reach past the input. After
/// [`torch.nn.MaxPool1d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool1d.html).
///
/// A NaN is the maximum of its windows. Of equal maxima the first takes the gradient; the backward pass finds it again,
/// which costs no memory but one plane ([`BACKPROP_BYTES`](super::Backprop::BACKPROP_BYTES)).
///
/// ```
/// use adamant::prelude::*;
/// let y: Tensor<[[f32; 2]; 1]> = MaxPool1d::<2>::new().forward(&Tensor([[1.0, 3.0, 2.0, 0.0]]));
/// assert_eq!(y, Tensor([[3.0, 2.0]]));
/// ```
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct MaxPool1d<const KERNEL: usize, O: MaxPool1dOptions<KERNEL> = ()>(PhantomData<O>);

impl<const KERNEL: usize, O: MaxPool1dOptions<KERNEL>> MaxPool1d<KERNEL, O> {
    /// The layer. It has no parameters.
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

stateless! {
    [const KERNEL: usize, O: MaxPool1dOptions<KERNEL>] MaxPool1d<KERNEL, O> = Self::new(),
    |_this| "MaxPool1d({})", PoolArguments::<O::Settings>(PhantomData);
}

#[crate::layer]
impl<S, const OL: usize, const KERNEL: usize, O: MaxPool1dOptions<KERNEL>> Layer<Tensor<S>> for MaxPool1d<KERNEL, O>
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
