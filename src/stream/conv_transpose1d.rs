//! [`ConvTranspose1d`] frame by frame: each gives as many outputs as the stride says.
//!
//! Output r, counted before the padding is cut off, is `b + Σ w[k] · x[t]` over all k and t with `r = t · stride + k · dilation`. It is due
//! as soon as the last such frame has come, and it is known that the output does not end before it.

use super::{After, Lag, Stream};
use crate::heap::{Filled, Slot};
use crate::nn::options::{ConvTransposeSettings, Convolves, Length};
use crate::nn::{ConvTranspose1d, ConvTranspose1dOptions, Dilation, OutputPadding, Padding};
use crate::ops::Addend;
use crate::ops::conv::Arranged;
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::{Buffer, Tensor};

/// The sizes of what a frame adds to along time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SpreadSizes {
    /// The elements of the kernel.
    pub taps: usize,
    /// The outputs for each frame.
    pub stride: usize,
    /// From one element of the kernel to the next.
    pub dilation: usize,
    /// The outputs that are cut off at both ends.
    pub padding: usize,
    /// Those that are given back at the last.
    pub output_padding: usize,
}

impl SpreadSizes {
    /// From the first output that a frame adds to, to the last.
    const fn reach(&self) -> usize {
        self.dilation * self.taps.saturating_sub(1)
    }

    /// The outputs from a frame's first one to the end, if it is the last frame.
    const fn remaining(&self) -> usize {
        let text = "a transposed convolution cannot be streamed whose padding cuts off all that its last frame gives";
        assert!(self.padding < self.reach() + 1 + self.output_padding, "{}", text);
        self.reach() + 1 + self.output_padding - self.padding
    }

    /// Those that are due with a frame are as many as the stride, and the last ones of them so many before the next frame's first one:
    /// where the padding cuts off more than the reach adds, they may not exist.
    const fn early(&self) -> usize {
        self.stride.saturating_sub(self.remaining())
    }

    /// With frame `⌊i / stride⌋ + latency` output i has come.
    const fn latency(&self) -> usize {
        (self.padding + self.early()).div_ceil(self.stride)
    }
}

/// The configuration of a transposed convolution along time.
pub trait SpreadsOverTime {
    /// An `S` for each frame that an output may depend on.
    type Frames<S: Shape>: Shape<Elem = S::Elem>;
    /// What a shortcut around the layer needs, if its stride is 1.
    type Delay: Lag;
    /// The sizes.
    const SPREAD: SpreadSizes;
}

impl<const K: usize, const S: usize, const P: usize, const E: usize, const D: usize, G, B> SpreadsOverTime
    for ConvTransposeSettings<Length<K>, crate::nn::Stride<S>, Padding<P>, OutputPadding<E>, Dilation<D>, G, B>
{
    // Enough: what is due with a frame depends on at most ⌊dilation · (taps − 1) / stride⌋ frames before it, and on one more if some of it
    // comes late. That leaves room unused where the stride is large, but no quotient stands in a type.
    type Frames<A: Shape> = [[A; D]; K];
    type Delay = After<P>;
    const SPREAD: SpreadSizes = SpreadSizes { taps: K, stride: S, dilation: D, padding: P, output_padding: E };
}

/// What a transposed convolution keeps: the frames that outputs still depend on, and its weight in the order in which a step reads it, on
/// machines where that is another than the layer's.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SpreadState<A, W: Shape> {
    /// In a ring.
    frames: Tensor<A>,
    /// The place of the newest frame's first number.
    newest: usize,
    /// The next output, counted from the first of those that are due with the newest frame; before the first frame, with the one before it.
    next: usize,
    begun: bool,
    weight: Arranged<W>,
}

impl<A: Shape, W: Shape> Buffer for SpreadState<A, W> {
    const ZERO: Self = Self { frames: Tensor::ZERO, newest: 0, next: 0, begun: false, weight: Arranged::ZERO };

    #[inline]
    fn zero_in(slot: Slot<'_, Self>) -> Filled<'_, Self> {
        crate::in_place!(
            slot,
            Self {
                frames: Tensor::zero_in,
                newest: |slot| slot.write(0),
                next: |slot| slot.write(0),
                begun: |slot| slot.write(false),
                weight: Arranged::zero_in,
            }
        )
    }
}

impl<A: Shape, W: Shape<Elem = A::Elem>> SpreadState<A, W> {
    /// Takes a frame, when all that is due before it has been given.
    #[inline]
    fn push(&mut self, sizes: &SpreadSizes, x: &[A::Elem]) {
        self.newest = if self.newest == 0 { A::LEN.saturating_sub(x.len()) } else { self.newest - x.len() };
        if let Some(newest) = self.frames.as_mut_slice().get_mut(self.newest..self.newest + x.len()) {
            newest.copy_from_slice(x);
        }
        self.next = self.next.saturating_sub(sizes.stride);
        self.begun = true;
    }

