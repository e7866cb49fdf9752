//! The passes through all layers, over numbers.

use crate::nn::options::{Between, Directions, Keeping, LayerCount, RecurrentConfig};
use crate::nn::{Draws, Parameters};
use crate::ops::recurrent::{
    CellGrads, CellWeights, Inputs, Memory, Start, backward_input, backward_input_params, backward_state_params,
    backward_steps, clear_ends, forward, from_time, part_to_time,
};
use crate::simd::recurrent::{Sizes, Unit};
use crate::simd::{self, Cut, Float, positive};

/// The weights of a layer's cells.
pub trait Cells<T>: Parameters {
    /// What the layer's options say.
    type Config: RecurrentConfig;
    /// The units.
    const HIDDEN: usize;
    /// The number of layers.
    const LAYERS: usize = <<Self::Config as RecurrentConfig>::Layers as LayerCount>::COUNT;
    /// The number of directions.
    const DIRECTIONS: usize = <<Self::Config as RecurrentConfig>::Directions as Directions>::COUNT;
    /// The gates' columns of a product.
    const COLUMNS: usize = <Self::Config as RecurrentConfig>::Unit::GATES * Self::HIDDEN;
    /// Whether each layer's gates are kept.
    const KEEPS: bool = <<Self::Config as RecurrentConfig>::Keeping as Keeping>::GATES;

    /// Those of one direction of one layer.
    fn cell(&self, layer: usize, direction: usize) -> Option<CellWeights<'_, T>>;
    /// Their gradients.
    fn cell_grads(grads: &mut Self::Grads, layer: usize, direction: usize) -> Option<CellGrads<'_, T>>;
    /// What is between layers.
    fn between(&self) -> &<Self::Config as RecurrentConfig>::Between;
}

/// Sequences.
#[derive(Clone, Copy)]
pub struct Plan<'a> {
    pub steps: usize,
    pub batch: usize,
    pub lengths: Option<&'a [usize]>,
}

impl Plan<'_> {
    const fn sizes(&self, hidden: usize, direction: usize) -> Sizes<'_> {
        Sizes { steps: self.steps, batch: self.batch, hidden, reverse: direction == 1, lengths: self.lengths }
    }
}

/// The memory of a pass.
pub struct Whole<'a, T> {
    /// The gates, and what is kept beside, of each direction of each layer, or of each direction, or of one.
    pub gates: &'a mut [T],
    pub extra: &'a mut [T],
    /// How many these are.
    pub slots: usize,
    /// Room for a step's products.
    pub room: &'a mut [T],
    /// The states of each direction of each layer.
    pub states: &'a mut [T],
    /// Room for what passes from layer to layer.
    pub dropped: &'a mut [T],
}

impl<T> Whole<'_, T> {
    /// The memory of a direction of a layer by their number, all states, and what has passed from the layer below.
    fn split(&mut self, number: usize) -> (Memory<'_, T>, &mut [T], &[T]) {
        let slot = number % positive(self.slots);
        let memory = Memory {
            gates: part_mut(self.gates, self.slots, slot),
            extra: part_mut(self.extra, self.slots, slot),
            room: self.room,
        };
        (memory, self.states, self.dropped)
    }
}

type UnitOf<T, M> = <<M as Cells<T>>::Config as RecurrentConfig>::Unit;

/// One of equal parts.
fn part<T>(all: &[T], parts: usize, number: usize) -> &[T] {
    let size = all.len() / positive(parts);
    all.get(number * size..(number + 1) * size).unwrap_or_default()
}

/// The same, to write to.
fn part_mut<T>(all: &mut [T], parts: usize, number: usize) -> &mut [T] {
    let size = all.len() / positive(parts);
    all.get_mut(number * size..(number + 1) * size).unwrap_or_default()
}

