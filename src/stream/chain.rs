//! Chains of layers.

use super::Stream;
use crate::tensor::Buffer;

/// The receptive field of two layers one after the other: the second one's frames are `stride` frames of the first one apart.
pub(super) const fn receptive_field(first: usize, stride: usize, second: usize) -> usize {
    first.saturating_add(stride.saturating_mul(second - 1))
}

/// The second layer sees a frame when the first one gives it: not before, so that it never sees one that is not there offline.
impl<F: Buffer, A: Stream<F>, B: Stream<A::Output>> Stream<F> for (A, B) {
    type Output = B::Output;
    type State = (A::State, B::State);
    type Delay = (A::Delay, B::Delay);
    const STRIDE: usize = A::STRIDE * B::STRIDE;
    const LATENCY: usize = A::LATENCY + A::STRIDE * B::LATENCY;
    const RECEPTIVE_FIELD: usize = receptive_field(A::RECEPTIVE_FIELD, A::STRIDE, B::RECEPTIVE_FIELD);

    #[inline]
    fn start(&self, state: &mut Self::State) {
        self.0.start(&mut state.0);
        self.1.start(&mut state.1);
    }

    #[inline]
    fn step<R>(&self, state: &mut Self::State, x: &mut F, next: impl FnOnce(&mut B::Output) -> R) -> Option<R> {
        self.0.step(&mut state.0, x, |h| self.1.step(&mut state.1, h, next))?
    }

    fn finish(&self, state: &mut Self::State, next: &mut dyn FnMut(&mut B::Output)) {
        let (first, second) = state;
        self.0.finish(first, &mut |h| _ = self.1.step(second, h, &mut *next));
        self.1.finish(second, next);
    }
}

/// Equal layers one after the other.
impl<F: Buffer, M: Stream<F, Output = F>, const N: usize> Stream<F> for [M; N] {
    type Output = F;
    type State = [M::State; N];
    type Delay = [M::Delay; N];
    const LATENCY: usize = {
        assert!(M::STRIDE == 1, "equal layers one after the other keep the length: their stride is 1");
        N * M::LATENCY
    };
    const RECEPTIVE_FIELD: usize = receptive_field(1, N, M::RECEPTIVE_FIELD);

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
