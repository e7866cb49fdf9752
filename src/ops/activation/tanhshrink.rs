//! [`Tanhshrink`].

use crate::ops::Elementwise;
use crate::simd::Float;

/// x − tanh x, in (−∞, ∞). The derivative is tanh² x.
///
/// After [`torch.nn.Tanhshrink`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Tanhshrink.html).
///
/// ```
/// use adamant::prelude::*;
/// assert_eq!(Tanhshrink.forward(&Tensor([-1e4f32, 0.0, 1e4])), Tensor([-9999.0, 0.0, 9999.0]));
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Tanhshrink;

impl Tanhshrink {
    /// The function; it has no settings.
    pub const fn new() -> Self {
        Self
    }
}

impl Elementwise for Tanhshrink {
    #[inline(always)]
    fn apply<T: Float>(&self, x: T) -> T {
        x - x.tanh()
    }

    #[inline(always)]
    fn derivative<T: Float>(&self, x: T) -> T {
        let t = x.tanh();
        t * t
    }
}
