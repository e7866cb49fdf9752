//! What ranks found out, put together: evaluation.

use std::ops::Range;

use adamant::data::ConfusionMatrix;
use mpi::traits::Equivalence;

use crate::data_parallel::share;
use crate::{Number, Order, World, wire};

impl World {
    /// Which of `len` samples are this rank's: as many as are the others', up to one.
    pub const fn share(&self, len: usize) -> Range<usize> {
        share(len, self.rank(), self.size())
    }

    /// What each rank has, in the order of the ranks, on every rank: of each one's [`share`](Self::share) of the samples all of them in
    /// their order, so that what is computed from it does not depend on the number of ranks.
    pub fn gather<V: Equivalence + Clone + Default + Send + 'static>(&self, own: Vec<V>) -> Vec<V> {
        if self.size() == 1 {
            return own;
        }
        self.call("a gathering", move |comm| wire::gather(comm, &own))
    }

    /// The sum over all ranks, number by number, on every rank. All have as many numbers. [`Order::Fixed`] asks for a number of ranks
    /// that is a power of two, and gives with any other what [`Order::Mpi`] does.
    pub fn sum<T: Number>(&self, order: Order, mut own: Vec<T>) -> Vec<T> {
        let order = if self.size().is_power_of_two() { order } else { Order::Mpi };
        self.call("a sum", move |comm| {
            wire::sum(comm, order, &mut own, &mut Vec::new());
            own
        })
    }

    /// What all ranks counted. Counts stop at `u32::MAX`.
    pub fn total<const C: usize>(&self, own: &ConfusionMatrix<C>) -> ConfusionMatrix<C> {
        let (counts, unknown) = (own.counts().as_flattened(), own.unknown());
        let all = self.gather([counts, unknown].concat());
        let mut sums = vec![0u32; C * C + C];
        for one in all.chunks(sums.len().max(1)) {
            sums.iter_mut().zip(one).for_each(|(sum, &n)| *sum = sum.saturating_add(n));
        }
        let mut numbers = sums.into_iter();
        let mut next = || numbers.next().unwrap_or_default();
        let counts = [(); C].map(|()| [(); C].map(|()| next()));
        ConfusionMatrix::from_counts(counts, [(); C].map(|()| next()))
    }
}
