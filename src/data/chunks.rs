//! [`Chunks`]: as many samples as there are.

use super::Sample;
use crate::nn::{Backprop, Grads, LossOf, Module};
use crate::shape::Shape;
use crate::simd::Float;
use crate::stack::with_room;
use crate::tensor::{Buffer, Tensor};

/// A model on a number of samples that is known at run time only: it runs on chunks of `B`, and the last one is padded and cut.
///
/// A model that takes batches of `B` is compiled once, for that `B`. The padding repeats the last sample; nothing of it is seen.
/// With the feature `alloc` a chunk stands on the heap. With the feature `rayon` there are `par_gradients` and `par_add_gradients`, which
/// use several threads.
///
/// ```
/// use adamant::prelude::*;
/// let rng = &mut SmallRng::seed_from_u64(0);
/// let mut model = <Sequential![Linear<4, 8>, Tanh, Linear<8, 3>]>::init(rng);
/// let images: Vec<[f32; 4]> = (0..75).map(|i| [i as f32 / 75.0; 4]).collect();
/// let labels: Vec<u8> = (0..75).map(|i| i / 25).collect();
///
/// let mut right = 0;
/// Chunks::<32>::forward(&model, &images, |i, logits| {
///     right += u32::from(logits.argmax_index().is_some_and(|class| class.get() == usize::from(labels[i])));
/// });
///
/// let mut adam = Adam::new(&model);
/// let (loss, grads) = Chunks::<32>::gradients(&model, &images, &labels, |p, y| cross_entropy(p, y, Reduction::Sum));
/// adam.step(&mut model, &grads); // of all 75
/// assert!(loss > 0.0 && right <= 75);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Chunks<const B: usize>;

impl<const B: usize> Chunks<B> {
    /// Shows `each` the output for every sample in turn, with its number.
    pub fn forward<X: Sample, A: Shape, M>(model: &M, samples: &[X], mut each: impl FnMut(usize, &Tensor<A>))
    where
        X::Batch<B>: Buffer,
        M: Module<X::Batch<B>, Output = Tensor<[A; B]>>,
    {
        const { assert!(B > 0, "a chunk holds at least one sample") };
        with_buffer::<X::Batch<B>, ()>(|x| {
            with_buffer::<M::Output, ()>(|y| {
                for (number, chunk) in samples.chunks(B).enumerate() {
                    fill::<B, X>(x, chunk);
                    with_room(M::FORWARD_BYTES, || model.forward_into(x, y));
                    y.0.iter().zip(chunk).enumerate().for_each(|(i, (row, _))| each(number * B + i, Tensor::from_ref(row)));
                }
            });
        });
    }

    /// The mean of the losses of all samples and its gradients. `loss` is that of one sample: it is given the output and the target
    /// of one. Slices of unequal length are used over their common length; of no sample the loss is NaN and the gradients are 0.
    ///
    /// A model with batch normalisation does not build: the padding would be part of the statistics.
    ///
    /// ```compile_fail,E0080
    /// use adamant::prelude::*;
    /// let model = <Sequential![Linear<4, 2>, BatchNorm1d<2>]>::BLANK;
    /// Chunks::<32>::gradients(&model, &[[0.5f32; 4]], &[1u8], |p, y| cross_entropy(p, y, Reduction::Sum));
    /// ```
    pub fn gradients<X: Sample, Y, A: Shape<Elem = T>, M, L, T: Float>(
        model: &M,
        samples: &[X],
        targets: &[Y],
        loss: impl FnMut(&mut Tensor<A>, &Y) -> L,
    ) -> (T, Grads<M>)
    where
        X::Batch<B>: Buffer,
        M: Backprop<X::Batch<B>, Output = Tensor<[A; B]>>,
        L: LossOf<Tensor<A>, Value = T>,
    {
        let mut grads = model.zero_grads();
        let loss = Self::add_gradients(model, &mut grads, samples, targets, loss);
        (loss, grads)
    }

    /// As [`gradients`](Self::gradients), added to what is there.
    pub fn add_gradients<X: Sample, Y, A: Shape<Elem = T>, M, L, T: Float>(
        model: &M,
        grads: &mut Grads<M>,
        samples: &[X],
        targets: &[Y],
        loss: impl FnMut(&mut Tensor<A>, &Y) -> L,
    ) -> T
    where
        X::Batch<B>: Buffer,
        M: Backprop<X::Batch<B>, Output = Tensor<[A; B]>>,
        L: LossOf<Tensor<A>, Value = T>,
    {
        let factor = T::from_usize(samples.len().min(targets.len())).recip();
        with_buffer(|x| Self::add_in_turn(model, grads, x, samples, targets, factor, loss)) * factor
    }

