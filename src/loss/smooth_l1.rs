//! Absolute error, rounded at 0.

use super::{ElementLoss, Prediction, Reduce, element_loss};
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::Tensor;

struct SmoothL1 {
    beta: f64,
}

impl ElementLoss for SmoothL1 {
    #[inline]
    fn value<T: Float>(&self, p: T, y: T) -> T {
        let (error, beta, half) = ((p - y).abs(), T::from_f64(self.beta), T::from_f64(0.5));
        if error < beta { half * error * (error / beta) } else { error - half * beta }
    }

    #[inline]
    fn derivative<T: Float>(&self, p: T, y: T) -> T {
        let (error, beta) = (p - y, T::from_f64(self.beta));
        // In this order a NaN, which fails the comparison, goes through the quotient.
        if error.abs() >= beta { error.signum() } else { error / beta }
    }
}

/// The absolute error with a parabola of width `beta` at its bottom: (p − y)² / 2β where |p − y| < β, else |p − y| − β/2.
///
/// With β = 0 it is [`l1_loss()`](super::l1_loss()); a negative β gives NaN. It is [`huber_loss()`](super::huber_loss()) over β.
///
/// *Shapes:* prediction and target `S`; the result a number, or `S` without a reduction. *The mean* divides by the number of
/// elements. *Source:* [`smooth_l1_loss()`](https://docs.pytorch.org/docs/stable/generated/torch.nn.SmoothL1Loss.html) (there β
/// is 1 unless given); Girshick, *Fast R-CNN*, 2015.
///
/// ```
/// use adamant::prelude::*;
/// let mut p = Tensor([1.5f32, 0.0]);
/// assert_eq!(smooth_l1_loss(&mut p, &Tensor([1.0, 2.0]), 1.0, Reduction::Sum), 0.125 + 1.5);
/// assert_eq!(p, Tensor([0.5, -1.0])); // the gradient
/// ```
#[doc(alias = "SmoothL1Loss")]
#[inline]
pub fn smooth_l1_loss<S: Shape<Elem: Float>, R: Reduce, P: Prediction<S>>(
    prediction: P,
    target: &Tensor<S>,
    beta: f64,
    reduction: R,
) -> P::Loss<R::Output<S>> {
    let beta = if beta >= 0.0 { beta } else { f64::NAN };
    element_loss(&SmoothL1 { beta }, prediction, target, reduction)
}
