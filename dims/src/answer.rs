//! The way back: from typenum's binary numbers to [`Const`], by looking digits up in tuples of types.
//!
//! Every trait here is total: it has an answer for any number, [`Unknown`] where the table ends. The one thing that can
//! fail is then the caller's own trait, whose message speaks of dimensions and not of binary digits.

use crate::Const;
use typenum::{B0, B1, UInt, UTerm};

/// What the table says of a number that it does not hold.
pub struct Unknown;

/// A page of 256 numbers: sixteen rows of sixteen. Implemented by the [`Digit`] that picks it among those of a quotient by 4,096.
pub trait Fine<Quotient> {
    /// A tuple of [`Row`]s, or of tuples of `Const` or [`Unknown`].
    type Rows;
}

/// A page of 4,096 numbers, most of them left out: sixteen rows of sixteen rows of sixteen. Implemented by its quotient by 4,096, from
/// 16 on.
pub trait Coarse {
    /// A tuple of tuples of tuples of `Const` or [`Unknown`].
    type Rows;
}

// A quotient of five digits or more.
impl<Q, E, D, C, B, A, Digits> Fine<UInt<Bits4<Q, E, D, C, B>, A>> for Digits
where
    UInt<Bits4<Q, E, D, C, B>, A>: Coarse,
    Digits: Digit<<UInt<Bits4<Q, E, D, C, B>, A> as Coarse>::Rows>,
{
    type Rows = Digits::Entry;
}

// Past the last page (quotients of more than eight digits) nothing is known.
impl<Q, I, H, G, F, E, D, C, B, A> Coarse for UInt<Bits8<Q, I, H, G, F, E, D, C, B>, A> {
    type Rows = All<All<Row0>>;
}

type All<T> = (T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T);
/// A row without numbers.
type Row0 = All<Unknown>;
/// A row that holds its first entry only, and `Or` elsewhere.
type Row1<T0, Or> = (T0, Or, Or, Or, Or, Or, Or, Or, Or, Or, Or, Or, Or, Or, Or, Or);
/// A row that holds each fourth entry.
type Row4<T0, T4, T8, TC, Or> = (T0, Or, Or, Or, T4, Or, Or, Or, T8, Or, Or, Or, TC, Or, Or, Or);
/// A row that holds each fourth number.
pub type Each4<const N0: usize, const N4: usize, const N8: usize, const NC: usize> =
    Row4<Const<N0>, Const<N4>, Const<N8>, Const<NC>, Unknown>;
/// A row of rows that hold a number each, in each fourth of them.
pub type By64<const N0: usize, const N4: usize, const N8: usize, const NC: usize> =
    Row4<Single<N0>, Single<N4>, Single<N8>, Single<NC>, Row0>;
/// The same, one level further out.
pub type By1024<const N0: usize, const N4: usize, const N8: usize, const NC: usize> =
    Row4<Row1<Single<N0>, Row0>, Row1<Single<N4>, Row0>, Row1<Single<N8>, Row0>, Row1<Single<NC>, Row0>, All<Row0>>;
type Single<const N: usize> = Row1<Const<N>, Unknown>;

/// Four binary digits, the highest first, as a position in a row of sixteen.
pub trait Digit<Row> {
    /// What stands there.
    type Entry;
}

/// A row of sixteen numbers. (As a tuple of `Const` it costs the compiler a third more.)
pub struct Row<
    const N0: usize,
    const N1: usize,
    const N2: usize,
    const N3: usize,
    const N4: usize,
    const N5: usize,
    const N6: usize,
    const N7: usize,
    const N8: usize,
    const N9: usize,
    const NA: usize,
    const NB: usize,
    const NC: usize,
    const ND: usize,
    const NE: usize,
    const NF: usize,
>;

macro_rules! digits {
    ($row:tt $numbers:tt: $($digit:tt $entry:ident $number:ident,)*) => {
        $(digits! { @one $row $numbers $digit $entry $number })*
    };
    (@one ($($t:ident)*) ($($n:ident)*) $digit:tt $entry:ident $number:ident) => {
        impl<$($t),*> Digit<($($t,)*)> for $digit {
            type Entry = $entry;
        }

        impl<$(const $n: usize),*> Digit<Row<$($n),*>> for $digit {
            type Entry = Const<$number>;
        }
    };
}

digits! { (T0 T1 T2 T3 T4 T5 T6 T7 T8 T9 TA TB TC TD TE TF) (N0 N1 N2 N3 N4 N5 N6 N7 N8 N9 NA NB NC ND NE NF):
    (B0, B0, B0, B0) T0 N0, (B0, B0, B0, B1) T1 N1, (B0, B0, B1, B0) T2 N2, (B0, B0, B1, B1) T3 N3,
    (B0, B1, B0, B0) T4 N4, (B0, B1, B0, B1) T5 N5, (B0, B1, B1, B0) T6 N6, (B0, B1, B1, B1) T7 N7,
    (B1, B0, B0, B0) T8 N8, (B1, B0, B0, B1) T9 N9, (B1, B0, B1, B0) TA NA, (B1, B0, B1, B1) TB NB,
    (B1, B1, B0, B0) TC NC, (B1, B1, B0, B1) TD ND, (B1, B1, B1, B0) TE NE, (B1, B1, B1, B1) TF NF,
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

impl<H, A: Fine<H>, B: Digit<A::Rows>, C: Digit<B::Entry>> Page<(A, B, C)> for H {
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

/// The count `4096 * High + Low` where that is past the results of the table. `High` may be a `Big` again.
pub struct Big<High, Low>(core::marker::PhantomData<(High, Low)>);

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
