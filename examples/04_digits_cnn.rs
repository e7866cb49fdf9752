//! A convolutional network on the digits: the output shape of each layer is computed by the type checker.
//!
//! `cargo run --release --example 04_digits_cnn` trains once, `… -- 3` trains with the seeds 0 to 2 and gives the mean accuracy.

use std::error::Error;

use adamant::prelude::*;
use plotters::prelude::{Color, IntoDrawingArea, RGBColor, Rectangle, SVGBackend, WHITE};

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

/// One channel of 8 × 8 pixels.
type Image = [[[f32; 8]; 8]; 1];

const EPOCHS: usize = 30;
const BATCH: usize = 32;

#[derive(Module)]
struct Net {
    conv1: Conv2d<1, 8, 3, Padding<1>>, //  [8][8][8]
    relu1: Relu,
    pool1: MaxPool2d<2>,                 //  [8][4][4]
    conv2: Conv2d<8, 16, 3, Padding<1>>, // [16][4][4]
    relu2: Relu,
    pool2: MaxPool2d<2>, // [16][2][2]
    flatten: Flatten,    // [64]
    linear: Linear<64, 10>,
}

const _: () = Net::check::<Tensor<[Image; BATCH]>>();

/// Trains with one seed; the model, how it did after each epoch, and the seconds it took.
fn train(images: &[Image], labels: &[u8], seed: u64) -> (Net, Vec<Epoch>, f64) {
    let mut progress = Progress::of(EPOCHS);
    let rng = &mut SmallRng::seed_from_u64(seed);
    let mut net = Net::init(rng);
    let mut adam = Adam::new(&net).lr(3e-3);
    for _ in 0..EPOCHS {
        for (x, y) in Batches::<BATCH, _, _>::new(&images[..TRAIN], &labels[..TRAIN], rng) {
            let (_, grads) = net.gradients(&x, |p| cross_entropy(p, &y, Reduction::Mean));
            adam.step(&mut net, &grads);
        }
        progress.measure(&net, images, labels);
    }
    let (epochs, seconds) = progress.finish();
    (net, epochs, seconds)
}

/// Draws the first layer's 3 × 3 filters side by side: negative weights blue, positive ones red, zero white.
fn draw_filters(net: &Net, path: &str) -> Result<(), Box<dyn Error>> {
    const CELL: i32 = 28;
    let filters = net.conv1.weight.as_array();
    let width = 8 * 4 * CELL + CELL;
    let root = SVGBackend::new(path, (width as u32, 5 * CELL as u32)).into_drawing_area();
    root.fill(&WHITE)?;
    let largest = net.conv1.weight.map(f32::abs).max();
    for (f, filter) in filters.iter().enumerate() {
        for (i, row) in filter[0].iter().enumerate() {
            for (j, weight) in row.iter().enumerate() {
                let fade = (255.0 * (1.0 - weight.abs() / largest)) as u8;
                let colour = if *weight < 0.0 { RGBColor(fade, fade, 255) } else { RGBColor(255, fade, fade) };
                let (x, y) = (CELL * (1 + 4 * f as i32 + j as i32), CELL * (1 + i as i32));
                root.draw(&Rectangle::new([(x, y), (x + CELL, y + CELL)], colour.filled()))?;
                root.draw(&Rectangle::new([(x, y), (x + CELL, y + CELL)], RGBColor(180, 180, 180)))?;
            }
        }
    }
    root.present()?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let runs = std::env::args().nth(1).map_or(Ok(1), |n| n.parse::<u64>())?.max(1);
    let (images, labels) = digits::embedded(|pixels| -> Image { Tensor(pixels).reshape::<Image>().0 });
    println!("{}", Net::BLANK.summary(&Tensor::<[Image; BATCH]>::zeros()));
    let mut sum = 0.0;
    let mut first = None;
    let mut epochs = Vec::new();
    for seed in 0..runs {
        let (net, run, seconds) = train(&images, &labels, seed);
        let accuracy = run[EPOCHS - 1].test.accuracy;
        println!("seed {seed}: test accuracy {accuracy:.4}, {seconds:.3} s");
        sum += accuracy;
        first.get_or_insert(net);
        epochs.push(run);
    }
    println!("mean test accuracy of {runs}: {:.4}", sum / runs as f32);

    let net = first.ok_or("no run")?;
    println!("\nThe first layer's filters:\n{:.2}", net.conv1.weight.reshape::<[[[f32; 3]; 3]; 8]>());
    std::fs::create_dir_all("target")?;
    draw_filters(&net, "target/04_digits_cnn_filters.svg")?;
    println!("They are drawn in target/04_digits_cnn_filters.svg.");
    curves::draw("04_digits_cnn: two convolutions on handwritten digits", &epochs, "target/04_digits_cnn.svg")?;
    println!("Loss and accuracy over the epochs are drawn in target/04_digits_cnn.svg.");
    Ok(())
}
