//! The frames of a window along time, and what the options of convolutions and pools make of it.

use super::{After, Half, Lag};
use crate::heap::{Filled, Slot};
use crate::nn::options::{BothSides, ConvSettings, Length, PoolKind, PoolPadding, PoolSettings, PoolStride, Rounding};
use crate::nn::{Causal, Dilation, Padding, PaddingEnd, Replicate, Same, Zeros};
use crate::shape::{Const, Previous, Shape};
use crate::simd::positive;
use crate::tensor::{Buffer, Tensor};

/// The sizes of a window along time, in frames.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WindowSizes {
    /// The elements of the kernel.
    pub taps: usize,
    /// From one output to the next.
    pub stride: usize,
    /// From one element of the kernel to the next.
    pub dilation: usize,
    /// The padding before the signal.
    pub start: usize,
    /// The padding behind it.
    pub end: usize,
}

impl WindowSizes {
    /// From the first element of the kernel to the last.
    pub const fn reach(&self) -> usize {
        self.dilation * self.taps.saturating_sub(1)
    }

    /// How far it looks ahead: output i needs frame `i · stride + ahead`, and none after it.
    pub const fn ahead(&self) -> usize {
        let text = "a window cannot be streamed whose padding is longer than its reach: its first output would come before the first frame";
        assert!(self.start <= self.reach(), "{}", text);
        self.reach() - self.start
    }
}

/// The configuration of a convolution or a pool whose window moves along time.
#[diagnostic::on_unimplemented(
    message = "a layer with the settings `{Self}` has no stream",
    label = "cannot be run frame by frame"
)]
pub trait OverTime {
    /// An `S` for each frame of the window but the newest.
    type Past<S: Shape>: Shape<Elem = S::Elem>;
    /// What a shortcut around the layer needs.
    type Delay: Lag;
    /// The sizes.
    const SPAN: WindowSizes;
    /// Whether the padding repeats the first and the last frame, and is not nothing or zeros.
    const REPEATS: bool = false;
}

/// A padding along time, before a signal and behind it, for a kernel that reaches `DILATION · STEPS` frames.
#[diagnostic::on_unimplemented(message = "the padding `{Self}` has no stream", label = "cannot be run frame by frame")]
pub trait Ends<const DILATION: usize, const STEPS: usize> {
    /// What a shortcut around the layer needs: as many frames as are behind the end.
    type Delay: Lag;
    /// How many frames are before and behind.
    const ENDS: [usize; 2];
}

impl<const P: usize, const D: usize, const K: usize> Ends<D, K> for (Padding<P>, BothSides) {
    type Delay = After<P>;
    const ENDS: [usize; 2] = [P, P];
}

impl<const P: usize, const E: usize, const D: usize, const K: usize> Ends<D, K> for (Padding<P>, PaddingEnd<E>) {
    type Delay = After<E>;
    const ENDS: [usize; 2] = [P, E];
}

impl<const D: usize, const K: usize> Ends<D, K> for (Causal, BothSides) {
    type Delay = After<0>;
    const ENDS: [usize; 2] = [D * K, 0];
}

impl<const D: usize, const K: usize> Ends<D, K> for (Same, BothSides) {
    type Delay = Half<D, K>;
    const ENDS: [usize; 2] = [D * K / 2, Half::<D, K>::FRAMES];
}

/// What a padding along time is filled with: [`Zeros`] or [`Replicate`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` padding has no stream",
    label = "it is filled with frames that have not come yet, or are gone",
    note = "padding with zeros streams, and `Replicate`"
)]
pub trait RepeatsOverTime {
    /// Whether it repeats the first and the last frame.
    const REPEATS: bool;
}

impl RepeatsOverTime for Zeros {
    const REPEATS: bool = false;
}

impl RepeatsOverTime for Replicate {
    const REPEATS: bool = true;
}

impl<const K: usize, const STEPS: usize, const S: usize, const D: usize, P, G, M, B, E> OverTime
    for ConvSettings<Length<K>, crate::nn::Stride<S>, P, Dilation<D>, G, M, B, E>
where
    Const<K>: Previous<Out = Const<STEPS>>,
    (P, E): Ends<D, STEPS>,
    M: RepeatsOverTime,
{
    type Past<A: Shape> = [[A; D]; STEPS];
    type Delay = <(P, E) as Ends<D, STEPS>>::Delay;
    const SPAN: WindowSizes = {
        let [start, end] = <(P, E) as Ends<D, STEPS>>::ENDS;
        WindowSizes { taps: K, stride: S, dilation: D, start, end }
    };
    const REPEATS: bool = M::REPEATS;
}

impl<const K: usize, const STEPS: usize, const D: usize, const N: usize, Kind, S, P, R> OverTime
    for PoolSettings<Kind, Length<K>, S, P, R>
where
    Const<K>: Previous<Out = Const<STEPS>>,
    Kind: PoolKind<W = Const<D>>,
    S: PoolStride<Length<K>>,
    P: PoolPadding<Length<K>, W = Const<N>>,
    R: Rounding,
{
    type Past<A: Shape> = [[A; D]; STEPS];
    type Delay = After<N>;
    const SPAN: WindowSizes = {
        let [_, stride] = S::SIZES;
        let sizes = WindowSizes { taps: K, stride, dilation: D, start: N, end: N };
        // One more window, if it begins before the end.
        let further = if R::UP { N + stride - 1 } else { N };
        let end = if further < sizes.reach() { further } else { sizes.reach() };
        WindowSizes { end, ..sizes }
    };
}

