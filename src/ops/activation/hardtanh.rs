//! [`Hardtanh`].

use super::clamp;
use crate::ops::Elementwise;
use crate::simd::Float;

/// x limited to [`min_val`, `max_val`], by default [−1, 1]. The derivative at both ends is 0.
///
/// After [`torch.nn.Hardtanh`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Hardtanh.html).
///
/// ```
/// use adamant::prelude::*;
/// assert_eq!(Hardtanh::default().forward(&Tensor([-3.0f32, 0.5, 3.0])), Tensor([-1.0, 0.5, 1.0]));
/// assert_eq!(Hardtanh::new(-2.0, 2.0).to_string(), "Hardtanh(min_val=-2.0, max_val=2.0)");
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Hardtanh {
    /// The smallest output.
    pub min_val: f64,
    /// The largest output.
    pub max_val: f64,
}

impl Hardtanh {
    /// The function with these settings.
    pub const fn new(min_val: f64, max_val: f64) -> Self {
        Self { min_val, max_val }
    }
}

impl Elementwise for Hardtanh {
    #[inline(always)]
    fn apply<T: Float>(&self, x: T) -> T {
        clamp(x, T::from_f64(self.min_val), T::from_f64(self.max_val))
    }

    #[inline(always)]
    fn derivative<T: Float>(&self, x: T) -> T {
        let outside = (x <= T::from_f64(self.min_val)) | (x >= T::from_f64(self.max_val));
        if outside { T::ZERO } else { T::ONE }
    }
}
