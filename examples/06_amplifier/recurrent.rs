//! The amplifier as a recurrent network, trained by truncated back-propagation through time.

use adamant::prelude::*;

use crate::progress::Progress;
use crate::recording::{Recording, error_to_signal};

/// A cell that remembers, and what of its state is heard.
pub type Net = Sequential![Lstm<1, 16>, Linear<16, 1>];

/// Parts of the recording that are played at the same time.
const TRACKS: usize = 32;
/// Samples that a gradient goes back through.
const SEGMENT: usize = 256;
const EPOCHS: usize = 30;
const LEARNING_RATE: f64 = 8e-3;

/// Samples of all tracks.
type Segment = Tensor<[[[f32; 1]; SEGMENT]; TRACKS]>;
/// h and c of all tracks.
type State = (Tensor<[[[f32; 16]; TRACKS]; 1]>, Tensor<[[[f32; 16]; TRACKS]; 1]>);

/// A state is carried on from segment to segment as a value, without its past: no gradient goes back further.
pub fn train(recording: &Recording, rng: &mut SmallRng) -> Net {
    let mut net = Net::init(rng);
    let mut adam = Adam::new(&net);
    let segments = recording.dry.len() / TRACKS / SEGMENT;
    let schedule = CosineAnnealingLr::new(LEARNING_RATE, EPOCHS * segments);
    let progress = Progress::of("LSTM", EPOCHS);
    for epoch in 0..EPOCHS {
        let (mut state, mut sum) = (State::ZERO, 0.0);
        for segment in 0..segments {
            let cut = |signal: &[f32]| Segment::from_fn(|[track, t, _]| signal[(track * segments + segment) * SEGMENT + t]);
            adam.set_lr(schedule.lr(epoch * segments + segment));
            sum += step(&mut net, &mut adam, cut(&recording.dry), &cut(&recording.wet), &mut state);
        }
        progress.epoch(sum / segments as f32);
    }
    progress.finish();
    net
}

/// One segment: its loss, and the state at its end.
fn step(net: &mut Net, adam: &mut Adam<Net>, dry: Segment, wet: &Segment, state: &mut State) -> f32 {
    let mut grads = net.zero_grads();
    let ((lstm, linear), (lstm_grads, linear_grads)) = (&net.0, &mut *grads);
    let start = (dry, *state);
    let loss = lstm.backprop_params(&start, lstm_grads, |(h, end)| {
        // The end's place takes the loss's gradient with respect to it, which is none.
        *state = core::mem::replace(end, State::ZERO);
        linear.backprop(h, linear_grads, |y| error_to_signal(y, wet))
    });
    adam.step(net, &grads);
    loss
}
