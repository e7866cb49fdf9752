//! Settings of convolutions and pools, by name.
//!
//! A layer's last parameter but one holds its options: one, or a tuple of them in any order, or `()`. What is not named keeps
//! PyTorch's default, and of two that set the same the later one holds.
//!
//! ```
//! use adamant::prelude::*;
//! type Plain = Conv2d<1, 8, 3>;
//! type Padded = Conv2d<1, 8, 3, Padding<1>>;
//! type Strided = Conv2d<4, 6, 3, (Stride<2>, Padding<1>, Groups<2>, NoBias)>;
//! type Oblong = Conv2d<2, 3, 3, (KernelWidth<2>, Stride<2, 1>, Reflect, Padding<1, 0>)>;
//! type Down = MaxPool2d<3, (Stride<2>, Padding<1>)>;
//! assert_eq!(
//!     Strided::BLANK.to_string(),
//!     "Conv2d(4, 6, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), groups=2, bias=False)"
//! );
//! ```
//!
//! | option | PyTorch | default | `Conv` | `ConvTranspose` | `MaxPool` | `AvgPool` |
//! |---|---|---|---|---|---|---|
//! | [`KernelWidth<W>`] | `kernel_size=(K, W)` | K | 2d | 2d | 2d | 2d |
//! | [`Stride<H, W>`] | `stride` | 1, a pool's its kernel | ✓ | ✓ | ✓ | ✓ |
//! | [`Padding<H, W>`] | `padding` | 0 | ✓ | ✓ | ✓ | ✓ |
//! | [`Same`] | `padding="same"` | | ✓ | | | |
//! | [`OutputPadding<H, W>`] | `output_padding` | 0 | | ✓ | | |
//! | [`Dilation<H, W>`] | `dilation` | 1 | ✓ | ✓ | ✓ | |
//! | [`Groups<G>`], [`Depthwise`] | `groups` | 1 | ✓ | ✓ | | |
//! | [`NoBias`] | `bias=False` | [`Bias`] | ✓ | ✓ | | |
//! | [`Reflect`], [`Replicate`], [`Circular`] | `padding_mode` | [`Zeros`] | ✓ | | | |
//! | [`ExcludePad`] | `count_include_pad=False` | counted | | | | ✓ |
//!
//! Options of two dimensions take one number for both or two, height first: `Stride<2>` is `Stride<2, 2>`. In one dimension
//! they take one.
//!
//! Where height and width are generic, what can be said of the output is [`Same`], also for a kernel of 1: `Conv2d<C, C, 1,
//! Same>`. Other settings make the type checker compute, which it can only with numbers; a struct of layers
//! (`#[derive(Module)]`) leaves that to where it is used and needs no bound for it.
//!
//! A setting is a type, so [`Set`] computes the layer's configuration in the type checker. A layer of one's own may have
//! options of the same kind: a configuration type with a parameter a setting, and an impl of [`Set`] for each option.

use core::fmt::{self, Display, Formatter};
use core::marker::PhantomData;

use super::{Bias, BiasOption, NoBias};
use crate::ops::conv::{Convolution, ConvolutionBuffers, TILE};
use crate::ops::{Border, SlidingWindow, pool};
use crate::shape::{
    Const, Covers, Extent, Mirrors, MirrorsSame, SameWindow, Shape, Share, Slides, TransposedWindow, Window, Wraps, WrapsSame,
};
use crate::simd::Float;
use crate::tensor::Tensor;

/// An option, or a tuple of them, applied to a layer's configuration. `Layer` only serves the compiler's
/// message (a marker: the layer's own type would lead the type checker in a circle).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an option of `{Layer}`",
    label = "not an option of this layer",
    note = "options are set by name, one or a tuple of them: `(Stride<2>, Padding<1>)`; the layer's documentation lists its own"
)]
pub trait Set<Config, Layer> {
    /// The configuration with this option set.
    type Out;
}

impl<Config, L> Set<Config, L> for () {
    type Out = Config;
}

/// A tuple sets its options from left to right: `$option` makes `$after` of `$before`.
macro_rules! tuples {
    ($(($first:ident $($option:ident: $before:ident => $after:ident),+))+) => {$(
        impl<Layer, $first, $($option, $after),+> Set<$first, Layer> for ($($option,)+)
        where
            $($option: Set<$before, Layer, Out = $after>,)+
        {
            type Out = tuples!(@last $($after)+);
        }
    )+};
    (@last $last:ident) => { $last };
    (@last $first:ident $($rest:ident)+) => { tuples!(@last $($rest)+) };
}

