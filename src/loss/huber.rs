//! Squared error, straight where it is large.

use super::{ElementLoss, Prediction, Reduce, element_loss};
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::Tensor;

struct Huber {
    delta: f64,
}

impl ElementLoss for Huber {
    #[inline]
    fn value<T: Float>(&self, p: T, y: T) -> T {
        let (error, delta, half) = ((p - y).abs(), T::from_f64(self.delta), T::from_f64(0.5));
        if error <= delta { half * error * error } else { delta * (error - half * delta) }
    }

    #[inline]
    fn derivative<T: Float>(&self, p: T, y: T) -> T {
        let (error, delta) = (p - y, T::from_f64(self.delta));
        if error.abs() <= delta { error } else { delta * error.signum() }
    }
}

/// Half the squared error up to `delta`, from there on a straight line: (p − y)² / 2 where |p − y| ≤ δ, else
/// δ · (|p − y| − δ/2).
///
/// A δ that is not positive gives NaN.
///
/// *Shapes:* prediction and target `S`; the result a number, or `S` without a reduction. *The mean* divides by the number of
/// elements. *Source:* [`huber_loss()`](https://docs.pytorch.org/docs/stable/generated/torch.nn.HuberLoss.html) (there δ is 1
/// unless given); Huber, *Robust Estimation of a Location Parameter*, 1964.
///
/// ```
/// use adamant::prelude::*;
/// let mut p = Tensor([1.5f32, 0.0]);
/// assert_eq!(huber_loss(&mut p, &Tensor([1.0, 2.0]), 0.5, Reduction::Sum), 0.125 + 0.875);
/// assert_eq!(p, Tensor([0.5, -0.5])); // the gradient
/// ```
#[doc(alias = "HuberLoss")]
#[inline]
pub fn huber_loss<S: Shape<Elem: Float>, R: Reduce, P: Prediction<S>>(
    prediction: P,
    target: &Tensor<S>,
    delta: f64,
    reduction: R,
) -> P::Loss<R::Output<S>> {
    let delta = if delta > 0.0 { delta } else { f64::NAN };
    element_loss(&Huber { delta }, prediction, target, reduction)
}
