//! Arithmetic on dimensions in the type checker.
//!
//! `{(H + 2 * P - K) / S + 1}` in a type needs a nightly compiler; traits compute the same on stable. A table gives
//! each number its binary form as a type, typenum computes, the table gives the answer back as a [`Const`]. (The table is the
//! crate `adamant-dims`.) An impl may introduce the answer as a const parameter, since an associated type fixes it:
//!
//! ```
//! use adamant::shape::{Const, Window};
//!
//! /// Averages of three neighbours.
//! fn blur<const T: usize, const OT: usize>(x: &[f32; T]) -> [f32; OT]
//! where
//!     Const<T>: Window<Const<3>, Const<1>, Const<0>, Const<1>, Out = Const<OT>>,
//! {
//!     core::array::from_fn(|t| (x[t] + x[t + 1] + x[t + 2]) / 3.0)
//! }
//! assert_eq!(blur(&[1.0, 2.0, 3.0, 4.0]), [2.0, 3.0]);
//! ```
//!
//! Nothing here holds for all numbers ([`Dim`] says for which), so a function that is generic over a dimension carries
//! the bound, as `blur` does.
//!
//! # How errors are worded
//!
//! The compiler blames the innermost trait that fails. So every step is total (`No` or `Unknown` where there is no
//! answer) but one per rule: a trait such as [`Fits`] that accepts only an answer, has the numbers as const parameters,
//! which print as numbers, and says in words what is wrong. Its `Self` must not be the operand: where the innermost and
//! the outermost trait share their `Self`, the compiler prints the outermost.

mod ceil;
mod limits;

pub use adamant_dims::{Big, Const, Meet, Number, Numbers};
pub use ceil::CeilWindow;
pub use limits::{Covers, Mirrors, MirrorsSame, SameWindow, Share, Wraps, WrapsSame};

use super::{Rank, Shape};
use adamant_dims::{Answer, Legible};
use core::ops::{Add, Mul, Sub};
use typenum::{Add1, B0, B1, IsLess, Max, Prod, Sub1, UInt, UTerm, Unsigned};

/// A dimension that adamant can compute with.
///
/// | | as an operand (`Dim`) | as a result |
/// |---|---|---|
/// | every number up to | 4,096 | 16,384 |
/// | multiples of 4 up to | | 65,536 |
/// | multiples of 64 and of 100 up to | 65,536 | |
/// | multiples of 64 up to | | 262,144 |
/// | multiples of 1,024 up to | | 1,048,576 |
/// | every number up to, with the feature `all-sizes` | 65,536 | 65,536 |
///
/// The feature is for few, since its table takes the compiler a hundred seconds, once a build directory. What costs next to
/// nothing is to name the numbers: where the environment variable `ADAMANT_SIZES` is `44101,48001` when the table is compiled (in
/// `.cargo/config.toml`: `[env]`, `ADAMANT_SIZES = "44101,48001"`), these are operands and results, too.
///
/// ```compile_fail
/// # use adamant::shape::{Const, Dim};
/// fn operand<D: Dim>() {}
/// operand::<Const<48_000>>();
/// operand::<Const<48_001>>(); // error: adamant cannot compute with a dimension of 48001
/// ```
pub trait Dim {
    /// The number as typenum writes it.
    type Uint: Unsigned;
}

impl<const N: usize, U: Unsigned> Dim for Const<N>
where
    Numbers: Number<N, Uint = U>,
{
    type Uint = U;
}

type ConstOf<U> = <U as Answer>::Const;

/// An answer, where there is one.
pub struct Yes<T>(T);

/// No answer.
pub struct No;

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

/// The length of a convolution's or a pool's output, as [PyTorch] has it:
/// `floor((INPUT + 2 * PADDING - DILATION * (KERNEL - 1) - 1) / STRIDE) + 1`.
///
/// Fails where kernel, stride or dilation is 0 and where the kernel is larger than its padded input.
///
/// ```compile_fail
/// # use adamant::shape::{Const, Window};
/// fn slide<Input: Window<Const<7>, Const<1>, Const<0>, Const<1>>>() {}
/// slide::<Const<28>>();
/// slide::<Const<5>>(); // error: a kernel of 7 (dilation 1) does not fit an input of 5
/// ```
///
/// [PyTorch]: https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv1d.html
pub trait Window<Kernel, Stride, Padding, Dilation> {
    /// The output's `Const`.
    type Out;
}

