//! [`LayerNorm`].

use super::affine::{Affine, AffineOption, AffineParam};
use super::describe::Sizes;
use super::{Grads, Layer};
use crate::ops::{Addend, normalize::Normalize};
use crate::shape::{EndsIn, Shape};
use crate::simd::Float;
use crate::tensor::Tensor;

/// y = (x − μ) / √(σ² + ε) · weight + bias, with the mean μ and the variance σ² of each sample's last dimensions.
///
/// `S` is what is normalised as a shape: `LayerNorm<[f32; 6]>` is PyTorch's `LayerNorm(6)`, `LayerNorm<[[f32; 6]; 4]>` its
/// `LayerNorm((4, 6))`.
///
/// | | |
/// |---|---|
/// | input | `S`, or `S` under any leading dimensions |
/// | output | as the input |
/// | `weight`, `bias` | `S`, starting at 1 and 0; nothing with [`NoAffine`](super::NoAffine), no bias with [`NoBias`](super::NoBias) |
///
/// σ² is divided by the number of elements, and computed from the deviations from μ, which is exact enough for equal elements,
/// however large, to become 0. J. L. Ba, J. R. Kiros and G. E. Hinton, *Layer
/// normalization*, 2016 (arXiv:1607.06450). After
/// [`torch.nn.LayerNorm`](https://docs.pytorch.org/docs/stable/generated/torch.nn.LayerNorm.html).
///
/// ```
/// use adamant::prelude::*;
/// let layer = LayerNorm::<[f32; 2]>::init(&mut SmallRng::seed_from_u64(0));
/// let y = layer.forward(&Tensor([[1.0, 3.0], [10.0, 30.0]]));
/// assert!(y.all_close(&Tensor([[-1.0, 1.0], [-1.0, 1.0]]), 0.0, 1e-4));
/// assert_eq!(layer.to_string(), "LayerNorm((2,), eps=1e-05, elementwise_affine=True)");
/// ```
#[derive(crate::Module, Clone, Copy, PartialEq, Debug)]
#[module(display("LayerNorm({}, eps={}, elementwise_affine={})", Sizes(S::DIMS), Tensor(self.eps), A::PRINTED))]
pub struct LayerNorm<S: Shape<Elem: Float>, A: AffineOption = Affine> {
    /// The weight, or `()`.
    #[module(value = AffineParam::ONES, fill = AffineParam::ones_in, init = |weight, _| weight.fill(1.0))]
    pub weight: A::Weight<S>,
    /// The bias, or `()`.
    #[module(init = |bias, _| bias.fill(0.0))]
    pub bias: A::Bias<S>,
    /// ε, 10⁻⁵ at the start.
    #[module(value = 1e-5)]
    pub eps: f64,
}

impl<S: Shape<Elem: Float>, A: AffineOption> LayerNorm<S, A> {
    fn normalize(&self) -> Normalize<'_, S::Elem> {
        Normalize {
            group: S::LEN,
            positions: 1,
            centered: true,
            eps: self.eps,
            weight: self.weight.tensor().map(Tensor::as_slice),
            bias: self.bias.tensor().map(Tensor::as_slice),
        }
    }
}

