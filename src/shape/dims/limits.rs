//! Limits that the settings of convolutions and pools must keep, checked by the type checker.

use super::arithmetic::QuotientIsKnown;
use super::binary::Over;
use super::window::{AllPositive, Moves, Reach};
use super::{Const, Number, Numbers, Yes};
use adamant_dims::Answer;
use core::ops::{Add, Mul};
use typenum::{B1, IsLess, IsLessOrEqual, U1, U2};

/// The channels of one group: `Const<12>: Share<4, Out = Const<3>>`.
///
/// ```compile_fail
/// # use adamant::shape::{Const, Share};
/// fn share<A: Share<G>, const G: usize>() {}
/// share::<Const<12>, 4>();
/// share::<Const<12>, 5>(); // error: 5 groups do not divide 12 channels
/// ```
pub trait Share<const GROUPS: usize> {
    /// The `Const` of the channels of one group.
    type Out;
}

impl<const CHANNELS: usize, const GROUPS: usize, C, G, Q, S> Share<GROUPS> for Const<CHANNELS>
where
    Numbers: Number<CHANNELS, Uint = C> + Number<GROUPS, Uint = G>,
    C: Over<G, Out = Q>,
    Q: IsDivided<CHANNELS, GROUPS, Out: Answer<Const = S>>,
    S: QuotientIsKnown<CHANNELS, GROUPS>,
{
    type Out = S::Out;
}

/// The groups divide the channels.
#[diagnostic::on_unimplemented(
    message = "{GROUPS} groups do not divide {CHANNELS} channels",
    label = "both the input's and the output's channels must be a multiple of the groups"
)]
pub trait IsDivided<const CHANNELS: usize, const GROUPS: usize> {
    /// The channels of one group.
    type Out;
}

#[diagnostic::do_not_recommend]
impl<const CHANNELS: usize, const GROUPS: usize, Q> IsDivided<CHANNELS, GROUPS> for Yes<Q> {
    type Out = Q;
}

/// A kernel and a dilation of at least 1, as every window's, over an input of 28: `Const<3>: SameWindow<1, 28>`.
pub trait SameWindow<const DILATION: usize, const INPUT: usize> {}

impl<const KERNEL: usize, const DILATION: usize, const INPUT: usize, K, D> SameWindow<DILATION, INPUT> for Const<KERNEL>
where
    Numbers: Number<KERNEL, Uint = K> + Number<DILATION, Uint = D>,
    (K, U1, D): AllPositive<Out: Moves<KERNEL, 1, DILATION, INPUT>>,
{
}

/// A pool's padding is at most half its kernel: `Const<3>: Covers<1>`.
pub trait Covers<const PADDING: usize> {}

impl<const KERNEL: usize, const PADDING: usize, K, P> Covers<PADDING> for Const<KERNEL>
where
    Numbers: Number<KERNEL, Uint = K> + Number<PADDING, Uint = P>,
    P: Mul<U2, Output: IsLessOrEqual<K, Output: IsAtMostHalf<PADDING, KERNEL>>>,
{
}

/// The padding is at most half the kernel.
#[diagnostic::on_unimplemented(
    message = "a pool's padding of {PADDING} is more than half its kernel of {KERNEL}",
    label = "padding {PADDING}, kernel {KERNEL}"
)]
pub trait IsAtMostHalf<const PADDING: usize, const KERNEL: usize> {}

#[diagnostic::do_not_recommend]
impl<const PADDING: usize, const KERNEL: usize> IsAtMostHalf<PADDING, KERNEL> for B1 {}

/// The padding that mirrors the input is smaller than the input: `Const<3>: Mirrors<2>`.
pub trait Mirrors<const PADDING: usize> {}

impl<const INPUT: usize, const PADDING: usize, I, P> Mirrors<PADDING> for Const<INPUT>
where
    Numbers: Number<INPUT, Uint = I> + Number<PADDING, Uint = P>,
    P: IsLess<I, Output: IsMirrored<PADDING, INPUT>>,
{
}

