//! [`Hardswish`].

use super::Hardsigmoid;
use crate::ops::Elementwise;
use crate::simd::Float;

/// x · min(max(x + 3, 0), 6) / 6, in [−3/8, ∞): [`Silu`](super::Silu) of straight lines and a parabola.
///
/// The derivative is 0 at −3 and 1 at 3. −∞ gives NaN, as in PyTorch. A. Howard et al., *Searching for MobileNetV3*, 2019.
///
/// After [`torch.nn.Hardswish`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Hardswish.html).
///
/// ```
/// use adamant::prelude::*;
/// assert_eq!(Hardswish.forward(&Tensor([-4.0f32, 0.0, 4.0])), Tensor([0.0, 0.0, 4.0]));
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Hardswish;

impl Hardswish {
    /// The function; it has no settings.
    pub const fn new() -> Self {
        Self
    }
}

impl Elementwise for Hardswish {
    #[inline(always)]
    fn apply<T: Float>(&self, x: T) -> T {
        x * Hardsigmoid.apply(x)
    }

    #[inline(always)]
    fn derivative<T: Float>(&self, x: T) -> T {
        let three = T::from_f64(3.0);
        let middle = x / three + T::from_f64(0.5);
        let left = if x <= -three { T::ZERO } else { middle };
        if x >= three { T::ONE } else { left }
    }
}
