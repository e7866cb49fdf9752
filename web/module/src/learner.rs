//! A network and its training, in memory of a size that the compiler knows.

use adamant::memory::Memory;
use adamant::prelude::*;

use crate::digits::{Digits, IMAGES, TRAIN, scaled};
use crate::picture::{Picture, Pictured};
use crate::run::{EPOCH, Run};
use crate::stack::STACK;

/// The images of a batch: all that test are nine batches.
const BATCH: usize = 40;
const _: () = assert!(EPOCH == TRAIN / BATCH && (IMAGES - TRAIN).is_multiple_of(BATCH));

/// What training takes.
pub type Batch = Tensor<[[f32; 64]; BATCH]>;
/// The network's opinion of an image: a logit or a probability for each digit.
pub type Opinion = Tensor<[f32; 10]>;

/// What can learn on the page.
pub trait Net:
    Init + Pictured + Backprop<Batch, Output = Tensor<[[f32; 10]; BATCH]>> + Module<Tensor<[f32; 64]>, Output = Opinion>
{
}

impl<N> Net for N where
    N: Init + Pictured + Backprop<Batch, Output = Tensor<[[f32; 10]; BATCH]>> + Module<Tensor<[f32; 64]>, Output = Opinion>
{
}

/// All that a run keeps: zeros and settings, until it starts.
pub struct Learner<N: Net> {
    net: N,
    grads: Grads<N>,
    adam: Adam<N>,
    batch: Batch,
    labels: [u8; BATCH],
    seed: u64,
    /// Of the epoch.
    order: Option<Permutation>,
    run: Run,
}

impl<N: Net> Learner<N> {
    /// Before the start.
    pub const BLANK: Self = Self {
        net: N::BLANK,
        grads: Buffer::ZERO,
        adam: Adam::BLANK,
        batch: Buffer::ZERO,
        labels: [0; BATCH],
        seed: 0,
        order: None,
        run: Run::BLANK,
    };

    /// The images with these numbers.
    fn take(&mut self, digits: &Digits, numbers: impl Iterator<Item = usize>) {
        for ((image, label), number) in self.batch.0.iter_mut().zip(&mut self.labels).zip(numbers) {
            if let Some((pixels, digit)) = digits.get(number) {
                (*image, *label) = (scaled(pixels), digit);
            }
        }
    }

    /// The next batch of an epoch, or the first one of another.
    fn take_next(&mut self, digits: &Digits) {
        let place = self.run.steps() % EPOCH;
        let order = match self.order {
            Some(order) if place > 0 => order,
            _ => Permutation::new(TRAIN, &mut SmallRng::seed_from_u64(self.seed + self.run.steps() as u64)),
        };
        self.order = Some(order);
        self.take(digits, (BATCH * place..).map_while(|place| order.get(place)));
    }
}

/// What the types know of a network and its training; sizes in bytes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Numbers {
    parameters: u32,
    /// Multiply-accumulates for an image.
    macs: u32,
    weights: u32,
    gradients: u32,
    optimizer: u32,
    /// The images of a batch, and the network's opinion of them.
    batch: u32,
    /// All activations of the pass, and what calls take.
    stack: u32,
}

impl Numbers {
    /// None yet.
    pub const ZERO: Self = Self { parameters: 0, macs: 0, weights: 0, gradients: 0, optimizer: 0, batch: 0, stack: 0 };

    const fn of<N: Net>() -> Self {
        Self {
            parameters: N::PARAMETERS as u32,
            macs: <N as Module<Tensor<[f32; 64]>>>::MACS as u32,
            weights: size_of::<N>() as u32,
            gradients: size_of::<Grads<N>>() as u32,
            optimizer: size_of::<Adam<N>>() as u32,
            batch: (size_of::<Batch>() + size_of::<[Opinion; BATCH]>()) as u32,
            stack: stack::<N>() as u32,
        }
    }
}

/// What else may stand there: a drawing that is scaled, the products' blocks.
const BESIDE: usize = 64 * 1024;

/// What a step of training takes on the stack.
const fn stack<N: Net>() -> usize {
    let stack = Memory::training::<N, Batch, Adam<N>>().stack().get();
    assert!(stack + BESIDE <= STACK, "the module has less stack");
    stack
}

/// A learner, of whichever network.
pub trait Learn {
    /// Draws fresh weights, and forgets what training remembered.
    fn start(&mut self, digits: &Digits, seed: u64);
    /// Trains on the next batch, unless the run is over.
    fn step(&mut self, digits: &Digits, learning_rate: f64);
    /// Counts what the network takes the images for that test, and adds a point to the curves.
    fn test(&mut self, digits: &Digits);
    /// How it went so far.
    fn run(&self) -> &Run;
    /// How probable each digit is on an image of pixels from 0 to 1.
    fn probabilities(&self, image: &Tensor<[f32; 64]>) -> Opinion;
    /// The weights.
    fn pictures(&self) -> [Picture; 2];
    /// What the types know.
    fn numbers(&self) -> Numbers;
}

impl<N: Net> Learn for Learner<N> {
    fn start(&mut self, digits: &Digits, seed: u64) {
        self.net = N::init(&mut SmallRng::seed_from_u64(seed));
        self.adam = Adam::BLANK;
        self.seed = seed;
        self.order = None;
        self.run = Run::BLANK;
        self.test(digits);
    }