tuples! {
    (X A: X => A1)
    (X A: X => A1, B: A1 => B1)
    (X A: X => A1, B: A1 => B1, C: B1 => C1)
    (X A: X => A1, B: A1 => B1, C: B1 => C1, D: C1 => D1)
    (X A: X => A1, B: A1 => B1, C: B1 => C1, D: C1 => D1, E: D1 => E1)
    (X A: X => A1, B: A1 => B1, C: B1 => C1, D: C1 => D1, E: D1 => E1, F: E1 => F1)
    (X A: X => A1, B: A1 => B1, C: B1 => C1, D: C1 => D1, E: D1 => E1, F: E1 => F1, G: F1 => G1)
    (X A: X => A1, B: A1 => B1, C: B1 => C1, D: C1 => D1, E: D1 => E1, F: E1 => F1, G: F1 => G1, H: G1 => H1)
}

/// What the compiler's messages call a layer that refuses an option.
macro_rules! layers {
    ($($marker:ident $layer:ident)+) => {$(
        #[doc = concat!("A [`", stringify!($layer), "`](super::", stringify!($layer), ") in the compiler's messages.")]
        pub struct $marker;
    )+};
}

layers! {
    Conv1dLayer Conv1d Conv2dLayer Conv2d ConvTranspose2dLayer ConvTranspose2d
    MaxPool1dLayer MaxPool1d MaxPool2dLayer MaxPool2d AvgPool1dLayer AvgPool1d AvgPool2dLayer AvgPool2d
}

/// Declares options: types without a value.
macro_rules! options {
    ($($(#[$doc:meta])* $name:ident $(<$($g:ident $(= $default:ident)?),+>)?;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
        pub struct $name $(<$(const $g: usize $(= $default)?),+>)?;
    )+};
}

options! {
    /// The width of the kernel where it differs from the height: `Conv2d<1, 8, 3, KernelWidth<5>>` has kernels of 3 × 5.
    KernelWidth<W>;
    /// How far the window moves from one output to the next.
    Stride<H, W = H>;
    /// How much is put around the input on each side: zeros, unless [`Reflect`], [`Replicate`] or [`Circular`] is set.
    Padding<H, W = H>;
    /// As much padding as keeps the size: the output's height and width *are* the input's, so a block that is generic over them
    /// needs no bound. Where the padding is odd, the side at the end has one more, as in PyTorch. The stride must be 1.
    Same;
    /// How much larger one side of a transposed convolution's output is. It must be smaller than the stride or the dilation.
    OutputPadding<H, W = H>;
    /// The distance between the kernel's elements.
    Dilation<H, W = H>;
    /// The channels fall into `G` groups, each with its own part of the input and the output.
    Groups<G>;
    /// One group a channel: `Groups<C>` for a layer from `C` to `C` channels, also where `C` is generic.
    Depthwise;
    /// The padding is zeros: the default.
    Zeros;
    /// The padding mirrors the input at its edge: `c b | a b c | b a`. It must be smaller than the input.
    Reflect;
    /// The padding repeats the edge: `a a | a b c | c c`.
    Replicate;
    /// The padding goes on at the other side: `b c | a b c | a b`. It must not be larger than the input.
    Circular;
    /// An average counts the input's elements only, not the padding.
    ExcludePad;
    /// An average counts the padding as zeros: the default.
    IncludePad;
    /// All channels in one group: the default.
    OneGroup;
    /// The stride of a pool that is given none: its kernel.
    KernelStride;
    /// The padding of a pool that is given none. It fits any kernel, `Padding<0>` only one that the type checker knows.
    Unpadded;
    /// A kernel of two dimensions.
    Area<H, W>;
    /// A kernel of one dimension.
    Length<L>;
}

/// The configuration of `Conv1d` and `Conv2d`: what the options set. The defaults are PyTorch's.
pub struct ConvSettings<
    Kernel,
    Stride = self::Stride<1>,
    Padding = self::Padding<0>,
    Dilation = self::Dilation<1>,
    Groups = OneGroup,
    Border = Zeros,
    Bias = super::Bias,
>(PhantomData<(Kernel, Stride, Padding, Dilation, Groups, Border, Bias)>);

/// The configuration of `ConvTranspose2d`.
pub struct ConvTransposeSettings<
    Kernel,
    Stride = self::Stride<1>,
    Padding = self::Padding<0>,
    OutputPadding = self::OutputPadding<0>,
    Dilation = self::Dilation<1>,
    Groups = OneGroup,
    Bias = super::Bias,
>(PhantomData<(Kernel, Stride, Padding, OutputPadding, Dilation, Groups, Bias)>);

/// The configuration of the pools.
pub struct PoolSettings<Kind, Kernel, Stride = KernelStride, Padding = Unpadded>(PhantomData<(Kind, Kernel, Stride, Padding)>);

/// A pool of maxima, whose window may have gaps.
pub struct Maxima<Dilation = self::Dilation<1>>(PhantomData<Dilation>);

/// A pool of averages.
pub struct Averages<Counted = IncludePad>(PhantomData<Counted>);

/// Says which option makes which configuration of which.
macro_rules! set {
    ($([$($g:tt)*] $option:ty: $from:ty => $to:ty;)+) => {$(
        impl<$($g)*, Layer> Set<$from, Layer> for $option {
            type Out = $to;
        }
    )+};
}

/// As `set!` for options with a number a dimension.
macro_rules! set_sizes {
    ($([$($g:tt)*] $option:ident: $from:ty => $to:ty;)+) => {$(
        impl<$($g)*, const H: usize, const W: usize, Layer> Set<$from, Layer> for $option<H, W>
        where
            K: Takes<H, W>,
        {
            type Out = $to;
        }
    )+};
}

/// A kernel of as many dimensions as an option's numbers `H` and `W` need.
#[diagnostic::on_unimplemented(
    message = "an option of a layer of one dimension takes one number, not {H} and {W}",
    label = "{H} and {W}, but the layer has one dimension",
    note = "write `Stride<2>`, not `Stride<2, 1>`"
)]
pub trait Takes<const H: usize, const W: usize> {}

