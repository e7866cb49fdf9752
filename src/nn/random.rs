//! [`RandomStream`]: chance that training draws from.

use core::fmt::{self, Formatter};

use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};

use super::{Gradients, Layout, Name, Nothing, Parameters, Update, Visitor, VisitorMut, Zip};
use crate::init::Init;
use crate::tensor::Buffer;

/// The random stream of a layer that draws in training, as [`Dropout`](super::Dropout) and [`Noise`](super::Noise) do.
///
/// What is drawn is a function of five numbers and of nothing else: the stream's `seed`, its place in the model, the worker, the
/// step, and the call within the step. So
/// - two streams in a model are independent, whatever their seeds;
/// - a run repeats from its seeds, and the backward pass sees the very numbers of its forward pass, however often it runs that again;
/// - workers that train one model draw different numbers: [`worker_grads`](Parameters::worker_grads), and so do the parts into which
///   feature `rayon` cuts a batch;
/// - the same numbers come on every machine.
///
/// `&self` is shared while a model learns, so a pass draws from [`Draws`], which travels in the gradients;
/// [`absorb`](Parameters::absorb) (every optimiser's step) begins the next step. Seed and step are saved with a
/// [`Checkpoint`](crate::weights::Checkpoint), and not with the model alone.
///
/// ```
/// use adamant::nn::RandomStream;
/// use adamant::prelude::*;
///
/// let mut stream = RandomStream::new(7);
/// let mut draws = stream.zero_grads();
/// let before = draws;
/// let (a, b) = (draws.next_call().next_u32(), draws.next_call().next_u32());
/// assert_ne!(a, b);
/// draws.carry(&before); // once more
/// assert_eq!(draws.next_call().next_u32(), a);
///
/// stream.absorb(&draws);
/// assert_ne!(stream.zero_grads().next_call().next_u32(), a); // the next step
/// ```
#[doc(alias("Generator", "manual_seed"))]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RandomStream {
    /// What tells runs apart; [`init`](Init::init) draws it.
    pub seed: u64,
    /// The number of the next step.
    pub step: u64,
}

impl RandomStream {
    /// A stream at its first step.
    pub const fn new(seed: u64) -> Self {
        Self { seed, step: 0 }
    }
}

/// The part of a [`RandomStream`] that one step draws from. It stands among the gradients and is none: zeroing, adding, scaling and
/// clipping leave it alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Draws {
    /// Seed, place, worker and step in one number.
    key: u64,
    step: u64,
    call: u64,
}

impl Draws {
    /// The generator of the next call.
    #[inline]
    pub fn next_call(&mut self) -> Xoshiro256PlusPlus {
        let seed = mixed(self.key, self.call);
        self.call = self.call.wrapping_add(1);
        Xoshiro256PlusPlus::seed_from_u64(seed)
    }
}

