//! A classifier of handwritten digits: 64-32-10, trained on the images that are embedded in the program.
//!
//! `cargo run --release --example 03_digits` trains once, `… -- 5` trains with the seeds 0 to 4 and gives the mean accuracy.

use std::error::Error;
use std::time::{Duration, Instant};

use adamant::prelude::*;
use indicatif::{ProgressBar, ProgressStyle};
use plotters::prelude::{
    ChartBuilder, Color, IntoDrawingArea, IntoFont, LineSeries, PathElement, RED, RGBColor, SVGBackend, WHITE,
};

#[path = "data/digits.rs"]
mod digits;

use digits::TRAIN;

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
    /// The mean loss of each epoch.
    losses: Vec<f32>,
    accuracy: f32,
    time: Duration,
}

/// Trains on the first 1,437 images and tests on the last 360.
fn train(digits: &Digits, seed: u64, bar: &ProgressBar) -> Trained {
    let start = Instant::now();
    let rng = &mut SmallRng::seed_from_u64(seed);
    let mut net = Net::init(rng);
    let mut adam = Adam::new(&net).lr(3e-3);
    let mut losses = Vec::new();
    for _ in 0..EPOCHS {
        // 44 batches of 32; the 29 images that are left over are other ones in each epoch.
        let batches = Batches::<BATCH, _, _>::new(&digits.images[..TRAIN], &digits.labels[..TRAIN], rng);
        let count = batches.len() as f32;
        let mut sum = 0.0;
        for (x, labels) in batches {
            let (loss, grads) = net.gradients(&x, |p| cross_entropy(p, &labels, Reduction::Mean));
            adam.step(&mut net, &grads);
            sum += loss;
        }
        losses.push(sum / count);
        bar.set_message(format!("loss {:.4}", sum / count));
        bar.inc(1);
    }
    let accuracy = test(&net, digits).accuracy();
    Trained { net, losses, accuracy, time: start.elapsed() }
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

/// Draws each run's loss over the epochs to an SVG file.
fn plot(runs: &[Trained], path: &str) -> Result<(), Box<dyn Error>> {
    let root = SVGBackend::new(path, (640, 400)).into_drawing_area();
    root.fill(&WHITE)?;
    let top = runs.iter().flat_map(|run| &run.losses).fold(0.0, |a: f32, &b| a.max(b));
    let mut chart = ChartBuilder::on(&root)
        .caption("03_digits: training loss", ("sans-serif", 20).into_font())
        .margin(15)
        .x_label_area_size(35)
        .y_label_area_size(45)
        .build_cartesian_2d(1..EPOCHS, 0.0..top)?;
    chart.configure_mesh().x_desc("epoch").y_desc("mean cross-entropy").draw()?;
    for (seed, run) in runs.iter().enumerate() {
        let colour = if seed == 0 { RED } else { RGBColor(60, 110, 60 * seed as u8) };
        let points = run.losses.iter().enumerate().map(|(epoch, &loss)| (epoch + 1, loss));
        chart
            .draw_series(LineSeries::new(points, colour.stroke_width(2)))?
            .label(format!("seed {seed}"))
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 15, y)], colour));
    }
    chart.configure_series_labels().background_style(WHITE).draw()?;
    root.present()?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let runs = std::env::args().nth(1).map_or(Ok(1), |n| n.parse::<u64>())?.max(1);
    let (images, labels) = digits::embedded(|pixels| pixels);
    let digits = Digits { images, labels };
    let style = "{bar:40.green/dim} epoch {pos}/{len}  {msg}  {elapsed}";
    let trained: Vec<Trained> = (0..runs)
        .map(|seed| {
            let bar = ProgressBar::new(EPOCHS as u64);
            bar.set_style(ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()));
            let run = train(&digits, seed, &bar);
            bar.finish();
            println!(
                "seed {seed}: loss {:.4}, test accuracy {:.4}, {:.3} s",
                run.losses[EPOCHS - 1],
                run.accuracy,
                run.time.as_secs_f64()
            );
            run
        })
        .collect();
    let mean = trained.iter().map(|run| run.accuracy).sum::<f32>() / trained.len() as f32;
    println!("mean test accuracy of {runs}: {mean:.4}\n");

    let first = &trained[0];
    println!("{}\n{}", first.net, test(&first.net, &digits));
    draw(&first.net, &digits);
    let path = "target/03_digits_loss.svg";
    std::fs::create_dir_all("target")?;
    plot(&trained, path)?;
    println!("The loss curve is in {path}.");
    Ok(())
}
