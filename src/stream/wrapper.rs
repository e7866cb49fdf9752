//! Layers around another that stream as the one inside.

use super::Stream;
use crate::nn::{Frozen, Sequential};
use crate::tensor::Buffer;

macro_rules! passes_on {
    ($($wrapper:ty: [$($at:tt)*];)+) => {$(
        impl<F: Buffer, M: Stream<F>> Stream<F> for $wrapper {
            type Output = M::Output;
            type State = M::State;
            type Delay = M::Delay;
            const STRIDE: usize = M::STRIDE;
            const RATE: usize = M::RATE;
            const LATENCY: usize = M::LATENCY;
            const RECEPTIVE_FIELD: usize = M::RECEPTIVE_FIELD;
            const STEP_BYTES: usize = M::STEP_BYTES;

            #[inline]
            fn start(&self, state: &mut M::State) {
                M::start(&self$($at)*, state);
            }

            #[inline]
            fn step<R>(&self, state: &mut M::State, x: &mut F, next: impl FnOnce(&mut M::Output) -> R) -> Option<R> {
                M::step(&self$($at)*, state, x, next)
            }

            #[inline]
            fn rest(&self, state: &mut M::State, next: &mut dyn FnMut(&mut M::Output)) {
                M::rest(&self$($at)*, state, next);
            }

            #[inline]
            fn finish(&self, state: &mut M::State, next: &mut dyn FnMut(&mut M::Output)) {
                M::finish(&self$($at)*, state, next);
            }
        }
    )+};
}

passes_on! {
    Sequential<M>: [.0];
    Frozen<M>: [.0];
    &M: [];
}
