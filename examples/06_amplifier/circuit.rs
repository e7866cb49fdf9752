//! The circuit that the networks learn: a filter, a diode clipper, a filter, at eight times the rate of the signal.
//!
//! The clipper is a resistor, a capacitor and two diodes back to back, whose voltage v follows the input u by
//! dv/dt = (u − v) / RC − 2 Iₛ/C · sinh(v / nVₜ): D. T. Yeh, J. S. Abel and J. O. Smith, *Simplified, physically-informed models of
//! distortion and overdrive guitar effects pedals*, DAFx 2007, with its components. It is solved by the trapezoidal rule, each step by
//! Newton's method. The filters are of first and second order, by the bilinear transform (R. Bristow-Johnson, *Cookbook formulae for
//! audio equalizer biquad filter coefficients*).

use std::f64::consts::PI;

use crate::guitar::RATE;

/// How often a sample is computed for each one of the signal, so that what the clipper adds beyond half the rate does not fold back.
const OVERSAMPLING: usize = 8;
const STEP: f64 = 1.0 / (RATE * OVERSAMPLING) as f64;

/// Volts out of the preamplifier for each volt in.
const GAIN: f64 = 25.0;
/// Ohms and farads before the diodes.
const R: f64 = 2.2e3;
const C: f64 = 10e-9;
/// The diodes: saturation current in amperes, and emission coefficient times thermal voltage in volts (1N4148).
const SATURATION: f64 = 2.52e-9;
const THERMAL: f64 = 1.752 * 25.85e-3;

/// What comes out of the circuit, as loud as the diodes let it be.
pub fn amplify(signal: &[f32]) -> Vec<f32> {
    let kernel = low_pass();
    let mut high_pass = Filter::high_pass(120.0);
    let mut clipper = Clipper { u: 0.0, v: 0.0 };
    let mut cabinet = Filter::low_pass(4_500.0);
    let fine: Vec<f64> = interpolate(signal, &kernel).map(|u| cabinet.next(clipper.next(GAIN * high_pass.next(u)))).collect();
    decimate(&fine, &kernel)
}

/// Two diodes over a capacitor.
struct Clipper {
    u: f64,
    v: f64,
}

impl Clipper {
    /// The slope of v, and its derivative.
    fn slope(u: f64, v: f64) -> (f64, f64) {
        let current = 2.0 * SATURATION / C;
        let slope = (u - v) / (R * C) - current * (v / THERMAL).sinh();
        (slope, -1.0 / (R * C) - current / THERMAL * (v / THERMAL).cosh())
    }

    fn next(&mut self, u: f64) -> f64 {
        let known = self.v + 0.5 * STEP * Self::slope(self.u, self.v).0;
        let mut v = self.v;
        for _ in 0..100 {
            let (slope, derivative) = Self::slope(u, v);
            let change = (v - known - 0.5 * STEP * slope) / (1.0 - 0.5 * STEP * derivative);
            v -= change.clamp(-0.1, 0.1);
            if change.abs() < 1e-10 {
                break;
            }
        }
        *self = Self { u, v };
        v
    }
}

/// y = b₀x₀ + b₁x₁ + b₂x₂ − a₁y₁ − a₂y₂, the indices counting back in time.
struct Filter {
    b: [f64; 3],
    a: [f64; 2],
    x: [f64; 2],
    y: [f64; 2],
}

impl Filter {
    /// First order: what is slower than `hertz` goes.
    fn high_pass(hertz: f64) -> Self {
        let k = (PI * hertz * STEP).tan();
        let b = 1.0 / (1.0 + k);
        Self { b: [b, -b, 0.0], a: [(k - 1.0) * b, 0.0], x: [0.0; 2], y: [0.0; 2] }
    }

    /// Second order, as flat as can be below `hertz`.
    fn low_pass(hertz: f64) -> Self {
        let w = 2.0 * PI * hertz * STEP;
        let alpha = w.sin() * 0.5f64.sqrt();
        let (a0, b) = (1.0 + alpha, 0.5 * (1.0 - w.cos()));
        Self { b: [b / a0, 2.0 * b / a0, b / a0], a: [-2.0 * w.cos() / a0, (1.0 - alpha) / a0], x: [0.0; 2], y: [0.0; 2] }
    }

    fn next(&mut self, x: f64) -> f64 {
        let [b0, b1, b2] = self.b;
        let y = b0 * x + b1 * self.x[0] + b2 * self.x[1] - self.a[0] * self.y[0] - self.a[1] * self.y[1];
        self.x = [x, self.x[0]];
        self.y = [y, self.y[0]];
        y
    }
}

/// Samples of the fine rate on either side of a kernel's middle.
const REACH: usize = 32 * OVERSAMPLING;

/// A sinc under a Hann window: passes what is below half of the signal's rate.
fn low_pass() -> Vec<f64> {
    let taps = (0..=2 * REACH).map(|i| {
        let t = (i as f64 - REACH as f64) / OVERSAMPLING as f64;
        let sinc = if t == 0.0 { 1.0 } else { (PI * t).sin() / (PI * t) };
        let window = 0.5 - 0.5 * (PI * i as f64 / REACH as f64).cos();
        sinc * window
    });
    taps.collect()
}

/// The signal at the fine rate: each sample spreads as a sinc.
fn interpolate<'a>(signal: &'a [f32], kernel: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
    (0..signal.len() * OVERSAMPLING).map(move |n| {
        // Of the kernel around sample k, tap n − k · OVERSAMPLING + REACH stands here.
        let first = n.saturating_sub(REACH).div_ceil(OVERSAMPLING);
        let last = ((n + REACH) / OVERSAMPLING).min(signal.len() - 1);
        (first..=last).map(|k| f64::from(signal[k]) * kernel[n + REACH - k * OVERSAMPLING]).sum()
    })
}

/// Back to the signal's rate.
fn decimate(fine: &[f64], kernel: &[f64]) -> Vec<f32> {
    let sample = |k: usize| {
        let middle = k * OVERSAMPLING;
        let range = middle.saturating_sub(REACH)..(middle + REACH + 1).min(fine.len());
        let taps = &kernel[range.start + REACH - middle..];
        (fine[range].iter().zip(taps).map(|(x, tap)| x * tap).sum::<f64>() / OVERSAMPLING as f64) as f32
    };
    (0..fine.len() / OVERSAMPLING).map(sample).collect()
}
