//! A classifier of handwritten digits: 64-32-10, trained on the images that are embedded in the program.
//!
//! `cargo run --release --example 03_digits` trains once, `… -- 5` trains with the seeds 0 to 4 and gives the mean accuracy.

use std::error::Error;

use adamant::prelude::*;

#[path = "data/curves.rs"]
mod curves;
#[path = "data/digits.rs"]
mod digits;
#[path = "data/picture.rs"]
mod picture;
#[path = "data/progress.rs"]
mod progress;

use curves::Epoch;
use digits::TRAIN;
use progress::Progress;

type Net = Sequential![Linear<64, 32>, Relu, Linear<32, 10>];

const EPOCHS: usize = 30;
const BATCH: usize = 32;

/// The images, pixel after pixel, and their labels.
struct Digits {
    images: Vec<[f32; 64]>,
    labels: Vec<u8>,
}

/// What a run ends with.
struct Trained {
    net: Net,
    /// How it did after each epoch.
    epochs: Vec<Epoch>,
    seconds: f64,
}

/// Trains on the first 1,437 images and tests on the last 360.
fn train(digits: &Digits, seed: u64) -> Trained {
    let mut progress = Progress::of(EPOCHS);
    let rng = &mut SmallRng::seed_from_u64(seed);
    let mut net = Net::init(rng);
    let mut adam = Adam::new(&net).lr(3e-3);
    for _ in 0..EPOCHS {
        // 44 batches of 32; the 29 images that are left over are other ones in each epoch.
        for (x, y) in Batches::<BATCH, _, _>::new(&digits.images[..TRAIN], &digits.labels[..TRAIN], rng) {
            let (_, grads) = net.gradients(&x, |p| cross_entropy(p, &y, Reduction::Mean));
            adam.step(&mut net, &grads);
        }
        progress.measure(&net, &digits.images, &digits.labels);
    }
    let (epochs, seconds) = progress.finish();
    Trained { net, epochs, seconds }
}

/// Counts what the model says of the last 360 images.
fn test(net: &Net, digits: &Digits) -> ConfusionMatrix<10> {
    let mut confusion = ConfusionMatrix::new();
    for (image, label) in digits.images.iter().zip(&digits.labels).skip(TRAIN) {
        let logits: Tensor<[f32; 10]> = net.forward(&Tensor(*image));
        confusion.add(&Tensor([logits.0]), &[*label]);
    }
    confusion
}

/// Draws some test images side by side with what the model says of each.
fn draw(net: &Net, digits: &Digits) {
    let shown: Vec<usize> = (0..8).map(|i| TRAIN + 41 * i).collect();
    for row in 0..8 {
        let line = shown.iter().map(|&i| {
            let pixels = &digits.images[i][8 * row..8 * row + 8];
            pixels.iter().map(|&p| [' ', '░', '▒', '▓', '█'][(p * 4.0).round() as usize]).collect::<String>()
        });
        println!("{}", line.collect::<Vec<_>>().join("  "));
    }
    for &i in &shown {
        let logits = net.forward(&Tensor(digits.images[i]));
        let said = logits.argmax_index().map_or(0, Idx::get);
        let mark = if said == usize::from(digits.labels[i]) { ' ' } else { '✗' };
        print!(" is {said} {mark}   ");
    }
    println!("\n");
}

fn main() -> Result<(), Box<dyn Error>> {
    let runs = std::env::args().nth(1).map_or(Ok(1), |n| n.parse::<u64>())?.max(1);
    let (images, labels) = digits::embedded(|pixels| pixels);
    let digits = Digits { images, labels };
    let trained: Vec<Trained> = (0..runs)
        .map(|seed| {
            let run = train(&digits, seed);
            let Epoch { train, test } = run.epochs[EPOCHS - 1];
            println!("seed {seed}: loss {:.4}, test accuracy {:.4}, {:.3} s", train.loss, test.accuracy, run.seconds);
            run
        })
        .collect();
    let mean = trained.iter().map(|run| run.epochs[EPOCHS - 1].test.accuracy).sum::<f32>() / trained.len() as f32;
    println!("mean test accuracy of {runs}: {mean:.4}\n");

    let first = &trained[0];
    println!("{}\n{}", first.net, test(&first.net, &digits));
    draw(&first.net, &digits);
    let path = "target/03_digits.svg";
    std::fs::create_dir_all("target")?;
    let epochs: Vec<Vec<Epoch>> = trained.into_iter().map(|run| run.epochs).collect();
    curves::draw("03_digits: 64-32-10 on handwritten digits", &epochs, path)?;
    println!("Loss and accuracy over the epochs are drawn in {path}.");
    Ok(())
}
