//! Settings of convolutions, pools and recurrent layers, by name.
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
//! | [`PaddingEnd<H, W>`] | `F.pad` before the layer | `Padding` | ✓ | | | |
//! | [`Same`] | `padding="same"` | | ✓ | | | |
//! | [`Causal`] | `F.pad(x, ((K - 1) * D, 0))` before the layer | | 1d | | | |
//! | [`OutputPadding<H, W>`] | `output_padding` | 0 | | ✓ | | |
//! | [`Dilation<H, W>`] | `dilation` | 1 | ✓ | ✓ | ✓ | |
//! | [`Groups<G>`], [`Depthwise`] | `groups` | 1 | ✓ | ✓ | | |
//! | [`NoBias`](super::NoBias) | `bias=False` | [`Bias`](super::Bias) | ✓ | ✓ | | |
//! | [`Reflect`], [`Replicate`], [`Circular`] | `padding_mode` | [`Zeros`] | ✓ | | | |
//! | [`CeilMode`] | `ceil_mode=True` | [`FloorMode`] | | | ✓ | ✓ |
//! | [`ExcludePad`] | `count_include_pad=False` | counted | | | | ✓ |
//!
//! [`Rnn`](super::Rnn), [`Lstm`](super::Lstm) and [`Gru`](super::Gru) take [`Layers<N>`], [`Bidirectional`], [`NoBias`](super::NoBias),
//! [`Dropout`](super::Dropout) (between layers) and [`Recompute`]; a `Rnn` also [`Relu`](super::Relu).
//!
//! [`UpsampleLinear`](super::UpsampleLinear) and [`UpsampleBilinear`](super::UpsampleBilinear) take [`Scale<H, W>`] or [`Size<H, W>`], and
//! [`AlignCorners`].
//!
//! Options of two dimensions take one number for both or two, height first: `Stride<2>` is `Stride<2, 2>`. In one dimension
//! they take one.
//!
//! Where height and width are generic, what can be said of the output is [`Same`] (of signals also [`Causal`]), also for a kernel of
//! 1: `Conv2d<C, C, 1, Same>`. Other settings make the type checker compute, which it can only with numbers; a struct of layers
//! (`#[derive(Module)]`) leaves that to where it is used and needs no bound for it.
//!
//! A setting is a type, so [`Set`] computes the layer's configuration in the type checker. A layer of one's own may have
//! options of the same kind: a configuration type with a parameter a setting, and an impl of [`Set`] for each option.

use core::fmt::{self, Display, Formatter};

