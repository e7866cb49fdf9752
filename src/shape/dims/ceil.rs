//! The output of a window that may reach past its padded input.

use super::binary::Less;
use super::rules::{Fits, SumIsKnown, WindowIsKnown};
use super::window::{AllPositive, Knowing, Moves, Reach, Steps};
use super::{Const, No, Number, Numbers, Yes};
use adamant_dims::Answer;
use core::ops::{Add, Sub};
use typenum::{B1, Min, Sub1, UTerm};

/// As [`Window`](super::Window), where the last window may reach past the padded input, if it begins in the input or the padding
/// before it: the length of a pool's output with [PyTorch]'s `ceil_mode`.
///
/// `ceil((INPUT + 2 * PADDING - DILATION * (KERNEL - 1) - 1) / STRIDE) + 1`, and one less where the last window would begin in the
/// padding at the end.
///
/// ```
/// # use adamant::shape::{CeilWindow, Const};
/// fn slide<Input: CeilWindow<Const<3>, Const<2>, Const<0>, Const<1>, Out = Const<3>>>() {}
/// slide::<Const<6>>();
/// slide::<Const<7>>();
/// ```
///
/// [PyTorch]: https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool1d.html
pub trait CeilWindow<Kernel, Stride, Padding, Dilation> {
    /// The output's `Const`.
    type Out;
}

// Window i begins at i · STRIDE, which is less than INPUT + PADDING, and ends at most STRIDE − 1 past the padded input. So the last i
// is the smaller of the two limits, divided by the stride and rounded down.
impl<
    const INPUT: usize,
    const KERNEL: usize,
    const STRIDE: usize,
    const PADDING: usize,
    const DILATION: usize,
    const TOTAL: usize,
    I,
    K0,
    S0,
    P,
    D0,
    K,
    S,
    D,
    Last,
    Total,
    TotalPadding,
    Ends,
    Begins,
    C,
> CeilWindow<Const<KERNEL>, Const<STRIDE>, Const<PADDING>, Const<DILATION>> for Const<INPUT>
where
    Numbers: Number<INPUT, Uint = I>
        + Number<KERNEL, Uint = K0>
        + Number<STRIDE, Uint = S0>
        + Number<PADDING, Uint = P>
        + Number<DILATION, Uint = D0>,
    (K0, S0, D0): AllPositive<Sizes = (K, S, D)>,
    I: Knowing<<(K0, S0, D0) as AllPositive>::Out, Out: Moves<KERNEL, STRIDE, DILATION>>,
    (K, D): Reach<Out = Last>,
    P: Add<P, Output = TotalPadding>,
    TotalPadding: Answer<Const = Total>,
    Total: SumIsKnown<PADDING, PADDING, Out = Const<TOTAL>>,
    S: Sub<B1>,
    I: Add<P, Output: Less<UTerm, B1, Out = Begins>>
        + Add<TotalPadding, Output: Add<Sub1<S>, Output: Less<Last, B1, Out = Ends>>>,
    Ends: Lesser<Begins, Out: Fits<INPUT, KERNEL, TOTAL, DILATION, Out: Steps<S, Out = C>>>,
    C: WindowIsKnown<INPUT, KERNEL, STRIDE, TOTAL, DILATION>,
{
    type Out = C::Out;
}

/// The smaller of two answers, if there are both.
pub trait Lesser<B> {
    /// `Yes` or `No`.
    type Out;
}

impl<A: Min<B>, B> Lesser<Yes<B>> for Yes<A> {
    type Out = Yes<A::Output>;
}

impl<A> Lesser<No> for Yes<A> {
    type Out = No;
}

impl<B> Lesser<B> for No {
    type Out = No;
}

#[cfg(test)]
mod tests {
    use super::*;

    type Slide<const I: usize, const K: usize, const S: usize, const P: usize, const D: usize> =
        <Const<I> as CeilWindow<Const<K>, Const<S>, Const<P>, Const<D>>>::Out;

    /// The types are equal, or this does not compile.
    macro_rules! equal {
        ($($left:ty = $right:ty;)*) => { $(const _: fn($left) -> $right = |x| x;)* };
    }

    // The lengths of MaxPool1d(K, S, P, D, ceil_mode=True) of I numbers, by PyTorch's formula.
    equal! {
        Slide<6, 3, 2, 0, 1> = Const<3>; Slide<7, 3, 2, 0, 1> = Const<3>; Slide<6, 3, 2, 1, 1> = Const<4>;
        Slide<6, 2, 2, 0, 1> = Const<3>; Slide<7, 2, 2, 0, 1> = Const<4>; Slide<5, 2, 1, 1, 1> = Const<6>;
        Slide<9, 3, 2, 1, 2> = Const<4>; Slide<10, 3, 2, 1, 2> = Const<5>; Slide<28, 3, 3, 0, 1> = Const<10>;
        // A window that would begin in the padding at the end is left out.
        Slide<5, 2, 3, 1, 1> = Const<2>; Slide<6, 2, 3, 1, 1> = Const<3>; Slide<3, 1, 3, 0, 1> = Const<1>; Slide<1, 2, 5, 1, 1> = Const<1>;
        // A kernel may be larger than the input by less than the stride.
        Slide<2, 3, 2, 0, 1> = Const<1>; Slide<1, 3, 3, 0, 1> = Const<1>;
    }
}
