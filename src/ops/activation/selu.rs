//! [`Selu`].

use crate::ops::Elementwise;
use crate::simd::Float;

// The paper's equation 14.
const LAMBDA: f64 = 1.050_700_987_355_480_5;
const ALPHA: f64 = 1.673_263_242_354_377_2;

/// λ · x above 0, λ · α · (eˣ − 1) below, in (−λα, ∞), with λ ≈ 1.0507 and α ≈ 1.6733: activations keep mean 0 and variance 1.
///
/// The derivative at 0 is λα. G. Klambauer et al., *Self-normalizing neural networks*, 2017.
///
/// After [`torch.nn.SELU`](https://docs.pytorch.org/docs/stable/generated/torch.nn.SELU.html).
///
/// ```
/// use adamant::prelude::*;
/// let y = Selu.forward(&Tensor([-1.0f32, 2.0]));
/// assert!(y.all_close(&Tensor([-1.111331, 2.101402]), 1e-5, 0.0));
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Selu;

impl Selu {
    /// The function; it has no settings.
    pub const fn new() -> Self {
        Self
    }
}

impl Elementwise for Selu {
    #[inline(always)]
    fn apply<T: Float>(&self, x: T) -> T {
        if x > T::ZERO { T::from_f64(LAMBDA) * x } else { T::from_f64(LAMBDA * ALPHA) * x.exp_m1() }
    }

    #[inline(always)]
    fn derivative<T: Float>(&self, x: T) -> T {
        if x > T::ZERO { T::from_f64(LAMBDA) } else { T::from_f64(LAMBDA * ALPHA) * x.exp() }
    }
}
