//! [`Checkpoint`]: a model and its optimiser in one file.

#[cfg(feature = "std")]
use std::{io, path::Path};

use super::contents::{Training, TrainingMut};
use super::{Load, LoadError, TooShort, save};
use crate::nn::Parameters;
use crate::optim::Optimizer;

/// Saving a training run and taking it up again, for every optimiser: what comes after is the same, bit for bit.
///
/// One file holds the model with its buffers (names below `model.`), the optimiser's moments ([`visit_state`](Optimizer::visit_state):
/// `exp_avg.0.weight`), the number of steps (`step`) and the random streams of dropout and noise, and is replaced as a whole, so that
/// its parts belong together. The model alone comes out of it by [`Load::prefix`]`("model.")`.
///
/// Settings (rates, decays, probabilities) are the program's, and so is the order of the data: a [`Schedule`](crate::optim::Schedule)
/// asks for [`steps`](Optimizer::steps), and a generator that shuffles is seeded for each epoch.
///
/// ```
/// use adamant::prelude::*;
///
/// type Net = Sequential![Linear<4, 8>, BatchNorm1d<8>, Relu, Dropout, Linear<8, 1>];
/// let rng = &mut SmallRng::seed_from_u64(0);
/// let (x, y) = (Tensor::<[[f32; 4]; 16]>::randn(rng), Tensor::<[[f32; 1]; 16]>::randn(rng));
/// let train = |net: &mut Net, adam: &mut Adam<Net>, steps| {
///     for _ in 0..steps {
///         let (_, grads) = net.gradients(&x, |p| mse_loss(p, &y, Reduction::Mean));
///         adam.step(net, &grads);
///     }
/// };
/// # let folder = std::env::temp_dir().join(format!("adamant-checkpoint-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let path = folder.join("run.safetensors");
/// let mut net = Net::init(rng);
/// let mut adam = Adam::new(&net).lr(1e-2);
/// train(&mut net, &mut adam, 5);
/// adam.checkpoint(&net, &path)?;
/// train(&mut net, &mut adam, 5);
///
/// // Another day.
/// let mut again = Net::BLANK;
/// let mut adam = Adam::new(&again).lr(1e-2);
/// adam.resume(&mut again, &path)?;
/// train(&mut again, &mut adam, 5);
/// assert_eq!(again, net);
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias("state_dict", "load_state_dict", "save", "load", "resume"))]
pub trait Checkpoint<M: Parameters>: Optimizer<M> + Sized {
    /// Saves the model and what this optimiser keeps, atomically, as [`StateDict::save`](super::StateDict::save).
    ///
    /// # Errors
    /// What the operating system says, with the path.
    #[cfg(feature = "std")]
    #[doc(alias("save", "torch.save", "state_dict"))]
    fn checkpoint(&self, model: &M, path: impl AsRef<Path>) -> io::Result<()> {
        super::disk::save(&Training(model, self), path.as_ref())
    }

    /// Takes up what [`checkpoint`](Self::checkpoint) saved.
    ///
    /// # Errors
    /// Where the file cannot be read, is not well-formed, or is of another model or optimiser; both are as they were.
    #[cfg(feature = "std")]
    #[doc(alias("load", "torch.load", "load_state_dict"))]
    fn resume(&mut self, model: &mut M, path: impl AsRef<Path>) -> Result<(), LoadError> {
        super::disk::read(path.as_ref(), |bytes| self.resume_bytes(model, bytes))
    }

    /// As [`checkpoint`](Self::checkpoint) into a buffer, of which it gives the part that the file takes.
    ///
    /// # Errors
    /// Where the buffer is shorter than [`checkpoint_len`](Self::checkpoint_len); nothing is written to it then.
    fn checkpoint_bytes<'b>(&self, model: &M, buffer: &'b mut [u8]) -> Result<&'b mut [u8], TooShort> {
        save::to_bytes(&Training(model, self), buffer)
    }

    /// As [`checkpoint`](Self::checkpoint), part by part to `sink`.
    ///
    /// # Errors
    /// The first that `sink` returns.
    fn checkpoint_to<E>(&self, model: &M, mut sink: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        save::to_sink(&Training(model, self), &mut sink)
    }

    /// How many bytes the file has.
    fn checkpoint_len(&self, model: &M) -> usize {
        save::len(&Training(model, self))
    }

    /// As [`resume`](Self::resume) from a file that is in memory.
    ///
    /// # Errors
    /// Where the file is not well-formed, or is of another model or optimiser; both are as they were.
    fn resume_bytes(&mut self, model: &mut M, bytes: &[u8]) -> Result<(), LoadError> {
        Load::new().into_contents(&mut TrainingMut(model, self), bytes)
    }
}

impl<M: Parameters, O: Optimizer<M>> Checkpoint<M> for O {}
