//! 16-64-64-8 with tanh, the network that rl_tools is measured with.

use adamant::memory::{Flash, Memory, Ram};
use adamant::prelude::*;

use crate::numbers::{row, rows};
use crate::{Program, calls};

type Net = Sequential![Linear<16, 64>, Tanh, Linear<64, 64>, Tanh, Linear<64, 8>];

const NET: Net = sequential![
    Linear::new(Param(Tensor(rows(0, 0.25))), Param(Tensor(row(1, 0.25)))),
    Tanh,
    Linear::new(Param(Tensor(rows(2, 0.125))), Param(Tensor(row(3, 0.125)))),
    Tanh,
    Linear::new(Param(Tensor(rows(4, 0.125))), Param(Tensor(row(5, 0.125)))),
];

static FROM_FLASH: Net = NET;
static X: Tensor<[f32; 16]> = Tensor(row(6, 1.0));
static Y: Tensor<[f32; 8]> = Tensor(row(7, 0.5));

const FORWARD: Memory = Memory::inference::<Net, Tensor<[f32; 16]>>().without_input().calls(calls(264, 236));
const _: () = if cfg!(target_os = "none") {
    FORWARD.fits(Flash::kib(23), Ram::kib(1))
};

/// The network's answer.
pub struct MlpForward;

impl Program for MlpForward {
    type Model = ();
    type Memory = Tensor<[f32; 8]>;
    const MODEL: () = ();
    const MEMORY: Self::Memory = Tensor([0.0; 8]);
    const PROMISE: Ram = FORWARD.ram();

    fn run((): &mut (), y: &mut Self::Memory) -> f32 {
        FROM_FLASH.forward_into(&X, y);
        y.0.iter().sum()
    }
}

/// A step of training with an optimiser.
fn step(net: &mut Net, grads: &mut Grads<Net>, optimizer: &mut impl Optimizer<Net>) -> f32 {
    grads.zero();
    let loss = net.add_gradients(&X, grads, |p| mse_loss(p, &Y, Reduction::Mean));
    optimizer.step(net, grads);
    loss
}

const ADAM: Memory =
    Memory::training::<Net, Tensor<[f32; 16]>, Adam<Net>>().started_from_flash().without_input().calls(calls(312, 740));
const _: () = if cfg!(target_os = "none") {
    ADAM.fits(Flash::kib(23), Ram::kib(92))
};

/// A step of training with Adam.
pub struct MlpAdam;

impl Program for MlpAdam {
    type Model = Net;
    type Memory = (Grads<Net>, Adam<Net>);
    const MODEL: Net = NET;
    const MEMORY: Self::Memory = (Buffer::ZERO, Adam::BLANK);
    const PROMISE: Ram = ADAM.ram();

    fn run(net: &mut Net, (grads, adam): &mut Self::Memory) -> f32 {
        step(net, grads, adam)
    }
}

const SGD: Memory =
    Memory::training::<Net, Tensor<[f32; 16]>, Sgd<Net>>().started_from_flash().without_input().calls(calls(312, 732));
const _: () = if cfg!(target_os = "none") {
    SGD.fits(Flash::kib(23), Ram::kib(47))
};

/// A step of gradient descent.
pub struct MlpSgd;

impl Program for MlpSgd {
    type Model = Net;
    type Memory = (Grads<Net>, Sgd<Net>);
    const MODEL: Net = NET;
    const MEMORY: Self::Memory = (Buffer::ZERO, Sgd::BLANK);
    const PROMISE: Ram = SGD.ram();

    fn run(net: &mut Net, (grads, sgd): &mut Self::Memory) -> f32 {
        sgd.lr = 0.1;
        step(net, grads, sgd)
    }
}

// At `s` the gradients are on the stack twice.
const BY_VALUE: Memory = SGD.calls(calls(304, 23524));
const _: () = if cfg!(target_os = "none") {
    BY_VALUE.fits(Flash::kib(23), Ram::kib(70))
};

/// As [`MlpSgd`], with gradients that are returned by value, and lie on the stack.
pub struct MlpByValue;

impl Program for MlpByValue {
    type Model = Net;
    type Memory = Sgd<Net>;
    const MODEL: Net = NET;
    const MEMORY: Self::Memory = Sgd::BLANK;
    const PROMISE: Ram = BY_VALUE.ram();

    fn run(net: &mut Net, sgd: &mut Self::Memory) -> f32 {
        sgd.lr = 0.1;
        let (loss, grads) = net.gradients(&X, |p| mse_loss(p, &Y, Reduction::Mean));
        sgd.step(net, &grads);
        loss
    }
}
