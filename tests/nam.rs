//! `.nam` files as the amplifier's example reads them, against loops over their weights.

use adamant::prelude::*;
use serde_json::{Value, json};

#[path = "../examples/06_amplifier/nam.rs"]
mod nam;

use nam::{SEVEN, TEN, THIRTEEN, arrays};

/// The weights of a file, one after the other.
struct Row<'a> {
    weights: &'a [f32],
    at: usize,
}

impl Row<'_> {
    fn take(&mut self, count: usize) -> Vec<f64> {
        self.at += count;
        self.weights[self.at - count..self.at].iter().map(|&w| f64::from(w)).collect()
    }
}

/// Over signals by channels: y[o][t] = Σ w[o][i][k] · x[i][t − (K − 1 − k) · dilation] + b[o].
fn conv(x: &[Vec<f64>], outputs: usize, taps: usize, dilation: usize, bias: bool, row: &mut Row) -> Vec<Vec<f64>> {
    let inputs = x.len();
    let w = row.take(outputs * inputs * taps);
    let b = if bias { row.take(outputs) } else { vec![0.0; outputs] };
    let at = |o: usize, t: usize| {
        let mut sum = b[o];
        for (i, x) in x.iter().enumerate() {
            for k in 0..taps {
                let back = (taps - 1 - k) * dilation;
                sum += if back <= t { w[(o * inputs + i) * taps + k] * x[t - back] } else { 0.0 };
            }
        }
        sum
    };
    (0..outputs).map(|o| (0..x[0].len()).map(|t| at(o, t)).collect()).collect()
}

