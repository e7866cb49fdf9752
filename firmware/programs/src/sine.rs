//! 1-16-16-1 with relu, which approximates a sine: microflow's first example.

use adamant::memory::{Flash, Memory, Ram};
use adamant::prelude::*;

use crate::numbers::{row, rows};
use crate::{Program, calls};

type Net = Sequential![Linear<1, 16>, Relu, Linear<16, 16>, Relu, Linear<16, 1>];

static FROM_FLASH: Net = sequential![
    Linear::new(Param(Tensor(rows(0, 1.0))), Param(Tensor(row(1, 1.0)))),
    Relu,
    Linear::new(Param(Tensor(rows(2, 0.25))), Param(Tensor(row(3, 0.25)))),
    Relu,
    Linear::new(Param(Tensor(rows(4, 0.25))), Param(Tensor(row(5, 0.25)))),
];

const NEEDS: Memory = Memory::inference::<Net, Tensor<[f32; 1]>>().calls(calls(212, 180));
const _: () = if cfg!(target_os = "none") {
    NEEDS.fits(Flash::kib(2), Ram::kib(1))
};

/// The network's answer.
pub struct Sine;

impl Program for Sine {
    type Model = ();
    type Memory = (Tensor<[f32; 1]>, Tensor<[f32; 1]>);
    const MODEL: () = ();
    const MEMORY: Self::Memory = (Tensor([0.0; 1]), Tensor([0.0; 1]));
    const PROMISE: Ram = NEEDS.ram();

    fn run((): &mut (), (x, y): &mut Self::Memory) -> f32 {
        x.0 = [x.0[0] + 0.5];
        FROM_FLASH.forward_into(x, y);
        y.0[0]
    }
}
