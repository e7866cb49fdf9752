//! The Kullback–Leibler divergence.

use super::{ElementLoss, Prediction, Reduce, element_loss};
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::Tensor;

struct KlDiv;

impl ElementLoss for KlDiv {
    #[inline]
    fn value<T: Float>(&self, p: T, y: T) -> T {
        // y ln y tends to 0 with y.
        let y_ln_y = if y == T::ZERO { T::ZERO } else { y * y.ln() };
        y_ln_y - y * p
    }

    #[inline]
    fn derivative<T: Float>(&self, _: T, y: T) -> T {
        -y
    }
}

/// The Kullback–Leibler divergence, element by element: y · (ln y − p), where the target y is a probability and the prediction p
/// a *logarithm* of one (0 where y is 0).
///
/// *Shapes:* prediction and target `S`; the result a number, or `S` without a reduction. *The mean* divides by the number of
/// elements, as in PyTorch; [`Reduction::BatchMean`](super::Reduction::BatchMean), by the batch size, is the divergence of the
/// distributions. *Source:* [`kl_div`](https://docs.pytorch.org/docs/stable/generated/torch.nn.KLDivLoss.html); its
/// `log_target=True` is [`kl_div_log_target`].
///
/// ```
/// use adamant::prelude::*;
/// let mut p = Tensor([[0.5f64.ln(), 0.5f64.ln()]]);
/// let divergence = kl_div(&mut p, &Tensor([[1.0, 0.0]]), Reduction::BatchMean);
/// assert_eq!(divergence, 2f64.ln());
/// assert_eq!(p, Tensor([[-1.0, -0.0]])); // the gradient
/// ```
#[inline]
pub fn kl_div<S: Shape<Elem: Float>, R: Reduce, P: Prediction<S>>(
    prediction: P,
    target: &Tensor<S>,
    reduction: R,
) -> P::Loss<R::Output<S>> {
    element_loss(&KlDiv, prediction, target, reduction)
}

struct KlDivLogTarget;

impl ElementLoss for KlDivLogTarget {
    #[inline]
    fn value<T: Float>(&self, p: T, y: T) -> T {
        y.exp() * (y - p)
    }

    #[inline]
    fn derivative<T: Float>(&self, _: T, y: T) -> T {
        -y.exp()
    }
}

/// [`kl_div`] of a target that is a logarithm of a probability, too: eʸ · (y − p).
///
/// ```
/// use adamant::prelude::*;
/// let mut p = Tensor([[0.25f64.ln(), 0.75f64.ln()]]);
/// let y = Tensor([[0.5f64.ln(), 0.5f64.ln()]]);
/// let divergence = kl_div_log_target(&mut p, &y, Reduction::BatchMean);
/// assert!((divergence - 0.5 * (4.0 / 3.0f64).ln()).abs() < 1e-12);
/// ```
#[inline]
pub fn kl_div_log_target<S: Shape<Elem: Float>, R: Reduce, P: Prediction<S>>(
    prediction: P,
    target: &Tensor<S>,
    reduction: R,
) -> P::Loss<R::Output<S>> {
    element_loss(&KlDivLogTarget, prediction, target, reduction)
}
