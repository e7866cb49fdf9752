//! [`RMSNorm`].

use core::fmt::{self, Display, Formatter};

use rand::Rng;

use super::affine::{Affine, AffineOption, AffineParam};
use super::describe::Sizes;
use super::{Backprop, Module, Parameters};
use crate::heap::blank;
use crate::init::Init;
use crate::ops::{Addend, normalize::Normalize};
use crate::shape::{EndsIn, Shape};
use crate::simd::Float;
use crate::tensor::Tensor;

/// y = x / √(mean(x²) + ε) · weight, with the mean square of each sample's last dimensions.
///
/// `S` is what is normalised as a shape: `RMSNorm<[f32; 6]>` is PyTorch's `RMSNorm(6)`.
///
/// | | |
/// |---|---|
/// | input | `S`, or `S` under any leading dimensions |
/// | output | as the input |
/// | `weight` | `S`, starting at 1; nothing with [`NoAffine`](super::NoAffine) |
///
/// B. Zhang and R. Sennrich, *Root mean square layer normalization*, 2019 (arXiv:1910.07467). After
/// [`torch.nn.RMSNorm`](https://docs.pytorch.org/docs/stable/generated/torch.nn.RMSNorm.html).
///
/// ```
/// use adamant::prelude::*;
/// let layer = RMSNorm::<[f32; 2]>::init(&mut SmallRng::seed_from_u64(0));
/// let y = layer.forward(&Tensor([1.0, 7.0])); // the root mean square is 5
/// assert!(y.all_close(&Tensor([0.2, 1.4]), 1e-6, 0.0));
/// assert_eq!(layer.to_string(), "RMSNorm((2,), eps=None, elementwise_affine=True)");
/// ```
#[derive(crate::Module, Clone, Copy, PartialEq, Debug)]
#[module(custom(forward, init, display))]
pub struct RMSNorm<S: Shape<Elem: Float>, A: AffineOption = Affine> {
    /// The weight, or `()`.
    pub weight: A::Weight<S>,
    /// ε; at the start `None`, which is the element type's [`EPSILON`](Float::EPSILON).
    pub eps: Option<f64>,
}

impl<S: Shape<Elem: Float>, A: AffineOption> Init for RMSNorm<S, A> {
    blank! { weight = AffineParam::ONES => AffineParam::ones_in, eps = None }

    fn reset_parameters<R: Rng + ?Sized>(&mut self, _: &mut R) {
        self.weight.fill(1.0);
    }
}

impl<S: Shape<Elem: Float>, A: AffineOption> RMSNorm<S, A> {
    fn normalize(&self) -> Normalize<'_, S::Elem> {
        Normalize {
            group: S::LEN,
            positions: 1,
            centered: false,
            eps: self.eps.unwrap_or_else(|| S::Elem::EPSILON.to_f64()),
            weight: self.weight.tensor().map(Tensor::as_slice),
            bias: None,
        }
    }
}

impl<X, S: Shape<Elem: Float>, A: AffineOption> Module<Tensor<X>> for RMSNorm<S, A>
where
    X: EndsIn<S, Self>,
{
    type Output = Tensor<X>;
    const FORWARD_WITH_BYTES: usize = 0;

    #[inline]
    fn forward_into(&self, x: &Tensor<X>, y: &mut Tensor<X>) {
        *y = *x;
        self.normalize().forward(y.as_mut_slice());
    }

    #[inline]
    fn forward_with<R>(&self, x: &mut Tensor<X>, next: impl FnOnce(&mut Tensor<X>) -> R) -> R {
        self.normalize().forward(x.as_mut_slice());
        next(x)
    }
}

impl<X, S: Shape<Elem: Float>, A: AffineOption> Backprop<Tensor<X>> for RMSNorm<S, A>
where
    X: EndsIn<S, Self>,
{
    const BACKPROP_BYTES: usize = size_of::<Tensor<X>>() + size_of::<X::Lead>();

    #[inline]
    fn backprop<R>(&self, x: &mut Tensor<X>, grads: &mut Self::Grads, next: impl FnOnce(&mut Tensor<X>) -> R) -> R {
        let mut inverses = Tensor::<X::Lead>::zeros();
        let weight = grads.weight.tensor_mut().map(Tensor::as_mut_slice);
        self.normalize().backprop(x, inverses.as_mut_slice(), [weight, None], next)
    }

    #[inline]
    fn backprop_params<R>(&self, x: &Tensor<X>, grads: &mut Self::Grads, next: impl FnOnce(&mut Tensor<X>) -> R) -> R {
        if <Self as Parameters>::PARAMETERS == 0 {
            return next(&mut self.forward_inside(x));
        }
        self.backprop(&mut x.clone(), grads, next)
    }

    #[inline]
    fn backprop_input<R>(&self, x: &mut Tensor<X>, next: impl FnOnce(&mut Tensor<X>) -> R) -> R {
        let mut inverses = Tensor::<X::Lead>::zeros();
        self.normalize().backprop(x, inverses.as_mut_slice(), [None, None], next)
    }
}

impl<S: Shape<Elem: Float>, A: AffineOption> Display for RMSNorm<S, A> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "RMSNorm({}, eps=", Sizes(S::DIMS))?;
        match self.eps {
            Some(eps) => write!(f, "{}", Tensor(eps))?,
            None => f.write_str("None")?,
        }
        write!(f, ", elementwise_affine={})", A::PRINTED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradcheck::gradcheck;
    use crate::nn::NoAffine;
    use crate::prelude::{Param, SeedableRng, SmallRng};

    #[test]
    fn gradients() {
        let rng = &mut SmallRng::seed_from_u64(0);
        let x = Tensor::<[[[f64; 4]; 3]; 2]>::randn(rng);
        let mut rows = RMSNorm::<[f64; 4]>::BLANK;
        rows.weight = Param::new(Tensor::randn(rng));
        gradcheck(&mut rows, &x, 1e-6).unwrap();
        gradcheck(&mut RMSNorm::<[[f64; 4]; 3], NoAffine>::init(rng), &x, 1e-6).unwrap();
    }

    #[test]
    fn epsilon_is_the_types_unless_set() {
        let mut layer = RMSNorm::<[f32; 1]>::BLANK;
        let x = Tensor([f32::EPSILON.sqrt()]);
        assert!(layer.forward(&x).all_close(&Tensor([0.5f32.sqrt()]), 1e-6, 0.0));
        layer.eps = Some(1e-6);
        assert_eq!(layer.to_string(), "RMSNorm((1,), eps=1e-06, elementwise_affine=True)");
    }
}