impl<const INPUT: usize, const PADDING: usize, P, Total, Kernel, Stride, Dilation>
    Window<Kernel, Stride, Const<PADDING>, Dilation> for Const<INPUT>
where
    Numbers: Number<PADDING, Uint = P>,
    P: Add<P, Output: Answer<Const = Total>>,
    Total: SumIsKnown<PADDING, PADDING>,
    Self: PaddedWindow<Kernel, Stride, Total, Dilation>,
{
    type Out = <Self as PaddedWindow<Kernel, Stride, Total, Dilation>>::Out;
}

/// [`Window`] with the padding of both sides given as its sum, which is all the rule needs: for sides that differ.
pub trait PaddedWindow<Kernel, Stride, TotalPadding, Dilation> {
    /// The output's `Const`.
    type Out;
}

impl<
    const INPUT: usize,
    const KERNEL: usize,
    const STRIDE: usize,
    const PADDING: usize,
    const DILATION: usize,
    I,
    K0,
    S0,
    P,
    D0,
    K,
    S,
    D,
    Last,
    C,
> PaddedWindow<Const<KERNEL>, Const<STRIDE>, Const<PADDING>, Const<DILATION>> for Const<INPUT>
where
    Numbers: Number<INPUT, Uint = I>
        + Number<KERNEL, Uint = K0>
        + Number<STRIDE, Uint = S0>
        + Number<PADDING, Uint = P>
        + Number<DILATION, Uint = D0>,
    (K0, S0, D0): AllPositive<Sizes = (K, S, D)>,
    I: Knowing<<(K0, S0, D0) as AllPositive>::Out, Out: Moves<KERNEL, STRIDE, DILATION>>,
    (K, D): Reach<Out = Last>,
    I: Add<P, Output: Less<Last, B1, Out: Fits<INPUT, KERNEL, PADDING, DILATION, Out: Steps<S, Out = C>>>>,
    C: WindowIsKnown<INPUT, KERNEL, STRIDE, PADDING, DILATION>,
{
    type Out = C::Out;
}

/// `T`, as soon as `Self` is known. What is wrong for every input is then said of the input that is given: said before, it would be a
/// method that is not found, and no reason.
pub trait Knowing<T> {
    /// `T`.
    type Out;
}

impl<T> Knowing<T> for UTerm {
    type Out = T;
}
impl<N, Bit, T> Knowing<T> for UInt<N, Bit> {
    type Out = T;
}

/// Kernel, stride and dilation are at least 1.
#[diagnostic::on_unimplemented(
    message = "a window needs a kernel, a stride and a dilation of at least 1, not {KERNEL}, {STRIDE} and {DILATION}",
    label = "kernel {KERNEL}, stride {STRIDE}, dilation {DILATION}"
)]
pub trait Moves<const KERNEL: usize, const STRIDE: usize, const DILATION: usize> {}

#[diagnostic::do_not_recommend]
impl<const KERNEL: usize, const STRIDE: usize, const DILATION: usize, T> Moves<KERNEL, STRIDE, DILATION> for Yes<T> {}

/// The kernel is no larger than its padded input.
#[diagnostic::on_unimplemented(
    message = "a kernel of {KERNEL} (dilation {DILATION}) does not fit an input of {INPUT} (padding {PADDING} in all)",
    label = "the kernel is larger than its padded input"
)]
pub trait Fits<const INPUT: usize, const KERNEL: usize, const PADDING: usize, const DILATION: usize> {
    /// By how much.
    type Out;
}

#[diagnostic::do_not_recommend]
impl<const INPUT: usize, const KERNEL: usize, const PADDING: usize, const DILATION: usize, R>
    Fits<INPUT, KERNEL, PADDING, DILATION> for Yes<R>
{
    type Out = R;
}

/// The table holds the window's output.
#[diagnostic::on_unimplemented(
    message = "the output of this window is past the dimensions that adamant knows",
    label = "input {INPUT} (padding {PADDING} in all), kernel {KERNEL}, stride {STRIDE}, dilation {DILATION}",
    note = "a result can be any number up to 16,384, a multiple of 4 up to 65,536, of 64 up to 262,144 or of 1,024 up to 1,048,576",
    note = "any other number up to 65,536 can be added: list it in the environment variable `ADAMANT_SIZES` where you build (in `.cargo/config.toml`, say), or take all of them with adamant's feature `all-sizes`"
)]
pub trait WindowIsKnown<
    const INPUT: usize,
    const KERNEL: usize,
    const STRIDE: usize,
    const PADDING: usize,
    const DILATION: usize,
