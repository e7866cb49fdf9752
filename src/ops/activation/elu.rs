//! [`Elu`].

use crate::ops::Elementwise;
use crate::simd::Float;

/// x above 0, `alpha` · (eˣ − 1) below, in (−`alpha`, ∞); `alpha` is 1 by default. The derivative at 0 is `alpha`.
///
/// D.-A. Clevert et al., *Fast and accurate deep network learning by exponential linear units (ELUs)*, 2015.
///
/// After [`torch.nn.ELU`](https://docs.pytorch.org/docs/stable/generated/torch.nn.ELU.html).
///
/// ```
/// use adamant::prelude::*;
/// let y = Elu::default().forward(&Tensor([-1.0f32, 2.0]));
/// assert!(y.all_close(&Tensor([-0.632121, 2.0]), 1e-5, 0.0));
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Elu {
    /// Below 0 the function tends to −`alpha`.
    pub alpha: f64,
}

impl Elu {
    /// The function with this `alpha`.
    pub const fn new(alpha: f64) -> Self {
        Self { alpha }
    }
}

impl Elementwise for Elu {
    #[inline(always)]
    fn apply<T: Float>(&self, x: T) -> T {
        if x > T::ZERO { x } else { T::from_f64(self.alpha) * x.exp_m1() }
    }

    #[inline(always)]
    fn derivative<T: Float>(&self, x: T) -> T {
        if x > T::ZERO { T::ONE } else { T::from_f64(self.alpha) * x.exp() }
    }
}
