//! The mission's own example: a layer written as a formula, trained in full.

use adamant::memory::{Flash, Memory, Ram};
use adamant::prelude::*;

use crate::numbers::{row, rows};
use crate::{Program, calls};

/// y = (x² + bias) · weight
#[derive(Module)]
pub struct MyLayer<const IN: usize, const OUT: usize> {
    weight: Param<[[f32; OUT]; IN]>,
    bias: Param<[f32; IN]>,
}

#[forward]
impl<const IN: usize, const OUT: usize> MyLayer<IN, OUT> {
    fn forward<const N: usize>(&self, x: Tensor<[[f32; IN]; N]>) -> Tensor<[[f32; OUT]; N]> {
        (x.square() + &self.bias).matmul(&self.weight)
    }
}

/// One layer.
#[derive(Module)]
pub struct MyNet {
    mylayer1: MyLayer<5, 3>,
}

static X: Tensor<[[f32; 5]; 10]> = Tensor(rows(0, 1.0));
static Y: Tensor<[[f32; 3]; 10]> = Tensor(rows(1, 1.0));

const NEEDS: Memory = Memory::training::<MyNet, Tensor<[[f32; 5]; 10]>, Adam<MyNet>>()
    .started_from_flash()
    .without_input()
    .calls(calls(424, 660));
const _: () = if cfg!(target_os = "none") {
    NEEDS.fits(Flash::kib(1), Ram::kib(2))
};

/// A step of training with Adam.
pub struct MyLayerStep;

impl Program for MyLayerStep {
    type Model = MyNet;
    type Memory = Adam<MyNet>;
    const MODEL: MyNet = MyNet { mylayer1: MyLayer { weight: Param(Tensor(rows(2, 0.5))), bias: Param(Tensor(row(3, 0.5))) } };
    const MEMORY: Self::Memory = Adam::BLANK;
    const PROMISE: Ram = NEEDS.ram();

    fn run(model: &mut MyNet, adam: &mut Self::Memory) -> f32 {
        let (loss, grads) = model.gradients(&X, |p| mse_loss(p, &Y, Reduction::Sum));
        adam.step(model, &grads);
        loss
    }
}
