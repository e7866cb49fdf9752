//! Attention, and what is built of it.

use adamant::prelude::*;

use super::programs::{model, randn, step};
use crate::inputs::Inputs;
use crate::row::{Row, Work};

pub const ROWS: &[fn() -> Row] = &[encoder_step];

/// A layer of an encoder, of 4 heads: all sequences attend to themselves alone. Nothing is dropped, so that all programs compute the same.
#[derive(Module)]
struct Encoder {
    #[module(init = |layer, rng| start(layer, rng))]
    layer: TransformerEncoderLayer<32, 4, 64>,
}

fn start<R: Rng + ?Sized>(layer: &mut TransformerEncoderLayer<32, 4, 64>, rng: &mut R) {
    layer.reset_parameters(rng);
    *layer = layer.with_dropout(0.0);
}

type Batch = [[[f32; 32]; 16]; 8];

fn encoder_step() -> Row {
    let (x, y) = (randn::<Batch>(2), randn::<Batch>(3));
    let inputs = Inputs::default().with("x", &x).with("y", &y).with_model(&*model::<Encoder>());
    let program = step::<Encoder, _, _>(x, 1e-3, move |p| mse_loss(p, &y, Reduction::Mean));
    Row::new("encoder layer 32, 4 heads, 16 tokens, batch 8, Adam step", "encoder.step", inputs, Work::Other, program)
}
