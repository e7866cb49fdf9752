//! The gradients of [`Chunks`] on all threads.
//!
//! The chunks are cut into runs by numbers that say nothing of threads, each run adds up its own gradients, and a binary tree over the
//! runs adds up theirs: whoever computes a run, and when, changes no bit.

use std::boxed::Box;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};
use std::vec::Vec;

use super::{Chunks, Sample};
use crate::nn::{Backprop, Gradients, Grads, LossOf, Parameters, Streams};
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::{Buffer, Tensor};

/// The most runs that there are, and so one more than the most gradients that are made beside the caller's.
const RUNS: usize = 64;

/// How many multiply-accumulates of a forward pass each number of the gradients shall be worth in a run. To zero and to add a number
/// takes as long as training on 5 of them (784-128-10, AVX-512), so some 4 % of the time go there.
const RUN_MACS: u64 = 128;

impl<const B: usize> Chunks<B> {
    /// As [`gradients`](Self::gradients), on the threads of [rayon](https://docs.rs/rayon)'s pool (feature `rayon`).
    ///
    /// The same bits for any number of threads: which sums are formed depends on the model, `B` and the number of samples alone. They
    /// differ from those of `gradients` by rounding, and by what random layers draw, which is independent in each part.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let rng = &mut SmallRng::seed_from_u64(0);
    /// let mut model = <Sequential![Linear<4, 8>, Tanh, Linear<8, 3>]>::init(rng);
    /// let images: Vec<[f32; 4]> = (0..75).map(|i| [i as f32 / 75.0; 4]).collect();
    /// let labels: Vec<u8> = (0..75).map(|i| i / 25).collect();
    ///
    /// let mut adam = Adam::new(&model);
    /// let (loss, grads) = Chunks::<16>::par_gradients(&model, &images, &labels, |p, y| cross_entropy(p, y, Reduction::Sum));
    /// adam.step(&mut model, &grads);
    /// assert!(loss > 0.0);
    /// ```
    ///
    /// A model with batch normalisation does not build, as there.
    ///
    /// ```compile_fail,E0080
    /// use adamant::prelude::*;
    /// let model = <Sequential![Linear<4, 2>, BatchNorm1d<2>]>::BLANK;
    /// Chunks::<32>::par_gradients(&model, &[[0.5f32; 4]], &[1u8], |p, y| cross_entropy(p, y, Reduction::Sum));
    /// ```
    #[doc(alias("rayon", "DataParallel", "threads"))]
    pub fn par_gradients<X: Sample + Sync, Y: Sync, A: Shape<Elem = T>, M, L, T: Float>(
        model: &M,
        samples: &[X],
        targets: &[Y],
        loss: impl Fn(&mut Tensor<A>, &Y) -> L + Sync,
    ) -> (T, Grads<M>)
    where
        X::Batch<B>: Buffer,
        M: Backprop<X::Batch<B>, Output = Tensor<[A; B]>> + Sync,
        L: LossOf<Tensor<A>, Value = T>,
    {
        let mut grads = model.zero_grads();
        let loss = Self::par_add_gradients(model, &mut grads, samples, targets, loss);
        (loss, grads)
    }

