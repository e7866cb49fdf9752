//! [`Adam`].

use super::settings::{Settings, settings};
use super::{bias_correction, decayed, optimizer};
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
    /// Sets the decay rates of the averages.
    pub const fn betas(mut self, beta1: f64, beta2: f64) -> Self {
        self.settings.edit().betas = (beta1, beta2);
        self
    }

    /// Sets the divisor's ε.
    pub const fn eps(mut self, eps: f64) -> Self {
        self.settings.edit().eps = eps;
        self
    }

    /// Sets the weight decay.
    pub const fn weight_decay(mut self, weight_decay: f64) -> Self {
        self.settings.edit().weight_decay = weight_decay;
        self
    }

    /// Divides by the largest v so far (AMSGrad). The state starts anew.
    pub const fn amsgrad(self) -> Adam<M, 3> {
        Adam { settings: self.settings, ..Adam::BLANK }
    }

    fn apply(&mut self, model: &mut M, grads: &M::Grads)
    where
        Rule: Update<K>,
    {
        let mut rule = Rule::new(self.lr, self.betas, self.eps, self.steps);
        rule.decay = self.weight_decay;
        model.update(grads, self.state.each_mut(), &mut rule);
    }
}

optimizer!(
    Adam<K> where Rule: Update<K>, AdamSettings,
    state: ["exp_avg", "exp_avg_sq", "max_exp_avg_sq"]
);

/// The numbers of one step, whose weight decay is an L2 penalty (`decay`), or decoupled (`keep`).
#[derive(Clone, Copy)]
pub struct Rule<T = f64> {
    /// What remains of a parameter before the step.
    pub keep: T,
    /// λ.
    pub decay: T,
    gain1: T,
    beta2: T,
    gain2: T,
    size: T,
    scale: T,
    eps: T,
}

impl Rule {
    /// Step `steps`, counted from 1, without weight decay.
    pub fn new(lr: f64, (beta1, beta2): (f64, f64), eps: f64, steps: u64) -> Self {
        Self {
            keep: 1.0,
            decay: 0.0,
            gain1: 1.0 - beta1,
            beta2,
            gain2: 1.0 - beta2,
            size: lr / bias_correction(beta1, steps),
            scale: Float::rsqrt(bias_correction(beta2, steps)),
            eps,
        }
    }

    fn cast<T: Float>(&self) -> Rule<T> {
        let Self { keep, decay, gain1, beta2, gain2, size, scale, eps } = *self;
        let [keep, decay, gain1, beta2] = [keep, decay, gain1, beta2].map(T::from_f64);
        let [gain2, size, scale, eps] = [gain2, size, scale, eps].map(T::from_f64);
        Rule { keep, decay, gain1, beta2, gain2, size, scale, eps }
    }
}

impl<T: Float> Rule<T> {
    /// Decays the parameter and moves both averages.
    #[inline(always)]
    fn average(&self, p: &mut T, g: T, m: &mut T, v: &mut T) {
        *p = self.keep * *p;
        let g = decayed(g, *p, self.decay);
        *m += self.gain1 * (g - *m);
        *v = self.beta2 * *v + self.gain2 * g * g;
    }

    /// Moves the parameter.
    #[inline(always)]
    fn descend(&self, p: &mut T, m: T, v: T) {
        *p -= self.size * m / (v.sqrt() * self.scale + self.eps);
    }
}

impl Update<2> for Rule {
    fn update<T: Float>(&mut self, param: &mut [T], grad: &[T], [m, v]: [&mut [T]; 2]) {
        let rule = self.cast::<T>();
        for (((p, &g), m), v) in param.iter_mut().zip(grad).zip(m).zip(v) {
            rule.average(p, g, m, v);
            rule.descend(p, *m, *v);
        }
    }
}

impl Update<3> for Rule {
    fn update<T: Float>(&mut self, param: &mut [T], grad: &[T], [m, v, largest]: [&mut [T]; 3]) {
        let rule = self.cast::<T>();
        for ((((p, &g), m), v), largest) in param.iter_mut().zip(grad).zip(m).zip(v).zip(largest) {
            rule.average(p, g, m, v);
            *largest = largest.maximum(*v);
            rule.descend(p, *m, *largest);
        }
    }
}
