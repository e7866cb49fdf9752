//! [`Conv2d`].

use core::marker::PhantomData;

use super::convolution::{Arguments, BiasOf, Convolve, WeightOf};
use super::options::{Area, Conv2dLayer, ConvSettings, Convolves};
use super::options_trait::options_trait;
use super::param::uniform_fan_in;
use super::{Grads, Layer, Param};
use crate::ops::Addend;
use crate::shape::{Const, Images, Slides};
use crate::simd::Float;
use crate::tensor::Tensor;

options_trait! {
    /// The options of a [`Conv2d`]: `()`, one, or a tuple of them.
    Conv2dOptions<IN, OUT, KERNEL>: Convolves<IN, OUT> = ConvSettings<Area<KERNEL, KERNEL>>, Conv2dLayer
}

/// Convolution of images: `y[o] = b[o] + Σ w[o][c] ⋆ x[c]` over the input channels c, where ⋆ is the cross-correlation
/// `(w ⋆ x)[i, j] = Σ w[k, l] · x[i · stride + k · dilation − padding, …]`.
///
/// | | |
/// |---|---|
/// | input | `[IN][H][W]`, a batch `[B][IN][H][W]` |
/// | output | `[OUT][OH][OW]`, `[B][OUT][OH][OW]` |
/// | `weight` | `[OUT][IN / groups][KERNEL][KERNEL]` |
/// | `bias` | `[OUT]`, or nothing with [`NoBias`](super::NoBias) |
///
/// OH = ⌊(H + 2 · padding − dilation · (KERNEL − 1) − 1) / stride⌋ + 1, and OW alike, computed by the type checker. With
/// [`PaddingEnd`](super::PaddingEnd) the end, below and on the right, has a padding of its own.
///
/// `O` sets the rest by name, one option or a tuple ([`options`](super::options) lists them): `Conv2d<1, 8, 3, Padding<1>>`,
/// `Conv2d<4, 6, 3, (Stride<2>, Padding<1>, Groups<2>, NoBias)>`. Defaults and starting values (uniform in ±1/√(inputs of one
/// output)) are those of [`torch.nn.Conv2d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html).
///
/// It works on one sample after the other; what it needs beside input and output is in
/// [`FORWARD_BYTES`](super::Module::FORWARD_BYTES), and [`ops::conv`](crate::ops::conv) says how it computes. A pointwise layer
/// (`Conv2d<IN, OUT, 1>`) needs nothing; a depthwise one ([`Depthwise`](super::Depthwise)) the patches of one channel at most.
///
/// ```
/// use adamant::prelude::*;
/// let rng = &mut SmallRng::seed_from_u64(0);
/// let layer = Conv2d::<1, 8, 3>::init(rng);
/// let image = Tensor::<[[[f32; 28]; 28]; 1]>::randn(rng);
/// let y: Tensor<[[[f32; 26]; 26]; 8]> = layer.forward(&image);
/// let batch: Tensor<[[[[f32; 26]; 26]; 8]; 2]> = layer.forward(&Tensor([image.0; 2]));
/// assert_eq!(batch.at::<1>(), &y);
/// assert_eq!(layer.to_string(), "Conv2d(1, 8, kernel_size=(3, 3), stride=(1, 1))");
///
/// let half = Conv2d::<8, 16, 3, (Stride<2>, Padding<1>)>::init(rng);
/// let y: Tensor<[[[f32; 13]; 13]; 16]> = half.forward(&y);
/// ```
///
/// A block that is generic over height and width needs no arithmetic where the size is kept ([`Same`](super::Same)):
///
/// ```
/// use adamant::prelude::*;
/// type Image<const C: usize, const H: usize, const W: usize> = Tensor<[[[f32; W]; H]; C]>;
///
/// fn twice<const C: usize, const H: usize, const W: usize>(
///     conv: &Conv2d<C, C, 3, Same>,
///     x: &Image<C, H, W>,
/// ) -> Image<C, H, W> {
///     conv.forward(&conv.forward(x))
/// }
/// let conv = Conv2d::<2, 2, 3, Same>::init(&mut SmallRng::seed_from_u64(0));
/// twice(&conv, &Image::<2, 5, 7>::zeros());
/// ```
#[derive(crate::Module, Clone, Copy, PartialEq, Debug)]
#[module(display("Conv2d({})", Arguments::<O::Settings, IN, OUT>(PhantomData)))]
pub struct Conv2d<
    const IN: usize,
    const OUT: usize,
    const KERNEL: usize,
    O: Conv2dOptions<IN, OUT, KERNEL> = (),
    T: Float = f32,
> {
    /// The weights, `[OUT][IN / groups][KERNEL][KERNEL]`.
    #[module(init = uniform_fan_in(O::Settings::FAN_IN))]
    pub weight: Param<WeightOf<O::Settings, T, IN, OUT>>,
    /// The bias, `[OUT]`, or `()`.
    #[module(init = uniform_fan_in(O::Settings::FAN_IN))]
    pub bias: BiasOf<O::Settings, T, IN, OUT>,
}

impl<const IN: usize, const OUT: usize, const KERNEL: usize, O: Conv2dOptions<IN, OUT, KERNEL>, T: Float>
    Conv2d<IN, OUT, KERNEL, O, T>
{
    /// A layer with this weight and bias (`()` with [`NoBias`](super::NoBias)).
    pub const fn new(weight: Param<WeightOf<O::Settings, T, IN, OUT>>, bias: BiasOf<O::Settings, T, IN, OUT>) -> Self {
        Self { weight, bias }
    }
}

#[crate::layer]
impl<S, const OH: usize, const OW: usize, const IN: usize, const OUT: usize, const KERNEL: usize, O, T> Layer<Tensor<S>>
    for Conv2d<IN, OUT, KERNEL, O, T>
where
    O: Conv2dOptions<IN, OUT, KERNEL>,
    T: Float,
    S: Images<IN, Self, Scalar = T>,
    O::Settings: Slides<S::Extent, Out = (Const<OH>, Const<OW>)>,
{
    type Output = Tensor<S::With<OUT, OH, OW>>;
    type Kept = ();
    const MACS: u64 = S::SAMPLES as u64 * Convolve::<O::Settings, S::Extent, IN, OUT>::MACS;
    const COMPUTE_BYTES: usize = Convolve::<O::Settings, S::Extent, IN, OUT>::forward_bytes::<T>();
    const BACKWARD_BYTES: usize = Convolve::<O::Settings, S::Extent, IN, OUT>::backward_bytes::<T>();

    #[inline]
    fn compute(&self, x: &Tensor<S>, y: &mut Self::Output) {
        Convolve::<O::Settings, S::Extent, IN, OUT>::forward(x, &self.weight, self.bias.tensor(), y);
    }

    #[inline]
    fn backward_params(&self, x: &Tensor<S>, (): &(), dy: &Self::Output, grads: &mut Grads<Self>) {
        let (dweight, dbias) = (&mut grads.weight, grads.bias.tensor_mut());
        Convolve::<O::Settings, S::Extent, IN, OUT>::backward_params(x, dy, dweight, dbias);
    }

    #[inline]
    fn backward_input(&self, x: &mut Tensor<S>, (): &(), dy: &mut Self::Output) {
        Convolve::<O::Settings, S::Extent, IN, OUT>::backward_input(dy, &self.weight, x);
    }
}
