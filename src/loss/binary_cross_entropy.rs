//! Yes or no: the cross entropy of a probability, and of a logit.

use super::{ElementLoss, Prediction, Reduce, element_loss};
use crate::ops::activation::ln_1p_exp;
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
pub fn binary_cross_entropy<S: Shape<Elem: Float>, R: Reduce, P: Prediction<S>>(
    prediction: P,
    target: &Tensor<S>,
    reduction: R,
) -> P::Loss<R::Output<S>> {
    element_loss(&Bce, prediction, target, reduction)
}

struct BceWithLogits;

impl ElementLoss for BceWithLogits {
    #[inline]
    fn value<T: Float>(&self, x: T, y: T) -> T {
        ln_1p_exp(x) - x * y
    }

    #[inline]
    fn derivative<T: Float>(&self, x: T, y: T) -> T {
        x.sigmoid() - y
    }
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
pub fn binary_cross_entropy_with_logits<S: Shape<Elem: Float>, R: Reduce, P: Prediction<S>>(
    prediction: P,
    target: &Tensor<S>,
    reduction: R,
) -> P::Loss<R::Output<S>> {
    element_loss(&BceWithLogits, prediction, target, reduction)
}
