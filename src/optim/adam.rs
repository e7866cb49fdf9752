//! [`Adam`].

use super::moments::{Decay, Moments};
use super::settings::{Settings, settings};
use super::{bias_correction, optimizer};
use crate::nn::{Parameters, Update};
use crate::simd::Float;

/// Adam: steps of adaptive size, from running averages of the gradient and its square.
///
/// ```text
/// g ← g + λ·θ
/// m ← β₁·m + (1 − β₁)·g
/// v ← β₂·v + (1 − β₂)·g²
/// with AMSGrad: v̂ ← max(v̂, v), else v̂ = v
/// θ ← θ − γ · m/(1 − β₁ᵗ) / (√(v̂/(1 − β₂ᵗ)) + ε)
/// ```
///
/// It keeps two mirrors of the gradients, m and v, and with AMSGrad (`K` = 3) a third, v̂. Unless set, γ is 10⁻³, β₁ 0.9,
/// β₂ 0.999, ε 10⁻⁸ and λ 0. Here λ is an L2 penalty; [`AdamW`](super::AdamW) decouples it.
///
/// ```
/// use adamant::prelude::*;
/// let mut model = Linear::<2, 1>::init(&mut SmallRng::seed_from_u64(0));
/// let mut adam = Adam::new(&model).lr(0.01);
/// let before = model.bias;
/// let (_, grads) = model.gradients(&Tensor([[1.0, 2.0]; 4]), |y| Loss::by_hand(y, |y| y.fill(0.25)));
/// adam.step(&mut model, &grads);
/// assert!((model.bias.0 - before.0).all_close(&Tensor([-0.01]), 1e-4, 0.0)); // the first step's size is γ
/// ```
///
/// D. P. Kingma and J. Ba, *Adam: a method for stochastic optimization*, 2015; S. J. Reddi et al., *On the convergence of Adam
/// and beyond*, 2018. After [`torch.optim.Adam`](https://docs.pytorch.org/docs/stable/generated/torch.optim.Adam.html).
pub struct Adam<M: Parameters, const K: usize = 2> {
    settings: Settings<AdamSettings>,
    steps: u64,
    state: [M::Grads; K],
}

settings! {
    /// The settings of [`Adam`].
    AdamSettings {
        /// The learning rate γ.
        lr: f64 = 1e-3,
        /// The decay rates β₁ and β₂ of the averages, each from 0 to below 1.
        betas: (f64, f64) = (0.9, 0.999),
        /// What keeps the divisor from 0: ε.
        eps: f64 = 1e-8,
        /// The weight decay λ: an L2 penalty.
        weight_decay: f64 = 0.0,
    }
}

impl<M: Parameters, const K: usize> Adam<M, K> {
    /// Divides by the largest v so far (AMSGrad). The state starts anew.
    pub const fn amsgrad(self) -> Adam<M, 3> {
        Adam { settings: self.settings, ..Adam::BLANK }
    }

    fn apply(&mut self, model: &mut M, grads: &M::Grads)
    where
        Rule: Update<K>,
    {
        let AdamSettings { lr, betas, eps, weight_decay } = **self;
        let mut rule = Rule { lr, betas, eps, decay: Decay::Penalty(weight_decay), steps: self.steps };
        model.update(grads, self.state.each_mut(), &mut rule);
    }
}

optimizer!(
    Adam<K> where Rule: Update<K>, AdamSettings: betas(beta1, beta2) eps weight_decay,
    state: ["exp_avg", "exp_avg_sq", "max_exp_avg_sq"]
);

/// One step: its settings, and which it is, counted from 1.
#[derive(Clone, Copy)]
pub struct Rule {
    pub lr: f64,
    pub betas: (f64, f64),
    pub eps: f64,
    pub decay: Decay,
    pub steps: u64,
}

/// The same in the type of a parameter's elements.
struct Numbers<T> {
    moments: Moments<T>,
    size: T,
    scale: T,
    eps: T,
}

impl Rule {
    #[inline(always)]
    fn numbers<T: Float>(&self) -> Numbers<T> {
        let Self { lr, betas, eps, decay, steps } = *self;
        let correction2: T = bias_correction(betas.1, steps);
        Numbers {
            moments: Moments::new(betas, lr, decay),
            size: T::from_f64(lr) / bias_correction(betas.0, steps),
            scale: correction2.rsqrt(),
            eps: T::from_f64(eps),
        }
    }
}

impl<T: Float> Numbers<T> {
    /// How far the parameter moves.
    #[inline(always)]
    fn step(&self, m: T, v: T) -> T {
        self.size * m / (v.sqrt() * self.scale + self.eps)
    }

    #[inline(always)]
    fn descend<const PENALISES: bool>(&self, param: &mut [T], grad: &[T], m: &mut [T], v: &mut [T]) {
        for (((p, &g), m), v) in param.iter_mut().zip(grad).zip(m).zip(v) {
            let next = self.moments.average_if::<PENALISES>(*p, g, *m, *v);
            *p = next.p - self.step(next.m, next.v);
            (*m, *v) = (next.m, next.v);
        }
    }
}

impl Update<2> for Rule {
    #[inline(always)]
    fn update<T: Float>(&mut self, param: &mut [T], grad: &[T], [m, v]: [&mut [T]; 2]) {
        let rule = self.numbers::<T>();
        match rule.moments.penalises() {
            true => rule.descend::<true>(param, grad, m, v),
            false => rule.descend::<false>(param, grad, m, v),
        }
    }
}

impl Update<3> for Rule {
    #[inline(always)]
    fn update<T: Float>(&mut self, param: &mut [T], grad: &[T], [m, v, largest]: [&mut [T]; 3]) {
        let rule = self.numbers::<T>();
        for ((((p, &g), m), v), largest) in param.iter_mut().zip(grad).zip(m).zip(v).zip(largest) {
            let next = rule.moments.average(*p, g, *m, *v);
            let divisor = largest.maximum(next.v);
            *p = next.p - rule.step(next.m, divisor);
            (*m, *v, *largest) = (next.m, next.v, divisor);
        }
    }
}
