//! What the layers of a transformer take.

use crate::shape::{Shape, nest};
use crate::simd::Float;
use crate::tensor::Tensor;

/// What an encoder of width `E` takes: tokens `[L][E]` or `[B][L][E]`, and maybe which of them are there.
#[diagnostic::on_unimplemented(
    message = "layer `{Layer}` cannot take input `{Self}`",
    label = "must be tokens of {E} numbers, alone or with which of them are there",
    note = "`x` of `[L][{E}]` or `[B][L][{E}]`, or `(x, keys)` with `Tensor<[bool; L]>` or `Tensor<[[bool; L]; B]>`"
)]
pub trait EncoderInput<const E: usize, T, Layer: ?Sized>: Clone {
    /// The tokens' shape.
    type Tokens: Shape<Elem = T>;
    /// The same with `N` numbers a token.
    type With<const N: usize>: Shape<Elem = T>;

    /// The tokens.
    fn tokens(&self) -> &Tensor<Self::Tokens>;
    /// The tokens, to write to.
    fn tokens_mut(&mut self) -> &mut Tensor<Self::Tokens>;
}

/// What a decoder of width `E` takes: tokens and a memory, `[L][E]` and `[S][E]`, or batches of such, and maybe which of the memory's tokens
/// are there.
#[diagnostic::on_unimplemented(
    message = "layer `{Layer}` cannot take input `{Self}`",
    label = "must be tokens of {E} numbers with a memory of such",
    note = "`(x, memory)` of `[L][{E}]` and `[S][{E}]` or `[B][L][{E}]` and `[B][S][{E}]`, or `(x, memory, keys)` with `Tensor<[bool; S]>` or \
            `Tensor<[[bool; S]; B]>`"
)]
pub trait DecoderInput<const E: usize, T, Layer: ?Sized>: Clone {
    /// The tokens' shape.
    type Tokens: Shape<Elem = T>;
    /// The same with `N` numbers a token.
    type With<const N: usize>: Shape<Elem = T>;
    /// The memory's shape.
    type Memory: Shape<Elem = T>;

    /// The tokens.
    fn tokens(&self) -> &Tensor<Self::Tokens>;
    /// The tokens, to write to.
    fn tokens_mut(&mut self) -> &mut Tensor<Self::Tokens>;
    /// The memory, to write to.
    fn memory_mut(&mut self) -> &mut Tensor<Self::Memory>;
}

macro_rules! tokens {
    ([$($b:ident)?], |$x:ident| $tokens:expr) => {
        type Tokens = nest!([[T; E]; L] $($b)?);
        type With<const N: usize> = nest!([[T; N]; L] $($b)?);

        #[inline(always)]
        fn tokens(&self) -> &Tensor<Self::Tokens> {
            let $x = self;
            &$tokens
        }

        #[inline(always)]
        fn tokens_mut(&mut self) -> &mut Tensor<Self::Tokens> {
            let $x = self;
            &mut $tokens
        }
    };
}

macro_rules! inputs {
    ($([$($b:ident)?] $([$($key:ty),*])?;)+) => {$(
        #[diagnostic::do_not_recommend]
        impl<T: Float, Layer: ?Sized, const E: usize, const L: usize $(, const $b: usize)?> EncoderInput<E, T, Layer>
            for Tensor<nest!([[T; E]; L] $($b)?)>
        {
            tokens!([$($b)?], |x| *x);
        }

        inputs!(@keys [$($b)?] []);
        inputs!(@keys [$($b)?] [&]);
        inputs!(@decoder [$($b)?] (Tensor<nest!([[T; E]; L] $($b)?)>, Tensor<nest!([[T; E]; S] $($b)?)>));
    )+};
    (@keys [$($b:ident)?] [$($ref:tt)?]) => {
        #[diagnostic::do_not_recommend]
        impl<T: Float, Layer: ?Sized, const E: usize, const L: usize $(, const $b: usize)?> EncoderInput<E, T, Layer>
            for (Tensor<nest!([[T; E]; L] $($b)?)>, $($ref)? Tensor<nest!([bool; L] $($b)?)>)
        {
            tokens!([$($b)?], |x| x.0);
        }

        inputs!(@decoder [$($b)?]
            (Tensor<nest!([[T; E]; L] $($b)?)>, Tensor<nest!([[T; E]; S] $($b)?)>, $($ref)? Tensor<nest!([bool; S] $($b)?)>));
    };
    (@decoder [$($b:ident)?] $input:ty) => {
        #[diagnostic::do_not_recommend]
        impl<T: Float, Layer: ?Sized, const E: usize, const L: usize, const S: usize $(, const $b: usize)?>
            DecoderInput<E, T, Layer> for $input
        {
            type Memory = nest!([[T; E]; S] $($b)?);

            tokens!([$($b)?], |x| x.0);

            #[inline(always)]
            fn memory_mut(&mut self) -> &mut Tensor<Self::Memory> {
                &mut self.1
            }
        }
    };
}

inputs! {
    [];
    [B];
}
