//! A run of training as it goes: a bar on the terminal.

use indicatif::{ProgressBar, ProgressStyle};

pub struct Progress(ProgressBar);

impl Progress {
    /// Before the first of so many epochs.
    pub fn of(name: &'static str, epochs: usize) -> Self {
        let bar = ProgressBar::new(epochs as u64).with_prefix(name);
        let style = ProgressStyle::with_template("{prefix:12} {bar:40.green/dim} epoch {pos}/{len}  {msg}  {elapsed}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self(bar)
    }

    /// After an epoch.
    pub fn epoch(&self, loss: f32) {
        self.0.set_message(format!("loss {loss:.4}"));
        self.0.inc(1);
    }

    pub fn finish(&self) {
        self.0.finish();
    }
}
