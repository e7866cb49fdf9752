//! What is alike is to be nearer than what is not.

use super::class::PerRow;
use super::element::hinge;
use super::joint::{Roles, overwrite_together};
use super::prediction::Elements;
use super::reduction::sum_of_pairs;
use super::settings::settings;
use super::{Prediction, Reduce};
use crate::shape::{Axis, Shape};
use crate::simd::Float;

settings! {
    /// [`triplet_margin_loss()`] with settings: the margin, the norm, the swap of anchor and positive.
    ///
    /// The loss of anchor a, positive p and negative n is max(0, margin + ‖a − p + ε‖ − ‖a − n + ε‖). With `swap` the last distance is
    /// the smaller one of it and ‖p − n + ε‖.
    ///
    /// *Shapes, mean:* as of [`triplet_margin_loss()`].
    ///
    /// *Source:* [`TripletMarginLoss`](https://docs.pytorch.org/docs/stable/generated/torch.nn.TripletMarginLoss.html); on the swap Balntas
    /// et al., *Learning local feature descriptors with triplets and shallow convolutional neural networks*, 2016.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let (a, p, n) = (Tensor([[0.0f64, 0.0]]), Tensor([[3.0, 4.0]]), Tensor([[3.0, 1.0]]));
    /// let manhattan = TripletMargin::new().p(1.0).margin(0.5);
    /// assert!((manhattan.loss(&a, &p, &n, Reduction::Sum) - (0.5 + 7.0 - 4.0)).abs() < 1e-5);
    /// assert!((manhattan.swap(true).loss(&a, &p, &n, Reduction::Sum) - (0.5 + 7.0 - 3.0)).abs() < 1e-5);
    /// ```
    #[doc(alias = "TripletMarginLoss")]
    TripletMargin;

    /// A margin of 1 between Euclidean distances: [`triplet_margin_loss()`].
    new {
        /// How much nearer the positive must be to cost nothing.
        margin: f64 = 1.0,
        /// Which norm a distance is, (Σ |d|ᵖ)^(1/p): 2 unless told; ∞ is the largest |d|. One that is not positive gives NaN.
        p: f64 = 2.0,
        /// What is added to each difference: 10⁻⁶ unless told.
        eps: f64 = 1e-6,
        /// Whether the negative is to be as far from the positive as from the anchor.
        swap: bool = false,
    }
}

impl TripletMargin {
    /// The loss of three predictions.
    #[inline]
    pub fn loss<S, R, A, P, N>(
        self,
        mut anchor: A,
        mut positive: P,
        mut negative: N,
        reduction: R,
    ) -> <(A, P, N) as Roles>::Outcome<R::Output<PerRow<S>>>
    where
        S: Shape<Elem: Float> + Axis<-1>,
        R: Reduce,
        A: Prediction<S>,
        P: Prediction<S>,
        N: Prediction<S>,
        (A, P, N): Roles,
    {
        let divisor = S::Elem::from_usize(reduction.divisor::<PerRow<S>>());
        let factor = divisor.recip();
        let (mut a, mut p, mut n) = (anchor.elements(), positive.elements(), negative.elements());
        let mut cells = [a.cells(), p.cells(), n.cells()];
        let losses = reduction.reduce::<PerRow<S>>(divisor, |losses| {
            for value in losses {
                let rows = cells.each_mut().map(|cells| cells.take(S::SIZE));
                let [a, p, n] = rows.each_ref().map(|row| row.values());
                let (near, apart) = (self.distance(a, p), self.apart(a, p, n));
                let (loss, slope) = hinge(S::Elem::from_f64(self.margin) + near.norm - apart.norm);
                *value = loss;
                let slope = factor * slope;
                overwrite_together(rows, |[a, p, n]| {
                    let near = slope * near.slope(a, p);
                    let [from_anchor, from_positive] = apart.slopes(a, p, n).map(|s| slope * s);
                    [near - from_anchor, -near - from_positive, from_anchor + from_positive]
                });
            }
        });
        drop((a, p, n));
        (anchor, positive, negative).outcome(losses)
    }

    /// ‖x − y + ε‖ of a row.
    #[inline]
    fn distance<T: Float>(&self, x: &[T], y: &[T]) -> Distance<T> {
        Distance::new(T::from_f64(if self.p > 0.0 { self.p } else { f64::NAN }), T::from_f64(self.eps), x, y)
    }

    /// The distance of the negative.
    #[inline]
    fn apart<T: Float>(&self, a: &[T], p: &[T], n: &[T]) -> Apart<T> {
        let from_anchor = self.distance(a, n);
        if !self.swap {
            return Apart { norm: from_anchor.norm, from_anchor, from_positive: None };
        }
        let from_positive = self.distance(p, n);
        let norm = from_anchor.norm.minimum(from_positive.norm);
        Apart { norm, from_anchor, from_positive: Some(from_positive) }
    }
}

/// The distance of the negative: from the anchor, or the smaller one of it and that from the positive.
struct Apart<T> {
    norm: T,
    from_anchor: Distance<T>,
    from_positive: Option<Distance<T>>,
}

