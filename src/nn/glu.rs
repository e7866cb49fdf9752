//! [`Glu`].

use super::Layer;
use super::stateless::stateless;
use crate::ops::{glu, glu_backward, glu_with_derivative};
use crate::shape::{Axis, Const, Quotient};
use crate::simd::Float;
use crate::tensor::Tensor;

/// y = a · σ(b), where a is the first half of the input along the axis `DIM` and b the second: one half gates the other.
///
/// | | |
/// |---|---|
/// | input | any shape whose axis `DIM` has an even size 2N; −1, the default, is the innermost, 0 the outermost |
/// | output | the same shape with N there |
///
/// The compiler halves the size, so it must be one that [`Dim`](crate::shape::Dim) knows. Y. Dauphin et al., *Language modeling
/// with gated convolutional networks*, 2016. After
/// [`torch.nn.GLU`](https://docs.pytorch.org/docs/stable/generated/torch.nn.GLU.html).
///
/// ```
/// use adamant::prelude::*;
/// let x = Tensor([[1.0f32, 2.0, 0.0, 1e4], [3.0, 4.0, -1e4, 0.0]]);
/// let y: Tensor<[[f32; 2]; 2]> = Glu::<-1>.forward(&x);
/// assert_eq!(y, Tensor([[0.5, 2.0], [0.0, 2.0]]));
///
/// type Net = Sequential![Linear<4, 6>, Glu, Linear<3, 1>]; // along the last axis
/// let net = Net::init(&mut SmallRng::seed_from_u64(0));
/// assert_eq!(net.0.1.0.to_string(), "GLU(dim=-1)");
/// ```
///
/// An odd size is a compile error:
///
/// ```compile_fail
/// # use adamant::prelude::*;
/// Glu::<-1>.forward(&Tensor([1.0f32, 2.0, 3.0])); // error: 3 is not a multiple of 2
/// ```
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Glu<const DIM: isize = -1>;

stateless!([const DIM: isize] Glu<DIM> = Self, |_this| "GLU(dim={})", DIM;);

/// In training x becomes the derivatives of both halves.
#[crate::layer]
impl<S, const N: usize, const DIM: isize> Layer<Tensor<S>> for Glu<DIM>
where
    S: Axis<DIM, Elem: Float, Size: Quotient<Const<2>, Out = Const<N>>>,
{
    type Output = Tensor<S::With<N>>;
    type Kept = ();
    const OVERWRITES: bool = true;

    #[inline]
    fn compute(&self, x: &Tensor<S>, y: &mut Self::Output) {
        glu::<S, DIM, N>(x, y);
    }

    #[inline]
    fn train_over(&self, x: &mut Tensor<S>, (): &mut (), y: &mut Self::Output) {
        glu_with_derivative::<S, DIM, N>(x, y);
    }

    #[inline]
    fn backward_input(&self, x: &mut Tensor<S>, (): &(), dy: &mut Self::Output) {
        glu_backward::<S, DIM, N>(x, dy);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradcheck::gradcheck;
    use crate::nn::{Backprop, Module};
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    #[test]
    fn every_axis() {
        let rng = &mut SmallRng::seed_from_u64(4);
        gradcheck(&mut Glu::<-1>, &Tensor::<[f64; 6]>::randn(rng), 1e-6).unwrap();
        gradcheck(&mut Glu::<-1>, &Tensor::<[[f64; 6]; 3]>::randn(rng), 1e-6).unwrap();
        gradcheck(&mut Glu::<0>, &Tensor::<[[f64; 3]; 4]>::randn(rng), 1e-6).unwrap();
        gradcheck(&mut Glu::<1>, &Tensor::<[[[f64; 5]; 4]; 3]>::randn(rng), 1e-6).unwrap();
    }

    #[test]
    fn the_axis_is_the_one_it_says() {
        let x = Tensor([[[1.0f32, 2.0], [0.0, 0.0]], [[3.0, 4.0], [0.0, 0.0]]]);
        assert_eq!(Glu::<1>.forward(&x), Tensor([[[0.5, 1.0]], [[1.5, 2.0]]]));
    }

    #[test]
    fn extreme_inputs() {
        let (inf, nan) = (f32::INFINITY, f32::NAN);
        let mut x = Tensor([[1e4f32, 1e4], [1e4, -1e4], [1.0, inf], [1.0, -inf]]);
        assert_eq!(Glu::<-1>.forward(&x), Tensor([[1e4], [0.0], [1.0], [0.0]]));
        Glu::<-1>.backprop(&mut x, &mut (), |dy| dy.fill(1.0));
        assert_eq!(x, Tensor([[1.0, 0.0], [0.0, 0.0], [1.0, 0.0], [0.0, 0.0]]));
        assert!(Glu::<-1>.forward(&Tensor([[nan, 0.0], [0.0, nan]])).iter().all(|y| y.is_nan()));
    }

    #[test]
    fn empty_tensors_are_ordinary() {
        assert_eq!(Glu::<-1>.forward(&Tensor::<[[f32; 0]; 3]>::zeros()), Tensor::<[[f32; 0]; 3]>::zeros());
        assert_eq!(Glu::<0>.forward(&Tensor::<[[f32; 0]; 4]>::zeros()), Tensor::<[[f32; 0]; 2]>::zeros());
        let mut x = Tensor::<[[f32; 4]; 0]>::zeros();
        Glu::<-1>.backprop(&mut x, &mut (), |_| ());
    }
}
