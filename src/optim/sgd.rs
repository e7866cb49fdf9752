//! [`Sgd`].

use super::settings::{Settings, settings};
use super::{decayed, optimizer, penalised};
use crate::nn::{Parameters, Update};
use crate::simd::Float;

/// Stochastic gradient descent, plain or with momentum.
///
/// ```text
/// g ← g + λ·θ
/// with momentum μ and dampening τ:
///     b ← g at the first step, then μ·b + (1 − τ)·g
///     g ← g + μ·b with Nesterov's, else b
/// θ ← θ − γ·g
/// ```
///
/// It keeps no state, and with momentum (`K` = 1) one mirror of the gradients. Unless set, γ is 10⁻³ and λ and τ are 0.
/// Nesterov's momentum is meant for τ = 0.
///
/// ```
/// use adamant::prelude::*;
/// let mut model = Linear::<2, 1>::init(&mut SmallRng::seed_from_u64(0));
/// let plain = Sgd::new(&model).lr(0.1);
/// assert!(size_of_val(&plain) < 64);
///
/// let mut sgd = Sgd::new(&model).lr(0.1).momentum(0.9).nesterov();
/// let before = model.bias;
/// let (_, grads) = model.gradients(&Tensor([[1.0, 2.0]; 4]), |y| Loss::by_hand(y, |y| y.fill(0.25)));
/// sgd.step(&mut model, &grads);
/// assert!((model.bias.0 - before.0).all_close(&Tensor([-0.19]), 1e-5, 0.0)); // γ·(1 + μ)·g
/// ```
///
/// I. Sutskever et al., *On the importance of initialization and momentum in deep learning*, 2013. After
/// [`torch.optim.SGD`](https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html).
pub struct Sgd<M: Parameters, const K: usize = 0> {
    settings: Settings<SgdSettings>,
    steps: u64,
    state: [M::Grads; K],
}

settings! {
    /// The settings of [`Sgd`].
    SgdSettings {
        /// The learning rate γ.
        lr: f64 = 1e-3,
        /// The momentum μ, from 0 to 1; without effect where `K` is 0.
        momentum: f64 = 0.0,
        /// The dampening τ of momentum, from 0 to 1.
        dampening: f64 = 0.0,
        /// The weight decay λ: an L2 penalty.
        weight_decay: f64 = 0.0,
        /// Whether the momentum is Nesterov's.
        nesterov: bool = false,
    }
}

impl<M: Parameters, const K: usize> Sgd<M, K> {
    /// Sets the momentum. It starts to gather from here.
    pub const fn momentum(mut self, momentum: f64) -> Sgd<M, 1> {
        self.settings.edit().momentum = momentum;
        Sgd { settings: self.settings, ..Sgd::BLANK }
    }

    fn apply(&mut self, model: &mut M, grads: &M::Grads)
    where
        Rule: Update<K>,
    {
        let SgdSettings { lr, momentum, weight_decay, nesterov, .. } = **self;
        let dampening = if self.steps == 1 || momentum == 0.0 { 0.0 } else { self.dampening };
        let mut rule = Rule { lr, momentum, dampening, decay: weight_decay, nesterov };
        model.update(grads, self.state.each_mut(), &mut rule);
    }
}

impl<M: Parameters> Sgd<M, 1> {
    /// Sets the dampening of the momentum.
    pub const fn dampening(mut self, dampening: f64) -> Self {
        self.settings.edit().dampening = dampening;
        self
    }

    /// Makes the momentum Nesterov's.
    pub const fn nesterov(mut self) -> Self {
        self.settings.edit().nesterov = true;
        self
    }
}

optimizer!(
    Sgd<K> where Rule: Update<K>, SgdSettings: weight_decay,
    state: ["momentum_buffer"]
);

/// The numbers of one step.
pub struct Rule {
    lr: f64,
    momentum: f64,
    dampening: f64,
    decay: f64,
    nesterov: bool,
}

impl Update<0> for Rule {
    #[inline(always)]
    fn update<T: Float>(&mut self, param: &mut [T], grad: &[T], []: [&mut [T]; 0]) {
        let [lr, decay] = [self.lr, self.decay].map(T::from_f64);
        match decay == T::ZERO {
            true => descend::<false, T>(param, grad, lr, decay),
            false => descend::<true, T>(param, grad, lr, decay),
        }
    }
}

/// Without momentum.
#[inline(always)]
fn descend<const DECAYS: bool, T: Float>(param: &mut [T], grad: &[T], lr: T, decay: T) {
    for (p, &g) in param.iter_mut().zip(grad) {
        *p -= lr * penalised::<DECAYS, T>(g, *p, decay);
    }
}

impl Update<1> for Rule {
    #[inline(always)]
    fn update<T: Float>(&mut self, param: &mut [T], grad: &[T], [buffer]: [&mut [T]; 1]) {
        let [lr, momentum, decay] = [self.lr, self.momentum, self.decay].map(T::from_f64);
        let gain = T::complement(self.dampening);
        let nesterov = self.nesterov;
        for ((p, &g), b) in param.iter_mut().zip(grad).zip(buffer) {
            let g = decayed(g, *p, decay);
            *b = momentum * *b + gain * g;
            *p -= lr * if nesterov { g + momentum * *b } else { *b };
        }
    }
}
