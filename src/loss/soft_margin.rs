//! Two classes, −1 and 1.

use super::{ElementLoss, Prediction, Reduce, element_loss};
use crate::ops::activation::ln_1p_exp;
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::Tensor;

struct SoftMargin;

impl ElementLoss for SoftMargin {
    #[inline]
    fn value<T: Float>(&self, p: T, y: T) -> T {
        ln_1p_exp(-y * p)
    }

    #[inline]
    fn derivative<T: Float>(&self, p: T, y: T) -> T {
        -y * (-y * p).sigmoid()
    }
}

/// The logistic loss ln(1 + e^(−y·p)) of a target y that is −1 or 1. It does not overflow, where PyTorch's does.
///
/// *Shapes:* prediction and target `S`; the result a number, or `S` without a reduction. *The mean* divides by the number of
/// elements. *Source:* [`soft_margin_loss()`](https://docs.pytorch.org/docs/stable/generated/torch.nn.SoftMarginLoss.html).
///
/// ```
/// use adamant::prelude::*;
/// let mut p = Tensor([0.0f64, -1000.0]);
/// let losses = soft_margin_loss(&mut p, &Tensor([1.0, 1.0]), Reduction::None);
/// assert!(losses.all_close(&Tensor([2f64.ln(), 1000.0]), 1e-12, 0.0));
/// assert_eq!(p, Tensor([-0.5, -1.0])); // the gradient
/// ```
#[doc(alias = "SoftMarginLoss")]
#[inline]
pub fn soft_margin_loss<S: Shape<Elem: Float>, R: Reduce, P: Prediction<S>>(
    prediction: P,
    target: &Tensor<S>,
    reduction: R,
) -> P::Loss<R::Output<S>> {
    element_loss(&SoftMargin, prediction, target, reduction)
}
