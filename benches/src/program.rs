//! What is timed: one implementation of a row.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// How a program is driven. Each sample starts anew, so that all samples compute the same: a model that has trained for an hour
/// has other numbers, denormal ones at worst.
pub trait Body {
    /// Puts the state back to the start.
    fn start(&mut self);
    /// Runs `count` times and says how long that took.
    fn time(&mut self, count: u64) -> Duration;
    /// What a run gives: of one that changes its state, the last.
    fn result(&mut self) -> Vec<f32>;
}

/// A [`Body`] with the name of who wrote it.
pub struct Program {
    pub name: String,
    pub body: Box<dyn Body>,
}

impl Program {
    /// A run that changes a state, as training does: its state at the start, one run, and what that left.
    pub fn new<S: 'static>(
        name: &str,
        start: impl Fn() -> S + 'static,
        run: impl FnMut(&mut S) + 'static,
        result: impl Fn(&S) -> Vec<f32> + 'static,
    ) -> Self {
        let state = start();
        Self { name: name.to_string(), body: Box::new(Changing { start, run, result, state }) }
    }

    /// A function of what stands ready.
    pub fn pure<S: 'static, Y: 'static>(
        name: &str,
        state: S,
        run: impl Fn(&S) -> Y + 'static,
        result: impl Fn(Y) -> Vec<f32> + 'static,
    ) -> Self {
        Self { name: name.to_string(), body: Box::new(Pure { run, result, state }) }
    }
}

struct Changing<S, A, R, O> {
    start: A,
    run: R,
    result: O,
    state: S,
}

impl<S, A: Fn() -> S, R: FnMut(&mut S), O: Fn(&S) -> Vec<f32>> Body for Changing<S, A, R, O> {
    fn start(&mut self) {
        self.state = (self.start)();
    }

    fn time(&mut self, count: u64) -> Duration {
        let start = Instant::now();
        for _ in 0..count {
            (self.run)(black_box(&mut self.state));
        }
        black_box(&mut self.state);
        start.elapsed()
    }

    fn result(&mut self) -> Vec<f32> {
        (self.result)(&self.state)
    }
}

struct Pure<S, R, O> {
    run: R,
    result: O,
    state: S,
}

impl<S, Y, R: Fn(&S) -> Y, O: Fn(Y) -> Vec<f32>> Body for Pure<S, R, O> {
    fn start(&mut self) {}

    fn time(&mut self, count: u64) -> Duration {
        let start = Instant::now();
        for _ in 0..count {
            // By reference: an argument that is a tensor would be copied.
            let y = (self.run)(black_box(&self.state));
            black_box(&y);
        }
        start.elapsed()
    }

    fn result(&mut self) -> Vec<f32> {
        (self.result)((self.run)(&self.state))
    }
}
