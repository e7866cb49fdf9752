//! Many classes, from scores.

use super::class::{PerRow, RowLoss, RowTarget, class_loss};
use super::prediction::{Elements, put};
use super::reduction::sum_of;
use super::{ClassIndices, Prediction, Reduce, Weights};
use crate::shape::{Axis, Shape};
use crate::simd::{self, Float};
use crate::tensor::Tensor;

/// [`multi_margin_loss()`] with settings: the margin, its square, the weights of the classes.
///
/// With margin m and weights w the loss of a row x is w\[class\] / C · Σ max(0, m − x\[class\] + xᵢ) over the other classes i, or the sum
/// of the squares of these.
///
/// *Shapes:* as of [`multi_margin_loss()`]; the weights `[C]`. *The mean* divides by the number of rows, not by their weights, as in
/// PyTorch.
///
/// *Source:* [`MultiMarginLoss`](https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiMarginLoss.html).
///
/// ```
/// use adamant::prelude::*;
/// let mut x = Tensor([[0.5f32, 0.0, -1.0, 2.0]]);
/// let weights = Tensor([2.0, 1.0, 1.0, 1.0]);
/// let loss = MultiMargin::new().margin(0.5).squared().weight(&weights).loss(&mut x, &[0u8], Reduction::Mean);
/// assert_eq!(loss, 2.0 / 4.0 * (0.0 + 0.0 + 2.0 * 2.0));
/// assert_eq!(x, Tensor([[-2.0, 0.0, 0.0, 2.0]])); // the gradient
/// ```
#[doc(alias = "MultiMarginLoss")]
#[derive(Clone, Copy, Debug)]
pub struct MultiMargin<W = ()> {
    weight: W,
    margin: f64,
    squared: bool,
}

impl MultiMargin {
    /// A margin of 1, not squared, all classes alike: [`multi_margin_loss()`].
    #[inline]
    pub const fn new() -> Self {
        Self { weight: (), margin: 1.0, squared: false }
    }
}

impl Default for MultiMargin {
    fn default() -> Self {
        Self::new()
    }
}

impl<W> MultiMargin<W> {
    /// How far the right score must be above the others to cost nothing.
    #[inline]
    pub const fn margin(mut self, margin: f64) -> Self {
        self.margin = margin;
        self
    }

    /// Squares what each class is within the margin: PyTorch's `p=2`.
    #[inline]
    pub const fn squared(mut self) -> Self {
        self.squared = true;
        self
    }

    /// How much each class counts.
    #[inline]
    pub fn weight<T: Float, const C: usize>(self, weight: &Tensor<[T; C]>) -> MultiMargin<&Tensor<[T; C]>> {
        MultiMargin { weight, margin: self.margin, squared: self.squared }
    }

    /// The loss of a prediction.
    #[inline]
    pub fn loss<S: Shape<Elem: Float> + Axis<-1>, Y: ClassIndices<S>, R: Reduce, P: Prediction<S>>(
        self,
        prediction: P,
        target: &Y,
        reduction: R,
    ) -> P::Loss<R::Output<PerRow<S>>>
    where
        W: Weights<S>,
    {
        let margins = Margins { margin: self.margin, squared: self.squared };
        class_loss(&margins, &self.weight, None, prediction, target, reduction)
    }
}

struct Margins {
    margin: f64,
    squared: bool,
}

impl RowLoss for Margins {
    const WEIGHTED_MEAN: bool = false;

    #[inline]
    fn row<T: Float>(&self, x: impl Elements<T>, target: RowTarget<'_, T>, factor: T) -> T {
        let scores = x.values();
        let Some((class, weight)) = target.class() else { return T::NAN };
        let (before, rest) = scores.split_at_checked(class).unwrap_or_default();
        let Some((&own, after)) = rest.split_first() else { return T::NAN };
        // What a score may have and cost nothing.
        let (free, weight) = (own - T::from_f64(self.margin), weight / T::from_usize(scores.len()));
        let cost = |x| self.cost(x - free);
        let loss = weight * (sum_of(before, cost) + sum_of(after, cost));
        x.overwrite(|x| {
            simd::map_in_place(x, |x| factor * weight * self.slope(x - free));
            put(x, class, T::ZERO);
            let others = simd::sum(x);
            put(x, class, -others);
        });
        loss
    }
}

impl Margins {
    /// max(0, z), or its square.
    #[inline]
    fn cost<T: Float>(&self, z: T) -> T {
        let z = z.maximum(T::ZERO);
        if self.squared { z * z } else { z }
    }

    /// The derivative, which is 0 at 0, as PyTorch's is.
    #[inline]
    fn slope<T: Float>(&self, z: T) -> T {
        let above = if self.squared { z + z } else { z.signum() };
        if z <= T::ZERO { T::ZERO } else { above }
    }
}

/// How far other classes than the right one are within a margin of 1 of it, for a row x of scores:
/// Σ max(0, 1 − x\[class\] + xᵢ) / C over the other classes i.
///
/// Another margin, its square and weights of the classes are settings: [`MultiMargin`].
///
/// *Shapes:* prediction `[.., C]`, one class index a row in the target `[..]` ([`ClassIndices`]); the result a number, or the losses
/// `[..]` without a reduction. The classes are the *last* dimension. *The mean* divides by the number of rows. An index below 0 or
/// from `C` on makes the row's loss and gradient NaN.
///
/// *Source:* [`multi_margin_loss()`](https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiMarginLoss.html); Crammer and Singer,
/// *On the Algorithmic Implementation of Multiclass Kernel-based Vector Machines*, 2001.
///
/// ```
/// use adamant::prelude::*;
/// let mut x = Tensor([[0.5f32, 0.0, -1.0, 2.0]]);
/// let loss = multi_margin_loss(&mut x, &[0u8], Reduction::Mean);
/// assert_eq!(loss, (0.5 + 0.0 + 2.5) / 4.0);
/// assert_eq!(x, Tensor([[-0.5, 0.25, 0.0, 0.25]])); // the gradient
/// ```
#[doc(alias = "MultiMarginLoss")]
#[inline]
pub fn multi_margin_loss<S: Shape<Elem: Float> + Axis<-1>, Y: ClassIndices<S>, R: Reduce, P: Prediction<S>>(
    prediction: P,
    target: &Y,
    reduction: R,
) -> P::Loss<R::Output<PerRow<S>>> {
    MultiMargin::new().loss(prediction, target, reduction)
}
