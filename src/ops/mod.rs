//! Operations on tensors: one file each, the backward pass under the forward one.

pub mod activation;
pub mod conv;
mod elementwise;
mod function;
mod linear;
pub mod pool;
mod window;

pub use elementwise::{Elementwise, elementwise, elementwise_backward};
pub use function::{Function, Function2, Sink};
pub use linear::{linear, linear_backward_input, linear_backward_params};
pub use window::{Border, SlidingWindow};
