//! [`Celu`].

use crate::ops::Elementwise;
use crate::simd::Float;

/// x above 0, `alpha` · (e^(x / `alpha`) − 1) below, in (−`alpha`, ∞): an [`Elu`](super::Elu) without a kink at 0, whatever
/// `alpha` is (1 by default).
///
/// J. Barron, *Continuously differentiable exponential linear units*, 2017.
///
/// After [`torch.nn.CELU`](https://docs.pytorch.org/docs/stable/generated/torch.nn.CELU.html).
///
/// ```
/// use adamant::prelude::*;
/// let y = Celu::new(0.5).forward(&Tensor([-1.0f32, 2.0]));
/// assert!(y.all_close(&Tensor([-0.432332, 2.0]), 1e-5, 0.0));
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Celu {
    /// Below 0 the function tends to −`alpha`. It must not be 0.
    pub alpha: f64,
}

impl Celu {
    /// The function with this `alpha`.
    pub const fn new(alpha: f64) -> Self {
        Self { alpha }
    }
}

impl Elementwise for Celu {
    #[inline(always)]
    fn apply<T: Float>(&self, x: T) -> T {
        let (alpha, inverse) = (T::from_f64(self.alpha), T::from_f64(1.0 / self.alpha));
        if x > T::ZERO { x } else { alpha * (x * inverse).exp_m1() }
    }

    #[inline(always)]
    fn derivative<T: Float>(&self, x: T) -> T {
        if x > T::ZERO { T::ONE } else { (x * T::from_f64(1.0 / self.alpha)).exp() }
    }
}
