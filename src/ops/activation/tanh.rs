//! [`Tanh`].

use crate::ops::Elementwise;
use crate::simd::Float;

/// tanh x = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ), in (−1, 1). tanh′ = 1 − tanh².
///
/// After [`torch.nn.Tanh`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Tanh.html).
///
/// ```
/// use adamant::prelude::*;
/// assert_eq!(Tanh.forward(&Tensor([-1e4f32, 0.0, 1e4])), Tensor([-1.0, 0.0, 1.0]));
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Tanh;

impl Tanh {
    /// The function; it has no settings.
    pub const fn new() -> Self {
        Self
    }
}

impl Elementwise for Tanh {
    #[inline(always)]
    fn apply<T: Float>(&self, x: T) -> T {
        x.tanh()
    }

    #[inline(always)]
    fn derivative<T: Float>(&self, x: T) -> T {
        self.derivative_given(x, x.tanh())
    }

    #[inline(always)]
    fn derivative_given<T: Float>(&self, _: T, y: T) -> T {
        T::ONE - y * y
    }
}
