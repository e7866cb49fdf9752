//! Many classes, from logits.

use super::class::{PerRow, RowLoss, RowTarget, class_loss};
use super::element::weighted;
use super::prediction::Elements;
use super::{ClassTarget, Prediction, Reduce, Weights};
use crate::shape::{Axis, Shape};
use crate::simd::{self, Float};
use crate::tensor::Tensor;

/// [`cross_entropy()`] with settings: the weights of the classes, an index that is ignored, smoothed targets.
///
/// With a target t, of which smoothing ε leaves sᵢ = (1 − ε) · tᵢ + ε / C, and weights w the loss of a row x of logits is
/// −Σ wᵢ sᵢ ln softmax(x)ᵢ.
///
/// *Shapes:* as of [`cross_entropy()`]; the weights `[C]`. *The mean* of indices divides by the sum of the weights of the rows'
/// classes, where an ignored row counts nothing (NaN if all are ignored); that of probabilities by the number of rows, as in PyTorch.
///
/// *Source:* [`CrossEntropyLoss`](https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html); on smoothing Szegedy
/// et al., *Rethinking the Inception Architecture for Computer Vision*, 2015.
///
/// ```
/// use adamant::prelude::*;
/// let x = Tensor([[1.0f32, 1.0], [2.0, 2.0], [5.0, -5.0]]);
/// let weights = Tensor([1.0, 3.0]);
/// let loss = CrossEntropy::new().weight(&weights).ignore_index(-100);
/// let losses = loss.loss(&x, &[0i64, 1, -100], Reduction::None);
/// assert!(losses.all_close(&Tensor([2f32.ln(), 3.0 * 2f32.ln(), 0.0]), 1e-6, 0.0));
/// let mean = loss.loss(&x, &[0i64, 1, -100], Reduction::Mean);
/// assert!((mean - 2f32.ln()).abs() < 1e-6); // 4 ln 2 over 1 + 3
///
/// let smooth = CrossEntropy::new().label_smoothing(0.1);
/// let model = Linear::<2, 3>::init(&mut SmallRng::seed_from_u64(0));
/// let (loss, grads) = model.gradients(&Tensor([[0.5f32, -1.0]]), |p| smooth.loss(p, &[2u8], Reduction::Mean));
/// # let _ = (loss, grads);
/// ```
///
/// A weight too many does not compile:
///
/// ```compile_fail,E0277
/// use adamant::prelude::*;
/// CrossEntropy::new().weight(&Tensor([1.0f32; 3])).loss(&Tensor([[1.0f32, 2.0]]), &[0u8], Reduction::Mean);
/// ```
#[doc(alias = "CrossEntropyLoss")]
#[derive(Clone, Copy, Debug)]
pub struct CrossEntropy<W = ()> {
    weight: W,
    ignore_index: Option<i64>,
    label_smoothing: f64,
}

impl CrossEntropy {
    /// No weights, nothing ignored, no smoothing: [`cross_entropy()`].
    #[inline]
    pub const fn new() -> Self {
        Self { weight: (), ignore_index: None, label_smoothing: 0.0 }
    }
}

impl Default for CrossEntropy {
    fn default() -> Self {
        Self::new()
    }
}

impl<W> CrossEntropy<W> {
    /// How much each class counts. A class of weight 0 takes no part, also where its logit is −∞.
    #[inline]
    pub fn weight<T: Float, const C: usize>(self, weight: &Tensor<[T; C]>) -> CrossEntropy<&Tensor<[T; C]>> {
        CrossEntropy { weight, ignore_index: self.ignore_index, label_smoothing: self.label_smoothing }
    }

    /// The index of rows that take no part: their loss and gradient are 0, and a mean does not count them.
    ///
    /// None is ignored unless told. PyTorch ignores −100 then, which no unsigned index can be; where yours are signed and −100 stands
    /// for nothing, say so: `ignore_index(-100)`. Unsaid, such a row's loss and gradient are NaN, as those of any index outside the
    /// classes. Rows of probabilities are never ignored.
    #[inline]
    pub const fn ignore_index(mut self, index: i64) -> Self {
        self.ignore_index = Some(index);
        self
    }

    /// The part of the target, from 0 to 1, that is spread evenly over the classes. Outside [0, 1] the loss is NaN.
    #[inline]
    pub const fn label_smoothing(mut self, smoothing: f64) -> Self {
        self.label_smoothing = smoothing;
        self
    }

