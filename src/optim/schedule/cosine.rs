//! [`CosineAnnealingLr`].

use super::{Schedule, cosine};

/// Lets the rate fall to `eta_min` along half a cosine.
///
/// `lr(t) = eta_min + (base_lr - eta_min) · (1 + cos(π · t / t_max)) / 2`, with `eta_min` 0 unless set. After `t_max` steps
/// the rate rises again along the other half, as PyTorch's does.
///
/// ```
/// use adamant::optim::{CosineAnnealingLr, Schedule};
/// let schedule = CosineAnnealingLr::new(0.5, 100).eta_min(0.25);
/// assert_eq!([0, 50, 100, 200].map(|step| schedule.lr(step)), [0.5, 0.375, 0.25, 0.5]);
/// ```
///
/// PyTorch: `torch.optim.lr_scheduler.CosineAnnealingLR`. Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with
/// Warm Restarts", 2017.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CosineAnnealingLr {
    base_lr: f64,
    t_max: usize,
    eta_min: f64,
}

impl CosineAnnealingLr {
    /// Starts at `base_lr` and is lowest at step `t_max`.
    pub const fn new(base_lr: f64, t_max: usize) -> Self {
        Self { base_lr, t_max, eta_min: 0.0 }
    }

    /// The lowest rate.
    pub const fn eta_min(self, eta_min: f64) -> Self {
        Self { eta_min, ..self }
    }
}

impl Schedule for CosineAnnealingLr {
    fn lr(&self, step: usize) -> f64 {
        // Within one period the cosine's argument is small, and hence accurate however long training lasts.
        let period = self.t_max.saturating_mul(2).max(1);
        let fraction = if self.t_max == 0 { 1.0 } else { (step % period) as f64 / self.t_max as f64 };
        cosine(self.base_lr, self.eta_min, fraction)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    #[test]
    fn cosine() {
        check(
            CosineAnnealingLr::new(0.1, 20).eta_min(0.001),
            [
                0.1,
                0.09939057285945932,
                0.09757729755661011,
                0.09460482294732421,
                0.09054634122155991,
                0.0855017856687341,
                0.07959536998847742,
                0.07297252973710756,
                0.0657963412215599,
                0.05824350601949144,
                0.0505,
                0.04275649398050859,
                0.03520365877844011,
                0.02802747026289244,
                0.02140463001152259,
                0.015498214331265903,
                0.010453658778440109,
                0.006395177052675795,
                0.0034227024433899004,
                0.001609427140540686,
            ],
        );
    }
}
