//! [`AvgPool1d`].

use core::fmt::Debug;
use core::marker::PhantomData;

use super::options::{Averages, AvgPool1dLayer, Length, PoolSettings, Pools, Set};
use super::pooling::pooling_layer;
use crate::shape::{Const, Lines};

/// The options of a [`AvgPool1d`]: `()`, one, or a tuple of them.
pub trait AvgPool1dOptions<const KERNEL: usize>: Copy + PartialEq + Debug + Send + Sync + 'static {
    /// The configuration that they make.
    type Settings: Pools;
}

impl<O, const KERNEL: usize> AvgPool1dOptions<KERNEL> for O
where
    O: Set<PoolSettings<Averages, Length<KERNEL>>, AvgPool1dLayer, Out: Pools>,
    O: Copy + PartialEq + Debug + Send + Sync + 'static,
{
    type Settings = O::Out;
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

pooling_layer!(AvgPool1d, AvgPool1dOptions, Lines, [OL] Const<OL>);
