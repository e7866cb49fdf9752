//! [`PolynomialLr`].

use num_traits::Float;

use super::{Schedule, progress};

/// Lets the rate fall to zero along a power of the steps that remain.
///
/// `lr(t) = base_lr · (1 - min(t / total_iters, 1))^power`, with `power` 1 unless set.
///
/// ```
/// use adamant::optim::{PolynomialLr, Schedule};
/// let schedule = PolynomialLr::new(1.0, 4).power(2.0);
/// assert_eq!([0, 2, 4, 9].map(|step| schedule.lr(step)), [1.0, 0.25, 0.0, 0.0]);
/// ```
///
/// PyTorch: `torch.optim.lr_scheduler.PolynomialLR`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PolynomialLr {
    base_lr: f64,
    total_iters: usize,
    power: f64,
}

impl PolynomialLr {
    /// Starts at `base_lr` and reaches zero at step `total_iters`.
    pub const fn new(base_lr: f64, total_iters: usize) -> Self {
        Self { base_lr, total_iters, power: 1.0 }
    }

    /// The exponent: 1 is a straight line, more falls early. Positive, since a negative one makes the last rate infinite.
    pub const fn power(self, power: f64) -> Self {
        Self { power, ..self }
    }
}

impl Schedule for PolynomialLr {
    fn lr(&self, step: usize) -> f64 {
        let remaining = 1.0 - progress(step, self.total_iters);
        self.base_lr * Float::powf(remaining, self.power)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    #[test]
    fn polynomial() {
        check(
            PolynomialLr::new(0.1, 20).power(2.0),
            [
                0.1,
                0.09025,
                0.081,
                0.07225,
                0.064,
                0.05625,
                0.048999999999999995,
                0.04225000000000001,
                0.036000000000000004,
                0.03025000000000001,
                0.025000000000000005,
                0.02025,
                0.016000000000000007,
                0.012250000000000002,
                0.009000000000000005,
                0.006250000000000002,
                0.003999999999999999,
                0.0022500000000000016,
                0.0009999999999999998,
                0.0002500000000000005,
            ],
        );
    }
}
