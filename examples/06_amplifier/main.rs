//! A guitar amplifier, learnt from what goes in and what comes out: by a recurrent network and by dilated convolutions, each of which then
//! runs sample by sample.
//!
//! `cargo run --release --example 06_amplifier` trains both for about a minute, on a simulated circuit and a simulated guitar, and writes
//! the sound of the circuit and of both to `target/`; `… -- amplifier.nam` plays the guitar through such a file (`nam.rs`).

use std::error::Error;
use std::time::Instant;

use adamant::prelude::*;

mod circuit;
mod convolutional;
mod guitar;
mod nam;
mod picture;
mod progress;
mod recording;
mod recurrent;
#[path = "../data/wav.rs"]
mod wav;

use guitar::RATE;
use recording::{Recording, error_of};

/// One sample of one channel. (A signal is `[1][L]`, a sequence `[L][1]`: one sample of either is the same.)
type Sample = Tensor<[[f32; 1]; 1]>;

/// Plays a signal sample by sample, and says how many times faster than it sounds: the median of its tenths of a second, since other
/// programs run meanwhile.
fn play<M: Stream<Sample, Output = Sample>>(net: &M, dry: &[f32]) -> (Vec<f32>, f64) {
    let mut stream = Streaming::boxed(net);
    let mut wet = Vec::with_capacity(dry.len());
    let mut speeds: Vec<f64> = dry
        .chunks(RATE / 10)
        .map(|dry| {
            let start = Instant::now();
            wet.extend(dry.iter().filter_map(|&x| stream.step(&Tensor([[x]]))).map(|y| y.0[0][0]));
            dry.len() as f64 / RATE as f64 / start.elapsed().as_secs_f64()
        })
        .collect();
    speeds.sort_by(f64::total_cmp);
    let median = speeds[speeds.len() / 2];
    (wet, median)
}

/// How much the stream differs from the network as it was trained, `X` being as long as will do.
fn deviation<X: Shape<Elem = f32>>(net: &impl Module<Tensor<X>, Output = Tensor<X>>, dry: &[f32], streamed: &[f32]) -> f32 {
    let mut x = Tensor::<X>::boxed();
    x.as_mut_slice().copy_from_slice(&dry[..X::LEN]);
    let y = net.forward(&*x);
    y.iter().zip(streamed).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

/// Plays the guitar through an amplifier that somebody else has learnt.
fn play_file(path: &str) -> Result<(), Box<dyn Error>> {
    let mut amplifier = nam::read(&std::fs::read_to_string(path)?)?;
    let wet: Vec<f32> = guitar::play(5, 2).into_iter().map(|x| amplifier.play(x)).collect();
    wav::write("target/06_amplifier_nam.wav", RATE, &wet)
}

fn main() -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all("target")?;
    if let Some(path) = std::env::args().nth(1) {
        return play_file(&path);
    }
    let rng = &mut SmallRng::seed_from_u64(0);
    let (learnt, test) = (Recording::of(20, 1), Recording::of(5, 2));

    let recurrent = recurrent::train(&learnt, rng);
    let (lstm, speed) = play(&recurrent, &test.dry);
    let difference = deviation::<[[f32; 1]; RATE / 4]>(&recurrent, &test.dry, &lstm);
    report("LSTM", error_of(&lstm, &test.wet), difference, speed);

    let convolutional = convolutional::train(&learnt, rng);
    let (conv, speed) = play(&convolutional, &test.dry);
    let difference = deviation::<[[f32; RATE / 4]; 1]>(&convolutional, &test.dry, &conv);
    report("convolutions", error_of(&conv, &test.wet), difference, speed);

    for (name, signal) in [("before", &test.dry), ("target", &test.wet), ("lstm", &lstm), ("convolutions", &conv)] {
        wav::write(&format!("target/06_amplifier_{name}.wav"), RATE, signal)?;
    }
    picture::draw("target/06_amplifier.svg", &test.wet, &lstm, &conv)?;
    println!("Listen to target/06_amplifier_*.wav, see target/06_amplifier.svg.");
    Ok(())
}

fn report(name: &str, error: f32, difference: f32, speed: f64) {
    println!("{name}: error to signal {:.2} % on the other recording; {speed:.0} times real time,", 100.0 * error);
    println!("    sample by sample; the stream differs from the network as it was trained by {difference:.0e}");
}
