//! [`ExponentialLr`].

use super::{Schedule, power};

/// Multiplies the rate by `gamma` at every step.
///
/// `lr(t) = base_lr · gamma^t`.
///
/// ```
/// use adamant::optim::{ExponentialLr, Schedule};
/// assert_eq!(ExponentialLr::new(1.0, 0.5).lr(3), 0.125);
/// ```
///
/// PyTorch: `torch.optim.lr_scheduler.ExponentialLR`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExponentialLr {
    base_lr: f64,
    gamma: f64,
}

impl ExponentialLr {
    /// Starts at `base_lr` and decays by the factor `gamma`.
    pub const fn new(base_lr: f64, gamma: f64) -> Self {
        Self { base_lr, gamma }
    }
}

impl Schedule for ExponentialLr {
    fn lr(&self, step: usize) -> f64 {
        self.base_lr * power(self.gamma, step)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    #[test]
    fn exponential() {
        check(
            ExponentialLr::new(0.1, 0.9),
            [
                0.1,
                0.09000000000000001,
                0.08100000000000002,
                0.07290000000000002,
                0.06561000000000002,
                0.05904900000000002,
                0.05314410000000002,
                0.04782969000000002,
                0.043046721000000024,
                0.03874204890000002,
                0.03486784401000002,
                0.03138105960900001,
                0.028242953648100012,
                0.025418658283290013,
                0.022876792454961013,
                0.020589113209464913,
                0.01853020188851842,
                0.01667718169966658,
                0.015009463529699923,
                0.013508517176729932,
            ],
        );
    }
}
