//! A recurrent layer in one direction: the products before and after its steps, each one over all of them. (The steps themselves are
//! [`simd::recurrent`](crate::simd).)
//!
//! Rows lie in the order of time: those of all samples at step 0, then those at step 1. A layer may have inputs in several parts, each of
//! them so; their weights stand one after the other.

use crate::simd::recurrent::{Backward, Forward, Sizes, Unit};
use crate::simd::{self, Cut, Float, positive};

/// A cell's weights: `IN × (GATES · H)` and `H × (GATES · H)`, and the biases of both.
#[derive(Clone, Copy)]
pub(crate) struct CellWeights<'a, T> {
    pub ih: &'a [T],
    pub hh: &'a [T],
    pub bias: Option<[&'a [T]; 2]>,
}

/// Their gradients.
pub(crate) struct CellGrads<'a, T> {
    pub ih: &'a mut [T],
    pub hh: &'a mut [T],
    pub bias: Option<[&'a mut [T]; 2]>,
}

/// What a pass over one layer in one direction works on.
pub(crate) struct Memory<'a, T> {
    /// Each step's gates; on the way back the gradients of their sums.
    pub gates: &'a mut [T],
    /// What is kept beside.
    pub extra: &'a mut [T],
    /// Room for a step's products.
    pub room: &'a mut [T],
}

/// The state before the first step.
#[derive(Clone, Copy)]
pub(crate) struct Start<'a, T> {
    /// State and cell.
    pub parts: [&'a [T]; 2],
    /// Whether they may be other than zero.
    pub given: bool,
}

impl<'a, T> Start<'a, T> {
    /// One of equal parts of it.
    pub fn part(self, parts: usize, number: usize) -> Self {
        let part = |all: &'a [T]| {
            let size = all.len() / positive(parts);
            all.get(number * size..(number + 1) * size).unwrap_or_default()
        };
        Self { parts: self.parts.map(part), ..self }
    }
}

/// The inputs, part by part, and what their weights are.
#[derive(Clone, Copy)]
pub(crate) struct Inputs<'a, T> {
    pub x: &'a [T],
    pub parts: usize,
}

impl<'a, T> Inputs<'a, T> {
    /// Each part and its weights.
    fn with<'w>(self, weights: &'w [T]) -> impl Iterator<Item = (&'a [T], &'w [T])> {
        let parts = positive(self.parts);
        self.x.runs(self.x.len() / parts).zip(weights.runs(weights.len() / parts))
    }
}

/// Forward: gates, what is kept beside, and the states after each step.
pub(crate) fn forward<T: Float, U: Unit>(
    sizes: Sizes<'_>,
    inputs: Inputs<'_, T>,
    cell: &CellWeights<'_, T>,
    start: Start<'_, T>,
    memory: &mut Memory<'_, T>,
    states: &mut [T],
) {
    let columns = U::GATES * sizes.hidden;
    let Memory { gates, extra, room } = memory;
    begin::<T, U>(cell.bias, columns, gates);
    for (x, weight) in inputs.with(cell.ih) {
        simd::gemm_nn(sizes.steps * sizes.batch, weight.len() / positive(columns), columns, x, weight, gates);
    }
    let job = Forward {
        sizes,
        weight: cell.hh,
        bias: cell.bias.map(|[_, bias]| bias),
        start: start.parts[0],
        started: start.given,
        cell: start.parts[1],
        gates,
        extra,
        states,
        room,
    };
    T::steps(job, U::kind(false));
}

/// The sums before any product: the biases.
fn begin<T: Float, U: Unit>(bias: Option<[&[T]; 2]>, columns: usize, gates: &mut [T]) {
    match bias {
        None => simd::fill(gates, T::ZERO),
        Some([input, _]) if U::APART => simd::repeat(input, gates),
        Some([input, state]) => {
            let (first, rest) = gates.split_at_mut_checked(columns).unwrap_or_default();
            simd::zip(input, state, first, |a, b| a + b);
            simd::repeat(first, rest);
        }
    }
}

/// The fewest samples for which a weight is transposed on the way back.
const TURNED: usize = 4;

/// Wᵀ.
fn turn<T: Float>(columns: usize, weight: &[T], turned: &mut [T]) {
    let rows = weight.len() / positive(columns);
    for (row, weight) in weight.runs(columns).enumerate() {
        for (turned, &weight) in turned.runs_mut(rows).zip(weight) {
            if let Some(turned) = turned.get_mut(row) {
                *turned = weight;
            }
        }
    }
}

/// Back through the steps: the gates become their sums' gradients, and `d_state` (state and cell) goes from after the last to before the
/// first.
pub(crate) fn backward_steps<T: Float, U: Unit>(
    sizes: Sizes<'_>,
    weight: &[T],
    turned: Option<&mut [T]>,
    start: Start<'_, T>,
    memory: &mut Memory<'_, T>,
    [states, d_states]: [&[T]; 2],
    [d_state, d_cell]: [&mut [T]; 2],
) {
    let Memory { gates, extra, room } = memory;
    let [start, cell] = start.parts;
    let columns = U::GATES * sizes.hidden;
    let turned = turned.filter(|room| sizes.batch >= TURNED && !room.is_empty()).map(|room| {
        turn(columns, weight, room);
        &*room
    });
    let job = Backward { sizes, weight, turned, start, cell, gates, extra, states, d_states, d_state, d_cell, room };
    T::steps_back(job, U::kind(true));
}