/// Forward through all layers, and the final state. Given draws, what is between layers drops.
pub fn run<T: Float, M: Cells<T>>(
    model: &M,
    plan: &Plan<'_>,
    x: &[T],
    start: Start<'_, T>,
    whole: &mut Whole<'_, T>,
    mut draws: Option<&mut Draws>,
    [end, end_cell]: [&mut [T]; 2],
) {
    let Some(last) = plan.steps.checked_sub(1) else {
        simd::copy(start.parts[0], end);
        return simd::copy(start.parts[1], end_cell);
    };
    let all = M::LAYERS * M::DIRECTIONS;
    for layer in 0..M::LAYERS {
        if let Some(draws) = draws.as_deref_mut().filter(|_| layer > 0) {
            pass(model, draws, layer, whole);
        }
        for direction in 0..M::DIRECTIONS {
            let number = layer * M::DIRECTIONS + direction;
            one_way(model, plan, x, start, whole, draws.is_some(), [layer, direction]);
            let last = if direction == 0 { last } else { 0 };
            let (memory, states, _) = whole.split(number);
            simd::copy(part(part(states, all, number), plan.steps, last), part_mut(end, all, number));
            simd::copy(part(memory.extra, plan.steps, last), part_mut(end_cell, all, number));
        }
    }
}

/// What passes to a layer from the one below it.
fn pass<T: Float, M: Cells<T>>(model: &M, draws: &mut Draws, layer: usize, whole: &mut Whole<'_, T>) {
    simd::copy(part(whole.states, M::LAYERS, layer.saturating_sub(1)), whole.dropped);
    model.between().drop(draws, whole.dropped);
}

/// Forward through one direction of one layer: its gates, what is kept beside, and its states.
fn one_way<T: Float, M: Cells<T>>(
    model: &M,
    plan: &Plan<'_>,
    x: &[T],
    start: Start<'_, T>,
    whole: &mut Whole<'_, T>,
    drops: bool,
    [layer, direction]: [usize; 2],
) {
    let (all, number) = (M::LAYERS * M::DIRECTIONS, layer * M::DIRECTIONS + direction);
    let Some(cell) = model.cell(layer, direction) else { return };
    let (mut memory, states, dropped) = whole.split(number);
    let size = states.len() / positive(all);
    let (below, states) = states.split_at_mut_checked(layer * M::DIRECTIONS * size).unwrap_or_default();
    let states = states.get_mut(direction * size..(direction + 1) * size).unwrap_or_default();
    let inputs = inputs::<T, M>(layer, x, part(below, layer, layer.saturating_sub(1)), dropped, drops);
    let sizes = plan.sizes(M::HIDDEN, direction);
    forward::<T, UnitOf<T, M>>(sizes, inputs, &cell, start.part(all, number), &mut memory, states);
}

/// What a layer takes: x, or the states below it, of both directions.
fn inputs<'a, T, M: Cells<T>>(layer: usize, x: &'a [T], below: &'a [T], dropped: &'a [T], drops: bool) -> Inputs<'a, T> {
    match layer {
        0 => Inputs { x, parts: 1 },
        _ => Inputs { x: if drops { dropped } else { below }, parts: M::DIRECTIONS },
    }
}

/// The output: the states of the last layer, both directions' side by side, and zeros past the sequences' ends.
pub fn finish<T: Float, M: Cells<T>>(_: &M, plan: &Plan<'_>, states: &[T], y: &mut [T]) {
    let (h, width) = (M::HIDDEN, M::DIRECTIONS * M::HIDDEN);
    let last = part(states, M::LAYERS, M::LAYERS - 1);
    for direction in 0..M::DIRECTIONS {
        let states = part(last, M::DIRECTIONS, direction);
        from_time(plan.steps, plan.batch, [h, direction * h, width], states, y);
    }
    if let Some(lengths) = plan.lengths {
        for (y, &length) in y.runs_mut(plan.steps * width).zip(lengths) {
            simd::fill(y.get_mut(length * width..).unwrap_or_default(), T::ZERO);
        }
    }
}

