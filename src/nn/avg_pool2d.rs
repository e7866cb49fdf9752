//! [`AvgPool2d`].

use core::marker::PhantomData;

use super::Layer;
use super::options::{Area, Averages, AvgPool2dLayer, PoolArguments, PoolSettings, Pools};
use super::options_trait::options_trait;
use super::pooling::Pool;
use super::stateless::stateless;
use crate::shape::{Const, Planes, Slides};
use crate::simd::Float;
use crate::tensor::Tensor;

options_trait! {
    /// The options of a [`AvgPool2d`]: `()`, one, or a tuple of them.
    AvgPool2dOptions<KERNEL>: Pools = PoolSettings<Averages, Area<KERNEL, KERNEL>>, AvgPool2dLayer
}

/// The average of each window: `y[i, j] = Σ x[i · stride + k − padding, …] / KERNEL²` over the kernel.
///
/// | | |
/// |---|---|
/// | input | `[C][H][W]`, a batch `[B][C][H][W]` |
/// | output | `[C][OH][OW]`, `[B][C][OH][OW]` |
///
/// OH = ⌊(H + 2 · padding − KERNEL) / stride⌋ + 1, and OW alike. The stride is the kernel's size unless
/// [`Stride`](super::Stride) says otherwise; `O` sets it, `Padding` (at most half the kernel) and `KernelWidth` by name, and
/// with `ExcludePad` a sum is divided by the number of elements that are no padding ([`options`](super::options)).
/// With [`CeilMode`](super::CeilMode) the size is rounded up: the last window may reach past the padded input, and is divided by what it
/// has of that. After
/// [`torch.nn.AvgPool2d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html).
///
/// ```
/// use adamant::prelude::*;
/// let x = Tensor([[[1.0, 3.0], [2.0, 0.0]]]);
/// assert_eq!(AvgPool2d::<2>::new().forward(&x), Tensor([[[1.5]]]));
/// let corners = AvgPool2d::<2, (Padding<1>, ExcludePad)>::new();
/// assert_eq!(corners.forward(&x), x);
/// ```
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct AvgPool2d<const KERNEL: usize, O: AvgPool2dOptions<KERNEL> = ()>(PhantomData<O>);

impl<const KERNEL: usize, O: AvgPool2dOptions<KERNEL>> AvgPool2d<KERNEL, O> {
    /// The layer. It has no parameters.
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

stateless! {
    [const KERNEL: usize, O: AvgPool2dOptions<KERNEL>] AvgPool2d<KERNEL, O> = Self::new(),
    |_this| "AvgPool2d({})", PoolArguments::<O::Settings>(PhantomData);
}

#[crate::layer]
impl<S, const OH: usize, const OW: usize, const KERNEL: usize, O: AvgPool2dOptions<KERNEL>> Layer<Tensor<S>>
    for AvgPool2d<KERNEL, O>
where
    S: Planes<Self, Scalar: Float>,
    O::Settings: Slides<S::Extent, Out = (Const<OH>, Const<OW>)>,
{
    type Output = Tensor<S::With<OH, OW>>;
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