// In training x becomes x̂, and 1 / √(σ² + ε) of each group is kept.
#[crate::layer]
impl<X, S: Shape<Elem: Float>, A: AffineOption> Layer<Tensor<X>> for LayerNorm<S, A>
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
        self.normalize().backward_params(x_hat, dy, grads.weight.tensor_mut(), grads.bias.tensor_mut());
    }

    #[inline]
    fn backward_input(&self, x_hat: &mut Tensor<X>, inverses: &Self::Kept, dy: &mut Tensor<X>) {
        self.normalize().backward_input(x_hat, inverses, dy);
    }

    #[inline]
    fn backward(&self, x_hat: &mut Tensor<X>, inverses: &Self::Kept, dy: &mut Tensor<X>, grads: &mut Grads<Self>) {
        self.normalize().backward(x_hat, inverses, dy, grads.weight.tensor_mut(), grads.bias.tensor_mut());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradcheck::gradcheck;
    use crate::init::Init;
    use crate::nn::{Module, Parameters};
    use crate::nn::{NoAffine, NoBias};
    use crate::prelude::{Param, SeedableRng, SmallRng};

    #[test]
    fn gradients() {
        let rng = &mut SmallRng::seed_from_u64(0);
        let x = Tensor::<[[[f64; 4]; 3]; 2]>::randn(rng);
        let mut rows = LayerNorm::<[f64; 4]>::BLANK;
        rows.weight = Param::new(Tensor::randn(rng));
        gradcheck(&mut rows, &x, 1e-6).unwrap();
        gradcheck(&mut LayerNorm::<[[f64; 4]; 3]>::init(rng), &x, 1e-6).unwrap();
        gradcheck(&mut LayerNorm::<[[[f64; 4]; 3]; 2], NoBias>::init(rng), &x, 1e-6).unwrap();
        gradcheck(&mut LayerNorm::<[f64; 4], NoAffine>::init(rng), &x, 1e-6).unwrap();
    }

    #[test]
    fn in_place_is_the_same() {
        let x = Tensor::<[[f32; 5]; 3]>::randn(&mut SmallRng::seed_from_u64(1));
        let layer = LayerNorm::<[f32; 5]>::BLANK;
        assert_eq!(layer.forward_with(&mut x.clone(), |y| *y), layer.forward(&x));
    }

    #[test]
    fn a_large_mean_does_not_cancel() {
        let x = Tensor([4096.0f32, 4097.0, 4098.0, 4099.0]);
        let y = LayerNorm::<[f32; 4]>::BLANK.forward(&x);
        assert!(y.all_close(&Tensor([-1.341_635_4, -0.447_211_8, 0.447_211_8, 1.341_635_4]), 1e-5, 0.0), "{y}");
    }

    #[test]
    fn equal_numbers_become_zero() {
        for c in [40000.1f32, 1234.5677, 0.1, 1e30, 1e-30] {
            assert_eq!(LayerNorm::<[f32; 768]>::BLANK.forward(&Tensor([[c; 768]; 2])), Tensor::zeros());
        }
        assert_eq!(LayerNorm::<[f64; 768]>::BLANK.forward(&Tensor([[40000.1; 768]; 2])), Tensor::zeros());
    }

    /// No bound on the sizes is needed.
    fn any_size<const B: usize, const N: usize>(
        layer: &LayerNorm<[f32; N]>,
        x: &Tensor<[[f32; N]; B]>,
    ) -> Tensor<[[f32; N]; B]> {
        layer.forward(x)
    }

    #[test]
    fn the_size_is_generic() {
        let x = Tensor::<[[f32; 1027]; 2]>::randn(&mut SmallRng::seed_from_u64(2));
        assert_eq!(any_size(&LayerNorm::BLANK, &x), LayerNorm::<[f32; 1027]>::BLANK.forward(&x));
    }

    #[test]
    fn options_cost_nothing() {
        assert_eq!(LayerNorm::<[f32; 6]>::PARAMETERS, 12);
        assert_eq!(LayerNorm::<[f32; 6], NoBias>::PARAMETERS, 6);
        assert_eq!(size_of::<LayerNorm<[f32; 6], NoAffine>>(), size_of::<f64>());
        let layer = LayerNorm::<[[f32; 6]; 4], NoAffine>::BLANK;
        assert_eq!(layer.to_string(), "LayerNorm((4, 6), eps=1e-05, elementwise_affine=False)");
    }

    #[test]
    fn an_empty_shape_is_ordinary() {
        assert_eq!(LayerNorm::<[f32; 0]>::BLANK.forward(&Tensor::<[[f32; 0]; 3]>::zeros()), Tensor::zeros());
    }
}
