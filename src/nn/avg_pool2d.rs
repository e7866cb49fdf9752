//! [`AvgPool2d`].

use core::fmt::Debug;
use core::marker::PhantomData;

use super::options::{Area, Averages, AvgPool2dLayer, PoolSettings, Pools, Set};
use super::pooling::pooling_layer;
use crate::shape::{Const, Planes};

/// The options of a [`AvgPool2d`]: `()`, one, or a tuple of them.
pub trait AvgPool2dOptions<const KERNEL: usize>: Copy + PartialEq + Debug + Send + Sync + 'static {
    /// The configuration that they make.
    type Settings: Pools;
}

impl<O, const KERNEL: usize> AvgPool2dOptions<KERNEL> for O
where
    O: Set<PoolSettings<Averages, Area<KERNEL, KERNEL>>, AvgPool2dLayer, Out: Pools>,
    O: Copy + PartialEq + Debug + Send + Sync + 'static,
{
    type Settings = O::Out;
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

pooling_layer!(AvgPool2d, AvgPool2dOptions, Planes, [OH, OW] (Const<OH>, Const<OW>));