    /// The loss of a prediction.
    #[inline]
    pub fn loss<S: Shape<Elem: Float> + Axis<-1>, Y: ClassTarget<S>, R: Reduce, P: Prediction<S>>(
        self,
        prediction: P,
        target: &Y,
        reduction: R,
    ) -> P::Loss<R::Output<PerRow<S>>>
    where
        W: Weights<S>,
    {
        let smoothing = if (0.0..=1.0).contains(&self.label_smoothing) { self.label_smoothing } else { f64::NAN };
        class_loss(&Smooth { smoothing }, &self.weight, self.ignore_index, prediction, target, reduction)
    }
}

struct Smooth {
    smoothing: f64,
}

impl RowLoss for Smooth {
    #[inline(always)]
    fn row<T: Float>(&self, mut x: impl Elements<T>, target: RowTarget<'_, T>, factor: T) -> T {
        let logits = x.values();
        // Everything is relative to the largest logit, so that no exponential overflows and no digits cancel.
        let max = simd::max(logits);
        let (mut total, mut picked) = (target.total(), target.pick(logits, max));
        let (kept, each) = self.shares(logits.len());
        // Not with a weight of 0: a logit of -∞ is fine where its class has no part in the target.
        if self.smoothing != 0.0 {
            total = kept * total + T::from_f64(self.smoothing) * target.mean_weight();
            picked = weighted(kept, picked) + each * target.pick_all(logits, max);
        }
        // The sum of all exponentials is 1 + rest, the largest logit's being 1: what the others have of it, however little,
        // is the loss of a sure prediction and its gradient.
        let rest = x.rest_of_exponentials(max);
        x.overwrite(|exponentials| {
            let scale = total / (T::ONE + rest);
            target.zip_in_place(exponentials, |e, t, w| {
                let t = kept.mul_add(t, each * w);
                factor * if e == T::ONE { (total - t) - rest * scale } else { e.mul_add(scale, -t) }
            });
        });
        total * rest.ln_1p() - picked
    }
}

