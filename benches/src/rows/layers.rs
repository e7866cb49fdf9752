//! Softmax and normalisation.

use adamant::prelude::*;

use super::programs::{forward, gradient, model, randn};
use crate::inputs::Inputs;
use crate::row::{Row, Work};

pub const ROWS: &[fn() -> Row] =
    &[softmax::<64, 10>, softmax::<64, 1000>, layer_norm, layer_norm_gradient, batch_norm_gradient];

fn softmax<const B: usize, const N: usize>() -> Row {
    let x = randn::<[[f32; N]; B]>(2);
    let inputs = Inputs::default().with("x", &x);
    Row::new(format!("softmax {B}×{N}"), "softmax", inputs, Work::Other, forward(model::<Softmax>(), x))
}

fn layer_norm() -> Row {
    let (x, model) = (randn::<[[f32; 128]; 64]>(2), model::<LayerNorm<[f32; 128]>>());
    let inputs = Inputs::default().with("x", &x).with_model(&*model);
    Row::new("layer norm 64×128", "layer_norm", inputs, Work::Other, forward(model, x))
}

fn layer_norm_gradient() -> Row {
    let (x, dy) = (randn::<[[f32; 128]; 64]>(2), randn::<[[f32; 128]; 64]>(3));
    let model = model::<LayerNorm<[f32; 128]>>();
    let inputs = Inputs::default().with("x", &x).with("dy", &dy).with_model(&*model);
    Row::new("layer norm 64×128, gradient", "layer_norm.gradient", inputs, Work::Other, gradient(model, x, dy))
}

fn batch_norm_gradient() -> Row {
    let (x, dy) = (randn::<[[f32; 128]; 64]>(2), randn::<[[f32; 128]; 64]>(3));
    let model = model::<BatchNorm1d<128>>();
    let inputs = Inputs::default().with("x", &x).with("dy", &dy).with_model(&*model);
    Row::new("batch norm 64×128, gradient", "batch_norm.gradient", inputs, Work::Other, gradient(model, x, dy))
}
