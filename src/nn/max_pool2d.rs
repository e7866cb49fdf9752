//! [`MaxPool2d`].

use core::marker::PhantomData;

use super::Layer;
use super::options::{Area, MaxPool2dLayer, Maxima, PoolArguments, PoolSettings, Pools};
use super::options_trait::options_trait;
use super::pooling::Pool;
use super::stateless::stateless;
use crate::shape::{Const, Planes, Slides};
use crate::simd::Float;
use crate::tensor::Tensor;

options_trait! {
    /// The options of a [`MaxPool2d`]: `()`, one, or a tuple of them.
    MaxPool2dOptions<KERNEL>: Pools = PoolSettings<Maxima, Area<KERNEL, KERNEL>>, MaxPool2dLayer
}

/// The maximum of each window: `y[i, j] = max x[i · stride + k · dilation − padding, …]` over the kernel.
///
/// | | |
/// |---|---|
/// | input | `[C][H][W]`, a batch `[B][C][H][W]` |
/// | output | `[C][OH][OW]`, `[B][C][OH][OW]` |
///
/// OH = ⌊(H + 2 · padding − dilation · (KERNEL − 1) − 1) / stride⌋ + 1, and OW alike. The stride is the kernel's size unless
/// [`Stride`](super::Stride) says otherwise; `O` sets it, `Padding` (at most half the kernel), `Dilation` and `KernelWidth`
/// by name ([`options`](super::options)), and [`CeilMode`](super::CeilMode) rounds up: the last windows may reach past the input. After
/// [`torch.nn.MaxPool2d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html).
///
/// A NaN is the maximum of its windows. Of equal maxima the first takes the gradient; the backward pass finds it again,
/// which costs no memory but one plane ([`BACKPROP_BYTES`](super::Backprop::BACKPROP_BYTES)).
///
/// ```
/// use adamant::prelude::*;
/// let x = Tensor([[[1.0, 3.0], [2.0, 0.0]]]);
/// assert_eq!(MaxPool2d::<2>::new().forward(&x), Tensor([[[3.0]]]));
/// let half = MaxPool2d::<3, (Stride<2>, Padding<1>)>::new();
/// let y: Tensor<[[[f32; 4]; 4]; 3]> = half.forward(&Tensor::<[[[f32; 8]; 8]; 3]>::ones());
/// assert_eq!(
///     MaxPool2d::<3, Stride<2>>::new().to_string(),
///     "MaxPool2d(kernel_size=3, stride=2, padding=0, dilation=1, ceil_mode=False)"
/// );
/// let y: Tensor<[[[f32; 3]; 3]; 1]> = MaxPool2d::<2, CeilMode>::new().forward(&Tensor::<[[[f32; 5]; 5]; 1]>::ones());
/// ```
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct MaxPool2d<const KERNEL: usize, O: MaxPool2dOptions<KERNEL> = ()>(PhantomData<O>);

impl<const KERNEL: usize, O: MaxPool2dOptions<KERNEL>> MaxPool2d<KERNEL, O> {
    /// The layer. It has no parameters.
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

stateless! {
    [const KERNEL: usize, O: MaxPool2dOptions<KERNEL>] MaxPool2d<KERNEL, O> = Self::new(),
    |_this| "MaxPool2d({})", PoolArguments::<O::Settings>(PhantomData);
}

#[crate::layer]
impl<S, const OH: usize, const OW: usize, const KERNEL: usize, O: MaxPool2dOptions<KERNEL>> Layer<Tensor<S>>
    for MaxPool2d<KERNEL, O>
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
