//! A guitar's signal: plucked strings.
//!
//! A burst of noise goes round in a delay line as long as the note's period and loses its highs on each turn: K. Karplus and A. Strong,
//! *Digital synthesis of plucked-string and drum timbres*, 1983; tuned between whole samples by an all-pass, after D. A. Jaffe and
//! J. O. Smith, *Extensions of the Karplus–Strong plucked-string algorithm*, 1983.

use adamant::prelude::*;
use rand::RngExt;

/// Samples a second.
pub const RATE: usize = 48_000;

/// Frequencies of the open strings, from the lowest: E₂ A₂ D₃ G₃ B₃ E₄.
const STRINGS: [f32; 6] = [82.41, 110.0, 146.83, 196.0, 246.94, 329.63];

/// Chords as frets, `None` where a string is not played.
const CHORDS: [[Option<u8>; 6]; 6] = [
    [Some(0), Some(2), Some(2), None, None, None],
    [Some(3), Some(5), Some(5), None, None, None],
    [None, Some(0), Some(2), Some(2), None, None],
    [None, Some(3), Some(2), Some(0), Some(1), Some(0)],
    [Some(0), Some(2), Some(2), Some(1), Some(0), Some(0)],
    [None, None, Some(0), Some(2), Some(3), Some(2)],
];

/// Some seconds of playing, in volts: chords and single notes, soft and hard, as the seed has it.
pub fn play(seconds: usize, seed: u64) -> Vec<f32> {
    let rng = &mut SmallRng::seed_from_u64(seed);
    let mut signal = vec![0.0; seconds * RATE];
    let mut start = 0;
    while start < signal.len() {
        let level = 0.05 * 6f32.powf(rng.random());
        if rng.random::<f32>() < 0.5 {
            strum(&mut signal[start..], &CHORDS[rng.random_range(0..CHORDS.len())], level, rng);
        } else {
            let fret: i32 = rng.random_range(0..13);
            pluck(&mut signal[start..], STRINGS[rng.random_range(0..6)] * 2f32.powf(fret as f32 / 12.0), level, rng);
        }
        start += RATE * rng.random_range(8..40) / 64;
    }
    signal
}

/// Strikes a chord from the lowest string to the highest.
fn strum(signal: &mut [f32], frets: &[Option<u8>; 6], level: f32, rng: &mut SmallRng) {
    let mut start = 0;
    for (fret, string) in frets.iter().zip(STRINGS) {
        let (Some(fret), Some(rest)) = (fret, signal.get_mut(start..)) else { continue };
        pluck(rest, string * 2f32.powf(f32::from(*fret) / 12.0), 0.6 * level, rng);
        start += RATE / 100;
    }
}

/// Adds one note, which is damped after a second and a half.
fn pluck(signal: &mut [f32], frequency: f32, level: f32, rng: &mut SmallRng) {
    let period = RATE as f32 / frequency;
    // The average of two neighbours takes half a sample, the all-pass what remains.
    let whole = (period - 0.6).floor();
    let fraction = period - 0.5 - whole;
    let coefficient = (1.0 - fraction) / (1.0 + fraction);
    // A plectrum is softer than noise: each sample keeps a part of the one before.
    let mut noise = 0.0;
    let burst = (0..whole as usize).map(|_| {
        noise = 0.7 * noise + level * rng.random_range(-1.0..1.0);
        noise
    });
    let mut line: Vec<f32> = burst.collect();
    let (mut last, mut last_in, mut last_out) = (0.0, 0.0, 0.0);
    let length = 3 * RATE / 2;
    for (n, sample) in signal.iter_mut().take(length).enumerate() {
        let at = n % line.len();
        let average = 0.498 * (line[at] + last);
        last = line[at];
        let out = coefficient * (average - last_out) + last_in;
        (last_in, last_out) = (average, out);
        line[at] = out;
        // The hand that damps it takes some milliseconds.
        *sample += out * ((length - n) as f32 / (RATE / 50) as f32).min(1.0);
    }
}
