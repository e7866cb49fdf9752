//! Targets of class losses, and the loop over the rows that these losses share.

use super::element::weighted;
use super::prediction::{Elements, put};
use super::reduction::{sum_blocks, sum_of, sum_of_pairs, sum_of_triples};
use super::{Prediction, Reduce, Weights};
use crate::data::ClassIndex;
use crate::shape::{Axis, Element, Shape};
use crate::simd::{self, Float};
use crate::tensor::Tensor;

/// A target that fits a prediction of the shape `S`, whose last dimension counts the classes.
///
/// Indices have the leading dimensions, one index a row: for a prediction `[[f32; C]; B]` any `[u8; B]`, `[usize; B]`,
/// `Tensor<[i64; B]>`, …; for one sample `[f32; C]` a single integer. Probabilities have the shape `S` itself.
///
/// An array fits an array of the same length whose items it fits: so deep a batch as you like.
#[diagnostic::on_unimplemented(
    message = "the target `{Self}` does not fit the prediction `Tensor<{S}>`",
    label = "the target's dimensions are the prediction's but the last, which counts the classes",
    note = "for a prediction `[[f32; C]; B]` a target is `[I; B]` or `Tensor<[I; B]>`, where `I` is an integer type",
    note = "`cross_entropy` also takes probabilities, in the prediction's own shape and type"
)]
pub trait ClassTarget<S: Shape> {
    /// The type of one index or probability.
    type Item: ClassLabel<S::Elem>;

    /// All of them, row by row.
    fn items(&self) -> &[Self::Item];
}

#[diagnostic::do_not_recommend]
impl<I: ClassIndex + Element, T: Float, const C: usize> ClassTarget<[T; C]> for I {
    type Item = I;

    #[inline]
    fn items(&self) -> &[I] {
        core::slice::from_ref(self)
    }
}

macro_rules! probabilities {
    ($($t:ty),+) => {$(
        #[diagnostic::do_not_recommend]
        impl ClassTarget<$t> for $t {
            type Item = $t;

            #[inline]
            fn items(&self) -> &[$t] {
                core::slice::from_ref(self)
            }
        }

        impl ClassLabel<$t> for $t {
            #[inline]
            fn label(probabilities: &[$t], row: usize, classes: usize, _: Option<i64>) -> Label<'_, $t> {
                let start = row * classes;
                Label::Probabilities(probabilities.get(start..start + classes).unwrap_or_default())
            }
        }
    )+};
}

probabilities!(f32, f64);

#[diagnostic::do_not_recommend]
impl<Y, A, const B: usize> ClassTarget<[A; B]> for [Y; B]
where
    A: Shape,
    Y: ClassTarget<A> + Shape<Elem = <Y as ClassTarget<A>>::Item>,
{
    type Item = <Y as ClassTarget<A>>::Item;

    #[inline]
    fn items(&self) -> &[Self::Item] {
        Y::flatten(self)
    }
}

#[diagnostic::do_not_recommend]
impl<Y: ClassTarget<S>, S: Shape> ClassTarget<S> for Tensor<Y> {
    type Item = Y::Item;

    #[inline]
    fn items(&self) -> &[Y::Item] {
        self.0.items()
    }
}

/// A target of class indices that fits a prediction of the shape `S`: a [`ClassTarget`] other than probabilities.
#[diagnostic::on_unimplemented(
    message = "the target `{Self}` does not fit the prediction `Tensor<{S}>`",
    label = "must be class indices in the prediction's dimensions but the last, which counts the classes",
    note = "for a prediction `[[f32; C]; B]` a target is `[I; B]` or `Tensor<[I; B]>`, where `I` is an integer type"
)]
pub trait ClassIndices<S: Shape>: ClassTarget<S> {}

#[diagnostic::do_not_recommend]
impl<S: Shape, Y: ClassTarget<S, Item: ClassIndex>> ClassIndices<S> for Y {}

/// One row's target.
#[derive(Clone, Copy)]
pub enum Label<'a, T> {
    /// The index of its class, or none if it is not among the classes.
    Class(Option<usize>),
    /// The probability of each class.
    Probabilities(&'a [T]),
    /// The row takes no part.
    Ignored,
}

