//! [`ConvTranspose1d`].

use core::marker::PhantomData;

use super::convolution::{Arguments, BiasOf, Convolve, WeightOf};
use super::options::{ConvTranspose1dLayer, ConvTransposeSettings, Convolves, Length};
use super::options_trait::options_trait;
use super::param::uniform_fan_in;
use super::{Grads, Layer, Param};
use crate::ops::Addend;
use crate::shape::{Const, Signals, Slides};
use crate::simd::Float;
use crate::tensor::Tensor;

options_trait! {
    /// The options of a [`ConvTranspose1d`]: `()`, one, or a tuple of them.
    ConvTranspose1dOptions<IN, OUT, KERNEL>: Convolves<IN, OUT> = ConvTransposeSettings<Length<KERNEL>>, ConvTranspose1dLayer
}

/// Transposed convolution of signals: each input adds its multiple of the kernel to the output,
/// `y[o][i · stride + k · dilation − padding] += w[c][o][k] · x[c][i]`, and `b[o]` is added. It is the gradient of a
/// [`Conv1d`](super::Conv1d) from `OUT` to `IN` channels with respect to its input.
///
/// | | |
/// |---|---|
/// | input | `[IN][L]`, a batch `[B][IN][L]` |
/// | output | `[OUT][OL]`, `[B][OUT][OL]` |
/// | `weight` | `[IN][OUT / groups][KERNEL]` |
/// | `bias` | `[OUT]`, or nothing with [`NoBias`](super::NoBias) |
///
/// OL = (L − 1) · stride − 2 · padding + dilation · (KERNEL − 1) + output padding + 1, computed by the type checker. `O` sets the rest
/// by name ([`options`](super::options)), with one number each; the padding is always zeros. Defaults and starting values are those of
/// [`torch.nn.ConvTranspose1d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose1d.html).
///
/// ```
/// use adamant::prelude::*;
/// let rng = &mut SmallRng::seed_from_u64(0);
/// let twice = ConvTranspose1d::<8, 4, 4, (Stride<2>, Padding<1>)>::init(rng);
/// let y: Tensor<[[f32; 100]; 4]> = twice.forward(&Tensor::<[[f32; 50]; 8]>::randn(rng));
/// assert_eq!(twice.to_string(), "ConvTranspose1d(8, 4, kernel_size=(4,), stride=(2,), padding=(1,))");
/// ```
#[doc(alias = "Deconvolution")]
#[derive(crate::Module, Clone, Copy, PartialEq, Debug)]
#[module(display("ConvTranspose1d({})", Arguments::<O::Settings, IN, OUT>(PhantomData)))]
pub struct ConvTranspose1d<
    const IN: usize,
    const OUT: usize,
    const KERNEL: usize,
    O: ConvTranspose1dOptions<IN, OUT, KERNEL> = (),
    T: Float = f32,
> {
    /// The weights, `[IN][OUT / groups][KERNEL]`.
    #[module(init = uniform_fan_in(O::Settings::FAN_IN))]
    pub weight: Param<WeightOf<O::Settings, T, IN, OUT>>,
    /// The bias, `[OUT]`, or `()`.
    #[module(init = uniform_fan_in(O::Settings::FAN_IN))]
    pub bias: BiasOf<O::Settings, T, IN, OUT>,
}

impl<const IN: usize, const OUT: usize, const KERNEL: usize, O: ConvTranspose1dOptions<IN, OUT, KERNEL>, T: Float>
    ConvTranspose1d<IN, OUT, KERNEL, O, T>
{
    /// A layer with this weight and bias (`()` with [`NoBias`](super::NoBias)).
    pub const fn new(weight: Param<WeightOf<O::Settings, T, IN, OUT>>, bias: BiasOf<O::Settings, T, IN, OUT>) -> Self {
        Self { weight, bias }
    }
}

#[crate::layer]
impl<S, const OL: usize, const IN: usize, const OUT: usize, const KERNEL: usize, O, T> Layer<Tensor<S>>
    for ConvTranspose1d<IN, OUT, KERNEL, O, T>
where
    O: ConvTranspose1dOptions<IN, OUT, KERNEL>,
    T: Float,
    S: Signals<IN, Self, Scalar = T>,
    O::Settings: Slides<S::Extent, Out = Const<OL>>,
{
    type Output = Tensor<S::With<OUT, OL>>;
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
