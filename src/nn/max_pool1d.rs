//! [`MaxPool1d`].

use core::fmt::Debug;
use core::marker::PhantomData;

use super::options::{Length, MaxPool1dLayer, Maxima, PoolSettings, Pools, Set};
use super::pooling::pooling_layer;
use crate::shape::{Const, Lines};

/// The options of a [`MaxPool1d`]: `()`, one, or a tuple of them.
pub trait MaxPool1dOptions<const KERNEL: usize>: Copy + PartialEq + Debug + Send + Sync + 'static {
    /// The configuration that they make.
    type Settings: Pools;
}

impl<O, const KERNEL: usize> MaxPool1dOptions<KERNEL> for O
where
    O: Set<PoolSettings<Maxima, Length<KERNEL>>, MaxPool1dLayer, Out: Pools>,
    O: Copy + PartialEq + Debug + Send + Sync + 'static,
{
    type Settings = O::Out;
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

pooling_layer!(MaxPool1d, MaxPool1dOptions, Lines, [OL] Const<OL>);
