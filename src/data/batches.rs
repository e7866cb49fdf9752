//! [`Batches`].

use core::iter::FusedIterator;

use rand::Rng;

use super::{Permutation, Sample};
use crate::stack::by_value;

/// One epoch over samples and their labels: batches of `B`, in a random order or in the order of the data.
///
/// What a batch is follows from what a sample is ([`Sample`]): `&[[f32; 64]]` and `&[u8]` give
/// `(Tensor<[[f32; 64]; B]>, [u8; B])`. Nothing is stored but two slices, a place and the keys of the order
/// ([`Permutation`]).
///
/// - **The last, short batch** is left out, as with `drop_last=True` in PyTorch: a batch's size is a type. Another epoch has
///   another order, so other samples are left out. With [`wrap`](Self::wrap) it comes, filled up with samples from the start
///   of the epoch's order.
/// - **Slices of unequal length** are used over their common length, as [`Iterator::zip`] does.
/// - **Batches of 0** do not compile.
///
/// [`len`](ExactSizeIterator::len) is the number of batches that are still to come. For
/// [`torch.utils.data.DataLoader`](https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.DataLoader).
///
/// ```
/// use adamant::prelude::*;
/// let rng = &mut SmallRng::seed_from_u64(0);
/// let images: Vec<[f32; 64]> = vec![[0.5; 64]; 100];
/// let labels: Vec<u8> = vec![7; 100];
/// for epoch in 0..2 {
///     for (x, y) in Batches::<32>::new(&images, &labels, rng) {
///         let x: Tensor<[[f32; 64]; 32]> = x;
///         let y: [u8; 32] = y;
///     }
/// }
/// assert_eq!(Batches::<32>::new(&images, &labels, rng).len(), 3);
/// assert_eq!(Batches::<32>::new(&images, &labels, rng).wrap().len(), 4);
/// ```
/// ```compile_fail
/// # use adamant::prelude::*;
/// Batches::<0>::in_order(&[1.0f32], &[1u8]);
/// ```
#[doc(alias = "DataLoader")]
#[derive(Clone, Debug)]
#[must_use = "batches are made as they are asked for"]
pub struct Batches<'a, const B: usize, X = (), Y = ()> {
    samples: &'a [X],
    labels: &'a [Y],
    /// `None`: the order of the data.
    order: Option<Permutation>,
    /// How many places of the order have gone.
    place: usize,
    wrap: bool,
}

// Without `X` and `Y`, so that `Batches::<32>::new` names the size alone and the slices tell the rest.
impl<const B: usize> Batches<'_, B> {
    /// An epoch in a random order, which takes eight `u64` from `rng`.
    pub fn new<'a, X, Y, R>(samples: &'a [X], labels: &'a [Y], rng: &mut R) -> Batches<'a, B, X, Y>
    where
        X: Sample,
        Y: Sample,
        R: Rng + ?Sized,
    {
        let mut batches = Self::in_order(samples, labels);
        batches.order = Some(Permutation::new(batches.samples.len(), rng));
        batches
    }

    /// An epoch in the order of the data: for evaluation, and for samples that are shuffled already.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let (x, y) = ([0.0f32, 0.1, 0.2, 0.3, 0.4], [0u8, 1, 2, 3, 4]);
    /// let mut batches = Batches::<2>::in_order(&x, &y).wrap();
    /// assert_eq!(batches.next(), Some((Tensor([0.0, 0.1]), [0, 1])));
    /// assert_eq!(batches.next(), Some((Tensor([0.2, 0.3]), [2, 3])));
    /// assert_eq!(batches.next(), Some((Tensor([0.4, 0.0]), [4, 0])));
    /// assert_eq!(batches.next(), None);
    /// ```
    pub fn in_order<'a, X: Sample, Y: Sample>(samples: &'a [X], labels: &'a [Y]) -> Batches<'a, B, X, Y> {
        const { assert!(B > 0, "a batch holds at least one sample") };
        let common = samples.len().min(labels.len());
        let (samples, labels) = (samples.get(..common).unwrap_or(samples), labels.get(..common).unwrap_or(labels));
        Batches { samples, labels, order: None, place: 0, wrap: false }
    }
}

