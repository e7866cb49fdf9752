//! A mean and a variance.

use super::joint::{JointLoss, Roles, joint_loss};
use super::prediction::{Cells, Elements};
use super::settings::settings;
use super::{Prediction, Reduce};
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::Tensor;

settings! {
    /// [`gaussian_nll_loss()`] with settings: the constant term, the least variance.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let (mean, variance) = (Tensor([1.0f64]), Tensor([4.0]));
    /// let loss = GaussianNll::new().full(true).loss(&mean, &variance, &Tensor([3.0]), Reduction::Sum);
    /// let density = (-(3f64 - 1.0).powi(2) / 8.0).exp() / (8.0 * std::f64::consts::PI).sqrt();
    /// assert!((loss + density.ln()).abs() < 1e-12);
    /// ```
    #[doc(alias = "GaussianNLLLoss")]
    GaussianNll;

    /// Without the constant, variances from 10⁻⁶ on: [`gaussian_nll_loss()`].
    new {
        /// Whether to add the constant ½ ln 2π.
        full: bool = false,
        /// What a smaller variance counts as: 10⁻⁶ unless told.
        eps: f64 = 1e-6,
    }
}

impl GaussianNll {
    /// The loss of a prediction.
    #[inline]
    pub fn loss<S: Shape<Elem: Float>, R: Reduce, P: Prediction<S>, V: Prediction<S>>(
        self,
        mut mean: P,
        mut variance: V,
        target: &Tensor<S>,
        reduction: R,
    ) -> <(P, V) as Roles>::Outcome<R::Output<S>>
    where
        (P, V): Roles,
    {
        let (mut means, mut variances) = (mean.elements(), variance.elements());
        let cells = [means.cells(), variances.cells(), Cells::Read(target.as_slice())];
        let losses = joint_loss::<S, R, 3>(&self, cells, reduction);
        drop((means, variances));
        (mean, variance).outcome(losses)
    }

    /// The variance that counts: NaN for a negative one, which is none.
    #[inline]
    fn bounded<T: Float>(&self, variance: T) -> T {
        let least = if variance < T::ZERO { T::NAN } else { T::from_f64(self.eps) };
        variance.maximum(least)
    }
}

impl JointLoss<3> for GaussianNll {
    #[inline]
    fn value<T: Float>(&self, [mean, variance, y]: [T; 3]) -> T {
        let (variance, error, half) = (self.bounded(variance), mean - y, T::from_f64(0.5));
        let loss = half * (variance.ln() + error * (error / variance));
        if self.full { loss + half * (T::PI + T::PI).ln() } else { loss }
    }

    #[inline]
    fn derivatives<T: Float>(&self, [mean, variance, y]: [T; 3]) -> [T; 3] {
        let (variance, error, half) = (self.bounded(variance), mean - y, T::from_f64(0.5));
        let slope = error / variance;
        [slope, half * (variance.recip() - slope * slope), T::ZERO]
    }
}

/// The negative log-likelihood of y under a normal distribution with mean μ and variance v, both predicted, but for a constant:
/// ½ (ln v + (μ − y)² / v).
///
/// A variance below 10⁻⁶ counts as 10⁻⁶, in the gradient too, so that v = 0 has finite ones. A negative one is none: NaN (PyTorch
/// refuses it). Another bound and the constant are settings: [`GaussianNll`].
///
/// *Shapes:* mean, variance and target `S`; the result a number, or `S` without a reduction. Mean and variance are overwritten by
/// their gradients or only read, each as it is given. *The mean* divides by the number of elements.
///
/// *Source:* [`gaussian_nll_loss()`](https://docs.pytorch.org/docs/stable/generated/torch.nn.GaussianNLLLoss.html); Nix and Weigend,
/// *Estimating the Mean and Variance of the Target Probability Distribution*, 1994.
///
/// ```
/// use adamant::prelude::*;
/// let (mut mean, mut variance) = (Tensor([1.0f32]), Tensor([2.0f32]));
/// let loss = gaussian_nll_loss(&mut mean, &mut variance, &Tensor([3.0]), Reduction::Mean);
/// assert_eq!(loss, 0.5 * (2f32.ln() + 2.0));
/// assert_eq!((mean, variance), (Tensor([-1.0]), Tensor([-0.25]))); // the gradients
/// ```
#[doc(alias = "GaussianNLLLoss")]
#[inline]
pub fn gaussian_nll_loss<S: Shape<Elem: Float>, R: Reduce, P: Prediction<S>, V: Prediction<S>>(
    mean: P,
    variance: V,
    target: &Tensor<S>,
    reduction: R,
) -> <(P, V) as Roles>::Outcome<R::Output<S>>
where
    (P, V): Roles,
{
    GaussianNll::new().loss(mean, variance, target, reduction)
}

#[cfg(test)]
mod tests {
    use super::*;

    const INF: f32 = f32::INFINITY;

    #[test]
    fn small_variances_count_as_the_least() {
        let loss = GaussianNll::new().eps(0.25);
        for variance in [0.0f32, -0.0, 0.1, 0.25] {
            assert_eq!(loss.value([1.0, variance, 2.0]), 0.5 * (0.25f32.ln() + 4.0));
            assert_eq!(loss.derivatives([1.0, variance, 2.0]), [-4.0, -6.0, 0.0]);
        }
    }

    #[test]
    fn what_is_no_variance_is_nan() {
        let loss = GaussianNll::new();
        for x in [[1.0, -1.0, 1.0], [1.0, f32::NAN, 1.0], [f32::NAN, 1.0, 1.0], [1.0, 1.0, f32::NAN]] {
            assert!(loss.value(x).is_nan() && loss.derivatives(x).iter().take(2).all(|d| d.is_nan()) || x[1] == 1.0, "{x:?}");
            assert!(loss.derivatives(x)[1].is_nan());
        }
        assert_eq!((loss.value([INF, 1.0, 0.0]), loss.derivatives([INF, 1.0, 0.0])), (INF, [INF, -INF, 0.0]));
        assert_eq!((loss.value([1.0, INF, 0.0]), loss.derivatives([1.0, INF, 0.0])), (INF, [0.0, 0.0, 0.0]));
    }
}
