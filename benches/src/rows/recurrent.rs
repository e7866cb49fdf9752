//! Recurrent layers.

use adamant::prelude::*;

use super::programs::{model, randn, step};
use crate::inputs::Inputs;
use crate::program::Program;
use crate::row::{Row, Work};

pub const ROWS: &[fn() -> Row] = &[gru_cell, gru_stream, lstm_stream, lstm_step];

const H: usize = 16;

/// An input and a state.
type Pair = (Tensor<[f32; H]>, Tensor<[f32; H]>);

/// The next state of a cell.
fn gru_cell() -> Row {
    let (x, h, model) = (randn::<[f32; H]>(2), randn::<[f32; H]>(3), model::<GruCell<H, H>>());
    let inputs = Inputs::default().with("x", &x).with("h", &h).with_model(&*model);
    let run = |(model, x): &(Box<GruCell<H, H>>, Pair)| model.forward(x);
    let program = Program::pure("adamant", (model, (*x, *h)), run, |h| h.as_slice().to_vec());
    Row::new("GRU cell 16→16, forward", "gru_cell", inputs, Work::Other, program)
}

/// A step of a stream in place, and the steps that follow it.
macro_rules! stream {
    ($name:ident, $layer:ident, $title:literal) => {
        fn $name() -> Row {
            let (x, model) = (randn::<[f32; H]>(2), model::<$layer<H, H>>());
            let inputs = Inputs::default().with("x", &x).with_model(&*model);
            let start = || (Tensor::zeros(), $layer::<H, H>::zero_state());
            let run = move |(y, state): &mut (Tensor<[f32; H]>, _)| *y = *model.step(std::hint::black_box(&x), state);
            let program = Program::new("adamant", start, run, |(y, _)| y.as_slice().to_vec());
            Row::new($title, stringify!($name), inputs, Work::Other, program)
        }
    };
}

stream!(gru_stream, Gru, "GRU 16→16, a step of a stream");
stream!(lstm_stream, Lstm, "LSTM 16→16, a step of a stream");

/// The last state of 20 steps of a batch of 8.
type LastState = Sequential![Lstm<16, 32>, LastStep];

fn lstm_step() -> Row {
    let (x, y) = (randn::<[[[f32; 16]; 20]; 8]>(2), randn::<[[f32; 32]; 8]>(3));
    let inputs = Inputs::default().with("x", &x).with("y", &y).with_model(&*model::<LastState>());
    let program = step::<LastState, _, _>(x, 1e-3, move |p| mse_loss(p, &y, Reduction::Mean));
    Row::new("LSTM 16→32, 20 steps, batch 8, Adam step", "lstm.step", inputs, Work::Other, program)
}
