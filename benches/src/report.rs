//! The table: adamant's times, its peers', the ratios.

use std::fmt::Write;

use crate::row::Work;

/// A row that was measured: the programs' names and seconds, adamant's first.
pub struct Measured {
    pub name: String,
    pub work: Work,
    pub times: Vec<(String, f64)>,
}

impl Measured {
    fn ours(&self) -> f64 {
        self.times[0].1
    }

    /// Our time divided by that of each peer.
    pub fn ratios(&self) -> impl Iterator<Item = (&str, f64)> {
        self.times[1..].iter().map(|(name, seconds)| (name.as_str(), self.ours() / seconds))
    }

    /// The ratio to the fastest peer: above 1 the row is lost.
    pub fn worst(&self) -> Option<(&str, f64)> {
        self.ratios().max_by(|a, b| a.1.total_cmp(&b.1))
    }

    fn rate(&self, peak: f64) -> String {
        match self.work {
            Work::Flops(flops) => {
                let rate = flops / self.ours();
                format!("{} GFLOP/s, {:.0} %", digits(rate / 1e9), 100.0 * rate / peak)
            }
            Work::Numbers(numbers) => format!("{} G/s", digits(numbers / self.ours() / 1e9)),
            Work::Other => String::new(),
        }
    }
}

/// The peers that have a program in some row, in the order in which they come.
pub fn peers<'r>(rows: impl IntoIterator<Item = &'r Measured>) -> Vec<&'r str> {
    let mut peers = Vec::new();
    for (name, _) in rows.into_iter().flat_map(Measured::ratios) {
        if !peers.contains(&name) {
            peers.push(name);
        }
    }
    peers
}

/// The table in Markdown: times in µs, behind a peer's our time divided by it.
pub fn table(rows: &[Measured], peak: f64) -> String {
    let peers = peers(rows);
    let mut text = String::from("| | adamant | rate, of peak | ratio to the fastest peer |");
    peers.iter().for_each(|peer| _ = write!(text, " {peer} |"));
    _ = write!(text, "\n|---|--:|--:|--:|{}", "--:|".repeat(peers.len()));
    for row in rows {
        let worst = row.worst().map_or(String::new(), |(_, ratio)| mark(ratio));
        _ = write!(text, "\n| {} | {} | {} | {worst} |", row.name, digits(1e6 * row.ours()), row.rate(peak));
        for peer in &peers {
            _ = match row.times.iter().find(|(name, _)| name == peer) {
                Some((_, seconds)) => write!(text, " {} ({}) |", digits(1e6 * seconds), mark(row.ours() / seconds)),
                None => write!(text, " |"),
            };
        }
    }
    text + "\n"
}

/// The rows that a peer wins, in words.
pub fn lost(rows: &[Measured]) -> String {
    let compared = rows.iter().filter_map(|row| row.worst().map(|worst| (row, worst)));
    let (lost, won): (Vec<_>, Vec<_>) = compared.partition(|(_, (_, ratio))| *ratio > 1.0);
    let mut text = format!("Won: {} rows. Lost: {}.", won.len(), lost.len());
    for (row, (peer, ratio)) in lost {
        _ = write!(text, "\n- {}: {ratio:.2} times {peer}'s time", row.name);
    }
    text + "\n"
}

/// A ratio, bold where a peer is faster.
fn mark(ratio: f64) -> String {
    match ratio {
        0.0..0.1 => format!("{ratio:.3}"),
        0.1..=1.0 => format!("{ratio:.2}"),
        _ => format!("**{ratio:.2}**"),
    }
}

/// Three digits.
fn digits(x: f64) -> String {
    let before = x.abs().max(1e-9).log10().floor() as i32;
    format!("{x:.*}", (2 - before).clamp(0, 3) as usize)
}
