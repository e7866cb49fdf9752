//! [`Dropout`].

use rand::{Rng, RngExt};

use super::{Grads, Layer, RandomStream};
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::Tensor;

/// In training, each element becomes zero with probability `p`, and the others are divided by 1 − p; in evaluation, y = x.
///
/// N. Srivastava et al., *Dropout: a simple way to prevent neural networks from overfitting*, 2014. After
/// [`torch.nn.Dropout`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout.html).
///
/// The mask comes from the layer's [`RandomStream`]: any two layers in a model drop independently, however they were made, and a run
/// repeats from its seeds. No mask is kept: the backward pass draws it again.
///
/// ```
/// use adamant::prelude::*;
/// type Net = Sequential![Linear<8, 16>, Relu, Dropout, Linear<16, 1>];
/// let mut net = Net::init(&mut SmallRng::seed_from_u64(0)); // p = 0.5, as in PyTorch
/// net.0.1.1.0.p = 0.2;
/// ```
#[derive(crate::Module, Clone, Copy, PartialEq, Debug)]
#[module(display("Dropout(p={})", self.p))]
pub struct Dropout {
    /// The probability that an element becomes zero, from 0 to 1.
    #[module(value = 0.5)]
    pub p: f64,
    /// What decides which.
    pub stream: RandomStream,
}

impl Dropout {
    /// Drops an element with probability `p`.
    pub const fn new(p: f64) -> Self {
        Self { p, stream: RandomStream::new(0) }
    }

    /// Multiplies each element by 0 or 1/(1 − p), as the generator decides.
    pub(super) fn mask<T: Float>(&self, mut rng: impl Rng, x: &mut [T]) {
        if self.p == 0.0 {
            return;
        }
        // An element stays if 32 random bits reach the threshold: no floating-point draw for each.
        let threshold = self.p * 4_294_967_296.0;
        let keep = T::from_f64(1.0 / (1.0 - self.p));
        for x in x {
            let stays = f64::from(rng.random::<u32>()) >= threshold;
            *x = if stays { *x * keep } else { T::ZERO };
        }
    }
}

/// The buffer of the input serves as the output: the mask needs neither.
#[crate::layer]
#[diagnostic::do_not_recommend]
impl<S: Shape<Elem: Float>> Layer<Tensor<S>> for Dropout {
    type Output = Tensor<S>;
    type Kept = ();
    const LEND_BYTES: usize = 0;
    const TRAIN_BYTES: usize = 0;

    #[inline]
    fn compute(&self, x: &Tensor<S>, y: &mut Tensor<S>) {
        *y = *x;
    }

    #[inline]
    fn lend<R>(&self, x: &mut Tensor<S>, next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
        next(x)
    }

    /// In evaluation.
    #[inline]
    fn backward_input(&self, x: &mut Tensor<S>, (): &(), dy: &mut Tensor<S>) {
        *x = *dy;
    }

    #[inline]
    fn forward_training(&self, x: &Tensor<S>, grads: &mut Grads<Self>) -> Tensor<S> {
        let mut y = *x;
        self.mask(grads.stream.next_call(), y.as_mut_slice());
        y
    }

    #[inline]
    fn backprop<R>(&self, x: &mut Tensor<S>, grads: &mut Grads<Self>, next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
        let rng = grads.stream.next_call();
        self.mask(rng.clone(), x.as_mut_slice());
        let result = next(x);
        self.mask(rng, x.as_mut_slice());
        result
    }

    #[inline]
    fn backprop_input<R>(&self, x: &mut Tensor<S>, next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
        next(x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::{Backprop, Identity, Module, Parameters, Sequential};

    #[test]
    fn drops_about_p_and_keeps_the_mean() {
        let layer = Dropout { p: 0.25, stream: RandomStream::new(3) };
        let mut grads = layer.zero_grads();
        let mut x = Tensor::<[f32; 4000]>::ones();
        let mut seen = Tensor::zeros();
        layer.backprop(&mut x, &mut grads, |y| {
            seen = *y;
            y.fill(1.0);
        });
        let dropped = seen.iter().filter(|&&y| y == 0.0).count();
        assert!((900..1100).contains(&dropped), "{dropped} of 4000 at p = 0.25");
        assert!(seen.iter().all(|&y| y == 0.0 || y == 1.0 / 0.75));
        assert_eq!(x, seen, "the backward pass uses the same mask");
        assert_eq!(layer.forward_training(&Tensor::ones(), &mut layer.zero_grads()), seen, "so does the forward pass alone");
    }

    #[test]
    fn the_stream_moves_on_and_evaluation_does_nothing() {
        let mut layer = Dropout { p: 0.5, stream: RandomStream::new(3) };
        let x = Tensor::<[f32; 32]>::ones();
        assert_eq!(layer.forward(&x), x);
        let mut grads = layer.zero_grads();
        let masks: [Tensor<[f32; 32]>; 2] = [(); 2].map(|()| layer.backprop_params(&x, &mut grads, |y| *y));
        assert_ne!(masks[0], masks[1]);
        layer.absorb(&grads);
        assert_eq!(layer.stream, RandomStream { seed: 3, step: 1 });
        let again = layer.backprop_params(&x, &mut layer.zero_grads(), |y| *y);
        assert!(again != masks[0] && again != masks[1]);
    }

    /// How many of 10,000 ones two layers keep, and their mean.
    fn kept(first: Dropout, second: Dropout) -> (usize, f32) {
        let net = Sequential((first, (Identity, second)));
        let y = net.forward_training(&Tensor::<[f32; 10_000]>::ones(), &mut net.zero_grads());
        (y.iter().filter(|&&y| y != 0.0).count(), y.iter().sum::<f32>() / 10_000.0)
    }

    #[test]
    fn layers_are_independent_however_they_were_made() {
        use crate::init::Init;
        let one = Dropout::new(0.5);
        for (first, second) in [(one, one), (Init::BLANK, Init::BLANK), (one, Init::BLANK)] {
            let (kept, mean) = kept(first, second);
            assert!(kept.abs_diff(2500) < 200 && (mean - 1.0).abs() < 0.08, "{kept} of 10000, mean {mean}");
        }
    }

    #[test]
    fn workers_draw_different_masks_and_the_same_again() {
        let layer = Dropout::new(0.5);
        let mask = |worker| layer.forward_training(&Tensor::<[f32; 64]>::ones(), &mut layer.worker_grads(worker));
        assert_eq!(mask(0), layer.forward_training(&Tensor::ones(), &mut layer.zero_grads()));
        assert_ne!(mask(0), mask(1));
        assert_eq!(mask(1), mask(1));
    }

    #[test]
    fn the_ends_of_p() {
        let x = Tensor::<[f32; 8]>::ones();
        let drop = |p| {
            let layer = Dropout::new(p);
            layer.backprop_params(&x, &mut layer.zero_grads(), |y| *y)
        };
        assert_eq!(drop(0.0), x);
        assert_eq!(drop(1.0), Tensor::zeros());
    }
}
