//! Activations: one file each, a function above its derivative.

mod relu;

pub use relu::Relu;
