//! The way back: from typenum's binary numbers to [`Const`], by looking digits up in tuples of types.
//!
//! Every trait here is total: it has an answer for any number, [`Unknown`] where the table ends. The one thing that can
//! fail is then the caller's own trait, whose message speaks of dimensions and not of binary digits.

use super::{Big, Const};
use typenum::{B0, B1, UInt, UTerm};

/// What the table says of a number that it does not hold.
pub struct Unknown;

/// A page of 256 consecutive numbers: sixteen rows of sixteen. Implemented by the [`Digit`] that picks it.
pub trait Fine {
    /// A tuple of tuples of `Const`.
    type Rows;
}

/// A page of 4,096 numbers with gaps: sixteen rows of sixteen rows of sixteen. Implemented by its quotient by 4,096.
pub trait Coarse {
    /// A tuple of tuples of tuples of `Const` or [`Unknown`].
    type Rows;
}

// Past the last page (quotients of more than four digits) nothing is known.
impl<Q, E, D, C, B, A> Coarse for UInt<Bits4<Q, E, D, C, B>, A> {
    type Rows = All<All<Row0>>;
}

type All<T> = (T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T);
/// A row without numbers.
type Row0 = All<Unknown>;
/// A row that holds its first number only, and `Or` elsewhere.
pub type Row1<T0, Or = Unknown> = (T0, Or, Or, Or, Or, Or, Or, Or, Or, Or, Or, Or, Or, Or, Or, Or);
/// A row that holds each eighth number.
pub type Row2<T0, T8, Or = Unknown> = (T0, Or, Or, Or, Or, Or, Or, Or, T8, Or, Or, Or, Or, Or, Or, Or);
/// A row of rows that holds each fourth one.
pub type Row4<T0, T4, T8, TC, Or = Row0> = (T0, Or, Or, Or, T4, Or, Or, Or, T8, Or, Or, Or, TC, Or, Or, Or);

/// Four binary digits, the highest first, as a position in a row of sixteen.
pub trait Digit<Row> {
    /// What stands there.
    type Entry;
}

macro_rules! digits {
    ($row:tt: $($digit:tt $entry:ident,)*) => { $(digits! { @one $row $digit $entry })* };
    (@one ($($t:ident)*) $digit:tt $entry:ident) => {
        impl<$($t),*> Digit<($($t,)*)> for $digit {
            type Entry = $entry;
        }
    };
}

digits! { (T0 T1 T2 T3 T4 T5 T6 T7 T8 T9 TA TB TC TD TE TF):
    (B0, B0, B0, B0) T0, (B0, B0, B0, B1) T1, (B0, B0, B1, B0) T2, (B0, B0, B1, B1) T3,
    (B0, B1, B0, B0) T4, (B0, B1, B0, B1) T5, (B0, B1, B1, B0) T6, (B0, B1, B1, B1) T7,
    (B1, B0, B0, B0) T8, (B1, B0, B0, B1) T9, (B1, B0, B1, B0) TA, (B1, B0, B1, B1) TB,
    (B1, B1, B0, B0) TC, (B1, B1, B0, B1) TD, (B1, B1, B1, B0) TE, (B1, B1, B1, B1) TF,
}

/// A number as `4096 * High + Low`. typenum's numbers have their lowest digit outermost, so no division is needed.
pub trait Split {
    /// A typenum number.
    type High;
    /// Three [`Digit`]s, the highest first.
    type Low;
}

type Bits4<Q, D, C, B, A> = UInt<UInt<UInt<UInt<Q, D>, C>, B>, A>;
type Bits8<Q, H, G, F, E, D, C, B, A> = Bits4<Bits4<Q, H, G, F, E>, D, C, B, A>;
type Bits12<Q, L, K, J, I, H, G, F, E, D, C, B, A> = Bits8<Bits4<Q, L, K, J, I>, H, G, F, E, D, C, B, A>;
type Zero = (B0, B0, B0, B0);
type One = UInt<UTerm, B1>;

macro_rules! split {
    ($([$($digit:ident)*] $number:ty = $high:ty: $d2:ty, $d1:ty, $d0:ty;)*) => { $(
        impl<$($digit),*> Split for $number {
            type High = $high;
            type Low = ($d2, $d1, $d0);
        }
    )* };
}

