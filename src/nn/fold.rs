//! Folding a normalisation by known numbers into the layer before it.

use super::bias::{Bias, BiasOption};
use super::conv1d::Conv1dOptions;
use super::conv2d::Conv2dOptions;
use super::options::Convolves;
use super::{Conv1d, Conv2d, Linear, Param};
use crate::ops::Addend;
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
        let bias = self.bias.tensor().map_or(*shift, |bias| bias.zip(scale, |b, s| b * s).zip(shift, |b, s| b + s));
        Linear::new(weight, Param::new(bias))
    }
}
/// A convolution of the weight w is linear in it: its output channel o times `scale[o]` is the convolution of w\[o\] · `scale[o]`.
/// Of its options only the bias changes.
macro_rules! convolutions {
    ($($layer:ident, $options:ident;)+) => {$(
        impl<const IN: usize, const OUT: usize, const KERNEL: usize, O, T, W> Fold<[T; OUT]> for $layer<IN, OUT, KERNEL, O, T>
        where
            T: Float,
            W: Shape<Elem = T>,
            O: $options<IN, OUT, KERNEL, Settings: Convolves<IN, OUT, Weight<T> = W>>,
            (O, Bias): $options<IN, OUT, KERNEL, Settings: Convolves<IN, OUT, Weight<T> = W, Bias = Bias>>,
        {
            type Folded = $layer<IN, OUT, KERNEL, (O, Bias), T>;

            fn fold(&self, scale: &Tensor<[T; OUT]>, shift: &Tensor<[T; OUT]>) -> Self::Folded {
                let mut weight = self.weight;
                let channels = weight.as_mut_slice().chunks_mut((W::LEN / OUT.max(1)).max(1));
                for (channel, scale) in channels.zip(scale) {
                    channel.iter_mut().for_each(|w| *w *= *scale);
                }
                let bias = self.bias.tensor().map_or(*shift, |bias| bias.zip(scale, |b, s| b * s).zip(shift, |b, s| b + s));
                $layer::new(weight, Param::new(bias))
            }
        }
    )+};
}

convolutions! {
    Conv1d, Conv1dOptions;
    Conv2d, Conv2dOptions;
}

#[cfg(test)]
mod tests {
    use crate::prelude::*;

    /// A normalisation with statistics of its own after a convolution, and the convolution that has taken it in.
    macro_rules! folds {
        ($conv:ty) => {{
            let rng = &mut SmallRng::seed_from_u64(2);
            let conv = <$conv>::init(rng);
            let mut norm = BatchNorm2d::<6, Affine, f64>::init(rng);
            norm.running_mean.fill_normal(0.0, 1.0, rng);
            norm.running_var.fill_uniform(0.5, 2.0, rng);
            let x = Tensor::<[[[[f64; 7]; 8]; 4]; 2]>::randn(rng);
            let both = norm.forward(&conv.forward(&x));
            assert!(norm.fold_into(&conv).forward(&x).all_close(&both, 1e-12, 1e-12));
        }};
    }

    #[test]
    fn convolutions_take_in_a_normalisation() {
        folds!(Conv2d<4, 6, 3, (), f64>);
        folds!(Conv2d<4, 6, 3, NoBias, f64>);
        folds!(Conv2d<4, 6, 3, (Same, Groups<2>, NoBias), f64>);
    }
}
