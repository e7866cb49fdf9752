//! The digits net trained in exact arithmetic: the same bits on every machine.

use adamant::nn::{Info, Name, Visitor};
use adamant::prelude::*;

use crate::digits::Net;
use crate::images::{Image, TEST, part};
use crate::numbers::{row, rows};

/// How many steps.
const STEPS: usize = 1000;
/// The images of a step.
const BATCH: usize = 2;

/// What the net starts as.
const NET: Net = sequential![
    Linear::new(Param(Tensor(rows(0, 0.125))), Param(Tensor(row(1, 0.125)))),
    Relu,
    Linear::new(Param(Tensor(rows(2, 0.25))), Param(Tensor(row(3, 0.25)))),
];
/// Those that train.
static IMAGES: [Image; TEST] = part(0);

/// What a training run needs.
pub struct Training {
    net: Net,
    grads: Grads<Net>,
    adam: AdamW<Net>,
}

impl Training {
    /// Before the first step.
    pub const START: Self = Self { net: NET, grads: Buffer::ZERO, adam: AdamW::BLANK };

    /// Trains, and gives a hash of the parameters' bits.
    pub fn run(&mut self) -> u64 {
        for batch in IMAGES.as_chunks::<BATCH>().0.iter().cycle().take(STEPS) {
            self.step(batch);
        }
        let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
        self.net.visit(Name::ROOT, &mut hash);
        hash.0
    }

    fn step(&mut self, batch: &[Image; BATCH]) {
        let mut x = Tensor([[0.0; 64]; BATCH]);
        let mut labels = [0; BATCH];
        for ((x, label), image) in x.0.iter_mut().zip(&mut labels).zip(batch) {
            for (x, &pixel) in x.iter_mut().zip(image) {
                *x = f32::from(pixel) / 16.0;
            }
            *label = image[64];
        }
        self.grads.zero();
        self.net.add_gradients(&x, &mut self.grads, |p| cross_entropy(p, &labels, Reduction::Mean));
        self.adam.step(&mut self.net, &self.grads);
    }
}

/// FNV-1a over the bits of all numbers.
struct Fnv(u64);

impl Visitor for Fnv {
    fn visit<T: Float>(&mut self, _: &Info<'_>, values: &[T]) {
        for value in values {
            for byte in value.to_f64().to_bits().to_le_bytes() {
                self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
    }
}
