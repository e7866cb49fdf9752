//! Operations on tensors: one file each, the backward pass under the forward one.

pub mod activation;
mod elementwise;
mod glu;
mod linear;
mod prelu;
mod softmax;

pub use elementwise::{Elementwise, elementwise, elementwise_backward, elementwise_with_derivative};
pub use glu::{glu, glu_backward, glu_with_derivative};
pub use linear::{linear, linear_backward_input, linear_backward_params};
pub use prelu::{prelu, prelu_backward, prelu_backward_params, prelu_sum};
pub use softmax::{log_softmax, log_softmax_backward, softmax, softmax_backward};
