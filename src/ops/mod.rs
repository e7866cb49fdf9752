//! Operations on tensors: one file each, the backward pass under the forward one.

pub mod activation;
mod elementwise;
mod linear;

pub use elementwise::{Elementwise, elementwise, elementwise_backward, elementwise_with_derivative};
pub use linear::{linear, linear_backward_input, linear_backward_params};
