//! A network of convolutions, and its pool alone.

use adamant::prelude::*;

use super::programs::{forward, labels, model, randn, step};
use crate::inputs::Inputs;
use crate::row::{Row, Work};

pub const ROWS: &[fn() -> Row] = &[cnn_step, cnn_forward::<32>, cnn_forward::<1>, max_pool];

/// One channel of 28 × 28 pixels.
type Image = [[[f32; 28]; 28]; 1];

#[derive(Module)]
struct Cnn {
    conv1: Conv2d<1, 8, 3, Padding<1>>, //  [8][28][28]
    relu1: Relu,
    pool1: MaxPool2d<2>,                 //  [8][14][14]
    conv2: Conv2d<8, 16, 3, Padding<1>>, // [16][14][14]
    relu2: Relu,
    pool2: MaxPool2d<2>, // [16][7][7]
    flatten: Flatten,    // [784]
    linear: Linear<784, 10>,
}

fn cnn_step() -> Row {
    let (x, y) = (randn::<[Image; 32]>(2), labels::<32>(10));
    let inputs = Inputs::default().with("x", &x).with_labels("y", &y).with_model(&*model::<Cnn>());
    let program = step::<Cnn, _, _>(x, 1e-3, move |p| cross_entropy(p, &y, Reduction::Mean));
    Row::new("CNN 1×28×28, batch 32, Adam step", "cnn.step", inputs, Work::Other, program)
}

fn cnn_forward<const B: usize>() -> Row {
    let (x, model) = (randn::<[Image; B]>(2), model::<Cnn>());
    let inputs = Inputs::default().with("x", &x).with_model(&*model);
    let flops = 2 * <Cnn as Module<Tensor<[Image; B]>>>::MACS;
    let name = format!("CNN 1×28×28, batch {B}, forward");
    Row::new(name, "cnn.forward", inputs, Work::Flops(flops as f64), forward(model, x))
}

fn max_pool() -> Row {
    let x = randn::<[[[[f32; 28]; 28]; 8]; 32]>(2);
    let inputs = Inputs::default().with("x", &x);
    Row::new("max-pool 2×2 of 32×8×28×28", "max_pool", inputs, Work::Other, forward(model::<MaxPool2d<2>>(), x))
}
