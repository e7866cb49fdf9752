//! [`Relu`].

use crate::ops::Elementwise;
use crate::simd::Float;

/// max(x, 0), in [0, ∞). NaN stays NaN; the derivative at 0 is 0.
///
/// After [`torch.nn.ReLU`](https://docs.pytorch.org/docs/stable/generated/torch.nn.ReLU.html).
///
/// ```
/// use adamant::prelude::*;
/// assert_eq!(Relu.forward(&Tensor([-1.0f32, 2.0])), Tensor([0.0, 2.0]));
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Relu;

impl Relu {
    /// The function; it has no settings.
    pub const fn new() -> Self {
        Self
    }
}

impl Elementwise for Relu {
    #[inline(always)]
    fn apply<T: Float>(&self, x: T) -> T {
        if x <= T::ZERO { T::ZERO } else { x }
    }

    #[inline(always)]
    fn derivative<T: Float>(&self, x: T) -> T {
        if x <= T::ZERO { T::ZERO } else { T::ONE }
    }
}
