//! Weights of classes.

use crate::shape::{EndsIn, Shape};
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
