//! Limits that the settings of convolutions and pools must keep, checked by the type checker.

use super::binary::Over;
use super::rules::{IsAtMostHalf, IsDivided, IsMirrored, IsMirroredSame, IsWrapped, IsWrappedSame, QuotientIsKnown};
use super::window::{AllPositive, Moves, Reach};
use super::{Const, Number, Numbers};
use adamant_dims::Answer;
use core::ops::{Add, Mul};
use typenum::{IsLess, IsLessOrEqual, U1, U2};

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

/// The padding that mirrors the input is smaller than the input: `Const<3>: Mirrors<2>`.
pub trait Mirrors<const PADDING: usize> {}

impl<const INPUT: usize, const PADDING: usize, I, P> Mirrors<PADDING> for Const<INPUT>
where
    Numbers: Number<INPUT, Uint = I> + Number<PADDING, Uint = P>,
    P: IsLess<I, Output: IsMirrored<PADDING, INPUT>>,
{
}

/// The padding that repeats the input around is no larger than the input: `Const<3>: Wraps<3>`.
pub trait Wraps<const PADDING: usize> {}

impl<const INPUT: usize, const PADDING: usize, I, P> Wraps<PADDING> for Const<INPUT>
where
    Numbers: Number<INPUT, Uint = I> + Number<PADDING, Uint = P>,
    P: IsLessOrEqual<I, Output: IsWrapped<PADDING, INPUT>>,
{
}

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
