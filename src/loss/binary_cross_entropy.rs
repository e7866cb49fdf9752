//! Yes or no: the cross entropy of a probability, and of a logit.

use super::element::weighted;
use super::joint::{JointLoss, joint_loss};
use super::prediction::{Cells, Elements};
use super::{ElementLoss, PosWeights, Prediction, Reduce, element_loss};
use crate::ops::activation::{ln_1p_exp_tail, sigmoid_pair};
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::Tensor;

struct Bce;

impl ElementLoss for Bce {
    #[inline]
    fn value<T: Float>(&self, p: T, y: T) -> T {
        let least = T::from_f64(-100.0);
        (y - T::ONE) * (-p).ln_1p().maximum(least) - y * p.ln().maximum(least)
    }

    #[inline]
    fn derivative<T: Float>(&self, p: T, y: T) -> T {
        (p - y) / ((T::ONE - p) * p).maximum(T::from_f64(1e-12))
    }
}

/// The binary cross entropy −(y · ln p + (1 − y) · ln(1 − p)) of a *probability* p in [0, 1].
///
/// The logarithms are not below −100, and the derivative's denominator p (1 − p) not below 10⁻¹², so that p = 0 and p = 1 have
/// finite losses and gradients, as in PyTorch. A p outside [0, 1] has a loss of NaN. Prefer
/// [`binary_cross_entropy_with_logits()`], which needs no such bounds.
///
/// *Shapes:* prediction and target `S`; the result a number, or `S` without a reduction. *The mean* divides by the number of
/// elements. *Source:* [`binary_cross_entropy()`](https://docs.pytorch.org/docs/stable/generated/torch.nn.BCELoss.html).
///
/// ```
/// use adamant::prelude::*;
/// let mut p = Tensor([0.5f64, 0.0]);
/// let losses = binary_cross_entropy(&mut p, &Tensor([1.0, 1.0]), Reduction::None);
/// assert!(losses.all_close(&Tensor([2f64.ln(), 100.0]), 1e-12, 0.0));
/// assert_eq!(p, Tensor([-2.0, -1e12])); // the gradient
/// ```
#[doc(alias = "BCELoss")]
#[inline]
pub fn binary_cross_entropy<S: Shape<Elem: Float>, R: Reduce, P: Prediction<S>>(
    prediction: P,
    target: &Tensor<S>,
    reduction: R,
) -> P::Loss<R::Output<S>> {
    element_loss(&Bce, prediction, target, reduction)
}

/// [`binary_cross_entropy_with_logits()`] where the positives of a class count w: −(w · y · ln σ(x) + (1 − y) · ln σ(−x)).
///
/// A weight above 1 raises the recall, one below 1 the precision.
///
/// *Shapes:* prediction and target `S`; the weights broadcast to `S`: for a batch `[[f32; C]; B]` they are `[f32; C]`, or `[f32; 1]`
/// for all, and for a batch of signals `[[[f32; L]; C]; B]` they are `[[f32; 1]; C]`. *The mean* divides by the number of elements, whatever they weigh.
///
/// *Source:* the `pos_weight` of [`BCEWithLogitsLoss`](https://docs.pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html).
///
/// ```
/// use adamant::prelude::*;
/// let mut x = Tensor([[0.0f64, 0.0], [0.0, 0.0]]);
/// let weights = Tensor([3.0, 1.0]);
/// let loss = BceWithLogits::new().pos_weight(&weights);
/// let losses = loss.loss(&mut x, &Tensor([[1.0, 1.0], [0.0, 0.0]]), Reduction::None);
/// let ln2 = 2f64.ln();
/// assert!(losses.all_close(&Tensor([[3.0 * ln2, ln2], [ln2, ln2]]), 1e-12, 0.0));
/// assert_eq!(x, Tensor([[-1.5, -0.5], [0.5, 0.5]])); // the gradient
/// ```
#[doc(alias = "BCEWithLogitsLoss")]
#[derive(Clone, Copy, Debug)]
pub struct BceWithLogits<W = ()> {
    pos_weight: W,
}

impl BceWithLogits {
    /// Positives count as negatives do: [`binary_cross_entropy_with_logits()`].
    #[inline]
    pub const fn new() -> Self {
        Self { pos_weight: () }
    }
}

impl Default for BceWithLogits {
    fn default() -> Self {
        Self::new()
    }
}

impl<W> BceWithLogits<W> {
    /// How much a positive of each class counts. With a weight of 0 it takes no part, also at −∞.
    #[inline]
    pub fn pos_weight<V: Shape<Elem: Float>>(self, pos_weight: &Tensor<V>) -> BceWithLogits<&Tensor<V>> {
        BceWithLogits { pos_weight }
    }

