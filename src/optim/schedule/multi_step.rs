//! [`MultiStepLr`].

use super::{Schedule, power};

/// Multiplies the rate by `gamma` at each of `N` milestones.
///
/// `lr(t) = base_lr · gamma^n`, where `n` milestones are at or before `t`; `gamma` is 0.1 unless set. Milestones need no
/// order, and one that is given twice counts twice.
///
/// ```
/// use adamant::optim::{MultiStepLr, Schedule};
/// let schedule = MultiStepLr::new(1.0, [30, 80]).gamma(0.5);
/// assert_eq!([0, 30, 80].map(|step| schedule.lr(step)), [1.0, 0.5, 0.25]);
/// ```
///
/// PyTorch: `torch.optim.lr_scheduler.MultiStepLR`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MultiStepLr<const N: usize> {
    base_lr: f64,
    milestones: [usize; N],
    gamma: f64,
}

impl<const N: usize> MultiStepLr<N> {
    /// Starts at `base_lr` and decays at each of `milestones`.
    pub const fn new(base_lr: f64, milestones: [usize; N]) -> Self {
        Self { base_lr, milestones, gamma: 0.1 }
    }

    /// The factor of each decay.
    pub const fn gamma(self, gamma: f64) -> Self {
        Self { gamma, ..self }
    }
}

impl<const N: usize> Schedule for MultiStepLr<N> {
    fn lr(&self, step: usize) -> f64 {
        let decays = self.milestones.iter().filter(|&&milestone| milestone <= step).count();
        self.base_lr * power(self.gamma, decays)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    #[test]
    fn multi_step() {
        check(
            MultiStepLr::new(0.1, [4, 9]),
            [
                0.1,
                0.1,
                0.1,
                0.1,
                0.010000000000000002,
                0.010000000000000002,
                0.010000000000000002,
                0.010000000000000002,
                0.010000000000000002,
                0.0010000000000000002,
                0.0010000000000000002,
                0.0010000000000000002,
                0.0010000000000000002,
                0.0010000000000000002,
                0.0010000000000000002,
                0.0010000000000000002,
                0.0010000000000000002,
                0.0010000000000000002,
                0.0010000000000000002,
                0.0010000000000000002,
            ],
        );
    }
}
