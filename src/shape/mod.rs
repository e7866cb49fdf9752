//! Shapes are types: a nested array *is* its shape.
//!
//! | file | what it knows |
//! |---|---|
//! | `mod.rs` | [`Element`], [`Shape`]: every rank from two impls |
//! | `rank.rs` | the number of dimensions as a type, and the index that goes with it |
//! | `broadcast.rs` | which shape broadcasts to which |
//! | `axis.rs` | one axis of a shape: its size, the shape without it, the shape with another size |
//! | `permute.rs` | the dimensions in another order |
//! | `mask.rs`, `indices.rs` | tensors of `bool` and of integers that choose among elements and rows |
//! | `slice.rs` | a part of an axis |
//! | `rows.rs` | shapes whose last dimension is known, with any number of leading ones |
//! | `tail.rs` | shapes as leading dimensions and a tail: the tail replaced, flattened, or known as a whole |
//! | `channels.rs` | shapes with channels along a known axis |
//! | `images.rs` | shapes whose channels or planes a window slides over, with any number of leading dimensions |
//! | `frames.rs` | sequences of frames, and batches of them |
//! | `dims/` | arithmetic on dimensions: sum, product, quotient, window |

/// An array type inside further ones: `nest!([T; N] B C)` is `[[[T; N]; B]; C]`, and `nest!([T] B)` is `[T; B]`.
macro_rules! nest {
    ([$t:ty]) => { $t };
    ([$t:ty] $b:ident $($rest:ident)*) => { nest!([[$t; $b]] $($rest)*) };
    ([$t:ty; $n:ident] $($rest:ident)*) => { nest!([[$t; $n]] $($rest)*) };
}

pub(crate) use nest;

#[macro_use]
mod places;

mod axis;
mod broadcast;
mod channels;
mod dims;
mod frames;
mod images;
mod rank;
mod rows;
mod tail;

pub use channels::Channels;
mod indices;
mod mask;
mod permute;
mod slice;
pub use axis::{Axis, Insert, Single, TransposeLast};
pub use broadcast::{Broadcast, BroadcastWith, Joined, Met, Nest};
pub(crate) use broadcast::{each_run, met};
pub use dims::{
    Big, CeilWindow, Const, Covers, Dim, Elements, ElementsUint, Flattened, Meet, Mirrors, MirrorsSame, Number, Numbers,
    PaddedWindow, Previous, Product, Quotient, ReshapeTo, SameWindow, Share, Sum, TransposedWindow, Window, Wraps, WrapsSame,
};
#[allow(unused_imports, reason = "where numbers have instruction sets")]
pub(crate) use dims::{CountedAt, one_element};
pub use frames::{Frames, Sequences};
pub use images::{Extent, Images, Lines, Planes, Signals, Slides};
pub use indices::Indices;
pub use mask::{Mask, MaskOf, TrailingMask};
pub(crate) use permute::Walk;
pub use permute::{Order, Order2, Order3, Order4, Order5, Order6, Order7, Order8, Permuted, Swap};
pub use rank::{Beside, Lead, Minus, Rank, RankNumber};
pub use rows::{Rows, SameLead};
pub use slice::{Holds, Reaches, Slice};
pub use tail::{EndsIn, Merge, Tail};

use core::fmt::{Debug, Display};

use crate::heap::{Constant, Filled, Slot};

/// A number (or `bool`) that a tensor may hold. It is itself the shape of rank 0.
pub trait Element:
    Shape<Elem = Self, Rank = Rank<0>>
    + Elements<Count = Const<1>>
    + ElementsUint<Uint = typenum::U1>
    + Default
    + PartialOrd
    + Display
{
}

