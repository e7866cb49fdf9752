//! [`Transpose`].

use super::Layer;
use super::stateless::stateless;
use crate::ops::{transpose, transpose_backward};
use crate::shape::TransposeLast;
use crate::simd::Float;
use crate::tensor::Tensor;

/// The last two dimensions exchanged, y\[…\]\[j\]\[i\] = x\[…\]\[i\]\[j\]: between signals `[C][L]` and sequences `[T][F]`.
///
/// | | |
/// |---|---|
/// | input | `[A][B]`, any leading dimensions |
/// | output | `[B][A]`, the same leading dimensions |
///
/// [`Tensor::transpose`] as a layer.
///
/// ```
/// use adamant::prelude::*;
/// type Net = Sequential![Conv1d<2, 4, 3, Causal>, Transpose, Linear<4, 8>];
/// let net = Net::init(&mut SmallRng::seed_from_u64(0));
/// let y: Tensor<[[f32; 8]; 50]> = net.forward(&Tensor::<[[f32; 50]; 2]>::zeros());
/// ```
#[doc(alias("mT", "permute", "rearrange"))]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Transpose;

stateless!([] Transpose = Self, |_this| "Transpose()";);

#[crate::layer]
impl<S: TransposeLast<Elem: Float>> Layer<Tensor<S>> for Transpose {
    type Output = Tensor<S::Transposed>;
    type Kept = ();

    #[inline]
    fn compute(&self, x: &Tensor<S>, y: &mut Self::Output) {
        transpose(x, y);
    }

    #[inline]
    fn backward_input(&self, x: &mut Tensor<S>, (): &(), dy: &mut Self::Output) {
        x.fill(Float::ZERO);
        transpose_backward(dy, x);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradcheck::gradcheck;
    use crate::nn::Module;
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    #[test]
    fn rows_become_columns() {
        let x = Tensor::<[[[f64; 4]; 3]; 2]>::randn(&mut SmallRng::seed_from_u64(0));
        assert_eq!(Transpose.forward(&x), x.transpose());
        gradcheck(&mut Transpose, &x, 1e-6).unwrap();
    }
}