/// The padding is smaller than the input.
#[diagnostic::on_unimplemented(
    message = "`Reflect` cannot pad an input of {INPUT} by {PADDING}",
    label = "the padding must be smaller than the input"
)]
pub trait IsMirrored<const PADDING: usize, const INPUT: usize> {}

#[diagnostic::do_not_recommend]
impl<const PADDING: usize, const INPUT: usize> IsMirrored<PADDING, INPUT> for B1 {}

/// The padding that repeats the input around is no larger than the input: `Const<3>: Wraps<3>`.
pub trait Wraps<const PADDING: usize> {}

impl<const INPUT: usize, const PADDING: usize, I, P> Wraps<PADDING> for Const<INPUT>
where
    Numbers: Number<INPUT, Uint = I> + Number<PADDING, Uint = P>,
    P: IsLessOrEqual<I, Output: IsWrapped<PADDING, INPUT>>,
{
}

/// The padding is no larger than the input.
#[diagnostic::on_unimplemented(
    message = "`Circular` cannot pad an input of {INPUT} by {PADDING}",
    label = "the padding must not be larger than the input"
)]
pub trait IsWrapped<const PADDING: usize, const INPUT: usize> {}

#[diagnostic::do_not_recommend]
impl<const PADDING: usize, const INPUT: usize> IsWrapped<PADDING, INPUT> for B1 {}

/// [`Mirrors`] for the padding of `Same`, whose larger side is half of `DILATION * (KERNEL - 1)`, rounded up.
pub trait MirrorsSame<const KERNEL: usize, const DILATION: usize> {}

// ⌈total / 2⌉ < INPUT is total + 1 < 2 · INPUT.
impl<const INPUT: usize, const KERNEL: usize, const DILATION: usize, I, K, D, Total, Twice> MirrorsSame<KERNEL, DILATION>
    for Const<INPUT>
where
    Numbers: Number<INPUT, Uint = I> + Number<KERNEL, Uint = K> + Number<DILATION, Uint = D>,
    (K, D): Reach<Out = Total>,
    I: Mul<U2, Output = Twice>,
    Total: Add<U1, Output: IsLess<Twice, Output: IsMirroredSame<KERNEL, DILATION, INPUT>>>,
{
}

/// The padding is smaller than the input.
#[diagnostic::on_unimplemented(
    message = "`Reflect` cannot pad an input of {INPUT} for a kernel of {KERNEL} (dilation {DILATION})",
    label = "the padding of each side must be smaller than the input"
)]
pub trait IsMirroredSame<const KERNEL: usize, const DILATION: usize, const INPUT: usize> {}

#[diagnostic::do_not_recommend]
impl<const KERNEL: usize, const DILATION: usize, const INPUT: usize> IsMirroredSame<KERNEL, DILATION, INPUT> for B1 {}

/// [`Wraps`] for the padding of `Same`, whose larger side is half of `DILATION * (KERNEL - 1)`, rounded up.
pub trait WrapsSame<const KERNEL: usize, const DILATION: usize> {}

// ⌈total / 2⌉ <= INPUT is total <= 2 · INPUT.
impl<const INPUT: usize, const KERNEL: usize, const DILATION: usize, I, K, D, Total, Twice> WrapsSame<KERNEL, DILATION>
    for Const<INPUT>
where
    Numbers: Number<INPUT, Uint = I> + Number<KERNEL, Uint = K> + Number<DILATION, Uint = D>,
    (K, D): Reach<Out = Total>,
    I: Mul<U2, Output = Twice>,
    Total: IsLessOrEqual<Twice, Output: IsWrappedSame<KERNEL, DILATION, INPUT>>,
{
}

/// The padding is no larger than the input.
#[diagnostic::on_unimplemented(
    message = "`Circular` cannot pad an input of {INPUT} for a kernel of {KERNEL} (dilation {DILATION})",
    label = "the padding of each side must not be larger than the input"
)]
pub trait IsWrappedSame<const KERNEL: usize, const DILATION: usize, const INPUT: usize> {}

#[diagnostic::do_not_recommend]
impl<const KERNEL: usize, const DILATION: usize, const INPUT: usize> IsWrappedSame<KERNEL, DILATION, INPUT> for B1 {}
