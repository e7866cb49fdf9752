//! [`DataParallel`]: the gradients of a batch that all ranks share.

use std::ops::Range;

use adamant::Buffer;
use adamant::data::{Batches, Sample};
use adamant::nn::{Backprop, Gradients, Grads, LossOf, Parameters, Streams};

use crate::buckets::Buckets;
use crate::{Error, Number, World, flat};

/// In which order ranks are added up.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Order {
    /// As a binary tree over the parts of the batch: the same bits for any number of ranks. That number and the parts' are powers of two.
    #[default]
    Fixed,
    /// As MPI likes, by its own all-reduce: any number of ranks, up to that of the parts. The last bits depend on it.
    Mpi,
}

/// How many bytes leave together where nothing else was said.
const BUCKET: usize = 1 << 20;

/// The gradients of a batch that is computed by all ranks: in parts, of which each rank takes an equal number.
///
/// | | |
/// |---|---|
/// | batch | `parts` successive batches of [`Batches`]; each rank makes its own ones only |
/// | loss and gradients | the mean over the parts, on every rank |
/// | sums | a binary tree over the parts, so that they are the same bits for 1, 2, 4, … ranks ([`Order`]) |
/// | running statistics | each part's batch moves those of the model; the mean over the parts is taken |
/// | random streams | each part draws as a [worker](Parameters::worker_grads) of its own, whatever rank it is on |
///
/// The gradients of each layer leave for the other ranks when its backward pass returns, in buckets of 1 MiB, while the pass goes on.
/// What is one part to [`Watch`](adamant::nn::Watch) leaves as a whole.
///
/// `T`, which travels and is added up, is the loss's type, and gradients of another are converted. Beside the gradients there is memory
/// for a row of them, one more for each doubling of a rank's parts, and one for what travels.
///
/// With the feature `rayon` there is `par_gradients`, which computes a rank's parts on several threads.
pub struct DataParallel<'w, M: Parameters, T = f32> {
    pub(crate) world: &'w World,
    pub(crate) parts: usize,
    pub(crate) grads: Box<Grads<M>>,
    pub(crate) buckets: Buckets<'w, T>,
    order: Order,
    overlaps: bool,
}

impl<'w, M: Parameters, T: Number> DataParallel<'w, M, T> {
    /// For batches of so many parts, of the same sums for any number of ranks.
    ///
    /// # Errors
    /// Where the number of parts or of ranks is no power of two, or there are more ranks than parts.
    pub fn new(world: &'w World, model: &M, parts: usize) -> Result<Self, Error> {
        Self::in_order(world, model, parts, Order::Fixed)
    }

    /// As [`new`](Self::new), of ranks that are added up in this order.
    ///
    /// # Errors
    /// As there, and of [`Order::Mpi`] where there are more ranks than parts.
    pub fn in_order(world: &'w World, model: &M, parts: usize, order: Order) -> Result<Self, Error> {
        let ranks = world.size();
        let powers = parts.is_power_of_two() && ranks.is_power_of_two();
        if ranks > parts || (order == Order::Fixed && !powers) {
            return Err(Error::Parts { parts, ranks });
        }
        let mut grads = model.boxed_grads();
        let buckets = buckets(world, order, &mut *grads, parts, BUCKET);
        Ok(Self { world, parts, grads, buckets, order, overlaps: true })
    }

    /// As it is, with so many bytes that leave together. Fewer leave earlier, more are sent faster.
    #[must_use]
    pub fn bucket_bytes(mut self, bytes: usize) -> Self {
        self.buckets = buckets(self.world, self.order, &mut *self.grads, self.parts, bytes);
        self
    }

    /// As it is, and gradients leave while the pass runs (as they do if nothing is said), or after it.
    #[must_use]
    pub const fn overlapping(mut self, overlaps: bool) -> Self {
        self.overlaps = overlaps;
        self
    }

    /// How many parts a batch has.
    pub const fn parts(&self) -> usize {
        self.parts
    }

