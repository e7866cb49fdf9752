//! [`Dropout`].

use core::fmt::{self, Display, Formatter};

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::{Backprop, Gradients, Module, Name, Nothing, Parameters, Update, Visitor, VisitorMut, Zip};
use crate::init::Init;
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::{Buffer, Tensor};

/// In training, each element becomes zero with probability `p`, and the others are divided by 1 − p; in evaluation, y = x.
///
/// N. Srivastava et al., *Dropout: a simple way to prevent neural networks from overfitting*, 2014. After
/// [`torch.nn.Dropout`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout.html).
///
/// The layer holds the seed of its random stream, so `&self` stays shared: `backprop` draws from the copy in the gradients, and
/// an optimiser's step takes it back. No mask is kept: the backward pass draws it again.
///
/// ```
/// use adamant::prelude::*;
/// type Net = Sequential![Linear<8, 16>, Relu, Dropout, Linear<16, 1>];
/// let mut net = Net::init(&mut SmallRng::seed_from_u64(0)); // p = 0.5, as in PyTorch
/// net.0.1.1.0.p = 0.2;
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Dropout {
    /// The probability that an element becomes zero, from 0 to 1.
    pub p: f64,
    /// The seed of the next pass' mask.
    pub seed: u64,
}

impl Dropout {
    /// Drops an element with probability `p`.
    pub const fn new(p: f64) -> Self {
        Self { p, seed: 0 }
    }

    /// Multiplies each element by 0 or 1/(1 − p), as this seed decides.
    fn mask<T: Float>(&self, seed: u64, x: &mut [T]) {
        let mut rng = SmallRng::seed_from_u64(seed);
        // An element stays if 32 random bits reach the threshold: no floating-point draw for each.
        let threshold = self.p * 4_294_967_296.0;
        let keep = T::from_f64(1.0 / (1.0 - self.p));
        for x in x {
            let stays = f64::from(rng.next_u32()) >= threshold;
            *x = if stays { *x * keep } else { T::ZERO };
        }
    }
}

/// The random stream of a [`Dropout`] during training.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct DropoutStream {
    seed: u64,
}

impl DropoutStream {
    /// The seed of this pass; the stream moves on to the next.
    fn draw(&mut self) -> u64 {
        let seed = self.seed;
        self.seed = SmallRng::seed_from_u64(seed).next_u64();
        seed
    }
}

impl Buffer for DropoutStream {
    const ZERO: Self = Self { seed: 0 };
}

impl Gradients for DropoutStream {
    fn zip<const K: usize, Z: Zip<K>>(&mut self, _: [&Self; K], _: &mut Z) {}

    fn visit<V: Visitor>(&self, _: Name<'_>, _: &mut V) {}
}

impl Parameters for Dropout {
    type Grads = DropoutStream;
    type Count = Nothing;
    const PARAMETERS: usize = 0;
    const NUMBERS: usize = 0;
    const TRAINS_DIFFERENTLY: bool = true;

    fn visit<V: Visitor>(&self, _: Name<'_>, _: &mut V) {}

    fn visit_mut<V: VisitorMut>(&mut self, _: Name<'_>, _: &mut V) {}

    fn update<const K: usize, U: Update<K>>(&mut self, _: &DropoutStream, _: [&mut DropoutStream; K], _: &mut U) {}

    fn begin(&self, grads: &mut DropoutStream) {
        grads.seed = self.seed;
    }

    fn absorb(&mut self, grads: &DropoutStream) {
        self.seed = grads.seed;
    }

    fn describe(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "Dropout(p={})", self.p)
    }
}

impl Display for Dropout {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.describe(f)
    }
}

impl Init for Dropout {
    const BLANK: Self = Self::new(0.5);

    fn reset_parameters<R: Rng + ?Sized>(&mut self, rng: &mut R) {
        self.seed = rng.next_u64();
    }
}

#[diagnostic::do_not_recommend]
impl<S: Shape<Elem: Float>> Module<Tensor<S>> for Dropout {
    type Output = Tensor<S>;
    const FORWARD_WITH_BYTES: usize = 0;

    #[inline]
    fn forward_into(&self, x: &Tensor<S>, y: &mut Tensor<S>) {
        *y = *x;
    }

    #[inline]
    fn forward_with<R>(&self, x: &mut Tensor<S>, next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
        next(x)
    }
}

/// The buffer of the input serves as the output: the mask needs neither.
#[diagnostic::do_not_recommend]
impl<S: Shape<Elem: Float>> Backprop<Tensor<S>> for Dropout {
    const BACKPROP_BYTES: usize = 0;

    #[inline]
    fn backprop<R>(&self, x: &mut Tensor<S>, stream: &mut DropoutStream, next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
        let seed = stream.draw();
        self.mask(seed, x.as_mut_slice());
        let result = next(x);
        self.mask(seed, x.as_mut_slice());
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

    #[test]
    fn drops_about_p_and_keeps_the_mean() {
        let layer = Dropout { p: 0.25, seed: 3 };
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
    }

    #[test]
    fn the_stream_moves_on_and_evaluation_does_nothing() {
        let mut layer = Dropout { p: 0.5, seed: 3 };
        let x = Tensor::<[f32; 32]>::ones();
        assert_eq!(layer.forward(&x), x);
        let mut grads = layer.zero_grads();
        let masks: [Tensor<[f32; 32]>; 2] = [(); 2].map(|()| layer.backprop_params(&x, &mut grads, |y| *y));
        assert_ne!(masks[0], masks[1]);
        layer.absorb(&grads);
        assert_ne!(layer.seed, 3);
        let again = layer.backprop_params(&x, &mut layer.zero_grads(), |y| *y);
        assert!(again != masks[0] && again != masks[1]);
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
