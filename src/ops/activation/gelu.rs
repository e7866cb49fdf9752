//! [`Gelu`].

use core::f64::consts::FRAC_1_SQRT_2;

use super::clamp;
use crate::ops::Elementwise;
use crate::simd::Float;

/// x · Φ(x), in [−0.17, ∞), where Φ(x) = (1 + erf(x / √2)) / 2 is the normal distribution's; [`GeluTanh`](super::GeluTanh) is
/// the faster approximation.
///
/// The derivative is Φ(x) + x · φ(x) with the density φ(x) = e^(−x² / 2) / √2π. −∞ gives NaN, as in PyTorch. D. Hendrycks and
/// K. Gimpel, *Gaussian error linear units (GELUs)*, 2016.
///
/// After [`torch.nn.GELU`](https://docs.pytorch.org/docs/stable/generated/torch.nn.GELU.html).
///
/// ```
/// use adamant::prelude::*;
/// let y = Gelu.forward(&Tensor([-1.0f32, 0.0, 1.0]));
/// assert!(y.all_close(&Tensor([-0.158655, 0.0, 0.841345]), 1e-5, 0.0));
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Gelu;

impl Gelu {
    /// The function; it has no settings.
    pub const fn new() -> Self {
        Self
    }
}

impl Elementwise for Gelu {
    #[inline(always)]
    fn apply<T: Float>(&self, x: T) -> T {
        x * normal_cdf(x)
    }

    #[inline(always)]
    fn derivative<T: Float>(&self, x: T) -> T {
        self.apply_with_derivative(x).1
    }

    /// Written out because the compiler does not see that two calls of `erf` return the same.
    #[inline(always)]
    fn apply_with_derivative<T: Float>(&self, x: T) -> (T, T) {
        let cdf = normal_cdf(x);
        // A bound keeps x² finite; the density is 0 long before.
        let bounded = clamp(x, T::from_f64(-100.0), T::from_f64(100.0));
        let density = (bounded * bounded * T::from_f64(-0.5)).exp() * T::from_f64(FRAC_1_SQRT_2 / SQRT_PI);
        (x * cdf, bounded.mul_add(density, cdf))
    }
}

const SQRT_PI: f64 = 1.772_453_850_905_516;

/// Φ(x).
#[inline(always)]
fn normal_cdf<T: Float>(x: T) -> T {
    let half = T::from_f64(0.5);
    (x * T::from_f64(FRAC_1_SQRT_2)).erf().mul_add(half, half)
}
