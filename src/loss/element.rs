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
    let divisor = S::Elem::from_usize(reduction.divisor::<S>());
    let factor = divisor.recip();
    let (mut predictions, mut targets) = (prediction.elements(), target.as_slice());
    let losses = reduction.reduce::<S>(divisor, |losses| {
        let (p, y) = (predictions.take(losses.len()), targets.take(losses.len()));
        simd::zip(p.values(), y, losses, |p, y| loss.value(p, y));
        p.overwrite(|p| simd::zip_in_place(p, y, |p, y| factor * loss.derivative(p, y)));
    });
    drop(predictions);
    prediction.loss(losses)
}

/// weight · x, and 0 where the weight is 0, whatever x is but NaN: a term that takes no part has no infinity to give. As
/// [`torch.xlogy`](https://docs.pytorch.org/docs/stable/special.html#torch.special.xlogy) has it for a logarithm x.
#[inline(always)]
pub(super) fn weighted<T: Float>(weight: T, x: T) -> T {
    // `&`, not `&&`: both sides are cheap, and the loop around stays without a branch.
    if (weight == T::ZERO) & !x.is_nan() { T::ZERO } else { weight * x }
}

/// max(z, 0), and its derivative, which is 1 at 0 as PyTorch's is.
#[inline(always)]
pub(super) fn hinge<T: Float>(z: T) -> (T, T) {
    let slope = if z < T::ZERO { T::ZERO } else { T::ONE };
    (z.maximum(T::ZERO), if z.is_nan() { z } else { slope })
}