#[diagnostic::do_not_recommend]
impl<const K: usize, const N: usize> Takes<N, N> for Length<K> {}
#[diagnostic::do_not_recommend]
impl<const KH: usize, const KW: usize, const H: usize, const W: usize> Takes<H, W> for Area<KH, KW> {}

set_sizes! {
    [K, S, P, D, G, M, B] Stride: ConvSettings<K, S, P, D, G, M, B> => ConvSettings<K, Stride<H, W>, P, D, G, M, B>;
    [K, S, P, D, G, M, B] Padding: ConvSettings<K, S, P, D, G, M, B> => ConvSettings<K, S, Padding<H, W>, D, G, M, B>;
    [K, S, P, D, G, M, B] Dilation: ConvSettings<K, S, P, D, G, M, B> => ConvSettings<K, S, P, Dilation<H, W>, G, M, B>;

    [K, S, P, O, D, G, B] Stride:
        ConvTransposeSettings<K, S, P, O, D, G, B> => ConvTransposeSettings<K, Stride<H, W>, P, O, D, G, B>;
    [K, S, P, O, D, G, B] Padding:
        ConvTransposeSettings<K, S, P, O, D, G, B> => ConvTransposeSettings<K, S, Padding<H, W>, O, D, G, B>;
    [K, S, P, O, D, G, B] OutputPadding:
        ConvTransposeSettings<K, S, P, O, D, G, B> => ConvTransposeSettings<K, S, P, OutputPadding<H, W>, D, G, B>;
    [K, S, P, O, D, G, B] Dilation:
        ConvTransposeSettings<K, S, P, O, D, G, B> => ConvTransposeSettings<K, S, P, O, Dilation<H, W>, G, B>;

    [Kind, K, S, P] Stride: PoolSettings<Kind, K, S, P> => PoolSettings<Kind, K, Stride<H, W>, P>;
    [Kind, K, S, P] Padding: PoolSettings<Kind, K, S, P> => PoolSettings<Kind, K, S, Padding<H, W>>;
    [D, K, S, P] Dilation: PoolSettings<Maxima<D>, K, S, P> => PoolSettings<Maxima<Dilation<H, W>>, K, S, P>;
}

set! {
    [S, P, D, G, M, B, const KH: usize, const KW: usize, const W: usize] KernelWidth<W>:
        ConvSettings<Area<KH, KW>, S, P, D, G, M, B> => ConvSettings<Area<KH, W>, S, P, D, G, M, B>;
    [K, S, P, D, G, M, B] Same: ConvSettings<K, S, P, D, G, M, B> => ConvSettings<K, S, Same, D, G, M, B>;
    [K, S, P, D, G, M, B, const N: usize] Groups<N>:
        ConvSettings<K, S, P, D, G, M, B> => ConvSettings<K, S, P, D, Groups<N>, M, B>;
    [K, S, P, D, G, M, B] Depthwise: ConvSettings<K, S, P, D, G, M, B> => ConvSettings<K, S, P, D, Depthwise, M, B>;
    [K, S, P, D, G, M, B] Zeros: ConvSettings<K, S, P, D, G, M, B> => ConvSettings<K, S, P, D, G, Zeros, B>;
    [K, S, P, D, G, M, B] Reflect: ConvSettings<K, S, P, D, G, M, B> => ConvSettings<K, S, P, D, G, Reflect, B>;
    [K, S, P, D, G, M, B] Replicate: ConvSettings<K, S, P, D, G, M, B> => ConvSettings<K, S, P, D, G, Replicate, B>;
    [K, S, P, D, G, M, B] Circular: ConvSettings<K, S, P, D, G, M, B> => ConvSettings<K, S, P, D, G, Circular, B>;
    [K, S, P, D, G, M, B] Bias: ConvSettings<K, S, P, D, G, M, B> => ConvSettings<K, S, P, D, G, M, Bias>;
    [K, S, P, D, G, M, B] NoBias: ConvSettings<K, S, P, D, G, M, B> => ConvSettings<K, S, P, D, G, M, NoBias>;

    [S, P, O, D, G, B, const KH: usize, const KW: usize, const W: usize] KernelWidth<W>:
        ConvTransposeSettings<Area<KH, KW>, S, P, O, D, G, B> => ConvTransposeSettings<Area<KH, W>, S, P, O, D, G, B>;
    [K, S, P, O, D, G, B, const N: usize] Groups<N>:
        ConvTransposeSettings<K, S, P, O, D, G, B> => ConvTransposeSettings<K, S, P, O, D, Groups<N>, B>;
    [K, S, P, O, D, G, B] Depthwise:
        ConvTransposeSettings<K, S, P, O, D, G, B> => ConvTransposeSettings<K, S, P, O, D, Depthwise, B>;
    [K, S, P, O, D, G, B] Bias:
        ConvTransposeSettings<K, S, P, O, D, G, B> => ConvTransposeSettings<K, S, P, O, D, G, Bias>;
    [K, S, P, O, D, G, B] NoBias:
        ConvTransposeSettings<K, S, P, O, D, G, B> => ConvTransposeSettings<K, S, P, O, D, G, NoBias>;

    [Kind, S, P, const KH: usize, const KW: usize, const W: usize] KernelWidth<W>:
        PoolSettings<Kind, Area<KH, KW>, S, P> => PoolSettings<Kind, Area<KH, W>, S, P>;
    [C, K, S, P] ExcludePad: PoolSettings<Averages<C>, K, S, P> => PoolSettings<Averages<ExcludePad>, K, S, P>;
    [C, K, S, P] IncludePad: PoolSettings<Averages<C>, K, S, P> => PoolSettings<Averages<IncludePad>, K, S, P>;
}

