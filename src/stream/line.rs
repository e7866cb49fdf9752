//! Delays: what a shortcut needs around layers that look ahead.

use core::fmt::Debug;
use core::marker::PhantomData;

use crate::tensor::Buffer;

/// How long something is delayed, as a type. A chain's delay is the pair of its layers', so that no sum of numbers stands in a type.
pub trait Lag: Copy + PartialEq + Debug + Send + Sync + 'static {
    /// The frames that are under way.
    const FRAMES: usize;
    /// Room for them.
    type Line<G: Buffer>: Line<G>;
}

/// Gives back what goes in, some frames later.
pub trait Line<G>: Buffer {
    /// Takes a frame, and gives the one that was given [`FRAMES`](Lag::FRAMES) before it, if there was one.
    fn push(&mut self, x: G) -> Option<G>;

    /// Gives the oldest of the frames that are still under way.
    fn pop(&mut self) -> Option<G>;
}

/// A delay of `N` frames.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct After<const N: usize>;

impl<const N: usize> Lag for After<N> {
    const FRAMES: usize = N;
    type Line<G: Buffer> = Ring<[G; N], Self>;
}

/// A delay of the larger half of `D · K` frames.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Half<const D: usize, const K: usize>;

impl<const D: usize, const K: usize> Lag for Half<D, K> {
    const FRAMES: usize = (D * K).div_ceil(2);
    type Line<G: Buffer> = Ring<[[G; D]; K], Self>;
}

impl<A: Lag, B: Lag> Lag for (A, B) {
    const FRAMES: usize = A::FRAMES + B::FRAMES;
    type Line<G: Buffer> = (A::Line<G>, B::Line<G>);
}

impl<G, A: Line<G>, B: Line<G>> Line<G> for (A, B) {
    #[inline]
    fn push(&mut self, x: G) -> Option<G> {
        self.1.push(self.0.push(x)?)
    }

    #[inline]
    fn pop(&mut self) -> Option<G> {
        self.1.pop().or_else(|| self.0.pop())
    }
}

impl<A: Lag, const N: usize> Lag for [A; N] {
    const FRAMES: usize = N * A::FRAMES;
    type Line<G: Buffer> = [A::Line<G>; N];
}

impl<G, A: Line<G>, const N: usize> Line<G> for [A; N] {
    #[inline]
    fn push(&mut self, x: G) -> Option<G> {
        self.iter_mut().try_fold(x, |x, line| line.push(x))
    }

    #[inline]
    fn pop(&mut self) -> Option<G> {
        self.iter_mut().rev().find_map(Line::pop)
    }
}

/// Frames in a ring, as many as `L` says, in an array that has room for them.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Ring<A, L> {
    slots: A,
    /// Where the next one goes.
    at: usize,
    len: usize,
    lag: PhantomData<L>,
}

impl<A: Buffer, L: Lag> Buffer for Ring<A, L> {
    const ZERO: Self = Self { slots: A::ZERO, at: 0, len: 0, lag: PhantomData };

    #[inline]
    fn zero_in(slot: crate::heap::Slot<'_, Self>) -> crate::heap::Filled<'_, Self> {
        crate::in_place!(
            slot,
            Self {
                slots: A::zero_in,
                at: |slot| slot.write(0),
                len: |slot| slot.write(0),
                lag: |slot| slot.write(PhantomData),
            }
        )
    }
}

/// An array of frames, or of arrays of them.
pub trait Slots<G>: Buffer {
    /// The frames.
    fn slots(&mut self) -> &mut [G];
}

impl<G: Buffer, const N: usize> Slots<G> for [G; N] {
    #[inline]
    fn slots(&mut self) -> &mut [G] {
        self
    }
}

impl<G: Buffer, const N: usize, const M: usize> Slots<G> for [[G; N]; M] {
    #[inline]
    fn slots(&mut self) -> &mut [G] {
        self.as_flattened_mut()
    }
}

impl<G: Buffer, A: Slots<G>, L: Lag> Line<G> for Ring<A, L> {
    #[inline]
    fn push(&mut self, x: G) -> Option<G> {
        let Some(slot) = self.slots.slots().get_mut(self.at) else { return Some(x) };
        let old = core::mem::replace(slot, x);
        self.at = if self.at + 1 < L::FRAMES { self.at + 1 } else { 0 };
        if self.len < L::FRAMES {
            self.len += 1;
            return None;
        }
        Some(old)
    }

    #[inline]
    fn pop(&mut self) -> Option<G> {
        let oldest = if self.at >= self.len { self.at - self.len } else { self.at + L::FRAMES - self.len };
        self.len = self.len.checked_sub(1)?;
        self.slots.slots().get(oldest).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delays<L: Lag>(frames: usize) {
        assert_eq!(L::FRAMES, frames);
        let mut line = L::Line::<f64>::ZERO;
        for count in [0usize, 1, 2, 5, 20] {
            for t in 0..count {
                assert_eq!(line.push(t as f64), t.checked_sub(frames).map(|t| t as f64), "{frames} {t}");
            }
            for t in count.saturating_sub(frames)..count {
                assert_eq!(line.pop(), Some(t as f64), "{frames} {t}");
            }
            assert_eq!(line.pop(), None);
        }
    }

    #[test]
    fn what_goes_in_comes_out() {
        delays::<After<0>>(0);
        delays::<After<1>>(1);
        delays::<After<3>>(3);
        delays::<Half<3, 2>>(3);
        delays::<Half<1, 5>>(3);
        delays::<(After<2>, After<3>)>(5);
        delays::<(After<0>, (Half<4, 1>, After<1>))>(3);
        delays::<[After<2>; 3]>(6);
        delays::<[After<2>; 0]>(0);
    }
}
