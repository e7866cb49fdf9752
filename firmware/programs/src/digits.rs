//! 64-32-10 with relu, which PyTorch has taught handwritten digits of 8×8 pixels.

use adamant::memory::{Flash, Memory, Ram};
use adamant::prelude::*;

use crate::images::{self, TEST};
use crate::{Program, RUNS, calls};

/// `nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))`
pub type Net = Sequential![Linear<64, 32>, Relu, Linear<32, 10>];

/// What it has learnt.
pub static FROM_FLASH: Net = weights!("../../tests/models/digits_mlp.safetensors");
static IMAGES: [Tensor<[f32; 64]>; RUNS] = images::pixels(TEST);

const NEEDS: Memory = Memory::inference::<Net, Tensor<[f32; 64]>>()
    .without_input()
    .beside(Flash::NONE, Ram::bytes(size_of::<usize>()))
    .calls(calls(220, 196));
const _: () = if cfg!(target_os = "none") {
    NEEDS.fits(Flash::kib(10), Ram::kib(1))
};

/// Its logits of one image after another.
pub struct DigitsMlp;

impl Program for DigitsMlp {
    type Model = ();
    type Memory = (usize, Tensor<[f32; 10]>);
    const MODEL: () = ();
    const MEMORY: Self::Memory = (0, Tensor([0.0; 10]));
    const PROMISE: Ram = NEEDS.ram();

    fn run((): &mut (), (i, logits): &mut Self::Memory) -> f32 {
        FROM_FLASH.forward_into(&IMAGES[*i % RUNS], logits);
        *i = (*i + 1) % RUNS;
        logits.0.iter().sum()
    }

    fn tell((): &mut (), memory: &mut Self::Memory, mut tell: impl FnMut(f32)) {
        for _ in 0..RUNS {
            Self::run(&mut (), memory);
            memory.1.0.iter().for_each(|&logit| tell(logit));
        }
    }

    fn in_flash() -> Option<&'static [f32]> {
        Some(FROM_FLASH.0.0.weight.as_slice())
    }
}
