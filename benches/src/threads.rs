//! The gradients of a batch on two threads beside one: the same work, and so no row of the table.

use std::hint::black_box;
use std::thread;

use adamant::prelude::*;

use crate::measure::{Settings, compare, measure};
use crate::program::Program;
use crate::rows::mlp::Digits;
use crate::rows::programs::{labels, model, numbers, randn};

const BATCH: usize = 512;

/// Samples, their labels, the model, and gradients of each worker.
struct State {
    x: Box<Tensor<[[f32; 784]; BATCH]>>,
    y: [u8; BATCH],
    model: Box<Digits>,
    grads: Vec<Box<Grads<Digits>>>,
}

/// The times and their ratio, in words.
pub fn line(settings: Settings) -> Result<String, String> {
    let mut programs = [on::<1>(), on::<2>()];
    let [one, two] = &mut programs;
    compare(one, two, 1e-4)?;
    let seconds = measure(&mut programs, settings);
    let (one, two) = (1e6 * seconds[0], 1e6 * seconds[1]);
    let times = format!("{one:.0} µs on one thread, {two:.0} µs on two: {:.2} times as fast", one / two);
    Ok(format!("784-128-10, gradients of a batch of {BATCH}: {times}.\n"))
}

/// Each worker takes its part of the batch, 64 samples at a time, and the first adds the others' gradients to its own.
fn on<const WORKERS: usize>() -> Program {
    let start = || {
        let (x, y, model) = (randn(2), labels(10), model::<Digits>());
        let grads = (0..WORKERS).map(|_| model.boxed_grads()).collect();
        State { x, y, model, grads }
    };
    let run = |State { x, y, model, grads }: &mut State| {
        let (x, y, model) = (black_box(&x.0[..]), black_box(&y[..]), &**model);
        let parts = x.chunks(BATCH / WORKERS).zip(y.chunks(BATCH / WORKERS)).zip(grads.iter_mut());
        thread::scope(|scope| {
            let mut work = parts.map(|((x, y), grads)| {
                move || {
                    grads.zero();
                    Chunks::<64>::add_gradients(model, grads, x, y, |p, y| cross_entropy(p, y, Reduction::Mean));
                }
            });
            let first = work.next();
            work.for_each(|work| drop(scope.spawn(work)));
            first.into_iter().for_each(|mut work| work());
        });
        if let Some((first, others)) = grads.split_first_mut() {
            others.iter().for_each(|other| first.add(other));
            first.scale(1.0 / WORKERS as f64);
        }
    };
    Program::new("adamant", start, run, |state| numbers(&*state.grads[0]))
}
