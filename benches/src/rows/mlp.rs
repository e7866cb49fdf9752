//! Networks of linear layers.

use adamant::prelude::*;

use super::programs::{forward, labels, model, randn, step};
use crate::inputs::Inputs;
use crate::row::{Row, Work};

pub const ROWS: &[fn() -> Row] = &[
    digits_step,
    digits_forward::<64>,
    digits_forward::<1>,
    control_forward,
    control_step::<1>,
    control_step::<32>,
    my_layer_step,
];

/// A classifier of 28 × 28 pixels.
#[derive(Module)]
pub struct Digits {
    fc1: Linear<784, 128>,
    act: Relu,
    fc2: Linear<128, 10>,
}

fn digits_step() -> Row {
    let (x, y) = (randn::<[[f32; 784]; 64]>(2), labels::<64>(10));
    let inputs = Inputs::default().with("x", &x).with_labels("y", &y).with_model(&*model::<Digits>());
    let program = step::<Digits, _, _>(x, 1e-3, move |p| cross_entropy(p, &y, Reduction::Mean));
    let flops = 6 * <Digits as Module<Tensor<[[f32; 784]; 64]>>>::MACS - 2 * 64 * 784 * 128;
    Row::new("784-128-10 ReLU, batch 64, Adam step", "digits.step", inputs, Work::Flops(flops as f64), program)
}

fn digits_forward<const B: usize>() -> Row {
    let (x, model) = (randn::<[[f32; 784]; B]>(2), model::<Digits>());
    let inputs = Inputs::default().with("x", &x).with_model(&*model);
    let flops = 2 * <Digits as Module<Tensor<[[f32; 784]; B]>>>::MACS;
    let name = format!("784-128-10 ReLU, batch {B}, forward");
    Row::new(name, "digits.forward", inputs, Work::Flops(flops as f64), forward(model, x))
}

/// A controller.
#[derive(Module)]
pub struct Control {
    fc1: Linear<16, 64>,
    act1: Tanh,
    fc2: Linear<64, 64>,
    act2: Tanh,
    fc3: Linear<64, 8>,
}

fn control_forward() -> Row {
    let (x, model) = (randn::<[[f32; 16]; 1]>(2), model::<Control>());
    let inputs = Inputs::default().with("x", &x).with_model(&*model);
    Row::new("16-64-64-8 tanh, batch 1, forward", "control.forward", inputs, Work::Other, forward(model, x))
}

fn control_step<const B: usize>() -> Row {
    let (x, y) = (randn::<[[f32; 16]; B]>(2), randn::<[[f32; 8]; B]>(3));
    let inputs = Inputs::default().with("x", &x).with("y", &y).with_model(&*model::<Control>());
    let program = step::<Control, _, _>(x, 1e-3, move |p| mse_loss(p, &y, Reduction::Mean));
    Row::new(format!("16-64-64-8 tanh, batch {B}, Adam step"), "control.step", inputs, Work::Other, program)
}

/// y = (x² + bias) · weight
#[derive(Module)]
struct MyLayer<const IN: usize, const OUT: usize> {
    weight: Param<[[f32; OUT]; IN]>,
    bias: Param<[f32; IN]>,
}

#[forward]
impl<const IN: usize, const OUT: usize> MyLayer<IN, OUT> {
    fn forward<const N: usize>(&self, x: Tensor<[[f32; IN]; N]>) -> Tensor<[[f32; OUT]; N]> {
        (x.square() + &self.bias).matmul(&self.weight)
    }
}

#[derive(Module)]
struct MyNet {
    mylayer1: MyLayer<5, 3>,
}

fn my_layer_step() -> Row {
    let (x, y) = (randn::<[[f32; 5]; 10]>(2), randn::<[[f32; 3]; 10]>(3));
    let inputs = Inputs::default().with("x", &x).with("y", &y).with_model(&*model::<MyNet>());
    let program = step::<MyNet, _, _>(x, 1e-4, move |p| mse_loss(p, &y, Reduction::Sum));
    Row::new("MyLayer 5→3, batch 10, Adam step", "my_layer.step", inputs, Work::Other, program)
}
