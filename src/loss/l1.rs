//! Absolute error.

use super::{ElementLoss, Prediction, Reduce, element_loss};
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::Tensor;

struct L1;

impl ElementLoss for L1 {
    #[inline]
    fn value<T: Float>(&self, p: T, y: T) -> T {
        (p - y).abs()
    }

    #[inline]
    fn derivative<T: Float>(&self, p: T, y: T) -> T {
        (p - y).signum()
    }
}

/// The absolute error |p − y|. Its derivative at 0 is 0.
///
/// *Shapes:* prediction and target `S`; the result a number, or `S` without a reduction. *The mean* divides by the number of
/// elements. *Source:* [`l1_loss()`](https://docs.pytorch.org/docs/stable/generated/torch.nn.L1Loss.html).
///
/// ```
/// use adamant::prelude::*;
/// let mut p = Tensor([1.5f32, 0.0]);
/// assert_eq!(l1_loss(&mut p, &Tensor([1.0, 2.0]), Reduction::Mean), 1.25);
/// assert_eq!(p, Tensor([0.5, -0.5])); // the gradient
/// ```
#[doc(alias = "L1Loss")]
#[inline]
pub fn l1_loss<S: Shape<Elem: Float>, R: Reduce, P: Prediction<S>>(
    prediction: P,
    target: &Tensor<S>,
    reduction: R,
) -> P::Loss<R::Output<S>> {
    element_loss(&L1, prediction, target, reduction)
}
