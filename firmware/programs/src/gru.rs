//! A gated recurrent unit, 16 to 16, one frame a step.

use core::hint::black_box;

use adamant::memory::{Flash, Memory, Ram};
use adamant::prelude::*;

use crate::numbers::{blocks, rows};
use crate::{Program, RUNS, calls};

type Net = Gru<16, 16>;
/// h, of one layer.
type State = Tensor<[[f32; 16]; 1]>;

static FROM_FLASH: Net = Net {
    first: [GruCell::new(
        Param(Tensor(blocks(0, 0.25))),
        Param(Tensor(blocks(1, 0.25))),
        Param(Tensor(rows(2, 0.25))),
        Param(Tensor(rows(3, 0.25))),
    )],
    upper: [],
    dropout: (),
};
const SEQUENCE: Tensor<[[f32; 16]; RUNS]> = Tensor(rows(4, 1.0));
static FRAMES: [Tensor<[f32; 16]>; RUNS] = frames();

const fn frames() -> [Tensor<[f32; 16]>; RUNS] {
    let mut frames = [const { Tensor([0.0; 16]) }; RUNS];
    let mut i = 0;
    while i < RUNS {
        frames[i].0 = SEQUENCE.0[i];
        i += 1;
    }
    frames
}

// The buffers are those of a pass over a sequence of one, which are more than a step's: calls find room among them.
const NEEDS: Memory = Memory::inference::<Net, Tensor<[[f32; 16]; 1]>>().without_input().calls(calls(0, 0));
const _: () = if cfg!(target_os = "none") {
    NEEDS.fits(Flash::kib(7), Ram::kib(1))
};

/// A frame after the other.
pub struct GruFrame;

impl Program for GruFrame {
    type Model = ();
    type Memory = (usize, State);
    const MODEL: () = ();
    const MEMORY: Self::Memory = (0, Tensor([[0.0; 16]]));
    const PROMISE: Ram = NEEDS.ram();

    fn run((): &mut (), (i, state): &mut Self::Memory) -> f32 {
        let Some(x) = FRAMES.get(*i) else { return f32::NAN };
        *i = if *i + 1 < RUNS { *i + 1 } else { 0 };
        // (As a function is given a layer: of one that the compiler sees, numbers would be instructions.)
        black_box(&FROM_FLASH).step(x, state).0.iter().sum()
    }

    fn tell((): &mut (), memory: &mut Self::Memory, mut tell: impl FnMut(f32)) {
        *memory = Self::MEMORY;
        for _ in 0..RUNS {
            Self::run(&mut (), memory);
            memory.1.as_slice().iter().for_each(|&h| tell(h));
        }
    }
}

/// What it tells, of all frames at once.
pub fn gru_offline() -> Tensor<[[f32; 16]; RUNS]> {
    FROM_FLASH.forward(&SEQUENCE)
}
