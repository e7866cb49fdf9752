//! One output of a correlation along time: the window's frames, of which all but the newest lie in a ring.
//!
//! **One order of sums**, on every machine with vectors: y starts as it is, and takes the kernel's elements one after the other, the oldest
//! frame first, each as the product of a row and a matrix ([`gemm`](crate::simd::gemm_nn)) or, depthwise, as one multiply-add a channel.

use crate::simd::gemm::factor::Plain;
use crate::simd::sets::{Dispatch, Kernel, Same};
use crate::simd::{Float, positive};

/// A window over frames of channels, for one output.
#[derive(Clone, Copy)]
pub struct Step<'a, T> {
    /// The elements of the kernel.
    pub taps: usize,
    /// The groups that the channels fall into.
    pub groups: usize,
    /// The frames before the newest, in a ring, and the place of the oldest's first number.
    pub past: (&'a [T], usize),
    /// From one element of the kernel to the next, in numbers of the ring.
    pub apart: usize,
    /// The newest frame.
    pub newest: &'a [T],
    /// The weight in the order that [`arrange`] gives.
    pub weight: &'a [T],
}

/// The weight of a convolution, `[OUT][IN / groups][taps]`, in the order in which a step reads it: `[taps][groups][IN / groups][OUT / groups]`.
pub fn arrange<T: Float>(weight: &[T], taps: usize, groups: usize, outputs: usize, arranged: &mut [T]) {
    let group_out = outputs / positive(groups);
    let inputs = weight.len() / positive(outputs * taps);
    let mut to = arranged.iter_mut();
    for tap in 0..taps {
        for (group, input) in (0..groups).flat_map(|g| (0..inputs).map(move |i| (g, i))) {
            for (output, to) in (group * group_out..(group + 1) * group_out).zip(&mut to) {
                *to = weight.get((output * inputs + input) * taps + tap).copied().unwrap_or(T::ZERO);
            }
        }
    }
}

impl<T: Float> Step<'_, T> {
    /// The window's frames, the oldest first.
    #[inline(always)]
    fn frames(&self) -> impl Iterator<Item = &[T]> {
        let ((ring, oldest), width) = (self.past, self.newest.len());
        let mut at = oldest;
        let past = (1..self.taps).map(move |_| {
            let frame = ring.get(at..at + width).unwrap_or_default();
            at += self.apart;
            at = if at >= ring.len() { at - ring.len() } else { at };
            frame
        });
        past.chain(core::iter::once(self.newest))
    }

    /// y += w ⋆ the window.
    #[inline(always)]
    pub fn run(&self, y: &mut [T]) {
        let weights = self.weight.chunks_exact(positive(self.weight.len() / positive(self.taps)));
        let (group_in, group_out) = (self.newest.len() / positive(self.groups), y.len() / positive(self.groups));
        for (frame, weight) in self.frames().zip(weights) {
            if group_in == 1 && group_out == 1 {
                for ((y, &w), &x) in y.iter_mut().zip(weight).zip(frame) {
                    *y = w.mul_add(x, *y);
                }
                continue;
            }
            let parts = frame.chunks_exact(positive(group_in)).zip(weight.chunks_exact(positive(group_in * group_out)));
            for ((x, w), y) in parts.zip(y.chunks_exact_mut(positive(group_out))) {
                T::strips(group_in, Plain { a: x, width: group_in }, w, y);
            }
        }
    }
}

/// A [`Step`] and where it goes, for the machine's instructions.
pub struct Stepping<'a, T>(pub Step<'a, T>, pub &'a mut [T]);

impl<T: Float> Kernel<T> for Stepping<'_, T> {
    type Output = ();
    const WIDE: bool = true;

    #[inline(always)]
    fn run<N: Same<T>>(self) {
        let Step { taps, groups, past: (ring, oldest), apart, newest, weight } = self.0;
        let past = (N::slice(ring), oldest);
        Step { taps, groups, past, apart, newest: N::slice(newest), weight: N::slice(weight) }.run(N::slice_mut(self.1));
    }
}

/// y += w ⋆ the window, in code of this crate, for the machine's instructions.
#[inline(always)]
pub fn large<T: Float + Dispatch>(step: Step<'_, T>, y: &mut [T]) {
    T::dispatch(Stepping(step, y));
}
