//! [`LogSigmoid`].

use super::ln_1p_exp;
use crate::ops::Elementwise;
use crate::simd::Float;

/// ln σ(x) = −ln(1 + e⁻ˣ), in (−∞, 0). Its derivative is σ(−x).
///
/// Written as min(x, 0) − ln(1 + e^−|x|), it neither overflows nor rounds to ln 0.
///
/// After [`torch.nn.LogSigmoid`](https://docs.pytorch.org/docs/stable/generated/torch.nn.LogSigmoid.html).
///
/// ```
/// use adamant::prelude::*;
/// let y = LogSigmoid.forward(&Tensor([-1e4f32, 0.0, 1e4]));
/// assert!(y.all_close(&Tensor([-1e4, -0.693147, 0.0]), 1e-5, 0.0));
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct LogSigmoid;

impl LogSigmoid {
    /// The function; it has no settings.
    pub const fn new() -> Self {
        Self
    }
}

impl Elementwise for LogSigmoid {
    #[inline(always)]
    fn apply<T: Float>(&self, x: T) -> T {
        -ln_1p_exp(-x)
    }

    #[inline(always)]
    fn derivative<T: Float>(&self, x: T) -> T {
        (-x).sigmoid()
    }
}
