//! The gradients of a batch on two threads beside one: the same work, and so no row of the table.

use std::hint::black_box;
use std::time::Duration;

use adamant::prelude::*;
use rayon::ThreadPoolBuilder;

use crate::measure::{Settings, compare, measure};
use crate::program::Program;
use crate::rows::mlp::Digits;
use crate::rows::programs::{labels, model, numbers, randn};

const BATCH: usize = 512;

/// The shortest sample: in a shorter one a thread that was just woken may still share its waker's core.
const SAMPLE: Duration = Duration::from_millis(20);

/// How many samples are computed at once.
const CHUNK: usize = 64;

/// Samples, their labels, the model and its gradients.
struct State {
    x: Box<Tensor<[[f32; 784]; BATCH]>>,
    y: [u8; BATCH],
    model: Box<Digits>,
    grads: Box<Grads<Digits>>,
}

/// The times and their ratio, in words.
pub fn line(settings: Settings) -> Result<String, String> {
    let two = ThreadPoolBuilder::new().num_threads(2).build().map_err(|error| error.to_string())?;
    let one = program(|model, grads, x, y| {
        Chunks::<CHUNK>::add_gradients(model, grads, x, y, loss);
    });
    let two = program(move |model, grads, x, y| {
        two.install(|| Chunks::<CHUNK>::par_add_gradients(model, grads, x, y, loss));
    });
    let mut programs = [one, two];
    let [one, two] = &mut programs;
    compare(one, two, 1e-4)?;
    let seconds = measure(&mut programs, Settings { sample: settings.sample.max(SAMPLE), ..settings });
    let (one, two) = (1e6 * seconds[0], 1e6 * seconds[1]);
    let times = format!("{one:.0} µs on one thread, {two:.0} µs on two: {:.2} times as fast", one / two);
    Ok(format!("784-128-10, gradients of a batch of {BATCH}: {times}.\n"))
}

fn loss(p: &mut Tensor<[f32; 10]>, y: &u8) -> impl LossOf<Tensor<[f32; 10]>, Value = f32> + use<> {
    cross_entropy(p, y, Reduction::Mean)
}

/// The gradients of one batch by `add`.
fn program(mut add: impl FnMut(&Digits, &mut Grads<Digits>, &[[f32; 784]], &[u8]) + 'static) -> Program {
    let start = || {
        let (x, y, model) = (randn(2), labels(10), model::<Digits>());
        let grads = model.boxed_grads();
        State { x, y, model, grads }
    };
    let run = move |State { x, y, model, grads }: &mut State| {
        grads.zero();
        add(model, grads, black_box(&x.0), black_box(y));
    };
    Program::new("adamant", start, run, |state| numbers(&*state.grads))
}
