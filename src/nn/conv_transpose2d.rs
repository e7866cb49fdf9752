//! [`ConvTranspose2d`].

use core::marker::PhantomData;

use super::convolution::{Arguments, BiasOf, Convolve, WeightOf};
use super::options::{Area, ConvTranspose2dLayer, ConvTransposeSettings, Convolves};
use super::options_trait::options_trait;
use super::param::uniform_fan_in;
use super::{Grads, Layer, Param};
use crate::ops::Addend;
use crate::shape::{Const, Images, Slides};
use crate::simd::Float;
use crate::tensor::Tensor;

options_trait! {
    /// The options of a [`ConvTranspose2d`]: `()`, one, or a tuple of them.
    ConvTranspose2dOptions<IN, OUT, KERNEL>: Convolves<IN, OUT> = ConvTransposeSettings<Area<KERNEL, KERNEL>>, ConvTranspose2dLayer
}

/// Transposed convolution of images: each input adds its multiple of the kernel to the output,
/// `y[o][i · stride + k · dilation − padding, …] += w[c][o][k, …] · x[c][i, …]`, and `b[o]` is added. It is the gradient of a
/// [`Conv2d`](super::Conv2d) from `OUT` to `IN` channels with respect to its input.
///
/// | | |
/// |---|---|
/// | input | `[IN][H][W]`, a batch `[B][IN][H][W]` |
/// | output | `[OUT][OH][OW]`, `[B][OUT][OH][OW]` |
/// | `weight` | `[IN][OUT / groups][KERNEL][KERNEL]` |
/// | `bias` | `[OUT]`, or nothing with [`NoBias`](super::NoBias) |
///
/// OH = (H − 1) · stride − 2 · padding + dilation · (KERNEL − 1) + output padding + 1, and OW alike, computed by the type
/// checker. `O` sets the rest by name ([`options`](super::options)); the padding is always zeros. Defaults and starting
/// values are those of
/// [`torch.nn.ConvTranspose2d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html).
///
/// ```
/// use adamant::prelude::*;
/// let rng = &mut SmallRng::seed_from_u64(0);
/// let twice = ConvTranspose2d::<8, 4, 3, (Stride<2>, Padding<1>, OutputPadding<1>)>::init(rng);
/// let y: Tensor<[[[f32; 14]; 14]; 4]> = twice.forward(&Tensor::<[[[f32; 7]; 7]; 8]>::randn(rng));
/// assert_eq!(
///     twice.to_string(),
///     "ConvTranspose2d(8, 4, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), output_padding=(1, 1))"
/// );
/// ```
#[derive(crate::Module, Clone, Copy, PartialEq, Debug)]
#[module(display("ConvTranspose2d({})", Arguments::<O::Settings, IN, OUT>(PhantomData)))]
pub struct ConvTranspose2d<
    const IN: usize,
    const OUT: usize,
    const KERNEL: usize,
    O: ConvTranspose2dOptions<IN, OUT, KERNEL> = (),
    T: Float = f32,
> {
    /// The weights, `[IN][OUT / groups][KERNEL][KERNEL]`.
    #[module(init = uniform_fan_in(O::Settings::FAN_IN))]
    pub weight: Param<WeightOf<O::Settings, T, IN, OUT>>,
    /// The bias, `[OUT]`, or `()`.
    #[module(init = uniform_fan_in(O::Settings::FAN_IN))]
    pub bias: BiasOf<O::Settings, T, IN, OUT>,
}

impl<const IN: usize, const OUT: usize, const KERNEL: usize, O: ConvTranspose2dOptions<IN, OUT, KERNEL>, T: Float>
    ConvTranspose2d<IN, OUT, KERNEL, O, T>
{
    /// A layer with this weight and bias (`()` with [`NoBias`](super::NoBias)).
    pub const fn new(weight: Param<WeightOf<O::Settings, T, IN, OUT>>, bias: BiasOf<O::Settings, T, IN, OUT>) -> Self {
        Self { weight, bias }
    }
}

#[crate::layer]
impl<S, const OH: usize, const OW: usize, const IN: usize, const OUT: usize, const KERNEL: usize, O, T> Layer<Tensor<S>>
    for ConvTranspose2d<IN, OUT, KERNEL, O, T>
where
    O: ConvTranspose2dOptions<IN, OUT, KERNEL>,
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
