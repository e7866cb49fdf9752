//! [`Residual`] with the delay that its shortcut needs.

use super::{Lag, Line, Stream};
use crate::nn::Residual;
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::Tensor;

/// What a frame was is added when the layers inside give theirs in its place.
impl<S: Shape<Elem: Float>, M: Stream<Tensor<S>, Output = Tensor<S>>> Stream<Tensor<S>> for Residual<M> {
    type Output = Tensor<S>;
    type State = (M::State, <M::Delay as Lag>::Line<Tensor<S>>);
    type Delay = M::Delay;
    const LATENCY: usize = {
        let text =
            "a shortcut goes around layers that keep the length: their stride is 1, and their padding as long as their reach";
        assert!(M::STRIDE == 1 && M::RATE == 1 && M::LATENCY == <M::Delay as Lag>::FRAMES, "{}", text);
        M::LATENCY
    };
    const RECEPTIVE_FIELD: usize = M::RECEPTIVE_FIELD;
    const STEP_BYTES: usize = size_of::<Option<Tensor<S>>>() + M::STEP_BYTES;

    #[inline]
    fn start(&self, (inner, _): &mut Self::State) {
        self.0.start(inner);
    }

    #[inline]
    fn step<R>(&self, (inner, line): &mut Self::State, x: &mut Tensor<S>, next: impl FnOnce(&mut Tensor<S>) -> R) -> Option<R> {
        const { _ = Self::LATENCY };
        let before = line.push(*x);
        self.0.step(inner, x, |y| next(shortcut(y, before)))
    }

    fn finish(&self, (inner, line): &mut Self::State, next: &mut dyn FnMut(&mut Tensor<S>)) {
        self.0.finish(inner, &mut |y| next(shortcut(y, line.pop())));
    }
}

#[inline]
fn shortcut<S: Shape<Elem: Float>>(y: &mut Tensor<S>, x: Option<Tensor<S>>) -> &mut Tensor<S> {
    if let Some(x) = x {
        y.axpy(Float::ONE, &x);
    }
    y
}
