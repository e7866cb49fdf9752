//! [`RAdam`].

use super::moments::{Decay, Moments};
use super::settings::{Settings, settings};
use super::{bias_correction, optimizer};
use crate::nn::{Parameters, Update};
use crate::simd::Float;

/// RAdam: [`Adam`](super::Adam) that does not adapt until its average of squares is worth trusting.
///
/// ```text
/// decoupled: θ ← θ − γ·λ·θ, else g ← g + λ·θ
/// m ← β₁·m + (1 − β₁)·g
/// v ← β₂·v + (1 − β₂)·g²
/// ρ∞ = 2/(1 − β₂) − 1, ρ = ρ∞ − 2·t·β₂ᵗ/(1 − β₂ᵗ)
/// if ρ > 5: r = √((ρ − 4)·(ρ − 2)·ρ∞ / ((ρ∞ − 4)·(ρ∞ − 2)·ρ))
///           θ ← θ − γ · m/(1 − β₁ᵗ) · r · √(1 − β₂ᵗ) / (√v + ε)
/// else:     θ ← θ − γ · m/(1 − β₁ᵗ)
/// ```
///
/// It keeps two mirrors of the gradients, m and v. Unless set, γ is 10⁻³, β₁ 0.9, β₂ 0.999, ε 10⁻⁸ and λ 0.
///
/// ```
/// use adamant::prelude::*;
/// let mut model = Linear::<2, 1>::init(&mut SmallRng::seed_from_u64(0));
/// let mut radam = RAdam::new(&model).lr(0.01);
/// let before = model.bias;
/// let (_, grads) = model.gradients(&Tensor([[1.0, 2.0]; 4]), |y| Loss::by_hand(y, |y| y.fill(0.5)));
/// radam.step(&mut model, &grads);
/// assert!((model.bias.0 - before.0).all_close(&Tensor([-0.02]), 1e-4, 0.0)); // at first γ·g
/// ```
///
/// L. Liu et al., *On the variance of the adaptive learning rate and beyond*, 2020. After
/// [`torch.optim.RAdam`](https://docs.pytorch.org/docs/stable/generated/torch.optim.RAdam.html).
pub struct RAdam<M: Parameters> {
    settings: Settings<RAdamSettings>,
    steps: u64,
    state: [M::Grads; 2],
}

settings! {
    /// The settings of [`RAdam`].
    RAdamSettings {
        /// The learning rate γ.
        lr: f64 = 1e-3,
        /// The decay rates β₁ and β₂ of the averages, each from 0 to below 1.
        betas: (f64, f64) = (0.9, 0.999),
        /// What keeps the divisor from 0: ε.
        eps: f64 = 1e-8,
        /// The weight decay λ: an L2 penalty, unless decoupled.
        weight_decay: f64 = 0.0,
        /// Whether the weight decay shrinks the parameter by itself, as [`AdamW`](super::AdamW)'s does.
        decoupled_weight_decay: bool = false,
    }
}

impl<M: Parameters> RAdam<M> {
    /// Lets the weight decay shrink the parameter by itself.
    pub const fn decoupled_weight_decay(mut self) -> Self {
        self.settings.edit().decoupled_weight_decay = true;
        self
    }

    /// What the step is multiplied by where it adapts.
    fn rectification(&self) -> Option<f64> {
        let beta2 = self.betas.1;
        let correction: f64 = bias_correction(beta2, self.steps);
        let limit = 2.0 / (1.0 - beta2) - 1.0;
        let rho = limit - 2.0 * self.steps as f64 * (1.0 - correction) / correction;
        let ratio = (rho - 4.0) * (rho - 2.0) * limit / ((limit - 4.0) * (limit - 2.0) * rho);
        (rho > 5.0).then(|| Float::sqrt(ratio) * Float::sqrt(correction))
    }

    fn apply(&mut self, model: &mut M, grads: &M::Grads) {
        let rectification = self.rectification();
        let mut rule = Rule {
            betas: self.betas,
            lr: self.lr,
            decay: Decay::new(self.weight_decay, self.decoupled_weight_decay),
            size: self.lr / bias_correction::<f64>(self.betas.0, self.steps) * rectification.unwrap_or(1.0),
            eps: self.eps,
            adapts: rectification.is_some(),
        };
        model.update(grads, self.state.each_mut(), &mut rule);
    }
}

optimizer!(RAdam<>, RAdamSettings: betas(beta1, beta2) eps weight_decay, state: ["exp_avg", "exp_avg_sq"]);

/// The numbers of one step.
struct Rule {
    betas: (f64, f64),
    lr: f64,
    decay: Decay,
    size: f64,
    eps: f64,
    adapts: bool,
}

impl Update<2> for Rule {
    #[inline(always)]
    fn update<T: Float>(&mut self, param: &mut [T], grad: &[T], [m, v]: [&mut [T]; 2]) {
        let moments = Moments::new(self.betas, self.lr, self.decay);
        let ([size, eps], adapts) = ([self.size, self.eps].map(T::from_f64), self.adapts);
        for (((p, &g), m), v) in param.iter_mut().zip(grad).zip(m).zip(v) {
            let next = moments.average(*p, g, *m, *v);
            *p = next.p - size * next.m / if adapts { next.v.sqrt() + eps } else { T::ONE };
            (*m, *v) = (next.m, next.v);
        }
    }
}
