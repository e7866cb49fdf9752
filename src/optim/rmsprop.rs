//! [`RmsProp`].

use super::settings::{Settings, settings};
use super::{decayed, optimizer};
use crate::nn::{Parameters, Update};
use crate::simd::Float;

/// RMSprop: divides the gradient by the root of a running average of its square.
///
/// ```text
/// g ← g + λ·θ
/// v ← α·v + (1 − α)·g²
/// centred: a ← α·a + (1 − α)·g, v̂ = v − a²; else v̂ = v
/// g ← g / (√v̂ + ε)
/// with momentum μ: b ← μ·b + g, g ← b
/// θ ← θ − γ·g
/// ```
///
/// It keeps one mirror of the gradients, v, one more where it is centred (`CENTERED` = 1), and one more with momentum
/// (`MOMENTUM` = 1). Unless set, γ is 10⁻², α 0.99, ε 10⁻⁸ and λ 0.
///
/// Where a gradient all but never changes, v and a² agree in all their digits and what is left of v − a² is rounding, which may be
/// negative: PyTorch's root is then NaN. Here the centred v̂ is not below the rounding of v, which is v times the element type's
/// [`EPSILON`](Float::EPSILON). Above that the two are the same.
///
/// ```
/// use adamant::prelude::*;
/// let mut model = Linear::<2, 1>::init(&mut SmallRng::seed_from_u64(0));
/// let mut rmsprop = RmsProp::new(&model).lr(0.001).alpha(0.75);
/// let before = model.bias;
/// let (_, grads) = model.gradients(&Tensor([[1.0, 2.0]; 4]), |y| Loss::by_hand(y, |y| y.fill(0.25)));
/// rmsprop.step(&mut model, &grads);
/// assert!((model.bias.0 - before.0).all_close(&Tensor([-0.002]), 1e-4, 0.0)); // γ / √(1 − α)
/// ```
///
/// G. Hinton, lecture 6 of *Neural networks for machine learning*, 2012; centred after A. Graves, *Generating sequences with
/// recurrent neural networks*, 2013. After
/// [`torch.optim.RMSprop`](https://docs.pytorch.org/docs/stable/generated/torch.optim.RMSprop.html).
pub struct RmsProp<M: Parameters, const CENTERED: usize = 0, const MOMENTUM: usize = 0> {
    settings: Settings<RmsPropSettings>,
    steps: u64,
    square: [M::Grads; 1],
    mean: [M::Grads; CENTERED],
    buffer: [M::Grads; MOMENTUM],
}

settings! {
    /// The settings of [`RmsProp`].
    RmsPropSettings {
        /// The learning rate γ.
        lr: f64 = 1e-2,
        /// The decay rate α of the averages, from 0 to below 1.
        alpha: f64 = 0.99,
        /// What keeps the divisor from 0: ε.
        eps: f64 = 1e-8,
        /// The weight decay λ: an L2 penalty.
        weight_decay: f64 = 0.0,
        /// The momentum μ, from 0 to 1; without effect where `MOMENTUM` is 0.
        momentum: f64 = 0.0,
    }
}

impl<M: Parameters, const CENTERED: usize, const MOMENTUM: usize> RmsProp<M, CENTERED, MOMENTUM> {
    /// Divides by an estimate of the standard deviation, not of the root mean square. The state starts anew.
    pub const fn centered(self) -> RmsProp<M, 1, MOMENTUM> {
        RmsProp { settings: self.settings, ..RmsProp::BLANK }
    }

    /// Sets the momentum. The state starts anew.
    pub const fn momentum(mut self, momentum: f64) -> RmsProp<M, CENTERED, 1> {
        self.settings.edit().momentum = momentum;
        RmsProp { settings: self.settings, ..RmsProp::BLANK }
    }

    fn apply(&mut self, model: &mut M, grads: &M::Grads) {
        let RmsPropSettings { lr, alpha, eps, weight_decay: decay, momentum } = **self;
        let mut rule = Rule { lr, alpha, eps, decay, momentum };
        let [square] = &mut self.square;
        match (self.mean.first_mut(), self.buffer.first_mut()) {
            (None, None) => model.update(grads, [square], &mut rule),
            (Some(mean), None) => model.update(grads, [square, mean], &mut Centered(rule)),
            (None, Some(buffer)) => model.update(grads, [square, buffer], &mut rule),
            (Some(mean), Some(buffer)) => model.update(grads, [square, mean, buffer], &mut Centered(rule)),
        }
    }
}