    /// As [`par_gradients`](Self::par_gradients), added to what is there: gradients on the heap, or a batch in several parts.
    ///
    /// Beside `grads` it makes gradients on the heap: six or so for each thread, and 63 at most. Only a machine that can start no
    /// thread makes rayon panic.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let model = Linear::<4, 2>::init(&mut SmallRng::seed_from_u64(0));
    /// let mut grads = model.boxed_grads();
    /// let loss = |p: &mut Tensor<[f32; 2]>, y: &[f32; 2]| mse_loss(p, Tensor::from_ref(y), Reduction::Mean);
    /// Chunks::<16>::par_add_gradients(&model, &mut grads, &[[0.5; 4]; 100], &[[1.0, -1.0]; 100], loss);
    /// assert!(grads.norm() > 0.0);
    /// ```
    pub fn par_add_gradients<X: Sample + Sync, Y: Sync, A: Shape<Elem = T>, M, L, T: Float>(
        model: &M,
        grads: &mut Grads<M>,
        samples: &[X],
        targets: &[Y],
        loss: impl Fn(&mut Tensor<A>, &Y) -> L + Sync,
    ) -> T
    where
        X::Batch<B>: Buffer,
        M: Backprop<X::Batch<B>, Output = Tensor<[A; B]>> + Sync,
        L: LossOf<Tensor<A>, Value = T>,
    {
        let len = samples.len().min(targets.len());
        let factor = T::from_usize(len).recip();
        let inputs = Pool::<X::Batch<B>>::default();
        let run = |chunks: Range<usize>, grads: &mut Grads<M>| {
            let part = chunks.start.saturating_mul(B)..chunks.end.saturating_mul(B).min(len);
            let samples = samples.get(part.clone()).unwrap_or_default();
            let targets = targets.get(part).unwrap_or_default();
            let mut x = inputs.take().unwrap_or_else(Buffer::boxed);
            let sum = Self::add_in_turn(model, grads, &mut *x, samples, targets, factor, &loss);
            inputs.give(x);
            sum
        };
        let chunks = len.div_ceil(B.max(1));
        let least = const { shortest_run(M::PARAMETERS, M::MACS, B) }.max(chunks.div_ceil(RUNS));
        Tree { model, carried: grads.carried(), spare: Pool::default(), least, run }.sum(0..chunks, grads) * factor
    }
}

/// How many chunks of `batch` samples are a run that pays: so many as do [`RUN_MACS`], and no more than do them where each sample uses each
/// parameter once, since what a layer of one's own does may not be known.
const fn shortest_run(parameters: usize, macs: u64, batch: usize) -> usize {
    let by_work = (parameters as u64 * RUN_MACS).div_ceil(if macs > 0 { macs } else { 1 });
    let by_samples = RUN_MACS.div_ceil(if batch > 0 { batch as u64 } else { 1 });
    (if by_work < by_samples { by_work } else { by_samples }) as usize
}

/// What the nodes of the tree share.
struct Tree<'m, M: Parameters, F> {
    model: &'m M,
    /// What the caller's gradients carried in the beginning.
    carried: <M::Grads as Gradients>::Carried,
    spare: Pool<M::Grads>,
    /// The fewest chunks of a run.
    least: usize,
    /// Adds the gradients of these chunks, one after the other.
    run: F,
}

impl<M: Parameters + Sync, F> Tree<'_, M, F> {
    /// Adds the gradients of these chunks: the first half's to what is there, then the second half's as one.
    fn sum<T: Float>(&self, chunks: Range<usize>, grads: &mut M::Grads) -> T
    where
        F: Fn(Range<usize>, &mut M::Grads) -> T + Sync,
    {
        let half = chunks.len() / 2;
        if half < self.least {
            return (self.run)(chunks, grads);
        }
        let middle = chunks.end - half;
        let second = || {
            let mut own = self.begin(middle);
            (self.sum(middle..chunks.end, &mut own), own)
        };
        let (first, (second, own)) = rayon::join(|| self.sum(chunks.start..middle, grads), second);
        grads.add(&own);
        self.spare.give(own);
        first + second
    }

    /// Zero gradients for a part that begins with this chunk.
    fn begin(&self, chunk: usize) -> Box<M::Grads> {
        let mut grads = match self.spare.take() {
            Some(mut used) => {
                used.zero();
                used
            }
            None => Buffer::boxed(),
        };
        grads.carry(&self.carried);
        self.model.begin(&mut grads, &mut Streams::of_branch(chunk as u64));
        grads
    }
}

/// Buffers that were used and may be used again, so that there are no more than are in use at the same time.
struct Pool<T>(Mutex<Vec<Box<T>>>);

impl<T> Default for Pool<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Pool<T> {
    fn take(&self) -> Option<Box<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn give(&self, used: Box<T>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(used);
    }
}