>
{
    /// The output.
    type Out;
}

#[diagnostic::do_not_recommend]
impl<const INPUT: usize, const KERNEL: usize, const STRIDE: usize, const PADDING: usize, const DILATION: usize, const N: usize>
    WindowIsKnown<INPUT, KERNEL, STRIDE, PADDING, DILATION> for Const<N>
{
    type Out = Self;
}

/// The length of a transposed convolution's output, as [PyTorch] has it:
/// `(INPUT - 1) * STRIDE - 2 * PADDING + DILATION * (KERNEL - 1) + OUTPUT_PADDING + 1`.
///
/// Fails where input, kernel, stride or dilation is 0, where the output padding is smaller than neither stride nor
/// dilation, and where the padding leaves no output.
///
/// [PyTorch]: https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose1d.html
pub trait TransposedWindow<Kernel, Stride, Padding, Dilation, OutputPadding> {
    /// The output's `Const`.
    type Out;
}

impl<
    const INPUT: usize,
    const KERNEL: usize,
    const STRIDE: usize,
    const PADDING: usize,
    const DILATION: usize,
    const OUTPUT_PADDING: usize,
    I,
    K0,
    S0,
    P,
    D0,
    O,
    K,
    S,
    D,
    Larger,
    Last,
    Reached,
    Grown,
    C,
> TransposedWindow<Const<KERNEL>, Const<STRIDE>, Const<PADDING>, Const<DILATION>, Const<OUTPUT_PADDING>> for Const<INPUT>
where
    Numbers: Number<INPUT, Uint = I>
        + Number<KERNEL, Uint = K0>
        + Number<STRIDE, Uint = S0>
        + Number<PADDING, Uint = P>
        + Number<DILATION, Uint = D0>
        + Number<OUTPUT_PADDING, Uint = O>,
    (K0, S0, D0): AllPositive<Sizes = (K, S, D)>,
    I: Knowing<<(K0, S0, D0) as AllPositive>::Out, Out: Moves<KERNEL, STRIDE, DILATION>>,
    S: Max<D, Output = Larger>,
    O: IsLess<Larger>,
    I: Knowing<<O as IsLess<Larger>>::Output, Out: OutputPaddingIsSmaller<OUTPUT_PADDING, STRIDE, DILATION>>,
    I: Less<UTerm, B1, Out: IsNotEmpty<Out = Last>>,
    (K, D): Reach<Out = Reached>,
    Last: Mul<S, Output: Add<Reached, Output: Add<O, Output: Add<B1, Output = Grown>>>>,
    P: Add<P>,
    Grown: Less<
            typenum::Sum<P, P>,
            B1,
            Out: Leaves<INPUT, KERNEL, STRIDE, PADDING, DILATION, OUTPUT_PADDING, Out: Steps<typenum::U1, Out = C>>,
        >,
    C: TransposedIsKnown<INPUT, KERNEL, STRIDE, PADDING, DILATION, OUTPUT_PADDING>,
{
    type Out = C::Out;
}

/// The output padding is smaller than the stride or the dilation.
#[diagnostic::on_unimplemented(
    message = "an output padding of {OUTPUT_PADDING} is too large: it must be smaller than the stride, {STRIDE}, or than the dilation, {DILATION}",
    label = "output padding {OUTPUT_PADDING}, stride {STRIDE}, dilation {DILATION}",
    note = "a stride of S shrinks S lengths to one, and `OutputPadding` says which of them comes back: `Stride<2>` has room for `OutputPadding<1>`"
)]
pub trait OutputPaddingIsSmaller<const OUTPUT_PADDING: usize, const STRIDE: usize, const DILATION: usize> {}

#[diagnostic::do_not_recommend]
impl<const OUTPUT_PADDING: usize, const STRIDE: usize, const DILATION: usize>
    OutputPaddingIsSmaller<OUTPUT_PADDING, STRIDE, DILATION> for B1
{
}

