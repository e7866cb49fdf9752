//! Memory that a layer may ask for.

use core::fmt::{self, Formatter};

use super::Tensor;
use crate::heap::{Constant, Filled, Slot};
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

    /// The buffer filled with zeros, made in place. The provided method copies [`ZERO`](Self::ZERO).
    #[inline]
    fn zero_in(slot: Slot<'_, Self>) -> Filled<'_, Self> {
        slot.constant::<Zero>()
    }

    /// A zeroed buffer on the heap, made there: it never stands on the stack, nor in the executable.
    #[cfg(feature = "alloc")]
    fn boxed() -> alloc::boxed::Box<Self> {
        crate::heap::boxed(Self::zero_in)
    }
}

/// [`Buffer::ZERO`].
struct Zero;

impl<B: Buffer> Constant<B> for Zero {
    const VALUE: B = B::ZERO;
}

impl<S: Shape> Buffer for Tensor<S> {
    const ZERO: Self = Tensor(S::ZEROS);

    #[inline]
    fn zero_in(slot: Slot<'_, Self>) -> Filled<'_, Self> {
        Self::full_in(slot, S::Elem::ZEROS)
    }

    fn fmt_shape(f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", S::DIMS)
    }
}

impl<T: Float> Buffer for T {
    const ZERO: Self = T::ZERO;
}

impl<B: Buffer, const N: usize> Buffer for [B; N] {
    const ZERO: Self = [B::ZERO; N];

    #[inline]
    fn zero_in(slot: Slot<'_, Self>) -> Filled<'_, Self> {
        slot.repeat(B::zero_in)
    }
}

macro_rules! tuples {
    ($first:ident $zero:tt $($name:ident $i:tt)*) => {
        impl<$first: Buffer $(, $name: Buffer)*> Buffer for ($first, $($name,)*) {
            const ZERO: Self = ($first::ZERO, $($name::ZERO,)*);

            #[inline]
            fn zero_in(slot: Slot<'_, Self>) -> Filled<'_, Self> {
                crate::in_place!(slot, ($zero: $first::zero_in $(, $i: $name::zero_in)*))
            }

            fn fmt_shape(f: &mut Formatter<'_>) -> fmt::Result {
                f.write_str("(")?;
                $first::fmt_shape(f)?;
                $(
                    f.write_str(", ")?;
                    $name::fmt_shape(f)?;
                )*
                f.write_str(")")
            }
        }
    };
}

impl Buffer for () {
    const ZERO: Self = ();
}

tuples!(A 0);
tuples!(A 0 B 1);
tuples!(A 0 B 1 C 2);
tuples!(A 0 B 1 C 2 D 3);
tuples!(A 0 B 1 C 2 D 3 E 4);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7);
