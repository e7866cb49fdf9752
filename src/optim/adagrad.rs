//! [`Adagrad`].

use super::settings::{Settings, settings};
use super::{decayed, optimizer};
use crate::nn::{Parameters, Update};
use crate::simd::Float;

/// Adagrad: divides the gradient by the root of the sum of its squares.
///
/// ```text
/// g ← g + λ·θ
/// s ← s + g²                                     (s starts at the initial accumulator value)
/// θ ← θ − γ/(1 + (t − 1)·η) · g / (√s + ε)
/// ```
///
/// It keeps one mirror of the gradients, s. Unless set, γ is 10⁻², ε 10⁻¹⁰, and λ, the decay η of the learning rate and the
/// initial accumulator value are 0.
///
/// ```
/// use adamant::prelude::*;
/// let mut model = Linear::<2, 1>::init(&mut SmallRng::seed_from_u64(0));
/// let mut adagrad = Adagrad::new(&model).initial_accumulator_value(3.0);
/// let before = model.bias;
/// let (_, grads) = model.gradients(&Tensor([[1.0, 2.0]; 4]), |y| Loss::by_hand(y, |y| y.fill(0.25)));
/// adagrad.step(&mut model, &grads);
/// assert!((model.bias.0 - before.0).all_close(&Tensor([-0.005]), 1e-4, 0.0)); // γ·g / √(3 + g²)
/// ```
///
/// J. Duchi et al., *Adaptive subgradient methods for online learning and stochastic optimization*, 2011. After
/// [`torch.optim.Adagrad`](https://docs.pytorch.org/docs/stable/generated/torch.optim.Adagrad.html).
pub struct Adagrad<M: Parameters> {
    settings: Settings<AdagradSettings>,
    steps: u64,
    state: [M::Grads; 1],
}

settings! {
    /// The settings of [`Adagrad`].
    AdagradSettings {
        /// The learning rate γ.
        lr: f64 = 1e-2,
        /// The decay η of the learning rate.
        lr_decay: f64 = 0.0,
        /// The weight decay λ: an L2 penalty.
        weight_decay: f64 = 0.0,
        /// Where the sums of squares start, at the first step.
        initial_accumulator_value: f64 = 0.0,
        /// What keeps the divisor from 0: ε.
        eps: f64 = 1e-10,
    }
}

impl<M: Parameters> Adagrad<M> {
    fn apply(&mut self, model: &mut M, grads: &M::Grads) {
        let AdagradSettings { lr, lr_decay, weight_decay: decay, initial_accumulator_value: start, eps } = **self;
        let before = u32::try_from(self.steps.saturating_sub(1)).unwrap_or(u32::MAX);
        let mut rule = Rule { lr, lr_decay, decay, eps, start, before };
        model.update(grads, self.state.each_mut(), &mut rule);
    }
}

optimizer!(Adagrad<>, AdagradSettings: lr_decay weight_decay initial_accumulator_value eps, state: ["sum"]);

/// The numbers of one step.
struct Rule {
    lr: f64,
    lr_decay: f64,
    decay: f64,
    eps: f64,
    start: f64,
    /// The steps before it.
    before: u32,
}

impl Update<1> for Rule {
    #[inline(always)]
    fn update<T: Float>(&mut self, param: &mut [T], grad: &[T], [sum]: [&mut [T]; 1]) {
        let [lr, lr_decay, decay, eps] = [self.lr, self.lr_decay, self.decay, self.eps].map(T::from_f64);
        let lr = lr / (T::ONE + T::from_usize(self.before as usize) * lr_decay);
        if self.before == 0 {
            sum.fill(T::from_f64(self.start));
        }
        for ((p, &g), sum) in param.iter_mut().zip(grad).zip(sum) {
            let g = decayed(g, *p, decay);
            *sum += g * g;
            *p -= lr * g / (sum.sqrt() + eps);
        }
    }
}