impl<T: Float> Apart<T> {
    /// The derivatives with respect to anchor and positive; that of the negative is minus their sum. Two equal distances have half
    /// each, as in PyTorch.
    #[inline]
    fn slopes(&self, a: T, p: T, n: T) -> [T; 2] {
        let from_anchor = self.from_anchor.slope(a, n);
        let Some(positive) = &self.from_positive else { return [from_anchor, T::ZERO] };
        let (from_positive, half) = (positive.slope(p, n), T::from_f64(0.5));
        if self.from_anchor.norm < positive.norm {
            [from_anchor, T::ZERO]
        } else if positive.norm < self.from_anchor.norm {
            [T::ZERO, from_positive]
        } else {
            [half * from_anchor, half * from_positive]
        }
    }
}

/// ‖d‖ = (Σ |d|ᵖ)^(1/p) of differences d = x − y + ε.
struct Distance<T> {
    p: T,
    eps: T,
    norm: T,
    /// 1, or of the largest |d| one over how many are as large.
    share: T,
}

impl<T: Float> Distance<T> {
    #[inline]
    fn new(p: T, eps: T, x: &[T], y: &[T]) -> Self {
        let largest = x.iter().zip(y).fold(T::ZERO, |most, (&x, &y)| most.maximum((x - y + eps).abs()));
        let mut distance = Self { p, eps, norm: if p.is_nan() { p } else { largest }, share: T::ONE };
        if p == T::INFINITY {
            let ties = sum_of_pairs(x, y, |x, y| if distance.difference(x, y).abs() == largest { T::ONE } else { T::ZERO });
            distance.share = ties.recip();
        } else if p > T::ZERO && largest > T::ZERO && largest.is_finite() {
            // In units of the largest, no power overflows or vanishes.
            let powers = sum_of_pairs(x, y, |x, y| power(distance.difference(x, y).abs() / largest, p));
            distance.norm = largest * if p == T::ONE + T::ONE { powers.sqrt() } else { power(powers, p.recip()) };
        }
        distance
    }

    #[inline(always)]
    fn difference(&self, x: T, y: T) -> T {
        x - y + self.eps
    }

    /// ∂‖d‖/∂x, which is −∂‖d‖/∂y: 0 where d is, as in PyTorch.
    #[inline]
    fn slope(&self, x: T, y: T) -> T {
        let d = self.difference(x, y);
        let part = d.abs() / self.norm;
        let power = match self.p == T::INFINITY {
            true if part < T::ONE => T::ZERO,
            true => part * self.share,
            false => power(part, self.p - T::ONE),
        };
        if d == T::ZERO && !self.norm.is_nan() { T::ZERO } else { d.signum() * power }
    }
}

/// xᵖ of an x that is not negative.
#[inline(always)]
fn power<T: Float>(x: T, p: T) -> T {
    if p == T::ONE {
        x
    } else if p == T::ONE + T::ONE {
        x * x
    } else if p == T::ZERO {
        T::ONE
    } else {
        x.powf(p)
    }
}

/// How much nearer than by 1 the negative is to the anchor than the positive: max(0, 1 + ‖a − p‖ − ‖a − n‖), Euclidean distances of
/// which each difference has 10⁻⁶ added, as in PyTorch.
///
/// Another margin, another norm and the swap of anchor and positive are settings: [`TripletMargin`].
///
/// *Shapes:* anchor, positive and negative `[.., N]`; the result a number, or the losses `[..]` without a reduction. Each is
/// overwritten by its gradient or only read, as it is given. *The mean* divides by the number of triplets.
///
/// *Source:* [`triplet_margin_loss()`](https://docs.pytorch.org/docs/stable/generated/torch.nn.TripletMarginLoss.html); Schroff,
/// Kalenichenko and Philbin, *FaceNet: A Unified Embedding for Face Recognition and Clustering*, 2015.
///
/// ```
/// use adamant::prelude::*;
/// let (mut a, mut p, mut n) = (Tensor([[0.0f64, 0.0]]), Tensor([[3.0, 4.0]]), Tensor([[0.0, 2.0]]));
/// let loss = triplet_margin_loss(&mut a, &mut p, &mut n, Reduction::Mean);
/// assert!((*loss - (1.0 + 5.0 - 2.0)).abs() < 1e-5);
/// assert!(p.all_close(&Tensor([[0.6, 0.8]]), 0.0, 1e-5)); // the gradients
/// assert!(n.all_close(&Tensor([[0.0, -1.0]]), 0.0, 1e-5));
/// assert!(a.all_close(&Tensor([[-0.6, 0.2]]), 0.0, 1e-5));
/// ```
#[doc(alias = "TripletMarginLoss")]
#[inline]
pub fn triplet_margin_loss<S, R, A, P, N>(
    anchor: A,
    positive: P,
    negative: N,
    reduction: R,
) -> <(A, P, N) as Roles>::Outcome<R::Output<PerRow<S>>>
where
    S: Shape<Elem: Float> + Axis<-1>,
    R: Reduce,
    A: Prediction<S>,
    P: Prediction<S>,
    N: Prediction<S>,
    (A, P, N): Roles,
{
    TripletMargin::new().loss(anchor, positive, negative, reduction)
}
