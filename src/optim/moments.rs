//! The running averages of the optimisers after Adam.

use super::penalised;
use crate::simd::Float;

/// How weight decay takes part.
#[derive(Clone, Copy)]
pub enum Decay {
    /// As an L2 penalty λ.
    Penalty(f64),
    /// It shrinks the parameter by itself, by γ·λ.
    Decoupled(f64),
}

impl Decay {
    /// With this λ, decoupled or not.
    pub fn new(weight_decay: f64, decoupled: bool) -> Self {
        if decoupled { Self::Decoupled(weight_decay) } else { Self::Penalty(weight_decay) }
    }
}

/// What a step does to a parameter's two averages, m of its gradient and v of the gradient's square, and by weight decay.
#[derive(Clone, Copy)]
pub struct Moments<T> {
    /// What decoupled weight decay leaves of a parameter.
    keep: T,
    /// λ, where weight decay is an L2 penalty.
    decay: T,
    gain1: T,
    beta2: T,
    gain2: T,
}

impl<T: Float> Moments<T> {
    /// In the type of a parameter's elements.
    #[inline(always)]
    pub fn new((beta1, beta2): (f64, f64), lr: f64, decay: Decay) -> Self {
        let (keep, decay) = match decay {
            Decay::Penalty(rate) => (T::ONE, T::from_f64(rate)),
            Decay::Decoupled(rate) => (T::ONE - T::from_f64(lr) * T::from_f64(rate), T::ZERO),
        };
        Self { keep, decay, gain1: T::complement(beta1), beta2: T::from_f64(beta2), gain2: T::complement(beta2) }
    }

    /// Whether weight decay is an L2 penalty.
    #[inline(always)]
    pub fn penalises(&self) -> bool {
        self.decay != T::ZERO
    }

    /// One step of a parameter's averages.
    #[inline(always)]
    pub fn average(&self, p: T, g: T, m: T, v: T) -> Averaged<T> {
        match self.penalises() {
            true => self.average_if::<true>(p, g, m, v),
            false => self.average_if::<false>(p, g, m, v),
        }
    }

    /// As [`average`](Self::average), for a loop that is written once for each.
    #[inline(always)]
    pub fn average_if<const PENALISES: bool>(&self, p: T, g: T, m: T, v: T) -> Averaged<T> {
        let p = self.keep * p;
        let g = penalised::<PENALISES, T>(g, p, self.decay);
        Averaged { p, g, m: m + self.gain1 * (g - m), v: self.beta2 * v + self.gain2 * g * g }
    }
}

/// The parameter decayed, the gradient with the penalty, and both averages moved. By value, since a root may be a call, before which
/// what memory holds would have to be written, and read again after it.
pub struct Averaged<T> {
    pub p: T,
    pub g: T,
    pub m: T,
    pub v: T,
}
