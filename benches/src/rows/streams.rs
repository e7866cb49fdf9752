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

pub const ROWS: &[fn() -> Row] = &[wavenet];

/// One step: the output, from the state that the ones before have left.
fn wavenet() -> Row {
    let x = *randn::<[[f32; 1]; 1]>(2);
    let start = || (Streaming::boxed(*model::<nam::Standard>()), Tensor::zeros());
    let run = move |(stream, y): &mut (Box<Streaming<_, _>>, Tensor<[[f32; 1]; 1]>)| *y = stream.step(&x).unwrap_or_default();
    let program = Program::new("adamant", start, run, |(_, y)| y.as_slice().to_vec());
    Row::new(
        "WaveNet 16, 8 of 2 × 10 layers, one sample",
        "wavenet.stream",
        Inputs::default().with("x", &x),
        Work::Other,
        program,
    )
}
