//! Shapes of integers, each of which names a row.

use super::Shape;

/// A shape of integers: `[usize; N]`, `[[u8; T]; B]`, or a single one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` holds no indices",
    note = "indices are integers, or nested arrays of such: `[usize; N]`"
)]
pub trait Indices: Shape<Elem: Copy + TryInto<usize>> {
    /// The same dimensions with a row of shape `A` in each integer's place.
    type Rows<A: Shape>: Shape<Elem = A::Elem>;
}

#[diagnostic::do_not_recommend]
impl<I: Indices, const N: usize> Indices for [I; N] {
    type Rows<A: Shape> = [I::Rows<A>; N];
}

macro_rules! integers {
    ($($t:ty),+) => {$(
        impl Indices for $t {
            type Rows<A: Shape> = A;
        }
    )+};
}

integers!(usize, u8, u16, u32, u64, isize, i8, i16, i32, i64);
