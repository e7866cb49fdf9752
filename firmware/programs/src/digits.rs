//! 64-32-10 with relu, as handwritten digits of 8×8 pixels need it.

use adamant::prelude::*;

use crate::Program;
use crate::numbers::{row, rows};

pub type Net = Sequential![Linear<64, 32>, Relu, Linear<32, 10>];

pub const NET: Net = sequential![
    Linear::new(Param(Tensor(rows(0, 0.125))), Param(Tensor(row(1, 0.125)))),
    Relu,
    Linear::new(Param(Tensor(rows(2, 0.25))), Param(Tensor(row(3, 0.25)))),
];
static FROM_FLASH: Net = NET;
static X: Tensor<[f32; 64]> = Tensor(row(4, 1.0));

/// The network's answer.
pub struct DigitsForward;

impl Program for DigitsForward {
    type Model = ();
    type Memory = Tensor<[f32; 10]>;
    const MODEL: () = ();
    const MEMORY: Self::Memory = Tensor([0.0; 10]);

    fn run((): &mut (), y: &mut Self::Memory) -> f32 {
        FROM_FLASH.forward_into(&X, y);
        y.0.iter().sum()
    }
}
