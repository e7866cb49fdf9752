//! Targets of class losses, and the loop over the rows that these losses share.

use super::prediction::Elements;
use super::reduction::sum_of_pairs;
use super::{Prediction, Reduce};
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
            fn label(probabilities: &[$t], row: usize, classes: usize) -> Label<'_, $t> {
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

/// One row's target.
pub enum Label<'a, T> {
    /// The index of its class, or none if it is not among the classes.
    Class(Option<usize>),
    /// The probability of each class.
    Probabilities(&'a [T]),
}

impl<T: Float> Label<'_, T> {
    /// Σ t, where t is 1 at the class, or the probability.
    #[inline]
    pub(super) fn total(&self) -> T {
        match self {
            Self::Class(_) => T::ONE,
            Self::Probabilities(t) => simd::sum(t),
        }
    }

    /// Σ t · (x − shift).
    #[inline]
    pub(super) fn pick(&self, x: &[T], shift: T) -> T {
        match self {
            Self::Class(class) => class.and_then(|class| x.get(class)).map_or(T::NAN, |&x| x - shift),
            Self::Probabilities(t) => sum_of_pairs(t, x, |t, x| t * (x - shift)),
        }
    }

    /// x += alpha · t.
    #[inline]
    pub(super) fn add_to(&self, alpha: T, x: &mut [T]) {
        match self {
            Self::Class(class) => {
                if let Some(x) = class.and_then(|class| x.get_mut(class)) {
                    *x += alpha;
                }
            }
            Self::Probabilities(t) => simd::axpy(alpha, t, x),
        }
    }
}

/// What a target is made of, for a prediction of `T`.
pub trait ClassLabel<T>: Sized {
    /// The target of one row.
    fn label(items: &[Self], row: usize, classes: usize) -> Label<'_, T>;
}

impl<I: ClassIndex + Element, T: Float> ClassLabel<T> for I {
    #[inline]
    fn label(indices: &[I], row: usize, classes: usize) -> Label<'_, T> {
        let class = indices.get(row).and_then(|index| index.class_index());
        Label::Class(class.filter(|&class| class < classes))
    }
}

/// A loss of one row of numbers, one a class.
pub(super) trait RowLoss {
    /// The loss of the row `x`, which is overwritten by `factor` times the gradient if it may be.
    fn row<T: Float>(&self, x: impl Elements<T>, label: Label<'_, T>, factor: T) -> T;
}

/// The shape of one loss a row.
pub(super) type PerRow<S> = <S as Axis<-1>>::Removed;

/// The losses of all rows, reduced. A row whose class is not among the classes has a loss and a gradient of NaN.
#[inline]
pub(super) fn class_loss<T: Float, S: Shape<Elem = T> + Axis<-1>, R: Reduce, P: Prediction<S>>(
    loss: &impl RowLoss,
    mut prediction: P,
    target: &impl ClassTarget<S>,
    reduction: R,
) -> P::Loss<R::Output<PerRow<S>>> {
    let factor = T::from_usize(reduction.divisor::<PerRow<S>>()).recip();
    let (mut rows, items) = (prediction.elements(), target.items());
    let mut row = 0;
    let losses = reduction.reduce::<PerRow<S>>(|losses| {
        for value in losses {
            let x = rows.take(S::SIZE);
            *value = match ClassLabel::label(items, row, S::SIZE) {
                Label::Class(None) => {
                    x.overwrite(|x| x.fill(T::NAN));
                    T::NAN
                }
                label => loss.row(x, label, factor),
            };
            row += 1;
        }
    });
    drop(rows);
    prediction.loss(losses)
}
