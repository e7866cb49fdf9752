//! The forward pass of 784-H-10 for many widths and batches, beside what the machine allows: where a kernel falls off a cliff, its
//! cell shows it.

use std::fmt::Write;

use adamant::prelude::*;

use crate::limits::bandwidth;
use crate::measure::{Settings, measure};
use crate::rows::programs::{forward, model, randn};

#[derive(Module)]
struct Net<const H: usize> {
    fc1: Linear<784, H>,
    act: Relu,
    fc2: Linear<H, 10>,
}

/// Of one size: how much is computed, what has to be read for it, and the seconds it takes.
struct Cell {
    flops: f64,
    bytes: usize,
    seconds: f64,
}

impl Cell {
    fn measure<const H: usize, const B: usize>(settings: Settings) -> Self {
        let program = forward(model::<Net<H>>(), randn::<[[f32; 784]; B]>(2));
        Self {
            flops: 2.0 * <Net<H> as Module<Tensor<[[f32; 784]; B]>>>::MACS as f64,
            bytes: size_of::<Net<H>>() + size_of::<[[f32; 784]; B]>(),
            seconds: measure(&mut [program], settings)[0],
        }
    }

    fn gflops(&self) -> f64 {
        self.flops / self.seconds / 1e9
    }

    /// The share of what one thread can do, whose arithmetic and whose memory have each their limit: 1 at the limit.
    fn share(&self, peak: f64) -> f64 {
        (self.flops / peak).max(self.bytes as f64 / bandwidth(self.bytes)) / self.seconds
    }
}

const WIDTHS: [usize; 7] = [32, 64, 128, 256, 512, 1024, 2048];
const BATCHES: [usize; 6] = [1, 4, 16, 64, 256, 512];

type Measure = fn(Settings) -> Cell;

/// Each width with each batch.
const CELLS: [[Measure; BATCHES.len()]; WIDTHS.len()] =
    [row::<32>(), row::<64>(), row::<128>(), row::<256>(), row::<512>(), row::<1024>(), row::<2048>()];

const fn row<const H: usize>() -> [Measure; BATCHES.len()] {
    [
        Cell::measure::<H, 1>,
        Cell::measure::<H, 4>,
        Cell::measure::<H, 16>,
        Cell::measure::<H, 64>,
        Cell::measure::<H, 256>,
        Cell::measure::<H, 512>,
    ]
}

/// The table, in Markdown: GFLOP/s, the share of the peak, and the share of the nearer limit.
pub fn table(peak: f64, settings: Settings) -> String {
    let mut text = String::from("| H |");
    BATCHES.iter().for_each(|batch| _ = write!(text, " batch {batch} |"));
    _ = write!(text, "\n|---|{}", "---|".repeat(BATCHES.len()));
    for (width, cells) in WIDTHS.iter().zip(CELLS) {
        _ = write!(text, "\n| {width} |");
        for cell in cells.map(|measure| measure(settings)) {
            let (of_peak, share) = (100.0 * cell.gflops() * 1e9 / peak, cell.share(peak));
            let mark = if share < 0.7 { " ▼" } else { "" };
            _ = write!(text, " {:.1}, {of_peak:.0} %, {share:.2}{mark} |", cell.gflops());
        }
    }
    text + "\n"
}
