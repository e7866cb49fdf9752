//! Medians of samples that are taken in turn.

use std::time::Duration;

use crate::program::Program;

/// How long and how often.
#[derive(Clone, Copy)]
pub struct Settings {
    /// How many samples a program gives; the median counts.
    pub rounds: usize,
    /// The shortest sample.
    pub sample: Duration,
}

/// The seconds of one run of each program: the median over the rounds, in each of which every program has its turn.
pub fn measure(programs: &mut [Program], settings: Settings) -> Vec<f64> {
    let counts: Vec<u64> = programs.iter_mut().map(|program| calibrate(program, settings.sample)).collect();
    let mut samples = vec![Vec::new(); programs.len()];
    for _ in 0..settings.rounds {
        for ((program, &count), samples) in programs.iter_mut().zip(&counts).zip(&mut samples) {
            samples.push(sample(program, count).as_secs_f64() / count as f64);
        }
    }
    samples.into_iter().map(median).collect()
}

/// One sample from the start, after a few runs that fill the caches.
fn sample(program: &mut Program, count: u64) -> Duration {
    program.body.start();
    program.body.time(count / 8 + 1);
    program.body.time(count)
}

/// How many runs take at least as long as a sample shall.
fn calibrate(program: &mut Program, least: Duration) -> u64 {
    let mut count = 1;
    loop {
        let time = sample(program, count);
        if time >= least {
            return count;
        }
        let factor = least.as_secs_f64() / time.as_secs_f64().max(1e-9);
        count = (count as f64 * factor.clamp(1.1, 10.0) * 1.1).ceil() as u64;
    }
}

fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}

/// Whether two programs give the same, so far as rounding allows: what is wrong if not. Each runs three times from the start, so
/// that a step of training shows in what comes after it.
pub fn compare(ours: &mut Program, theirs: &mut Program, tolerance: f32) -> Result<(), String> {
    let [ours, theirs] = [ours, theirs].map(|program| {
        program.body.start();
        program.body.time(3);
        program.body.result()
    });
    if ours.len() != theirs.len() || ours.is_empty() {
        return Err(format!("{} numbers beside our {}", theirs.len(), ours.len()));
    }
    // What is not a number is near nothing.
    let near = |a: f32, b: f32| (a - b).abs() <= tolerance * b.abs().max(1.0);
    match ours.iter().zip(&theirs).enumerate().find(|(_, (a, b))| !near(**a, **b)) {
        Some((i, (a, b))) => Err(format!("number {i} is {b} beside our {a}")),
        None => Ok(()),
    }
}
