//! A picture of training: loss and accuracy, of the images trained on and of the others.

use std::error::Error;

use adamant::prelude::*;

use crate::picture::{Line, TEST, TRAIN, heights, losses, panel, titled};

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

/// Draws some runs to an SVG file: their losses on the left, their accuracies on the right.
pub fn draw(title: &str, runs: &[Vec<Epoch>], path: &str) -> Result<(), Box<dyn Error>> {
    let root = titled(title, path, 900)?;
    let (left, right) = root.split_horizontally(450);
    losses(&left, "epoch", &lines(runs, |m| m.loss))?;
    let accuracies = lines(runs, |m| m.accuracy);
    let low = heights(&accuracies).fold(1.0, f32::min);
    panel(&right, ["accuracy", "epoch"], &accuracies, |y| y, low..1.0, |y| format!("{:.0} %", 100.0 * y))?;
    root.present()?;
    Ok(())
}

/// One measure of all runs over the epochs.
fn lines(runs: &[Vec<Epoch>], of: impl Fn(&Measured) -> f32) -> Vec<Line> {
    let both = runs.iter().flat_map(|run| {
        let line = |name, colour, side: fn(&Epoch) -> &Measured| {
            let points = run.iter().enumerate().map(|(i, epoch)| (i as f32 + 1.0, of(side(epoch))));
            Line { points: points.collect(), ..Line::new(name, colour) }
        };
        [line("train", TRAIN, |epoch| &epoch.train), line("test", TEST, |epoch| &epoch.test)]
    });
    both.collect()
}
