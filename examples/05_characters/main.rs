//! A small transformer learns to write, letter by letter, what the documentation of this crate is written like.
//!
//! `cargo run --release --example 05_characters` trains for a minute and writes now and then; `… -- 3` trains with the seeds 0 to 2 and
//! gives the mean loss. `pytorch.py` beside this file trains the same model on the same text.

use std::error::Error;
use std::time::Instant;

use adamant::prelude::*;
use indicatif::{ProgressBar, ProgressStyle};
use rand::RngExt;

mod alphabet;
#[path = "../data/picture.rs"]
mod picture;

use alphabet::Alphabet;
use picture::{Line, TEST, TRAIN};

const TEXT: &[u8] = include_bytes!("../data/text.txt");
static ALPHABET: Alphabet = Alphabet::of(TEXT);
const SIGNS: usize = Alphabet::of(TEXT).len;

/// How many signs the model sees at once.
const LENGTH: usize = 64;
const WIDTH: usize = 64;
const HEADS: usize = 4;
const INNER: usize = 128;
const LAYERS: usize = 2;
const BATCH: usize = 32;
const STEPS: usize = 1500;

type Layer = TransformerEncoderLayer<WIDTH, HEADS, INNER, (NormFirst, Causal)>;

/// The signs of a text, numbered, to the logits of what follows each.
#[derive(Module)]
struct Net {
    embedding: Embedding<SIGNS, WIDTH>,
    position: LearnedPositions<LENGTH, WIDTH>,
    encoder: TransformerEncoder<Layer, LAYERS, LayerNorm<[f32; WIDTH]>>,
    head: Linear<WIDTH, SIGNS>,
}

const _: () = Net::check::<Tensor<[[u8; LENGTH]; BATCH]>>();

impl Net {
    /// The mean loss on a text that it was not trained on, piece by piece.
    fn test(&self, text: &[u8]) -> f32 {
        let pieces = text.as_chunks::<LENGTH>().0.iter().zip(text[1..].as_chunks::<LENGTH>().0);
        let losses: Vec<f32> = pieces.map(|(x, y)| cross_entropy(&self.forward(Tensor(*x)), y, Reduction::Mean)).collect();
        losses.iter().sum::<f32>() / losses.len() as f32
    }

    /// Goes on writing from a beginning, each sign drawn as the model holds it likely. What it has read stays in the caches; when they are
    /// full, it reads the last half once more.
    fn write(&self, beginning: &[u8], count: usize, rng: &mut SmallRng) -> String {
        let mut text = ALPHABET.read(beginning);
        let mut caches = [KeyValueCache::<WIDTH, LENGTH>::new(); LAYERS];
        let mut read = 0;
        while text.len() < beginning.len() + count {
            if caches[0].is_full() {
                caches.iter_mut().for_each(KeyValueCache::clear);
                read = text.len() - LENGTH / 2;
            }
            let x = self.embedding.forward(Tensor(text[read])) + self.position.weight.row(caches[0].len());
            read += 1;
            let Some(y) = self.encoder.step(&mut caches, &x) else { break };
            if read == text.len() {
                text.push(draw(&(self.head.forward(y) / 0.8).softmax::<-1>(), rng));
            }
        }
        text.iter().map(|&number| ALPHABET.sign(number.into())).collect()
    }
}

/// A number, as likely as it has a probability.
fn draw(probabilities: &Tensor<[f32; SIGNS]>, rng: &mut SmallRng) -> u8 {
    let mut left: f32 = rng.random();
    let drawn = probabilities.iter().position(|p| {
        left -= p;
        left < 0.0
    });
    drawn.unwrap_or(0) as u8
}

/// Some pieces of the text, and each sign's successor.
fn batch(text: &[u8], rng: &mut SmallRng) -> (Tensor<[[u8; LENGTH]; BATCH]>, [[u8; LENGTH]; BATCH]) {
    let (mut x, mut y) = (Tensor([[0; LENGTH]; BATCH]), [[0; LENGTH]; BATCH]);
    for (x, y) in x.0.iter_mut().zip(&mut y) {
        let start = rng.random_range(0..text.len() - LENGTH);
        x.copy_from_slice(&text[start..start + LENGTH]);
        y.copy_from_slice(&text[start + 1..start + 1 + LENGTH]);
    }
    (x, y)
}

/// Trains with one seed; the losses as lines of a picture, and the test loss at the end.
fn train(text: &[u8], test: &[u8], seed: u64) -> Result<(Vec<Line>, f32), Box<dyn Error>> {
    let rng = &mut SmallRng::seed_from_u64(seed);
    let mut net = Net::init_boxed(rng);
    net.encoder = net.encoder.with_dropout(0.0);
    let mut grads = net.boxed_grads();
    let mut adam = Adam::<Net>::boxed();
    let schedule = CosineAnnealingLr::new(2e-3, STEPS);
    let bar = ProgressBar::new(STEPS as u64);
    bar.set_style(ProgressStyle::with_template("{bar:40.green/dim} step {pos}/{len}  {msg}  {elapsed}")?);
    let start = Instant::now();
    let (mut train, mut tested, mut sum) = (Line::new("train", TRAIN), Line::new("test", TEST), 0.0);
    for step in 1..=STEPS {
        let (x, y) = batch(text, rng);
        grads.zero();
        sum += net.add_gradients(&x, &mut grads, |p| cross_entropy(p, &y, Reduction::Mean));
        adam.set_lr(schedule.lr(step - 1));
        adam.step(&mut net, &grads);
        bar.inc(1);
        if step % 50 == 0 {
            train.points.push((step as f32, sum / 50.0));
            tested.points.push((step as f32, net.test(test)));
            bar.set_message(format!("loss {:.3}", sum / 50.0));
            sum = 0.0;
        }
        if step % 500 == 0 {
            bar.suspend(|| println!("after {step} steps: {}\n", net.write(b"The ", 240, rng)));
        }
    }
    bar.finish();
    let loss = net.test(test);
    println!("seed {seed}: test loss {loss:.4}, {:.1} s", start.elapsed().as_secs_f64());
    Ok((vec![train, tested], loss))
}

fn main() -> Result<(), Box<dyn Error>> {
    let runs = std::env::args().nth(1).map_or(Ok(1), |n| n.parse::<u64>())?.max(1);
    let text = ALPHABET.read(TEXT);
    let (text, test) = text.split_at(text.len() * 9 / 10);
    println!("{} signs to learn from, {} to test on; {SIGNS} different ones", text.len(), test.len());
    let (mut lines, mut mean) = (Vec::new(), 0.0);
    for seed in 0..runs {
        let (run, loss) = train(text, test, seed)?;
        lines.extend(run);
        mean += loss / runs as f32;
    }
    println!("mean test loss of {runs}: {mean:.4}");
    std::fs::create_dir_all("target")?;
    let path = "target/05_characters.svg";
    let root = picture::titled("05_characters: a transformer of two layers", path, 600)?;
    picture::losses(&root, "step", &lines)?;
    root.present()?;
    println!("The losses over the steps are drawn in {path}.");
    Ok(())
}