impl<const B: usize, X: Sample, Y: Sample> Batches<'_, B, X, Y> {
    /// With the last batch, which the start of the epoch's order fills up.
    pub const fn wrap(mut self) -> Self {
        self.wrap = true;
        self
    }

    /// Writes the next batch to the caller's buffers and says whether there was one; the buffers are left alone if not.
    /// For batches that are too large for the stack.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let rng = &mut SmallRng::seed_from_u64(0);
    /// let (images, labels) = ([[[0.5f32; 28]; 28]; 9], [7i64; 9]);
    /// let (mut x, mut y) = (Tensor::zeros(), [0; 4]); // may be `static`, or on the heap
    /// let mut batches = Batches::<4>::new(&images, &labels, rng);
    /// while batches.next_into(&mut x, &mut y) {
    ///     assert_eq!(*x.at::<3>(), Tensor([[0.5; 28]; 28]));
    /// }
    /// ```
    pub fn next_into(&mut self, x: &mut X::Batch<B>, y: &mut Y::Batch<B>) -> bool {
        if self.len() == 0 {
            return false;
        }
        let n = self.samples.len();
        let places = (self.place..n).chain((0..n).cycle());
        for ((x, y), place) in X::items(x).iter_mut().zip(Y::items(y)).zip(places) {
            if let Some((sample, label)) = self.sample(place) {
                *x = *sample.item();
                *y = *label.item();
            }
        }
        self.place = self.place.saturating_add(B).min(n);
        true
    }

    /// Passes over the next `n` batches, or as many as there are, without making them: those that another worker takes.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let (x, y) = ([0.0f32; 8], [0u8, 1, 2, 3, 4, 5, 6, 7]);
    /// let mut batches = Batches::<2>::in_order(&x, &y);
    /// batches.skip_batches(2);
    /// assert_eq!(batches.next().unwrap().1, [4, 5]);
    /// ```
    pub fn skip_batches(&mut self, n: usize) {
        self.place = match n < self.len() {
            true => self.place + n * B,
            false => self.samples.len(),
        };
    }

    /// What stands at a place of the order.
    #[inline]
    fn sample(&self, place: usize) -> Option<(&X, &Y)> {
        let i = match &self.order {
            Some(order) => order.get(place)?,
            None => place,
        };
        Some((self.samples.get(i)?, self.labels.get(i)?))
    }
}

impl<const B: usize, X: Sample, Y: Sample> Iterator for Batches<'_, B, X, Y> {
    type Item = (X::Batch<B>, Y::Batch<B>);

    fn next(&mut self) -> Option<Self::Item> {
        const { by_value::<Self::Item>("a batch", "`let mut x = Tensor::boxed();`, and lend it to `next_into(&mut x, &mut y)`") };
        let (mut x, mut y) = (X::zeros(), Y::zeros());
        self.next_into(&mut x, &mut y).then_some((x, y))
    }

    /// Passes over batches without making them.
    fn nth(&mut self, n: usize) -> Option<Self::Item> {
        self.skip_batches(n);
        self.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let samples = self.samples.len() - self.place;
        let batches = if self.wrap { samples.div_ceil(B) } else { samples / B };
        (batches, Some(batches))
    }
}

impl<const B: usize, X: Sample, Y: Sample> ExactSizeIterator for Batches<'_, B, X, Y> {}

