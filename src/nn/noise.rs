//! [`Noise`]: random numbers as a layer.

use core::fmt;
use core::marker::PhantomData;

use rand::{Rng, RngExt};
use rand_distr::{Distribution, StandardNormal};

use super::{Grads, Layer, Module, RandomStream};
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::Tensor;

/// Random numbers in the shape of the input: in training each is drawn anew, in evaluation each is the distribution's middle. The
/// input's values play no part, and no gradient flows to it.
///
/// This is how randomness enters a `#[forward]` pass, which is a pure function: the numbers come from the layer's
/// [`RandomStream`], so the backward pass sees those of the forward pass, in loops and shared layers too.
///
/// | `D` | in training | in evaluation |
/// |---|---|---|
/// | [`Normal`] (the default) | ε ~ 𝒩(0, 1), as `torch.randn_like(x)` | 0 |
/// | [`Uniform`] | u ~ 𝒰[0, 1), as `torch.rand_like(x)` | ½ |
/// | [`Gumbel`] | −ln(−ln u): the argmax of logits + g is a sample of their softmax | 0 |
///
/// The reparametrised sample of a variational autoencoder (D. Kingma and M. Welling, *Auto-encoding variational Bayes*, 2013):
///
/// ```
/// use adamant::prelude::*;
///
/// #[derive(Module)]
/// struct Sample { mean: Linear<8, 2>, log_var: Linear<8, 2>, noise: Noise }
///
/// #[forward]
/// impl Sample {
///     fn forward<const B: usize>(&self, x: Tensor<[[f32; 8]; B]>) -> Tensor<[[f32; 2]; B]> {
///         let (mean, log_var) = (self.mean.forward(x), self.log_var.forward(x));
///         mean + (log_var * 0.5).exp() * self.noise.forward(mean)
///     }
/// }
/// ```
///
/// And one of a Gumbel softmax (E. Jang et al., *Categorical reparameterization with Gumbel-softmax*, 2017):
/// `((logits + self.gumbel.forward(logits)) / temperature).softmax::<-1>()` with a field `gumbel: Noise<Gumbel>`.
#[doc(alias = "GaussianNoise")]
#[derive(crate::Module, Clone, Copy, PartialEq, Debug)]
#[module(custom(forward), display("Noise({})", D::NAME))]
pub struct Noise<D: NoiseKind = Normal> {
    /// What the numbers are drawn from.
    pub stream: RandomStream,
    kind: PhantomData<D>,
}

impl<D: NoiseKind> Noise<D> {
    /// Noise at its first step.
    pub const fn new() -> Self {
        Self { stream: RandomStream::new(0), kind: PhantomData }
    }
}

impl<D: NoiseKind> Default for Noise<D> {
    fn default() -> Self {
        Self::new()
    }
}

/// What a [`Noise`] draws.
pub trait NoiseKind: Copy + PartialEq + fmt::Debug + Send + Sync + 'static {
    /// What it is in evaluation.
    const MIDDLE: f64;
    /// Its name, as printed.
    const NAME: &'static str;

    /// One number.
    fn draw<T: Float>(rng: &mut impl Rng) -> T;
}

/// The standard normal distribution: mean 0, variance 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Normal;

/// The uniform distribution on [0, 1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Uniform;

/// The standard Gumbel distribution: −ln(−ln u) for a uniform u.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Gumbel;

impl NoiseKind for Normal {
    const MIDDLE: f64 = 0.0;
    const NAME: &'static str = "normal";

    #[inline]
    fn draw<T: Float>(rng: &mut impl Rng) -> T {
        let number: f64 = StandardNormal.sample(rng);
        T::from_f64(number)
    }
}

impl NoiseKind for Uniform {
    const MIDDLE: f64 = 0.5;
    const NAME: &'static str = "uniform";

    /// 24 bits, which every float type holds: none is rounded up to 1.
    #[inline]
    fn draw<T: Float>(rng: &mut impl Rng) -> T {
        T::from_f64(f64::from(rng.random::<u32>() >> 8) / 16_777_216.0)
    }
}

impl NoiseKind for Gumbel {
    const MIDDLE: f64 = 0.0;
    const NAME: &'static str = "gumbel";

    /// Of a u that is neither 0 nor 1, so that no number is infinite.
    #[inline]
    fn draw<T: Float>(rng: &mut impl Rng) -> T {
        let u = (f64::from(rng.random::<u32>()) + 0.5) / 4_294_967_296.0;
        T::from_f64(-Float::ln(-Float::ln(u)))
    }
}

#[crate::layer]
#[diagnostic::do_not_recommend]
impl<D: NoiseKind, S: Shape<Elem: Float>> Layer<Tensor<S>> for Noise<D> {
    type Output = Tensor<S>;
    type Kept = ();

    #[inline]
    fn compute(&self, _: &Tensor<S>, y: &mut Tensor<S>) {
        y.fill(Float::from_f64(D::MIDDLE));
    }

    #[inline]
    fn backward_input(&self, x: &mut Tensor<S>, (): &(), _: &mut Tensor<S>) {
        x.fill(S::Elem::ZERO);
    }

    #[inline]
    fn forward_training(&self, _: &Tensor<S>, grads: &mut Grads<Self>) -> Tensor<S> {
        let mut rng = grads.stream.next_call();
        let mut y = Tensor::zeros();
        y.as_mut_slice().fill_with(|| D::draw(&mut rng));
        y
    }

    #[inline]
    fn backprop<R>(&self, x: &mut Tensor<S>, grads: &mut Grads<Self>, next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
        let mut y = Module::forward_training(self, x, grads);
        let result = next(&mut y);
        x.fill(S::Elem::ZERO);
        result
    }

    #[inline]
    fn backprop_input<R>(&self, x: &mut Tensor<S>, next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
        let mut y = Tensor::zeros();
        self.compute(x, &mut y);
        let result = next(&mut y);
        x.fill(S::Elem::ZERO);
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradcheck::gradcheck;
    use crate::nn::Parameters;

    fn drawn<D: NoiseKind>() -> Tensor<[f64; 20_000]> {
        let layer = Noise::<D>::new();
        layer.forward_training(&Tensor::zeros(), &mut layer.zero_grads())
    }

    #[test]
    fn moments() {
        let about = |x: &Tensor<[f64; 20_000]>, mean: f64, var: f64| {
            let (m, v) = (x.mean(), x.var());
            assert!((m - mean).abs() < 0.03 && (v - var).abs() < 0.06 * var, "mean {m}, variance {v}");
        };
        about(&drawn::<Normal>(), 0.0, 1.0);
        about(&drawn::<Uniform>(), 0.5, 1.0 / 12.0);
        // Euler's constant and π²/6.
        about(&drawn::<Gumbel>(), 0.577_215_664_9, 1.644_934_066_8);
        assert!(drawn::<Uniform>().iter().all(|u| (0.0..1.0).contains(u)));
    }

    #[test]
    fn evaluation_is_the_middle() {
        let x = Tensor::<[f32; 3]>::ones();
        assert_eq!(Noise::<Normal>::new().forward(&x), Tensor::zeros());
        assert_eq!(Noise::<Uniform>::new().forward(&x), Tensor([0.5; 3]));
        assert_eq!(Noise::<Gumbel>::new().to_string(), "Noise(gumbel)");
    }

    #[test]
    fn no_gradient_flows() {
        gradcheck(&mut Noise::<Normal>::new(), &Tensor([1.0f64, 2.0]), 1e-6).unwrap();
        gradcheck(&mut Noise::<Gumbel>::new(), &Tensor([[1.0f64, 2.0]; 2]), 1e-6).unwrap();
    }
}
