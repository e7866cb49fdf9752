//! A picture of training: loss and accuracy, of the images trained on and of the others.

use std::error::Error;

use adamant::prelude::*;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// How well a model does on some images.
#[derive(Clone, Copy)]
pub struct Measured {
    pub loss: f32,
    pub accuracy: f32,
}

impl Measured {
    /// The mean loss and the fraction of right answers, in evaluation.
    pub fn of<S: Sample, M>(net: &M, images: &[S], labels: &[u8]) -> Self
    where
        S::Batch<32>: Buffer,
        M: Module<S::Batch<32>, Output = Tensor<[[f32; 10]; 32]>>,
    {
        let (mut loss, mut right) = (0.0, 0);
        Chunks::<32>::forward(net, images, |i, logits: &Tensor<[f32; 10]>| {
            loss += cross_entropy(logits, &labels[i], Reduction::Sum);
            right += usize::from(logits.argmax_index().map(Idx::get) == Some(usize::from(labels[i])));
        });
        let n = images.len() as f32;
        Self { loss: loss / n, accuracy: right as f32 / n }
    }
}

/// The same after an epoch, of the images trained on and of the others.
#[derive(Clone, Copy)]
pub struct Epoch {
    pub train: Measured,
    pub test: Measured,
}

const TRAIN: RGBColor = RGBColor(90, 120, 160);
const TEST: RGBColor = RGBColor(200, 90, 40);
const INK: RGBColor = RGBColor(90, 90, 90);
const GRID: RGBColor = RGBColor(232, 232, 232);

/// Draws some runs to an SVG file: their losses on the left, their accuracies on the right.
pub fn draw(title: &str, runs: &[Vec<Epoch>], path: &str) -> Result<(), Box<dyn Error>> {
    let root = SVGBackend::new(path, (900, 380)).into_drawing_area();
    root.fill(&WHITE)?;
    let (left, right) = root.titled(title, ("sans-serif", 18).into_font().color(&INK))?.split_horizontally(450);
    // The start is far above all that follows: a logarithmic axis shows both.
    let losses = || runs.iter().flatten().flat_map(|epoch| [epoch.train.loss, epoch.test.loss]);
    let (low, high) = losses().fold((f32::MAX, 0.0f32), |(low, high), loss| (low.min(loss), high.max(loss)));
    panel(
        &left,
        "mean cross-entropy (log)",
        runs,
        |m| m.loss.log10(),
        low.log10()..high.log10(),
        |y| format!("{:.1$}", 10f32.powf(y), 2),
    )?;
    let low = runs.iter().flatten().map(|epoch| epoch.train.accuracy.min(epoch.test.accuracy)).fold(1.0, f32::min);
    panel(&right, "accuracy", runs, |m| m.accuracy, low..1.0, |y| format!("{:.0} %", 100.0 * y))?;
    root.present()?;
    Ok(())
}

/// One measure of all runs over the epochs; each line is named at its end.
fn panel(
    area: &DrawingArea<SVGBackend<'_>, Shift>,
    what: &str,
    runs: &[Vec<Epoch>],
    of: impl Fn(&Measured) -> f32,
    range: std::ops::Range<f32>,
    label: impl Fn(f32) -> String,
) -> Result<(), Box<dyn Error>> {
    let epochs = runs.iter().map(Vec::len).max().unwrap_or(1);
    let mut chart = ChartBuilder::on(area)
        .margin(12)
        .margin_right(52)
        .caption(what, ("sans-serif", 14).into_font().color(&INK))
        .x_label_area_size(32)
        .y_label_area_size(48)
        .build_cartesian_2d(1.0..epochs as f32, range)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .axis_style(TRANSPARENT)
        .y_labels(5)
        .x_labels(7)
        .x_label_formatter(&|x| format!("{x:.0}"))
        .y_label_formatter(&|y| label(*y))
        .label_style(("sans-serif", 12).into_font().color(&INK))
        .x_desc("epoch")
        .draw()?;
    for (name, colour, side) in [("train", TRAIN, 0), ("test", TEST, 1)] {
        let measured = |epoch: &Epoch| of(if side == 0 { &epoch.train } else { &epoch.test });
        for run in runs {
            let points = run.iter().enumerate().map(|(i, epoch)| (i as f32 + 1.0, measured(epoch)));
            chart.draw_series(LineSeries::new(points, colour.stroke_width(2)))?;
        }
        if let Some(last) = runs.first().and_then(|run| run.last()) {
            let style = ("sans-serif", 13).into_font().color(&colour).pos(Pos::new(HPos::Left, VPos::Center));
            let end = EmptyElement::at((epochs as f32, measured(last))) + Text::new(name, (6, 0), style);
            chart.draw_series(std::iter::once(end))?;
        }
    }
    Ok(())
}
