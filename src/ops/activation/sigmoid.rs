//! [`Sigmoid`].

use super::sigmoid_pair;
use crate::ops::Elementwise;
use crate::simd::Float;

/// σ(x) = 1 / (1 + e⁻ˣ), in (0, 1). σ′(x) = σ(x) · σ(−x), with its digits in both tails.
///
/// After [`torch.nn.Sigmoid`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Sigmoid.html).
///
/// ```
/// use adamant::prelude::*;
/// assert_eq!(Sigmoid.forward(&Tensor([-1e4f32, 0.0, 1e4])), Tensor([0.0, 0.5, 1.0]));
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Sigmoid;

impl Sigmoid {
    /// The function; it has no settings.
    pub const fn new() -> Self {
        Self
    }
}

impl Elementwise for Sigmoid {
    #[inline(always)]
    fn apply<T: Float>(&self, x: T) -> T {
        sigmoid_pair(x).0
    }

    #[inline(always)]
    fn derivative<T: Float>(&self, x: T) -> T {
        let (sigmoid, complement) = sigmoid_pair(x);
        sigmoid * complement
    }
}
