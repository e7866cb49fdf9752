//! What the firmware computes: one file a network, each the same on a chip and on the host that checks it.

#![no_std]

mod cnn;
mod digits;
mod digits_cnn;
mod digits_head;
#[cfg(feature = "exact")]
pub mod exact;
mod gru;
mod images;
mod mlp;
mod my_layer;
mod numbers;
mod sine;
mod stream;

use adamant::memory::Ram;

pub use cnn::{CnnForward, CnnStep};
pub use digits::{DigitsMlp, Net as DigitsNet};
pub use digits_cnn::DigitsCnn;
pub use digits_head::{DigitsHead, FITS};
pub use gru::{GruFrame, gru_offline};
pub use mlp::{MlpAdam, MlpByValue, MlpForward, MlpSgd};
pub use my_layer::MyLayerStep;
pub use sine::Sine;
pub use stream::{StreamFrame, stream_offline};

/// How often a program's work is done: what is measured is the mean.
pub const RUNS: usize = 10;

/// Work that is measured, and the memory that it keeps from one run to the next.
pub trait Program: 'static {
    /// What lies in RAM and starts as something else than zeros, of which flash holds a copy: a model that is trained.
    type Model: 'static;
    /// What lies in RAM and starts as zeros: gradients, an optimiser.
    type Memory: 'static;
    /// The model at the start.
    const MODEL: Self::Model;
    /// Zeros.
    const MEMORY: Self::Memory;
    /// What its types say that it takes on a chip: model, memory and stack.
    const PROMISE: Ram;

    /// Does the work once and gives a number that depends on all of it: a loss.
    fn run(model: &mut Self::Model, memory: &mut Self::Memory) -> f32;

    /// Tells what it has to show for its work, once that is measured: logits.
    fn tell(_model: &mut Self::Model, _memory: &mut Self::Memory, _tell: impl FnMut(f32)) {}

    /// A tensor of the trained model that lies in flash, if there is one.
    fn in_flash() -> Option<&'static [f32]> {
        None
    }
}

/// What the calls of a program's run take on the stack of a Cortex-M4F beside the buffers, as `check` measured it: at `opt-level` 3 and `s`.
const fn calls(at_3: usize, at_s: usize) -> Ram {
    Ram::bytes(if cfg!(small) { at_s } else { at_3 })
}

/// Nothing, which a program's code is weighed against.
pub struct Nothing;

impl Program for Nothing {
    type Model = ();
    type Memory = ();
    const MODEL: () = ();
    const MEMORY: () = ();
    const PROMISE: Ram = Ram::bytes(16);

    fn run((): &mut (), (): &mut ()) -> f32 {
        1.0
    }
}