/// What a target is made of, for a prediction of `T`.
pub trait ClassLabel<T>: Sized {
    /// The target of one row. An index that is `ignored` is no class.
    fn label(items: &[Self], row: usize, classes: usize, ignored: Option<i64>) -> Label<'_, T>;
}

impl<I: ClassIndex + Element, T: Float> ClassLabel<T> for I {
    #[inline]
    fn label(indices: &[I], row: usize, classes: usize, ignored: Option<i64>) -> Label<'_, T> {
        let index = indices.get(row);
        if let (Some(index), Some(ignored)) = (index, ignored)
            && index.is(ignored)
        {
            return Label::Ignored;
        }
        Label::Class(index.and_then(|index| index.class_index()).filter(|&class| class < classes))
    }
}

/// One row's target t, where the class i counts wᵢ. t is 1 at the class and 0 elsewhere, or the probabilities.
#[derive(Clone, Copy)]
pub(super) struct RowTarget<'a, T> {
    label: Label<'a, T>,
    weights: Option<&'a [T]>,
}

impl<T: Float> RowTarget<'_, T> {
    /// w of the class, if the target is one: NaN if it is not among the classes.
    #[inline]
    fn weight(&self, class: Option<usize>) -> T {
        let weight = |class| self.weights.map_or(Some(T::ONE), |weights| weights.get(class).copied());
        class.and_then(weight).unwrap_or(T::NAN)
    }

    /// The class and its weight.
    #[inline]
    pub(super) fn class(&self) -> Option<(usize, T)> {
        let Label::Class(class) = self.label else { return None };
        Some((class?, self.weight(class)))
    }

    /// How much the row counts in a mean.
    #[inline]
    fn count(&self) -> T {
        match self.label {
            Label::Ignored => T::ZERO,
            Label::Class(None) if self.weights.is_none() => T::ONE,
            Label::Class(class) => self.weight(class),
            Label::Probabilities(_) => T::ONE,
        }
    }

    /// Σ w · t.
    #[inline]
    pub(super) fn total(&self) -> T {
        match (self.label, self.weights) {
            (Label::Ignored, _) => T::ZERO,
            (Label::Class(class), _) => self.weight(class),
            (Label::Probabilities(t), None) => simd::sum(t),
            (Label::Probabilities(t), Some(w)) => sum_of_pairs(t, w, |t, w| t * w),
        }
    }

    /// Σ w · t · (x − shift), where a class of which the target has nothing takes no part, also at −∞.
    #[inline]
    pub(super) fn pick(&self, x: &[T], shift: T) -> T {
        match (self.label, self.weights) {
            (Label::Ignored, _) => T::ZERO,
            (Label::Class(class), _) => {
                let x = class.and_then(|class| x.get(class)).copied().unwrap_or(T::NAN) - shift;
                let weight = self.weight(class);
                // What is sure costs nothing, also with an infinite weight.
                if x == T::ZERO && !weight.is_nan() { x } else { weighted(weight, x) }
            }
            (Label::Probabilities(t), None) => sum_of_pairs(t, x, |t, x| weighted(t, x - shift)),
            (Label::Probabilities(t), Some(w)) => sum_of_triples(t, w, x, |t, w, x| weighted(t * w, x - shift)),
        }
    }

    /// The mean of w.
    #[inline]
    pub(super) fn mean_weight(&self) -> T {
        self.weights.map_or(T::ONE, |w| simd::sum(w) / T::from_usize(w.len()))
    }

    /// Σ w · (x − shift): [`pick`](Self::pick) of a target that is 1 everywhere.
    #[inline]
    pub(super) fn pick_all(&self, x: &[T], shift: T) -> T {
        match self.weights {
            None => sum_of(x, |x| x - shift),
            Some(w) => sum_of_pairs(w, x, |w, x| weighted(w, x - shift)),
        }
    }

    /// x ← f(x, w · t, w).
    #[inline]
    pub(super) fn zip_in_place(&self, x: &mut [T], f: impl Fn(T, T, T) -> T) {
        match (self.label, self.weights) {
            (Label::Probabilities(t), None) => simd::zip_in_place(x, t, |x, t| f(x, t, T::ONE)),
            (Label::Probabilities(t), Some(w)) => {
                for (x, (&t, &w)) in x.iter_mut().zip(t.iter().zip(w)) {
                    *x = f(*x, w * t, w);
                }
            }
            (Label::Class(_) | Label::Ignored, weights) => {
                let own = self.class().and_then(|(class, w)| Some((class, f(*x.get(class)?, w, w))));
                match weights {
                    None => simd::map_in_place(x, |x| f(x, T::ZERO, T::ONE)),
                    Some(w) => simd::zip_in_place(x, w, |x, w| f(x, T::ZERO, w)),
                }
                if let Some((class, own)) = own {
                    put(x, class, own);
                }
            }
        }
    }
}