    /// How many buckets of the last step left while its backward pass ran, and how many there were: few of many says that the model is
    /// final late ([`Watch`](adamant::nn::Watch)), one of one that smaller buckets may leave earlier.
    pub const fn sent_early(&self) -> (usize, usize) {
        self.buckets.early()
    }

    /// The mean loss of the next `parts` batches and its gradients, the same on every rank; `None` when fewer are left.
    ///
    /// Every rank must call it with the same model and the same batches: [`World::broadcast`], and a generator of the same seed.
    pub fn gradients<const B: usize, X: Sample, Y: Sample, L>(
        &mut self,
        model: &M,
        batches: &mut Batches<'_, B, X, Y>,
        mut loss: impl FnMut(&mut M::Output, &Y::Batch<B>) -> L,
    ) -> Option<(T, &mut Grads<M>)>
    where
        X::Batch<B>: Buffer,
        M: Backprop<X::Batch<B>>,
        L: LossOf<M::Output, Value = T>,
    {
        let own = self.own(batches)?;
        let (mut x, mut y) = (X::Batch::<B>::boxed(), Box::new(Y::zeros::<B>()));
        for (i, part) in own.enumerate() {
            batches.next_into(&mut x, &mut y);
            zero_for(model, &mut self.grads, part);
            if self.parts == 1 {
                let loss = model.add_gradients(&x, &mut self.grads, |p| loss(p, &y));
                return Some((loss, &mut self.grads)); // there is nothing to add up
            }
            self.buckets.begin(i, self.overlaps);
            let loss = model.add_gradients_watched(&mut x, &mut self.grads, &mut self.buckets, |p| loss(p, &y));
            self.buckets.end(loss);
        }
        batches.skip_batches(self.after());
        Some(self.mean())
    }

    /// The parts of the next batch that are this rank's, and passes over those before.
    pub(crate) fn own<const B: usize, X: Sample, Y: Sample>(&self, batches: &mut Batches<'_, B, X, Y>) -> Option<Range<usize>> {
        if batches.len() < self.parts {
            return None;
        }
        let own = share(self.parts, self.world.rank(), self.world.size());
        batches.skip_batches(own.start);
        Some(own)
    }

    /// How many parts come after this rank's.
    pub(crate) fn after(&self) -> usize {
        self.parts - share(self.parts, self.world.rank(), self.world.size()).end
    }

    /// The means, when all have come.
    pub(crate) fn mean(&mut self) -> (T, &mut Grads<M>) {
        let factor = T::from_usize(self.parts).recip();
        let (loss, slices) = self.buckets.finish();
        flat::write(&mut *self.grads, slices, factor);
        (loss * factor, &mut self.grads)
    }
}

/// Room for these gradients.
fn buckets<'w, G: Gradients, T: Number>(
    world: &'w World,
    order: Order,
    grads: &mut G,
    parts: usize,
    bytes: usize,
) -> Buckets<'w, T> {
    let own = share(parts, world.rank(), world.size()).len();
    Buckets::new(world, order, flat::len(grads), own, bytes / size_of::<T>())
}

/// Zero gradients for this part of a batch.
pub(crate) fn zero_for<M: Parameters>(model: &M, grads: &mut Grads<M>, part: usize) {
    grads.zero();
    model.begin(grads, &mut Streams::of_worker(part as u64));
}

/// What of `len` things in a row is a rank's.
pub(crate) const fn share(len: usize, rank: usize, ranks: usize) -> Range<usize> {
    let (each, more) = (len / ranks, len % ranks);
    let start = rank * each + if rank < more { rank } else { more };
    start..start + each + (rank < more) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_even_and_leave_nothing_out() {
        for len in [0, 1, 7, 64, 360] {
            for ranks in 1..9 {
                let shares: Vec<_> = (0..ranks).map(|rank| share(len, rank, ranks)).collect();
                assert!(shares.windows(2).all(|two| two[0].end == two[1].start && two[0].len().abs_diff(two[1].len()) <= 1));
                assert_eq!((shares[0].start, shares[ranks - 1].end), (0, len));
            }
        }
    }
}
