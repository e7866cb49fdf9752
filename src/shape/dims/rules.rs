//! What the arithmetic asks of its answers, in words.

use super::{Const, Yes};
use typenum::B1;

/// Declares rules: traits that only an answer has, with the numbers that the compiler's message names. What the answer is, is `Out`.
macro_rules! rules {
    ($(
        $(#[$doc:meta])*
        $name:ident<$($n:ident),*> for $answer:ident $(<$value:tt>)? $(= $out:tt)?;
    )+) => {$(
        rules!(@one [$(#[$doc])*] $name [$($n),*] $answer $(<$value>)? $(= $out)?);
    )+};
    // The table's `Const`, and it itself.
    (@one [$($doc:tt)*] $name:ident [$($n:ident),*] Const<N>) => {
        rules! { @declare [
            $($doc)*
            #[diagnostic::on_unimplemented(
                note = "a result can be any number up to 16,384, a multiple of 4 up to 65,536, of 64 up to 262,144 or of 1,024 up to 1,048,576",
                note = "any other number up to 65,536 can be added: list it in the environment variable `ADAMANT_SIZES` where you build (in `.cargo/config.toml`, say), or take all of them with adamant's feature `all-sizes`"
            )]
        ] $name [$($n),*] [type Out;] }
        #[diagnostic::do_not_recommend]
        impl<$(const $n: usize,)* const N: usize> $name<$($n),*> for Const<N> {
            type Out = Self;
        }
    };
    // There is an answer, and what it is.
    (@one [$($doc:tt)*] $name:ident [$($n:ident),*] Yes<T> = T) => {
        rules!(@declare [$($doc)*] $name [$($n),*] [type Out;]);
        #[diagnostic::do_not_recommend]
        impl<$(const $n: usize,)* T> $name<$($n),*> for Yes<T> {
            type Out = T;
        }
    };
    // It is true.
    (@one [$($doc:tt)*] $name:ident [$($n:ident),*] B1) => {
        rules!(@declare [$($doc)*] $name [$($n),*] []);
        #[diagnostic::do_not_recommend]
        impl<$(const $n: usize),*> $name<$($n),*> for B1 {}
    };
    (@declare [$($doc:tt)*] $name:ident [$($n:ident),*] [$(type $out:ident;)?]) => {
        $($doc)*
        pub trait $name<$(const $n: usize),*> {
            $(
                /// The answer.
                type $out;
            )?
        }
    };
}

rules! {
    /// The table holds `A + B`.
    #[diagnostic::on_unimplemented(
        message = "{A} + {B} is past the dimensions that adamant knows",
        label = "this needs a dimension of {A} + {B}",
    )]
    SumIsKnown<A, B> for Const<N>;

    /// The table holds `A * B`.
    #[diagnostic::on_unimplemented(
        message = "{A} * {B} is past the dimensions that adamant knows",
        label = "this needs a dimension of {A} * {B}",
    )]
    ProductIsKnown<A, B> for Const<N>;

    /// The table holds `A / B`.
    #[diagnostic::on_unimplemented(
        message = "{A} / {B} is past the dimensions that adamant knows",
        label = "this needs a dimension of {A} / {B}",
    )]
    QuotientIsKnown<A, B> for Const<N>;

    /// `B` divides `A`.
    #[diagnostic::on_unimplemented(message = "{A} is not a multiple of {B}", label = "{B} does not divide {A}")]
    IsMultiple<A, B> for Yes<T> = T;

    /// The kernel is no larger than its padded input.
    #[diagnostic::on_unimplemented(
        message = "a kernel of {KERNEL} (dilation {DILATION}) does not fit an input of {INPUT} (padding {PADDING} in all)",
        label = "the kernel is larger than its padded input"
    )]
    Fits<INPUT, KERNEL, PADDING, DILATION> for Yes<T> = T;

    /// The table holds the window's output.
    #[diagnostic::on_unimplemented(
        message = "the output of this window is past the dimensions that adamant knows",
        label = "input {INPUT} (padding {PADDING} in all), kernel {KERNEL}, stride {STRIDE}, dilation {DILATION}",
    )]
    WindowIsKnown<INPUT, KERNEL, STRIDE, PADDING, DILATION> for Const<N>;

    /// The output padding is smaller than the stride or the dilation.
    #[diagnostic::on_unimplemented(
        message = "an output padding of {OUTPUT_PADDING} is too large: it must be smaller than the stride, {STRIDE}, or than the dilation, {DILATION}",
        label = "output padding {OUTPUT_PADDING}, stride {STRIDE}, dilation {DILATION}",
        note = "a stride of S shrinks S lengths to one, and `OutputPadding` says which of them comes back: `Stride<2>` has room for `OutputPadding<1>`"
    )]
    OutputPaddingIsSmaller<OUTPUT_PADDING, STRIDE, DILATION> for B1;

    /// The input's length is at least 1.
    #[diagnostic::on_unimplemented(message = "a transposed window needs an input of at least 1", label = "the input is empty")]
    IsNotEmpty<> for Yes<T> = T;

    /// The padding takes less than there is.
    #[diagnostic::on_unimplemented(
        message = "a padding of {PADDING} on each side leaves nothing of this transposed window",
        label = "input {INPUT}, kernel {KERNEL}, stride {STRIDE}, dilation {DILATION}, output padding {OUTPUT_PADDING}"
    )]
    Leaves<INPUT, KERNEL, STRIDE, PADDING, DILATION, OUTPUT_PADDING> for Yes<T> = T;

    /// The table holds the transposed window's output.
    #[diagnostic::on_unimplemented(
        message = "the output of this transposed window is past the dimensions that adamant knows",
        label = "input {INPUT}, kernel {KERNEL}, stride {STRIDE}, padding {PADDING}, dilation {DILATION}",
    )]
    TransposedIsKnown<INPUT, KERNEL, STRIDE, PADDING, DILATION, OUTPUT_PADDING> for Const<N>;

    /// The groups divide the channels.
    #[diagnostic::on_unimplemented(
        message = "{GROUPS} groups do not divide {CHANNELS} channels",
        label = "both the input's and the output's channels must be a multiple of the groups"
    )]
    IsDivided<CHANNELS, GROUPS> for Yes<T> = T;

    /// The padding is at most half the kernel.
    #[diagnostic::on_unimplemented(
        message = "a pool's padding of {PADDING} is more than half its kernel of {KERNEL}",
        label = "padding {PADDING}, kernel {KERNEL}"
    )]
    IsAtMostHalf<PADDING, KERNEL> for B1;

    /// The padding is smaller than the input.
    #[diagnostic::on_unimplemented(
        message = "`Reflect` cannot pad an input of {INPUT} by {PADDING}",
        label = "the padding must be smaller than the input"
    )]
    IsMirrored<PADDING, INPUT> for B1;

    /// The padding is no larger than the input.
    #[diagnostic::on_unimplemented(
        message = "`Circular` cannot pad an input of {INPUT} by {PADDING}",
        label = "the padding must not be larger than the input"
    )]
    IsWrapped<PADDING, INPUT> for B1;

    /// The padding is smaller than the input.
    #[diagnostic::on_unimplemented(
        message = "`Reflect` cannot pad an input of {INPUT} for a kernel of {KERNEL} (dilation {DILATION})",
        label = "the padding of each side must be smaller than the input"
    )]
    IsMirroredSame<KERNEL, DILATION, INPUT> for B1;

    /// The padding is no larger than the input.
    #[diagnostic::on_unimplemented(
        message = "`Circular` cannot pad an input of {INPUT} for a kernel of {KERNEL} (dilation {DILATION})",
        label = "the padding of each side must not be larger than the input"
    )]
    IsWrappedSame<KERNEL, DILATION, INPUT> for B1;
}
