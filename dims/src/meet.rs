//! Which dimension two repeat to. It stands here because the overlap check believes in the table only where the table is its own.

use crate::{Const, Number, Numbers};
use typenum::{UInt, UTerm};

/// A typenum number other than 1.
pub trait NotOne {}

impl NotOne for UTerm {}
impl<U, A, B> NotOne for UInt<UInt<U, A>, B> {}

/// `M` and `N` are equal, or one of them is 1.
#[diagnostic::on_unimplemented(
    message = "a dimension of {M} does not broadcast with one of {N}",
    label = "the trailing dimensions must be equal, or 1 on one side"
)]
pub trait Meet<const M: usize, const N: usize> {
    /// The dimension of both, a [`Const`].
    type Out;
}

#[diagnostic::do_not_recommend]
impl<const N: usize> Meet<N, N> for Numbers {
    type Out = Const<N>;
}

impl<const N: usize> Meet<1, N> for Numbers
where
    Numbers: Number<N, Uint: NotOne>,
{
    type Out = Const<N>;
}

impl<const N: usize> Meet<N, 1> for Numbers
where
    Numbers: Number<N, Uint: NotOne>,
{
    type Out = Const<N>;
}
