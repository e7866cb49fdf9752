//! Recurrent networks, written with `#[forward]`: a layer's gates are one product.

use adamant::prelude::*;

use super::programs::{model, randn, step};
use crate::inputs::Inputs;
use crate::program::Program;
use crate::row::{Row, Work};

pub const ROWS: &[fn() -> Row] = &[gru_cell, lstm_step];

const H: usize = 16;

/// A gated recurrent unit of 16 inputs and a state of 16: the next state. The gates r, z and n stand side by side.
#[derive(Module)]
#[module(custom(forward))]
struct GruCell {
    input: Linear<H, { 3 * H }>,
    state: Linear<H, { 3 * H }>,
}

#[forward]
impl GruCell {
    fn forward(&self, x: Tensor<[f32; H]>, h: Tensor<[f32; H]>) -> Tensor<[f32; H]> {
        let (x, s) = (self.input.forward(x), self.state.forward(h));
        let r = (x.slice::<0, 0, H>() + s.slice::<0, 0, H>()).sigmoid();
        let z = (x.slice::<0, 16, H>() + s.slice::<0, 16, H>()).sigmoid();
        let n = (x.slice::<0, 32, H>() + r * s.slice::<0, 32, H>()).tanh();
        n + z * (h - n)
    }
}

fn gru_cell() -> Row {
    let (x, h, model) = (randn::<[f32; H]>(2), randn::<[f32; H]>(3), model::<GruCell>());
    let inputs = Inputs::default().with("x", &x).with("h", &h).with_model(&*model);
    let run = |(model, x, h): &(Box<GruCell>, Tensor<[f32; H]>, Tensor<[f32; H]>)| model.forward(*x, *h);
    let program = Program::pure("adamant", (model, *x, *h), run, |h| h.as_slice().to_vec());
    Row::new("GRU cell 16→16, forward", "gru_cell", inputs, Work::Other, program)
}

const STATE: usize = 32;

/// Long short-term memory of 16 inputs and a state of 32 over 20 steps of a batch of 8: the last state. The gates i, f, g and o
/// stand side by side; the inputs' part is one product for all steps.
#[derive(Module)]
#[module(custom(forward))]
struct Lstm {
    input: Linear<16, { 4 * STATE }>,
    state: Linear<STATE, { 4 * STATE }>,
}

#[forward]
impl Lstm {
    fn forward(&self, x: Tensor<[[[f32; 16]; 8]; 20]>) -> Tensor<[[f32; STATE]; 8]> {
        let inputs = self.input.forward(x);
        let mut h = Tensor::<[[f32; STATE]; 8]>::zeros();
        let mut c = Tensor::<[[f32; STATE]; 8]>::zeros();
        for t in 0..20 {
            let gates = inputs.row(t) + self.state.forward(h);
            let i = gates.slice::<1, 0, STATE>().sigmoid();
            let f = gates.slice::<1, 32, STATE>().sigmoid();
            let g = gates.slice::<1, 64, STATE>().tanh();
            let o = gates.slice::<1, 96, STATE>().sigmoid();
            c = f * c + i * g;
            h = o * c.tanh();
        }
        h
    }
}

fn lstm_step() -> Row {
    let (x, y) = (randn::<[[[f32; 16]; 8]; 20]>(2), randn::<[[f32; STATE]; 8]>(3));
    let inputs = Inputs::default().with("x", &x).with("y", &y).with_model(&*model::<Lstm>());
    let program = step::<Lstm, _, _>(x, 1e-3, move |p| mse_loss(p, &y, Reduction::Mean));
    Row::new("LSTM 16→32, 20 steps, batch 8, Adam step", "lstm.step", inputs, Work::Other, program)
}
