//! [`LinearLr`].

use super::{Schedule, line, progress};

/// Moves a factor of the rate in a straight line, as for a warm-up, and then holds it.
///
/// `lr(t) = base_lr · (start + (end - start) · min(t / total_iters, 1))`; the factor goes from 1/3 to 1 unless set.
///
/// ```
/// use adamant::optim::{LinearLr, Schedule};
/// let warm_up = LinearLr::new(1.0, 4).start_factor(0.5);
/// assert_eq!([0, 2, 4, 9].map(|step| warm_up.lr(step)), [0.5, 0.75, 1.0, 1.0]);
/// ```
///
/// PyTorch: `torch.optim.lr_scheduler.LinearLR`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinearLr {
    base_lr: f64,
    total_iters: usize,
    start_factor: f64,
    end_factor: f64,
}

impl LinearLr {
    /// Multiplies `base_lr` by a factor that reaches its end at step `total_iters`.
    pub const fn new(base_lr: f64, total_iters: usize) -> Self {
        Self { base_lr, total_iters, start_factor: 1.0 / 3.0, end_factor: 1.0 }
    }

    /// The factor at step 0.
    pub const fn start_factor(self, start_factor: f64) -> Self {
        Self { start_factor, ..self }
    }

    /// The factor from step `total_iters` on.
    pub const fn end_factor(self, end_factor: f64) -> Self {
        Self { end_factor, ..self }
    }
}

impl Schedule for LinearLr {
    fn lr(&self, step: usize) -> f64 {
        self.base_lr * line(self.start_factor, self.end_factor, progress(step, self.total_iters))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    #[test]
    fn linear() {
        check(
            LinearLr::new(0.1, 8).start_factor(0.25),
            [
                0.025,
                0.034375,
                0.043750000000000004,
                0.053125,
                0.0625,
                0.071875,
                0.08124999999999999,
                0.090625,
                0.09999999999999999,
                0.09999999999999999,
                0.09999999999999999,
                0.09999999999999999,
                0.09999999999999999,
                0.09999999999999999,
                0.09999999999999999,
                0.09999999999999999,
                0.09999999999999999,
                0.09999999999999999,
                0.09999999999999999,
                0.09999999999999999,
            ],
        );
    }
}
