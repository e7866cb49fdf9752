//! [`Buckets`]: the gradients of a batch, on their way to the other ranks while the backward pass still runs.

use std::mem::take;
use std::ops::Range;
use std::sync::mpsc::{Receiver, Sender, channel};

use adamant::nn::{Gradients, Watch};

use crate::row::Row;
use crate::{Number, Order, World, flat, wire};

/// A block's number, its sums, and working memory.
type Returned<T> = (usize, Vec<T>, Vec<T>);

/// The sum of what the parts of a batch give: a row whose first number is the loss, and whose others are the gradients. Its end is final
/// first, and leaves first, block by block.
pub struct Buckets<'w, T> {
    world: &'w World,
    order: Order,
    /// The numbers of the part that is on; in the last one those of all parts.
    row: Row<T>,
    /// Sums over 1, 2, 4, … parts that wait for those of as many others: parts add up as the leaves of a binary tree do.
    waiting: Vec<Vec<T>>,
    /// How many parts this rank has, and which one is on.
    parts: usize,
    part: usize,
    /// Whether blocks leave before the row is final.
    eager: bool,
    /// From this number on the row is final.
    settled: usize,
    /// From this block on it has left.
    left: usize,
    /// How many blocks had left before the row was final.
    early: usize,
    told: Sender<Returned<T>>,
    answers: Receiver<Returned<T>>,
    /// Working memory that may be used again.
    spare: Vec<Vec<T>>,
}

impl<'w, T: Number> Buckets<'w, T> {
    /// For gradients of `len` numbers, from `parts` parts on this rank, of which `size` leave together.
    pub fn new(world: &'w World, order: Order, len: usize, parts: usize, size: usize) -> Self {
        let row = Row::new(T::ZERO, len + 1, size);
        let waiting = vec![vec![T::ZERO; len + 1]; parts.next_power_of_two().ilog2() as usize];
        let (told, answers) = channel();
        Self {
            world,
            order,
            row,
            waiting,
            parts,
            part: 0,
            eager: true,
            settled: 0,
            left: 0,
            early: 0,
            told,
            answers,
            spare: Vec::new(),
        }
    }

    /// How many blocks left before the row was final, and how many there are.
    pub const fn early(&self) -> (usize, usize) {
        (self.early, self.row.blocks())
    }

    /// Begins a part of a batch.
    pub fn begin(&mut self, part: usize, eager: bool) {
        (self.part, self.eager, self.settled, self.left, self.early) = (part, eager, self.row.len(), self.row.blocks(), 0);
    }

    /// Ends a part, whose gradients were watched.
    pub fn end(&mut self, loss: T) {
        debug_assert_eq!(self.settled, 1, "a watch sees each number once");
        self.row.slices_mut(0..1).flatten().for_each(|place| *place = loss);
        self.settle(0);
    }

    /// Takes the sums of all of this rank's parts, which were computed elsewhere.
    #[cfg(feature = "rayon")]
    pub fn take(&mut self, sums: &[T]) {
        self.begin(self.parts - 1, false);
        self.row.slices_mut(0..sums.len()).flatten().zip(sums).for_each(|(place, &sum)| *place = sum);
        self.settled = 0;
        self.leave();
    }

    /// Waits for what has left. Gives the loss, and the gradients in slices.
    pub fn finish(&mut self) -> (T, impl Iterator<Item = &[T]>) {
        for _ in self.left..self.row.blocks() {
            let (block, sums, scratch) = self.world.receive("a sum of gradients", &self.answers);
            if let Some(place) = self.row.block(block) {
                *place = sums;
            }
            self.spare.push(scratch);
        }
        let loss = self.row.slices(0..1).flatten().copied().next();
        (loss.unwrap_or(T::NAN), self.row.slices(1..self.row.len()))
    }

    /// The numbers from this one on are final, if no other part comes.
    fn settle(&mut self, from: usize) {
        self.add_up(from..self.settled);
        self.settled = from;
        if self.part + 1 == self.parts {
            self.leave();
        }
    }

    /// Adds what waits for this part, and leaves the sum waiting if another part comes.
    fn add_up(&mut self, here: Range<usize>) {
        let is_last = self.part + 1 == self.parts;
        let level = self.part.trailing_ones() as usize;
        let full = if is_last { self.part } else { (1 << level) - 1 };
        for (_, waiting) in self.waiting.iter().enumerate().filter(|(level, _)| full >> level & 1 == 1) {
            let mut rest = &waiting[here.clone()];
            for slice in self.row.slices_mut(here.clone()) {
                let (now, later) = rest.split_at(slice.len());
                slice.iter_mut().zip(now).for_each(|(sum, &before)| *sum = before + *sum);
                rest = later;
            }
        }
        if !is_last {
            let mut rest = &mut self.waiting[level][here.clone()];
            for slice in self.row.slices(here) {
                let (now, later) = rest.split_at_mut(slice.len());
                now.copy_from_slice(slice);
                rest = later;
            }
        }
    }

    /// Sends the blocks that are final.
    fn leave(&mut self) {
        let may = self.world.size() > 1 && (self.eager || self.settled == 0);
        while may && self.left > 0 && self.settled <= self.row.start(self.left - 1) {
            self.left -= 1;
            self.early += usize::from(self.settled > 0);
            let (block, mut sums) = (self.left, self.row.block(self.left).map(take).unwrap_or_default());
            let mut scratch = self.spare.pop().unwrap_or_default();
            let (order, told) = (self.order, self.told.clone());
            self.world.ask(move |comm| {
                wire::sum(comm, order, &mut sums, &mut scratch);
                _ = told.send((block, sums, scratch));
            });
        }
    }
}

impl<T: Number> Watch for Buckets<'_, T> {
    fn settled<G: Gradients>(&mut self, grads: &mut G) {
        let from = self.settled.saturating_sub(flat::len(grads));
        flat::read(grads, self.row.slices_mut(from..self.settled));
        self.settle(from);
    }
}
