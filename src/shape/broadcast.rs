//! Broadcasting: a tensor of the trailing dimensions repeats over the leading ones.

use super::{Minus, Rank, Shape};

/// `Self` are the trailing dimensions of `S`, so a tensor of `Self` repeats to one of `S`: a bias over a batch.
///
/// It holds in generic code too: `[f32; N]: Broadcast<[[f32; N]; B]>` for every `N` and `B`.
#[diagnostic::on_unimplemented(message = "a tensor of `{Self}` does not broadcast to `{S}`")]
pub trait Broadcast<S>: Shape {}

impl<S, R> Broadcast<S> for R
where
    S: Shape,
    R: Shape<Elem = S::Elem> + Trailing<S, <S::Rank as Minus<R::Rank>>::Out>,
    S::Rank: Minus<R::Rank>,
{
}

/// `Self` is `S` without its first `Depth` dimensions.
#[diagnostic::on_unimplemented(
    message = "a tensor of `{Self}` does not broadcast to `{S}`",
    label = "the trailing dimensions must be equal"
)]
pub trait Trailing<S, Depth> {}

impl<S> Trailing<S, Rank<0>> for S {}

macro_rules! depths {
    ($($depth:literal after $less:literal),+) => {$(
        impl<S, A, const N: usize> Trailing<[A; N], Rank<$depth>> for S where S: Trailing<A, Rank<$less>> {}
    )+};
}

depths!(1 after 0, 2 after 1, 3 after 2, 4 after 3, 5 after 4, 6 after 5, 7 after 6, 8 after 7);
