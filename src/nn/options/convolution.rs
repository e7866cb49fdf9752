//! What the options make of a convolution.

use core::fmt::{self, Display, Formatter};
use core::marker::PhantomData;

use super::{
    Area, Axes, BothSides, Causal, Circular, Depthwise, Dilation, Groups, Kernel, KernelWidth, Length, OneGroup, OutputPadding,
    Padding, PaddingEnd, Pair, Reflect, Replicate, Same, Set, Stride, Takes, Tuple, Zeros, sizes,
};
use crate::nn::{Bias, BiasOption, NoBias};
use crate::ops::conv::{Convolution, ConvolutionBuffers, TILE};
use crate::ops::{Border, SlidingWindow};
use crate::shape::{
    Const, Extent, Mirrors, MirrorsSame, PaddedWindow, SameWindow, Shape, Share, Slides, Sum, TransposedWindow, Window, Wraps,
    WrapsSame,
};
use crate::simd::Float;

/// The configuration of `Conv1d` and `Conv2d`: what the options set. The defaults are PyTorch's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ConvSettings<
    Kernel,
    Stride = super::Stride<1>,
    Padding = super::Padding<0>,
    Dilation = super::Dilation<1>,
    Groups = OneGroup,
    Border = Zeros,
    Bias = crate::nn::Bias,
    End = BothSides,
>(PhantomData<(Kernel, Stride, Padding, Dilation)>, PhantomData<(Groups, Border, Bias, End)>);

/// The configuration of `ConvTranspose1d` and `ConvTranspose2d`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ConvTransposeSettings<
    Kernel,
    Stride = super::Stride<1>,
    Padding = super::Padding<0>,
    OutputPadding = super::OutputPadding<0>,
    Dilation = super::Dilation<1>,
    Groups = OneGroup,
    Bias = crate::nn::Bias,
>(PhantomData<(Kernel, Stride, Padding, OutputPadding, Dilation, Groups, Bias)>);

set_sizes! {
    [K, S, P, D, G, M, B, E] Stride: ConvSettings<K, S, P, D, G, M, B, E> => ConvSettings<K, Stride<H, W>, P, D, G, M, B, E>;
    [K, S, P, D, G, M, B, E] Padding: ConvSettings<K, S, P, D, G, M, B, E> => ConvSettings<K, S, Padding<H, W>, D, G, M, B, E>;
    [K, S, P, D, G, M, B, E] PaddingEnd:
        ConvSettings<K, S, P, D, G, M, B, E> => ConvSettings<K, S, P, D, G, M, B, PaddingEnd<H, W>>;
    [K, S, P, D, G, M, B, E] Dilation: ConvSettings<K, S, P, D, G, M, B, E> => ConvSettings<K, S, P, Dilation<H, W>, G, M, B, E>;

    [K, S, P, O, D, G, B] Stride:
        ConvTransposeSettings<K, S, P, O, D, G, B> => ConvTransposeSettings<K, Stride<H, W>, P, O, D, G, B>;
    [K, S, P, O, D, G, B] Padding:
        ConvTransposeSettings<K, S, P, O, D, G, B> => ConvTransposeSettings<K, S, Padding<H, W>, O, D, G, B>;
    [K, S, P, O, D, G, B] OutputPadding:
        ConvTransposeSettings<K, S, P, O, D, G, B> => ConvTransposeSettings<K, S, P, OutputPadding<H, W>, D, G, B>;
    [K, S, P, O, D, G, B] Dilation:
        ConvTransposeSettings<K, S, P, O, D, G, B> => ConvTransposeSettings<K, S, P, O, Dilation<H, W>, G, B>;
}

