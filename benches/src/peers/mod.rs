//! Other people's programs for the same rows. Each peer knows a row by its task and reads its inputs; of a task that it has no words
//! for it gives nothing.

#[cfg(feature = "peers")]
mod burn;
#[cfg(feature = "peers")]
mod candle;
#[cfg(feature = "peers")]
mod products;
pub mod python;

use crate::inputs::Inputs;
use crate::program::Program;

/// The programs of the peers that are Rust crates.
#[cfg(feature = "peers")]
pub fn crates(task: &str, inputs: &Inputs) -> Vec<Program> {
    let mut programs = products::programs(task, inputs);
    programs.extend(candle::program(task, inputs));
    programs.extend(burn::program(task, inputs));
    programs
}

/// Without the feature `peers` there are none.
#[cfg(not(feature = "peers"))]
pub fn crates(_: &str, _: &Inputs) -> Vec<Program> {
    Vec::new()
}