/// A kernel: its sizes, and arrays over its elements.
pub trait Kernel: 'static {
    /// An `A` for each element: `[[A; W]; H]`.
    type Taps<A: Shape>: Shape<Elem = A::Elem>;
    /// Height and width; 1 and the length in one dimension.
    const SIZES: [usize; 2];
    /// The number of dimensions.
    const RANK: usize;
}

impl<const H: usize, const W: usize> Kernel for Area<H, W> {
    type Taps<A: Shape> = [[A; W]; H];
    const SIZES: [usize; 2] = [H, W];
    const RANK: usize = 2;
}

impl<const L: usize> Kernel for Length<L> {
    type Taps<A: Shape> = [A; L];
    const SIZES: [usize; 2] = [1, L];
    const RANK: usize = 1;
}

/// An option's two numbers.
pub trait Pair: 'static {
    /// Those of height and width.
    const SIZES: [usize; 2];
}

macro_rules! pairs {
    ($($name:ident)+) => {$(
        impl<const H: usize, const W: usize> Pair for $name<H, W> {
            const SIZES: [usize; 2] = [H, W];
        }
    )+};
}

pairs! { Stride Padding OutputPadding Dilation }

/// The numbers as a layer over `K` uses them: in one dimension the height has none of its own.
const fn sizes<K: Kernel>([height, width]: [usize; 2], without: usize) -> [usize; 2] {
    [if K::RANK == 1 { without } else { height }, width]
}

/// A padding that a stride allows.
#[diagnostic::on_unimplemented(
    message = "`{Self}` padding needs a stride of 1, not `{Stride}`",
    label = "with another stride the output cannot be as large as the input"
)]
pub trait PaddingOf<Stride>: 'static {
    /// Whether the size is kept.
    const SAME: bool;
    /// Above and on the left, where it is a number.
    const SIZES: [usize; 2];
}

impl<S, const H: usize, const W: usize> PaddingOf<S> for Padding<H, W> {
    const SAME: bool = false;
    const SIZES: [usize; 2] = [H, W];
}

#[diagnostic::do_not_recommend]
impl PaddingOf<Stride<1>> for Same {
    const SAME: bool = true;
    const SIZES: [usize; 2] = [0, 0];
}

/// How channels fall into groups.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not fit {IN} input channels and {OUT} output channels",
    label = "{IN} input channels, {OUT} output channels",
    note = "`Depthwise` needs as many output channels as input channels; `Groups<G>` allows a multiple"
)]
pub trait Grouping<const IN: usize, const OUT: usize>: 'static {
    /// The `Const` of the input channels of a group.
    type In;
    /// The `Const` of the output channels of a group.
    type Out;
    /// The number of groups.
    const GROUPS: usize;
}

impl<const IN: usize, const OUT: usize> Grouping<IN, OUT> for OneGroup {
    type In = Const<IN>;
    type Out = Const<OUT>;
    const GROUPS: usize = 1;
}

#[diagnostic::do_not_recommend]
impl<const C: usize> Grouping<C, C> for Depthwise {
    type In = Const<1>;
    type Out = Const<1>;
    const GROUPS: usize = C;
}

impl<const IN: usize, const OUT: usize, const G: usize> Grouping<IN, OUT> for Groups<G>
where
    Const<IN>: Share<G>,
    Const<OUT>: Share<G>,
{
    type In = <Const<IN> as Share<G>>::Out;
    type Out = <Const<OUT> as Share<G>>::Out;
    const GROUPS: usize = G;
}