split! {
    [] UTerm = UTerm: Zero, Zero, Zero;
    [] One = UTerm: Zero, Zero, (B0, B0, B0, B1);
    [A] UInt<One, A> = UTerm: Zero, Zero, (B0, B0, B1, A);
    [B A] UInt<UInt<One, B>, A> = UTerm: Zero, Zero, (B0, B1, B, A);
    [C B A] UInt<UInt<UInt<One, C>, B>, A> = UTerm: Zero, Zero, (B1, C, B, A);
    [D C B A] Bits4<One, D, C, B, A> = UTerm: Zero, (B0, B0, B0, B1), (D, C, B, A);
    [E D C B A] Bits4<UInt<One, E>, D, C, B, A> = UTerm: Zero, (B0, B0, B1, E), (D, C, B, A);
    [F E D C B A] Bits4<UInt<UInt<One, F>, E>, D, C, B, A> = UTerm: Zero, (B0, B1, F, E), (D, C, B, A);
    [G F E D C B A] Bits4<UInt<UInt<UInt<One, G>, F>, E>, D, C, B, A> = UTerm: Zero, (B1, G, F, E), (D, C, B, A);
    [H G F E D C B A] Bits8<One, H, G, F, E, D, C, B, A> = UTerm: (B0, B0, B0, B1), (H, G, F, E), (D, C, B, A);
    [I H G F E D C B A] Bits8<UInt<One, I>, H, G, F, E, D, C, B, A>
        = UTerm: (B0, B0, B1, I), (H, G, F, E), (D, C, B, A);
    [J I H G F E D C B A] Bits8<UInt<UInt<One, J>, I>, H, G, F, E, D, C, B, A>
        = UTerm: (B0, B1, J, I), (H, G, F, E), (D, C, B, A);
    [K J I H G F E D C B A] Bits8<UInt<UInt<UInt<One, K>, J>, I>, H, G, F, E, D, C, B, A>
        = UTerm: (B1, K, J, I), (H, G, F, E), (D, C, B, A);
    [Q M L K J I H G F E D C B A] Bits12<UInt<Q, M>, L, K, J, I, H, G, F, E, D, C, B, A>
        = UInt<Q, M>: (L, K, J, I), (H, G, F, E), (D, C, B, A);
}

/// Looks the low digits up in the page that the high part (`Self`) names.
pub trait Page<Low> {
    /// `Const` or [`Unknown`].
    type Entry;
}

impl<A: Fine, B: Digit<A::Rows>, C: Digit<B::Entry>> Page<(A, B, C)> for UTerm {
    type Entry = C::Entry;
}

impl<H, M, A, B, C> Page<(A, B, C)> for UInt<H, M>
where
    Self: Coarse,
    A: Digit<<Self as Coarse>::Rows>,
    B: Digit<A::Entry>,
    C: Digit<B::Entry>,
{
    type Entry = C::Entry;
}

/// A typenum number as `Const`, or [`Unknown`].
pub trait Answer {
    /// `Const` or [`Unknown`].
    type Const;
}

impl<N: Split<High: Page<N::Low>>> Answer for N {
    type Const = <N::High as Page<N::Low>>::Entry;
}

/// A typenum number as a type that reads well: [`Const`] where the table holds it, else [`Big`]. Equal numbers
/// give equal types and different numbers different ones.
pub trait Legible {
    /// `Const` or `Big`.
    type Count;
}

impl<N: Answer<Const: OrBig<N>>> Legible for N {
    type Count = <N::Const as OrBig<N>>::Count;
}

/// `Self`, or [`Big`] if that is [`Unknown`].
pub trait OrBig<N> {
    /// `Const` or `Big`.
    type Count;
}

impl<N, const C: usize> OrBig<N> for Const<C> {
    type Count = Self;
}

impl<N: Split<High: Legible>> OrBig<N> for Unknown
where
    UTerm: Page<N::Low>,
{
    type Count = Big<<N::High as Legible>::Count, <UTerm as Page<N::Low>>::Entry>;
}
