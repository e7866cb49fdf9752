//! A small convolutional network for images of 8×8 pixels.

use adamant::memory::{Flash, Memory, Ram};
use adamant::prelude::*;

use crate::numbers::{kernels, row, rows};
use crate::{Program, calls};

type Net = Sequential![
    Conv2d<1, 4, 3, Padding<1>>,
    Relu,
    MaxPool2d<2>,
    Conv2d<4, 8, 3, Padding<1>>,
    Relu,
    MaxPool2d<2>,
    Flatten,
    Linear<32, 10>
];

const NET: Net = sequential![
    Conv2d::new(Param(Tensor(kernels(0, 0.25))), Param(Tensor(row(1, 0.25)))),
    Relu,
    MaxPool2d::new(),
    Conv2d::new(Param(Tensor(kernels(2, 0.25))), Param(Tensor(row(3, 0.25)))),
    Relu,
    MaxPool2d::new(),
    Flatten,
    Linear::new(Param(Tensor(rows(4, 0.25))), Param(Tensor(row(5, 0.25)))),
];

type Image = Tensor<[[[[f32; 8]; 8]; 1]; 1]>;

static FROM_FLASH: Net = NET;
static X: Image = Tensor(kernels(6, 1.0));

const FORWARD: Memory = Memory::inference::<Net, Image>().without_input().calls(calls(528, 484));
const _: () = if cfg!(target_os = "none") {
    FORWARD.fits(Flash::kib(3), Ram::kib(5))
};

/// The network's answer.
pub struct CnnForward;

impl Program for CnnForward {
    type Model = ();
    type Memory = Tensor<[[f32; 10]; 1]>;
    const MODEL: () = ();
    const MEMORY: Self::Memory = Tensor([[0.0; 10]]);
    const PROMISE: Ram = FORWARD.ram();

    fn run((): &mut (), y: &mut Self::Memory) -> f32 {
        FROM_FLASH.forward_into(&X, y);
        y.0.as_flattened().iter().sum()
    }
}

// Its buffers are those of all layers, and some lie where others did: calls find room among them.
const STEP: Memory = Memory::training::<Net, Image, Adam<Net>>().started_from_flash().without_input().calls(calls(0, 0));
const _: () = if cfg!(target_os = "none") {
    STEP.fits(Flash::kib(3), Ram::kib(18))
};

/// A step of training with Adam.
pub struct CnnStep;

impl Program for CnnStep {
    type Model = Net;
    type Memory = (Grads<Net>, Adam<Net>);
    const MODEL: Net = NET;
    const MEMORY: Self::Memory = (Buffer::ZERO, Adam::BLANK);
    const PROMISE: Ram = STEP.ram();

    fn run(net: &mut Net, (grads, adam): &mut Self::Memory) -> f32 {
        grads.zero();
        let loss = net.add_gradients(&X, grads, |p| cross_entropy(p, &[3u8], Reduction::Mean));
        adam.step(net, grads);
        loss
    }
}
