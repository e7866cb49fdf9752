//! [`ConvTranspose1d`].

use core::fmt::Debug;

use super::Param;
use super::convolution::{BiasOf, WeightOf, convolution_layer};
use super::options::{ConvTranspose1dLayer, ConvTransposeSettings, Convolves, Length, Set};
use crate::shape::{Const, Signals};
use crate::simd::Float;

/// The options of a [`ConvTranspose1d`]: `()`, one, or a tuple of them.
pub trait ConvTranspose1dOptions<const IN: usize, const OUT: usize, const KERNEL: usize>:
    Copy + PartialEq + Debug + Send + Sync + 'static
{
    /// The configuration that they make.
    type Settings: Convolves<IN, OUT>;
}

impl<O, const IN: usize, const OUT: usize, const KERNEL: usize> ConvTranspose1dOptions<IN, OUT, KERNEL> for O
where
    O: Set<ConvTransposeSettings<Length<KERNEL>>, ConvTranspose1dLayer, Out: Convolves<IN, OUT>>,
    O: Copy + PartialEq + Debug + Send + Sync + 'static,
{
    type Settings = O::Out;
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
#[module(custom(init, display))]
pub struct ConvTranspose1d<
    const IN: usize,
    const OUT: usize,
    const KERNEL: usize,
    O: ConvTranspose1dOptions<IN, OUT, KERNEL> = (),
    T: Float = f32,
> {
    /// The weights, `[IN][OUT / groups][KERNEL]`.
    pub weight: Param<WeightOf<O::Settings, T, IN, OUT>>,
    /// The bias, `[OUT]`, or `()`.
    pub bias: BiasOf<O::Settings, T, IN, OUT>,
}

convolution_layer!(ConvTranspose1d, ConvTranspose1dOptions, Signals, [OL] Const<OL>);
