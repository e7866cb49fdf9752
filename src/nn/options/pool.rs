//! What the options make of a pool.

use core::fmt::{self, Display, Formatter};
use core::marker::PhantomData;

use super::{
    Area, Brief, CeilMode, Dilation, ExcludePad, FloorMode, IncludePad, Kernel, KernelStride, KernelWidth, Length, Padding,
    Set, Stride, Takes, Tuple, Unpadded, sizes,
};
use crate::ops::{Border, SlidingWindow, pool};
use crate::shape::{CeilWindow, Const, Covers, Shape, Slides, Window};
use crate::simd::Float;
use crate::tensor::Tensor;

/// The configuration of the pools.
pub struct PoolSettings<Kind, Kernel, Stride = KernelStride, Padding = Unpadded, Rounding = FloorMode>(
    PhantomData<(Kind, Kernel, Stride, Padding, Rounding)>,
);

/// A pool of maxima, whose window may have gaps.
pub struct Maxima<Dilation = super::Dilation<1>>(PhantomData<Dilation>);

/// A pool of averages.
pub struct Averages<Counted = IncludePad>(PhantomData<Counted>);

set_sizes! {
    [Kind, K, S, P, R] Stride: PoolSettings<Kind, K, S, P, R> => PoolSettings<Kind, K, Stride<H, W>, P, R>;
    [Kind, K, S, P, R] Padding: PoolSettings<Kind, K, S, P, R> => PoolSettings<Kind, K, S, Padding<H, W>, R>;
    [D, K, S, P, R] Dilation: PoolSettings<Maxima<D>, K, S, P, R> => PoolSettings<Maxima<Dilation<H, W>>, K, S, P, R>;
}

set! {
    [Kind, S, P, R, const KH: usize, const KW: usize, const W: usize] KernelWidth<W>:
        PoolSettings<Kind, Area<KH, KW>, S, P, R> => PoolSettings<Kind, Area<KH, W>, S, P, R>;
    [C, K, S, P, R] ExcludePad: PoolSettings<Averages<C>, K, S, P, R> => PoolSettings<Averages<ExcludePad>, K, S, P, R>;
    [C, K, S, P, R] IncludePad: PoolSettings<Averages<C>, K, S, P, R> => PoolSettings<Averages<IncludePad>, K, S, P, R>;
    [Kind, K, S, P, R] CeilMode: PoolSettings<Kind, K, S, P, R> => PoolSettings<Kind, K, S, P, CeilMode>;
    [Kind, K, S, P, R] FloorMode: PoolSettings<Kind, K, S, P, R> => PoolSettings<Kind, K, S, P, FloorMode>;
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
    fn describe(f: &mut Formatter<'_>, rank: usize, window: &SlidingWindow, ceil_mode: &str) -> fmt::Result;
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

    fn describe(f: &mut Formatter<'_>, rank: usize, window: &SlidingWindow, ceil_mode: &str) -> fmt::Result {
        let [kernel, stride] = [window.kernel, window.stride].map(|sizes| Brief(sizes, rank));
        let [padding, dilation] = [window.padding, window.dilation].map(|sizes| Brief(sizes, rank));
        write!(f, "kernel_size={kernel}, stride={stride}, padding={padding}, dilation={dilation}, ceil_mode={ceil_mode}")
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

    fn describe(f: &mut Formatter<'_>, rank: usize, window: &SlidingWindow, _: &str) -> fmt::Result {
        let sizes = [window.kernel, window.stride, window.padding];
        if rank == 1 {
            let [kernel, stride, padding] = sizes.map(|sizes| Tuple(sizes, 1));
            return write!(f, "kernel_size={kernel}, stride={stride}, padding={padding}");
        }
        let [kernel, stride, padding] = sizes.map(|sizes| Brief(sizes, 2));
        write!(f, "kernel_size={kernel}, stride={stride}, padding={padding}")
    }
}

/// Whether the last window may reach past the padded input: [`FloorMode`] or [`CeilMode`].
pub trait Rounding: 'static {
    /// Whether it may.
    const UP: bool;
    /// What PyTorch prints.
    const PRINTED: &'static str = if Self::UP { "True" } else { "False" };
}

impl Rounding for FloorMode {
    const UP: bool = false;
}

impl Rounding for CeilMode {
    const UP: bool = true;
}

/// A pool's configuration, resolved.
pub trait Pools: 'static {
    /// Maxima or averages.
    type Kind: PoolKind;
    /// The window, over a plane that is not known yet.
    const WINDOW: SlidingWindow;
    /// The number of dimensions.
    const RANK: usize;
    /// Whether the last window may reach past the padded input, as PyTorch prints it.
    const CEIL_MODE: &'static str;
}

impl<Kind: PoolKind, K: Kernel, S: PoolStride<K>, P: PoolPadding<K>, R: Rounding> Pools for PoolSettings<Kind, K, S, P, R> {
    type Kind = Kind;
    const CEIL_MODE: &'static str = R::PRINTED;
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
pub(in crate::nn) struct PoolArguments<P>(pub PhantomData<P>);

impl<P: Pools> Display for PoolArguments<P> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        P::Kind::describe(f, P::RANK, &P::WINDOW, P::CEIL_MODE)
    }
}

/// What becomes of the planes' sizes, by the window's rule for each rounding.
macro_rules! slides {
    ($($rounding:ident $window:ident;)+) => {$(
        impl<const L: usize, const OL: usize, const K: usize, Kind, S, P> Slides<Const<L>>
            for PoolSettings<Kind, Length<K>, S, P, $rounding>
        where
            Kind: PoolKind,
            S: PoolStride<Length<K>>,
            P: PoolPadding<Length<K>>,
            Const<L>: $window<Const<K>, S::W, P::W, Kind::W, Out = Const<OL>>,
        {
            type Out = Const<OL>;
        }

        impl<const H: usize, const W: usize, const OH: usize, const OW: usize, const KH: usize, const KW: usize, Kind, S, P>
            Slides<(Const<H>, Const<W>)> for PoolSettings<Kind, Area<KH, KW>, S, P, $rounding>
        where
            Kind: PoolKind,
            S: PoolStride<Area<KH, KW>>,
            P: PoolPadding<Area<KH, KW>>,
            Const<H>: $window<Const<KH>, S::H, P::H, Kind::H, Out = Const<OH>>,
            Const<W>: $window<Const<KW>, S::W, P::W, Kind::W, Out = Const<OW>>,
        {
            type Out = (Const<OH>, Const<OW>);
        }
    )+};
}

slides! {
    FloorMode Window;
    CeilMode CeilWindow;
}