/// From the output's gradient to that of the last layer's states.
pub fn begin_back<T: Float, M: Cells<T>>(_: &M, plan: &Plan<'_>, dy: &[T], d_states: &mut [T]) {
    let (h, width) = (M::HIDDEN, M::DIRECTIONS * M::HIDDEN);
    for direction in 0..M::DIRECTIONS {
        let d_states = part_mut(d_states, M::DIRECTIONS, direction);
        part_to_time(plan.steps, plan.batch, [h, direction * h, width], dy, d_states);
        clear_ends(plan.lengths, plan.batch, h, d_states);
    }
}

/// What the way back is given and gives.
pub struct Back<'a, T, G> {
    /// The inputs; then, if wanted, their gradients.
    pub x: &'a mut [T],
    pub wants_input: bool,
    /// The gradients of the last layer's states, of each direction. Working memory.
    pub d_states: &'a mut [T],
    /// Room for a state's transposed weights, or none.
    pub turned: &'a mut [T],
    /// The gradient of the final state; then of the initial one.
    pub d_end: [&'a mut [T]; 2],
    /// The parameters' gradients.
    pub grads: Option<&'a mut G>,
    /// What the pass drew from, if it did.
    pub draws: Option<Draws>,
}

/// Back through all layers.
pub fn back<T: Float, M: Cells<T>>(
    model: &M,
    plan: &Plan<'_>,
    start: Start<'_, T>,
    whole: &mut Whole<'_, T>,
    Back { x, wants_input, d_states, turned, d_end: [d_end, d_cell], mut grads, draws }: Back<'_, T, M::Grads>,
) {
    let (all, rows) = (M::LAYERS * M::DIRECTIONS, plan.steps * plan.batch);
    for layer in (0..M::LAYERS).rev() {
        let numbers = (0..M::DIRECTIONS).map(|direction| (direction, layer * M::DIRECTIONS + direction));
        // What was drawn below this layer.
        let drawn = draws.filter(|_| layer > 0).map(|mut draws| {
            (1..layer).for_each(|_| _ = draws.next_call());
            draws
        });
        if let Some(mut draws) = drawn {
            pass(model, &mut draws, layer, whole);
        }
        for (direction, number) in numbers.clone() {
            if !M::KEEPS {
                one_way(model, plan, x, start, whole, drawn.is_some(), [layer, direction]);
            }
            let Some(cell) = model.cell(layer, direction) else { return };
            let (mut memory, states, _) = whole.split(number);
            backward_steps::<T, UnitOf<T, M>>(
                plan.sizes(M::HIDDEN, direction),
                cell.hh,
                Some(&mut *turned),
                start.part(all, number),
                &mut memory,
                [part(states, all, number), part(d_states, M::DIRECTIONS, direction)],
                [part_mut(d_end, all, number), part_mut(d_cell, all, number)],
            );
        }
        for (direction, number) in numbers.clone() {
            let Some(grads) = grads.as_deref_mut().and_then(|grads| M::cell_grads(grads, layer, direction)) else { break };
            let (memory, states, dropped) = whole.split(number);
            let below = part(states, M::LAYERS, layer.saturating_sub(1));
            let inputs = inputs::<T, M>(layer, x, below, dropped, drawn.is_some());
            backward_input_params(rows, M::COLUMNS, inputs, memory.gates, grads);
        }
        if layer > 0 || wants_input {
            let (dx, parts) = if layer == 0 { (&mut *x, 1) } else { (&mut *d_states, M::DIRECTIONS) };
            simd::fill(dx, T::ZERO);
            for (direction, number) in numbers.clone() {
                let Some(cell) = model.cell(layer, direction) else { return };
                backward_input(rows, M::COLUMNS, whole.split(number).0.gates, cell.ih, parts, dx);
            }
            if let Some(mut draws) = drawn {
                model.between().drop(&mut draws, dx);
            }
        }
        for (direction, number) in numbers {
            let Some(grads) = grads.as_deref_mut().and_then(|grads| M::cell_grads(grads, layer, direction)) else { break };
            let (mut memory, states, _) = whole.split(number);
            let sizes = plan.sizes(M::HIDDEN, direction);
            let states = part(states, all, number);
            backward_state_params::<T, UnitOf<T, M>>(sizes, start.part(all, number), &mut memory, states, grads);
        }
    }
}
