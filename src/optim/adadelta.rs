//! [`Adadelta`].

use super::settings::{Settings, settings};
use super::{decayed, optimizer};
use crate::nn::{Parameters, Update};
use crate::simd::Float;

/// Adadelta: the root mean square of past steps over that of past gradients sets the size of the next step.
///
/// ```text
/// g ← g + λ·θ
/// v ← ρ·v + (1 − ρ)·g²
/// d = √(u + ε) / √(v + ε) · g
/// u ← ρ·u + (1 − ρ)·d²
/// θ ← θ − γ·d
/// ```
///
/// It keeps two mirrors of the gradients, v and u. Unless set, γ is 1, ρ 0.9, ε 10⁻⁶ and λ 0.
///
/// ```
/// use adamant::prelude::*;
/// let mut model = Linear::<2, 1>::init(&mut SmallRng::seed_from_u64(0));
/// let mut adadelta = Adadelta::new(&model).rho(0.75);
/// let before = model.bias;
/// let (_, grads) = model.gradients(&Tensor([[1.0, 2.0]; 4]), |y| Loss::by_hand(y, |y| y.fill(0.25)));
/// adadelta.step(&mut model, &grads);
/// assert!((model.bias.0 - before.0).all_close(&Tensor([-0.002]), 1e-4, 0.0)); // √ε / √(1 − ρ)
/// ```
///
/// M. D. Zeiler, *ADADELTA: an adaptive learning rate method*, 2012. After
/// [`torch.optim.Adadelta`](https://docs.pytorch.org/docs/stable/generated/torch.optim.Adadelta.html).
pub struct Adadelta<M: Parameters> {
    settings: Settings<AdadeltaSettings>,
    steps: u64,
    state: [M::Grads; 2],
}

settings! {
    /// The settings of [`Adadelta`].
    AdadeltaSettings {
        /// The learning rate γ: a factor of each step.
        lr: f64 = 1.0,
        /// The decay rate ρ of the averages, from 0 to below 1.
        rho: f64 = 0.9,
        /// What keeps both roots from 0: ε.
        eps: f64 = 1e-6,
        /// The weight decay λ: an L2 penalty.
        weight_decay: f64 = 0.0,
    }
}

impl<M: Parameters> Adadelta<M> {
    fn apply(&mut self, model: &mut M, grads: &M::Grads) {
        let mut rule = Rule { lr: self.lr, rho: self.rho, eps: self.eps, decay: self.weight_decay };
        model.update(grads, self.state.each_mut(), &mut rule);
    }
}

optimizer!(Adadelta<>, AdadeltaSettings: rho eps weight_decay, state: ["square_avg", "acc_delta"]);

/// The numbers of one step.
struct Rule {
    lr: f64,
    rho: f64,
    eps: f64,
    decay: f64,
}

impl Update<2> for Rule {
    #[inline(always)]
    fn update<T: Float>(&mut self, param: &mut [T], grad: &[T], [square, step]: [&mut [T]; 2]) {
        let [lr, rho, eps, decay] = [self.lr, self.rho, self.eps, self.decay].map(T::from_f64);
        let gain = T::complement(self.rho);
        for (((p, &g), v), u) in param.iter_mut().zip(grad).zip(square).zip(step) {
            let g = decayed(g, *p, decay);
            *v = rho * *v + gain * g * g;
            let d = (*u + eps).sqrt() / (*v + eps).sqrt() * g;
            *u = rho * *u + gain * d * d;
            *p -= lr * d;
        }
    }
}