set! {
    [S, P, D, G, M, B, E, const KH: usize, const KW: usize, const W: usize] KernelWidth<W>:
        ConvSettings<Area<KH, KW>, S, P, D, G, M, B, E> => ConvSettings<Area<KH, W>, S, P, D, G, M, B, E>;
    [K, S, P, D, G, M, B, E] Same: ConvSettings<K, S, P, D, G, M, B, E> => ConvSettings<K, S, Same, D, G, M, B, E>;
    [S, P, D, G, M, B, E, const K: usize] Causal:
        ConvSettings<Length<K>, S, P, D, G, M, B, E> => ConvSettings<Length<K>, S, Causal, D, G, M, B, E>;
    [K, S, P, D, G, M, B, E, const N: usize] Groups<N>:
        ConvSettings<K, S, P, D, G, M, B, E> => ConvSettings<K, S, P, D, Groups<N>, M, B, E>;
    [K, S, P, D, G, M, B, E] Depthwise: ConvSettings<K, S, P, D, G, M, B, E> => ConvSettings<K, S, P, D, Depthwise, M, B, E>;
    [K, S, P, D, G, M, B, E] Zeros: ConvSettings<K, S, P, D, G, M, B, E> => ConvSettings<K, S, P, D, G, Zeros, B, E>;
    [K, S, P, D, G, M, B, E] Reflect: ConvSettings<K, S, P, D, G, M, B, E> => ConvSettings<K, S, P, D, G, Reflect, B, E>;
    [K, S, P, D, G, M, B, E] Replicate: ConvSettings<K, S, P, D, G, M, B, E> => ConvSettings<K, S, P, D, G, Replicate, B, E>;
    [K, S, P, D, G, M, B, E] Circular: ConvSettings<K, S, P, D, G, M, B, E> => ConvSettings<K, S, P, D, G, Circular, B, E>;
    [K, S, P, D, G, M, B, E] Bias: ConvSettings<K, S, P, D, G, M, B, E> => ConvSettings<K, S, P, D, G, M, Bias, E>;
    [K, S, P, D, G, M, B, E] NoBias: ConvSettings<K, S, P, D, G, M, B, E> => ConvSettings<K, S, P, D, G, M, NoBias, E>;

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
}
/// A padding that a stride allows.
#[diagnostic::on_unimplemented(
    message = "`{Self}` padding needs a stride of 1, not `{Stride}`",
    label = "with another stride the output cannot be as large as the input"
)]
pub trait PaddingOf<Stride>: 'static {
    /// What stands before the input.
    const START: Start;
}

/// What stands before the input, above and on the left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Start {
    /// So much.
    Size([usize; 2]),
    /// The smaller half of what keeps the size.
    Same,
    /// All of what keeps the size.
    Causal,
}

impl Start {
    /// The size, for a kernel of these sizes.
    const fn size<K: Kernel>(self, [down, right]: [usize; 2]) -> [usize; 2] {
        let [height, width] = K::SIZES;
        let [height, width] = [down * height.saturating_sub(1), right * width.saturating_sub(1)];
        match self {
            Self::Size(size) => sizes::<K>(size, 0),
            Self::Same => [height / 2, width / 2],
            Self::Causal => [height, width],
        }
    }
}

impl<S, const H: usize, const W: usize> PaddingOf<S> for Padding<H, W> {
    const START: Start = Start::Size([H, W]);
}

#[diagnostic::do_not_recommend]
impl PaddingOf<Stride<1>> for Same {
    const START: Start = Start::Same;
}

#[diagnostic::do_not_recommend]
impl PaddingOf<Stride<1>> for Causal {
    const START: Start = Start::Causal;
}

/// A padding that may be filled so: [`Causal`] would not be if it were filled with later inputs.
#[diagnostic::on_unimplemented(
    message = "`{Self}` padding cannot be filled as `{Mode}` does, with later inputs",
    label = "no output may see a later input",
    note = "it is zeros, or with `Replicate` the first input"
)]
pub trait FilledBy<Mode> {}

impl<M, const H: usize, const W: usize> FilledBy<M> for Padding<H, W> {}

impl<M> FilledBy<M> for Same {}

#[diagnostic::do_not_recommend]
impl FilledBy<Zeros> for Causal {}

#[diagnostic::do_not_recommend]
impl FilledBy<Replicate> for Causal {}

/// What stands after the input, below and on the right: [`BothSides`] or [`PaddingEnd`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` goes with a `Padding` of numbers, not with `{Padding}`",
    label = "`{Padding}` says what stands on both sides"
)]
pub trait EndOf<Padding>: 'static {
    /// The size where it is one of its own.
    const SIZE: Option<[usize; 2]>;
}

impl<P> EndOf<P> for BothSides {
    const SIZE: Option<[usize; 2]> = None;
}