impl Smooth {
    /// What smoothing leaves of the target's own part, and what it gives to each class.
    #[inline]
    fn shares<T: Float>(&self, classes: usize) -> (T, T) {
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
/// Weights of the classes, an index that is ignored and smoothed targets are settings: [`CrossEntropy`].
///
/// An index below 0 or from `C` on makes the row's loss and gradient NaN; so does a row of logits that holds +∞ or nothing but −∞. Probabilities need not add up to 1; a class with probability 0 takes no part, also
/// where its logit is −∞ (PyTorch's loss is NaN there). However sure the prediction is, the loss and its gradient keep their
/// digits: logits of 0 and 20 have the loss 2.06 · 10⁻⁹ for the second class, also in `f32`.
///
/// *Source:* [`cross_entropy()`](https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html).
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
#[doc(alias = "CrossEntropyLoss")]
#[inline]
pub fn cross_entropy<S: Shape<Elem: Float> + Axis<-1>, Y: ClassTarget<S>, R: Reduce, P: Prediction<S>>(
    prediction: P,
    target: &Y,
    reduction: R,
) -> P::Loss<R::Output<PerRow<S>>> {
    CrossEntropy::new().loss(prediction, target, reduction)
}

/// [`cross_entropy()`] of a target of which the part `smoothing`, from 0 to 1, is spread evenly over the `C` classes:
/// (1 − ε) · y + ε / C. A `smoothing` outside [0, 1] gives NaN. Short for [`CrossEntropy::label_smoothing`].
///
/// *Source:* the `label_smoothing` of
/// [`cross_entropy()`](https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html); Szegedy et al., *Rethinking
/// the Inception Architecture for Computer Vision*, 2015.
///
/// ```
/// use adamant::prelude::*;
/// let x = Tensor([0.0f32, 1.0, 2.0]);
/// let smooth = cross_entropy_smooth(&x, &2u8, 0.3, Reduction::Sum);
/// let same = cross_entropy(&x, &Tensor([0.1, 0.1, 0.8]), Reduction::Sum);
/// assert!((smooth - same).abs() < 1e-6);
/// ```
#[doc(alias = "label_smoothing")]
#[inline]
pub fn cross_entropy_smooth<S: Shape<Elem: Float> + Axis<-1>, Y: ClassTarget<S>, R: Reduce, P: Prediction<S>>(
    prediction: P,
    target: &Y,
    smoothing: f64,
    reduction: R,
) -> P::Loss<R::Output<PerRow<S>>> {
    CrossEntropy::new().label_smoothing(smoothing).loss(prediction, target, reduction)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loss::Reduction;

    const INF: f32 = f32::INFINITY;

    #[track_caller]
    fn near<T: Float>(found: &[T], expected: &[f64]) {
        assert_eq!(found.len(), expected.len());
        for (found, right) in found.iter().zip(expected) {
            let error = (found.to_f64() - right).abs();
            assert!(error <= 8.0 * T::EPSILON.to_f64() * right.abs(), "{found:e}, not {right:e}");
        }
    }

    /// References: 50 digits.
    #[test]
    fn a_sure_prediction_keeps_its_digits() {
        let mut x = Tensor([0.0f32, 20.0]);
        near(&[cross_entropy(&x, &1, Reduction::Sum)], &[2.061_153_620_314_381e-9]);
        near(&[cross_entropy(&mut x, &1, Reduction::Sum).value()], &[2.061_153_620_314_381e-9]);
        near(&x.0, &[2.061_153_618_190_204e-9, -2.061_153_618_190_204e-9]);
        let mut x = Tensor([0.0f64, 40.0, 0.0]);
        near(&[cross_entropy(&mut x, &Tensor([0.0, 1.0, 0.0]), Reduction::Sum).value()], &[8.496_708_510_583_178e-18]);
        near(&x.0, &[4.248_354_255_291_589e-18, -8.496_708_510_583_178e-18, 4.248_354_255_291_589e-18]);
        // Two that are equally likely, of three.
        let mut x = Tensor([5.0f32, 5.0, -10.0]);
        near(&[cross_entropy(&x, &0, Reduction::Sum)], &[0.693_147_333_511_093_9]);
        near(&[cross_entropy(&mut x, &0, Reduction::Sum).value()], &[0.693_147_333_511_093_9]);
        near(&x.0, &[-0.500_000_076_475_568_4, 0.499_999_923_524_431_6, 1.529_511_368_568_591e-7]);
    }

    #[test]
    fn an_impossible_class_costs_nothing() {
        let mut x = Tensor([1.0f32, -INF, 2.0]);
        near(&[cross_entropy(&x, &2, Reduction::Sum)], &[0.313_261_687_518_222_8]);
        near(&[cross_entropy(&x, &Tensor([0.0, 0.0, 1.0]), Reduction::Sum)], &[0.313_261_687_518_222_8]);
        near(&[cross_entropy(&mut x, &Tensor([0.0, 0.0, 1.0]), Reduction::Sum).value()], &[0.313_261_687_518_222_8]);
        near(&x.0, &[0.268_941_421_369_995_1, 0.0, -0.268_941_421_369_995_1]);
        let rows = Tensor([[1.0, -INF, 2.0], [-INF, 0.0, -INF]]);
        assert_eq!(cross_entropy(&rows, &Tensor([[0.0, 1.0, 0.0], [0.0, 1.0, 0.0]]), Reduction::None), Tensor([INF, 0.0]));
    }

    #[test]
    fn reading_and_writing_give_the_same_bits() {
        let x = Tensor::<[[f32; 75]; 4]>::from_fn(|[i, j]| 3.0 * (1.7 * i as f32 + 0.3 * (j * j) as f32).sin());
        assert_eq!(
            cross_entropy(&x, &[3u8, 74, 0, 31], Reduction::None),
            cross_entropy(&mut x.clone(), &[3u8, 74, 0, 31], Reduction::None).value()
        );
    }

    #[test]
    fn smoothing_asks_something_of_every_class() {
        let x = Tensor([1.0f32, -INF, 2.0]);
        assert_eq!(cross_entropy_smooth(&x, &2, 0.1, Reduction::Sum), INF);
        assert_eq!(cross_entropy_smooth(&x, &1, 1.0, Reduction::Sum), INF);
        let mut x = Tensor([0.0f64, 20.0]);
        near(&[cross_entropy_smooth(&mut x, &1, 0.5, Reduction::Sum).value()], &[5.000_000_002_061_154]);
        near(&x.0, &[-0.249_999_997_938_846_4, 0.249_999_997_938_846_4]);
    }

    #[test]
    fn nothing_but_impossible_classes_is_nan() {
        for x in [[-INF, -INF], [INF, 0.0], [f32::NAN, 0.0]] {
            let mut own = Tensor(x);
            assert!(cross_entropy(&Tensor(x), &0, Reduction::Sum).is_nan());
            assert!(cross_entropy(&mut own, &Tensor([0.0, 1.0]), Reduction::Sum).is_nan());
            assert!(own.iter().all(|g| g.is_nan()));
        }
    }
}
