//! The Kullback–Leibler divergence.

use super::element::weighted;
use super::{ElementLoss, Prediction, Reduce, element_loss};
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::Tensor;

struct KlDiv;

impl ElementLoss for KlDiv {
    #[inline]
    fn value<T: Float>(&self, p: T, y: T) -> T {
        if y == T::ZERO { weighted(y, p) } else { y * (y.ln() - p) }
    }

    #[inline]
    fn derivative<T: Float>(&self, _: T, y: T) -> T {
        -y
    }
}

/// The Kullback–Leibler divergence, element by element: y · (ln y − p), where the target y is a probability and the prediction p
/// a *logarithm* of one. Where y is 0 it is 0, also where p is −∞ (PyTorch's is NaN there).
///
/// *Shapes:* prediction and target `S`; the result a number, or `S` without a reduction. *The mean* divides by the number of
/// elements, as in PyTorch; [`Reduction::BatchMean`](super::Reduction::BatchMean), by the batch size, is the divergence of the
/// distributions. *Source:* [`kl_div()`](https://docs.pytorch.org/docs/stable/generated/torch.nn.KLDivLoss.html); its
/// `log_target=True` is [`kl_div_log_target()`].
///
/// ```
/// use adamant::prelude::*;
/// let mut p = Tensor([[0.5f64.ln(), 0.5f64.ln()]]);
/// let divergence = kl_div(&mut p, &Tensor([[1.0, 0.0]]), Reduction::BatchMean);
/// assert_eq!(divergence, 2f64.ln());
/// assert_eq!(p, Tensor([[-1.0, -0.0]])); // the gradient
/// ```
#[doc(alias = "KLDivLoss")]
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
        let weight = y.exp();
        if weight == T::ZERO { weighted(weight, p) } else { weight * (y - p) }
    }

    #[inline]
    fn derivative<T: Float>(&self, _: T, y: T) -> T {
        -y.exp()
    }
}

/// [`kl_div()`] of a target that is a logarithm of a probability, too: eʸ · (y − p), and 0 where eʸ is 0.
///
/// ```
/// use adamant::prelude::*;
/// let mut p = Tensor([[0.25f64.ln(), 0.75f64.ln()]]);
/// let y = Tensor([[0.5f64.ln(), 0.5f64.ln()]]);
/// let divergence = kl_div_log_target(&mut p, &y, Reduction::BatchMean);
/// assert!((divergence - 0.5 * (4.0 / 3.0f64).ln()).abs() < 1e-12);
/// ```
#[doc(alias = "log_target")]
#[inline]
pub fn kl_div_log_target<S: Shape<Elem: Float>, R: Reduce, P: Prediction<S>>(
    prediction: P,
    target: &Tensor<S>,
    reduction: R,
) -> P::Loss<R::Output<S>> {
    element_loss(&KlDivLogTarget, prediction, target, reduction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_happen_costs_nothing() {
        const INF: f32 = f32::INFINITY;
        for p in [-INF, -1.0, INF] {
            assert_eq!((KlDiv.value(p, 0.0), KlDiv.derivative(p, 0.0)), (0.0, 0.0), "{p}");
            for y in [-INF, -1000.0] {
                assert_eq!((KlDivLogTarget.value(p, y), KlDivLogTarget.derivative(p, y)), (0.0, 0.0), "{p} {y}");
            }
        }
        // What can happen and was not expected costs everything.
        assert_eq!((KlDiv.value(-INF, 0.5), KlDivLogTarget.value(-INF, -0.5)), (INF, INF));
        assert!(KlDiv.value(f32::NAN, 0.0).is_nan() && KlDivLogTarget.value(f32::NAN, -INF).is_nan());
        assert!(KlDiv.value(0.0, f32::NAN).is_nan() && KlDivLogTarget.value(0.0, f32::NAN).is_nan());
    }
}
