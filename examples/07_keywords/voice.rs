//! A voice that says two vowels, one gliding into the other: pulses through resonators.

use std::f32::consts::{PI, TAU};

use adamant::prelude::*;

/// Samples a second.
pub const RATE: usize = 8000;

/// What is to be recognised.
pub const KEYWORDS: [&str; 4] = ["ia", "ai", "ua", "au"];
/// What else is said.
const OTHERS: [&str; 6] = ["iu", "ui", "eo", "oe", "eu", "oi"];
/// Nothing, or one of the keywords.
pub const CLASSES: usize = 1 + KEYWORDS.len();

/// The first three formants of a vowel, in Hz: means of men's, after G. E. Peterson and H. L. Barney, *Control methods used in a study of
/// the vowels*, Journal of the Acoustical Society of America 24 (2), 1952.
fn formants(vowel: u8) -> [f32; 3] {
    match vowel {
        b'i' => [270.0, 2290.0, 3010.0],
        b'e' => [530.0, 1840.0, 2480.0],
        b'a' => [730.0, 1090.0, 2440.0],
        b'o' => [570.0, 840.0, 2410.0],
        _ => [300.0, 870.0, 2240.0], // u
    }
}

/// A resonator of two poles, after D. H. Klatt, *Software for a cascade/parallel formant synthesizer*, Journal of the Acoustical Society of
/// America 67 (3), 1980.
#[derive(Default)]
struct Resonator([f32; 2]);

impl Resonator {
    fn run(&mut self, x: f32, frequency: f32) -> f32 {
        let radius = (-PI * (50.0 + 0.05 * frequency) / RATE as f32).exp();
        let (b, c) = (2.0 * radius * (TAU * frequency / RATE as f32).cos(), -radius * radius);
        let y = (1.0 - b - c) * x + b * self.0[0] + c * self.0[1];
        self.0 = [y, self.0[0]];
        y
    }
}

/// Says a word over what there is, in a voice of its own.
fn say(word: &str, sound: &mut [f32], rng: &mut SmallRng) {
    let [from, to] = [word.as_bytes()[0], word.as_bytes()[1]].map(formants);
    let (pitch, size, loudness) = (rng.random_range(90.0..220.0), rng.random_range(0.92..1.12), rng.random_range(0.1..0.5));
    let (mut tract, mut phase) = (<[Resonator; 3]>::default(), 0.0);
    let length = sound.len() as f32;
    for (t, out) in sound.iter_mut().enumerate() {
        let at = t as f32 / length;
        phase += pitch * (1.1 - 0.2 * at) / RATE as f32; // it falls, as at the end of a sentence
        let mut x = if phase >= 1.0 { 1.5 } else { 0.0 };
        phase = phase.fract();
        let glide = (2.0 * at - 0.5).clamp(0.0, 1.0);
        for (resonator, (from, to)) in tract.iter_mut().zip(from.into_iter().zip(to)) {
            x = resonator.run(x, size * (from + (to - from) * glide));
        }
        *out += loudness * (8.0 * at * (1.0 - at)).min(1.0) * x;
    }
}

/// A word in a recording: the sample at which it ends, and its class.
pub struct Word {
    pub end: usize,
    pub class: usize,
}

impl Word {
    /// Whether it has ended within the last quarter of a second.
    pub fn has_just_ended(&self, now: usize) -> bool {
        (self.end..self.end + RATE / 4).contains(&now)
    }
}

/// A recording: noise, and in each second of it a word, which is a keyword two times in three.
pub fn record(seconds: usize, rng: &mut SmallRng) -> (Vec<f32>, Vec<Word>) {
    let noise = rng.random_range(0.001..0.02f32);
    let mut sound: Vec<f32> = (0..seconds * RATE).map(|_| noise * rng.random_range(-1.0..1.0f32)).collect();
    let words = sound.chunks_mut(RATE).enumerate().map(|(second, sound)| {
        let length = rng.random_range(RATE / 4..RATE / 2);
        let start = rng.random_range(0..RATE / 2);
        let class = rng.random_range(0..=CLASSES) % CLASSES;
        let word = if class > 0 { KEYWORDS[class - 1] } else { OTHERS[rng.random_range(0..OTHERS.len())] };
        say(word, &mut sound[start..start + length], rng);
        Word { end: second * RATE + start + length, class }
    });
    let words = words.collect();
    (sound, words)
}