#[diagnostic::do_not_recommend]
impl<const PH: usize, const PW: usize, const H: usize, const W: usize> EndOf<Padding<PH, PW>> for PaddingEnd<H, W> {
    const SIZE: Option<[usize; 2]> = Some([H, W]);
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

impl<const IN: usize, const OUT: usize, const GROUP_IN: usize, const GROUP_OUT: usize, K, S, P, D, G, M, B, E>
    Convolves<IN, OUT> for ConvSettings<K, S, P, D, G, M, B, E>
where
    K: Kernel,
    S: Pair,
    P: PaddingOf<S> + FilledBy<M>,
    E: EndOf<P>,
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
            padding: P::START.size::<K>(D::SIZES),
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
        match (P::START, E::SIZE) {
            (Start::Same, _) => f.write_str(", padding=same")?,
            (Start::Causal, _) => f.write_str(", padding=causal")?,
            (_, Some(end)) => write!(f, ", padding={}", BothSizes(window.padding, end, K::RANK))?,
            (_, None) if window.padding == [0; 2] => {}
            (_, None) => write!(f, ", padding={}", tuple(window.padding))?,
        }
        describe_rest::<B>(f, K::RANK, window.dilation, [0; 2], G::GROUPS)?;
        if window.border != Border::Zeros { write!(f, ", padding_mode={}", M::PRINTED) } else { Ok(()) }
    }
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

/// The padding of both sides of each dimension, which PyTorch has no word for: `((2, 1),)`.
struct BothSizes([usize; 2], [usize; 2], usize);

impl Display for BothSizes {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self([top, left], [bottom, right], rank) = *self;
        match rank {
            1 => write!(f, "(({left}, {right}),)"),
            _ => write!(f, "(({top}, {bottom}), ({left}, {right}))"),
        }
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

impl<
    const K: usize,
    const S: usize,
    const P: usize,
    const E: usize,
    const D: usize,
    const L: usize,
    const PADDING: usize,
    const OL: usize,
    G,
    M,
    B,
> Slides<Const<L>> for ConvSettings<Length<K>, Stride<S>, Padding<P>, Dilation<D>, G, M, B, PaddingEnd<E>>
where
    Const<P>: Sum<Const<E>, Out = Const<PADDING>>,
    Const<L>: PaddedWindow<Const<K>, Const<S>, Const<PADDING>, Const<D>, Out = Const<OL>>,
    M: Pads<P, L> + Pads<E, L>,
{
    type Out = Const<OL>;
}

impl<const K: usize, const D: usize, const L: usize, G, M, B> Slides<Const<L>>
    for ConvSettings<Length<K>, Stride<1>, Causal, Dilation<D>, G, M, B>
where
    Const<K>: SameWindow<D, L>,
{
    type Out = Const<L>;
}

impl<const K: usize, const D: usize, const L: usize, G, M, B> Slides<Const<L>>
    for ConvSettings<Length<K>, Stride<1>, Same, Dilation<D>, G, M, B>
where
    Const<K>: SameWindow<D, L>,
    M: PadsSame<K, D, L>,
{
    type Out = Const<L>;
}

impl<const H: usize, const W: usize, const OH: usize, const OW: usize, K, S, P, D, G, M, B, E> Slides<(Const<H>, Const<W>)>
    for ConvSettings<K, S, P, D, G, M, B, E>
where
    K: Axes,
    S: Axes,
    P: Axes,
    D: Axes,
    E: Axes,
    ConvSettings<K::Height, S::Height, P::Height, D::Height, G, M, B, E::Height>: Slides<Const<H>, Out = Const<OH>>,
    ConvSettings<K::Width, S::Width, P::Width, D::Width, G, M, B, E::Width>: Slides<Const<W>, Out = Const<OW>>,
{
    type Out = (Const<OH>, Const<OW>);
}

impl<const K: usize, const S: usize, const P: usize, const E: usize, const D: usize, const L: usize, const OL: usize, G, B>
    Slides<Const<L>> for ConvTransposeSettings<Length<K>, Stride<S>, Padding<P>, OutputPadding<E>, Dilation<D>, G, B>
where
    Const<L>: TransposedWindow<Const<K>, Const<S>, Const<P>, Const<D>, Const<E>, Out = Const<OL>>,
{
    type Out = Const<OL>;
}

impl<const H: usize, const W: usize, const OH: usize, const OW: usize, K, S, P, O, D, G, B> Slides<(Const<H>, Const<W>)>
    for ConvTransposeSettings<K, S, P, O, D, G, B>
where
    K: Axes,
    S: Axes,
    P: Axes,
    O: Axes,
    D: Axes,
    ConvTransposeSettings<K::Height, S::Height, P::Height, O::Height, D::Height, G, B>: Slides<Const<H>, Out = Const<OH>>,
    ConvTransposeSettings<K::Width, S::Width, P::Width, O::Width, D::Width, G, B>: Slides<Const<W>, Out = Const<OW>>,
{
    type Out = (Const<OH>, Const<OW>);
}
