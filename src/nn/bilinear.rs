//! [`Bilinear`].

use super::bias::{Bias, BiasOption};
use super::param::uniform_fan_in;
use super::{Grads, Layer, Param};
use crate::ops::{Addend, BilinearSizes, bilinear, bilinear_backward_input, bilinear_backward_params};
use crate::shape::{Rows, SameLead};
use crate::simd::Float;
use crate::tensor::Tensor;

/// y\[o\] = x₁ᵀ · W\[o\] · x₂ + b\[o\]: a number for each o that is linear in either input.
///
/// | | |
/// |---|---|
/// | input | a pair: `[IN1]` and `[IN2]`, batches `[B][IN1]` and `[B][IN2]`, any leading dimensions that are the same |
/// | output | the same leading dimensions, `OUT` |
/// | `weight` | `[OUT][IN1][IN2]` |
/// | `bias` | `[OUT]`, or nothing with [`NoBias`](super::NoBias) |
///
/// Both start uniform in ±1/√IN1. After [`torch.nn.Bilinear`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Bilinear.html).
///
/// ```
/// use adamant::prelude::*;
/// let rng = &mut SmallRng::seed_from_u64(0);
/// let layer = Bilinear::<3, 2, 5>::init(rng);
/// let one: Tensor<[f32; 5]> = layer.forward(&(Tensor([1.0, 2.0, 3.0]), Tensor([4.0, 5.0])));
/// let batch: Tensor<[[f32; 5]; 4]> = layer.forward(&(Tensor([[1.0, 2.0, 3.0]; 4]), Tensor([[4.0, 5.0]; 4])));
/// assert!(one.all_close(batch.at::<3>(), 1e-6, 1e-6));
/// assert_eq!(layer.to_string(), "Bilinear(in1_features=3, in2_features=2, out_features=5, bias=True)");
/// ```
#[derive(crate::Module, Clone, Copy, PartialEq, Debug)]
#[module(display("Bilinear(in1_features={IN1}, in2_features={IN2}, out_features={OUT}, bias={})", B::PRINTED))]
pub struct Bilinear<const IN1: usize, const IN2: usize, const OUT: usize, B: BiasOption = Bias, T: Float = f32> {
    /// The weights, `[OUT][IN1][IN2]`.
    #[module(init = uniform_fan_in(IN1))]
    pub weight: Param<[[[T; IN2]; IN1]; OUT]>,
    /// The bias, `[OUT]`, or `()`.
    #[module(init = uniform_fan_in(IN1))]
    pub bias: B::Param<[T; OUT]>,
}

impl<const IN1: usize, const IN2: usize, const OUT: usize, B: BiasOption, T: Float> Bilinear<IN1, IN2, OUT, B, T> {
    /// A layer with this weight, `[OUT][IN1][IN2]`, and bias (`()` with [`NoBias`](super::NoBias)).
    pub const fn new(weight: Param<[[[T; IN2]; IN1]; OUT]>, bias: B::Param<[T; OUT]>) -> Self {
        Self { weight, bias }
    }

    const fn sizes(rows: usize) -> BilinearSizes {
        BilinearSizes { rows, inputs: [IN1, IN2], outputs: OUT }
    }
}

#[crate::layer]
impl<S1, S2, const IN1: usize, const IN2: usize, const OUT: usize, B: BiasOption, T: Float> Layer<(Tensor<S1>, Tensor<S2>)>
    for Bilinear<IN1, IN2, OUT, B, T>
where
    S1: Rows<IN1, Self, Scalar = T>,
    S2: Rows<IN2, Self, Scalar = T, Lead<T>: SameLead<S1::Lead<T>, S1, S2, Self>>,
{
    type Output = Tensor<S1::With<OUT>>;
    type Kept = ();
    const MACS: u64 = S1::ROWS as u64 * OUT as u64 * (IN1 as u64 + 1) * IN2 as u64;
    const COMPUTE_BYTES: usize = size_of::<Tensor<S2>>();
    const BACKWARD_BYTES: usize = 2 * (size_of::<Tensor<S1>>() + size_of::<Tensor<S2>>());

    #[inline]
    fn compute(&self, (x1, x2): &(Tensor<S1>, Tensor<S2>), y: &mut Self::Output) {
        bilinear(
            &Self::sizes(S1::ROWS),
            [x1.as_slice(), x2.as_slice()],
            self.weight.as_slice(),
            self.bias.tensor().map(Tensor::as_slice),
            y.as_mut_slice(),
            Tensor::<S2>::zeros().as_mut_slice(),
        );
    }

    #[inline]
    fn backward_params(&self, (x1, x2): &(Tensor<S1>, Tensor<S2>), (): &(), dy: &Self::Output, grads: &mut Grads<Self>) {
        bilinear_backward_params(
            &Self::sizes(S1::ROWS),
            [x1.as_slice(), x2.as_slice()],
            dy.as_slice(),
            grads.weight.as_mut_slice(),
            grads.bias.tensor_mut().map(Tensor::as_mut_slice),
            Tensor::<S1>::zeros().as_mut_slice(),
        );
    }

    #[inline]
    fn backward_input(&self, (x1, x2): &mut (Tensor<S1>, Tensor<S2>), (): &(), dy: &mut Self::Output) {
        let (mut dx1, mut dx2) = (Tensor::<S1>::zeros(), Tensor::<S2>::zeros());
        bilinear_backward_input(
            &Self::sizes(S1::ROWS),
            [x1.as_slice(), x2.as_slice()],
            dy.as_slice(),
            self.weight.as_slice(),
            [dx1.as_mut_slice(), dx2.as_mut_slice()],
            [Tensor::<S1>::zeros().as_mut_slice(), Tensor::<S2>::zeros().as_mut_slice()],
        );
        (*x1, *x2) = (dx1, dx2);
    }
}
