//! Yes or no: the cross entropy of a probability, and of a logit.

use super::{ElementLoss, Prediction, Reduce, element_loss};
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::Tensor;

struct Bce;

impl ElementLoss for Bce {
    #[inline]
    fn value<T: Float>(&self, p: T, y: T) -> T {
        let least = T::from_f64(-100.0);
        (y - T::ONE) * (-p).ln_1p().maximum(least) - y * p.ln().maximum(least)
    }

    #[inline]
    fn derivative<T: Float>(&self, p: T, y: T) -> T {
        (p - y) / ((T::ONE - p) * p).maximum(T::from_f64(1e-12))
    }
}

/// The binary cross entropy −(y · ln p + (1 − y) · ln(1 − p)) of a *probability* p in [0, 1].
///
/// The logarithms are not below −100, and the derivative's denominator p (1 − p) not below 10⁻¹², so that p = 0 and p = 1 have
/// finite losses and gradients, as in PyTorch. A p outside [0, 1] has a loss of NaN. Prefer
/// [`binary_cross_entropy_with_logits`], which needs no such bounds.
///
/// *Shapes:* prediction and target `S`; the result a number, or `S` without a reduction. *The mean* divides by the number of
/// elements. *Source:* [`binary_cross_entropy`](https://docs.pytorch.org/docs/stable/generated/torch.nn.BCELoss.html).
///
/// ```
/// use adamant::prelude::*;
/// let mut p = Tensor([0.5f64, 0.0]);
/// let losses = binary_cross_entropy(&mut p, &Tensor([1.0, 1.0]), Reduction::None);
/// assert!(losses.all_close(&Tensor([2f64.ln(), 100.0]), 1e-12, 0.0));
/// assert_eq!(p, Tensor([-2.0, -1e12])); // the gradient
/// ```
#[inline]
pub fn binary_cross_entropy<S: Shape<Elem: Float>, R: Reduce>(
    prediction: impl Prediction<S>,
    target: &Tensor<S>,
    reduction: R,
) -> R::Output<S> {
    element_loss(&Bce, prediction, target, reduction)
}

struct BceWithLogits;

impl ElementLoss for BceWithLogits {
    #[inline]
    fn value<T: Float>(&self, x: T, y: T) -> T {
        softplus(x) - x * y
    }

    #[inline]
    fn derivative<T: Float>(&self, x: T, y: T) -> T {
        x.sigmoid() - y
    }
}

/// ln(1 + eˣ), from e^-|x|, which cannot overflow.
#[inline]
pub(super) fn softplus<T: Float>(x: T) -> T {
    x.maximum(T::ZERO) + ln_1p((-x.abs()).exp())
}

/// ln(1 + z) for z in [0, 1], within 3 ulp: 2 artanh s with s = z / (2 + z) ≤ 1/3, by its power series. Without a branch or a
/// call, so that a loop over it vectorises.
#[inline(always)]
fn ln_1p<T: Float>(z: T) -> T {
    // (1/9)ⁿ / (2n + 1), the first term left out, is below half an ulp of 1.
    let terms = if T::EPSILON.to_f64() > 1e-10 { 8 } else { 16 };
    let s = z / (T::ONE + T::ONE + z);
    let square = s * s;
    let series = (0..terms).rev().fold(T::ZERO, |series, n| series.mul_add(square, T::from_usize(2 * n + 1).recip()));
    (s + s) * series
}

/// The binary cross entropy of a *logit* x, the probability being σ(x): max(x, 0) − x · y + ln(1 + e^−|x|), which neither
/// overflows nor takes a logarithm near 0.
///
/// *Shapes:* prediction and target `S`; the result a number, or `S` without a reduction. *The mean* divides by the number of
/// elements. *Source:*
/// [`binary_cross_entropy_with_logits`](https://docs.pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html).
///
/// ```
/// use adamant::prelude::*;
/// let mut x = Tensor([0.0f64, -1000.0]);
/// let losses = binary_cross_entropy_with_logits(&mut x, &Tensor([1.0, 1.0]), Reduction::None);
/// assert!(losses.all_close(&Tensor([2f64.ln(), 1000.0]), 1e-12, 0.0));
/// assert_eq!(x, Tensor([-0.5, -1.0])); // the gradient
/// ```
#[inline]
pub fn binary_cross_entropy_with_logits<S: Shape<Elem: Float>, R: Reduce>(
    prediction: impl Prediction<S>,
    target: &Tensor<S>,
    reduction: R,
) -> R::Output<S> {
    element_loss(&BceWithLogits, prediction, target, reduction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_series_is_the_logarithm() {
        for i in 0..=10_000 {
            let z = Float::exp(-0.005 * f64::from(i));
            let (exact, exact_single) = (Float::ln_1p(z), Float::ln_1p(f64::from(z as f32)));
            assert!((ln_1p(z) - exact).abs() <= 3.0 * f64::EPSILON * exact, "{z}");
            assert!((f64::from(ln_1p(z as f32)) - exact_single).abs() <= 3.0 * f64::from(f32::EPSILON) * exact_single, "{z}");
        }
        assert_eq!((ln_1p(0.0f32), ln_1p(1e-40f32), ln_1p(5e-324f64)), (0.0, 1e-40, 5e-324));
        assert!(ln_1p(f32::NAN).is_nan());
    }
}