/// Two numbers as one without a pattern: the finaliser of SplitMix64 (G. Steele, D. Lea, C. Flood, *Fast splittable pseudorandom
/// number generators*, 2014) over their combination.
const fn mixed(a: u64, b: u64) -> u64 {
    let mut z = a.rotate_left(32) ^ b.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Gives each random stream of a model its place, in the order of the fields.
#[derive(Clone, Copy, Debug, Default)]
pub struct Streams {
    from: Source,
    next: u64,
}

/// Where draws come from.
#[derive(Clone, Copy, Debug)]
enum Source {
    /// The model, for the worker with this number.
    Model(u64),
    /// What the gradients draw from now, for a branch of this number.
    Gradients(u64),
}

impl Default for Source {
    fn default() -> Self {
        Self::Model(0)
    }
}

impl Streams {
    /// Those of the worker with this number. The gradients that [`zero_grads`](Parameters::zero_grads) makes are worker 0's.
    pub const fn of_worker(worker: u64) -> Self {
        Self { from: Source::Model(worker), next: 0 }
    }

    /// Those of one of several branches of a pass, which draw independently of each other and of the gradients that they leave:
    /// [`begin`](Parameters::begin) finds in its gradients what the others' [carry](Gradients::carry).
    pub const fn of_branch(branch: u64) -> Self {
        Self { from: Source::Gradients(branch), next: 0 }
    }

    /// What the next stream draws from, where it drew from `now`.
    fn next(&mut self, stream: &RandomStream, now: &Draws) -> Draws {
        let place = self.next;
        self.next += 1;
        match self.from {
            Source::Model(worker) => {
                let key = mixed(mixed(mixed(mixed(0, stream.seed), place), worker), stream.step);
                Draws { key, step: stream.step, call: 0 }
            }
            Source::Gradients(branch) => Draws { key: mixed(mixed(now.key, now.call), branch), call: 0, ..*now },
        }
    }
}

impl Buffer for Draws {
    const ZERO: Self = Self { key: 0, step: 0, call: 0 };
}

impl Gradients for Draws {
    type Carried = Self;

    #[inline]
    fn zip<const K: usize, Z: Zip<K>>(&mut self, _: [&Self; K], _: &mut Z) {}

    #[inline]
    fn visit<V: Visitor>(&self, _: Name<'_>, _: &mut V) {}

    #[inline]
    fn visit_mut<V: VisitorMut>(&mut self, _: Name<'_>, _: &mut V) {}

    #[inline]
    fn carried(&self) -> Self {
        *self
    }

    #[inline]
    fn carry(&mut self, carried: &Self) {
        *self = *carried;
    }
}

impl Parameters for RandomStream {
    type Grads = Draws;
    type Count = Nothing;
    const PARAMETERS: usize = 0;
    const NUMBERS: usize = 0;
    const TRAINS_DIFFERENTLY: bool = true;
    const IS_LAYER: bool = false;
    const LAYOUT: Layout<Self> = Layout::NOTHING;

    #[inline]
    fn visit<V: Visitor>(&self, name: Name<'_>, visitor: &mut V) {
        visitor.stream(name, self);
    }

    #[inline]
    fn visit_mut<V: VisitorMut>(&mut self, name: Name<'_>, visitor: &mut V) {
        visitor.stream_mut(name, self);
    }

    #[inline]
    fn update<const K: usize, U: Update<K>>(&mut self, _: &Draws, _: [&mut Draws; K], _: &mut U) {}

    #[inline]
    fn begin(&self, grads: &mut Draws, streams: &mut Streams) {
        *grads = streams.next(self, grads);
    }

    /// The step after the latest of which gradients came.
    #[inline]
    fn absorb(&mut self, grads: &Draws) {
        self.step = self.step.max(grads.step.wrapping_add(1));
    }

    fn describe(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "RandomStream(seed={})", self.seed)
    }
}

impl Init for RandomStream {
    const BLANK: Self = Self::new(0);

    fn reset_parameters<R: Rng + ?Sized>(&mut self, rng: &mut R) {
        *self = Self::new(rng.next_u64());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_five_tells_streams_apart() {
        let mut seen = std::collections::HashSet::new();
        for seed in 0..4 {
            for worker in 0..4 {
                for step in 0..4 {
                    let mut streams = Streams::of_worker(worker);
                    for _place in 0..4 {
                        let mut draws = streams.next(&RandomStream { seed, step }, &Draws::ZERO);
                        for _call in 0..4 {
                            assert!(seen.insert(draws.next_call().next_u64()));
                        }
                    }
                }
            }
        }
        assert_eq!(seen.len(), 4usize.pow(5));
    }

    /// No branch draws what another does, nor what the gradients do that it left, at any call.
    #[test]
    fn branches_tell_streams_apart() {
        let stream = RandomStream::new(1);
        let mut stem = stream.zero_grads();
        let mut seen = std::collections::HashSet::new();
        for _call in 0..16 {
            for branch in 0..16 {
                let mut draws = stem;
                stream.begin(&mut draws, &mut Streams::of_branch(branch));
                assert_eq!(draws.step, stem.step);
                assert!((0..4).all(|_| seen.insert(draws.next_call().next_u64())));
            }
            assert!(seen.insert(stem.next_call().next_u64()));
        }
    }

    /// Adjacent streams share no bits more often than chance has it: 3·10⁵ bits differ in half of the cases.
    #[test]
    fn neighbours_are_independent() {
        let first = |seed, place: u64| {
            let mut streams = Streams { next: place, ..Streams::default() };
            streams.next(&RandomStream::new(seed), &Draws::ZERO).next_call().next_u64()
        };
        let mut differing = [0u32; 2];
        for i in 0..5000 {
            differing[0] += (first(i, 0) ^ first(i + 1, 0)).count_ones();
            differing[1] += (first(0, i) ^ first(0, i + 1)).count_ones();
        }
        let half = 5000 * 32;
        assert!(differing.iter().all(|&n| n.abs_diff(half) < 1500), "{differing:?} of {}", 2 * half);
    }

    #[test]
    fn the_same_on_every_machine() {
        let mut draws = RandomStream::new(1).zero_grads();
        let numbers = [draws.next_call().next_u64(), draws.next_call().next_u64()];
        assert_eq!(numbers, EXPECTED);
    }

    /// Computed in Python, too: SplitMix64 and xoshiro256++ by their published definitions.
    const EXPECTED: [u64; 2] = [6_516_549_351_362_519_516, 8_143_211_710_933_094_572];
}
