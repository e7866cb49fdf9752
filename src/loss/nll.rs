//! Many classes, from log-probabilities.

use super::class::{Label, PerRow, RowLoss, class_loss};
use super::prediction::Elements;
use super::{ClassTarget, Prediction, Reduce};
use crate::data::ClassIndex;
use crate::shape::{Axis, Shape};
use crate::simd::Float;

struct Nll;

impl RowLoss for Nll {
    #[inline]
    fn row<T: Float>(&self, x: impl Elements<T>, label: Label<'_, T>, factor: T) -> T {
        let loss = -label.pick(x.values(), T::ZERO);
        x.overwrite(|x| label.zip_in_place(x, |_, t| T::ZERO - factor * t));
        loss
    }
}

/// The negative log-likelihood −x\[class\] of a row x of *logarithms* of probabilities: what
/// [`cross_entropy()`](super::cross_entropy()) is without its softmax.
///
/// *Shapes:* prediction `[.., C]`, one class index a row in the target `[..]` ([`ClassTarget`]); the result a number, or the losses
/// `[..]` without a reduction. The classes are the *last* dimension: for images PyTorch's are the second of `(N, C, H, W)`, here
/// the last of `[[[[f32; C]; W]; H]; N]`. *The mean* divides by the number of rows.
///
/// An index below 0 or from `C` on, PyTorch's `ignore_index` among them, makes the row's loss and gradient NaN.
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
#[inline]
pub fn nll_loss<S: Shape<Elem: Float> + Axis<-1>, Y: ClassTarget<S, Item: ClassIndex>, R: Reduce, P: Prediction<S>>(
    prediction: P,
    target: &Y,
    reduction: R,
) -> P::Loss<R::Output<PerRow<S>>> {
    class_loss(&Nll, prediction, target, reduction)
}
