//! [`Conv1d`].

use core::marker::PhantomData;

use super::convolution::{Arguments, BiasOf, Convolve, WeightOf};
use super::options::{Conv1dLayer, ConvSettings, Convolves, Length};
use super::options_trait::options_trait;
use super::param::uniform_fan_in;
use super::{Grads, Layer, Param};
use crate::ops::Addend;
use crate::shape::{Const, Signals, Slides};
use crate::simd::Float;
use crate::tensor::Tensor;

options_trait! {
    /// The options of a [`Conv1d`]: `()`, one, or a tuple of them.
    Conv1dOptions<IN, OUT, KERNEL>: Convolves<IN, OUT> = ConvSettings<Length<KERNEL>>, Conv1dLayer
}

/// Convolution of signals: `y[o] = b[o] + Σ w[o][c] ⋆ x[c]` over the input channels c, where ⋆ is the cross-correlation
/// `(w ⋆ x)[i] = Σ w[k] · x[i · stride + k · dilation − padding]`.
///
/// | | |
/// |---|---|
/// | input | `[IN][L]`, a batch `[B][IN][L]` |
/// | output | `[OUT][OL]`, `[B][OUT][OL]` |
/// | `weight` | `[OUT][IN / groups][KERNEL]` |
/// | `bias` | `[OUT]`, or nothing with [`NoBias`](super::NoBias) |
///
/// OL = ⌊(L + 2 · padding − dilation · (KERNEL − 1) − 1) / stride⌋ + 1, computed by the type checker. `O` sets the rest by name
/// ([`options`](super::options)), with one number each. With [`Causal`](super::Causal) OL = L, and no output sees a later input; with
/// [`PaddingEnd`](super::PaddingEnd) the end has a padding of its own. Defaults and starting values are those of
/// [`torch.nn.Conv1d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv1d.html).
///
/// ```
/// use adamant::prelude::*;
/// let rng = &mut SmallRng::seed_from_u64(0);
/// let layer = Conv1d::<2, 4, 5, (Stride<2>, Padding<2>)>::init(rng);
/// let y: Tensor<[[f32; 50]; 4]> = layer.forward(&Tensor::<[[f32; 100]; 2]>::randn(rng));
/// assert_eq!(layer.to_string(), "Conv1d(2, 4, kernel_size=(5,), stride=(2,), padding=(2,))");
///
/// let causal = Conv1d::<4, 4, 3, (Causal, Dilation<8>)>::init(rng);
/// let y: Tensor<[[f32; 50]; 4]> = causal.forward(&y);
/// ```
#[derive(crate::Module, Clone, Copy, PartialEq, Debug)]
#[module(display("Conv1d({})", Arguments::<O::Settings, IN, OUT>(PhantomData)))]
pub struct Conv1d<
    const IN: usize,
    const OUT: usize,
    const KERNEL: usize,
    O: Conv1dOptions<IN, OUT, KERNEL> = (),
    T: Float = f32,
> {
    /// The weights, `[OUT][IN / groups][KERNEL]`.
    #[module(init = uniform_fan_in(O::Settings::FAN_IN))]
    pub weight: Param<WeightOf<O::Settings, T, IN, OUT>>,
    /// The bias, `[OUT]`, or `()`.
    #[module(init = uniform_fan_in(O::Settings::FAN_IN))]
    pub bias: BiasOf<O::Settings, T, IN, OUT>,
}

impl<const IN: usize, const OUT: usize, const KERNEL: usize, O: Conv1dOptions<IN, OUT, KERNEL>, T: Float>
    Conv1d<IN, OUT, KERNEL, O, T>
{
    /// A layer with this weight and bias (`()` with [`NoBias`](super::NoBias)).
    pub const fn new(weight: Param<WeightOf<O::Settings, T, IN, OUT>>, bias: BiasOf<O::Settings, T, IN, OUT>) -> Self {
        Self { weight, bias }
    }
}

#[crate::layer]
impl<S, const OL: usize, const IN: usize, const OUT: usize, const KERNEL: usize, O, T> Layer<Tensor<S>>
    for Conv1d<IN, OUT, KERNEL, O, T>
where
    O: Conv1dOptions<IN, OUT, KERNEL>,
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
