//! [`GeluTanh`].

use super::{clamp, sigmoid_pair};
use crate::ops::Elementwise;
use crate::simd::Float;

/// x · (1 + tanh u) / 2 with u = √(2/π) · (x + 0.044715 · x³), in [−0.17, ∞): an approximation of [`Gelu`](super::Gelu) within
/// 5·10⁻⁴, PyTorch's `GELU(approximate='tanh')`.
///
/// Written as x · σ(2u), whose derivative is σ(2u) · (1 + x · σ(−2u) · 2u′). −∞ gives NaN, as in PyTorch. D. Hendrycks and
/// K. Gimpel, *Gaussian error linear units (GELUs)*, 2016.
///
/// After [`torch.nn.GELU`](https://docs.pytorch.org/docs/stable/generated/torch.nn.GELU.html).
///
/// ```
/// use adamant::prelude::*;
/// let y = GeluTanh.forward(&Tensor([-1.0f32, 0.0, 1.0]));
/// assert!(y.all_close(&Tensor([-0.158808, 0.0, 0.841192]), 1e-5, 0.0));
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct GeluTanh;

impl GeluTanh {
    /// The function; it has no settings.
    pub const fn new() -> Self {
        Self
    }
}

impl Elementwise for GeluTanh {
    #[inline(always)]
    fn apply<T: Float>(&self, x: T) -> T {
        x * sigmoid_pair(twice_u(x)).0
    }

    #[inline(always)]
    fn derivative<T: Float>(&self, x: T) -> T {
        // Beyond, σ(2u) is 0 or 1 and x³ could overflow.
        let bounded = clamp(x, T::from_f64(-100.0), T::from_f64(100.0));
        let (gate, complement) = sigmoid_pair(twice_u(x));
        let slope = T::from_f64(TWICE * 3.0 * CUBIC).mul_add(bounded * bounded, T::from_f64(TWICE));
        gate * (complement * bounded).mul_add(slope, T::ONE)
    }
}

/// 2 · √(2/π).
const TWICE: f64 = 1.595_769_121_605_730_8;
const CUBIC: f64 = 0.044_715;

/// 2u.
#[inline(always)]
fn twice_u<T: Float>(x: T) -> T {
    x * T::from_f64(TWICE * CUBIC).mul_add(x * x, T::from_f64(TWICE))
}
