//! [`StepLr`].

use super::{Schedule, power};

/// Multiplies the rate by `gamma` every `step_size` steps.
///
/// `lr(t) = base_lr · gamma^⌊t / step_size⌋`, with `gamma` 0.1 unless set. A `step_size` of 0 leaves the rate as it is.
///
/// ```
/// use adamant::optim::{Schedule, StepLr};
/// let schedule = StepLr::new(0.1, 30).gamma(0.5);
/// assert_eq!((schedule.lr(29), schedule.lr(30)), (0.1, 0.05));
/// ```
///
/// PyTorch: `torch.optim.lr_scheduler.StepLR`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepLr {
    base_lr: f64,
    step_size: usize,
    gamma: f64,
}

impl StepLr {
    /// Starts at `base_lr` and decays every `step_size` steps.
    pub const fn new(base_lr: f64, step_size: usize) -> Self {
        Self { base_lr, step_size, gamma: 0.1 }
    }

    /// The factor of each decay.
    pub const fn gamma(self, gamma: f64) -> Self {
        Self { gamma, ..self }
    }
}

impl Schedule for StepLr {
    fn lr(&self, step: usize) -> f64 {
        let decays = step.checked_div(self.step_size).unwrap_or(0);
        self.base_lr * power(self.gamma, decays)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    #[test]
    fn step() {
        check(
            StepLr::new(0.1, 5).gamma(0.5),
            [
                0.1, 0.1, 0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.05, 0.025, 0.025, 0.025, 0.025, 0.025, 0.0125, 0.0125,
                0.0125, 0.0125, 0.0125,
            ],
        );
    }
}
