//! What attention takes.

use crate::shape::{Shape, nest};
use crate::simd::Float;
use crate::tensor::Tensor;

/// What a [`MultiheadAttention`](super::MultiheadAttention) of width `E` takes: queries, and maybe a memory, and maybe which keys are there.
#[diagnostic::on_unimplemented(
    message = "layer `{Layer}` cannot take input `{Self}`",
    label = "must be tokens of {E} numbers, alone or with a memory of such and with which keys are there",
    note = "`x` of `[L][E]` or `[B][L][E]`, `(x, memory)` with a memory of `[S][E]` or `[B][S][E]`, and with a mask `(x, keys)` or `(x, memory, keys)`, \
            where keys are `Tensor<[bool; S]>` or `Tensor<[[bool; S]; B]>`"
)]
pub trait AttentionInput<const E: usize, T, Layer: ?Sized>: Clone {
    /// The shape of the queries and of the output.
    type Output: Shape<Elem = T>;
    /// That of q, k and v side by side, or of q alone if there is a memory.
    type Projection: Shape<Elem = T>;
    /// That of k and v side by side, if there is a memory.
    type MemoryProjection: Shape<Elem = T>;
    /// Two numbers for each query of each of `HEADS` heads.
    type Normalizers<const HEADS: usize>: Shape<Elem = T>;
    /// The sequences of a batch.
    const SAMPLES: usize;
    /// How long they are.
    const QUERIES: usize;
    /// How many keys each has.
    const KEYS: usize;
    /// Whether there is a memory.
    const CROSS: bool;

    /// The queries' numbers.
    fn queries(&self) -> &[T];
    /// The queries' numbers, to write to.
    fn queries_mut(&mut self) -> &mut [T];
    /// The memory's numbers, if there is one.
    fn memory(&self) -> &[T];
    /// The memory's numbers, to write to.
    fn memory_mut(&mut self) -> &mut [T];
    /// Which keys are there; nothing if all are.
    fn keys(&self) -> &[bool];
}

macro_rules! inputs {
    ($([$($b:ident)?] $samples:expr, $keys:ident [$($ref:tt)*];)+) => {$(
        inputs!(@one [$($b)?] $samples, [], (Tensor<nest!([[T; E]; L] $($b)?)>, $($ref)* Tensor<nest!([bool; L] $($b)?)>),
            |x| [x.0], [], [x.1.as_slice()]);
        inputs!(@one [$($b)?] $samples, [S],
            (Tensor<nest!([[T; E]; L] $($b)?)>, Tensor<nest!([[T; E]; S] $($b)?)>, $($ref)* Tensor<nest!([bool; S] $($b)?)>),
            |x| [x.0], [x.1], [x.2.as_slice()]);
    )+};
    (@plain $([$($b:ident)?] $samples:expr;)+) => {$(
        inputs!(@one [$($b)?] $samples, [], Tensor<nest!([[T; E]; L] $($b)?)>, |x| [*x], [], [&[]]);
        inputs!(@one [$($b)?] $samples, [S], (Tensor<nest!([[T; E]; L] $($b)?)>, Tensor<nest!([[T; E]; S] $($b)?)>),
            |x| [x.0], [x.1], [&[]]);
    )+};
    (@one [$($b:ident)?] $samples:expr, [$($s:ident)?], $input:ty, |$x:ident| [$q:expr], [$($memory:expr)?], [$keys:expr]) => {
        #[diagnostic::do_not_recommend]
        impl<T: Float, Layer: ?Sized, const E: usize, const L: usize $(, const $s: usize)? $(, const $b: usize)?>
            AttentionInput<E, T, Layer> for $input
        {
            type Output = nest!([[T; E]; L] $($b)?);
            type Projection = inputs!(@projection [$($s)?] [$($b)?]);
            type MemoryProjection = inputs!(@memory [$($s)?] [$($b)?]);
            type Normalizers<const HEADS: usize> = nest!([[[T; 2]; L]; HEADS] $($b)?);
            const SAMPLES: usize = $samples;
            const QUERIES: usize = L;
            const KEYS: usize = inputs!(@keys $($s)?);
            const CROSS: bool = inputs!(@cross $($s)?);

            #[inline(always)]
            fn queries(&self) -> &[T] {
                let $x = self;
                $q.as_slice()
            }

            #[inline(always)]
            fn queries_mut(&mut self) -> &mut [T] {
                let $x = self;
                $q.as_mut_slice()
            }

            #[inline(always)]
            fn memory(&self) -> &[T] {
                let $x = self;
                let _ = $x;
                inputs!(@or_nothing [$($memory.as_slice())?] [&[]])
            }

            #[inline(always)]
            fn memory_mut(&mut self) -> &mut [T] {
                let $x = self;
                let _ = &$x;
                inputs!(@or_nothing [$($memory.as_mut_slice())?] [&mut []])
            }

            #[inline(always)]
            fn keys(&self) -> &[bool] {
                let $x = self;
                let _ = $x;
                $keys
            }
        }
    };
    (@projection [] [$($b:ident)?]) => { nest!([[[T; E]; 3]; L] $($b)?) };
    (@projection [S] [$($b:ident)?]) => { nest!([[T; E]; L] $($b)?) };
    (@memory [] [$($b:ident)?]) => { [T; 0] };
    (@memory [S] [$($b:ident)?]) => { nest!([[[T; E]; 2]; S] $($b)?) };
    (@keys) => { L };
    (@keys S) => { S };
    (@cross) => { false };
    (@cross S) => { true };
    (@or_nothing [] [$nothing:expr]) => { $nothing };
    (@or_nothing [$memory:expr] [$nothing:expr]) => { $memory };
}

inputs! {
    @plain
    [] 1;
    [B] B;
}

inputs! {
    [] 1, keys [];
    [B] B, keys [];
    [] 1, keys [&];
    [B] B, keys [&];
}