    /// The elements of the kernel through which the next output depends on frames, and these, of so many numbers.
    #[inline]
    fn terms(&self, sizes: &SpreadSizes, width: usize) -> impl Iterator<Item = (usize, &[A::Elem])> {
        let (frames, newest) = (self.frames.as_slice(), self.newest);
        let (next, stride, dilation, early) = (self.next, sizes.stride, sizes.dilation, sizes.early());
        (0..sizes.taps).rev().filter_map(move |tap| {
            // The newest frame's first output is the one after those that come late.
            let distance = (tap * dilation + early).checked_sub(next)?;
            let at = newest + distance / stride * width;
            let at = if at >= frames.len() { at - frames.len() } else { at };
            frames.get(at..at + width).filter(|_| distance.is_multiple_of(stride)).map(|frame| (tap, frame))
        })
    }
}

impl<const IN: usize, const OUT: usize, const KERNEL: usize, O, T: Float> ConvTranspose1d<IN, OUT, KERNEL, O, T>
where
    O: ConvTranspose1dOptions<IN, OUT, KERNEL, Settings: SpreadsOverTime>,
{
    const SPREAD: SpreadSizes = <O::Settings as SpreadsOverTime>::SPREAD;

    /// The next output, if it comes before so many of the newest frame's.
    #[inline]
    fn next_before(
        &self,
        end: usize,
        state: &mut <Self as Stream<Tensor<[[T; 1]; IN]>>>::State,
    ) -> Option<Tensor<[[T; 1]; OUT]>> {
        if !state.begun || state.next >= end {
            return None;
        }
        let mut y = self.bias.tensor().map_or(Tensor::zeros(), |bias| Tensor(bias.0.map(|b| [b])));
        for (tap, frame) in state.terms(const { &Self::SPREAD }, IN) {
            state.weight.add_tap(const { &O::Settings::SIZES }, &self.weight, tap, frame, y.as_mut_slice());
        }
        state.next += 1;
        Some(y)
    }
}

impl<const IN: usize, const OUT: usize, const KERNEL: usize, O, T: Float> Stream<Tensor<[[T; 1]; IN]>>
    for ConvTranspose1d<IN, OUT, KERNEL, O, T>
where
    O: ConvTranspose1dOptions<IN, OUT, KERNEL, Settings: SpreadsOverTime>,
{
    type Output = Tensor<[[T; 1]; OUT]>;
    type State = SpreadState<<O::Settings as SpreadsOverTime>::Frames<[T; IN]>, <O::Settings as Convolves<IN, OUT>>::Weight<T>>;
    type Delay = <O::Settings as SpreadsOverTime>::Delay;
    const RATE: usize = Self::SPREAD.stride;
    const LATENCY: usize = Self::SPREAD.latency();
    const RECEPTIVE_FIELD: usize = Self::SPREAD.reach() / Self::SPREAD.stride + 1;
    const STEP_BYTES: usize = size_of::<Option<Self::Output>>();

    fn start(&self, state: &mut Self::State) {
        let sizes = const { &Self::SPREAD };
        state.next = sizes.padding + sizes.early() + sizes.stride;
        state.weight.arrange_transposed(sizes.taps, &self.weight);
    }

    #[inline]
    fn step<R>(
        &self,
        state: &mut Self::State,
        x: &mut Tensor<[[T; 1]; IN]>,
        next: impl FnOnce(&mut Self::Output) -> R,
    ) -> Option<R> {
        state.push(const { &Self::SPREAD }, x.as_slice());
        self.next_before(Self::RATE, state).map(|mut y| next(&mut y))
    }

    fn rest(&self, state: &mut Self::State, next: &mut dyn FnMut(&mut Self::Output)) {
        while let Some(mut y) = self.next_before(Self::RATE, state) {
            next(&mut y);
        }
    }

    fn finish(&self, state: &mut Self::State, next: &mut dyn FnMut(&mut Self::Output)) {
        let end = const { Self::SPREAD.remaining() + Self::SPREAD.early() };
        while let Some(mut y) = self.next_before(end, state) {
            next(&mut y);
        }
    }
}
