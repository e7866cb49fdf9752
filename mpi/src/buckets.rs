//! [`Buckets`]: the gradients of a batch, on their way to the other ranks while the backward pass still runs.

use std::ops::Range;
use std::sync::mpsc::{Receiver, Sender, channel};

use adamant::nn::{Gradients, Watch};

use crate::{Number, Order, World, flat, wire};

/// A row of numbers that leaves, and working memory of its length.
type Bucket<T> = [Vec<T>; 2];

/// The sum of what the parts of a batch give: a row whose first number is the loss, and whose others are the gradients. Its end is final
/// first, and leaves first.
pub struct Buckets<'w, T> {
    world: &'w World,
    order: Order,
    /// How many numbers leave together.
    size: usize,
    /// The numbers of the part that is on; in the last one those of all parts.
    row: Vec<T>,
    /// Sums over 1, 2, 4, … parts that wait for those of as many others: parts add up as the leaves of a binary tree do.
    waiting: Vec<Vec<T>>,
    /// How many parts this rank has, and which one is on.
    parts: usize,
    part: usize,
    /// From here on the row is final, has left, has come back.
    settled: usize,
    left: usize,
    returned: usize,
    told: Sender<Bucket<T>>,
    answers: Receiver<Bucket<T>>,
    /// Memory that was used and may be used again.
    spare: Vec<Bucket<T>>,
}

impl<'w, T: Number> Buckets<'w, T> {
    /// For gradients of `len` numbers, from `parts` parts on this rank.
    pub fn new(world: &'w World, order: Order, len: usize, parts: usize) -> Self {
        let row = vec![T::ZERO; len + 1];
        let levels = parts.next_power_of_two().ilog2() as usize;
        let (told, answers) = channel();
        let (waiting, spare, end) = (vec![row.clone(); levels], Vec::new(), row.len());
        let (size, part, settled, left, returned) = (end, 0, end, end, end);
        Self { world, order, size, row, waiting, parts, part, settled, left, returned, told, answers, spare }
    }

    /// The sums: the loss, and the gradients.
    pub fn sums(&self) -> Option<(&T, &[T])> {
        self.row.split_first()
    }

    /// Begins a part of a batch, of which so many numbers leave together.
    pub fn begin(&mut self, part: usize, size: usize) {
        let end = self.row.len();
        (self.part, self.size, self.settled, self.left, self.returned) = (part, size.clamp(1, end), end, end, end);
    }

    /// Ends a part, whose gradients were watched.
    pub fn end(&mut self, loss: T) {
        debug_assert_eq!(self.settled, 1, "a watch sees each number once");
        self.settle(1, |loss_place| loss_place[0] = loss);
    }

    /// Takes the sums of all of this rank's parts, which were computed elsewhere.
    #[cfg(feature = "rayon")]
    pub fn take(&mut self, sums: Vec<T>, size: usize) {
        self.begin(self.parts - 1, size);
        self.row = sums;
        self.settled = 0;
        self.leave(1);
    }

    /// Waits for what has left.
    pub fn finish(&mut self) {
        while self.left < self.returned {
            let [sums, scratch] = self.world.receive("a sum of gradients", &self.answers);
            let start = self.returned.saturating_sub(sums.len());
            self.row[start..self.returned].copy_from_slice(&sums);
            self.returned = start;
            self.spare.push([sums, scratch]);
        }
    }

    /// Writes the `len` numbers in front of those that are final, which then are so, too.
    fn settle(&mut self, len: usize, write: impl FnOnce(&mut [T])) {
        let here = self.settled.saturating_sub(len)..self.settled;
        write(&mut self.row[here.clone()]);
        self.settled = here.start;
        self.add_up(here);
        if self.part + 1 == self.parts {
            self.leave(if self.settled == 0 { 1 } else { self.size });
        }
    }

    /// Adds what waits for this part, and leaves the sum waiting if another part comes.
    fn add_up(&mut self, here: Range<usize>) {
        let is_last = self.part + 1 == self.parts;
        let level = self.part.trailing_ones() as usize;
        let full = if is_last { self.part } else { (1 << level) - 1 };
        let row = &mut self.row[here.clone()];
        for (_, waiting) in self.waiting.iter().enumerate().filter(|(level, _)| full >> level & 1 == 1) {
            row.iter_mut().zip(&waiting[here.clone()]).for_each(|(sum, &before)| *sum = before + *sum);
        }
        if !is_last {
            self.waiting[level][here].copy_from_slice(row);
        }
    }

    /// Sends what is final, if it is at least so many numbers.
    fn leave(&mut self, least: usize) {
        while self.world.size() > 1 && self.left - self.settled >= least {
            let start = self.left.saturating_sub(self.size).max(self.settled);
            let [mut sums, mut scratch] = self.spare.pop().unwrap_or_default();
            sums.clear();
            sums.extend_from_slice(&self.row[start..self.left]);
            let (order, told) = (self.order, self.told.clone());
            self.world.ask(move |comm| {
                wire::sum(comm, order, &mut sums, &mut scratch);
                _ = told.send([sums, scratch]);
            });
            self.left = start;
        }
    }
}

impl<T: Number> Watch for Buckets<'_, T> {
    fn settled<G: Gradients>(&mut self, grads: &mut G) {
        let len = flat::len(grads);
        self.settle(len, |row| flat::read(grads, row));
    }
}
