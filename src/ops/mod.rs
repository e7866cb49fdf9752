//! Operations on tensors: one file each, the backward pass under the forward one.

/// The value of an operation without settings: the type, and `new`.
macro_rules! operation {
    ($(#[$doc:meta])+ $name:ident $(<$(const $p:ident: $t:ty),+>)?) => {
        $(#[$doc])+
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
        pub struct $name $(<$(const $p: $t),+>)?;

        impl $(<$(const $p: $t),+>)? $name $(<$($p),+>)? {
            /// The operation; it has no settings.
            pub const fn new() -> Self {
                Self
            }
        }
    };
}

mod accumulate;
pub mod activation;
mod add_bias;
mod arith;
mod attention;
pub(crate) mod batch_norm;
mod bilinear;
pub(crate) mod channels;
mod concat;
pub mod conv;
#[doc(hidden)]
pub mod cost;
mod detach;
mod elementwise;
mod expand;
#[doc(hidden)]
pub mod fit;
mod function;
mod gather;
mod glu;
mod linear;
mod matmul;
mod maximum;
pub(crate) mod normalize;
mod operand;
mod permute;
pub(crate) mod pixel_shuffle;
pub mod pool;
pub(crate) mod positions;
mod prelu;
pub(crate) mod recurrent;
mod reduce;
mod reshape;
mod row;
mod select;
mod slice;
mod softmax;
#[cfg(test)]
mod testing;
mod transpose;
mod unary;
pub(crate) mod upsample;
mod window;

pub use accumulate::{Accumulate, zero_like};
pub use activation::*;
pub use add_bias::{AddBias, Addend};
pub use arith::{Add, Div, Mul, Sub};
pub use attention::{AttendsTo, Attention, AttentionMask, CausalMask, KeyMask, scaled_dot_product_attention};
pub use bilinear::{BilinearSizes, bilinear, bilinear_backward_input, bilinear_backward_params};
pub use concat::{Concat, Join, Split, SplitInto, Stack, Stack2, concat_backward, split_backward, stack_backward};
pub use detach::Detach;
pub use elementwise::{Elementwise, elementwise, elementwise_backward, elementwise_in_place, elementwise_with_derivative};
pub use expand::{Expand, InsertAxis, RemoveAxis, expand_backward};
pub use function::{Function, Function2, Sink};
pub use gather::{Gather, gather_backward};
pub use glu::{glu, glu_backward, glu_with_derivative};
pub use linear::{linear, linear_backward_input, linear_backward_params};
pub use matmul::{
    Dot, MatMul, Multiply, Outer, dot_backward, matmul_backward_lhs, matmul_backward_rhs, outer_backward_lhs,
    outer_backward_rhs,
};
pub use maximum::{Maximum, Minimum};
pub use operand::{Operand, operand};
pub use permute::{Permute, SwapAxes, permute_backward, swap_axes_backward};
pub use prelu::{prelu, prelu_backward, prelu_backward_params, prelu_sum};
pub use reduce::*;
pub use reshape::{Flatten, Reshape, flatten_backward, reshape_backward};
pub use row::{Row, WithRow};
pub use select::{MaskedFill, Select, select_backward};
pub use slice::{Slice, slice_backward};
pub use softmax::{LogSoftmax, Softmax, log_softmax, log_softmax_backward, softmax, softmax_backward};
pub(crate) use softmax::{log_softmax_to, softmax_to};
pub use transpose::{Transpose, transpose, transpose_backward};
pub use unary::*;
pub use upsample::{Stretch, upsample_linear, upsample_linear_backward};
pub use window::{Border, SlidingWindow};