    /// Adds the gradients of the sum of the losses times `factor`, chunk after chunk, and returns the sum. `x` is for a chunk.
    pub(super) fn add_in_turn<X: Sample, Y, A: Shape<Elem = T>, M, L, T: Float>(
        model: &M,
        grads: &mut Grads<M>,
        x: &mut X::Batch<B>,
        samples: &[X],
        targets: &[Y],
        factor: T,
        mut loss: impl FnMut(&mut Tensor<A>, &Y) -> L,
    ) -> T
    where
        X::Batch<B>: Buffer,
        M: Backprop<X::Batch<B>, Output = Tensor<[A; B]>>,
        L: LossOf<Tensor<A>, Value = T>,
    {
        const {
            assert!(B > 0, "a chunk holds at least one sample");
            assert!(
                !M::COUPLES_SAMPLES,
                "batch normalisation would take a chunk's padding into its statistics: train on `Batches`, whose batches are full"
            );
        };
        let mut total = T::ZERO;
        for (chunk, targets) in samples.chunks(B).zip(targets.chunks(B)) {
            fill::<B, X>(x, chunk);
            let each = |y: &mut M::Output| {
                let mut targets = targets.iter().take(chunk.len());
                let mut sum = T::ZERO;
                for row in y.0.iter_mut().map(Tensor::from_mut) {
                    match targets.next() {
                        Some(target) => sum += loss(row, target).finish(row),
                        None => row.fill(T::ZERO),
                    }
                }
                crate::simd::scale(y.as_mut_slice(), factor);
                sum
            };
            total += with_room(M::BACKPROP_BYTES + size_of::<X::Batch<B>>(), || model.backprop_params(x, grads, each));
        }
        total
    }
}

/// Writes a chunk of at least one sample, and repeats its last one in what is left.
fn fill<const B: usize, X: Sample>(batch: &mut X::Batch<B>, chunk: &[X]) {
    let mut samples = chunk.iter();
    let Some(mut last) = chunk.first() else { return };
    for place in X::items(batch) {
        last = samples.next().unwrap_or(last);
        *place = *last.item();
    }
}

/// Lends a buffer, on the heap where there is one.
#[cfg(feature = "alloc")]
fn with_buffer<T: Buffer, R>(f: impl FnOnce(&mut T) -> R) -> R {
    f(&mut T::boxed())
}

/// Lends a buffer on the stack.
#[cfg(not(feature = "alloc"))]
fn with_buffer<T: Buffer, R>(f: impl FnOnce(&mut T) -> R) -> R {
    let mut buffer = T::ZERO;
    f(&mut buffer)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    use super::*;
    use crate::init::Init;
    use crate::loss::{Reduction, mse_loss};
    use crate::nn::{Flat, Gradients, Linear, Parameters, Sequential, Tanh};

    type Net = Sequential<(Linear<2, 3>, (Tanh, Linear<3, 2>))>;

    fn setting(len: usize) -> (Net, Vec<[f32; 2]>, Vec<[f32; 2]>) {
        let rng = &mut SmallRng::seed_from_u64(len as u64);
        let mut pairs = || (0..len).map(|_| Tensor::<[f32; 2]>::randn(rng).0).collect();
        let (x, y) = (pairs(), pairs());
        (Net::init(&mut SmallRng::seed_from_u64(0)), x, y)
    }

    #[test]
    fn every_sample_is_seen_once() {
        for len in [0, 1, 3, 4, 5, 8, 31] {
            let (net, x, _) = setting(len);
            let mut seen = Vec::new();
            Chunks::<4>::forward(&net, &x, |i, y| seen.push((i, *y)));
            let expected: Vec<_> = x.iter().enumerate().map(|(i, x)| (i, net.forward(Tensor::from_ref(x)))).collect();
            assert!(seen.iter().zip(&expected).all(|(a, b)| a.0 == b.0 && a.1.all_close(&b.1, 1e-6, 1e-6)));
            assert_eq!(seen.len(), len);
        }
    }

    #[test]
    fn the_mean_is_of_the_true_samples() {
        for len in [1, 3, 4, 5, 8, 31] {
            let (net, x, y) = setting(len);
            let loss = |p: &mut Tensor<[f32; 2]>, y: &[f32; 2]| mse_loss(p, Tensor::from_ref(y), Reduction::Mean);
            let (mean, grads) = Chunks::<4>::gradients(&net, &x, &y, loss);
            let (mut total, mut sum) = (0.0, net.zero_grads());
            for (x, y) in x.iter().zip(&y) {
                total += net.add_gradients(Tensor::from_ref(x), &mut sum, |p| loss(p, y));
            }
            sum.scale(1.0 / len as f64);
            assert!((mean - total / len as f32).abs() < 1e-6);
            assert!(
                Net::grads_to_flat::<f64>(&grads)
                    .iter()
                    .zip(Net::grads_to_flat::<f64>(&sum))
                    .all(|(a, b)| (a - b).abs() < 1e-6)
            );
        }
    }

    #[test]
    fn of_no_sample_there_is_no_mean() {
        let (net, x, y) = setting(0);
        let (mean, grads) = Chunks::<4>::gradients(&net, &x, &y, |p, y| mse_loss(p, Tensor::from_ref(y), Reduction::Sum));
        assert!(mean.is_nan() && grads.norm() == 0.0);
    }
}
