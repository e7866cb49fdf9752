//! Arithmetic on binary digits as types, where typenum has none or a slow one.

use super::{No, Yes};
use typenum::{B0, B1, UInt, UTerm};

/// Subtraction from the lowest binary digit up: [`Yes`] with `Self - B - Borrow`, or [`No`] where that is negative.
pub trait Less<B, Borrow> {
    /// `Yes` or `No`.
    type Out;
}

impl Less<UTerm, B0> for UTerm {
    type Out = Yes<UTerm>;
}
impl Less<UTerm, B1> for UTerm {
    type Out = No;
}
impl<B, Bit, Borrow> Less<UInt<B, Bit>, Borrow> for UTerm {
    type Out = No;
}
impl<A, Bit> Less<UTerm, B0> for UInt<A, Bit> {
    type Out = Yes<Self>;
}
impl<A: Append<B0>> Less<UTerm, B1> for UInt<A, B1> {
    type Out = Yes<A::Out>;
}
impl<A: Less<UTerm, B1, Out: Append<B1>>> Less<UTerm, B1> for UInt<A, B0> {
    type Out = Appended<A::Out, B1>;
}

macro_rules! less {
    ($($a:ident - $b:ident - $borrow:ident = $digit:ident, $next:ident;)*) => { $(
        impl<A: Less<B, $next, Out: Append<$digit>>, B> Less<UInt<B, $b>, $borrow> for UInt<A, $a> {
            type Out = Appended<A::Out, $digit>;
        }
    )* };
}
less! {
    B0 - B0 - B0 = B0, B0;
    B0 - B0 - B1 = B1, B1;
    B0 - B1 - B0 = B1, B1;
    B0 - B1 - B1 = B0, B1;
    B1 - B0 - B0 = B1, B0;
    B1 - B0 - B1 = B0, B0;
    B1 - B1 - B0 = B0, B0;
    B1 - B1 - B1 = B1, B1;
}

pub type One = UInt<UTerm, B1>;

/// `floor(Self / B)`. typenum has it too, but takes 14 ms for each; strides of 1 and 2 are all but free here.
pub trait Floor<B> {
    /// A typenum number.
    type Out;
}

impl<A> Floor<One> for A {
    type Out = A;
}
impl<A: Halves, B, Bit> Floor<UInt<UInt<B, Bit>, B0>> for A
where
    A::Half: Floor<UInt<B, Bit>>,
{
    type Out = <A::Half as Floor<UInt<B, Bit>>>::Out;
}
impl<A, B, Bit> Floor<UInt<UInt<B, Bit>, B1>> for A
where
    A: Long<UInt<UInt<B, Bit>, B1>>,
{
    type Out = A::Quotient;
}

/// [`Yes`] with `Self / B`, or [`No`] where that leaves a remainder or `B` is 0.
pub trait Over<B> {
    /// `Yes` or `No`.
    type Out;
}

impl<A> Over<UTerm> for A {
    type Out = No;
}
impl<A> Over<One> for A {
    type Out = Yes<A>;
}
impl<A: Halves, B, Bit> Over<UInt<UInt<B, Bit>, B0>> for A
where
    A::Odd: IfEven<A::Half, UInt<B, Bit>>,
{
    type Out = <A::Odd as IfEven<A::Half, UInt<B, Bit>>>::Out;
}
impl<A, B, Bit> Over<UInt<UInt<B, Bit>, B1>> for A
where
    A: Long<UInt<UInt<B, Bit>, B1>>,
    A::Remainder: IfZero<A::Quotient>,
{
    type Out = <A::Remainder as IfZero<A::Quotient>>::Out;
}

/// `2 * Half + Odd`.
pub trait Halves {
    /// A typenum number.
    type Half;
    /// A bit.
    type Odd;
}

impl Halves for UTerm {
    type Half = UTerm;
    type Odd = B0;
}
impl<A, A0> Halves for UInt<A, A0> {
    type Half = A;
    type Odd = A0;
}

/// `A / B` if `Self` is 0.
pub trait IfEven<A, B> {
    /// `Yes` or `No`.
    type Out;
}

impl<A: Over<B>, B> IfEven<A, B> for B0 {
    type Out = A::Out;
}
impl<A, B> IfEven<A, B> for B1 {
    type Out = No;
}

/// [`Yes`] with `T` if `Self` is 0, else [`No`].
pub trait IfZero<T> {
    /// `Yes` or `No`.
    type Out;
}

impl<T> IfZero<T> for UTerm {
    type Out = Yes<T>;
}
impl<R, R0, T> IfZero<T> for UInt<R, R0> {
    type Out = No;
}

/// Long division, a binary digit at a time.
pub trait Long<B> {
    /// A typenum number.
    type Quotient;
    /// A typenum number, less than `B`.
    type Remainder;
}

impl<B> Long<B> for UTerm {
    type Quotient = UTerm;
    type Remainder = UTerm;
}
impl<A: Long<B>, Bit, B> Long<B> for UInt<A, Bit>
where
    A::Remainder: Append<Bit, Out: Less<B, B0>>,
    LessOf<Appended<A::Remainder, Bit>, B>: Bring<A::Quotient, Appended<A::Remainder, Bit>>,
{
    type Quotient = <LessOf<Appended<A::Remainder, Bit>, B> as Bring<A::Quotient, Appended<A::Remainder, Bit>>>::Quotient;
    type Remainder = <LessOf<Appended<A::Remainder, Bit>, B> as Bring<A::Quotient, Appended<A::Remainder, Bit>>>::Remainder;
}

type LessOf<A, B> = <A as Less<B, B0>>::Out;

/// Brings down a digit: `Self` is `Remainder - B`.
pub trait Bring<Quotient, Remainder> {
    /// A typenum number, one digit longer.
    type Quotient;
    /// A typenum number, less than `B`.
    type Remainder;
}

impl<Q: Append<B0>, R> Bring<Q, R> for No {
    type Quotient = Q::Out;
    type Remainder = R;
}
impl<Q: Append<B1>, R, Rest> Bring<Q, R> for Yes<Rest> {
    type Quotient = Q::Out;
    type Remainder = Rest;
}

/// `2 * Self + Bit`, without leading zeros; of an answer if there is one.
pub trait Append<Bit> {
    /// A typenum number, `Yes` or `No`.
    type Out;
}

type Appended<N, Bit> = <N as Append<Bit>>::Out;

impl Append<B0> for UTerm {
    type Out = UTerm;
}
impl Append<B1> for UTerm {
    type Out = One;
}
impl<N, N0, Bit> Append<Bit> for UInt<N, N0> {
    type Out = UInt<Self, Bit>;
}
impl<N: Append<Bit>, Bit> Append<Bit> for Yes<N> {
    type Out = Yes<N::Out>;
}
impl<Bit> Append<Bit> for No {
    type Out = No;
}
