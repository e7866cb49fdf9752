//! Pictures of lines, as SVG files.

use std::error::Error;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// The colours of what is trained on and of the rest.
pub const TRAIN: RGBColor = RGBColor(90, 120, 160);
pub const TEST: RGBColor = RGBColor(200, 90, 40);
const INK: RGBColor = RGBColor(90, 90, 90);
const GRID: RGBColor = RGBColor(232, 232, 232);

/// A line of a picture, which is named at its end.
pub struct Line {
    pub name: &'static str,
    pub colour: RGBColor,
    pub points: Vec<(f32, f32)>,
}

impl Line {
    pub fn new(name: &'static str, colour: RGBColor) -> Self {
        Self { name, colour, points: Vec::new() }
    }
}

/// An empty picture under a title.
pub fn titled<'a>(title: &str, path: &'a str, width: u32) -> Result<DrawingArea<SVGBackend<'a>, Shift>, Box<dyn Error>> {
    let root = SVGBackend::new(path, (width, 380)).into_drawing_area();
    root.fill(&WHITE)?;
    Ok(root.titled(title, ("sans-serif", 18).into_font().color(&INK))?)
}

pub fn heights(lines: &[Line]) -> impl Iterator<Item = f32> {
    lines.iter().flat_map(|line| &line.points).map(|(_, y)| *y)
}

/// The start is far above all that follows: a logarithmic axis shows both.
pub fn losses(area: &DrawingArea<SVGBackend<'_>, Shift>, over: &str, lines: &[Line]) -> Result<(), Box<dyn Error>> {
    let (low, high) = heights(lines).fold((f32::MAX, 0.0f32), |(low, high), loss| (low.min(loss), high.max(loss)));
    let label = |y| format!("{:.2}", 10f32.powf(y));
    panel(area, ["mean cross-entropy (log)", over], lines, f32::log10, low.log10()..high.log10(), label)
}

/// Some lines; the first two, which each further pair repeats, are named at their ends.
pub fn panel(
    area: &DrawingArea<SVGBackend<'_>, Shift>,
    [what, over]: [&str; 2],
    lines: &[Line],
    height: impl Fn(f32) -> f32,
    range: std::ops::Range<f32>,
    label: impl Fn(f32) -> String,
) -> Result<(), Box<dyn Error>> {
    let ends = lines.iter().flat_map(|line| Some((line.points.first()?.0, line.points.last()?.0)));
    let (first, last) = ends.fold((f32::MAX, 1.0f32), |(first, last), (a, b)| (first.min(a), last.max(b)));
    let mut chart = ChartBuilder::on(area)
        .margin(12)
        .margin_right(52)
        .caption(what, ("sans-serif", 14).into_font().color(&INK))
        .x_label_area_size(32)
        .y_label_area_size(48)
        .build_cartesian_2d(first..last, range)?;
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
        .x_desc(over)
        .draw()?;
    for Line { colour, points, .. } in lines {
        let points = points.iter().map(|&(x, y)| (x, height(y)));
        chart.draw_series(LineSeries::new(points, colour.stroke_width(2)))?;
    }
    for Line { name, colour, points } in lines.iter().take(2) {
        let Some(&(x, y)) = points.last() else { continue };
        let style = ("sans-serif", 13).into_font().color(colour).pos(Pos::new(HPos::Left, VPos::Center));
        let end = EmptyElement::at((x, height(y))) + Text::new(*name, (6, 0), style);
        chart.draw_series(std::iter::once(end))?;
    }
    Ok(())
}
