//! [`Silu`].

use super::sigmoid_pair;
use crate::ops::Elementwise;
use crate::simd::Float;

/// x · σ(x), in [−0.2785, ∞); also called swish. The derivative is σ(x) · (1 + x · σ(−x)). −∞ gives NaN, as in PyTorch.
///
/// S. Elfwing et al., *Sigmoid-weighted linear units for neural network function approximation in reinforcement learning*, 2017.
///
/// After [`torch.nn.SiLU`](https://docs.pytorch.org/docs/stable/generated/torch.nn.SiLU.html).
///
/// ```
/// use adamant::prelude::*;
/// let y = Silu.forward(&Tensor([-1.0f32, 0.0, 1.0]));
/// assert!(y.all_close(&Tensor([-0.268941, 0.0, 0.731059]), 1e-5, 0.0));
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Silu;

impl Silu {
    /// The function; it has no settings.
    pub const fn new() -> Self {
        Self
    }
}

impl Elementwise for Silu {
    #[inline(always)]
    fn apply<T: Float>(&self, x: T) -> T {
        x * sigmoid_pair(x).0
    }

    #[inline(always)]
    fn derivative<T: Float>(&self, x: T) -> T {
        let (sigmoid, complement) = sigmoid_pair(x);
        sigmoid * complement.mul_add(x, T::ONE)
    }
}