/// The frames of a window but the newest, and what has passed through it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct History<A> {
    /// In a ring.
    past: Tensor<A>,
    /// The place of the oldest frame's first number.
    oldest: usize,
    /// Frames since the beginning, and then those since the last output: one is due when it is as many as the window looks ahead.
    count: usize,
    /// How many of the newest frames are the signal's, up to the window's reach and one more.
    real: usize,
    /// How many frames of padding have followed.
    padding: usize,
}

impl<A: Shape> Buffer for History<A> {
    const ZERO: Self = Self { past: Tensor::ZERO, oldest: 0, count: 0, real: 0, padding: 0 };

    #[inline]
    fn zero_in(slot: Slot<'_, Self>) -> Filled<'_, Self> {
        crate::in_place!(
            slot,
            Self {
                past: Tensor::zero_in,
                oldest: |slot| slot.write(0),
                count: |slot| slot.write(0),
                real: |slot| slot.write(0),
                padding: |slot| slot.write(0),
            }
        )
    }
}

impl<A: Shape> History<A> {
    /// Whether the frame that comes now is the last one that an output depends on.
    #[inline(always)]
    pub(super) const fn is_due<C: OverTime>(&self) -> bool {
        self.count == const { C::SPAN.ahead() }
    }

    /// The frames before the newest, in a ring, and the place of the oldest's first number.
    #[inline(always)]
    pub(super) fn past(&self) -> (&[A::Elem], usize) {
        (self.past.as_slice(), self.oldest)
    }

    /// Goes on to the next frame; `x` is of the signal if it is `real`, and else of the padding behind it.
    #[inline(always)]
    pub(super) fn push<C: OverTime>(&mut self, x: &[A::Elem], real: bool) {
        if let Some(oldest) = self.past.as_mut_slice().get_mut(self.oldest..self.oldest + x.len()) {
            oldest.copy_from_slice(x);
        }
        self.oldest += x.len();
        if self.oldest >= A::LEN {
            self.oldest = 0;
        }
        self.count += 1;
        if self.count == const { C::SPAN.ahead() + C::SPAN.stride } {
            self.count = const { C::SPAN.ahead() };
        }
        match real {
            true => self.real = usize::min(self.real + 1, const { C::SPAN.reach() + 1 }),
            false => self.padding += 1,
        }
    }

    /// Whether no frame has come.
    #[inline(always)]
    pub(super) const fn is_new(&self) -> bool {
        self.real == 0
    }

    /// Puts a frame in all places.
    pub(super) fn fill(&mut self, x: &[A::Elem]) {
        for frame in self.past.as_mut_slice().chunks_exact_mut(positive(x.len())) {
            frame.copy_from_slice(x);
        }
    }

    /// Copies the newest of the frames to `x`.
    pub(super) fn copy_newest(&self, x: &mut [A::Elem]) {
        let end = if self.oldest == 0 { A::LEN } else { self.oldest };
        if let Some(newest) = end.checked_sub(x.len()).and_then(|start| self.past.as_slice().get(start..end)) {
            x.copy_from_slice(newest);
        }
    }

    /// The frames of the window that are the signal's, the oldest first, and how many of its elements are padding behind the signal, where
    /// `x` is the next frame.
    #[inline(always)]
    pub(super) fn signal<'a>(
        &'a self,
        sizes: &WindowSizes,
        x: &'a [A::Elem],
        real: bool,
    ) -> (impl Iterator<Item = &'a [A::Elem]>, usize) {
        let (padding, real) = if real { (0, self.real + 1) } else { (self.padding + 1, self.real) };
        let (dilation, width) = (sizes.dilation, x.len());
        let (past, mut at) = self.past();
        let taps = (0..sizes.taps).rev().filter_map(move |tap| {
            let age = tap * dilation;
            let frame = if tap == 0 { Some(x) } else { past.get(at..at + width) };
            at += dilation * width;
            at = if at >= past.len() { at - past.len() } else { at };
            frame.filter(|_| age >= padding && age - padding < real)
        });
        (taps, padding)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_sizes() {
        fn sizes<S: OverTime>() -> (usize, usize, usize, usize, usize) {
            (S::SPAN.start, S::SPAN.end, S::SPAN.reach(), S::SPAN.ahead(), S::Delay::FRAMES)
        }
        type Conv<P, E = BothSides> = ConvSettings<
            Length<4>,
            crate::nn::Stride<1>,
            P,
            Dilation<3>,
            crate::nn::options::OneGroup,
            Zeros,
            crate::nn::Bias,
            E,
        >;
        assert_eq!(sizes::<Conv<Padding<2>>>(), (2, 2, 9, 7, 2));
        assert_eq!(sizes::<Conv<Padding<2>, PaddingEnd<7>>>(), (2, 7, 9, 7, 7));
        assert_eq!(sizes::<Conv<Causal>>(), (9, 0, 9, 0, 0));
        assert_eq!(sizes::<Conv<Same>>(), (4, 5, 9, 5, 5));
    }
}