use crate::shape::Shape;

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
    Conv1dLayer Conv1d Conv2dLayer Conv2d ConvTranspose1dLayer ConvTranspose1d ConvTranspose2dLayer ConvTranspose2d
    MaxPool1dLayer MaxPool1d MaxPool2dLayer MaxPool2d AvgPool1dLayer AvgPool1d AvgPool2dLayer AvgPool2d
    UpsampleLinearLayer UpsampleLinear UpsampleBilinearLayer UpsampleBilinear
    RnnLayer Rnn LstmLayer Lstm GruLayer Gru
    MultiheadAttentionLayer MultiheadAttention EncoderLayer TransformerEncoderLayer
    DecoderLayer TransformerDecoderLayer
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
    #[doc(alias = "kernel_size")]
    KernelWidth<W>;
    /// How far the window moves from one output to the next.
    Stride<H, W = H>;
    /// How much is put around the input on each side: zeros, unless [`Reflect`], [`Replicate`] or [`Circular`] is set.
    #[doc(alias("ZeroPad1d", "ZeroPad2d", "pad"))]
    Padding<H, W = H>;
    /// How much is put around the input at its end, below and on the right, where it is not what [`Padding`] puts around the start:
    /// `(Padding<2>, PaddingEnd<1>)`, and `PaddingEnd<1>` alone for nothing at the start.
    #[doc(alias("ZeroPad1d", "ZeroPad2d", "asymmetric"))]
    PaddingEnd<H, W = H>;
    /// As much padding as keeps the size: the output's height and width *are* the input's, so a block that is generic over them
    /// needs no bound. Where the padding is odd, the side at the end has one more, as in PyTorch. The stride must be 1.
    Same;
    /// No output sees a later input: `DILATION * (KERNEL - 1)` of padding before the signal and none after it, which keeps the
    /// length, so a block that is generic over it needs no bound. The stride must be 1, the padding zeros or [`Replicate`].
    Causal;
    /// Attention as [`Causal`], to at most `N` tokens, the length of a language model's context. A sequence that is longer does not build,
    /// and what remembers the tokens has a size that the type knows: so the layer [streams](crate::stream), where `Causal` alone goes on
    /// token by token with a cache of one's own.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let attention = MultiheadAttention::<4, 2, Context<8>>::init(&mut SmallRng::seed_from_u64(0));
    /// let x = Tensor::<[[f32; 4]; 8]>::ones();
    /// let mut stream = attention.stream::<Tensor<[[f32; 4]; 1]>>();
    /// for y in attention.forward(&x).rows() {
    ///     assert!(y.all_close(&Tensor(stream.step(&Tensor([[1.0; 4]])).unwrap().0[0]), 1e-5, 1e-5));
    /// }
    /// assert_eq!(stream.step(&Tensor([[1.0; 4]])), None); // the context is full
    /// ```
    ///
    /// ```compile_fail
    /// # use adamant::prelude::*;
    /// let attention = MultiheadAttention::<4, 2, Context<8>>::BLANK;
    /// attention.forward(Tensor::<[[f32; 4]; 9]>::zeros()); // error: takes sequences of up to 8 tokens, and this one has 9
    /// ```
    #[doc(alias("context_length", "max_len"))]
    Context<N>;
    /// How much longer a transposed convolution's output is at its end. A stride of S shrinks S lengths to one, and this says which of
    /// them comes back, so it must be smaller than the stride (or the dilation).
    #[doc(alias = "output_padding")]
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
    #[doc(alias = "padding_mode")]
    Reflect;
    /// The padding repeats the edge: `a a | a b c | c c`.
    #[doc(alias = "padding_mode")]
    Replicate;
    /// The padding goes on at the other side: `b c | a b c | a b`. It must not be larger than the input.
    #[doc(alias = "padding_mode")]
    Circular;
    /// The last window of a pool may reach past its padded input, if it begins in the input or the padding before it.
    #[doc(alias = "ceil_mode")]
    CeilMode;
    /// The last window of a pool ends in its padded input: the default.
    FloorMode;
    /// An average counts the input's elements only, not the padding.
    #[doc(alias = "count_include_pad")]
    ExcludePad;
    /// An average counts the padding as zeros: the default.
    IncludePad;
    /// All channels in one group: the default.
    OneGroup;
    /// The stride of a pool that is given none: its kernel.
    KernelStride;
    /// The padding of a pool that is given none. It fits any kernel, `Padding<0>` only one that the type checker knows.
    Unpadded;
    /// How many times larger an upsampled image or signal is.
    #[doc(alias = "scale_factor")]
    Scale<H, W = H>;
    /// How large an upsampled image or signal is.
    Size<H, W = H>;
    /// The first and the last pixel keep their places, and what is between them is stretched.
    #[doc(alias = "align_corners")]
    AlignCorners;
    /// Pixels are areas that are stretched, so that their centres move: the default.
    AlignEdges;
    /// The padding of both sides is the same: the default.
    BothSides;
    /// So many recurrent layers, from 1 to 16, each of which takes the states of the one before.
    #[doc(alias = "num_layers")]
    Layers<N>;
    /// A recurrent layer runs through time in both directions, and its output is the states of both, side by side.
    #[doc(alias = "bidirectional")]
    Bidirectional;
    /// A recurrent layer runs forward in time: the default.
    OneWay;
    /// A recurrent layer keeps its states alone for the way back, and computes the gates anew there: the gates' memory is that of one
    /// layer, and the time that of one more forward pass.
    #[doc(alias("checkpoint", "gradient checkpointing"))]
    Recompute;
    /// A recurrent layer keeps its gates for the way back: the default.
    KeepGates;
    /// A kernel of two dimensions.
    Area<H, W>;
    /// A kernel of one dimension.
    Length<L>;
}

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

mod attention;
mod convolution;
mod pool;
mod recurrent;
mod upsample;

pub use attention::*;
pub use convolution::*;
pub use pool::*;
pub use recurrent::*;
pub use upsample::*;

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

/// A setting of two dimensions as those of one along each: the height is slid over as a signal is, and the width.
pub trait Axes {
    /// Along the height.
    type Height;
    /// Along the width.
    type Width;
}

macro_rules! pairs {
    ($($name:ident)+) => {$(
        impl<const H: usize, const W: usize> Pair for $name<H, W> {
            const SIZES: [usize; 2] = [H, W];
        }

        impl<const H: usize, const W: usize> Axes for $name<H, W> {
            type Height = $name<H>;
            type Width = $name<W>;
        }
    )+};
}

pairs! { Stride Padding PaddingEnd OutputPadding Dilation }

impl<const H: usize, const W: usize> Axes for Area<H, W> {
    type Height = Length<H>;
    type Width = Length<W>;
}

macro_rules! alike {
    ($($name:ident)+) => {$(
        impl Axes for $name {
            type Height = Self;
            type Width = Self;
        }
    )+};
}

alike! { Same BothSides }

/// The numbers as a layer over `K` uses them: in one dimension the height has none of its own.
const fn sizes<K: Kernel>([height, width]: [usize; 2], without: usize) -> [usize; 2] {
    [if K::RANK == 1 { without } else { height }, width]
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
