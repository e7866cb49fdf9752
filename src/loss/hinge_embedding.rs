//! Distances of like and unlike pairs.

use super::element::hinge;
use super::settings::settings;
use super::{ElementLoss, Prediction, Reduce, element_loss};
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::Tensor;

settings! {
    /// [`hinge_embedding_loss()`] with another margin than 1.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let loss = HingeEmbedding::new().margin(3.0).loss(&Tensor([2.0f32, 2.0]), &Tensor([1.0, -1.0]), Reduction::None);
    /// assert_eq!(loss, Tensor([2.0, 1.0]));
    /// ```
    #[doc(alias = "HingeEmbeddingLoss")]
    HingeEmbedding;

    /// A margin of 1: [`hinge_embedding_loss()`].
    new {
        /// From which distance on an unlike pair costs nothing.
        margin: f64 = 1.0,
    }
}

impl HingeEmbedding {
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

    /// Of a target that is 1, that is −1, or that is neither.
    #[inline]
    fn choose<T: Float>(y: T, like: T, unlike: T) -> T {
        let other = if y.is_nan() { y } else { like + unlike };
        if y == T::ONE {
            like
        } else if y == -T::ONE {
            unlike
        } else {
            other
        }
    }
}

impl ElementLoss for HingeEmbedding {
    #[inline]
    fn value<T: Float>(&self, p: T, y: T) -> T {
        Self::choose(y, p, hinge(T::from_f64(self.margin) - p).0)
    }

    #[inline]
    fn derivative<T: Float>(&self, p: T, y: T) -> T {
        // 1, but NaN where p is.
        let like = if p.is_nan() { p } else { T::ONE };
        Self::choose(y, like, -hinge(T::from_f64(self.margin) - p).1)
    }
}

/// The loss of a distance p between two things that are alike, y = 1, or not, y = −1: p itself, or max(0, 1 − p). A target that is
/// neither is given both, as in PyTorch.
///
/// Another margin than 1 is a setting: [`HingeEmbedding`].
///
/// *Shapes:* prediction and target `S`; the result a number, or `S` without a reduction. *The mean* divides by the number of
/// elements. *Source:* [`hinge_embedding_loss()`](https://docs.pytorch.org/docs/stable/generated/torch.nn.HingeEmbeddingLoss.html).
///
/// ```
/// use adamant::prelude::*;
/// let mut p = Tensor([0.5f32, 0.25, 2.0]);
/// let losses = hinge_embedding_loss(&mut p, &Tensor([1.0, -1.0, -1.0]), Reduction::None);
/// assert_eq!(losses, Tensor([0.5, 0.75, 0.0]));
/// assert_eq!(p, Tensor([1.0, -1.0, 0.0])); // the gradient
/// ```
#[doc(alias = "HingeEmbeddingLoss")]
#[inline]
pub fn hinge_embedding_loss<S: Shape<Elem: Float>, R: Reduce, P: Prediction<S>>(
    prediction: P,
    target: &Tensor<S>,
    reduction: R,
) -> P::Loss<R::Output<S>> {
    HingeEmbedding::new().loss(prediction, target, reduction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_margin_itself_and_targets_that_are_neither() {
        let loss = HingeEmbedding::new();
        assert_eq!((loss.value(1.0f32, -1.0), loss.derivative(1.0f32, -1.0)), (0.0, -1.0), "as in PyTorch");
        assert_eq!((loss.value(0.25f32, 0.0), loss.derivative(0.25f32, 0.0)), (1.0, 0.0));
        assert_eq!((loss.value(4.0f32, 3.0), loss.derivative(4.0f32, 3.0)), (4.0, 1.0));
        for (p, y) in [(f32::NAN, 1.0), (f32::NAN, -1.0), (f32::NAN, 0.0), (1.0, f32::NAN)] {
            assert!(loss.value(p, y).is_nan() && loss.derivative(p, y).is_nan(), "{p} {y}");
        }
    }
}
