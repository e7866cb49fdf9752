//! The lengths that windows leave: convolutions, pools and their transposed.

use super::binary::{Floor, Less, One};
use super::rules::{Fits, IsNotEmpty, Leaves, OutputPaddingIsSmaller, SumIsKnown, TransposedIsKnown, WindowIsKnown};
use super::{Const, ConstOf, No, Number, Numbers, Yes};
use adamant_dims::Answer;
use core::ops::{Add, Mul, Sub};
use typenum::{Add1, B1, IsLess, Max, Prod, Sub1, UInt, UTerm};

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
pub trait Moves<const KERNEL: usize, const STRIDE: usize, const DILATION: usize, const INPUT: usize = 0> {}

#[diagnostic::do_not_recommend]
impl<const KERNEL: usize, const STRIDE: usize, const DILATION: usize, const INPUT: usize, T>
    Moves<KERNEL, STRIDE, DILATION, INPUT> for Yes<T>
{
}

// What [`Knowing`] does for an input that is a number, these do for one that may be any: no input is so long, but as long as it is not
// known it could be either, so that the compiler asks for it first.
#[diagnostic::do_not_recommend]
impl<const STRIDE: usize, const DILATION: usize> Moves<0, STRIDE, DILATION, { usize::MAX }> for No {}

#[diagnostic::do_not_recommend]
impl<const STRIDE: usize, const DILATION: usize> Moves<0, STRIDE, DILATION, { usize::MAX - 1 }> for No {}

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
