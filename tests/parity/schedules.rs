//! Learning-rate schedules: the rate of each of 20 steps.

use adamant::prelude::*;

use crate::golden::{Golden, assert_close};

/// PyTorch multiplies its way from step to step where adamant has a closed form: the last digits differ.
const TOLERANCE: f64 = 1e-12;

fn check(name: &str, schedule: impl Schedule) {
    let (dims, expected) = Golden::open(name).floats("lr");
    assert_eq!(dims, [20]);
    let rates: Vec<f64> = (0..20).map(|step| schedule.lr(step)).collect();
    assert_close(name, &rates, &expected, TOLERANCE);
}

#[test]
fn every_schedule() {
    check("schedule_step", StepLr::new(0.1, 5).gamma(0.5));
    check("schedule_multi_step", MultiStepLr::new(0.1, [4, 9]));
    check("schedule_exponential", ExponentialLr::new(0.1, 0.9));
    check("schedule_linear", LinearLr::new(0.1, 8).start_factor(0.25));
    check("schedule_polynomial", PolynomialLr::new(0.1, 20).power(2.0));
    check("schedule_cosine", CosineAnnealingLr::new(0.1, 20).eta_min(0.001));
    check("schedule_cosine_restarts", CosineAnnealingWarmRestarts::new(0.1, 5).t_mult(2));
    check("schedule_one_cycle", OneCycleLr::new(0.1, 20));
}