/// What the padding of a convolution is: [`Zeros`], [`Reflect`], [`Replicate`] or [`Circular`].
pub trait PaddingMode: 'static {
    /// As a value.
    const BORDER: Border;
    /// As PyTorch prints it.
    const PRINTED: &'static str;
}

/// A padding mode that can pad an axis of `INPUT` by `PADDING` on each side.
pub trait Pads<const PADDING: usize, const INPUT: usize> {}

/// A padding mode that can pad an axis of `INPUT` so that a kernel keeps it.
pub trait PadsSame<const KERNEL: usize, const DILATION: usize, const INPUT: usize> {}

macro_rules! modes {
    ($($mode:ident $printed:literal $([$pads:ident $pads_same:ident])?;)+) => {$(
        impl PaddingMode for $mode {
            const BORDER: Border = Border::$mode;
            const PRINTED: &'static str = $printed;
        }

        impl<const P: usize, const N: usize> Pads<P, N> for $mode $(where Const<N>: $pads<P>)? {}

        impl<const K: usize, const D: usize, const N: usize> PadsSame<K, D, N> for $mode $(where Const<N>: $pads_same<K, D>)? {}
    )+};
}

modes! {
    Zeros "zeros";
    Reflect "reflect" [Mirrors MirrorsSame];
    Replicate "replicate";
    Circular "circular" [Wraps WrapsSame];
}

/// A convolution's configuration, resolved for its channels.
pub trait Convolves<const IN: usize, const OUT: usize>: 'static {
    /// `[OUT][IN / groups]` and the kernel; of a transposed convolution `[IN][OUT / groups]`.
    type Weight<T: Float>: Shape<Elem = T>;
    /// Whether there is a bias.
    type Bias: BiasOption;
    /// A `P` for each weight of one channel: what a weight is, without its first dimension.
    type Patches<P: Shape>: Shape<Elem = P::Elem>;
    /// A `P` for each channel of a group on the other side: the weight's first dimension, divided by the groups.
    type Products<P: Shape>: Shape<Elem = P::Elem>;
    /// Of the extents that it goes from and to, the one over which the window's positions run: the output's, of a transposed
    /// convolution the input's.
    type Positions<Input: Extent, Output: Extent>: Extent;
    /// The sizes, over planes that are not known yet.
    const SIZES: Convolution;
    /// The weights that PyTorch counts as those of one output: the weight's elements over its first dimension.
    const FAN_IN: usize;

    /// Writes PyTorch's arguments.
    fn describe(f: &mut Formatter<'_>) -> fmt::Result;
}

impl<const IN: usize, const OUT: usize, const GROUP_IN: usize, const GROUP_OUT: usize, K, S, P, D, G, M, B> Convolves<IN, OUT>
    for ConvSettings<K, S, P, D, G, M, B>
where
    K: Kernel,
    S: Pair,
    P: PaddingOf<S>,
    D: Pair,
    G: Grouping<IN, OUT, In = Const<GROUP_IN>, Out = Const<GROUP_OUT>>,
    M: PaddingMode,
    B: BiasOption,
{
    type Weight<T: Float> = [[K::Taps<T>; GROUP_IN]; OUT];
    type Bias = B;
    type Patches<A: Shape> = [K::Taps<A>; GROUP_IN];
    type Products<A: Shape> = [A; GROUP_OUT];
    type Positions<Input: Extent, Output: Extent> = Output;
    const SIZES: Convolution = Convolution {
        transposed: false,
        in_channels: IN,
        out_channels: OUT,
        groups: G::GROUPS,
        window: SlidingWindow {
            kernel: K::SIZES,
            stride: sizes::<K>(S::SIZES, 1),
            padding: if P::SAME { same_padding(K::SIZES, D::SIZES) } else { sizes::<K>(P::SIZES, 0) },
            dilation: sizes::<K>(D::SIZES, 1),
            border: M::BORDER,
            input: [0; 2],
            output: [0; 2],
        },
    };
    const FAN_IN: usize = GROUP_IN * K::SIZES[0] * K::SIZES[1];

    fn describe(f: &mut Formatter<'_>) -> fmt::Result {
        let window = Self::SIZES.window;
        let tuple = |sizes| Tuple(sizes, K::RANK);
        write!(f, "{IN}, {OUT}, kernel_size={}, stride={}", tuple(window.kernel), tuple(window.stride))?;
        if P::SAME {
            f.write_str(", padding=same")?;
        } else if window.padding != [0; 2] {
            write!(f, ", padding={}", tuple(window.padding))?;
        }
        describe_rest::<B>(f, K::RANK, window.dilation, [0; 2], G::GROUPS)?;
        if window.border != Border::Zeros { write!(f, ", padding_mode={}", M::PRINTED) } else { Ok(()) }
    }
}

/// What stands above and on the left where the size is kept: the smaller half.
const fn same_padding([height, width]: [usize; 2], [down, right]: [usize; 2]) -> [usize; 2] {
    [down * height.saturating_sub(1) / 2, right * width.saturating_sub(1) / 2]
}

