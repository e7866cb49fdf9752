//! Sums, differences of 1, products and quotients of dimensions.

use super::binary::Over;
use super::rules::{IsMultiple, ProductIsKnown, QuotientIsKnown, SumIsKnown};
use super::{Const, Number, Numbers};
use adamant_dims::Answer;
use core::ops::{Add, Mul, Sub};
use typenum::B1;

/// `A + B`, for concatenation: `Const<3>: Sum<Const<2>, Out = Const<5>>`.
pub trait Sum<B> {
    /// `Const<{A + B}>`.
    type Out;
}

impl<const A: usize, const B: usize, L, R, C> Sum<Const<B>> for Const<A>
where
    Numbers: Number<A, Uint = L> + Number<B, Uint = R>,
    L: Add<R, Output: Answer<Const = C>>,
    C: SumIsKnown<A, B>,
{
    type Out = C::Out;
}

/// `A - 1` for A of at least 1, for the frames of a window but one: `Const<3>: Previous<Out = Const<2>>`.
pub trait Previous {
    /// `Const<{A - 1}>`.
    type Out;
}

impl<const A: usize, L, C> Previous for Const<A>
where
    Numbers: Number<A, Uint = L>,
    L: Sub<B1, Output: Answer<Const = C>>,
{
    type Out = C;
}

/// `A * B`, for flattening: `Const<3>: Product<Const<2>, Out = Const<6>>`.
pub trait Product<B> {
    /// `Const<{A * B}>`.
    type Out;
}

impl<const A: usize, const B: usize, L, R, C> Product<Const<B>> for Const<A>
where
    Numbers: Number<A, Uint = L> + Number<B, Uint = R>,
    L: Mul<R, Output: Answer<Const = C>>,
    C: ProductIsKnown<A, B>,
{
    type Out = C::Out;
}

/// `A / B` without a remainder, for groups: `Const<12>: Quotient<Const<4>, Out = Const<3>>`.
///
/// ```compile_fail
/// # use adamant::shape::{Const, Quotient};
/// fn groups<A: Quotient<B>, B>() {}
/// groups::<Const<12>, Const<5>>(); // error: 12 is not a multiple of 5
/// ```
pub trait Quotient<B> {
    /// `Const<{A / B}>`.
    type Out;
}

impl<const A: usize, const B: usize, L, R, Q, C> Quotient<Const<B>> for Const<A>
where
    Numbers: Number<A, Uint = L> + Number<B, Uint = R>,
    L: Over<R, Out = Q>,
    Q: IsMultiple<A, B, Out: Answer<Const = C>>,
    C: QuotientIsKnown<A, B>,
{
    type Out = C::Out;
}
