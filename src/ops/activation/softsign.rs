//! [`Softsign`].

use crate::ops::Elementwise;
use crate::simd::Float;

/// x / (1 + |x|), in (−1, 1). The derivative is 1 / (1 + |x|)². ±∞ gives NaN, as in PyTorch.
///
/// After [`torch.nn.Softsign`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Softsign.html).
///
/// ```
/// use adamant::prelude::*;
/// assert_eq!(Softsign.forward(&Tensor([-1.0f32, 0.0, 3.0])), Tensor([-0.5, 0.0, 0.75]));
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Softsign;

impl Softsign {
    /// The function; it has no settings.
    pub const fn new() -> Self {
        Self
    }
}

impl Elementwise for Softsign {
    #[inline(always)]
    fn apply<T: Float>(&self, x: T) -> T {
        x / (T::ONE + x.abs())
    }

    #[inline(always)]
    fn derivative<T: Float>(&self, x: T) -> T {
        let y = (T::ONE + x.abs()).recip();
        y * y
    }
}
