//! Folding a normalisation by known numbers into the layer before it.

use super::bias::{Bias, BiasOption, BiasParam};
use super::{Linear, Param};
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::Tensor;

/// A layer that can take in what follows it, when that is output · scale + shift with two numbers a channel: a linear layer, a
/// convolution.
///
/// [`BatchNorm1d::fold_into`](super::BatchNorm1d::fold_into) and [`BatchNorm2d::fold_into`](super::BatchNorm2d::fold_into) use it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot take in a normalisation of `{S}`",
    note = "a batch normalisation folds into the layer directly before it, with as many output channels"
)]
pub trait Fold<S: Shape> {
    /// The layer with a bias, which the shift needs.
    type Folded;

    /// The layer whose output is this one's times `scale` plus `shift`, channel by channel.
    fn fold(&self, scale: &Tensor<S>, shift: &Tensor<S>) -> Self::Folded;
}

/// (x · W + b) · scale + shift = x · (W · scale) + (b · scale + shift).
impl<const IN: usize, const OUT: usize, B: BiasOption, T: Float> Fold<[T; OUT]> for Linear<IN, OUT, B, T> {
    type Folded = Linear<IN, OUT, Bias, T>;

    fn fold(&self, scale: &Tensor<[T; OUT]>, shift: &Tensor<[T; OUT]>) -> Self::Folded {
        let mut weight = self.weight;
        for row in weight.as_mut_array() {
            Tensor::from_mut(row).zip_in_place(scale, |w, s| w * s);
        }
        let bias = self.bias.get().map_or(*shift, |bias| bias.zip(scale, |b, s| b * s).zip(shift, |b, s| b + s));
        Linear::new(weight, Param::new(bias))
    }
}
