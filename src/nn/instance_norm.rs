//! [`InstanceNorm2d`].

use super::affine::{AffineOption, AffineParam, NoAffine};
use super::{Grads, Layer};
use crate::ops::{Addend, normalize::Normalize};
use crate::shape::Channels;
use crate::simd::Float;
use crate::tensor::Tensor;

/// y = (x − μ) / √(σ² + ε), with the mean μ and the variance σ² of each channel of each sample.
///
/// | | |
/// |---|---|
/// | input | an image `[CHANNELS][H][W]`, a batch `[B][CHANNELS][H][W]`, any leading dimensions |
/// | output | as the input |
/// | `weight`, `bias` | nothing, as in PyTorch; `[CHANNELS]`, starting at 1 and 0, with [`Affine`](super::Affine) |
///
/// A channel of one pixel has no variance: PyTorch raises, and here such a program does not build. There are no running
/// statistics (PyTorch's default).
///
/// D. Ulyanov, A. Vedaldi and V. Lempitsky, *Instance normalization*, 2016 (arXiv:1607.08022). After
/// [`torch.nn.InstanceNorm2d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.InstanceNorm2d.html).
///
/// ```
/// use adamant::prelude::*;
/// let layer = InstanceNorm2d::<2>::init(&mut SmallRng::seed_from_u64(0));
/// let y = layer.forward(&Tensor([[[1.0f32, 3.0]], [[10.0, 30.0]]])); // two channels of 1 × 2
/// assert!(y.all_close(&Tensor([[[-1.0, 1.0]], [[-1.0, 1.0]]]), 0.0, 1e-4));
/// assert_eq!(
///     layer.to_string(),
///     "InstanceNorm2d(2, eps=1e-05, momentum=0.1, affine=False, track_running_stats=False)"
/// );
/// ```
///
/// ```compile_fail
/// # use adamant::prelude::*;
/// let layer = InstanceNorm2d::<2>::init(&mut SmallRng::seed_from_u64(0));
/// layer.forward(&Tensor([[[1.0f32]], [[3.0]]])); // one pixel a channel
/// ```
#[derive(crate::Module, Clone, Copy, PartialEq, Debug)]
#[module(display(
    "InstanceNorm2d({CHANNELS}, eps={}, momentum=0.1, affine={}, track_running_stats=False)",
    Tensor(self.eps),
    A::PRINTED
))]
pub struct InstanceNorm2d<const CHANNELS: usize, A: AffineOption = NoAffine, T: Float = f32> {
    /// The weight, `[CHANNELS]`, or `()`.
    #[module(value = AffineParam::ONES, fill = AffineParam::ones_in, init = |weight, _| weight.fill(1.0))]
    pub weight: A::Weight<[T; CHANNELS]>,
    /// The bias, `[CHANNELS]`, or `()`.
    pub bias: A::Bias<[T; CHANNELS]>,
    /// ε, 10⁻⁵ at the start.
    #[module(value = 1e-5)]
    pub eps: f64,
}

impl<const C: usize, A: AffineOption, T: Float> InstanceNorm2d<C, A, T> {
    /// For an input of shape `S`.
    fn normalize<S: Channels<C, -3, Self>>(&self) -> Normalize<'_, T> {
        const { assert!(S::POSITIONS != 1, "instance normalisation needs more than one pixel a channel, as in PyTorch") };
        Normalize {
            group: S::POSITIONS,
            positions: S::POSITIONS,
            centered: true,
            eps: self.eps,
            weight: self.weight.tensor().map(Tensor::as_slice),
            bias: self.bias.tensor().map(Tensor::as_slice),
        }
    }
}

// In training x becomes x̂, and 1 / √(σ² + ε) of each group is kept.
#[crate::layer]
impl<S, const C: usize, A: AffineOption, T: Float> Layer<Tensor<S>> for InstanceNorm2d<C, A, T>
where
    S: Channels<C, -3, Self, Scalar = T>,
{
    type Output = Tensor<S>;
    type Kept = Tensor<S::Lead<[T; C]>>;
    const LEND_BYTES: usize = 0;
    const OVERWRITES: bool = true;

    #[inline]
    fn compute(&self, x: &Tensor<S>, y: &mut Tensor<S>) {
        self.normalize::<S>().forward(x, y);
    }

    #[inline]
    fn lend<R>(&self, x: &mut Tensor<S>, next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
        self.normalize::<S>().forward_in_place(x);
        next(x)
    }

    #[inline]
    fn train_over(&self, x: &mut Tensor<S>, inverses: &mut Self::Kept, y: &mut Tensor<S>) {
        self.normalize::<S>().train(x, inverses, y);
    }

    #[inline]
    fn backward_params(&self, x_hat: &Tensor<S>, _: &Self::Kept, dy: &Tensor<S>, grads: &mut Grads<Self>) {
        self.normalize::<S>().backward_params(x_hat, dy, grads.weight.tensor_mut(), grads.bias.tensor_mut());
    }

    #[inline]
    fn backward_input(&self, x_hat: &mut Tensor<S>, inverses: &Self::Kept, dy: &mut Tensor<S>) {
        self.normalize::<S>().backward_input(x_hat, inverses, dy);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradcheck::gradcheck;
    use crate::init::Init;
    use crate::nn::Module;
    use crate::nn::{Affine, Param};
    use crate::prelude::{SeedableRng, SmallRng};

    #[test]
    fn gradients() {
        let rng = &mut SmallRng::seed_from_u64(0);
        let x = Tensor::<[[[[f64; 3]; 2]; 2]; 2]>::randn(rng);
        gradcheck(&mut InstanceNorm2d::<2, NoAffine, f64>::init(rng), &x, 1e-6).unwrap();
        let mut affine = InstanceNorm2d::<2, Affine, f64>::BLANK;
        affine.weight = Param::new(Tensor::randn(rng));
        gradcheck(&mut affine, &x, 1e-6).unwrap();
        gradcheck(&mut affine, x.at::<0>(), 1e-6).unwrap();
    }

    #[test]
    fn constant_planes_become_zero() {
        let x = Tensor([[[1234.5677f32; 16]; 16], [[40000.1; 16]; 16]]);
        assert_eq!(InstanceNorm2d::<2>::BLANK.forward(&x), Tensor::zeros());
    }
}
