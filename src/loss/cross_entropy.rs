//! Many classes, from logits.

use super::class::{Label, PerRow, RowLoss, class_loss};
use super::prediction::Elements;
use super::reduction::sum_of;
use super::{ClassTarget, Prediction, Reduce};
use crate::shape::{Axis, Shape};
use crate::simd::{self, Float};

struct CrossEntropy {
    smoothing: f64,
}

impl RowLoss for CrossEntropy {
    #[inline]
    fn row<T: Float>(&self, mut x: impl Elements<T>, label: Label<'_, T>, factor: T) -> T {
        let logits = x.values();
        // Everything is relative to the largest logit, so that no exponential overflows and no digits cancel.
        let max = simd::max(logits);
        let (mut total, mut picked) = (label.total(), label.pick(logits, max));
        let (kept, each) = self.weights(logits.len());
        // Not with a weight of 0: a logit of -∞ is fine where its class has no part in the target.
        if self.smoothing != 0.0 {
            total = kept * total + T::from_f64(self.smoothing);
            picked = kept * picked + each * sum_of(logits, |x| x - max);
        }
        let sum = x.map_sum(|x| (x - max).exp());
        x.overwrite(|exponentials| {
            let scale = factor * total / sum;
            simd::map_in_place(exponentials, |e| e * scale - factor * each);
            label.add_to(-factor * kept, exponentials);
        });
        total * sum.ln() - picked
    }
}

impl CrossEntropy {
    /// What smoothing leaves of the target's own weight, and what it gives to each class.
    #[inline]
    fn weights<T: Float>(&self, classes: usize) -> (T, T) {
        (T::from_f64(1.0 - self.smoothing), T::from_f64(self.smoothing) / T::from_usize(classes))
    }
}

/// The cross entropy −ln softmax(x)\[class\] of a row x of logits, or −Σ yᵢ ln softmax(x)ᵢ where the target is a row y of
/// probabilities.
///
/// *Shapes:* prediction `[.., C]`; the target one class index a row, `[..]` of any integer type, or probabilities `[.., C]`
/// ([`ClassTarget`]); the result a number, or the losses `[..]` without a reduction. The classes are the *last* dimension: for
/// images PyTorch's are the second of `(N, C, H, W)`, here the last of `[[[[f32; C]; W]; H]; N]`. *The mean* divides by the number
/// of rows, with indices and with probabilities.
///
/// An index below 0 or from `C` on, PyTorch's `ignore_index` among them, makes the row's loss and gradient NaN; so does a row
/// of logits that holds +∞ or nothing but −∞. Probabilities need not add up to 1.
///
/// *Source:* [`cross_entropy`](https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html).
///
/// ```
/// use adamant::prelude::*;
/// let mut x = Tensor([[1.0f64, 1.0], [0.0, -1000.0]]);
/// let losses = cross_entropy(&x, &[0u8, 1], Reduction::None);
/// assert!(losses.all_close(&Tensor([2f64.ln(), 1000.0]), 1e-12, 0.0));
///
/// // Probabilities instead of indices; and with `&mut` the gradient stays in `x`.
/// let loss = cross_entropy(&mut x, &Tensor([[0.5, 0.5], [1.0, 0.0]]), Reduction::Mean);
/// assert!((loss - 0.5 * 2f64.ln()).abs() < 1e-12);
/// assert_eq!(x, Tensor([[0.0, 0.0], [0.0, 0.0]]));
///
/// let one_sample = cross_entropy(&Tensor([2.0f32, 2.0]), &0, Reduction::Sum);
/// assert!((one_sample - 2f32.ln()).abs() < 1e-6);
/// ```
///
/// Another batch size does not compile:
///
/// ```compile_fail,E0277
/// use adamant::prelude::*;
/// cross_entropy(&Tensor([[1.0f32, 2.0], [3.0, 4.0]]), &[0u8, 1, 1], Reduction::Mean);
/// ```
#[inline]
pub fn cross_entropy<S: Shape<Elem: Float> + Axis<-1>, Y: ClassTarget<S>, R: Reduce, P: Prediction<S>>(
    prediction: P,
    target: &Y,
    reduction: R,
) -> P::Loss<R::Output<PerRow<S>>> {
    cross_entropy_smooth(prediction, target, 0.0, reduction)
}

/// [`cross_entropy`] of a target of which the part `smoothing`, from 0 to 1, is spread evenly over the `C` classes:
/// (1 − ε) · y + ε / C. A `smoothing` outside [0, 1] gives NaN.
///
/// *Source:* the `label_smoothing` of
/// [`cross_entropy`](https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html); Szegedy et al., *Rethinking
/// the Inception Architecture for Computer Vision*, 2015.
///
/// ```
/// use adamant::prelude::*;
/// let x = Tensor([0.0f32, 1.0, 2.0]);
/// let smooth = cross_entropy_smooth(&x, &2u8, 0.3, Reduction::Sum);
/// let same = cross_entropy(&x, &Tensor([0.1, 0.1, 0.8]), Reduction::Sum);
/// assert!((smooth - same).abs() < 1e-6);
/// ```
#[inline]
pub fn cross_entropy_smooth<S: Shape<Elem: Float> + Axis<-1>, Y: ClassTarget<S>, R: Reduce, P: Prediction<S>>(
    prediction: P,
    target: &Y,
    smoothing: f64,
    reduction: R,
) -> P::Loss<R::Output<PerRow<S>>> {
    let smoothing = if (0.0..=1.0).contains(&smoothing) { smoothing } else { f64::NAN };
    class_loss(&CrossEntropy { smoothing }, prediction, target, reduction)
}
