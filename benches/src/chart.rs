//! The ratios as a picture: a point a peer, a line a row, time on a logarithmic axis.

use std::error::Error;
use std::path::Path;

use plotters::prelude::*;

use crate::report::{Measured, peers};

const LINE: i32 = 18;
const LEFT: i32 = 330;
const WIDTH: i32 = 1000;
const RIGHT: i32 = 20;
const TOP: i32 = 52;

/// The colour of the peer with this number.
fn colour(peer: usize) -> RGBAColor {
    Palette99::pick(peer).mix(0.7)
}

/// Where a ratio stands, from `low` to `high`.
fn position(ratio: f64, low: f64, high: f64) -> i32 {
    let part = (ratio.ln() - low.ln()) / (high.ln() - low.ln());
    LEFT + (part * f64::from(WIDTH - LEFT - RIGHT)) as i32
}

/// Draws the chart. Left of 1 adamant is faster.
pub fn draw(rows: &[Measured], path: &Path) -> Result<(), Box<dyn Error>> {
    let rows: Vec<&Measured> = rows.iter().filter(|row| row.worst().is_some()).collect();
    let all = || rows.iter().flat_map(|row| row.ratios());
    let low = all().fold(0.5, |low: f64, (_, ratio)| low.min(ratio)) / 1.2;
    let high = all().fold(2.0, |high: f64, (_, ratio)| high.max(ratio)) * 1.2;
    let bottom = TOP + LINE * rows.len() as i32;
    let root = SVGBackend::new(path, (WIDTH as u32, (bottom + 30) as u32)).into_drawing_area();
    root.fill(&WHITE)?;
    let text = ("sans-serif", 12).into_font().color(&BLACK);
    root.draw_text("adamant's time divided by a peer's: left of 1 adamant is faster", &text, (8, 8))?;

    for power in low.log10().ceil() as i32..=high.log10().floor() as i32 {
        let x = position(10f64.powi(power), low, high);
        let colour = if power == 0 { BLACK } else { RGBColor(220, 220, 220) };
        root.draw(&PathElement::new([(x, TOP - 4), (x, bottom)], colour))?;
        root.draw_text(&format!("{}", 10f64.powi(power)), &text, (x - 6, bottom + 6))?;
    }
    let peers = peers(rows.iter().copied());
    for (i, peer) in peers.iter().enumerate() {
        let x = 8 + 120 * i as i32;
        root.draw(&Circle::new((x + 4, 36), 4, colour(i).filled()))?;
        root.draw_text(peer, &text, (x + 12, 30))?;
    }
    for (i, row) in rows.iter().enumerate() {
        let y = TOP + LINE * i as i32 + LINE / 2;
        root.draw_text(&row.name, &text, (8, y - 6))?;
        root.draw(&PathElement::new([(LEFT, y), (WIDTH - RIGHT, y)], RGBColor(240, 240, 240)))?;
        for (name, ratio) in row.ratios() {
            let place = peers.iter().position(|peer| *peer == name).unwrap_or_default();
            root.draw(&Circle::new((position(ratio, low, high), y), 4, colour(place).filled()))?;
        }
    }
    root.present()?;
    Ok(())
}
