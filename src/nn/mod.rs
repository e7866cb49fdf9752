//! Layers: one file each.
//!
//! The traits stand in `module.rs` ([`Parameters`], [`Module`], [`Backprop`], [`Gradients`]), what may be a layer's field in
//! `param.rs` and `stateless.rs`, chains and collections in `sequential.rs`.

mod activation;
mod bias;
mod count;
#[doc(hidden)]
pub mod describe;
mod dropout;
mod frozen;
mod glu;
mod identity;
mod linear;
mod module;
mod name;
mod param;
mod prelu;
mod residual;
mod sequential;
mod setting;
mod softmax;
pub(crate) mod stateless;
mod summary;
mod visit;

pub use activation::*;
pub use bias::{Bias, BiasOption, BiasParam, NoBias};
pub use count::{Evaluate, Flat, Nothing, Of, Plus, Times};
pub use dropout::Dropout;
pub use frozen::Frozen;
pub use glu::Glu;
pub use identity::Identity;
pub use linear::Linear;
pub use module::{Backprop, Gradients, Grads, Module, Parameters, Printed};
pub use name::Name;
pub use param::Param;
pub use prelu::PRelu;
pub use residual::Residual;
pub use sequential::Sequential;
#[doc(hidden)]
pub use setting::{Setting, setting};
pub use softmax::{LogSoftmax, Softmax};
pub use summary::{LayerSummary, LayerVisitor, Summary};
pub use visit::{Info, Kind, Update, Visitor, VisitorMut, Zip};
