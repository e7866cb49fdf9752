//! [`Softplus`].

use super::ln_1p_exp;
use crate::ops::Elementwise;
use crate::simd::Float;

/// ln(1 + e^(`beta` · x)) / `beta`, in (0, ∞), and x where `beta` · x > `threshold`; they are 1 and 20 by default. The derivative is
/// σ(`beta` · x).
///
/// Written with max(x, 0) + ln(1 + e^−|x|), it does not overflow, whatever the threshold.
///
/// After [`torch.nn.Softplus`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Softplus.html).
///
/// ```
/// use adamant::prelude::*;
/// let y = Softplus::default().forward(&Tensor([-1e4f32, 0.0, 1e4]));
/// assert!(y.all_close(&Tensor([0.0, 0.693147, 1e4]), 1e-5, 0.0));
/// assert_eq!(Softplus::default().to_string(), "Softplus(beta=1.0, threshold=20.0)");
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Softplus {
    /// How sharp the bend at 0 is. It must not be 0.
    pub beta: f64,
    /// Where `beta` · x is larger, y = x.
    pub threshold: f64,
}

impl Softplus {
    /// The function with these settings.
    pub const fn new(beta: f64, threshold: f64) -> Self {
        Self { beta, threshold }
    }
}

impl Elementwise for Softplus {
    #[inline(always)]
    fn apply<T: Float>(&self, x: T) -> T {
        let z = T::from_f64(self.beta) * x;
        let y = ln_1p_exp(z) * T::from_f64(1.0 / self.beta);
        if z > T::from_f64(self.threshold) { x } else { y }
    }

    #[inline(always)]
    fn derivative<T: Float>(&self, x: T) -> T {
        let z = T::from_f64(self.beta) * x;
        if z > T::from_f64(self.threshold) { T::ONE } else { z.sigmoid() }
    }
}
