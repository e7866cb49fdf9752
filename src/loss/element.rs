//! Losses that work on each element by itself.

use super::prediction::Elements;
use super::{Prediction, Reduce};
use crate::shape::Shape;
use crate::simd::{self, Float};
use crate::tensor::Tensor;

/// A loss of one number p and its target y, and its derivative with respect to p.
///
/// ```
/// use adamant::loss::element_loss;
/// use adamant::prelude::*;
///
/// /// log cosh(p − y)
/// struct LogCosh;
///
/// impl ElementLoss for LogCosh {
///     fn value<T: Float>(&self, p: T, y: T) -> T {
///         ((p - y).exp() + (y - p).exp()).ln() - T::from_f64(core::f64::consts::LN_2)
///     }
///
///     fn derivative<T: Float>(&self, p: T, y: T) -> T {
///         (p - y).tanh()
///     }
/// }
///
/// let mut p = Tensor([1.0f32, 3.0]);
/// let loss = element_loss(&LogCosh, &mut p, &Tensor([1.0, 3.0]), Reduction::Mean);
/// assert!(loss.abs() < 1e-6);
/// assert_eq!(p, Tensor([0.0, 0.0]));
/// ```
pub trait ElementLoss {
    /// ℓ(p, y).
    fn value<T: Float>(&self, p: T, y: T) -> T;

    /// ∂ℓ/∂p.
    fn derivative<T: Float>(&self, p: T, y: T) -> T;
}

/// The losses ℓ(pᵢ, yᵢ), reduced; leaves ∂ℓ/∂p over what the reduction divides by in a prediction that may be overwritten.
///
/// *Shapes:* the prediction and the target `S`; the result a number, or `S` without a reduction.
#[inline]
pub fn element_loss<S: Shape<Elem: Float>, R: Reduce, P: Prediction<S>>(
    loss: &impl ElementLoss,
    mut prediction: P,
    target: &Tensor<S>,
    reduction: R,
) -> P::Loss<R::Output<S>> {
    let factor = S::Elem::from_usize(reduction.divisor::<S>()).recip();
    let (mut predictions, mut targets) = (prediction.elements(), target.as_slice());
    let losses = reduction.reduce::<S>(|losses| {
        let (p, y) = (predictions.take(losses.len()), targets.take(losses.len()));
        simd::zip(p.values(), y, losses, |p, y| loss.value(p, y));
        p.overwrite(|p| simd::zip_in_place(p, y, |p, y| factor * loss.derivative(p, y)));
    });
    drop(predictions);
    prediction.loss(losses)
}
