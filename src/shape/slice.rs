//! A part of an axis.

use core::ops::Add;

use typenum::B0;

use super::dims::{Less, Number, Numbers, Yes};
use super::{Axis, Const};

/// Axis `D` of `Self` has the `LEN` places from `START` on.
///
/// A function that is generic over one of the numbers asks for `Const<SIZE>: Holds<START, LEN>`.
pub trait Slice<const D: isize, const START: usize, const LEN: usize>: Axis<D> {}

impl<S, const D: isize, const START: usize, const LEN: usize, const SIZE: usize> Slice<D, START, LEN> for S
where
    S: Axis<D, Size = Const<SIZE>>,
    Const<SIZE>: Holds<START, LEN>,
{
}

/// `START + LEN` is at most the `Const`: `Const<5>: Holds<3, 2>`.
pub trait Holds<const START: usize, const LEN: usize> {}

impl<const SIZE: usize, const START: usize, const LEN: usize, S, F, L, End> Holds<START, LEN> for Const<SIZE>
where
    Numbers: Number<SIZE, Uint = S> + Number<START, Uint = F> + Number<LEN, Uint = L>,
    F: Add<L, Output = End>,
    S: Less<End, B0, Out: Reaches<SIZE, START, LEN>>,
{
}

/// `START + LEN` is at most `SIZE`.
#[diagnostic::on_unimplemented(
    message = "an axis of {SIZE} has no {LEN} places from {START} on",
    label = "{START} + {LEN} is more than {SIZE}"
)]
pub trait Reaches<const SIZE: usize, const START: usize, const LEN: usize> {}

#[diagnostic::do_not_recommend]
impl<const SIZE: usize, const START: usize, const LEN: usize, R> Reaches<SIZE, START, LEN> for Yes<R> {}
