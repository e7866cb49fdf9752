//! Angles of like and unlike pairs.

use super::class::PerRow;
use super::element::hinge;
use super::joint::{Roles, overwrite_together};
use super::prediction::Elements;
use super::settings::settings;
use super::{Prediction, Reduce};
use crate::shape::{Axis, Shape};
use crate::simd::{self, Float};
use crate::tensor::Tensor;

settings! {
    /// [`cosine_embedding_loss()`] with a margin: an unlike pair costs max(0, cos(a, b) − margin).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let (a, b) = (Tensor([[3.0f64, 4.0]]), Tensor([[4.0, 3.0]]));
    /// let loss = CosineEmbedding::new().margin(0.5).loss(&a, &b, &Tensor([-1.0]), Reduction::Mean);
    /// assert!((loss - (0.96 - 0.5)).abs() < 1e-12);
    /// ```
    #[doc(alias = "CosineEmbeddingLoss")]
    CosineEmbedding;

    /// No margin: [`cosine_embedding_loss()`].
    new {
        /// Up to which cosine an unlike pair costs nothing: from −1 to 1, best from 0 to 0.5.
        margin: f64 = 0.0,
    }
}

impl CosineEmbedding {
    /// The loss of two predictions.
    #[inline]
    pub fn loss<S: Shape<Elem: Float> + Axis<-1>, R: Reduce, P: Prediction<S>, Q: Prediction<S>>(
        self,
        mut a: P,
        mut b: Q,
        target: &Tensor<PerRow<S>>,
        reduction: R,
    ) -> <(P, Q) as Roles>::Outcome<R::Output<PerRow<S>>>
    where
        (P, Q): Roles,
    {
        let divisor = S::Elem::from_usize(reduction.divisor::<PerRow<S>>());
        let factor = divisor.recip();
        let (mut left, mut right) = (a.elements(), b.elements());
        let (mut cells, mut targets) = ([left.cells(), right.cells()], target.as_slice().iter());
        let losses = reduction.reduce::<PerRow<S>>(divisor, |losses| {
            for (value, &y) in losses.iter_mut().zip(&mut targets) {
                let rows = cells.each_mut().map(|cells| cells.take(S::SIZE));
                let [u, v] = rows.each_ref().map(|row| row.values());
                let [u, v, cosine] = cosine(u, v);
                let (loss, slope) = self.of(cosine, y);
                *value = loss;
                // ∂cos/∂a = (b / |b| − cos · a / |a|) / |a|
                let slope = factor * slope;
                overwrite_together(rows, |[a, b]| {
                    let (a, b) = (a * u, b * v);
                    [slope * u * (b - cosine * a), slope * v * (a - cosine * b)]
                });
            }
        });
        drop((left, right));
        (a, b).outcome(losses)
    }

    /// The loss, and its derivative with respect to the cosine.
    #[inline]
    fn of<T: Float>(&self, cosine: T, y: T) -> (T, T) {
        if y == T::ONE {
            (T::ONE - cosine, -T::ONE)
        } else if y == -T::ONE {
            hinge(cosine - T::from_f64(self.margin))
        } else if y.is_nan() {
            (y, y)
        } else {
            (T::ZERO, T::ZERO)
        }
    }
}

/// 1 / |a|, 1 / |b| and the cosine between them. A little is added to the squares, so that 0 has a cosine (0) and a gradient, as in
/// PyTorch.
#[inline]
fn cosine<T: Float>(a: &[T], b: &[T]) -> [T; 3] {
    let [u, v] = [a, b].map(|x| (simd::sum_squares(x) + T::from_f64(1e-12)).rsqrt());
    [u, v, simd::dot(a, b) * u * v]
}

/// How far the angle between two vectors is from what y asks for: 1 − cos(a, b) for y = 1, alike; max(0, cos(a, b)) for y = −1, not
/// alike. Any other y makes the pair's loss 0, as in PyTorch.
///
/// cos(a, b) = a · b / (|a| |b|), where 10⁻¹² is added to each square. A margin is a setting: [`CosineEmbedding`].
///
/// *Shapes:* both predictions `[.., N]`, the target `[..]`; the result a number, or the losses `[..]` without a reduction. The
/// predictions are overwritten by their gradients or only read, each as it is given. *The mean* divides by the number of pairs.
///
/// *Source:* [`cosine_embedding_loss()`](https://docs.pytorch.org/docs/stable/generated/torch.nn.CosineEmbeddingLoss.html).
///
/// ```
/// use adamant::prelude::*;
/// let (mut a, b) = (Tensor([[3.0f64, 4.0]]), Tensor([[5.0, 0.0]]));
/// let loss = cosine_embedding_loss(&mut a, &b, &Tensor([1.0]), Reduction::Mean); // `b` is only read
/// assert!((*loss - 0.4).abs() < 1e-12);
/// assert!(a.all_close(&Tensor([[-0.128, 0.096]]), 1e-12, 0.0)); // the gradient
/// ```
#[doc(alias = "CosineEmbeddingLoss")]
#[inline]
pub fn cosine_embedding_loss<S: Shape<Elem: Float> + Axis<-1>, R: Reduce, P: Prediction<S>, Q: Prediction<S>>(
    a: P,
    b: Q,
    target: &Tensor<PerRow<S>>,
    reduction: R,
) -> <(P, Q) as Roles>::Outcome<R::Output<PerRow<S>>>
where
    (P, Q): Roles,
{
    CosineEmbedding::new().loss(a, b, target, reduction)
}
