//! A convolutional network on the digits: the output shape of each layer is computed by the type checker.
//!
//! `cargo run --release --example 04_digits_cnn` trains once, `… -- 3` trains with the seeds 0 to 2 and gives the mean accuracy.

use std::error::Error;
use std::time::Instant;

use adamant::prelude::*;
use indicatif::{ProgressBar, ProgressStyle};
use plotters::prelude::{Color, IntoDrawingArea, RGBColor, Rectangle, SVGBackend, WHITE};

#[path = "data/digits.rs"]
mod digits;

use digits::TRAIN;

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

/// Trains with one seed; the model, its accuracy on the test images and the seconds it took.
fn train(images: &[Image], labels: &[u8], seed: u64) -> (Net, f32, f64) {
    let start = Instant::now();
    let rng = &mut SmallRng::seed_from_u64(seed);
    let mut net = Net::init(rng);
    let mut adam = Adam::new(&net).lr(3e-3);
    let bar = ProgressBar::new(EPOCHS as u64);
    let style = "{bar:40.green/dim} epoch {pos}/{len}  {msg}  {elapsed}";
    bar.set_style(ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()));
    for _ in 0..EPOCHS {
        let mut last = 0.0;
        for (x, y) in Batches::<BATCH, _, _>::new(&images[..TRAIN], &labels[..TRAIN], rng) {
            let (loss, grads) = net.gradients(&x, |p| cross_entropy(p, &y, Reduction::Mean));
            adam.step(&mut net, &grads);
            last = loss;
        }
        bar.set_message(format!("loss {last:.4}"));
        bar.inc(1);
    }
    bar.finish();
    let mut confusion = ConfusionMatrix::<10>::new();
    for (image, label) in images[TRAIN..].iter().zip(&labels[TRAIN..]) {
        let logits: Tensor<[f32; 10]> = net.forward(&Tensor(*image));
        confusion.add(&Tensor([logits.0]), &[*label]);
    }
    (net, confusion.accuracy(), start.elapsed().as_secs_f64())
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
    for seed in 0..runs {
        let (net, accuracy, seconds) = train(&images, &labels, seed);
        println!("seed {seed}: test accuracy {accuracy:.4}, {seconds:.3} s");
        sum += accuracy;
        first.get_or_insert(net);
    }
    println!("mean test accuracy of {runs}: {:.4}", sum / runs as f32);

    let net = first.ok_or("no run")?;
    println!("\nThe first layer's filters:\n{:.2}", net.conv1.weight.reshape::<[[[f32; 3]; 3]; 8]>());
    std::fs::create_dir_all("target")?;
    draw_filters(&net, "target/04_digits_cnn_filters.svg")?;
    println!("They are drawn in target/04_digits_cnn_filters.svg.");
    Ok(())
}
