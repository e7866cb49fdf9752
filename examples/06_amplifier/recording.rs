//! What is played, and what is to be heard.

use adamant::prelude::*;

use crate::{circuit, guitar};

/// A guitar's signal, and what the circuit makes of it.
pub struct Recording {
    pub dry: Vec<f32>,
    pub wet: Vec<f32>,
}

impl Recording {
    pub fn of(seconds: usize, seed: u64) -> Self {
        let dry = guitar::play(seconds, seed);
        Self { wet: circuit::amplify(&dry), dry }
    }
}

/// The energy of the error over that of the target: the loss of A. Wright, E.-P. Damskägg, L. Juvela and V. Välimäki, *Real-time guitar
/// amplifier emulation with deep learning*, Applied Sciences 10 (3), 766, 2020, here without their pre-emphasis. The prediction becomes
/// its gradient.
pub fn error_to_signal<S: Shape<Elem = f32>>(prediction: &mut Tensor<S>, target: &Tensor<S>) -> f32 {
    let energy = target.iter().map(|y| y * y).sum::<f32>() + 1e-6;
    let error = *mse_loss(&mut *prediction, target, Reduction::Sum);
    prediction.map_in_place(|gradient| gradient / energy);
    error / energy
}

/// The same of whole signals.
pub fn error_of(predicted: &[f32], target: &[f32]) -> f32 {
    let error: f32 = predicted.iter().zip(target).map(|(p, y)| (p - y) * (p - y)).sum();
    error / target.iter().map(|y| y * y).sum::<f32>()
}