    fn step(&mut self, digits: &Digits, learning_rate: f64) {
        if self.run.is_over() {
            return;
        }
        self.take_next(digits);
        let Self { net, grads, adam, labels, batch, .. } = self;
        grads.zero();
        let loss = net.add_gradients(&*batch, grads, |p| cross_entropy(p, labels, Reduction::Mean));
        adam.lr = learning_rate;
        adam.step(net, grads);
        self.run.add_loss(loss);
    }

    fn test(&mut self, digits: &Digits) {
        let mut confusion = ConfusionMatrix::new();
        for first in (TRAIN..IMAGES).step_by(BATCH) {
            self.take(digits, first..);
            confusion.add(&self.net.forward(&self.batch), &self.labels);
        }
        self.run.add_point(confusion);
    }

    fn run(&self) -> &Run {
        &self.run
    }

    fn probabilities(&self, image: &Tensor<[f32; 64]>) -> Opinion {
        self.net.forward(image).softmax::<-1>()
    }

    fn pictures(&self) -> [Picture; 2] {
        self.net.pictures()
    }

    fn numbers(&self) -> Numbers {
        const { Numbers::of::<N>() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pen::Pen;
    use crate::run::{EPOCHS, POINTS};
    use crate::{Cnn, Mlp};

    /// Digits as a careful hand draws them: lines from point to point.
    const DRAWN: [(usize, &[&[[f32; 2]]]); 10] = [
        (
            0,
            &[&[
                [0.5, 0.1],
                [0.36, 0.2],
                [0.28, 0.5],
                [0.36, 0.8],
                [0.5, 0.9],
                [0.64, 0.8],
                [0.72, 0.5],
                [0.64, 0.2],
                [0.5, 0.1],
            ]],
        ),
        (1, &[&[[0.4, 0.25], [0.53, 0.12], [0.53, 0.88]]]),
        (2, &[&[[0.28, 0.3], [0.35, 0.15], [0.5, 0.1], [0.66, 0.2], [0.66, 0.38], [0.28, 0.88], [0.74, 0.88]]]),
        (
            3,
            &[&[
                [0.3, 0.15],
                [0.5, 0.1],
                [0.68, 0.2],
                [0.66, 0.38],
                [0.46, 0.47],
                [0.68, 0.56],
                [0.72, 0.75],
                [0.5, 0.9],
                [0.28, 0.84],
            ]],
        ),
        (4, &[&[[0.55, 0.1], [0.25, 0.6], [0.75, 0.6]], &[[0.62, 0.38], [0.56, 0.92]]]),
        (5, &[&[[0.7, 0.1], [0.34, 0.1], [0.32, 0.45], [0.52, 0.4], [0.7, 0.52], [0.7, 0.74], [0.52, 0.9], [0.3, 0.86]]]),
        (6, &[&[[0.6, 0.1], [0.4, 0.3], [0.3, 0.65], [0.4, 0.88], [0.6, 0.88], [0.7, 0.7], [0.58, 0.55], [0.34, 0.62]]]),
        (7, &[&[[0.28, 0.12], [0.72, 0.12], [0.55, 0.5], [0.42, 0.9]]]),
        (
            8,
            &[&[
                [0.66, 0.2],
                [0.5, 0.1],
                [0.34, 0.22],
                [0.5, 0.45],
                [0.68, 0.7],
                [0.5, 0.9],
                [0.32, 0.72],
                [0.5, 0.45],
                [0.66, 0.2],
            ]],
        ),
        (9, &[&[[0.68, 0.25], [0.5, 0.1], [0.32, 0.25], [0.4, 0.45], [0.6, 0.42], [0.68, 0.22], [0.66, 0.6], [0.54, 0.9]]]),
    ];

    fn trained<N: Net>() -> Box<Learner<N>> {
        let (mut digits, mut learner) = (Digits::BLANK, Box::new(Learner::<N>::BLANK));
        digits.unpack();
        learner.start(&digits, 1);
        while !learner.run.is_over() {
            learner.step(&digits, 3e-3);
            if learner.run.is_point() {
                learner.test(&digits);
            }
        }
        learner
    }

    fn learns<N: Net>(accuracy: f32, known: usize) {
        let learner = trained::<N>();
        let run = learner.run();
        assert_eq!((run.steps(), run.losses.len()), (EPOCHS * EPOCH, POINTS));
        assert!(run.accuracies[0] < 0.3 && run.accuracies[POINTS - 1] > accuracy, "{:?}", run.accuracies);
        assert!(run.losses[1] > 2.0 && run.losses[POINTS - 1] < 0.1, "{:?}", run.losses);
        let read = DRAWN.map(|(_, lines)| {
            let mut pen = Pen::BLANK;
            for line in lines {
                pen.down(line[0][0], line[0][1]);
                line[1..].iter().for_each(|point| pen.line(point[0], point[1]));
            }
            learner.probabilities(&pen.image()).argmax_index().map(Idx::get)
        });
        let right = read.iter().zip(&DRAWN).filter(|(read, (digit, _))| **read == Some(*digit)).count();
        assert!(right >= known, "{right} of ten: {read:?}");
    }

    #[test]
    fn the_dense_network_learns_and_reads_what_is_drawn() {
        learns::<Mlp>(0.88, 9);
    }

    #[test]
    fn the_convolutions_learn_and_read_what_is_drawn() {
        learns::<Cnn>(0.93, 9);
    }
}
