//! Many classes, from log-probabilities.

use super::class::{PerRow, RowLoss, RowTarget, class_loss};
use super::element::weighted;
use super::prediction::Elements;
use super::{ClassIndices, Prediction, Reduce, Weights};
use crate::shape::{Axis, Shape};
use crate::simd::Float;
use crate::tensor::Tensor;

/// [`nll_loss()`] with settings: the weights of the classes, an index that is ignored. The loss of a row x is −w\[class\] · x\[class\].
///
/// *Shapes:* as of [`nll_loss()`]; the weights `[C]`. *The mean* divides by the sum of the weights of the rows' classes, where an
/// ignored row counts nothing (NaN if all are ignored). A class of weight 0 has a loss of 0, also where its logarithm is −∞.
///
/// *Source:* [`NLLLoss`](https://docs.pytorch.org/docs/stable/generated/torch.nn.NLLLoss.html).
///
/// ```
/// use adamant::prelude::*;
/// let mut p = Tensor([[-0.5f32, -2.0], [-3.0, -0.25], [-1.0, -1.0]]);
/// let weights = Tensor([1.0, 3.0]);
/// let loss = Nll::new().weight(&weights).ignore_index(-100).loss(&mut p, &[0i64, 1, -100], Reduction::Mean);
/// assert_eq!(loss, (0.5 + 3.0 * 0.25) / (1.0 + 3.0));
/// assert_eq!(p, Tensor([[-0.25, 0.0], [0.0, -0.75], [0.0, 0.0]])); // the gradient
/// ```
#[doc(alias = "NLLLoss")]
#[derive(Clone, Copy, Debug)]
pub struct Nll<W = ()> {
    weight: W,
    ignore_index: Option<i64>,
}

impl Nll {
    /// No weights, nothing ignored: [`nll_loss()`].
    #[inline]
    pub const fn new() -> Self {
        Self { weight: (), ignore_index: None }
    }
}

impl Default for Nll {
    fn default() -> Self {
        Self::new()
    }
}

impl<W> Nll<W> {
    /// How much each class counts.
    #[inline]
    pub fn weight<T: Float, const C: usize>(self, weight: &Tensor<[T; C]>) -> Nll<&Tensor<[T; C]>> {
        Nll { weight, ignore_index: self.ignore_index }
    }

    /// The index of rows that take no part: their loss and gradient are 0, and a mean does not count them.
    ///
    /// None is ignored unless told. PyTorch ignores −100 then, which no unsigned index can be; where yours are signed and −100 stands
    /// for nothing, say so: `ignore_index(-100)`. Unsaid, such a row's loss and gradient are NaN, as those of any index outside the
    /// classes.
    #[inline]
    pub const fn ignore_index(mut self, index: i64) -> Self {
        self.ignore_index = Some(index);
        self
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
        class_loss(&Picked, &self.weight, self.ignore_index, prediction, target, reduction)
    }
}

struct Picked;

impl RowLoss for Picked {
    #[inline]
    fn row<T: Float>(&self, x: impl Elements<T>, target: RowTarget<'_, T>, factor: T) -> T {
        let Some((class, weight)) = target.class() else { return T::NAN };
        let loss = -weighted(weight, x.values().get(class).copied().unwrap_or(T::NAN));
        x.overwrite(|x| {
            let own = -(factor * weight);
            x.iter_mut().enumerate().for_each(|(i, x)| *x = if i == class { own } else { T::ZERO });
        });
        loss
    }
}

/// The negative log-likelihood −x\[class\] of a row x of *logarithms* of probabilities: what
/// [`cross_entropy()`](super::cross_entropy()) is without its softmax.
///
/// *Shapes:* prediction `[.., C]`, one class index a row in the target `[..]` ([`ClassIndices`]); the result a number, or the losses
/// `[..]` without a reduction. The classes are the *last* dimension: for images PyTorch's are the second of `(N, C, H, W)`, here
/// the last of `[[[[f32; C]; W]; H]; N]`. *The mean* divides by the number of rows.
///
/// Weights of the classes and an index that is ignored are settings: [`Nll`]. An index below 0 or from `C` on makes the row's loss
/// and gradient NaN.
///
/// *Source:* [`nll_loss()`](https://docs.pytorch.org/docs/stable/generated/torch.nn.NLLLoss.html).
///
/// ```
/// use adamant::prelude::*;
/// let mut p = Tensor([[-0.5f32, -2.0, -1.5], [-3.0, -0.25, -1.75]]);
/// let loss = nll_loss(&mut p, &[0u8, 1], Reduction::Mean);
/// assert_eq!(loss, 0.375);
/// assert_eq!(p, Tensor([[-0.5, 0.0, 0.0], [0.0, -0.5, 0.0]])); // the gradient
/// ```
#[doc(alias = "NLLLoss")]
#[inline]
pub fn nll_loss<S: Shape<Elem: Float> + Axis<-1>, Y: ClassIndices<S>, R: Reduce, P: Prediction<S>>(
    prediction: P,
    target: &Y,
    reduction: R,
) -> P::Loss<R::Output<PerRow<S>>> {
    Nll::new().loss(prediction, target, reduction)
}
