//! A convolutional network that PyTorch has taught the digits, with running statistics.

use adamant::memory::{Flash, Memory, Ram};
use adamant::prelude::*;

use crate::images::{self, TEST};
use crate::{Program, RUNS, calls};

/// What is `nn.Sequential(nn.Conv2d(1, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), …)` and `nn.Linear(64, 10)` there.
#[derive(Module)]
struct Net {
    features: Sequential![
        Conv2d<1, 8, 3, (Padding<1>, NoBias)>,
        BatchNorm2d<8>,
        Relu,
        MaxPool2d<2>,
        Conv2d<8, 16, 3, Padding<1>>,
        Relu,
        MaxPool2d<2>
    ],
    flatten: Flatten,
    classifier: Linear<64, 10>,
}

static FROM_FLASH: Net = weights!("../../tests/models/digits_cnn.safetensors");
static IMAGES: [Batch; RUNS] = batches();

/// One image.
type Batch = Tensor4<1, 1, 8, 8>;

const fn batches() -> [Batch; RUNS] {
    let pixels: [Tensor<[f32; 64]>; RUNS] = images::pixels(TEST);
    let mut batches = [const { Tensor([[[[0.0; 8]; 8]; 1]; 1]) }; RUNS];
    let mut i = 0;
    while i < RUNS * 64 {
        batches[i / 64].0[0][0][i / 8 % 8][i % 8] = pixels[i / 64].0[i % 64];
        i += 1;
    }
    batches
}

const NEEDS: Memory = Memory::inference::<Net, Batch>()
    .without_input()
    .beside(Flash::NONE, Ram::bytes(size_of::<usize>()))
    .calls(calls(608, 604));
const _: () = if cfg!(target_os = "none") {
    NEEDS.fits(Flash::kib(8), Ram::kib(9))
};

/// Its logits of one image after another.
pub struct DigitsCnn;

impl Program for DigitsCnn {
    type Model = ();
    type Memory = (usize, Tensor<[[f32; 10]; 1]>);
    const MODEL: () = ();
    const MEMORY: Self::Memory = (0, Tensor([[0.0; 10]]));
    const PROMISE: Ram = NEEDS.ram();

    fn run((): &mut (), (i, logits): &mut Self::Memory) -> f32 {
        FROM_FLASH.forward_into(&IMAGES[*i % RUNS], logits);
        *i = (*i + 1) % RUNS;
        logits.0.as_flattened().iter().sum()
    }

    fn tell((): &mut (), memory: &mut Self::Memory, mut tell: impl FnMut(f32)) {
        for _ in 0..RUNS {
            Self::run(&mut (), memory);
            memory.1.0.as_flattened().iter().for_each(|&logit| tell(logit));
        }
    }

    fn in_flash() -> Option<&'static [f32]> {
        Some(FROM_FLASH.classifier.weight.as_slice())
    }
}
