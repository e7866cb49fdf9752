//! Sums, products and quotients of dimensions.

use super::binary::Over;
use super::{Const, Number, Numbers, Yes};
use adamant_dims::Answer;
use core::ops::{Add, Mul};

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

/// The table holds `A + B`.
#[diagnostic::on_unimplemented(
    message = "{A} + {B} is past the dimensions that adamant knows",
    label = "this needs a dimension of {A} + {B}",
    note = "a result can be any number up to 16,384, a multiple of 4 up to 65,536, of 64 up to 262,144 or of 1,024 up to 1,048,576",
    note = "any other number up to 65,536 can be added: list it in the environment variable `ADAMANT_SIZES` where you build (in `.cargo/config.toml`, say), or take all of them with adamant's feature `all-sizes`"
)]
pub trait SumIsKnown<const A: usize, const B: usize> {
    /// The sum.
    type Out;
}

#[diagnostic::do_not_recommend]
impl<const A: usize, const B: usize, const C: usize> SumIsKnown<A, B> for Const<C> {
    type Out = Self;
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

/// The table holds `A * B`.
#[diagnostic::on_unimplemented(
    message = "{A} * {B} is past the dimensions that adamant knows",
    label = "this needs a dimension of {A} * {B}",
    note = "a result can be any number up to 16,384, a multiple of 4 up to 65,536, of 64 up to 262,144 or of 1,024 up to 1,048,576",
    note = "any other number up to 65,536 can be added: list it in the environment variable `ADAMANT_SIZES` where you build (in `.cargo/config.toml`, say), or take all of them with adamant's feature `all-sizes`"
)]
pub trait ProductIsKnown<const A: usize, const B: usize> {
    /// The product.
    type Out;
}

#[diagnostic::do_not_recommend]
impl<const A: usize, const B: usize, const C: usize> ProductIsKnown<A, B> for Const<C> {
    type Out = Self;
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

/// The table holds `A / B`.
#[diagnostic::on_unimplemented(
    message = "{A} / {B} is past the dimensions that adamant knows",
    label = "this needs a dimension of {A} / {B}",
    note = "a result can be any number up to 16,384, a multiple of 4 up to 65,536, of 64 up to 262,144 or of 1,024 up to 1,048,576",
    note = "any other number up to 65,536 can be added: list it in the environment variable `ADAMANT_SIZES` where you build (in `.cargo/config.toml`, say), or take all of them with adamant's feature `all-sizes`"
)]
pub trait QuotientIsKnown<const A: usize, const B: usize> {
    /// The quotient.
    type Out;
}

#[diagnostic::do_not_recommend]
impl<const A: usize, const B: usize, const C: usize> QuotientIsKnown<A, B> for Const<C> {
    type Out = Self;
}

/// `B` divides `A`.
#[diagnostic::on_unimplemented(message = "{A} is not a multiple of {B}", label = "{B} does not divide {A}")]
pub trait IsMultiple<const A: usize, const B: usize> {
    /// The quotient.
    type Out;
}

#[diagnostic::do_not_recommend]
impl<const A: usize, const B: usize, Q> IsMultiple<A, B> for Yes<Q> {
    type Out = Q;
}