/// A loss of one row of numbers, one a class.
pub(super) trait RowLoss {
    /// Whether a row counts in a mean as its class's weight does, or every row alike.
    const WEIGHTED_MEAN: bool = true;

    /// The loss of the row `x`, which is overwritten by `factor` times the gradient if it may be.
    fn row<T: Float>(&self, x: impl Elements<T>, target: RowTarget<'_, T>, factor: T) -> T;
}

/// The shape of one loss a row.
pub(super) type PerRow<S> = <S as Axis<-1>>::Removed;

/// The targets of all rows.
struct Targets<'a, T, I> {
    items: &'a [I],
    classes: usize,
    weights: Option<&'a [T]>,
    ignored: Option<i64>,
}

impl<T: Float, I: ClassLabel<T>> Targets<'_, T, I> {
    #[inline]
    fn row(&self, row: usize) -> RowTarget<'_, T> {
        RowTarget { label: I::label(self.items, row, self.classes, self.ignored), weights: self.weights }
    }

    /// How much so many rows count together.
    #[inline]
    fn count(&self, rows: usize) -> T {
        if self.weights.is_none() && self.ignored.is_none() {
            return T::from_usize(rows);
        }
        let mut row = 0..rows;
        sum_blocks(rows, |block| block.iter_mut().zip(&mut row).for_each(|(count, row)| *count = self.row(row).count()))
    }
}

/// The losses of all rows, reduced. A row whose class is not among the classes has a loss and a gradient of NaN, one that is
/// `ignored` of 0.
#[inline]
pub(super) fn class_loss<T, S, Y, R, P, L>(
    loss: &L,
    weights: &impl Weights<S>,
    ignored: Option<i64>,
    mut prediction: P,
    target: &Y,
    reduction: R,
) -> P::Loss<R::Output<PerRow<S>>>
where
    T: Float,
    S: Shape<Elem = T> + Axis<-1>,
    Y: ClassTarget<S>,
    R: Reduce,
    P: Prediction<S>,
    L: RowLoss,
{
    let targets = Targets { items: target.items(), classes: S::SIZE, weights: weights.weights(), ignored };
    let divisor = match R::MEAN && L::WEIGHTED_MEAN {
        true => targets.count(PerRow::<S>::LEN),
        false => T::from_usize(reduction.divisor::<PerRow<S>>()),
    };
    let (mut rows, factor) = (prediction.elements(), divisor.recip());
    let mut row = 0;
    let losses = reduction.reduce::<PerRow<S>>(divisor, |losses| {
        for value in losses {
            let x = rows.take(S::SIZE);
            let target = targets.row(row);
            *value = match target.label {
                Label::Class(None) => filled(x, T::NAN),
                Label::Ignored => filled(x, T::ZERO),
                _ => loss.row(x, target, factor),
            };
            row += 1;
        }
    });
    drop(rows);
    prediction.loss(losses)
}

/// The loss of a row that is not computed, which is its gradient as well.
#[inline]
fn filled<T: Float>(x: impl Elements<T>, loss: T) -> T {
    x.overwrite(|x| x.fill(loss));
    loss
}