impl<const IN: usize, const OUT: usize, const GROUP_IN: usize, const GROUP_OUT: usize, K, S, P, O, D, G, B> Convolves<IN, OUT>
    for ConvTransposeSettings<K, S, P, O, D, G, B>
where
    K: Kernel,
    S: Pair,
    P: Pair,
    O: Pair,
    D: Pair,
    G: Grouping<IN, OUT, In = Const<GROUP_IN>, Out = Const<GROUP_OUT>>,
    B: BiasOption,
{
    type Weight<T: Float> = [[K::Taps<T>; GROUP_OUT]; IN];
    type Bias = B;
    type Patches<A: Shape> = [K::Taps<A>; GROUP_OUT];
    type Products<A: Shape> = [A; GROUP_IN];
    type Positions<Input: Extent, Output: Extent> = Input;
    const SIZES: Convolution = Convolution {
        transposed: true,
        in_channels: OUT,
        out_channels: IN,
        groups: G::GROUPS,
        window: SlidingWindow {
            kernel: K::SIZES,
            stride: sizes::<K>(S::SIZES, 1),
            padding: sizes::<K>(P::SIZES, 0),
            dilation: sizes::<K>(D::SIZES, 1),
            border: Border::Zeros,
            input: [0; 2],
            output: [0; 2],
        },
    };
    const FAN_IN: usize = GROUP_OUT * K::SIZES[0] * K::SIZES[1];

    fn describe(f: &mut Formatter<'_>) -> fmt::Result {
        let window = Self::SIZES.window;
        let tuple = |sizes| Tuple(sizes, K::RANK);
        write!(f, "{IN}, {OUT}, kernel_size={}, stride={}", tuple(window.kernel), tuple(window.stride))?;
        if window.padding != [0; 2] {
            write!(f, ", padding={}", tuple(window.padding))?;
        }
        describe_rest::<B>(f, K::RANK, window.dilation, O::SIZES, G::GROUPS)
    }
}

fn describe_rest<B: BiasOption>(
    f: &mut Formatter<'_>,
    rank: usize,
    dilation: [usize; 2],
    output_padding: [usize; 2],
    groups: usize,
) -> fmt::Result {
    if dilation != [1; 2] {
        write!(f, ", dilation={}", Tuple(dilation, rank))?;
    }
    if output_padding != [0; 2] {
        write!(f, ", output_padding={}", Tuple(output_padding, rank))?;
    }
    if groups != 1 {
        write!(f, ", groups={groups}")?;
    }
    if B::PRINTED == "False" { f.write_str(", bias=False") } else { Ok(()) }
}

/// A pool's stride over the kernel `K`.
pub trait PoolStride<K>: 'static {
    /// The `Const` of the height.
    type H;
    /// The `Const` of the width.
    type W;
    /// Both.
    const SIZES: [usize; 2];
}

impl<const KH: usize, const KW: usize> PoolStride<Area<KH, KW>> for KernelStride {
    type H = Const<KH>;
    type W = Const<KW>;
    const SIZES: [usize; 2] = [KH, KW];
}

impl<const K: usize> PoolStride<Length<K>> for KernelStride {
    type H = Const<1>;
    type W = Const<K>;
    const SIZES: [usize; 2] = [1, K];
}

impl<K: Kernel, const H: usize, const W: usize> PoolStride<K> for Stride<H, W> {
    type H = Const<H>;
    type W = Const<W>;
    const SIZES: [usize; 2] = sizes::<K>([H, W], 1);
}

/// A pool's padding, at most half the kernel `K`.
pub trait PoolPadding<K>: 'static {
    /// The `Const` of the height.
    type H;
    /// The `Const` of the width.
    type W;
    /// Both.
    const SIZES: [usize; 2];
}

impl<K: Kernel> PoolPadding<K> for Unpadded {
    type H = Const<0>;
    type W = Const<0>;
    const SIZES: [usize; 2] = [0; 2];
}

impl<const KH: usize, const KW: usize, const H: usize, const W: usize> PoolPadding<Area<KH, KW>> for Padding<H, W>
where
    Const<KH>: Covers<H>,
    Const<KW>: Covers<W>,
{
    type H = Const<H>;
    type W = Const<W>;
    const SIZES: [usize; 2] = [H, W];
}

impl<const K: usize, const N: usize> PoolPadding<Length<K>> for Padding<N>
where
    Const<K>: Covers<N>,
{
    type H = Const<0>;
    type W = Const<N>;
    const SIZES: [usize; 2] = [0, N];
}

