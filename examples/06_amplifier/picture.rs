//! A picture of what was learnt: some periods of the circuit's output and of both networks', and how much these are wrong.

use std::error::Error;
use std::ops::Range;

use plotters::coord::Shift;
use plotters::prelude::*;

use crate::guitar::RATE;

const TARGET: RGBColor = RGBColor(60, 60, 60);
const LSTM: RGBColor = RGBColor(200, 90, 40);
const CONV: RGBColor = RGBColor(60, 110, 180);
const INK: RGBColor = RGBColor(90, 90, 90);
const GRID: RGBColor = RGBColor(232, 232, 232);

/// The samples that are shown: 12 ms.
const SHOWN: Range<usize> = 3 * RATE / 2..3 * RATE / 2 + 12 * RATE / 1000;

type Line<'a> = (&'a str, RGBColor, Vec<f32>);

/// Draws to an SVG file.
pub fn draw(path: &str, target: &[f32], lstm: &[f32], conv: &[f32]) -> Result<(), Box<dyn Error>> {
    let root = SVGBackend::new(path, (900, 520)).into_drawing_area();
    root.fill(&WHITE)?;
    let title = "06_amplifier: a circuit and what two networks make of it";
    let (above, below) = root.titled(title, ("sans-serif", 18).into_font().color(&INK))?.split_vertically(300);
    let shown = |signal: &[f32]| signal[SHOWN].to_vec();
    let wrong = |signal: &[f32]| signal[SHOWN].iter().zip(&target[SHOWN]).map(|(p, y)| p - y).collect();
    panel(
        &above,
        "output",
        &[("circuit", TARGET, shown(target)), ("LSTM", LSTM, shown(lstm)), ("convolutions", CONV, shown(conv))],
    )?;
    panel(&below, "error", &[("LSTM", LSTM, wrong(lstm)), ("convolutions", CONV, wrong(conv))])?;
    Ok(root.present()?)
}

/// Lines over time.
fn panel(area: &DrawingArea<SVGBackend<'_>, Shift>, what: &str, lines: &[Line<'_>]) -> Result<(), Box<dyn Error>> {
    let largest = lines.iter().flat_map(|(_, _, y)| y).fold(1e-6f32, |most, y| most.max(1.1 * y.abs()));
    let milliseconds = |sample: usize| 1000.0 * sample as f32 / RATE as f32;
    let mut chart = ChartBuilder::on(area)
        .margin(12)
        .margin_right(110)
        .x_label_area_size(28)
        .y_label_area_size(52)
        .build_cartesian_2d(0.0..milliseconds(SHOWN.len()), -largest..largest)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .axis_style(TRANSPARENT)
        .y_labels(5)
        .label_style(("sans-serif", 12).into_font().color(&INK))
        .x_desc("ms")
        .y_desc(what)
        .draw()?;
    for (place, (name, colour, line)) in (0..).zip(lines) {
        let points = line.iter().enumerate().map(|(i, &y)| (milliseconds(i), y));
        chart.draw_series(LineSeries::new(points, colour.stroke_width(1)))?;
        area.draw(&Text::new(*name, (800, 24 + 18 * place), ("sans-serif", 13).into_font().color(colour)))?;
    }
    Ok(())
}
