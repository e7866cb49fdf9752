//! How a run of training went.

use adamant::prelude::*;

/// A run ends after so many epochs: nothing more is learnt then, and a visitor's battery is finite.
pub const EPOCHS: usize = 60;
/// The steps of an epoch.
pub const EPOCH: usize = 35;
/// The steps between one point of a curve and the next.
pub const POINT: usize = 7;
/// The points of a curve, the one before the first step among them.
pub const POINTS: usize = EPOCHS * EPOCH / POINT + 1;

/// The curves, and the last test.
pub struct Run {
    steps: usize,
    /// Of the losses since the last point.
    sum: f32,
    /// The mean loss of the steps before each point. There is none before the first.
    pub losses: [f32; POINTS],
    /// The part of the images that test that is right at each point.
    pub accuracies: [f32; POINTS],
    /// What those images were taken for at the last point.
    pub confusion: ConfusionMatrix<10>,
}

impl Run {
    /// Before the start.
    pub const BLANK: Self =
        Self { steps: 0, sum: 0.0, losses: [0.0; POINTS], accuracies: [0.0; POINTS], confusion: ConfusionMatrix::new() };

    /// How many steps were taken.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Whether all were taken.
    pub fn is_over(&self) -> bool {
        self.steps >= EPOCHS * EPOCH
    }

    /// Whether it is time for a test.
    pub fn is_point(&self) -> bool {
        self.steps.is_multiple_of(POINT)
    }

    /// After a step.
    pub fn add_loss(&mut self, loss: f32) {
        self.steps += 1;
        self.sum += loss;
    }

    /// After a test.
    pub fn add_point(&mut self, confusion: ConfusionMatrix<10>) {
        let point = self.steps / POINT;
        if let (Some(loss), Some(accuracy)) = (self.losses.get_mut(point), self.accuracies.get_mut(point)) {
            *loss = self.sum / POINT as f32;
            *accuracy = confusion.accuracy();
        }
        self.sum = 0.0;
        self.confusion = confusion;
    }
}