/// The shape of a tensor: a scalar, or an array `[A; N]` of shapes.
///
/// Implemented for `f32`, `f64`, the integers and `bool`, and for every array of shapes, so `[[f32; 3]; 2]` is the shape
/// "2 × 3 of `f32`". A flat view of the elements needs no `unsafe`: it recurses through [`slice::as_flattened`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the shape of a tensor",
    note = "a shape is a nested array of numbers such as `[[f32; 3]; 2]`"
)]
pub trait Shape: Copy + PartialEq + Debug + Send + Sync + 'static {
    /// The type of one element.
    type Elem: Element;
    /// The number of dimensions, as a type.
    type Rank: RankNumber;
    /// The same dimensions with elements of another type.
    type Cast<U: Element>: Shape<Elem = U, Rank = Self::Rank>;
    /// The number of dimensions.
    const RANK: usize;
    /// The number of elements.
    const LEN: usize;
    /// The size of each dimension.
    const DIMS: Dims;
    /// The value whose every element is zero (`false`).
    const ZEROS: Self;
    /// The value whose every element is one (`true`).
    const ONES: Self;

    /// All elements of some values of this shape, row by row.
    fn flatten(values: &[Self]) -> &[Self::Elem];

    /// All elements of some values of this shape, row by row, to write to.
    fn flatten_mut(values: &mut [Self]) -> &mut [Self::Elem];

    /// The value whose every element is `value`, made in place.
    #[doc(hidden)]
    fn full_in(slot: Slot<'_, Self>, value: Self::Elem) -> Filled<'_, Self> {
        slot.constant::<Zeros>().then(|t| Self::flatten_mut(core::slice::from_mut(t)).fill(value))
    }
}

/// [`Shape::ZEROS`].
struct Zeros;

impl<S: Shape> Constant<S> for Zeros {
    const VALUE: S = S::ZEROS;
}

impl<A: Shape, const N: usize> Shape for [A; N] {
    type Elem = A::Elem;
    type Rank = <A::Rank as RankNumber>::Next;
    type Cast<U: Element> = CastArray<A, U, N>;
    const RANK: usize = A::RANK + 1;
    const LEN: usize = A::LEN * N;
    const DIMS: Dims = A::DIMS.within(N);
    const ZEROS: Self = [A::ZEROS; N];
    const ONES: Self = [A::ONES; N];

    #[inline]
    fn flatten(values: &[Self]) -> &[Self::Elem] {
        A::flatten(values.as_flattened())
    }

    #[inline]
    fn flatten_mut(values: &mut [Self]) -> &mut [Self::Elem] {
        A::flatten_mut(values.as_flattened_mut())
    }

    #[inline]
    fn full_in(slot: Slot<'_, Self>, value: Self::Elem) -> Filled<'_, Self> {
        slot.repeat(|slot| A::full_in(slot, value))
    }
}

type CastArray<A, U, const N: usize> = [<A as Shape>::Cast<U>; N];

/// Makes numbers elements, generic ones where generics stand before them.
macro_rules! elements {
    ($($({$($generics:tt)*})? $t:ty = $zero:expr, $one:expr;)+) => {$(
        impl$(<$($generics)*>)? $crate::shape::Element for $t {}

        impl$(<$($generics)*>)? $crate::shape::Shape for $t {
            type Elem = $t;
            type Rank = $crate::shape::Rank<0>;
            type Cast<U: $crate::shape::Element> = U;
            const RANK: usize = 0;
            const LEN: usize = 1;
            const DIMS: $crate::shape::Dims = $crate::shape::Dims::SCALAR;
            const ZEROS: Self = $zero;
            const ONES: Self = $one;

            #[inline(always)]
            fn flatten(values: &[Self]) -> &[Self] {
                values
            }

            #[inline(always)]
            fn flatten_mut(values: &mut [Self]) -> &mut [Self] {
                values
            }
        }
    )+};
}
#[allow(unused_imports, reason = "where numbers have instruction sets")]
pub(crate) use elements;

elements! { f32 = 0.0, 1.0; f64 = 0.0, 1.0; bool = false, true; usize = 0, 1; isize = 0, 1; }
elements! { u8 = 0, 1; u16 = 0, 1; u32 = 0, 1; u64 = 0, 1; i8 = 0, 1; i16 = 0, 1; i32 = 0, 1; i64 = 0, 1; }

/// The sizes of a shape's dimensions, outermost first, as a value (for printing and for run-time checks of files).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Dims {
    rank: usize,
    sizes: [usize; Self::MAX_RANK],
}

impl Dims {
    /// The largest number of dimensions that a tensor may have.
    pub const MAX_RANK: usize = 8;

    /// No dimension: a scalar.
    pub const SCALAR: Self = Self { rank: 0, sizes: [0; Self::MAX_RANK] };

    /// These dimensions inside one more of size `n`.
    const fn within(self, n: usize) -> Self {
        assert!(self.rank < Self::MAX_RANK, "a tensor has at most 8 dimensions");
        let mut sizes = [0; Self::MAX_RANK];
        sizes[0] = n;
        let mut i = 0;
        while i < self.rank {
            sizes[i + 1] = self.sizes[i];
            i += 1;
        }
        Self { rank: self.rank + 1, sizes }
    }

