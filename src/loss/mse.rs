//! Squared error.

use super::{ElementLoss, Prediction, Reduce, element_loss};
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::Tensor;

struct Mse;

impl ElementLoss for Mse {
    #[inline]
    fn value<T: Float>(&self, p: T, y: T) -> T {
        (p - y) * (p - y)
    }

    #[inline]
    fn derivative<T: Float>(&self, p: T, y: T) -> T {
        (p - y) + (p - y)
    }
}

/// The squared error (p − y)².
///
/// *Shapes:* prediction and target `S`; the result a number, or `S` without a reduction. *The mean* divides by the number of
/// elements. *Source:* [`mse_loss()`](https://docs.pytorch.org/docs/stable/generated/torch.nn.MSELoss.html).
///
/// ```
/// use adamant::prelude::*;
/// let y = Tensor([1.0f32, 2.0]);
/// let mut p = Tensor([1.5, 0.0]);
/// assert_eq!(mse_loss(&p, &y, Reduction::None), Tensor([0.25, 4.0]));
/// assert_eq!(mse_loss(&p, &y, Reduction::Sum), 4.25);
/// assert_eq!(mse_loss(&mut p, &y, Reduction::Mean), 2.125);
/// assert_eq!(p, Tensor([0.5, -2.0])); // the gradient
/// ```
///
/// Shapes that differ do not compile:
///
/// ```compile_fail,E0308
/// use adamant::prelude::*;
/// mse_loss(&Tensor([1.0f32, 2.0]), &Tensor([1.0f32, 2.0, 3.0]), Reduction::Mean);
/// ```
#[doc(alias = "MSELoss")]
#[inline]
pub fn mse_loss<S: Shape<Elem: Float>, R: Reduce, P: Prediction<S>>(
    prediction: P,
    target: &Tensor<S>,
    reduction: R,
) -> P::Loss<R::Output<S>> {
    element_loss(&Mse, prediction, target, reduction)
}
