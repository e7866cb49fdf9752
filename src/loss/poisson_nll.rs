//! Counts, from their rate.

use super::element::weighted;
use super::settings::settings;
use super::{ElementLoss, Prediction, Reduce, element_loss};
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::Tensor;

settings! {
    /// [`poisson_nll_loss()`] with settings: a rate instead of its logarithm, the target's own term.
    ///
    /// With `log_input` the loss is eᵖ − y · p, without it p − y · ln(p + ε). `full` adds Stirling's approximation of ln y!, which is
    /// y ln y − y + ½ ln 2πy, where y > 1.
    ///
    /// *Shapes:* prediction and target `S`; the result a number, or `S` without a reduction. *The mean* divides by the number of
    /// elements. *Source:* [`PoissonNLLLoss`](https://docs.pytorch.org/docs/stable/generated/torch.nn.PoissonNLLLoss.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let mut rate = Tensor([2.0f64]);
    /// let loss = PoissonNll::new().log_input(false).full(true).loss(&mut rate, &Tensor([4.0]), Reduction::Sum);
    /// let factorial = 4.0 * 4f64.ln() - 4.0 + 0.5 * (8.0 * std::f64::consts::PI).ln();
    /// assert!((*loss - (2.0 - 4.0 * 2f64.ln() + factorial)).abs() < 1e-7);
    /// assert!(rate.all_close(&Tensor([1.0 - 4.0 / 2.0]), 1e-7, 0.0)); // the gradient
    /// ```
    #[doc(alias = "PoissonNLLLoss")]
    PoissonNll;

    /// The logarithm of the rate, without the target's own term: [`poisson_nll_loss()`].
    new {
        /// Whether the prediction is the logarithm of the rate (so it is unless told) or the rate itself.
        log_input: bool = true,
        /// Whether to add the target's own term, which has no gradient.
        full: bool = false,
        /// What is added to a rate before its logarithm is taken: 10⁻⁸ unless told.
        eps: f64 = 1e-8,
    }
}

impl PoissonNll {
    /// The loss of a prediction.
    #[inline]
    pub fn loss<S: Shape<Elem: Float>, R: Reduce, P: Prediction<S>>(
        self,
        prediction: P,
        target: &Tensor<S>,
        reduction: R,
    ) -> P::Loss<R::Output<S>> {
        element_loss(&self, prediction, target, reduction)
    }
}

impl ElementLoss for PoissonNll {
    #[inline]
    fn value<T: Float>(&self, p: T, y: T) -> T {
        let (rate, log) = if self.log_input { (p.exp(), p) } else { (p, (p + T::from_f64(self.eps)).ln()) };
        let loss = rate - weighted(y, log);
        if self.full { loss + stirling(y) } else { loss }
    }

    #[inline]
    fn derivative<T: Float>(&self, p: T, y: T) -> T {
        if self.log_input { p.exp() - y } else { T::ONE - y / (p + T::from_f64(self.eps)) }
    }
}

/// ln y!, nearly, and 0 up to 1.
#[inline]
fn stirling<T: Float>(y: T) -> T {
    let term = y * y.ln() - y + T::from_f64(0.5) * ((T::PI + T::PI) * y).ln();
    if y <= T::ONE { T::ZERO } else { term }
}

/// The negative log-likelihood of a count y under a Poisson distribution whose rate has the *logarithm* p, but for ln y!:
/// eᵖ − y · p. Where y is 0 it is 0 at p = −∞ (PyTorch's is NaN there).
///
/// A prediction of the rate itself and the term of ln y! are settings: [`PoissonNll`].
///
/// *Shapes:* prediction and target `S`; the result a number, or `S` without a reduction. *The mean* divides by the number of
/// elements. *Source:* [`poisson_nll_loss()`](https://docs.pytorch.org/docs/stable/generated/torch.nn.PoissonNLLLoss.html).
///
/// ```
/// use adamant::prelude::*;
/// let mut p = Tensor([0.0f32, 1.0]);
/// let losses = poisson_nll_loss(&mut p, &Tensor([3.0, 1.0]), Reduction::None);
/// assert!(losses.all_close(&Tensor([1.0, 1f32.exp() - 1.0]), 1e-6, 0.0));
/// assert!(p.all_close(&Tensor([-2.0, 1f32.exp() - 1.0]), 1e-6, 0.0)); // the gradient
/// ```
#[doc(alias = "PoissonNLLLoss")]
#[inline]
pub fn poisson_nll_loss<S: Shape<Elem: Float>, R: Reduce, P: Prediction<S>>(
    prediction: P,
    target: &Tensor<S>,
    reduction: R,
) -> P::Loss<R::Output<S>> {
    PoissonNll::new().loss(prediction, target, reduction)
}

#[cfg(test)]
mod tests {
    use super::*;

    const INF: f32 = f32::INFINITY;

    #[test]
    fn what_does_not_happen_and_is_not_expected_costs_nothing() {
        let log = PoissonNll::new();
        assert_eq!((log.value(-INF, 0.0), log.derivative(-INF, 0.0)), (0.0, 0.0));
        assert_eq!((log.value(-INF, 2.0), log.derivative(-INF, 2.0)), (INF, -2.0));
        assert_eq!((log.value(INF, 0.0), log.derivative(INF, 0.0)), (INF, INF));
        let rate = log.log_input(false);
        assert_eq!((rate.value(0.0f32, 0.0), rate.derivative(0.0f32, 0.0)), (0.0, 1.0));
        assert_eq!((rate.value(INF, 0.0), rate.derivative(INF, 3.0)), (INF, 1.0));
    }

    #[test]
    fn nan_stays() {
        for loss in [PoissonNll::new(), PoissonNll::new().log_input(false), PoissonNll::new().full(true)] {
            for (p, y) in [(f32::NAN, 0.0), (f32::NAN, 2.0), (1.0, f32::NAN)] {
                assert!(loss.value(p, y).is_nan() && loss.derivative(p, y).is_nan(), "{loss:?} {p} {y}");
            }
        }
        assert!(PoissonNll::new().log_input(false).value(-1.0f32, 1.0).is_nan(), "a negative rate");
    }

    #[test]
    fn the_full_loss_has_stirlings_term_above_one() {
        let full = PoissonNll::new().full(true);
        assert_eq!(full.value(0.5f64, 1.0), PoissonNll::new().value(0.5f64, 1.0));
        let ten = full.value(0.0f64, 10.0) - PoissonNll::new().value(0.0f64, 10.0);
        assert!((ten - 3_628_800f64.ln()).abs() < 0.01);
    }
}
