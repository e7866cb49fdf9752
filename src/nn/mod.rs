//! Layers: one file each.
//!
//! The traits stand in `module.rs` ([`Parameters`], [`Module`], [`Backprop`], [`Gradients`]), what may be a layer's field in
//! `param.rs`, `running.rs` and `stateless.rs`, chains and collections in `sequential.rs`.

mod activation;
mod affine;
mod batch_norm;
mod bias;
mod count;
#[doc(hidden)]
pub mod describe;
mod dropout;
mod flatten;
mod fold;
mod frozen;
mod glu;
mod group_norm;
mod identity;
mod instance_norm;
mod layer_norm;
mod linear;
mod module;
mod name;
mod param;
mod pixel_shuffle;
mod prelu;
mod reshape;
mod residual;
mod rms_norm;
mod running;
mod sequential;
mod softmax;
pub(crate) mod stateless;
mod summary;
mod upsample;
mod visit;

pub use activation::*;
pub use affine::{Affine, AffineOption, AffineParam, NoAffine};
pub use batch_norm::{BatchNorm1d, BatchNorm2d};
pub use bias::{Bias, BiasOption, BiasParam, NoBias};
pub use count::{Evaluate, Flat, Nothing, Of, Plus, Times};
pub use dropout::Dropout;
pub use flatten::Flatten;
pub use fold::Fold;
pub use frozen::Frozen;
pub use glu::Glu;
pub use group_norm::GroupNorm;
pub use identity::Identity;
pub use instance_norm::InstanceNorm2d;
pub use layer_norm::LayerNorm;
pub use linear::Linear;
pub use module::{Backprop, Gradients, Grads, Module, Parameters, Printed};
pub use name::Name;
pub use param::Param;
pub use pixel_shuffle::PixelShuffle;
pub use prelu::PRelu;
pub use reshape::Reshape;
pub use residual::Residual;
pub use rms_norm::RMSNorm;
pub use running::{Observed, Running};
pub use sequential::Sequential;
pub use softmax::{LogSoftmax, Softmax};
pub use summary::{LayerSummary, LayerVisitor, Summary};
pub use upsample::Upsample;
pub use visit::{Info, Kind, Update, Visitor, VisitorMut, Zip};