    /// The loss of a prediction.
    #[inline]
    pub fn loss<S: Shape<Elem: Float>, R: Reduce, P: Prediction<S>>(
        self,
        mut prediction: P,
        target: &Tensor<S>,
        reduction: R,
    ) -> P::Loss<R::Output<S>>
    where
        W: PosWeights<S>,
    {
        let Some(weights) = self.pos_weight.cells() else { return element_loss(&Logit, prediction, target, reduction) };
        let mut logits = prediction.elements();
        let cells = [logits.cells(), Cells::Read(target.as_slice()), weights];
        let losses = joint_loss::<S, R, 3>(&Logit, cells, reduction);
        drop(logits);
        prediction.loss(losses)
    }
}

/// Of a logit and a target, and a weight of the positives, too.
struct Logit;

impl ElementLoss for Logit {
    #[inline]
    fn value<T: Float>(&self, x: T, y: T) -> T {
        loss(x, against(x, y, T::ONE), T::ONE)
    }

    #[inline]
    fn derivative<T: Float>(&self, x: T, y: T) -> T {
        slope(x, against(x, y, T::ONE), T::ONE)
    }
}

impl JointLoss<3> for Logit {
    #[inline]
    fn value<T: Float>(&self, [x, y, w]: [T; 3]) -> T {
        loss(x, against(x, y, w), both(y, w))
    }

    #[inline]
    fn derivatives<T: Float>(&self, [x, y, w]: [T; 3]) -> [T; 3] {
        [slope(x, against(x, y, w), both(y, w)), T::ZERO, T::ZERO]
    }
}

/// The loss of a logit x, from how much of the target is not where it points and what positive and negative weigh together.
#[inline(always)]
fn loss<T: Float>(x: T, against: T, both: T) -> T {
    weighted(against, x.abs()) + both * ln_1p_exp_tail(x)
}

/// Its derivative.
#[inline(always)]
fn slope<T: Float>(x: T, against: T, both: T) -> T {
    let (sigmoid, complement) = sigmoid_pair(x);
    if x > T::ZERO { against - both * complement } else { both * sigmoid - against }
}

/// How much of the target is not where the logit points: 1 − y above 0, else w · y. Taken first, it leaves a large logit nothing to
/// cancel: |x| and ln(1 + e^−|x|) are never subtracted.
#[inline(always)]
fn against<T: Float>(x: T, y: T, w: T) -> T {
    if x > T::ZERO { T::ONE - y } else { w * y }
}

/// What positive and negative weigh together: w · y + 1 − y.
#[inline(always)]
fn both<T: Float>(y: T, w: T) -> T {
    (w - T::ONE) * y + T::ONE
}