/// The input's length is at least 1.
#[diagnostic::on_unimplemented(message = "a transposed window needs an input of at least 1", label = "the input is empty")]
pub trait IsNotEmpty {
    /// The length - 1.
    type Out;
}

#[diagnostic::do_not_recommend]
impl<T> IsNotEmpty for Yes<T> {
    type Out = T;
}

/// The padding takes less than there is.
#[diagnostic::on_unimplemented(
    message = "a padding of {PADDING} on each side leaves nothing of this transposed window",
    label = "input {INPUT}, kernel {KERNEL}, stride {STRIDE}, dilation {DILATION}, output padding {OUTPUT_PADDING}"
)]
pub trait Leaves<
    const INPUT: usize,
    const KERNEL: usize,
    const STRIDE: usize,
    const PADDING: usize,
    const DILATION: usize,
    const OUTPUT_PADDING: usize,
>
{
    /// The output - 1.
    type Out;
}

#[diagnostic::do_not_recommend]
impl<
    const INPUT: usize,
    const KERNEL: usize,
    const STRIDE: usize,
    const PADDING: usize,
    const DILATION: usize,
    const OUTPUT_PADDING: usize,
    T,
> Leaves<INPUT, KERNEL, STRIDE, PADDING, DILATION, OUTPUT_PADDING> for Yes<T>
{
    type Out = T;
}

/// The table holds the transposed window's output.
#[diagnostic::on_unimplemented(
    message = "the output of this transposed window is past the dimensions that adamant knows",
    label = "input {INPUT}, kernel {KERNEL}, stride {STRIDE}, padding {PADDING}, dilation {DILATION}",
    note = "a result can be any number up to 16,384, a multiple of 4 up to 65,536, of 64 up to 262,144 or of 1,024 up to 1,048,576",
    note = "any other number up to 65,536 can be added: list it in the environment variable `ADAMANT_SIZES` where you build (in `.cargo/config.toml`, say), or take all of them with adamant's feature `all-sizes`"
)]
pub trait TransposedIsKnown<
    const INPUT: usize,
    const KERNEL: usize,
    const STRIDE: usize,
    const PADDING: usize,
    const DILATION: usize,
    const OUTPUT_PADDING: usize,
>
{
    /// The output.
    type Out;
}

#[diagnostic::do_not_recommend]
impl<
    const INPUT: usize,
    const KERNEL: usize,
    const STRIDE: usize,
    const PADDING: usize,
    const DILATION: usize,
    const OUTPUT_PADDING: usize,
    const N: usize,
> TransposedIsKnown<INPUT, KERNEL, STRIDE, PADDING, DILATION, OUTPUT_PADDING> for Const<N>
{
    type Out = Self;
}

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

macro_rules! one_element {
    ($($scalar:ty)*) => { $(
        impl CountedAt<Rank<0>> for $scalar {
            type Count = Const<1>;
        }

        impl ElementsUint for $scalar {
            type Uint = typenum::U1;
        }
    )* };
}
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

/// [`Yes`] with three numbers if all are at least 1, else [`No`].
pub trait AllPositive {
    /// `Yes` or `No`.
    type Out;
    /// The numbers, or three times 1.
    type Sizes;
}

impl<K, K0, S, S0, D, D0> AllPositive for (UInt<K, K0>, UInt<S, S0>, UInt<D, D0>) {
    type Out = Yes<Self>;
    type Sizes = Self;
}
impl<S, D> AllPositive for (UTerm, S, D) {
    type Out = No;
    type Sizes = (One, One, One);
}
impl<K, K0, D> AllPositive for (UInt<K, K0>, UTerm, D) {
    type Out = No;
    type Sizes = (One, One, One);
}
impl<K, K0, S, S0> AllPositive for (UInt<K, K0>, UInt<S, S0>, UTerm) {
    type Out = No;
    type Sizes = (One, One, One);
}

/// How far a kernel reaches past its first element: `DILATION * (KERNEL - 1)`.
pub trait Reach {
    /// A typenum number.
    type Out;
}

impl<K: Sub<B1>, D: Mul<Sub1<K>>> Reach for (K, D) {
    type Out = Prod<D, Sub1<K>>;
}

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

/// The number of positions in `Self` room to move: `Self / STRIDE + 1`.
pub trait Steps<Stride> {
    /// `Const` or `Unknown`.
    type Out;
}