/// What a pool makes of a window: [`Maxima`] or [`Averages`].
pub trait PoolKind: 'static {
    /// The `Const` of the dilation's height.
    type H;
    /// The `Const` of its width.
    type W;
    /// Both.
    const DILATION: [usize; 2];
    /// Whether the backward pass needs a plane to work in.
    const NEEDS_PLANE: bool;

    /// y = the pool of x.
    fn forward<T: Float>(window: &SlidingWindow, x: &[T], y: &mut [T]);

    /// Turns `x` into its gradient. `dy` is used up.
    fn backward<T: Float, Plane: Shape<Elem = T>>(window: &SlidingWindow, x: &mut [T], dy: &mut [T]);

    /// Writes PyTorch's arguments.
    fn describe(f: &mut Formatter<'_>, rank: usize, window: &SlidingWindow) -> fmt::Result;
}

impl<const H: usize, const W: usize> PoolKind for Maxima<Dilation<H, W>> {
    type H = Const<H>;
    type W = Const<W>;
    const DILATION: [usize; 2] = [H, W];
    const NEEDS_PLANE: bool = true;

    #[inline]
    fn forward<T: Float>(window: &SlidingWindow, x: &[T], y: &mut [T]) {
        pool::max_pool(window, x, y);
    }

    #[inline]
    fn backward<T: Float, Plane: Shape<Elem = T>>(window: &SlidingWindow, x: &mut [T], dy: &mut [T]) {
        pool::max_pool_backward(window, x, dy, Tensor::<Plane>::zeros().as_mut_slice());
    }

    fn describe(f: &mut Formatter<'_>, rank: usize, window: &SlidingWindow) -> fmt::Result {
        let [kernel, stride] = [window.kernel, window.stride].map(|sizes| Brief(sizes, rank));
        let [padding, dilation] = [window.padding, window.dilation].map(|sizes| Brief(sizes, rank));
        write!(f, "kernel_size={kernel}, stride={stride}, padding={padding}, dilation={dilation}, ceil_mode=False")
    }
}

/// Whether an average counts the padding: [`IncludePad`] or [`ExcludePad`].
pub trait Counting: 'static {
    /// It does.
    const INCLUDE_PAD: bool;
}

impl Counting for IncludePad {
    const INCLUDE_PAD: bool = true;
}

impl Counting for ExcludePad {
    const INCLUDE_PAD: bool = false;
}

impl<C: Counting> PoolKind for Averages<C> {
    type H = Const<1>;
    type W = Const<1>;
    const DILATION: [usize; 2] = [1; 2];
    const NEEDS_PLANE: bool = false;

    #[inline]
    fn forward<T: Float>(window: &SlidingWindow, x: &[T], y: &mut [T]) {
        pool::avg_pool(window, C::INCLUDE_PAD, x, y);
    }

    #[inline]
    fn backward<T: Float, Plane: Shape<Elem = T>>(window: &SlidingWindow, x: &mut [T], dy: &mut [T]) {
        pool::avg_pool_backward(window, C::INCLUDE_PAD, dy, x);
    }

    fn describe(f: &mut Formatter<'_>, rank: usize, window: &SlidingWindow) -> fmt::Result {
        let sizes = [window.kernel, window.stride, window.padding];
        if rank == 1 {
            let [kernel, stride, padding] = sizes.map(|sizes| Tuple(sizes, 1));
            return write!(f, "kernel_size={kernel}, stride={stride}, padding={padding}");
        }
        let [kernel, stride, padding] = sizes.map(|sizes| Brief(sizes, 2));
        write!(f, "kernel_size={kernel}, stride={stride}, padding={padding}")
    }
}

/// A pool's configuration, resolved.
pub trait Pools: 'static {
    /// Maxima or averages.
    type Kind: PoolKind;
    /// The window, over a plane that is not known yet.
    const WINDOW: SlidingWindow;
    /// The number of dimensions.
    const RANK: usize;
}

impl<Kind: PoolKind, K: Kernel, S: PoolStride<K>, P: PoolPadding<K>> Pools for PoolSettings<Kind, K, S, P> {
    type Kind = Kind;
    const WINDOW: SlidingWindow = SlidingWindow {
        kernel: K::SIZES,
        stride: S::SIZES,
        padding: P::SIZES,
        dilation: sizes::<K>(Kind::DILATION, 1),
        border: Border::Zeros,
        input: [0; 2],
        output: [0; 2],
    };
    const RANK: usize = K::RANK;
}

/// A pool's arguments as PyTorch prints them.
pub(super) struct PoolArguments<P>(pub PhantomData<P>);

impl<P: Pools> Display for PoolArguments<P> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        P::Kind::describe(f, P::RANK, &P::WINDOW)
    }
}

/// Sizes as a number if it is one, as PyTorch prints what it was given.
pub(super) struct Brief(pub [usize; 2], pub usize);

impl Display for Brief {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match *self {
            Self([_, length], 1) => length.fmt(f),
            Self([height, width], _) if height == width => height.fmt(f),
            Self(sizes, rank) => Tuple(sizes, rank).fmt(f),
        }
    }
}

/// Sizes as a tuple in Python.
pub(super) struct Tuple(pub [usize; 2], pub usize);

impl Display for Tuple {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match *self {
            Self([_, length], 1) => write!(f, "({length},)"),
            Self([height, width], _) => write!(f, "({height}, {width})"),
        }
    }
}

