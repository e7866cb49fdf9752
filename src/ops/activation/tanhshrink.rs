//! [`Tanhshrink`].

use crate::ops::Elementwise;
use crate::simd::Float;

/// x − tanh x, in (−∞, ∞), about x³/3 near 0, where it keeps its digits. The derivative is tanh² x.
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
        let near = shrunk_near_zero(x);
        if x.abs() < T::ONE { near } else { x - x.tanh() }
    }

    #[inline(always)]
    fn derivative<T: Float>(&self, x: T) -> T {
        let t = x.tanh();
        t * t
    }
}

/// x − tanh x for |x| < 1, where the difference would cancel.
///
/// From Lambert's continued fraction tanh x = x / (1 + w) with w = x² / (3 + x² / (5 + x² / (7 + …))): x − tanh x = x · w / (1 + w).
/// It is evaluated from its end as one quotient; what is left out is below 2⁻²⁹ of the result with 5 terms and 2⁻⁶² with 9.
#[inline(always)]
fn shrunk_near_zero<T: Float>(x: T) -> T {
    let square = x * x;
    let terms: usize = if size_of::<T>() == 4 { 5 } else { 9 };
    let (mut over, mut under) = (T::from_usize(2 * terms + 1), T::ONE);
    for term in (1..terms).rev() {
        (over, under) = (T::from_usize(2 * term + 1).mul_add(over, square * under), over);
    }
    let w_over = square * under;
    x * (w_over / (over + w_over))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error<T: Float>(x: f64, right: f64) -> f64 {
        (Tanhshrink.apply(T::from_f64(x)).to_f64() / right - 1.0).abs() / T::EPSILON.to_f64()
    }

    /// References: 50 digits.
    #[test]
    fn small_numbers_keep_their_digits() {
        for (x, right) in [
            (9.313_225_746_154_785e-10, 2.692_645_223_154_387e-28),
            (0.000_976_562_5, 3.104_407_397_814_159e-10),
            (0.0625, 8.125_325_248_748_551e-05),
            (0.25, 0.005_081_337_596_290_871),
            (0.5, 0.037_882_842_739_990_24),
            (0.75, 0.114_851_047_612_712_68),
            (0.9375, 0.203_428_480_395_658_5),
            (1.0, 0.238_405_844_044_235_12),
            (1.25, 0.401_716_360_042_487_1),
            (2.0, 1.035_972_419_924_183),
            (5.0, 4.000_090_795_737_405),
        ] {
            let (single, double) = (error::<f32>(x, right).max(error::<f32>(-x, -right)), error::<f64>(x, right));
            println!("tanhshrink at {x}: {single:.2} and {double:.2} epsilons");
            assert!(single < 2.0 && double < 2.0, "at {x}: {single} and {double} epsilons");
        }
        assert_eq!(Tanhshrink.apply(-0.0f32).to_bits(), (-0.0f32).to_bits());
    }
}
