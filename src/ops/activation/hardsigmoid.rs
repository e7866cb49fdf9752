//! [`Hardsigmoid`].

use super::clamp;
use crate::ops::Elementwise;
use crate::simd::Float;

/// min(max(x + 3, 0), 6) / 6, in [0, 1]: a sigmoid of straight lines. The derivative at ±3 is 0.
///
/// A. Howard et al., *Searching for MobileNetV3*, 2019.
///
/// After [`torch.nn.Hardsigmoid`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Hardsigmoid.html).
///
/// ```
/// use adamant::prelude::*;
/// assert_eq!(Hardsigmoid.forward(&Tensor([-4.0f32, 0.0, 4.0])), Tensor([0.0, 0.5, 1.0]));
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Hardsigmoid;

impl Hardsigmoid {
    /// The function; it has no settings.
    pub const fn new() -> Self {
        Self
    }
}

impl Elementwise for Hardsigmoid {
    #[inline(always)]
    fn apply<T: Float>(&self, x: T) -> T {
        clamp(x + T::from_f64(3.0), T::ZERO, T::from_f64(6.0)) / T::from_f64(6.0)
    }

    #[inline(always)]
    fn derivative<T: Float>(&self, x: T) -> T {
        let three = T::from_f64(3.0);
        if (x <= -three) | (x >= three) { T::ZERO } else { T::from_f64(1.0 / 6.0) }
    }
}
