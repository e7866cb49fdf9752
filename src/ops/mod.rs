//! Operations on tensors: one file each, the backward pass under the forward one.

pub mod activation;
mod concat;
mod elementwise;
mod function;
mod linear;
mod matmul;
mod reduce;
mod reshape;
#[cfg(test)]
mod testing;
mod transpose;
mod unary;

pub use concat::{Concat, SplitInto, concat_backward, split_backward, stack_backward};
pub use elementwise::{Elementwise, elementwise, elementwise_backward};
pub use function::{Function, Function2, Sink};
pub use linear::{linear, linear_backward_input, linear_backward_params};
pub use matmul::{MatMul, dot_backward, matmul_backward_lhs, matmul_backward_rhs, outer_backward_lhs, outer_backward_rhs};
pub use reduce::*;
pub use reshape::{flatten_backward, reshape_backward};
pub use transpose::transpose_backward;
pub use unary::*;
