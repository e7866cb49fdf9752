//! Which tensors of `bool` choose among the elements of which shape.

use super::{Element, Minus, Rank, Shape};
use crate::simd::Float;

/// `Self`, in `bool`, are the dimensions of `S` or its trailing ones: a mask `[[bool; T]; T]` for each head of each sample.
///
/// It holds in generic code: `[bool; N]: Mask<[[T; N]; B]>` for every `N` and `B` and both element types.
#[diagnostic::on_unimplemented(
    message = "`Tensor<{Self}>` is no mask for a tensor of `{S}`",
    note = "a mask is a tensor of `bool` with the other tensor's dimensions, or with its trailing ones"
)]
pub trait Mask<S>: Shape<Elem = bool> {}

impl<S, M> Mask<S> for M
where
    S: Shape,
    M: Shape<Elem = bool> + TrailingMask<S, <S::Rank as Minus<M::Rank>>::Out>,
    S::Rank: Minus<M::Rank>,
{
}

/// `Self` is a mask of `S` without its first `Depth` dimensions.
#[diagnostic::on_unimplemented(
    message = "`Tensor<{Self}>` is no mask for a tensor of `{S}`",
    label = "the trailing dimensions must be equal"
)]
pub trait TrailingMask<S, Depth> {}

impl<S, M: MaskOf<S>> TrailingMask<S, Rank<0>> for M {}

macro_rules! depths {
    ($($depth:literal after $less:literal),+) => {$(
        impl<S, A, const N: usize> TrailingMask<[A; N], Rank<$depth>> for S where S: TrailingMask<A, Rank<$less>> {}
    )+};
}

depths!(1 after 0, 2 after 1, 3 after 2, 4 after 3, 5 after 4, 6 after 5, 7 after 6, 8 after 7);

/// `Self` has the dimensions of `S`.
#[diagnostic::on_unimplemented(
    message = "`Tensor<{Self}>` is no mask for a tensor of `{S}`",
    label = "the dimensions must be equal"
)]
pub trait MaskOf<S> {}

#[diagnostic::do_not_recommend]
impl<T: Float + Element> MaskOf<T> for bool {}

#[diagnostic::do_not_recommend]
impl<A, B: MaskOf<A>, const N: usize> MaskOf<[A; N]> for [B; N] {}
