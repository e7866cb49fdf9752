//! A part of an axis.

use core::ops::Add;

use typenum::B0;

use super::dims::{Less, Number, Numbers, Yes};
use super::{Axis, Const};

type Uint<const N: usize> = <Numbers as Number<N>>::Uint;

/// Axis `D` of `Self` has the `LEN` places from `START` on. A function that is generic over one of the numbers carries the
/// bound, as every operation that computes with dimensions.
pub trait Slice<const D: isize, const START: usize, const LEN: usize>: Axis<D> {}

#[diagnostic::do_not_recommend]
impl<S, const D: isize, const START: usize, const LEN: usize, const SIZE: usize> Slice<D, START, LEN> for S
where
    S: Axis<D, Size = Const<SIZE>>,
    Numbers: Number<SIZE> + Number<START> + Number<LEN>,
    Uint<START>: Add<Uint<LEN>>,
    Uint<SIZE>: Less<typenum::Sum<Uint<START>, Uint<LEN>>, B0, Out: Reaches<SIZE, D, START, LEN, S>>,
{
}

/// `START + LEN` is at most `SIZE`.
#[diagnostic::on_unimplemented(
    message = "`{S}` has no {LEN} places from {START} on along axis {D}",
    label = "{START} + {LEN} is more than {SIZE}"
)]
pub trait Reaches<const SIZE: usize, const D: isize, const START: usize, const LEN: usize, S> {}

#[diagnostic::do_not_recommend]
impl<const SIZE: usize, const D: isize, const START: usize, const LEN: usize, S, R> Reaches<SIZE, D, START, LEN, S> for Yes<R> {}
