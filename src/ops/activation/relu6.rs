//! [`Relu6`].

use super::clamp;
use crate::ops::Elementwise;
use crate::simd::Float;

/// min(max(x, 0), 6), in [0, 6]. The derivative at 0 and at 6 is 0.
///
/// A. Howard et al., *MobileNets*, 2017.
///
/// After [`torch.nn.ReLU6`](https://docs.pytorch.org/docs/stable/generated/torch.nn.ReLU6.html).
///
/// ```
/// use adamant::prelude::*;
/// assert_eq!(Relu6.forward(&Tensor([-1.0f32, 2.0, 8.0])), Tensor([0.0, 2.0, 6.0]));
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Relu6;

impl Relu6 {
    /// The function; it has no settings.
    pub const fn new() -> Self {
        Self
    }
}

impl Elementwise for Relu6 {
    #[inline(always)]
    fn apply<T: Float>(&self, x: T) -> T {
        clamp(x, T::ZERO, T::from_f64(6.0))
    }

    #[inline(always)]
    fn derivative<T: Float>(&self, x: T) -> T {
        // `|`, not `||`: no branch in the loop around it.
        if (x <= T::ZERO) | (x >= T::from_f64(6.0)) { T::ZERO } else { T::ONE }
    }
}
