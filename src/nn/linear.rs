//! [`Linear`].

use super::bias::{Bias, BiasOption};
use super::param::uniform_fan_in;
use super::{Grads, Layer, Param};
use crate::ops::{Addend, linear, linear_backward_input, linear_backward_params};
use crate::shape::Rows;
use crate::simd::Float;
use crate::tensor::Tensor;

/// y = x · W + b.
///
/// | | |
/// |---|---|
/// | input | `[IN]`, a batch `[B][IN]`, any leading dimensions |
/// | output | the same leading dimensions, `OUT` |
/// | `weight` | `[IN][OUT]` (PyTorch stores `[OUT][IN]`) |
/// | `bias` | `[OUT]`, or nothing with [`NoBias`](super::NoBias) |
///
/// Both start uniform in ±1/√IN. After [`torch.nn.Linear`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Linear.html).
///
/// ```
/// use adamant::prelude::*;
/// let rng = &mut SmallRng::seed_from_u64(0);
/// let layer = Linear::<3, 2>::init(rng);
/// let one: Tensor<[f32; 2]> = layer.forward(&Tensor([1.0, 2.0, 3.0]));
/// let batch: Tensor<[[f32; 2]; 4]> = layer.forward(&Tensor([[1.0, 2.0, 3.0]; 4]));
/// assert_eq!(one, *batch.at::<3>());
/// assert_eq!(layer.to_string(), "Linear(in_features=3, out_features=2, bias=True)");
///
/// let no_bias = Linear::<3, 2, NoBias>::init(rng);
/// assert_eq!(no_bias.forward(&Tensor::<[f32; 3]>::zeros()), Tensor::zeros());
/// ```
#[derive(crate::Module, Clone, Copy, PartialEq, Debug)]
#[module(display("Linear(in_features={IN}, out_features={OUT}, bias={})", B::PRINTED))]
pub struct Linear<const IN: usize, const OUT: usize, B: BiasOption = Bias, T: Float = f32> {
    /// The weights, `[IN][OUT]`.
    #[module(transposed, init = uniform_fan_in(IN))]
    pub weight: Param<[[T; OUT]; IN]>,
    /// The bias, `[OUT]`, or `()`.
    #[module(init = uniform_fan_in(IN))]
    pub bias: B::Param<[T; OUT]>,
}

impl<const IN: usize, const OUT: usize, B: BiasOption, T: Float> Linear<IN, OUT, B, T> {
    /// A layer with this weight, `[IN][OUT]`, and bias (`()` with [`NoBias`](super::NoBias)).
    pub const fn new(weight: Param<[[T; OUT]; IN]>, bias: B::Param<[T; OUT]>) -> Self {
        Self { weight, bias }
    }
}

#[crate::layer]
#[diagnostic::do_not_recommend]
impl<S, const IN: usize, const OUT: usize, B: BiasOption, T: Float> Layer<Tensor<S>> for Linear<IN, OUT, B, T>
where
    S: Rows<IN, Self, Scalar = T>,
{
    type Output = Tensor<S::With<OUT>>;
    type Kept = ();
    const MACS: u64 = S::ROWS as u64 * IN as u64 * OUT as u64;

    #[inline]
    fn compute(&self, x: &Tensor<S>, y: &mut Self::Output) {
        linear(x, &self.weight, self.bias.tensor(), y);
    }

    #[inline]
    fn backward_params(&self, x: &Tensor<S>, (): &(), dy: &Self::Output, grads: &mut Grads<Self>) {
        linear_backward_params(x, dy, &mut grads.weight, grads.bias.tensor_mut());
    }

    #[inline]
    fn backward_input(&self, x: &mut Tensor<S>, (): &(), dy: &mut Self::Output) {
        linear_backward_input(dy, &self.weight, x);
    }
}