/// The buffers of a convolution with the configuration `C` whose window takes the positions of an extent.
pub struct ConvBuffers<C, Positions, const IN: usize, const OUT: usize>(PhantomData<(C, Positions)>);

impl<T: Float, C: Convolves<IN, OUT>, Positions: Extent, const IN: usize, const OUT: usize> ConvolutionBuffers<T>
    for ConvBuffers<C, Positions, IN, OUT>
{
    type Whole = C::Patches<Positions::Plane<T>>;
    type Tile = C::Patches<[T; TILE]>;
    type Products = C::Products<[T; TILE]>;
}

// What becomes of the planes' sizes.

impl<const K: usize, const S: usize, const P: usize, const D: usize, const L: usize, const OL: usize, G, M, B> Slides<Const<L>>
    for ConvSettings<Length<K>, Stride<S>, Padding<P>, Dilation<D>, G, M, B>
where
    Const<L>: Window<Const<K>, Const<S>, Const<P>, Const<D>, Out = Const<OL>>,
    M: Pads<P, L>,
{
    type Out = Const<OL>;
}

impl<const K: usize, const D: usize, const L: usize, G, M, B> Slides<Const<L>>
    for ConvSettings<Length<K>, Stride<1>, Same, Dilation<D>, G, M, B>
where
    Const<K>: SameWindow<D>,
    M: PadsSame<K, D, L>,
{
    type Out = Const<L>;
}

impl<
    const KH: usize,
    const KW: usize,
    const SH: usize,
    const SW: usize,
    const PH: usize,
    const PW: usize,
    const DH: usize,
    const DW: usize,
    const H: usize,
    const W: usize,
    const OH: usize,
    const OW: usize,
    G,
    M,
    B,
> Slides<(Const<H>, Const<W>)> for ConvSettings<Area<KH, KW>, Stride<SH, SW>, Padding<PH, PW>, Dilation<DH, DW>, G, M, B>
where
    Const<H>: Window<Const<KH>, Const<SH>, Const<PH>, Const<DH>, Out = Const<OH>>,
    Const<W>: Window<Const<KW>, Const<SW>, Const<PW>, Const<DW>, Out = Const<OW>>,
    M: Pads<PH, H> + Pads<PW, W>,
{
    type Out = (Const<OH>, Const<OW>);
}

impl<const KH: usize, const KW: usize, const DH: usize, const DW: usize, const H: usize, const W: usize, G, M, B>
    Slides<(Const<H>, Const<W>)> for ConvSettings<Area<KH, KW>, Stride<1>, Same, Dilation<DH, DW>, G, M, B>
where
    Const<KH>: SameWindow<DH>,
    Const<KW>: SameWindow<DW>,
    M: PadsSame<KH, DH, H> + PadsSame<KW, DW, W>,
{
    type Out = (Const<H>, Const<W>);
}

impl<
    const KH: usize,
    const KW: usize,
    const SH: usize,
    const SW: usize,
    const PH: usize,
    const PW: usize,
    const EH: usize,
    const EW: usize,
    const DH: usize,
    const DW: usize,
    const H: usize,
    const W: usize,
    const OH: usize,
    const OW: usize,
    G,
    B,
> Slides<(Const<H>, Const<W>)>
    for ConvTransposeSettings<Area<KH, KW>, Stride<SH, SW>, Padding<PH, PW>, OutputPadding<EH, EW>, Dilation<DH, DW>, G, B>
where
    Const<H>: TransposedWindow<Const<KH>, Const<SH>, Const<PH>, Const<DH>, Const<EH>, Out = Const<OH>>,
    Const<W>: TransposedWindow<Const<KW>, Const<SW>, Const<PW>, Const<DW>, Const<EW>, Out = Const<OW>>,
{
    type Out = (Const<OH>, Const<OW>);
}

impl<const L: usize, const OL: usize, const K: usize, Kind, S, P> Slides<Const<L>> for PoolSettings<Kind, Length<K>, S, P>
where
    Kind: PoolKind,
    S: PoolStride<Length<K>>,
    P: PoolPadding<Length<K>>,
    Const<L>: Window<Const<K>, S::W, P::W, Kind::W, Out = Const<OL>>,
{
    type Out = Const<OL>;
}

impl<const H: usize, const W: usize, const OH: usize, const OW: usize, const KH: usize, const KW: usize, Kind, S, P>
    Slides<(Const<H>, Const<W>)> for PoolSettings<Kind, Area<KH, KW>, S, P>
where
    Kind: PoolKind,
    S: PoolStride<Area<KH, KW>>,
    P: PoolPadding<Area<KH, KW>>,
    Const<H>: Window<Const<KH>, S::H, P::H, Kind::H, Out = Const<OH>>,
    Const<W>: Window<Const<KW>, S::W, P::W, Kind::W, Out = Const<OW>>,
{
    type Out = (Const<OH>, Const<OW>);
}