/// dx += d sums · Wᵀ.
pub(crate) fn backward_input<T: Float>(rows: usize, columns: usize, d_sums: &[T], weight: &[T], parts: usize, dx: &mut [T]) {
    let parts = positive(parts);
    let size = dx.len() / parts;
    for (dx, weight) in dx.runs_mut(size).zip(weight.runs(weight.len() / parts)) {
        simd::gemm_nt(rows, columns, weight.len() / positive(columns), d_sums, weight, dx);
    }
}

/// dW += xᵀ · d sums, db += Σ d sums: the inputs' part.
pub(crate) fn backward_input_params<T: Float>(
    rows: usize,
    columns: usize,
    inputs: Inputs<'_, T>,
    d_sums: &[T],
    grads: CellGrads<'_, T>,
) {
    let parts = positive(inputs.parts);
    let (x_len, weight_len) = (inputs.x.len() / parts, grads.ih.len() / parts);
    for (x, weight) in inputs.x.runs(x_len).zip(grads.ih.runs_mut(weight_len)) {
        simd::gemm_tn(weight.len() / positive(columns), rows, columns, x, d_sums, weight);
    }
    if let Some([bias, _]) = grads.bias {
        simd::sum_rows(d_sums, bias);
    }
}

/// dW += hᵀ · d sums, db += Σ d sums: the state's part. Where that comes apart, its sums' gradients take the place of the inputs'.
pub(crate) fn backward_state_params<T: Float, U: Unit>(
    sizes: Sizes<'_>,
    start: Start<'_, T>,
    memory: &mut Memory<'_, T>,
    states: &[T],
    grads: CellGrads<'_, T>,
) {
    let Sizes { steps, batch, hidden, reverse, .. } = sizes;
    let (columns, width) = (U::GATES * hidden, batch * hidden);
    let d_sums = &mut *memory.gates;
    if U::APART {
        for (sums, last) in d_sums.runs_mut(columns).zip(memory.extra.runs(hidden)) {
            simd::copy(last, sums.get_mut(columns - hidden..).unwrap_or_default());
        }
    }
    if let Some([_, bias]) = grads.bias {
        simd::sum_rows(d_sums, bias);
    }
    // The state before a step is the one after another step, but for the first.
    let Some(others) = steps.checked_sub(1) else { return };
    let (before, sums, first) = match reverse {
        false => (states.get(..others * width), d_sums.get(batch * columns..), d_sums.get(..batch * columns)),
        true => (states.get(width..), d_sums.get(..others * batch * columns), d_sums.get(others * batch * columns..)),
    };
    simd::gemm_tn(hidden, others * batch, columns, before.unwrap_or_default(), sums.unwrap_or_default(), grads.hh);
    if start.given {
        simd::gemm_tn(hidden, batch, columns, start.parts[0], first.unwrap_or_default(), grads.hh);
    }
}

/// y\[t\]\[b\] = x\[b\]\[t\]: sequences of frames of `n` numbers in the order of time.
#[inline]
pub(crate) fn to_time<T: Float>(steps: usize, batch: usize, n: usize, x: &[T], y: &mut [T]) {
    swap(batch, steps, [n, 0, n], x, [n, 0], y);
}

/// Part of each frame of y\[b\]\[t\], from `at` on, = x\[t\]\[b\].
#[inline]
pub(crate) fn from_time<T: Float>(steps: usize, batch: usize, [n, at, width]: [usize; 3], x: &[T], y: &mut [T]) {
    swap(steps, batch, [n, 0, n], x, [width, at], y);
}

/// The same part of each frame of x in the order of time.
#[inline]
pub(crate) fn part_to_time<T: Float>(steps: usize, batch: usize, [n, at, width]: [usize; 3], x: &[T], y: &mut [T]) {
    swap(batch, steps, [n, at, width], x, [n, 0], y);
}

/// y\[j\]\[i\] = x\[i\]\[j\], of `n` numbers each, which stand from some place on in rows of some width.
#[inline]
fn swap<T: Float>(rows: usize, cols: usize, [n, from, x_width]: [usize; 3], x: &[T], [y_width, to]: [usize; 2], y: &mut [T]) {
    for i in 0..rows {
        for j in 0..cols {
            let (x_at, y_at) = ((i * cols + j) * x_width + from, (j * rows + i) * y_width + to);
            let (Some(x), Some(y)) = (x.get(x_at..x_at + n), y.get_mut(y_at..y_at + n)) else { return };
            simd::copy(x, y);
        }
    }
}

/// Sets to zero what stands past the ends of sequences, in the order of time.
pub(crate) fn clear_ends<T: Float>(lengths: Option<&[usize]>, batch: usize, n: usize, x: &mut [T]) {
    let Some(lengths) = lengths else { return };
    for (step, frames) in x.runs_mut(batch * n).enumerate() {
        for (frame, &length) in frames.runs_mut(n).zip(lengths) {
            if step >= length {
                simd::fill(frame, T::ZERO);
            }
        }
    }
}
