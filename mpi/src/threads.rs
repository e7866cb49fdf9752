//! A rank's parts of a batch on several threads.

use std::sync::{Mutex, PoisonError};

use adamant::Buffer;
use adamant::data::{Batches, Sample};
use adamant::nn::{Backprop, Grads, LossOf, Parameters};

use crate::data_parallel::zero_for;
use crate::{DataParallel, Number, flat};

impl<M: Parameters + Sync, T: Number> DataParallel<'_, M, T> {
    /// As [`gradients`](Self::gradients), the same bits, with this rank's parts on the threads of [rayon](https://docs.rs/rayon)'s pool
    /// (feature `rayon`).
    ///
    /// The gradients leave for the other ranks when all parts are computed. A rank has a thread for each core that it may use: say so to
    /// `mpirun` (`--map-by slot:PE=4`, or `--bind-to none` and `RAYON_NUM_THREADS`).
    pub fn par_gradients<const B: usize, X: Sample, Y: Sample, L>(
        &mut self,
        model: &M,
        batches: &mut Batches<'_, B, X, Y>,
        loss: impl Fn(&mut M::Output, &Y::Batch<B>) -> L + Sync,
    ) -> Option<(T, &mut Grads<M>)>
    where
        X::Batch<B>: Buffer,
        Y::Batch<B>: Send,
        M: Backprop<X::Batch<B>>,
        L: LossOf<M::Output, Value = T>,
    {
        let own = self.own(batches)?;
        let mut parts: Vec<_> = own.map(|part| (part, X::Batch::<B>::boxed(), Box::new(Y::zeros::<B>()))).collect();
        parts.iter_mut().for_each(|(_, x, y)| _ = batches.next_into(x, y));
        batches.skip_batches(self.after());

        let len = flat::len(&mut *self.grads);
        let spare = Mutex::new(Vec::new());
        let each = |(part, x, y): &mut (usize, Box<X::Batch<B>>, Box<Y::Batch<B>>)| {
            let mut grads: Box<Grads<M>> = lock(&spare).pop().unwrap_or_else(Buffer::boxed);
            zero_for(model, &mut grads, *part);
            let loss = model.add_gradients(x, &mut grads, |p| loss(p, y));
            let mut row = vec![loss; len + 1];
            flat::read(&mut *grads, std::iter::once(&mut row[1..]));
            lock(&spare).push(grads);
            row
        };
        self.buckets.take(&sum(&mut parts, &each));
        zero_for(model, &mut self.grads, 0);
        Some(self.mean())
    }
}

/// The sum over some parts, as a binary tree adds them up.
fn sum<P: Send, T: Number>(parts: &mut [P], each: &(impl Fn(&mut P) -> Vec<T> + Sync)) -> Vec<T> {
    match parts {
        [] => Vec::new(),
        [part] => each(part),
        parts => {
            let (left, right) = parts.split_at_mut(parts.len() / 2);
            let (mut left, right) = rayon::join(|| sum(left, each), || sum(right, each));
            left.iter_mut().zip(right).for_each(|(left, right)| *left += right);
            left
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
