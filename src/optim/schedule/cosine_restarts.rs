//! [`CosineAnnealingWarmRestarts`].

use super::{Schedule, cosine, progress};

/// Lets the rate fall to `eta_min` along half a cosine, again and again, each time more slowly.
///
/// `lr(t) = eta_min + (base_lr - eta_min) · (1 + cos(π · t_cur / t_i)) / 2`, where `t_cur` steps have passed since the last
/// restart and cycle `i` lasts `t_i = t_0 · t_mult^i` of them; `t_mult` is 1 and `eta_min` 0 unless set. Either number of
/// steps counts as at least 1.
///
/// ```
/// use adamant::optim::{CosineAnnealingWarmRestarts, Schedule};
/// let schedule = CosineAnnealingWarmRestarts::new(0.5, 10).t_mult(2);
/// assert_eq!([0, 5, 10, 20, 30].map(|step| schedule.lr(step)), [0.5, 0.25, 0.5, 0.25, 0.5]);
/// ```
///
/// PyTorch: `torch.optim.lr_scheduler.CosineAnnealingWarmRestarts`. Loshchilov and Hutter, "SGDR: Stochastic Gradient
/// Descent with Warm Restarts", 2017.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CosineAnnealingWarmRestarts {
    base_lr: f64,
    t_0: usize,
    t_mult: usize,
    eta_min: f64,
}

impl CosineAnnealingWarmRestarts {
    /// Starts at `base_lr` and returns to it first after `t_0` steps.
    pub const fn new(base_lr: f64, t_0: usize) -> Self {
        Self { base_lr, t_0, t_mult: 1, eta_min: 0.0 }
    }

    /// How many times longer each cycle is than the one before.
    pub const fn t_mult(self, t_mult: usize) -> Self {
        Self { t_mult, ..self }
    }

    /// The rate that each cycle falls towards; it restarts one step before reaching it.
    pub const fn eta_min(self, eta_min: f64) -> Self {
        Self { eta_min, ..self }
    }

    /// Steps since the last restart, and the length of the cycle that it began.
    fn cycle(&self, step: usize) -> (usize, usize) {
        let mut length = self.t_0.max(1);
        if self.t_mult <= 1 {
            return (step % length, length);
        }
        let mut since = step;
        while since >= length {
            since -= length;
            length = length.saturating_mul(self.t_mult);
        }
        (since, length)
    }
}

impl Schedule for CosineAnnealingWarmRestarts {
    fn lr(&self, step: usize) -> f64 {
        let (since, length) = self.cycle(step);
        cosine(self.base_lr, self.eta_min, progress(since, length))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    #[test]
    fn cosine_restarts() {
        check(
            CosineAnnealingWarmRestarts::new(0.1, 5).t_mult(2),
            [
                0.1,
                0.09045084971874738,
                0.06545084971874737,
                0.03454915028125263,
                0.009549150281252633,
                0.1,
                0.09755282581475769,
                0.09045084971874738,
                0.07938926261462366,
                0.06545084971874737,
                0.05,
                0.03454915028125263,
                0.02061073738537635,
                0.009549150281252633,
                0.0024471741852423235,
                0.1,
                0.0993844170297569,
                0.09755282581475769,
                0.09455032620941839,
                0.09045084971874738,
            ],
        );
    }

    #[test]
    fn warm_restarts_of_equal_length() {
        let schedule = CosineAnnealingWarmRestarts::new(0.1, 7).eta_min(0.01);
        for step in 0..7 {
            assert_eq!(schedule.lr(step), schedule.lr(step + 7 * 1_000_000));
        }
    }
}