optimizer!(
    RmsProp<CENTERED, MOMENTUM>, RmsPropSettings: alpha eps weight_decay,
    square: ["square_avg"],
    mean: ["grad_avg"],
    buffer: ["momentum_buffer"]
);

/// The settings of one step.
#[derive(Clone, Copy)]
struct Rule {
    lr: f64,
    alpha: f64,
    eps: f64,
    decay: f64,
    momentum: f64,
}

/// A centred step.
struct Centered(Rule);

/// The same in the type of a parameter's elements.
struct Numbers<T> {
    lr: T,
    alpha: T,
    gain: T,
    eps: T,
    decay: T,
    momentum: T,
}

impl Rule {
    #[inline(always)]
    fn numbers<T: Float>(&self) -> Numbers<T> {
        let Self { lr, alpha, eps, decay, momentum } = *self;
        let gain = T::complement(alpha);
        let [lr, alpha, eps, decay, momentum] = [lr, alpha, eps, decay, momentum].map(T::from_f64);
        Numbers { lr, alpha, gain, eps, decay, momentum }
    }
}

impl<T: Float> Numbers<T> {
    /// The gradient over the root of its average square.
    #[inline(always)]
    fn scaled(&self, p: T, g: T, square: &mut T) -> T {
        let g = decayed(g, p, self.decay);
        *square = self.alpha * *square + self.gain * g * g;
        g / (square.sqrt() + self.eps)
    }

    /// The gradient over its standard deviation.
    #[inline(always)]
    fn centered(&self, p: T, g: T, square: &mut T, mean: &mut T) -> T {
        let g = decayed(g, p, self.decay);
        *square = self.alpha * *square + self.gain * g * g;
        *mean += self.gain * (g - *mean);
        g / (variance(*square, *mean).sqrt() + self.eps)
    }

    /// Moves the parameter by what momentum makes of the gradient.
    #[inline(always)]
    fn descend(&self, p: &mut T, g: T, buffer: &mut T) {
        *buffer = self.momentum * *buffer + g;
        *p -= self.lr * *buffer;
    }
}

/// v − a², and what v rounds by where less is left. An infinite v stays, whatever a² is.
#[inline(always)]
fn variance<T: Float>(square: T, mean: T) -> T {
    let (difference, rounding) = (square - mean * mean, square * T::EPSILON);
    // In this order a NaN goes through.
    if difference >= rounding { difference } else { rounding }
}

impl Update<1> for Rule {
    #[inline(always)]
    fn update<T: Float>(&mut self, param: &mut [T], grad: &[T], [square]: [&mut [T]; 1]) {
        let rule = self.numbers::<T>();
        for ((p, &g), square) in param.iter_mut().zip(grad).zip(square) {
            *p -= rule.lr * rule.scaled(*p, g, square);
        }
    }
}

impl Update<2> for Rule {
    #[inline(always)]
    fn update<T: Float>(&mut self, param: &mut [T], grad: &[T], [square, buffer]: [&mut [T]; 2]) {
        let rule = self.numbers::<T>();
        for (((p, &g), square), buffer) in param.iter_mut().zip(grad).zip(square).zip(buffer) {
            let g = rule.scaled(*p, g, square);
            rule.descend(p, g, buffer);
        }
    }
}

impl Update<2> for Centered {
    #[inline(always)]
    fn update<T: Float>(&mut self, param: &mut [T], grad: &[T], [square, mean]: [&mut [T]; 2]) {
        let rule = self.0.numbers::<T>();
        for (((p, &g), square), mean) in param.iter_mut().zip(grad).zip(square).zip(mean) {
            *p -= rule.lr * rule.centered(*p, g, square, mean);
        }
    }
}

impl Update<3> for Centered {
    #[inline(always)]
    fn update<T: Float>(&mut self, param: &mut [T], grad: &[T], [square, mean, buffer]: [&mut [T]; 3]) {
        let rule = self.0.numbers::<T>();
        for ((((p, &g), square), mean), buffer) in param.iter_mut().zip(grad).zip(square).zip(mean).zip(buffer) {
            let g = rule.centered(*p, g, square, mean);
            rule.descend(p, g, buffer);
        }
    }
}
