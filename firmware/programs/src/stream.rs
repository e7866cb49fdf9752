//! A causal network of dilated convolutions, 1 to 8 to 1 channels, as a stream of samples.

use adamant::memory::{Flash, Memory, Ram};
use adamant::prelude::*;

use crate::numbers::{blocks, number, row};
use crate::{Program, RUNS, calls};

type Net = Sequential![
    Conv1d<1, 8, 3, Causal>,
    Tanh,
    Residual<Sequential![Conv1d<8, 8, 3, (Causal, Dilation<2>)>, Tanh]>,
    Conv1d<8, 1, 1>
];
type Frame = Tensor<[[f32; 1]; 1]>;
type Stream = Streaming<&'static Net, Frame>;

static FROM_FLASH: Net = sequential![
    Conv1d::new(Param(Tensor(blocks(0, 0.5))), Param(Tensor(row(1, 0.5)))),
    Tanh,
    Residual(sequential![Conv1d::new(Param(Tensor(blocks(2, 0.25))), Param(Tensor(row(3, 0.25)))), Tanh]),
    Conv1d::new(Param(Tensor(blocks(4, 0.5))), Param(Tensor(row(5, 0.5)))),
];

const NEEDS: Memory = Memory::streaming::<Net, Frame>()
    .beside(Flash::NONE, Ram::bytes(size_of::<(usize, Option<Stream>)>() - size_of::<Stream>()))
    .calls(calls(300, 312));
// With `exact` arithmetic the stream holds its weights in the order of a machine with vectors.
const _: () = if cfg!(target_os = "none") {
    NEEDS.fits(Flash::kib(1), Ram::kib(if cfg!(feature = "exact") { 2 } else { 1 }))
};

/// A sample after the other.
pub struct StreamFrame;

impl Program for StreamFrame {
    type Model = ();
    type Memory = (usize, Option<Stream>);
    const MODEL: () = ();
    const MEMORY: Self::Memory = (0, None);
    const PROMISE: Ram = NEEDS.ram();

    fn run((): &mut (), (i, stream): &mut Self::Memory) -> f32 {
        let stream = stream.get_or_insert_with(|| Streaming::new(&FROM_FLASH));
        let mut x = Tensor([[number(*i)]]);
        *i = if *i + 1 < RUNS { *i + 1 } else { 0 };
        stream.step_with(&mut x, |y| y.0[0][0]).unwrap_or(f32::NAN)
    }

    fn tell((): &mut (), memory: &mut Self::Memory, mut tell: impl FnMut(f32)) {
        *memory = Self::MEMORY;
        (0..RUNS).for_each(|_| tell(Self::run(&mut (), memory)));
    }
}

/// What it tells, of all samples at once.
pub fn stream_offline() -> Tensor<[[f32; RUNS]; 1]> {
    FROM_FLASH.forward(&Tensor([row::<RUNS>(0, 1.0)]))
}
