//! From samples in memory to batches, and from predictions to a score.
//!
//! | file | what it holds |
//! |---|---|
//! | `batches.rs` | [`Batches`]: an epoch of batches of a size known by type |
//! | `chunks.rs` | [`Chunks`]: a model on any number of samples |
//! | `parallel.rs` | the gradients of [`Chunks`] on all threads (feature `rayon`) |
//! | `sample.rs` | [`Sample`]: what samples become side by side in a batch |
//! | `permutation.rs` | [`Permutation`]: a random order that takes no memory |
//! | `class.rs` | [`ClassIndex`]: integers as class labels |
//! | `metrics.rs` | [`accuracy`], [`ConfusionMatrix`] |

mod batches;
mod chunks;
mod class;
mod metrics;
#[cfg(feature = "rayon")]
mod parallel;
mod permutation;
mod sample;

pub use batches::Batches;
pub use chunks::Chunks;
pub use class::ClassIndex;
pub use metrics::{ConfusionMatrix, accuracy};
pub use permutation::Permutation;
pub use sample::Sample;