impl<const B: usize, X: Sample, Y: Sample> FusedIterator for Batches<'_, B, X, Y> {}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    use super::*;
    use crate::tensor::Tensor;

    const LENGTHS: [usize; 9] = [0, 1, 2, 3, 31, 32, 33, 1437, 5000];

    fn rng(seed: u64) -> SmallRng {
        SmallRng::seed_from_u64(seed)
    }

    /// Samples and labels that tell their place.
    fn data(n: usize) -> (Vec<[f32; 2]>, Vec<u16>) {
        (0..n as u16).map(|i| ([f32::from(i), -f32::from(i)], i)).unzip()
    }

    #[test]
    fn an_epoch_is_a_permutation_without_its_end() {
        for n in LENGTHS {
            let (x, y) = data(n);
            let batches = Batches::<32>::new(&x, &y, &mut rng(n as u64));
            assert_eq!(batches.len(), n / 32);
            let mut labels: Vec<u16> = batches.flat_map(|(_, y)| y).collect();
            assert_eq!(labels.len(), n / 32 * 32);
            labels.sort_unstable();
            labels.dedup();
            assert_eq!(labels.len(), n / 32 * 32, "a sample came twice");
        }
    }

    #[test]
    fn a_wrapped_epoch_has_every_sample() {
        for n in LENGTHS {
            let (x, y) = data(n);
            let batches = Batches::<32>::new(&x, &y, &mut rng(n as u64)).wrap();
            assert_eq!(batches.len(), n.div_ceil(32));
            let labels: Vec<u16> = batches.flat_map(|(_, y)| y).collect();
            assert_eq!(labels.len(), n.div_ceil(32) * 32);
            let (epoch, filler) = labels.split_at(n);
            assert!(filler.iter().zip(epoch.iter().cycle()).all(|(a, b)| a == b), "filled up from the start");
            let mut epoch = epoch.to_vec();
            epoch.sort_unstable();
            assert_eq!(epoch, y);
        }
    }

    #[test]
    fn samples_keep_their_labels() {
        let (x, y) = data(100);
        for (x, y) in Batches::<7>::new(&x, &y, &mut rng(0)) {
            let x: Tensor<[[f32; 2]; 7]> = x;
            assert!(x.0.iter().zip(y).all(|(x, y)| *x == [f32::from(y), -f32::from(y)]));
        }
    }

    #[test]
    fn a_seed_gives_an_epoch_and_epochs_differ() {
        let (x, y) = data(64);
        let epoch = |rng: &mut SmallRng| Batches::<64>::new(&x, &y, rng).next().map(|(_, y)| y);
        assert_eq!(epoch(&mut rng(5)), epoch(&mut rng(5)));
        let mut rng = rng(5);
        assert_ne!(epoch(&mut rng), epoch(&mut rng));
    }

    #[test]
    fn every_kind_of_sample() {
        let tensors = [Tensor([1.0f64, 2.0]), Tensor([3.0, 4.0])];
        let (x, y) = Batches::<2>::in_order(&tensors, &[0.5f32, 0.25]).next().unwrap();
        assert_eq!((x, y), (Tensor([[1.0, 2.0], [3.0, 4.0]]), Tensor([0.5, 0.25])));
        let (x, y) = Batches::<1>::in_order(&[[[1u8; 3]; 2]], &[true]).next().unwrap();
        assert_eq!((x, y), (Tensor([[[1u8; 3]; 2]]), [true]));
        let (x, y) = Batches::<1>::in_order(&tensors, &tensors).next().unwrap();
        assert_eq!(x, y);
    }

    #[test]
    fn the_longer_slice_is_cut() {
        let (x, y) = data(10);
        for batches in [Batches::<2>::in_order(&x[..7], &y), Batches::<2>::in_order(&x, &y[..7])] {
            assert_eq!(batches.clone().len(), 3);
            assert_eq!(batches.wrap().last().unwrap().1, [6, 0]);
        }
    }

    #[test]
    fn buffers_are_written_until_the_end() {
        let (x, y) = data(5);
        let (mut to_x, mut to_y) = (Tensor([[9.0; 2]; 2]), [9; 2]);
        let mut batches = Batches::<2>::in_order(&x, &y);
        assert!(batches.next_into(&mut to_x, &mut to_y) && batches.next_into(&mut to_x, &mut to_y));
        assert_eq!((to_x, to_y), (Tensor([[2.0, -2.0], [3.0, -3.0]]), [2, 3]));
        assert!(!batches.next_into(&mut to_x, &mut to_y) && batches.next().is_none());
        assert_eq!(to_y, [2, 3]);
    }

    #[test]
    fn batches_that_are_passed_over_are_those_that_would_come() {
        for n in LENGTHS {
            let (x, y) = data(n);
            let batches = Batches::<32>::new(&x, &y, &mut rng(1)).wrap();
            let all: Vec<_> = batches.clone().collect();
            for skipped in [0, 1, 2, 40, 45, usize::MAX] {
                let mut rest = batches.clone();
                rest.skip_batches(skipped);
                assert!(rest.eq(all.iter().copied().skip(skipped)));
            }
            assert!(batches.step_by(3).eq(all.into_iter().step_by(3)));
        }
    }

    #[test]
    fn fewer_samples_than_a_batch_repeat() {
        let (x, y) = data(2);
        let mut batches = Batches::<5>::in_order(&x, &y).wrap();
        assert_eq!(batches.next().unwrap().1, [0, 1, 0, 1, 0]);
        assert_eq!((batches.len(), batches.next().is_none()), (0, true));
    }
}
