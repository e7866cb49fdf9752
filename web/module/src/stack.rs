//! How much stack the module has.

/// In bytes. `learner` has the compiler check that training fits.
pub const STACK: usize = 512 * 1024;