/// The binary cross entropy of a *logit* x, the probability being σ(x): max(x, 0) − x · y + ln(1 + e^−|x|), which neither
/// overflows nor takes a logarithm near 0, and keeps its digits, and its gradient's, however sure the prediction is: for x = 20
/// and y = 1 it is 2.06 · 10⁻⁹, also in `f32`.
///
/// A weight of the positives is a setting: [`BceWithLogits`]. An infinite logit has the loss 0 where the target agrees with it, else ∞ (PyTorch's is NaN in the one case).
///
/// *Shapes:* prediction and target `S`; the result a number, or `S` without a reduction. *The mean* divides by the number of
/// elements. *Source:*
/// [`binary_cross_entropy_with_logits()`](https://docs.pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html).
///
/// ```
/// use adamant::prelude::*;
/// let mut x = Tensor([0.0f64, -1000.0]);
/// let losses = binary_cross_entropy_with_logits(&mut x, &Tensor([1.0, 1.0]), Reduction::None);
/// assert!(losses.all_close(&Tensor([2f64.ln(), 1000.0]), 1e-12, 0.0));
/// assert_eq!(x, Tensor([-0.5, -1.0])); // the gradient
/// ```
#[doc(alias = "BCEWithLogitsLoss")]
#[inline]
pub fn binary_cross_entropy_with_logits<S: Shape<Elem: Float>, R: Reduce, P: Prediction<S>>(
    prediction: P,
    target: &Tensor<S>,
    reduction: R,
) -> P::Loss<R::Output<S>> {
    BceWithLogits::new().loss(prediction, target, reduction)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::{Reduction, SeedableRng, SmallRng};

    /// The loss and the gradient of one element.
    fn logit<T: Float>(x: T, y: T) -> (T, T) {
        (ElementLoss::value(&Logit, x, y), Logit.derivative(x, y))
    }

    #[track_caller]
    fn near<T: Float>((loss, gradient): (T, T), expected: (f64, f64)) {
        let tolerance = 8.0 * T::EPSILON.to_f64();
        for (found, right) in [(loss, expected.0), (gradient, expected.1)] {
            assert!((found.to_f64() - right).abs() <= tolerance * right.abs(), "{found:e}, not {right:e}");
        }
    }

    /// References: 50 digits.
    #[test]
    fn a_sure_prediction_keeps_its_digits() {
        near(logit(12.0f32, 1.0), (6.144_193_477_732_805e-6, -6.144_174_602_214_718e-6));
        near(logit(-12.0f32, 0.0), (6.144_193_477_732_805e-6, 6.144_174_602_214_718e-6));
        near(logit(20.0f32, 1.0), (2.061_153_620_314_381e-9, -2.061_153_618_190_204e-9));
        near(logit(20.0f64, 1.0), (2.061_153_620_314_381e-9, -2.061_153_618_190_204e-9));
        near(logit(40.0f64, 1.0), (4.248_354_255_291_589e-18, -4.248_354_255_291_589e-18));
        near(logit(-40.0f64, 0.0), (4.248_354_255_291_589e-18, 4.248_354_255_291_589e-18));
        near(logit(12.0f32, 0.0), (12.000_006_144_193_478, 0.999_993_855_825_397_8));
        near(logit(-12.0f32, 1.0), (12.000_006_144_193_478, -0.999_993_855_825_397_8));
        // Soft targets.
        near(logit(20.0f64, 0.75), (5.000_000_002_061_154, 0.249_999_997_938_846_4));
        near(logit(-20.0f32, 0.25), (5.000_000_002_061_154, -0.249_999_997_938_846_4));
    }

    #[test]
    fn the_weights_of_the_positives_broadcast() {
        let rng = &mut SmallRng::seed_from_u64(0);
        let x = Tensor::<[[[f64; 5]; 3]; 20]>::randn(rng);
        let y = Tensor::uniform(0.0, 1.0, rng);
        let each = Tensor([[2.0], [0.5], [3.0]]);
        let whole = Tensor::<[[[f64; 5]; 3]; 20]>::from_fn(|[_, c, _]| each.0[c][0]);
        let reduced = |loss: BceWithLogits<_>| loss.loss(&x, &y, Reduction::None);
        assert_eq!(
            reduced(BceWithLogits::new().pos_weight(&each)),
            BceWithLogits::new().pos_weight(&whole).loss(&x, &y, Reduction::None)
        );
        let [mut a, mut b] = [x; 2];
        let one = BceWithLogits::new().pos_weight(&Tensor([2.0])).loss(&mut a, &y, Reduction::Mean);
        let all = BceWithLogits::new().pos_weight(&Tensor(2.0)).loss(&mut b, &y, Reduction::Mean);
        assert_eq!((*one, a), (*all, b));
    }

    #[test]
    fn an_infinite_logit_is_right_or_wrong() {
        const INF: f32 = f32::INFINITY;
        assert_eq!((logit(INF, 0.0), logit(INF, 1.0)), ((INF, 1.0), (0.0, 0.0)));
        assert_eq!((logit(-INF, 0.0), logit(-INF, 1.0)), ((0.0, 0.0), (INF, -1.0)));
        assert_eq!((logit(INF, 0.5), logit(-INF, 0.5)), ((INF, 0.5), (INF, -0.5)));
        assert_eq!(logit(f64::INFINITY, 1.0), (0.0, 0.0));
        for (x, y) in [(f32::NAN, 0.0), (f32::NAN, 1.0), (1.0, f32::NAN), (INF, f32::NAN)] {
            assert!(logit(x, y).0.is_nan() && logit(x, y).1.is_nan(), "{x} {y}");
        }
    }

    #[test]
    fn the_logarithm_of_a_probability_stops_at_minus_100() {
        let losses = |p: [f32; 4], y| p.map(|p| Bce.value(p, y));
        // ε + ε²/2 + ε³/3 lies just beyond the middle between ε and the next number.
        assert_eq!(
            losses([0.0, 1.0, 1e-45, 1.0 - f32::EPSILON], 1.0),
            [100.0, 0.0, 1e-45f32.ln().abs().min(100.0), f32::EPSILON.next_up()]
        );
        assert_eq!(losses([0.0, 1.0, 1e-45, 0.5], 0.0), [0.0, 100.0, 1e-45, 2f32.ln()]);
        assert!(losses([f32::NAN, -0.5, 2.0, 1.5], 0.5).iter().all(|loss| loss.is_nan()));
        assert_eq!([0.0f32, 1.0].map(|p| Bce.derivative(p, 0.0)), [0.0, 1e12]);
    }
}
