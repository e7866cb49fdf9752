//! Fine-tuning: what the network of `digits.rs` has learnt stays in flash, and a new head learns in RAM what shifted digits look like.

use adamant::memory::{Flash, Memory, Ram};
use adamant::prelude::*;

use crate::digits::FROM_FLASH;
use crate::images::{Image, TEST, part};
use crate::{Program, calls};

type Tuned = Sequential![Frozen<&'static Linear<64, 32>>, Relu, Linear<32, 10>];

/// The head has learnt when its mean loss over [`TRAINING`] is below this.
pub const FITS: f32 = 0.25;
/// Of the training images, how often all may be shown.
const EPOCHS: usize = 40;

static TRAINING: [Image; 300] = part(0);
static TESTING: [Image; 200] = part(TEST);

/// The image moved to the right by a pixel.
fn shifted(image: &Image) -> (Tensor<[f32; 64]>, u8) {
    let mut x = Tensor([0.0; 64]);
    for (to, from) in x.0.as_chunks_mut::<8>().0.iter_mut().zip(image.as_chunks::<8>().0) {
        for (to, &from) in to.iter_mut().skip(1).zip(from) {
            *to = f32::from(from) / 16.0;
        }
    }
    (x, image[64])
}

const NEEDS: Memory = Memory::training::<Tuned, Tensor<[f32; 64]>, Sgd<Tuned>>()
    .started_from_flash()
    .beside(Flash::NONE, Ram::bytes(size_of::<usize>()))
    .calls(calls(392, 1176));
const _: () = if cfg!(target_os = "none") {
    NEEDS.fits(Flash::kib(10), Ram::kib(5))
};

/// A step of training the head by gradient descent, on one image after another.
pub struct DigitsHead;

impl DigitsHead {
    /// Shows all images once, and gives the mean loss.
    fn epoch(net: &mut Tuned, memory: &mut <Self as Program>::Memory) -> f32 {
        let losses: f32 = TRAINING.iter().map(|_| Self::run(net, memory)).sum();
        losses / TRAINING.len() as f32
    }
}

/// How many of the images that test a network knows, from 0 to 1.
fn accuracy(net: &impl Module<Tensor<[f32; 64]>, Output = Tensor<[f32; 10]>>) -> f32 {
    let known = TESTING.iter().map(shifted).filter(|(x, label)| net.forward(x).argmax_index() == Idx::new(usize::from(*label)));
    known.count() as f32 / TESTING.len() as f32
}

impl Program for DigitsHead {
    type Model = Tuned;
    type Memory = (usize, Grads<Tuned>, Sgd<Tuned>);
    const MODEL: Tuned = sequential![Frozen(&FROM_FLASH.0.0), Relu, Linear::BLANK];
    const MEMORY: Self::Memory = (0, Buffer::ZERO, Sgd::BLANK);
    const PROMISE: Ram = NEEDS.ram();

    fn run(net: &mut Tuned, (i, grads, sgd): &mut Self::Memory) -> f32 {
        let (x, label) = shifted(&TRAINING[*i % TRAINING.len()]);
        *i = (*i + 1) % TRAINING.len();
        grads.zero();
        let loss = net.add_gradients(&x, grads, |p| cross_entropy(p, &label, Reduction::Mean));
        sgd.lr = 0.03;
        sgd.step(net, grads);
        loss
    }

    /// Trains until the head fits, and tells the mean loss, and how many of other images the network knew before and knows now.
    fn tell(net: &mut Tuned, memory: &mut Self::Memory, mut tell: impl FnMut(f32)) {
        let mut loss = f32::INFINITY;
        for _ in 0..EPOCHS {
            if loss >= FITS {
                loss = Self::epoch(net, memory);
            }
        }
        [loss, accuracy(&FROM_FLASH), accuracy(net)].into_iter().for_each(&mut tell);
    }

    fn in_flash() -> Option<&'static [f32]> {
        Some(FROM_FLASH.0.0.weight.as_slice())
    }
}
