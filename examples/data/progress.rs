//! A run of training as it goes: a bar on the terminal, and how the model did after each epoch.

use std::time::Instant;

use adamant::prelude::*;
use indicatif::{ProgressBar, ProgressStyle};

use crate::curves::{Epoch, Measured};
use crate::digits::TRAIN;

/// A run that goes on.
pub struct Progress {
    bar: ProgressBar,
    start: Instant,
    epochs: Vec<Epoch>,
}

impl Progress {
    /// Before the first of so many epochs.
    pub fn of(epochs: usize) -> Self {
        let bar = ProgressBar::new(epochs as u64);
        let style = ProgressStyle::with_template("{bar:40.green/dim} epoch {pos}/{len}  {msg}  {elapsed}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar, start: Instant::now(), epochs: Vec::new() }
    }

    /// After an epoch: measures the model on the images trained on and on the others.
    pub fn measure<S: Sample, M>(&mut self, net: &M, images: &[S], labels: &[u8])
    where
        S::Batch<32>: Buffer,
        M: Module<S::Batch<32>, Output = Tensor<[[f32; 10]; 32]>>,
    {
        let ((images, others), (labels, their_labels)) = (images.split_at(TRAIN), labels.split_at(TRAIN));
        let epoch = Epoch { train: Measured::of(net, images, labels), test: Measured::of(net, others, their_labels) };
        self.epochs.push(epoch);
        self.bar.set_message(format!("loss {:.4}", epoch.train.loss));
        self.bar.inc(1);
    }

    /// At the end: how the model did after each epoch, and the seconds that it took.
    pub fn finish(self) -> (Vec<Epoch>, f64) {
        self.bar.finish();
        (self.epochs, self.start.elapsed().as_secs_f64())
    }
}