impl<R, S> Steps<S> for R
where
    R: Floor<S>,
    R::Out: Add<B1, Output: Answer>,
{
    type Out = ConstOf<Add1<R::Out>>;
}

type One = UInt<UTerm, B1>;

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

#[cfg(test)]
mod tests {
    use super::*;

    type Slide<const I: usize, const K: usize, const S: usize, const P: usize, const D: usize> =
        <Const<I> as Window<Const<K>, Const<S>, Const<P>, Const<D>>>::Out;
    type Grow<const I: usize, const K: usize, const S: usize, const P: usize, const D: usize, const O: usize> =
        <Const<I> as TransposedWindow<Const<K>, Const<S>, Const<P>, Const<D>, Const<O>>>::Out;
    type Plus<const A: usize, const B: usize> = <Const<A> as Sum<Const<B>>>::Out;
    type Times<const A: usize, const B: usize> = <Const<A> as Product<Const<B>>>::Out;
    type Per<const A: usize, const B: usize> = <Const<A> as Quotient<Const<B>>>::Out;

    /// The types are equal, or this does not compile.
    macro_rules! equal {
        ($($left:ty = $right:ty;)*) => { $(const _: fn($left) -> $right = |x| x;)* };
    }

    // The ends of each part of the table.
    equal! {
        Plus<0, 0> = Const<0>; Plus<1000, 23> = Const<1023>; Plus<4096, 1> = Const<4097>; Plus<4096, 4095> = Const<8191>;
        Plus<16_200, 183> = Const<16_383>; Plus<16_320, 64> = Const<16_384>; Plus<16_320, 68> = Const<16_388>;
        Plus<65_500, 32> = Const<65_532>; Plus<65_472, 64> = Const<65_536>; Plus<65_536, 64> = Const<65_600>;
        Plus<65_536, 65_536> = Const<131_072>; Times<4095, 4> = Const<16_380>;
        Times<0, 65_536> = Const<0>; Times<16, 169> = Const<2704>; Times<512, 49> = Const<25_088>;
        Times<63, 65> = Const<4095>; Times<64, 144> = Const<9216>; Times<127, 129> = Const<16_383>;
        Times<4095, 64> = Const<262_080>; Times<4096, 64> = Const<262_144>; Times<257, 1024> = Const<263_168>;
        Times<1023, 1024> = Const<1_047_552>;
    }
    equal! {
        Per<0, 3> = Const<0>; Per<12, 4> = Const<3>; Per<12, 1> = Const<12>; Per<12, 12> = Const<1>;
        Per<65_536, 2> = Const<32_768>; Per<44_100, 49> = Const<900>; Per<65024, 1> = Const<65024>; Per<65024, 8> = Const<8128>; Per<65024, 16> = Const<4064>;
        Per<16320, 2> = Const<8160>;
        Per<16320, 5> = Const<3264>;
    }
    // The lengths of Conv1d(1, 1, K, S, P, D) of I numbers, by PyTorch's formula.
    equal! {
        Slide<28, 3, 1, 0, 1> = Const<26>; Slide<28, 3, 1, 1, 1> = Const<28>; Slide<28, 3, 2, 1, 1> = Const<14>;
        Slide<5, 5, 1, 0, 1> = Const<1>; Slide<5, 3, 1, 0, 2> = Const<1>; Slide<1, 3, 9, 1, 1> = Const<1>;
        Slide<7, 2, 2, 0, 1> = Const<3>; Slide<224, 7, 2, 3, 1> = Const<112>; Slide<16000, 400, 160, 0, 1> = Const<98>;
        Slide<0, 2, 1, 1, 1> = Const<1>; Slide<32, 5, 3, 2, 4> = Const<7>;
        Slide<44_100, 10, 5, 0, 1> = Const<8819>; Slide<48_000, 10, 5, 0, 1> = Const<9599>;
        Slide<48_000, 400, 160, 200, 1> = Const<301>; Slide<1025, 3, 1, 1, 1> = Const<1025>; Slide<4096, 3, 1, 1, 1> = Const<4096>;
        Slide<4095, 4095, 1, 2048, 1> = Const<4097>; Slide<44_100, 3, 1, 1, 1> = Const<44_100>;
        <Const<8> as PaddedWindow<Const<4>, Const<1>, Const<3>, Const<1>>>::Out = Const<8>;
    }
    // The lengths of ConvTranspose1d(1, 1, K, S, P, O, dilation=D) of I numbers, by PyTorch's formula.
    equal! {
        Grow<14, 2, 2, 0, 1, 0> = Const<28>; Grow<14, 3, 2, 1, 1, 1> = Const<28>; Grow<1, 1, 1, 0, 1, 0> = Const<1>;
        Grow<4, 4, 1, 3, 1, 0> = Const<1>; Grow<5, 3, 1, 0, 2, 1> = Const<10>; Grow<7, 4, 2, 1, 1, 0> = Const<14>;
    }
    equal! {
        <f32 as Elements>::Count = Const<1>;
        <[[f32; 4]; 3] as Elements>::Count = <[u8; 12] as Elements>::Count;
        <[[bool; 0]; 3] as Elements>::Count = Const<0>;
        <[[f64; 65]; 63] as Elements>::Count = Const<4095>;
        <[[f64; 64]; 64] as Elements>::Count = Const<4096>;
        <[[f64; 129]; 33] as Elements>::Count = Const<4257>;
        <[f64; 65_539] as Elements>::Count = Const<65_539>;
        <[[f64; 3001]; 100] as Elements>::Count = Big<Const<73>, Const<1092>>;
        <[[f64; 4088]; 4096] as Elements>::Count = Big<Const<4088>, Const<0>>;
        <[[[f64; 1001]; 4096]; 4096] as Elements>::Count = Big<Big<Const<1001>, Const<0>>, Const<0>>;
        <[[[f32; 7]; 7]; 512] as Flattened>::Out = Const<25088>;
        <[[[f32; 56]; 56]; 32] as Flattened>::Out = Const<100_352>;
        <[[[f32; 112]; 112]; 64] as Flattened>::Out = Const<802_816>;
    }

