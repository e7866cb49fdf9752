//! [`Adamax`].

use super::settings::{Settings, settings};
use super::{bias_correction, decayed, optimizer};
use crate::nn::{Parameters, Update};
use crate::simd::Float;

/// Adamax: [`Adam`](super::Adam) with the largest recent gradient in place of the root mean square.
///
/// ```text
/// g ← g + λ·θ
/// m ← β₁·m + (1 − β₁)·g
/// u ← max(β₂·u, |g| + ε)
/// θ ← θ − γ/(1 − β₁ᵗ) · m/u
/// ```
///
/// It keeps two mirrors of the gradients, m and u. Unless set, γ is 2·10⁻³, β₁ 0.9, β₂ 0.999, ε 10⁻⁸ and λ 0.
///
/// ```
/// use adamant::prelude::*;
/// let mut model = Linear::<2, 1>::init(&mut SmallRng::seed_from_u64(0));
/// let mut adamax = Adamax::new(&model).lr(0.01);
/// let before = model.bias;
/// let (_, grads) = model.gradients(&Tensor([[1.0, 2.0]; 4]), |y| Loss::by_hand(y, |y| y.fill(0.25)));
/// adamax.step(&mut model, &grads);
/// assert!((model.bias.0 - before.0).all_close(&Tensor([-0.01]), 1e-4, 0.0)); // the first step's size is γ
/// ```
///
/// D. P. Kingma and J. Ba, *Adam: a method for stochastic optimization*, section 7, 2015. After
/// [`torch.optim.Adamax`](https://docs.pytorch.org/docs/stable/generated/torch.optim.Adamax.html).
pub struct Adamax<M: Parameters> {
    settings: Settings<AdamaxSettings>,
    steps: u64,
    state: [M::Grads; 2],
}

settings! {
    /// The settings of [`Adamax`].
    AdamaxSettings {
        /// The learning rate γ.
        lr: f64 = 2e-3,
        /// The decay rates β₁ of the average and β₂ of the maximum, each from 0 to below 1.
        betas: (f64, f64) = (0.9, 0.999),
        /// What keeps the divisor from 0: ε.
        eps: f64 = 1e-8,
        /// The weight decay λ: an L2 penalty.
        weight_decay: f64 = 0.0,
    }
}

impl<M: Parameters> Adamax<M> {
    fn apply(&mut self, model: &mut M, grads: &M::Grads) {
        let AdamaxSettings { lr, betas, eps, weight_decay: decay } = **self;
        let mut rule = Rule { lr, betas, eps, decay, steps: self.steps };
        model.update(grads, self.state.each_mut(), &mut rule);
    }
}

optimizer!(Adamax<>, AdamaxSettings: betas(beta1, beta2) eps weight_decay, state: ["exp_avg", "exp_inf"]);

/// The numbers of one step.
struct Rule {
    lr: f64,
    betas: (f64, f64),
    eps: f64,
    decay: f64,
    steps: u64,
}

impl Update<2> for Rule {
    #[inline(always)]
    fn update<T: Float>(&mut self, param: &mut [T], grad: &[T], [m, u]: [&mut [T]; 2]) {
        let (beta1, beta2) = self.betas;
        let [lr, beta2, eps, decay] = [self.lr, beta2, self.eps, self.decay].map(T::from_f64);
        let (size, gain) = (lr / bias_correction(beta1, self.steps), T::complement(beta1));
        for (((p, &g), m), u) in param.iter_mut().zip(grad).zip(m).zip(u) {
            let g = decayed(g, *p, decay);
            *m += gain * (g - *m);
            *u = (beta2 * *u).maximum(g.abs() + eps);
            *p -= size * *m / *u;
        }
    }
}
