//! [`NAdam`].

use super::moments::{Decay, Moments};
use super::settings::{Settings, settings};
use super::{bias_correction, optimizer};
use crate::nn::{Parameters, Update};
use crate::simd::Float;

/// NAdam: [`Adam`](super::Adam) with Nesterov's momentum, which warms up.
///
/// ```text
/// μₜ = β₁·(1 − ½·0.96^(t·ψ))
/// decoupled: θ ← θ − γ·λ·θ, else g ← g + λ·θ
/// m ← β₁·m + (1 − β₁)·g
/// v ← β₂·v + (1 − β₂)·g²
/// m̂ = μₜ₊₁·m/(1 − Π μ₁…μₜ₊₁) + (1 − μₜ)·g/(1 − Π μ₁…μₜ)
/// θ ← θ − γ · m̂ / (√(v/(1 − β₂ᵗ)) + ε)
/// ```
///
/// It keeps two mirrors of the gradients, m and v. Unless set, γ is 2·10⁻³, β₁ 0.9, β₂ 0.999, ε 10⁻⁸, λ 0 and the momentum
/// decay ψ 4·10⁻³.
///
/// ```
/// use adamant::prelude::*;
/// let mut model = Linear::<2, 1>::init(&mut SmallRng::seed_from_u64(0));
/// let mut nadam = NAdam::new(&model).lr(0.01).weight_decay(0.01).decoupled_weight_decay();
/// let (_, grads) = model.gradients(&Tensor([[1.0, 2.0]; 4]), |y| Loss::by_hand(y, |y| y.fill(0.25)));
/// nadam.step(&mut model, &grads);
/// ```
///
/// T. Dozat, *Incorporating Nesterov momentum into Adam*, 2016. After
/// [`torch.optim.NAdam`](https://docs.pytorch.org/docs/stable/generated/torch.optim.NAdam.html).
pub struct NAdam<M: Parameters> {
    settings: Settings<NAdamSettings>,
    steps: u64,
    /// The product of the momenta μ of all steps taken; that of none is 1, whatever stands here.
    mu_product: f64,
    state: [M::Grads; 2],
}

settings! {
    /// The settings of [`NAdam`].
    NAdamSettings {
        /// The learning rate γ.
        lr: f64 = 2e-3,
        /// The decay rates β₁ and β₂ of the averages, each from 0 to below 1.
        betas: (f64, f64) = (0.9, 0.999),
        /// What keeps the divisor from 0: ε.
        eps: f64 = 1e-8,
        /// The weight decay λ: an L2 penalty, unless decoupled.
        weight_decay: f64 = 0.0,
        /// The momentum decay ψ.
        momentum_decay: f64 = 4e-3,
        /// Whether the weight decay shrinks the parameter by itself, as [`AdamW`](super::AdamW)'s does.
        decoupled_weight_decay: bool = false,
    }
}

impl<M: Parameters> NAdam<M> {
    /// Lets the weight decay shrink the parameter by itself.
    pub const fn decoupled_weight_decay(mut self) -> Self {
        self.settings.edit().decoupled_weight_decay = true;
        self
    }

    /// The momentum of step `step`.
    fn mu(&self, step: f64) -> f64 {
        self.betas.0 * (1.0 - 0.5 * Float::powf(0.96, step * self.momentum_decay))
    }

    fn apply(&mut self, model: &mut M, grads: &M::Grads) {
        let step = self.steps as f64;
        let (mu, next) = (self.mu(step), self.mu(step + 1.0));
        let before = if self.steps == 1 { 1.0 } else { self.mu_product };
        self.mu_product = before * mu;
        let mut rule = Rule {
            betas: self.betas,
            lr: self.lr,
            decay: Decay::new(self.weight_decay, self.decoupled_weight_decay),
            steps: self.steps,
            eps: self.eps,
            by_grad: self.lr * (1.0 - mu) / (1.0 - self.mu_product),
            by_mean: self.lr * next / (1.0 - self.mu_product * next),
        };
        model.update(grads, self.state.each_mut(), &mut rule);
    }
}

optimizer!(
    NAdam<>, NAdamSettings: betas(beta1, beta2) eps weight_decay momentum_decay,
    mu_product: ["mu_product"],
    state: ["exp_avg", "exp_avg_sq"]
);

/// The numbers of one step.
struct Rule {
    betas: (f64, f64),
    lr: f64,
    decay: Decay,
    steps: u64,
    eps: f64,
    by_grad: f64,
    by_mean: f64,
}

impl Update<2> for Rule {
    #[inline(always)]
    fn update<T: Float>(&mut self, param: &mut [T], grad: &[T], [m, v]: [&mut [T]; 2]) {
        let moments = Moments::new(self.betas, self.lr, self.decay);
        let scale = bias_correction::<T>(self.betas.1, self.steps).rsqrt();
        let [eps, by_grad, by_mean] = [self.eps, self.by_grad, self.by_mean].map(T::from_f64);
        for (((p, &g), m), v) in param.iter_mut().zip(grad).zip(m).zip(v) {
            let next = moments.average(*p, g, *m, *v);
            *p = next.p - (by_grad * next.g + by_mean * next.m) / (next.v.sqrt() * scale + eps);
            (*m, *v) = (next.m, next.v);
        }
    }
}
