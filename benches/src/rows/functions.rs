//! Functions of 4,096 numbers, as methods of a tensor.

use adamant::prelude::*;

use super::programs::randn;
use crate::inputs::Inputs;
use crate::program::Program;
use crate::row::{Row, Work};

pub const ROWS: &[fn() -> Row] = &[
    || row("exp", |x| x.exp()),
    || row("tanh", |x| x.tanh()),
    || row("sigmoid", |x| x.sigmoid()),
    || row("ln", |x| x.ln()),
    || row("sin", |x| x.sin()),
    || row("gelu", |x| x.gelu()),
];

const N: usize = 4096;

fn row(task: &'static str, f: impl Fn(&Tensor<[f32; N]>) -> Tensor<[f32; N]> + 'static) -> Row {
    let mut x = randn::<[f32; N]>(2);
    if task == "ln" {
        x.map_in_place(|x| x.abs() + 1e-3);
    }
    let inputs = Inputs::default().with("x", &x);
    let program = Program::pure("adamant", x, move |x| f(x), |y| y.as_slice().to_vec());
    Row::new(format!("{task} of {N}"), task, inputs, Work::Numbers(N as f64), program)
}
