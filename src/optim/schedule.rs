//! Learning-rate schedules with the names and the values of `torch.optim.lr_scheduler`.
//!
//! A schedule is a plain value that maps a step to a rate in closed form. It keeps no state, so that training resumes at
//! any step without replaying those before. What a step is, a batch or an epoch, is up to the loop that asks; rates are in
//! the optimiser's units. A schedule over no steps at all has reached its end: none divides by zero.

use core::f64::consts::PI;
use num_traits::Float;

/// A learning rate that depends on the step.
pub trait Schedule {
    /// Learning rate of step `step`, counted from 0.
    fn lr(&self, step: usize) -> f64;
}

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

/// Rises from a low rate to `max_lr` and then falls far below where it began ("super-convergence").
///
/// With `initial = max_lr / div_factor` and `last = initial / final_div_factor`, the rate follows half a cosine from
/// `initial` to `max_lr`, which it reaches at step `pct_start · total_steps - 1`, and another to `last`, at step
/// `total_steps - 1`. There it stays (where PyTorch raises an error). Unless set, `pct_start` is 0.3, `div_factor` 25 and
/// `final_div_factor` 10,000.
///
/// ```
/// use adamant::optim::{OneCycleLr, Schedule};
/// let schedule = OneCycleLr::new(0.5, 20).div_factor(4.0);
/// assert_eq!((schedule.lr(0), schedule.lr(5)), (0.125, 0.5));
/// assert!((schedule.lr(19) - 0.125e-4).abs() < 1e-15);
/// ```
///
/// PyTorch: `torch.optim.lr_scheduler.OneCycleLR`. Smith and Topin, "Super-Convergence: Very Fast Training of Neural
/// Networks Using Large Learning Rates", 2018.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OneCycleLr {
    max_lr: f64,
    total_steps: usize,
    pct_start: f64,
    div_factor: f64,
    final_div_factor: f64,
    three_phase: bool,
    linear: bool,
}

impl OneCycleLr {
    /// One cycle of `total_steps` steps that peaks at `max_lr`.
    pub const fn new(max_lr: f64, total_steps: usize) -> Self {
        Self { max_lr, total_steps, pct_start: 0.3, div_factor: 25.0, final_div_factor: 1e4, three_phase: false, linear: false }
    }

    /// The share of the cycle, from 0 to 1, in which the rate rises.
    pub const fn pct_start(self, pct_start: f64) -> Self {
        Self { pct_start, ..self }
    }

    /// How many times smaller than `max_lr` the first rate is.
    pub const fn div_factor(self, div_factor: f64) -> Self {
        Self { div_factor, ..self }
    }

    /// How many times smaller than the first rate the last one is.
    pub const fn final_div_factor(self, final_div_factor: f64) -> Self {
        Self { final_div_factor, ..self }
    }

    /// Whether the rate first falls back to where it began, as fast as it rose, and only then to the last rate.
    pub const fn three_phase(self, three_phase: bool) -> Self {
        Self { three_phase, ..self }
    }

    /// Whether to go in straight lines instead of along cosines (PyTorch's `anneal_strategy = "linear"`).
    pub const fn linear(self, linear: bool) -> Self {
        Self { linear, ..self }
    }
}

impl Schedule for OneCycleLr {
    fn lr(&self, step: usize) -> f64 {
        let initial = self.max_lr / self.div_factor;
        let last = initial / self.final_div_factor;
        // As in PyTorch, a phase may end between two steps.
        let peak = self.pct_start * self.total_steps as f64 - 1.0;
        let end = self.total_steps.saturating_sub(1) as f64;
        let valley = 2.0 * peak;
        let step = (step as f64).min(end);
        let (from, to, begin, end) = if step <= peak {
            (initial, self.max_lr, 0.0, peak)
        } else if !self.three_phase {
            (self.max_lr, last, peak, end)
        } else if step <= valley {
            (self.max_lr, initial, peak, valley)
        } else {
            (initial, last, valley, end)
        };
        let fraction = if end > begin { (step - begin) / (end - begin) } else { 1.0 };
        if self.linear { line(from, to, fraction) } else { cosine(from, to, fraction) }
    }
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
    //! The tables are what PyTorch 2.15 returned for steps 0 to 19.

    use super::*;

    /// PyTorch multiplies its way from step to step, so that its last digits differ from the closed form's.
    fn check(schedule: impl Schedule, expected: [f64; 20]) {
        for (step, expected) in expected.into_iter().enumerate() {
            let lr = schedule.lr(step);
            assert!((lr - expected).abs() <= 1e-12 * expected, "step {step}: {lr}, not {expected}");
        }
    }

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
    fn one_cycle() {
        check(
            OneCycleLr::new(0.1, 20),
            [
                0.0040000000000000036,
                0.013167184270002533,
                0.037167184270002526,
                0.06683281572999747,
                0.09083281572999748,
                0.1,
                0.09874640062350874,
                0.09504846320134738,
                0.089091617757105,
                0.0811745653949763,
                0.07169430017913009,
                0.06112620219362893,
                0.0500002,
                0.03887419780637107,
                0.028306099820869922,
                0.0188258346050237,
                0.010908782242895003,
                0.004951936798652629,
                0.0012539993764912555,
                4e-07,
            ],
        );
    }

    #[test]
    fn one_cycle_in_three_phases() {
        let schedule = OneCycleLr::new(0.5, 20).div_factor(4.0).final_div_factor(8.0).three_phase(true);
        assert_eq!([0, 5, 10, 19].map(|step| schedule.lr(step)), [0.125, 0.5, 0.125, 0.015625]);
    }

    #[test]
    fn one_cycle_in_straight_lines() {
        let schedule = OneCycleLr::new(0.5, 10).pct_start(0.5).div_factor(5.0).linear(true);
        let rise = [0.1, 0.2, 0.3, 0.4, 0.5];
        for (step, expected) in rise.into_iter().enumerate() {
            assert!((schedule.lr(step) - expected).abs() < 1e-15);
        }
        assert!((schedule.lr(9) - 1e-5).abs() < 1e-15);
    }

    #[test]
    fn one_cycle_stays_at_its_end() {
        let schedule = OneCycleLr::new(0.1, 20);
        assert_eq!(schedule.lr(20), schedule.lr(19));
        assert_eq!(schedule.lr(usize::MAX), schedule.lr(19));
    }

    #[test]
    fn warm_restarts_of_equal_length() {
        let schedule = CosineAnnealingWarmRestarts::new(0.1, 7).eta_min(0.01);
        for step in 0..7 {
            assert_eq!(schedule.lr(step), schedule.lr(step + 7 * 1_000_000));
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
