//! Which of two is to be larger.

use super::element::hinge;
use super::joint::{JointLoss, Roles, joint_loss};
use super::prediction::{Cells, Elements};
use super::settings::settings;
use super::{Prediction, Reduce};
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::Tensor;

settings! {
    /// [`margin_ranking_loss()`] with a margin: max(0, margin − y · (a − b)).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let loss = MarginRanking::new().margin(0.5).loss(&Tensor([1.0f32]), &Tensor([0.75]), &Tensor([1.0]), Reduction::Sum);
    /// assert_eq!(loss, 0.25);
    /// ```
    #[doc(alias = "MarginRankingLoss")]
    MarginRanking;

    /// No margin: [`margin_ranking_loss()`].
    new {
        /// How far apart the two must be to cost nothing.
        margin: f64 = 0.0,
    }
}

impl MarginRanking {
    /// The loss of two predictions.
    #[inline]
    pub fn loss<S: Shape<Elem: Float>, R: Reduce, P: Prediction<S>, Q: Prediction<S>>(
        self,
        mut a: P,
        mut b: Q,
        target: &Tensor<S>,
        reduction: R,
    ) -> <(P, Q) as Roles>::Outcome<R::Output<S>>
    where
        (P, Q): Roles,
    {
        let (mut left, mut right) = (a.elements(), b.elements());
        let cells = [left.cells(), right.cells(), Cells::Read(target.as_slice())];
        let losses = joint_loss::<S, R, 3>(&self, cells, reduction);
        drop((left, right));
        (a, b).outcome(losses)
    }

    #[inline]
    fn short<T: Float>(&self, [a, b, y]: [T; 3]) -> T {
        T::from_f64(self.margin) - y * (a - b)
    }
}

impl JointLoss<3> for MarginRanking {
    #[inline]
    fn value<T: Float>(&self, x: [T; 3]) -> T {
        hinge(self.short(x)).0
    }

    #[inline]
    fn derivatives<T: Float>(&self, x: [T; 3]) -> [T; 3] {
        let [_, _, y] = x;
        let slope = y * hinge(self.short(x)).1;
        [-slope, slope, T::ZERO]
    }
}

/// How far two numbers are from the order that y asks for: max(0, −y · (a − b)), where y = 1 asks for a > b and y = −1 for a < b. Its
/// derivative at 0 is that of a wrong order, as in PyTorch.
///
/// A margin is a setting: [`MarginRanking`].
///
/// *Shapes:* both predictions and the target `S`; the result a number, or `S` without a reduction. The predictions are overwritten by
/// their gradients or only read, each as it is given. *The mean* divides by the number of elements.
///
/// *Source:* [`margin_ranking_loss()`](https://docs.pytorch.org/docs/stable/generated/torch.nn.MarginRankingLoss.html).
///
/// ```
/// use adamant::prelude::*;
/// let (mut a, mut b) = (Tensor([1.0f32, 1.0]), Tensor([3.0f32, 3.0]));
/// let losses = margin_ranking_loss(&mut a, &mut b, &Tensor([1.0, -1.0]), Reduction::None);
/// assert_eq!(losses, Tensor([2.0, 0.0]));
/// assert_eq!((a, b), (Tensor([-1.0, 0.0]), Tensor([1.0, 0.0]))); // the gradients
/// ```
#[doc(alias = "MarginRankingLoss")]
#[inline]
pub fn margin_ranking_loss<S: Shape<Elem: Float>, R: Reduce, P: Prediction<S>, Q: Prediction<S>>(
    a: P,
    b: Q,
    target: &Tensor<S>,
    reduction: R,
) -> <(P, Q) as Roles>::Outcome<R::Output<S>>
where
    (P, Q): Roles,
{
    MarginRanking::new().loss(a, b, target, reduction)
}