    /// These sizes, outermost first, if there are not too many.
    pub(crate) fn from_sizes(sizes: impl Iterator<Item = usize>) -> Option<Self> {
        let mut dims = Self::SCALAR;
        for size in sizes {
            *dims.sizes.get_mut(dims.rank)? = size;
            dims.rank += 1;
        }
        Some(dims)
    }

    /// The same with the last two exchanged, where there are two.
    pub(crate) fn transposed(self) -> Self {
        let mut dims = self;
        if let Some([.., a, b]) = dims.sizes.get_mut(..dims.rank) {
            core::mem::swap(a, b);
        }
        dims
    }

    /// The same numbers with the last two dimensions as one, and all before them as another one. (Through all places that there are, so that
    /// no index needs a check.)
    pub(crate) const fn fused(self) -> Self {
        if self.rank < 2 {
            return self;
        }
        let (mut rows, mut columns, mut at) = (1, 1, 0);
        while at < Self::MAX_RANK {
            if at + 2 < self.rank {
                rows *= self.sizes[at];
            } else if at < self.rank {
                columns *= self.sizes[at];
            }
            at += 1;
        }
        let mut sizes = [0; Self::MAX_RANK];
        sizes[0] = if self.rank == 2 { columns } else { rows };
        sizes[1] = if self.rank == 2 { 0 } else { columns };
        Self { rank: if self.rank == 2 { 1 } else { 2 }, sizes }
    }

    /// Where an axis is, counted from 0 at the outermost or from −1 at the innermost.
    const fn place(self, axis: isize) -> usize {
        if axis < 0 { self.rank.wrapping_add_signed(axis) } else { axis.unsigned_abs() }
    }

    /// The product of the sizes from one place to before another.
    const fn product(self, from: usize, to: usize) -> usize {
        let (mut product, mut at) = (1, from);
        while at < to {
            product *= self.sizes[at];
            at += 1;
        }
        product
    }

    /// The sizes, outermost first.
    #[inline]
    pub const fn as_slice(&self) -> &[usize] {
        match self.sizes.split_at_checked(self.rank) {
            Some((sizes, _)) => sizes,
            None => &[], // there are at most as many dimensions as sizes
        }
    }
}

/// As PyTorch prints a size: `[10, 5]`.
impl Debug for Dims {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_list().entries(self.as_slice()).finish()
    }
}

/// As PyTorch prints a size: `[10, 5]`.
impl Display for Dims {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_list().entries(self.as_slice()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dims_read_outermost_first() {
        type S = [[[f32; 4]; 3]; 2];
        assert_eq!(S::DIMS.as_slice(), [2, 3, 4]);
        assert_eq!((S::RANK, S::LEN), (3, 24));
        assert_eq!(f32::DIMS.as_slice(), [0usize; 0]);
    }

    #[test]
    fn fused_dimensions_are_the_last_two_and_those_before() {
        let fused = |sizes: &[usize]| Dims::from_sizes(sizes.iter().copied()).unwrap().fused();
        assert_eq!(fused(&[]).as_slice(), [0usize; 0]);
        assert_eq!(fused(&[5]).as_slice(), [5]);
        assert_eq!(fused(&[4, 3]).as_slice(), [12]);
        assert_eq!(fused(&[7, 4, 3]).as_slice(), [7, 12]);
        assert_eq!(fused(&[2, 7, 4, 3]).as_slice(), [14, 12]);
        assert_eq!(fused(&[2, 1, 3, 1, 2, 1, 4, 3]).as_slice(), [12, 12]);
        assert_eq!(fused(&[0, 4, 3]).as_slice(), [0, 12]);
        assert_eq!(fused(&[4, 3]), Dims::from_sizes([12].into_iter()).unwrap());
    }

    #[test]
    fn flattening_keeps_the_order() {
        let x = [[1.0f32, 2.0], [3.0, 4.0]];
        assert_eq!(Shape::flatten(&[x]), [1.0, 2.0, 3.0, 4.0]);
    }

    #[test]
    fn empty_dimensions_are_shapes() {
        type S = [[f32; 0]; 3];
        assert_eq!(S::LEN, 0);
        assert!(S::flatten(&[S::ZEROS]).is_empty());
    }
}
