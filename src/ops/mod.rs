//! Operations on tensors: one file each, the backward pass under the forward one.

pub mod activation;
mod elementwise;
mod linear;
mod matmul;
mod reduce;
#[cfg(test)]
mod testing;
mod transpose;
mod unary;

pub use elementwise::{Elementwise, elementwise, elementwise_backward};
pub use linear::{linear, linear_backward_input, linear_backward_params};
pub use matmul::{MatMul, dot_backward, matmul_backward_lhs, matmul_backward_rhs, outer_backward_lhs, outer_backward_rhs};
pub use reduce::*;
pub use transpose::transpose_backward;
pub use unary::*;
