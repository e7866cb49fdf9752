//! A network, what training it takes, and the images it learns from.

use adamant::prelude::*;
use programs::DigitsNet;

/// All images.
const IMAGES: usize = 1797;
/// The images that train; the others test.
const TRAIN: usize = 1437;
/// The images of a step.
const BATCH: usize = 32;
/// The images of a batch that tests: nine are all.
const TEST_BATCH: usize = 40;
const _: () = assert!((IMAGES - TRAIN).is_multiple_of(TEST_BATCH));

/// All that a training run keeps: zeros, until it starts.
pub struct Learner {
    pub net: DigitsNet,
    grads: Grads<DigitsNet>,
    adam: Adam<DigitsNet>,
    /// Pixels from 0 to 1, row by row.
    pub images: [[f32; 64]; IMAGES],
    /// The digit on each image.
    pub labels: [u8; IMAGES],
}

impl Learner {
    /// Before the start.
    pub const BLANK: Self = Self {
        net: DigitsNet::BLANK,
        grads: Buffer::ZERO,
        adam: Adam::BLANK,
        images: [[0.0; 64]; IMAGES],
        labels: [0; IMAGES],
    };

    /// Draws fresh weights, and forgets what training remembered.
    pub fn start(&mut self, seed: u64) {
        self.net = DigitsNet::init(&mut SmallRng::seed_from_u64(seed));
        self.adam = Adam::BLANK;
    }

    /// Trains for an epoch, which is a seed of the order, and gives the mean loss.
    pub fn train(&mut self, epoch: u64, lr: f64) -> f32 {
        let Self { net, grads, adam, images, labels } = self;
        adam.lr = lr;
        let batches = Batches::<BATCH>::new(&images[..TRAIN], &labels[..TRAIN], &mut SmallRng::seed_from_u64(epoch));
        let steps = batches.len() as f32;
        let losses = batches.map(|(x, y)| {
            grads.zero();
            let loss = net.add_gradients(&x, grads, |p| cross_entropy(p, &y, Reduction::Mean));
            adam.step(net, grads);
            loss
        });
        losses.sum::<f32>() / steps
    }

    /// How many of the images that test are classified rightly, from 0 to 1.
    pub fn accuracy(&self) -> f32 {
        let batches = Batches::<TEST_BATCH>::in_order(&self.images[TRAIN..], &self.labels[TRAIN..]);
        let count = batches.len() as f32;
        batches.map(|(x, y)| accuracy(&self.net.forward(&x), &y)).sum::<f32>() / count
    }
}
