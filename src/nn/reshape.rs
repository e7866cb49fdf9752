//! [`Reshape`].

use core::marker::PhantomData;

use super::Layer;
use super::describe::Sizes;
use super::stateless::stateless;
use crate::shape::{ReshapeTo, Shape, Tail};
use crate::simd::{self, Float};
use crate::tensor::Tensor;

/// Gives the dimensions from axis `START` on the shape `S`, which must have as many elements.
///
/// | | input | output |
/// |---|---|---|
/// | `Reshape<S>` | `[N]`, any leading dimensions | `S`, the same leading dimensions |
/// | `Reshape<S, -3>` | `[C][H][W]`, any leading dimensions | `S`, the same leading dimensions |
/// | `Reshape<S, 1>` | any batch `[B][…]` | `S` for each sample |
/// | `Reshape<S, 0>` | anything | `S` |
///
/// Axes count as in PyTorch, from 0 at the outermost dimension or from −1 at the innermost, and as in
/// [`Flatten`](super::Flatten) those from the inside serve one sample and a batch alike.
///
/// After [`torch.nn.Unflatten`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Unflatten.html) (`dim=-1`) and
/// [`torch.reshape`](https://docs.pytorch.org/docs/stable/generated/torch.reshape.html).
///
/// ```
/// use adamant::prelude::*;
/// type Seed = Sequential![Linear<8, 24>, Reshape<[[[f32; 4]; 3]; 2]>]; // a generator's first layers
/// let seed = Seed::init(&mut SmallRng::seed_from_u64(0));
/// let one: Tensor<[[[f32; 4]; 3]; 2]> = seed.forward(&Tensor::<[f32; 8]>::zeros());
/// let batch: Tensor<[[[[f32; 4]; 3]; 2]; 5]> = seed.forward(&Tensor::<[[f32; 8]; 5]>::zeros());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Reshape<S, const START: isize = -1>(PhantomData<S>);

impl<S, const START: isize> Reshape<S, START> {
    /// The layer. It has no settings but its type.
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

stateless! {
    [S: Shape, const START: isize] Reshape<S, START> = Self::new(), |_this| "Reshape(start_dim={START}, shape={})", Sizes(S::DIMS);
}

#[crate::layer]
impl<X, S, const START: isize> Layer<Tensor<X>> for Reshape<S, START>
where
    S: Shape<Elem = X::Elem>,
    X: Shape<Elem: Float> + Tail<START, Self>,
    X::Tail: ReshapeTo<S>,
{
    type Output = Tensor<X::With<S>>;
    type Kept = ();

    #[inline]
    fn compute(&self, x: &Tensor<X>, y: &mut Self::Output) {
        simd::copy(x.as_slice(), y.as_mut_slice());
    }

    #[inline]
    fn backward_input(&self, x: &mut Tensor<X>, (): &(), dy: &mut Self::Output) {
        simd::copy(dy.as_slice(), x.as_mut_slice());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradcheck::gradcheck;
    use crate::nn::Module;
    use crate::prelude::{SeedableRng, SmallRng};

    #[test]
    fn gradients() {
        let x = Tensor::<[[f64; 6]; 5]>::randn(&mut SmallRng::seed_from_u64(0));
        gradcheck(&mut Reshape::<[[f64; 2]; 3]>::new(), &x, 1e-6).unwrap();
        gradcheck(&mut Reshape::<[[f64; 15]; 2], 0>::new(), &x, 1e-6).unwrap();
    }

    #[test]
    fn the_leading_dimensions_stay() {
        let x = Tensor::<[[[[f32; 4]; 3]; 2]; 5]>::randn(&mut SmallRng::seed_from_u64(1));
        let images: Tensor<[[[f32; 12]; 2]; 5]> = Reshape::<[[f32; 12]; 2], -3>::new().forward(&x);
        let batch: Tensor<[[[f32; 12]; 2]; 5]> = Reshape::<[[f32; 12]; 2], 1>::new().forward(&x);
        assert_eq!((images, images.as_slice()), (batch, x.as_slice()));
        assert_eq!(Reshape::<[[f32; 12]; 2]>::new().to_string(), "Reshape(start_dim=-1, shape=(2, 12))");
    }
}
