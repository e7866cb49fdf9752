//! Networks sample by sample.

use adamant::prelude::*;

use super::programs::{model, randn};
use crate::inputs::Inputs;
use crate::program::Program;
use crate::row::{Row, Work};

/// The example's types, in the shape that most `.nam` files have.
#[allow(dead_code, reason = "the example reads files, too")]
#[path = "../../../examples/06_amplifier/nam.rs"]
mod nam;

pub const ROWS: &[fn() -> Row] = &[lstm, gru, wavenet];

type Frame<const N: usize> = Tensor<[[f32; N]; 1]>;

/// One step: the output, from the state that the ones before have left.
fn step<M, const IN: usize, const OUT: usize>() -> Program
where
    M: Init + Stream<Frame<IN>, Output = Frame<OUT>> + 'static,
{
    let x = *randn::<[[f32; IN]; 1]>(2);
    let start = || (Streaming::boxed(*model::<M>()), Frame::<OUT>::zeros());
    Program::new("adamant", start, move |(stream, y)| *y = stream.step(&x).unwrap_or_default(), |(_, y)| y.as_slice().to_vec())
}

fn lstm() -> Row {
    Row::new(
        "LSTM 16→16, one step of its stream",
        "lstm.stream",
        Inputs::default(),
        Work::Other,
        step::<Lstm<16, 16>, 16, 16>(),
    )
}

fn gru() -> Row {
    Row::new("GRU 16→16, one step of its stream", "gru.stream", Inputs::default(), Work::Other, step::<Gru<16, 16>, 16, 16>())
}

fn wavenet() -> Row {
    let program = step::<nam::Standard, 1, 1>();
    Row::new("WaveNet 16, 8 of 2 × 10 layers, one sample", "wavenet.stream", Inputs::default(), Work::Other, program)
}
