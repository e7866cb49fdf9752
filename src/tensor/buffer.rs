//! Memory that a layer may ask for.

use core::fmt::{self, Formatter};

use super::Tensor;
use crate::shape::Shape;
use crate::simd::Float;

/// A value that can be made empty at compile time: a tensor or a float, or a tuple or an array of such.
///
/// Outputs and gradients are buffers: the caller makes one, a layer writes to it. The empty value is a constant, so making a
/// buffer is at most a `memset`, in place, on the stack or (with `alloc`) on the heap.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no buffer",
    note = "buffers are tensors and floats, and tuples and arrays of such; `#[forward]` takes anything else by reference"
)]
pub trait Buffer: Copy + PartialEq + core::fmt::Debug + Send + Sync + 'static {
    /// The buffer filled with zeros.
    const ZERO: Self;

    /// Writes the shape: `[8, 2]`, or a list of shapes.
    fn fmt_shape(f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("-")
    }

    /// A zeroed buffer on the heap, made there: it never stands on the stack.
    #[cfg(feature = "alloc")]
    fn boxed() -> alloc::boxed::Box<Self> {
        crate::heap::boxed_zero()
    }
}

impl<S: Shape> Buffer for Tensor<S> {
    const ZERO: Self = Tensor(S::ZEROS);

    fn fmt_shape(f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", S::DIMS)
    }
}

impl<T: Float> Buffer for T {
    const ZERO: Self = T::ZERO;
}

impl<B: Buffer, const N: usize> Buffer for [B; N] {
    const ZERO: Self = [B::ZERO; N];
}

macro_rules! tuples {
    ($($name:ident)*) => {
        impl<$($name: Buffer),*> Buffer for ($($name,)*) {
            const ZERO: Self = ($($name::ZERO,)*);

            fn fmt_shape(f: &mut Formatter<'_>) -> fmt::Result {
                f.write_str("(")?;
                $($name::fmt_shape(f)?; f.write_str(",")?;)*
                f.write_str(")")
            }
        }
    };
}

tuples!();
tuples!(A);
tuples!(A B);
tuples!(A B C);
tuples!(A B C D);
tuples!(A B C D E);
tuples!(A B C D E F);
tuples!(A B C D E F G);
tuples!(A B C D E F G H);
