//! How many elements a shape has.

use super::{Big, Const, Number, Numbers};
use crate::shape::{Rank, Shape};
use adamant_dims::Legible;
use core::ops::Mul;
use typenum::{Prod, Unsigned};

/// The number of elements of a nested array, for reshaping.
///
/// ```
/// # use adamant::shape::{Const, Elements};
/// fn twelve<S: Elements<Count = Const<12>>>() {}
/// twelve::<[[f32; 4]; 3]>();
/// twelve::<[[[f32; 3]; 2]; 2]>();
/// ```
#[diagnostic::on_unimplemented(message = "`{Self}` is not a nested array of numbers", label = "its elements cannot be counted")]
pub trait Elements {
    /// The count as the compiler should print it: a [`Const`] where the table holds it, else a [`Big`]. Equal for equal
    /// counts only. A vector's is its length, in the table or not.
    type Count;
}

/// The number of elements of a nested array as typenum writes it, however large.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a nested array of numbers", label = "its elements cannot be counted")]
pub trait ElementsUint {
    /// The count.
    type Uint: Unsigned;
}

/// Makes numbers count as one element, generic ones where generics stand before them.
macro_rules! one_element {
    ($($({$($generics:tt)*})? $scalar:ty)*) => { $(
        impl$(<$($generics)*>)? $crate::shape::CountedAt<$crate::shape::Rank<0>> for $scalar {
            type Count = $crate::shape::Const<1>;
        }

        impl$(<$($generics)*>)? $crate::shape::ElementsUint for $scalar {
            type Uint = typenum::U1;
        }
    )* };
}
#[allow(unused_imports, reason = "where numbers have instruction sets")]
pub(crate) use one_element;

one_element! { f32 f64 usize isize u8 u16 u32 u64 i8 i16 i32 i64 bool }

impl<S: Shape + CountedAt<S::Rank>> Elements for S {
    type Count = S::Count;
}

/// As [`Elements`], of a known number of dimensions: so the compiler looks into one impl, and says what is wrong there.
pub trait CountedAt<R> {
    /// As [`Elements::Count`].
    type Count;
}

impl<T, const N: usize> CountedAt<Rank<1>> for [T; N] {
    type Count = Const<N>;
}

// The counts stand here as projections, not as parameters that are bound to them: the compiler then knows them before it looks at
// what comes after, and says that a layer cannot take so many numbers rather than that a count should have been another.
macro_rules! counted {
    ($($rank:literal)+) => {$(
        impl<A, const N: usize> CountedAt<Rank<$rank>> for [A; N]
        where
            Self: ElementsUint<Uint: Legible>,
        {
            type Count = <<Self as ElementsUint>::Uint as Legible>::Count;
        }
    )+};
}
counted! { 2 3 4 5 6 7 8 }

impl<A: ElementsUint, const N: usize, R> ElementsUint for [A; N]
where
    Numbers: Number<N, Uint = R>,
    A::Uint: Mul<R, Output: Unsigned>,
{
    type Uint = Prod<A::Uint, <Numbers as Number<N>>::Uint>;
}

/// A shape with as many elements as `R`: what `reshape` asks for.
///
/// ```compile_fail
/// # use adamant::shape::ReshapeTo;
/// fn reshape<S: ReshapeTo<R>, R>() {}
/// reshape::<[[f32; 4]; 3], [[f32; 6]; 2]>();
/// reshape::<[[f32; 4]; 3], [[f32; 5]; 2]>(); // error: cannot reshape `[[f32; 4]; 3]` into `[[f32; 5]; 2]`
/// ```
pub trait ReshapeTo<R> {}

impl<S: Elements<Count: SameCount<R::Count, S, R>>, R: Elements> ReshapeTo<R> for S {}

/// Two shapes' counts are equal. Counts that are both `Const` are handed on as numbers, for the message.
pub trait SameCount<Count, From, To> {}

impl<const EXPECTED: usize, const FOUND: usize, From, To> SameCount<Const<FOUND>, From, To> for Const<EXPECTED> where
    Numbers: SameNumber<EXPECTED, FOUND, From, To>
{
}
// What the table lacks may be a vector's length and the product of the other shape's dimensions, and the same. So the former must be
// an operand: then its own count is never a `Big`.
impl<const N: usize, U, High, Low, From, To> SameCount<Big<High, Low>, From, To> for Const<N>
where
    Numbers: Number<N, Uint = U>,
    U: SameBig<Self, Big<High, Low>, From, To>,
{
}
impl<const N: usize, U, High, Low, From, To> SameCount<Const<N>, From, To> for Big<High, Low>
where
    Numbers: Number<N, Uint = U>,
    U: SameBig<Self, Const<N>, From, To>,
{
}
impl<High, Low, High2, Low2, From, To> SameCount<Big<High2, Low2>, From, To> for Big<High, Low> where
    Numbers: SameBig<Self, Big<High2, Low2>, From, To>
{
}

/// `EXPECTED == FOUND`.
#[diagnostic::on_unimplemented(
    message = "cannot reshape `{From}` into `{To}`: {EXPECTED} elements are not {FOUND}",
    label = "expected {EXPECTED} elements, found {FOUND}"
)]
pub trait SameNumber<const EXPECTED: usize, const FOUND: usize, From, To> {}

#[diagnostic::do_not_recommend]
impl<const N: usize, From, To> SameNumber<N, N, From, To> for Numbers {}

/// `Expected == Found`.
#[diagnostic::on_unimplemented(
    message = "cannot reshape `{From}` into `{To}`: the numbers of elements differ",
    label = "expected `{Expected}` elements, found `{Found}`",
    note = "`Big<High, Low>` is 4096 * High + Low"
)]
pub trait SameBig<Expected, Found, From, To> {}

#[diagnostic::do_not_recommend]
impl<Count, From, To> SameBig<Count, Count, From, To> for Numbers {}

/// The length of a nested array that is laid out flat: `[[f32; 4]; 3]: Flattened<Out = Const<12>>`.
pub trait Flattened {
    /// The `Const` of its number of elements.
    type Out;
}

impl<S: Elements<Count: FlatIsKnown<S>>> Flattened for S {
    type Out = <S::Count as FlatIsKnown<S>>::Out;
}

/// The table holds the number of elements.
#[diagnostic::on_unimplemented(
    message = "`{S}` has more elements than the dimensions that adamant knows",
    label = "cannot be flattened",
    note = "a result can be any number up to 16,384, a multiple of 4 up to 65,536, of 64 up to 262,144 or of 1,024 up to 1,048,576",
    note = "any other number up to 65,536 can be added: list it in the environment variable `ADAMANT_SIZES` where you build (in `.cargo/config.toml`, say), or take all of them with adamant's feature `all-sizes`"
)]
pub trait FlatIsKnown<S> {
    /// The length.
    type Out;
}

#[diagnostic::do_not_recommend]
impl<S, const N: usize> FlatIsKnown<S> for Const<N> {
    type Out = Self;
}
