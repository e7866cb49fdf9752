//! [`AdamW`].

use super::adam::Rule;
use super::moments::Decay;
use super::optimizer;
use super::settings::{Settings, settings};
use crate::nn::{Parameters, Update};

/// [`Adam`](super::Adam) with decoupled weight decay: the parameter shrinks by itself, not through the averages.
///
/// ```text
/// θ ← θ − γ·λ·θ
/// m ← β₁·m + (1 − β₁)·g
/// v ← β₂·v + (1 − β₂)·g²
/// with AMSGrad: v̂ ← max(v̂, v), else v̂ = v
/// θ ← θ − γ · m/(1 − β₁ᵗ) / (√(v̂/(1 − β₂ᵗ)) + ε)
/// ```
///
/// It keeps two mirrors of the gradients, m and v, and with AMSGrad (`K` = 3) a third, v̂. Unless set, γ is 10⁻³, β₁ 0.9,
/// β₂ 0.999, ε 10⁻⁸ and λ 10⁻².
///
/// ```
/// use adamant::prelude::*;
/// let mut model = Linear::<2, 1>::init(&mut SmallRng::seed_from_u64(0));
/// let mut adamw = AdamW::new(&model).lr(0.1).weight_decay(0.5);
/// let before = model.weight;
/// adamw.step(&mut model, &Grads::<Linear<2, 1>>::ZERO);
/// assert!(model.weight.all_close(&(before.0 * 0.95), 1e-6, 0.0)); // 1 − γ·λ
/// ```
///
/// I. Loshchilov and F. Hutter, *Decoupled weight decay regularization*, 2019. After
/// [`torch.optim.AdamW`](https://docs.pytorch.org/docs/stable/generated/torch.optim.AdamW.html).
pub struct AdamW<M: Parameters, const K: usize = 2> {
    settings: Settings<AdamWSettings>,
    steps: u64,
    state: [M::Grads; K],
}

settings! {
    /// The settings of [`AdamW`].
    AdamWSettings {
        /// The learning rate γ.
        lr: f64 = 1e-3,
        /// The decay rates β₁ and β₂ of the averages, each from 0 to below 1.
        betas: (f64, f64) = (0.9, 0.999),
        /// What keeps the divisor from 0: ε.
        eps: f64 = 1e-8,
        /// The weight decay λ.
        weight_decay: f64 = 1e-2,
    }
}

impl<M: Parameters, const K: usize> AdamW<M, K> {
    /// Divides by the largest v so far (AMSGrad). The state starts anew.
    pub const fn amsgrad(self) -> AdamW<M, 3> {
        AdamW { settings: self.settings, ..AdamW::BLANK }
    }

    fn apply(&mut self, model: &mut M, grads: &M::Grads)
    where
        Rule: Update<K>,
    {
        let AdamWSettings { lr, betas, eps, weight_decay } = **self;
        let mut rule = Rule { lr, betas, eps, decay: Decay::Decoupled(weight_decay), steps: self.steps };
        model.update(grads, self.state.each_mut(), &mut rule);
    }
}

optimizer!(
    AdamW<K> where Rule: Update<K>, AdamWSettings: betas(beta1, beta2) eps weight_decay,
    state: ["exp_avg", "exp_avg_sq", "max_exp_avg_sq"]
);
