//! [`RMSNorm`].

use super::affine::{Affine, AffineOption, AffineParam};
use super::describe::{OrNone, Sizes};
use super::{Grads, Layer};
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
#[module(custom(forward))]
#[module(display("RMSNorm({}, eps={}, elementwise_affine={})", Sizes(S::DIMS), OrNone(self.eps.map(Tensor)), A::PRINTED))]
pub struct RMSNorm<S: Shape<Elem: Float>, A: AffineOption = Affine> {
    /// The weight, or `()`.
    #[module(value = AffineParam::ONES, fill = AffineParam::ones_in, init = |weight, _| weight.fill(1.0))]
    pub weight: A::Weight<S>,
    /// ε; at the start `None`, which is the element type's [`EPSILON`](Float::EPSILON).
    #[module(value = None)]
    pub eps: Option<f64>,
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

// In training x becomes x̂, and 1 / √(σ² + ε) of each group is kept.
#[crate::layer]
impl<X, S: Shape<Elem: Float>, A: AffineOption> Layer<Tensor<X>> for RMSNorm<S, A>
where
    X: EndsIn<S, Self>,
{
    type Output = Tensor<X>;
    type Kept = Tensor<X::Lead>;
    const LEND_BYTES: usize = 0;
    const OVERWRITES: bool = true;

    #[inline]
    fn compute(&self, x: &Tensor<X>, y: &mut Tensor<X>) {
        self.normalize().forward(x, y);
    }

    #[inline]
    fn lend<R>(&self, x: &mut Tensor<X>, next: impl FnOnce(&mut Tensor<X>) -> R) -> R {
        self.normalize().forward_in_place(x);
        next(x)
    }

    #[inline]
    fn train_over(&self, x: &mut Tensor<X>, inverses: &mut Self::Kept, y: &mut Tensor<X>) {
        self.normalize().train(x, inverses, y);
    }

    #[inline]
    fn backward_params(&self, x_hat: &Tensor<X>, _: &Self::Kept, dy: &Tensor<X>, grads: &mut Grads<Self>) {
        self.normalize().backward_params(x_hat, dy, grads.weight.tensor_mut(), None);
    }

    #[inline]
    fn backward_input(&self, x_hat: &mut Tensor<X>, inverses: &Self::Kept, dy: &mut Tensor<X>) {
        self.normalize().backward_input(x_hat, inverses, dy);
    }

    #[inline]
    fn backward(&self, x_hat: &mut Tensor<X>, inverses: &Self::Kept, dy: &mut Tensor<X>, grads: &mut Grads<Self>) {
        self.normalize().backward(x_hat, inverses, dy, grads.weight.tensor_mut(), None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradcheck::gradcheck;
    use crate::init::Init;
    use crate::nn::Module;
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
