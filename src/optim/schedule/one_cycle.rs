//! [`OneCycleLr`].

use super::{Schedule, cosine, line};

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

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

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
}
