//! Weights of classes, and of what is positive.

use super::prediction::Cells;
use crate::shape::{Broadcast, EndsIn, Shape, met};
use crate::tensor::Tensor;

/// How much each class of a prediction of the shape `S` counts: `()`, each as 1, or `&Tensor<W>`, where the dimensions of `W` are the
/// last of `S`.
#[diagnostic::on_unimplemented(
    message = "the weights `{Self}` do not fit the prediction `Tensor<{S}>`",
    label = "the weights' dimensions are the prediction's last",
    note = "for a prediction `[[f32; C]; B]` the weights of the classes are a `Tensor<[f32; C]>`"
)]
pub trait Weights<S: Shape>: Copy {
    /// The weights, if they are not all 1.
    fn weights(&self) -> Option<&[S::Elem]>;
}

#[diagnostic::do_not_recommend]
impl<S: Shape> Weights<S> for () {
    #[inline]
    fn weights(&self) -> Option<&[S::Elem]> {
        None
    }
}

#[diagnostic::do_not_recommend]
impl<W: Shape, S: EndsIn<W>> Weights<S> for &Tensor<W> {
    #[inline]
    fn weights(&self) -> Option<&[S::Elem]> {
        Some(self.as_slice())
    }
}

/// How much the positives of a prediction of the shape `S` count: `()`, each as 1, or `&Tensor<W>`, which broadcasts to `S`.
#[diagnostic::on_unimplemented(
    message = "the weights `{Self}` do not broadcast to the prediction `Tensor<{S}>`",
    label = "the weights' dimensions are the prediction's last, or 1",
    note = "for a prediction `[[f32; C]; B]` the weights of the positives are a `Tensor<[f32; C]>`, or a `Tensor<[f32; 1]>` for all"
)]
pub trait PosWeights<S: Shape>: Copy {
    /// A weight for each element, if they are not all 1.
    fn cells(&self) -> Option<Cells<'_, S::Elem>>;
}

#[diagnostic::do_not_recommend]
impl<S: Shape> PosWeights<S> for () {
    #[inline]
    fn cells(&self) -> Option<Cells<'_, S::Elem>> {
        None
    }
}

#[diagnostic::do_not_recommend]
impl<W: Shape<Elem = S::Elem> + Broadcast<S>, S: Shape> PosWeights<S> for &Tensor<W> {
    #[inline]
    fn cells(&self) -> Option<Cells<'_, S::Elem>> {
        Some(Cells::Repeat(0, met::<S, W>, self.as_slice()))
    }
}
