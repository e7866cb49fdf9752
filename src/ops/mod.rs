//! Operations on tensors: one file each, the backward pass under the forward one.

mod accumulate;
pub mod activation;
mod arith;
mod concat;
mod elementwise;
mod function;
mod linear;
mod matmul;
mod operand;
mod pointwise;
mod reduce;
mod reshape;
mod row;
#[cfg(test)]
mod testing;
mod transpose;
mod unary;

pub use accumulate::{Accumulate, zero_like};
pub use arith::{Add, Div, Mul, Sub};
pub use concat::{Concat, SplitInto, concat_backward, split_backward, stack_backward};
pub use elementwise::{Elementwise, elementwise, elementwise_backward};
pub use function::{Function, Function2, Sink};
pub use linear::{linear, linear_backward_input, linear_backward_params};
pub use matmul::{
    MatMul, Multiply, dot_backward, matmul_backward_lhs, matmul_backward_rhs, outer_backward_lhs, outer_backward_rhs,
};
pub use operand::{Operand, operand};
pub use pointwise::*;
pub use reduce::*;
pub use reshape::{flatten_backward, reshape_backward};
pub use row::{Row, WithRow};
pub use transpose::transpose_backward;
pub use unary::*;
