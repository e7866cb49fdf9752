//! Operations on tensors: one file each, the backward pass under the forward one.

pub mod activation;
pub(crate) mod batch_norm;
pub(crate) mod channels;
mod elementwise;
mod function;
mod linear;
pub(crate) mod normalize;
pub(crate) mod pixel_shuffle;
pub(crate) mod upsample;

pub use elementwise::{Elementwise, elementwise, elementwise_backward};
pub use function::{Function, Function2, Sink};
pub use linear::{linear, linear_backward_input, linear_backward_params};