    #[test]
    fn uint_is_the_number() {
        assert_eq!(<Const<1001> as Dim>::Uint::USIZE, 1001);
        assert_eq!(<[[f32; 1000]; 1000] as ElementsUint>::Uint::USIZE, 1_000_000);
    }

    struct Conv<const CO: usize, const K: usize>;
    struct Pool<const K: usize>;
    struct Flatten;
    struct Linear<const IN: usize, const OUT: usize>;

    /// A layer, as the rest of the library will write it.
    trait Layer<X> {
        type Output;
    }
    type Through<L, X> = <L as Layer<X>>::Output;

    impl<const CI: usize, const H: usize, const W: usize, const CO: usize, const K: usize, const OH: usize, const OW: usize>
        Layer<[[[f32; W]; H]; CI]> for Conv<CO, K>
    where
        Const<H>: Window<Const<K>, Const<1>, Const<0>, Const<1>, Out = Const<OH>>,
        Const<W>: Window<Const<K>, Const<1>, Const<0>, Const<1>, Out = Const<OW>>,
    {
        type Output = [[[f32; OW]; OH]; CO];
    }
    impl<const C: usize, const H: usize, const W: usize, const K: usize, const OH: usize, const OW: usize>
        Layer<[[[f32; W]; H]; C]> for Pool<K>
    where
        Const<H>: Window<Const<K>, Const<K>, Const<0>, Const<1>, Out = Const<OH>>,
        Const<W>: Window<Const<K>, Const<K>, Const<0>, Const<1>, Out = Const<OW>>,
    {
        type Output = [[[f32; OW]; OH]; C];
    }
    impl<const C: usize, const H: usize, const W: usize, const HW: usize, const N: usize> Layer<[[[f32; W]; H]; C]> for Flatten
    where
        Const<H>: Product<Const<W>, Out = Const<HW>>,
        Const<HW>: Product<Const<C>, Out = Const<N>>,
    {
        type Output = [f32; N];
    }
    impl<const IN: usize, const OUT: usize> Layer<[f32; IN]> for Linear<IN, OUT> {
        type Output = [f32; OUT];
    }

    type Features = Through<Flatten, Through<Pool<2>, Through<Conv<8, 3>, [[[f32; 10]; 10]; 1]>>>;
    equal! {
        Features = [f32; 128];
        Through<Linear<128, 10>, Features> = [f32; 10];
    }
}
