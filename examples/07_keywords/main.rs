//! Keywords in a stream of sound: learnt from recordings of a second each, heard in one that does not end, sample by sample.
//!
//! `cargo run --release --example 07_keywords` trains for half a minute on a voice that `voice.rs` synthesises, listens to another minute
//! of it, and writes that to `target/07_keywords.wav`. The words are nonsense: two vowels each.

use std::error::Error;
use std::time::Instant;

use adamant::prelude::*;
use indicatif::{ProgressBar, ProgressStyle};

mod voice;
#[path = "../data/wav.rs"]
mod wav;

use voice::{CLASSES, KEYWORDS, RATE, Word, record};

/// From samples to the logits of each class, 62 times a second. The first layers learn filters and take how loud each of them is, the norm
/// takes out how loud the speaker is, and the recurrent layer remembers what was heard.
type Net = Sequential![
    Conv1d<1, 32, 64, (Stride<8>, NoBias)>, // [32][993] of a second
    Relu,
    AvgPool1d<16>, // [32][62]
    Transpose,     // [62][32]
    LayerNorm<[f32; 32]>,
    Gru<32, 32>,
    Linear<32, CLASSES>,
];

const FRAMES: usize = 62;
const BATCH: usize = 16;
const STEPS: usize = 2000;
type Sounds = Tensor<[[[f32; RATE]; 1]; BATCH]>;
const _: () = Net::check::<Sounds>();

/// The same network, sample by sample.
type Live = Streaming<Net, Tensor<[[f32; 1]; 1]>>;

/// What is to be said of each frame: nothing, but a keyword for a while once it has been said.
fn target(words: &[Word]) -> [u8; FRAMES] {
    std::array::from_fn(|frame| {
        let now = frame * Live::STRIDE + Live::LATENCY;
        words.iter().find(|word| word.has_just_ended(now)).map_or(0, |word| word.class as u8)
    })
}

/// Trains on sounds that are made as it goes, so that none comes twice.
fn train(rng: &mut SmallRng) -> Result<Net, Box<dyn Error>> {
    let mut net = Net::init(rng);
    let (mut grads, mut adam, mut x) = (net.boxed_grads(), Adam::<Net>::boxed(), Sounds::boxed());
    let schedule = CosineAnnealingLr::new(5e-3, STEPS);
    let bar = ProgressBar::new(STEPS as u64);
    bar.set_style(ProgressStyle::with_template("{bar:40.green/dim} step {pos}/{len}  {msg}  {elapsed}")?);
    for step in 0..STEPS {
        let mut y = [[0; FRAMES]; BATCH];
        for (x, y) in x.0.iter_mut().zip(&mut y) {
            let (sound, words) = record(1, rng);
            x[0].copy_from_slice(&sound);
            *y = target(&words);
        }
        grads.zero();
        let loss = net.add_gradients(&*x, &mut grads, |p| cross_entropy(p, &y, Reduction::Mean));
        grads.clip_norm(1.0);
        adam.set_lr(schedule.lr(step));
        adam.step(&mut net, &grads);
        bar.set_message(format!("loss {loss:.3}"));
        bar.inc(1);
    }
    bar.finish();
    Ok(net)
}

/// Listens sample by sample. A keyword is heard, with the sample at which it is, when it is the likeliest class for four frames on end.
fn listen(live: &mut Live, sound: &[f32]) -> Vec<(usize, usize)> {
    let (mut heard, mut last, mut count) = (Vec::new(), 0, 0);
    for (now, &x) in sound.iter().enumerate() {
        let Some(logits) = live.step(&Tensor([[x]])) else { continue };
        let class = logits.row(0).argmax_index().map_or(0, Idx::get);
        count = if class == last { count + 1 } else { 1 };
        last = class;
        if class > 0 && count == 4 {
            heard.push((now, class));
        }
    }
    heard
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("an answer every {} samples, {} samples late; {} bytes of state", Live::STRIDE, Live::LATENCY, Live::STATE_BYTES);
    let net = train(&mut SmallRng::seed_from_u64(0))?;

    let (sound, words) = record(60, &mut SmallRng::seed_from_u64(1));
    let (mut live, start) = (Live::new(net), Instant::now());
    let heard = listen(&mut live, &sound);
    let speed = 60.0 / start.elapsed().as_secs_f64();

    let right = |&(now, class): &(usize, usize), word: &Word| word.class == class && word.has_just_ended(now);
    let said: Vec<&Word> = words.iter().filter(|word| word.class > 0).collect();
    let found = said.iter().filter(|word| heard.iter().any(|heard| right(heard, word))).count();
    let wrong = heard.iter().filter(|heard| !said.iter().any(|word| right(heard, word))).count();
    for (now, class) in heard.iter().take(5) {
        println!("{:5.2} s: {}", *now as f32 / RATE as f32, KEYWORDS[class - 1]);
    }
    println!("…\nof {} keywords in a minute {found} were heard, and {wrong} that were not said", said.len());
    println!("{speed:.0} times real time, sample by sample");
    std::fs::create_dir_all("target")?;
    wav::write("target/07_keywords.wav", RATE, &sound)
}
