//! Chains of layers.

use super::Stream;
use crate::tensor::Buffer;

/// How many frames of a layer are as long as so many of what it gives, at most.
pub(super) const fn frames(stride: usize, rate: usize, outputs: usize) -> usize {
    // All there are, but one.
    if outputs >= usize::MAX - 1 { usize::MAX } else { stride.saturating_mul(outputs).div_ceil(rate) }
}

/// The second layer sees a frame when the first one gives it: not before, so that it never sees one that is not there offline.
impl<F: Buffer, A: Stream<F>, B: Stream<A::Output>> Stream<F> for (A, B) {
    type Output = B::Output;
    type State = (A::State, B::State);
    type Delay = (A::Delay, B::Delay);
    const STRIDE: usize = A::STRIDE * B::STRIDE;
    const RATE: usize = A::RATE * B::RATE;
    const LATENCY: usize = A::LATENCY + frames(A::STRIDE, A::RATE, B::LATENCY);
    const RECEPTIVE_FIELD: usize = A::RECEPTIVE_FIELD.saturating_add(frames(A::STRIDE, A::RATE, B::RECEPTIVE_FIELD - 1));
    const STEP_BYTES: usize = A::STEP_BYTES + B::STEP_BYTES;

    #[inline]
    fn start(&self, state: &mut Self::State) {
        self.0.start(&mut state.0);
        self.1.start(&mut state.1);
    }

    #[inline]
    fn step<R>(&self, state: &mut Self::State, x: &mut F, next: impl FnOnce(&mut B::Output) -> R) -> Option<R> {
        self.0.step(&mut state.0, x, |h| self.1.step(&mut state.1, h, next))?
    }

    fn rest(&self, (first, second): &mut Self::State, next: &mut dyn FnMut(&mut B::Output)) {
        if const { Self::RATE > 1 } {
            self.1.rest(second, next);
            self.0.rest(first, &mut |h| all(&self.1, second, h, next));
        }
    }

    fn finish(&self, (first, second): &mut Self::State, next: &mut dyn FnMut(&mut B::Output)) {
        self.0.finish(first, &mut |h| all(&self.1, second, h, next));
        self.1.finish(second, next);
    }
}

/// Takes a frame and lends all outputs that are due.
fn all<F: Buffer, M: Stream<F>>(layer: &M, state: &mut M::State, x: &mut F, next: &mut dyn FnMut(&mut M::Output)) {
    layer.step(state, x, &mut *next);
    layer.rest(state, next);
}

/// Equal layers one after the other.
impl<F: Buffer, M: Stream<F, Output = F>, const N: usize> Stream<F> for [M; N] {
    type Output = F;
    type State = [M::State; N];
    type Delay = [M::Delay; N];
    const LATENCY: usize = {
        assert!(M::STRIDE == 1 && M::RATE == 1, "equal layers one after the other keep the length: their stride is 1");
        N * M::LATENCY
    };
    const RECEPTIVE_FIELD: usize = frames(N, 1, M::RECEPTIVE_FIELD - 1).saturating_add(1);
    // One layer's buffers after the other's, and what each gives.
    const STEP_BYTES: usize = M::STEP_BYTES + size_of::<Option<F>>();

    #[inline]
    fn start(&self, state: &mut Self::State) {
        self.iter().zip(state).for_each(|(layer, state)| layer.start(state));
    }

    #[inline]
    fn step<R>(&self, state: &mut Self::State, x: &mut F, next: impl FnOnce(&mut F) -> R) -> Option<R> {
        const { _ = Self::LATENCY };
        through(self, state, x).map(|()| next(x))
    }

    fn finish(&self, state: &mut Self::State, next: &mut dyn FnMut(&mut F)) {
        let (mut layers, mut states) = (self.as_slice(), state.as_mut_slice());
        while let (Some((layer, later)), Some((state, later_states))) = (layers.split_first(), states.split_first_mut()) {
            layer.finish(state, &mut |x| {
                if through(later, later_states, x).is_some() {
                    next(x);
                }
            });
            (layers, states) = (later, later_states);
        }
    }
}

/// Leaves the output in place of the input, if one is due.
#[inline]
fn through<F: Buffer, M: Stream<F, Output = F>>(layers: &[M], states: &mut [M::State], x: &mut F) -> Option<()> {
    for (layer, state) in layers.iter().zip(states) {
        *x = layer.step(state, x, |y| *y)?;
    }
    Some(())
}
