//! [`GroupNorm`].

use super::affine::{Affine, AffineOption, AffineParam};
use super::{Grads, Layer};
use crate::ops::{Addend, normalize::Normalize};
use crate::shape::{Channels, Const, Quotient};
use crate::simd::Float;
use crate::tensor::Tensor;

/// y = (x − μ) / √(σ² + ε) · weight + bias, with the mean μ and the variance σ² of each sample's groups of channels.
///
/// | | |
/// |---|---|
/// | input | an image `[CHANNELS][H][W]`, a batch `[B][CHANNELS][H][W]`, any leading dimensions |
/// | output | as the input |
/// | `weight`, `bias` | `[CHANNELS]`, starting at 1 and 0; nothing with [`NoAffine`](super::NoAffine) |
///
/// The channels lie along axis `AXIS`: −3, or −2 for signals (`[CHANNELS][L]` and batches), −1 for features, 1 for PyTorch's
/// `(N, C, *)`, which has no single sample ([`Channels`] lists the shapes). `GROUPS` must divide `CHANNELS`, or the layer takes
/// no input. A group of one value gives 0 · weight + bias, where PyTorch refuses a batch of one such group.
///
/// Y. Wu and K. He, *Group normalization*, 2018 (arXiv:1803.08494). After
/// [`torch.nn.GroupNorm`](https://docs.pytorch.org/docs/stable/generated/torch.nn.GroupNorm.html).
///
/// ```
/// use adamant::prelude::*;
/// let layer = GroupNorm::<2, 4>::init(&mut SmallRng::seed_from_u64(0));
/// let image = Tensor([[[1.0]], [[3.0]], [[10.0]], [[30.0]]]); // four channels of one pixel
/// let y = layer.forward(&image);
/// assert!(y.all_close(&Tensor([[[-1.0]], [[1.0]], [[-1.0]], [[1.0]]]), 0.0, 1e-4));
/// assert_eq!(layer.to_string(), "GroupNorm(2, 4, eps=1e-05, affine=True)");
/// ```
#[derive(crate::Module, Clone, Copy, PartialEq, Debug)]
#[module(display("GroupNorm({GROUPS}, {CHANNELS}, eps={}, affine={})", Tensor(self.eps), A::PRINTED))]
pub struct GroupNorm<
    const GROUPS: usize,
    const CHANNELS: usize,
    const AXIS: isize = -3,
    A: AffineOption = Affine,
    T: Float = f32,
> {
    /// The weight, `[CHANNELS]`, or `()`.
    #[module(value = AffineParam::ONES, fill = AffineParam::ones_in, init = |weight, _| weight.fill(1.0))]
    pub weight: A::Weight<[T; CHANNELS]>,
    /// The bias, `[CHANNELS]`, or `()`.
    pub bias: A::Bias<[T; CHANNELS]>,
    /// ε, 10⁻⁵ at the start.
    #[module(value = 1e-5)]
    pub eps: f64,
}

/// The groups divide the channels. (A bound on the input, though it says nothing of that: one that failed for any input would
/// make the compiler say that there is no method `forward`, and not why.)
pub trait Divides<const G: usize, const C: usize> {}

impl<S, const G: usize, const C: usize> Divides<G, C> for S where Const<C>: Quotient<Const<G>> {}

impl<const G: usize, const C: usize, const AXIS: isize, A: AffineOption, T: Float> GroupNorm<G, C, AXIS, A, T> {
    /// For a number of positions in each channel.
    fn normalize(&self, positions: usize) -> Normalize<'_, T> {
        Normalize {
            group: (C * positions).checked_div(G).unwrap_or(0),
            positions,
            centered: true,
            eps: self.eps,
            weight: self.weight.tensor().map(Tensor::as_slice),
            bias: self.bias.tensor().map(Tensor::as_slice),
        }
    }
}

// In training x becomes x̂, and 1 / √(σ² + ε) of each group is kept.
#[crate::layer]
impl<S, const G: usize, const C: usize, const AXIS: isize, A: AffineOption, T: Float> Layer<Tensor<S>>
    for GroupNorm<G, C, AXIS, A, T>
where
    S: Channels<C, AXIS, Self, Scalar = T> + Divides<G, C>,
{
    type Output = Tensor<S>;
    type Kept = Tensor<S::Lead<[T; G]>>;
    const LEND_BYTES: usize = 0;
    const OVERWRITES: bool = true;

    #[inline]
    fn compute(&self, x: &Tensor<S>, y: &mut Tensor<S>) {
        self.normalize(S::POSITIONS).forward(x, y);
    }

    #[inline]
    fn lend<R>(&self, x: &mut Tensor<S>, next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
        self.normalize(S::POSITIONS).forward_in_place(x);
        next(x)
    }

    #[inline]
    fn train_over(&self, x: &mut Tensor<S>, inverses: &mut Self::Kept, y: &mut Tensor<S>) {
        self.normalize(S::POSITIONS).train(x, inverses, y);
    }

    #[inline]
    fn backward_params(&self, x_hat: &Tensor<S>, _: &Self::Kept, dy: &Tensor<S>, grads: &mut Grads<Self>) {
        self.normalize(S::POSITIONS).backward_params(x_hat, dy, grads.weight.tensor_mut(), grads.bias.tensor_mut());
    }

    #[inline]
    fn backward_input(&self, x_hat: &mut Tensor<S>, inverses: &Self::Kept, dy: &mut Tensor<S>) {
        self.normalize(S::POSITIONS).backward_input(x_hat, inverses, dy);
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
        let mut images = GroupNorm::<2, 4, -3, Affine, f64>::BLANK;
        images.weight = Param::new(Tensor::randn(rng));
        gradcheck(&mut images, &Tensor::<[[[[f64; 3]; 2]; 4]; 2]>::randn(rng), 1e-6).unwrap();
        gradcheck(&mut images, &Tensor::<[[[f64; 3]; 2]; 4]>::randn(rng), 1e-6).unwrap();
        let mut signals = GroupNorm::<2, 6, -2, NoAffine, f64>::BLANK;
        gradcheck(&mut signals, &Tensor::<[[[f64; 3]; 6]; 2]>::randn(rng), 1e-6).unwrap();
        let mut features = GroupNorm::<2, 6, 1, Affine, f64>::BLANK;
        gradcheck(&mut features, &Tensor::<[[f64; 6]; 2]>::randn(rng), 1e-6).unwrap();
    }

    #[test]
    fn constant_planes_become_zero() {
        let x = Tensor([[[40000.1f32; 16]; 16]; 4]);
        assert_eq!(GroupNorm::<2, 4>::BLANK.forward(&x), Tensor::zeros());
    }

    #[test]
    fn a_batch_is_its_samples() {
        let x = Tensor::<[[[[f32; 3]; 2]; 4]; 2]>::randn(&mut SmallRng::seed_from_u64(1));
        let layer = GroupNorm::<2, 4>::BLANK;
        let batch = layer.forward(&x);
        assert!(x.rows().zip(batch.rows()).all(|(x, y)| layer.forward(x) == *y));
    }
}