fn add(x: &mut [Vec<f64>], y: &[Vec<f64>]) {
    for (x, y) in x.iter_mut().zip(y) {
        x.iter_mut().zip(y).for_each(|(x, y)| *x += y);
    }
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// All of a signal at once, as the configuration says.
fn wavenet(config: &Value, weights: &[f32], dry: &[f64]) -> Vec<f64> {
    let (row, dry) = (&mut Row { weights, at: 0 }, vec![dry.to_vec()]);
    let (mut x, mut heard) = (dry.clone(), Vec::new());
    for array in config["layers"].as_array().unwrap() {
        let number = |name: &str| array[name].as_u64().unwrap() as usize;
        let (channels, gated) = (number("channels"), array["gated"].as_bool().unwrap());
        x = conv(&x, channels, 1, 1, false, row);
        if heard.is_empty() {
            heard = vec![vec![0.0; dry[0].len()]; channels];
        }
        for dilation in array["dilations"].as_array().unwrap() {
            let before = if gated { 2 * channels } else { channels };
            let mut z = conv(&x, before, number("kernel_size"), dilation.as_u64().unwrap() as usize, true, row);
            add(&mut z, &conv(&dry, before, 1, 1, false, row));
            let gates = z.split_off(channels);
            for (c, z) in z.iter_mut().enumerate() {
                let gate = |t: usize| if gated { sigmoid(gates[c][t]) } else { 1.0 };
                z.iter_mut().enumerate().for_each(|(t, z)| *z = z.tanh() * gate(t));
            }
            add(&mut heard, &z);
            add(&mut x, &conv(&z, channels, 1, 1, true, row));
        }
        heard = conv(&heard, number("head_size"), 1, 1, array["head_bias"].as_bool().unwrap(), row);
    }
    let scale = row.take(1)[0];
    assert_eq!(row.at, weights.len());
    heard[0].iter().map(|y| scale * y).collect()
}

fn lstm(config: &Value, weights: &[f32], dry: &[f64]) -> Vec<f64> {
    let row = &mut Row { weights, at: 0 };
    let units = config["hidden_size"].as_u64().unwrap() as usize;
    let mut x: Vec<Vec<f64>> = dry.iter().map(|&x| vec![x]).collect();
    for _ in 0..config["num_layers"].as_u64().unwrap() {
        let inputs = x[0].len();
        let (w, b) = (row.take(4 * units * (inputs + units)), row.take(4 * units));
        let (mut h, mut c) = (row.take(units), row.take(units));
        for x in &mut x {
            let both: Vec<f64> = x.iter().chain(&h).copied().collect();
            let gate = |gate: usize, unit: usize| {
                let at = gate * units + unit;
                b[at] + both.iter().zip(&w[at * both.len()..]).map(|(x, w)| x * w).sum::<f64>()
            };
            for (unit, (h, c)) in h.iter_mut().zip(&mut c).enumerate() {
                *c = sigmoid(gate(1, unit)) * *c + sigmoid(gate(0, unit)) * gate(2, unit).tanh();
                *h = sigmoid(gate(3, unit)) * c.tanh();
            }
            *x = h.clone();
        }
    }
    let (w, b) = (row.take(units), row.take(1)[0]);
    assert_eq!(row.at, weights.len());
    x.iter().map(|h| b + h.iter().zip(&w).map(|(h, w)| h * w).sum::<f64>()).collect()
}

/// A file with weights at random, so many and so large.
fn file(architecture: &str, config: &Value, count: usize, size: f32) -> (String, Vec<f32>) {
    let rng = &mut SmallRng::seed_from_u64(count as u64);
    let weights: Vec<f32> = (0..count).map(|_| rng.random_range(-size..size)).collect();
    let text = json!({ "version": "0.5.0", "architecture": architecture, "config": config, "weights": weights }).to_string();
    (text, weights)
}

#[track_caller]
fn agrees(architecture: &str, config: Value, count: usize, size: f32, reference: fn(&Value, &[f32], &[f64]) -> Vec<f64>) {
    let (text, weights) = file(architecture, &config, count, size);
    let rng = &mut SmallRng::seed_from_u64(1);
    let dry: Vec<f32> = (0..1500).map(|_| rng.random_range(-1.0..1.0)).collect();
    let right = reference(&config, &weights, &dry.iter().map(|&x| f64::from(x)).collect::<Vec<_>>());
    let mut amplifier = nam::read(&text).unwrap();
    let largest = right.iter().fold(0.0f64, |most, y| most.max(y.abs()));
    assert!(largest > 1e-3 && right.iter().any(|y| (y - right[0]).abs() > 0.01 * largest), "something is heard");
    for (t, (x, right)) in dry.iter().zip(right).enumerate() {
        let y = f64::from(amplifier.play(*x));
        assert!((y - right).abs() < 1e-5 * largest.max(1.0), "sample {t} is {y}, not {right}");
    }
}

/// The weights of two arrays.
fn count([c, d]: [usize; 2], [first, second]: [&[usize]; 2], gated: bool) -> usize {
    let layer = |c: usize| if gated { 6 * c * c + 4 * c } else { 3 * c * c + 2 * c } + c * c + c;
    c + first.len() * layer(c) + c * d + c * d + second.len() * layer(d) + d + 1 + 1
}

#[test]
fn wavenets() {
    for (channels, dilations, gated) in [
        ([16, 8], [&TEN as &[usize], &TEN], false),
        ([16, 8], [&TEN, &TEN], true),
        ([12, 6], [&SEVEN, &THIRTEEN], false),
        ([8, 4], [&SEVEN, &THIRTEEN], false),
        ([4, 2], [&SEVEN, &THIRTEEN], false),
    ] {
        let config = json!({ "layers": arrays(channels, dilations, gated), "head": null, "head_scale": 0.02 });
        agrees("WaveNet", config, count(channels, dilations, gated), 0.3, wavenet);
    }
    assert_eq!(count([16, 8], [&TEN, &TEN], false), 13_802);
}

#[test]
fn lstms() {
    for (layers, units) in [(1, 3), (1, 16), (1, 24), (2, 8), (2, 16)] {
        let config = json!({ "num_layers": layers, "hidden_size": units, "input_size": 1 });
        let cell = |inputs: usize| 4 * units * (inputs + units) + 6 * units;
        agrees("LSTM", config, cell(1) + (layers - 1) * cell(units) + units + 1, 0.5, lstm);
    }
}

#[test]
fn errors_in_words() {
    let says = |text: &str, words: &str| {
        let error = nam::read(text).err().expect("an error").to_string();
        assert!(error.contains(words), "{error}");
    };
    let shape = arrays([16, 8], [&TEN, &TEN], false);
    let few = file("WaveNet", &json!({ "layers": shape }), 13_801, 0.1).0;
    says(&few, "the file has 13801 weights, and a network of its shape takes 13802");
    says(
        &file("WaveNet", &json!({ "layers": arrays([15, 8], [&TEN, &TEN], false) }), 1, 0.1).0,
        "standard, lite, feather or nano",
    );
    says(&file("WaveNet", &json!({ "layers": shape, "head": {} }), 1, 0.1).0, "a head after its arrays");
    says(&file("WaveNet", &json!({}), 1, 0.1).0, "null");
    says(&file("LSTM", &json!({ "num_layers": 9, "hidden_size": 16, "input_size": 1 }), 1, 0.1).0, "1 × 16");
    says(&file("LSTM", &json!({ "num_layers": 1, "hidden_size": 16, "input_size": 1 }), 1, 0.1).0, "takes 1201");
    says(&file("ConvNet", &json!({}), 1, 0.1).0, "the architecture ConvNet is not read");
    says("{}", "has `weights`");
    says(r#"{"weights": [1, "2"]}"#, "is not a number");
    says(r#"{"weights": [1]}"#, "has a `config`");
    says("no JSON", "expected ident");
}
