//! The amplifier as a network of causal convolutions, each layer of which looks back twice as far as the one before.

use adamant::prelude::*;

use crate::progress::Progress;
use crate::recording::{Recording, error_to_signal};

/// Adds to a signal of eight channels what three samples of it, `D` apart, say.
type Block<const D: usize> = Residual<Sequential![Conv1d<8, 8, 3, (Causal, Dilation<D>)>, Tanh, Conv1d<8, 8, 1>]>;

/// After A. van den Oord et al., *WaveNet: a generative model for raw audio*, 2016.
pub type Net = Sequential![
    Conv1d<1, 8, 3, Causal>, Block<2>, Block<4>, Block<8>, Block<16>, Block<32>, Block<64>, Block<128>, Conv1d<8, 1, 1>
];

/// The samples that an output depends on beside its own.
const PAST: usize = Streaming::<Net, Tensor<[[f32; 1]; 1]>>::RECEPTIVE_FIELD - 1;
/// Parts of the recording in one step of training, and the samples of each that are judged.
const BATCH: usize = 8;
const SEGMENT: usize = 1024;
const EPOCHS: usize = 40;
const LEARNING_RATE: f64 = 5e-3;

type Batch = Tensor<[[[f32; PAST + SEGMENT]; 1]; BATCH]>;

pub fn train(recording: &Recording, rng: &mut SmallRng) -> Net {
    let mut net = Net::init(rng);
    let mut adam = Adam::new(&net);
    let steps = recording.dry.len() / SEGMENT / BATCH;
    let schedule = CosineAnnealingLr::new(LEARNING_RATE, EPOCHS * steps);
    let progress = Progress::of("convolutions", EPOCHS);
    for epoch in 0..EPOCHS {
        let mut sum = 0.0;
        for step in 0..steps {
            let starts: [usize; BATCH] = core::array::from_fn(|_| rng.random_range(0..recording.dry.len() - PAST - SEGMENT));
            let cut = |signal: &[f32]| Batch::from_fn(|[part, _, t]| signal[starts[part] + t]);
            let mut wet = cut(&recording.wet);
            let (loss, grads) = net.gradients(&cut(&recording.dry), |y| {
                Loss::by_hand(y, |y| {
                    // The first outputs do not know all of their past: they are right whatever they are.
                    for (wet, y) in wet.0.iter_mut().zip(&y.0) {
                        wet[0][..PAST].copy_from_slice(&y[0][..PAST]);
                    }
                    error_to_signal(y, &wet)
                })
            });
            adam.set_lr(schedule.lr(epoch * steps + step));
            adam.step(&mut net, &grads);
            sum += loss;
        }
        progress.epoch(sum / steps as f32);
    }
    progress.finish();
    net
}
