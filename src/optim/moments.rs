//! The running averages of the optimisers after Adam.

use super::decayed;
use crate::simd::Float;

/// What a step does to a parameter's two averages, m of its gradient and v of the gradient's square, and by weight decay.
#[derive(Clone, Copy)]
pub struct Moments<T = f64> {
    /// What decoupled weight decay leaves of a parameter.
    keep: T,
    /// λ, where weight decay is an L2 penalty.
    decay: T,
    gain1: T,
    beta2: T,
    gain2: T,
}

impl Moments {
    /// With weight decay as an L2 penalty.
    pub fn penalised((beta1, beta2): (f64, f64), weight_decay: f64) -> Self {
        Self { keep: 1.0, decay: weight_decay, gain1: 1.0 - beta1, beta2, gain2: 1.0 - beta2 }
    }

    /// With weight decay that shrinks the parameter by itself.
    pub fn decoupled(betas: (f64, f64), lr: f64, weight_decay: f64) -> Self {
        Self { keep: 1.0 - lr * weight_decay, ..Self::penalised(betas, 0.0) }
    }

    /// In the type of a parameter's elements.
    pub fn cast<T: Float>(self) -> Moments<T> {
        let Self { keep, decay, gain1, beta2, gain2 } = self;
        let [keep, decay, gain1, beta2, gain2] = [keep, decay, gain1, beta2, gain2].map(T::from_f64);
        Moments { keep, decay, gain1, beta2, gain2 }
    }
}

impl<T: Float> Moments<T> {
    /// Decays the parameter and moves both averages; the gradient, with the penalty.
    #[inline(always)]
    pub fn average(&self, p: &mut T, g: T, m: &mut T, v: &mut T) -> T {
        *p = self.keep * *p;
        let g = decayed(g, *p, self.decay);
        *m += self.gain1 * (g - *m);
        *v = self.beta2 * *v + self.gain2 * g * g;
        g
    }
}
