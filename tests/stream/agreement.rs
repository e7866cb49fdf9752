//! Signals cut into frames, and the outputs of a stream of them.

use adamant::prelude::*;

/// A signal (time is axis 1) or a sequence (axis 0), cut along time into frames.
pub trait Cut<F, const TIME: usize> {
    fn cut(&self) -> Vec<F>;
}

impl<T: Float, const C: usize, const L: usize> Cut<Tensor<[[T; 1]; C]>, 1> for Tensor<[[T; L]; C]> {
    fn cut(&self) -> Vec<Tensor<[[T; 1]; C]>> {
        (0..L).map(|t| Tensor::from_fn(|[c, _]| self.0[c][t])).collect()
    }
}

impl<T: Float, const F: usize, const L: usize> Cut<Tensor<[[T; F]; 1]>, 0> for Tensor<[[T; F]; L]> {
    fn cut(&self) -> Vec<Tensor<[[T; F]; 1]>> {
        self.0.iter().map(|&row| Tensor([row])).collect()
    }
}

/// The numbers of a frame.
pub trait Numbers {
    fn numbers(&self) -> Vec<f64>;
}

impl<S: Shape<Elem: Float>> Numbers for Tensor<S> {
    fn numbers(&self) -> Vec<f64> {
        self.as_slice().iter().map(|x| x.to_f64()).collect()
    }
}

/// Those of all frames of a signal, one frame after the other.
pub fn numbers<const TIME: usize, F: Numbers>(x: &impl Cut<F, TIME>) -> Vec<f64> {
    x.cut().iter().flat_map(Numbers::numbers).collect()
}

/// Outputs of a stream whose frames come in chunks of these lengths, as long as there are any, and then its end.
pub fn streamed<F: Buffer, M: Stream<F>>(
    stream: &mut Streaming<&M, F>,
    frames: &[F],
    chunks: impl IntoIterator<Item = usize>,
) -> Vec<M::Output> {
    let mut outputs = Vec::new();
    let mut rest = frames;
    for chunk in chunks {
        let (chunk, later) = rest.split_at(rest.len().min(chunk));
        stream.process(chunk, |y| outputs.push(*y));
        rest = later;
        // Output i comes with frame i · STRIDE / RATE + LATENCY, and not before if RATE is 1.
        let come = frames.len() - rest.len();
        let due = (come.saturating_sub(M::LATENCY) * M::RATE).div_ceil(M::STRIDE);
        assert!(outputs.len() == due || M::RATE > 1 && outputs.len() > due, "{} after {come} frames", outputs.len());
        if rest.is_empty() {
            break;
        }
    }
    stream.finish(|y| outputs.push(*y));
    outputs
}

/// Gives every number another value: also statistics, and weights that start at 0 or 1.
pub struct Shaken<'a>(pub &'a mut SmallRng);

impl adamant::nn::VisitorMut for Shaken<'_> {
    fn visit_mut<T: Float>(&mut self, _: &adamant::nn::Info<'_>, values: &mut [T]) {
        for value in values {
            *value += T::from_f64(self.0.random_range(0.0..0.1));
        }
    }
}

/// Makes every number positive.
pub struct Positive;

impl adamant::nn::VisitorMut for Positive {
    fn visit_mut<T: Float>(&mut self, _: &adamant::nn::Info<'_>, values: &mut [T]) {
        values.iter_mut().for_each(|value| *value = value.abs());
    }
}
