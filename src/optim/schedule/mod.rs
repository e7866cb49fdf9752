//! Learning-rate schedules with the names and the values of `torch.optim.lr_scheduler`.
//!
//! A schedule is a plain value that maps a step to a rate in closed form. It keeps no state, so that training resumes at
//! any step without replaying those before. What a step is, a batch or an epoch, is up to the loop that asks; rates are in
//! the optimiser's units. A schedule over no steps at all has reached its end: none divides by zero.

mod cosine;
mod cosine_restarts;
mod exponential;
mod linear;
mod multi_step;
mod one_cycle;
mod polynomial;
mod step;

pub use cosine::CosineAnnealingLr;
pub use cosine_restarts::CosineAnnealingWarmRestarts;
pub use exponential::ExponentialLr;
pub use linear::LinearLr;
pub use multi_step::MultiStepLr;
pub use one_cycle::OneCycleLr;
pub use polynomial::PolynomialLr;
pub use step::StepLr;

use core::f64::consts::PI;

use num_traits::Float;

/// A learning rate that depends on the step.
#[doc(alias = "lr_scheduler")]
pub trait Schedule {
    /// Learning rate of step `step`, counted from 0.
    fn lr(&self, step: usize) -> f64;
}

/// The share of `total` steps that has passed, at most 1.
fn progress(step: usize, total: usize) -> f64 {
    if step < total { step as f64 / total as f64 } else { 1.0 }
}

fn line(from: f64, to: f64, fraction: f64) -> f64 {
    from + (to - from) * fraction
}

fn cosine(from: f64, to: f64, fraction: f64) -> f64 {
    to + (from - to) * (1.0 + Float::cos(PI * fraction)) / 2.0
}

fn power(base: f64, exponent: usize) -> f64 {
    Float::powf(base, exponent as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks a schedule against what PyTorch 2.15 returned for steps 0 to 19.
    ///
    /// PyTorch multiplies its way from step to step, so that its last digits differ from the closed form's.
    pub fn check(schedule: impl Schedule, expected: [f64; 20]) {
        for (step, expected) in expected.into_iter().enumerate() {
            let lr = schedule.lr(step);
            assert!((lr - expected).abs() <= 1e-12 * expected, "step {step}: {lr}, not {expected}");
        }
    }

    #[test]
    fn a_schedule_of_no_steps_is_at_its_end() {
        for step in [0, 1, usize::MAX] {
            assert_eq!(StepLr::new(0.1, 0).lr(step), 0.1);
            assert_eq!(MultiStepLr::new(0.1, []).lr(step), 0.1);
            assert_eq!(LinearLr::new(0.1, 0).end_factor(0.5).lr(step), 0.05);
            assert_eq!(PolynomialLr::new(0.1, 0).lr(step), 0.0);
            assert_eq!(CosineAnnealingLr::new(0.1, 0).eta_min(0.01).lr(step), 0.01);
            assert_eq!(CosineAnnealingWarmRestarts::new(0.1, 0).t_mult(0).lr(step), 0.1);
            assert_eq!(OneCycleLr::new(0.1, 0).lr(step), 0.1 / 25.0 / 1e4);
        }
    }

    #[test]
    fn every_rate_lies_between_zero_and_the_highest() {
        let sizes = [0, 1, 2, 3, 7, usize::MAX / 2, usize::MAX];
        for (size, step) in sizes.into_iter().flat_map(|size| sizes.map(|step| (size, step))) {
            let rates = [
                StepLr::new(0.1, size).lr(step),
                MultiStepLr::new(0.1, [size, 0, size]).lr(step),
                ExponentialLr::new(0.1, 0.9).lr(step),
                LinearLr::new(0.1, size).lr(step),
                PolynomialLr::new(0.1, size).lr(step),
                CosineAnnealingLr::new(0.1, size).lr(step),
                CosineAnnealingWarmRestarts::new(0.1, size).t_mult(size).lr(step),
                CosineAnnealingWarmRestarts::new(0.1, size).t_mult(2).lr(step),
            ];
            // The last one's phases collapse at 0 and 1 in different ways.
            let cycles = [0.0, 0.3, 0.5, 1.0].map(|share| OneCycleLr::new(0.1, size).pct_start(share));
            let cycles = cycles.into_iter().flat_map(|cycle| [cycle, cycle.three_phase(true)]);
            for lr in rates.into_iter().chain(cycles.map(|cycle| cycle.lr(step))) {
                assert!((0.0..=0.1 + 1e-15).contains(&lr), "size {size}, step {step}: {lr}");
            }
        }
    }
}
