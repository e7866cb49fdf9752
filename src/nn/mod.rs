//! Layers: one file each.
//!
//! The traits stand in `module.rs` ([`Parameters`], [`Module`], [`Backprop`], [`Gradients`]), what may be a layer's field in
//! `param.rs` and `stateless.rs`, chains and collections in `sequential.rs`.

mod activation;
mod adaptive_avg_pool2d;
mod avg_pool1d;
mod avg_pool2d;
mod bias;
mod conv1d;
mod conv2d;
mod conv_transpose2d;
mod convolution;
mod count;
#[doc(hidden)]
pub mod describe;
mod dropout;
mod frozen;
mod global_pool2d;
mod identity;
mod linear;
mod max_pool1d;
mod max_pool2d;
mod module;
mod name;
pub mod options;
mod param;
mod pooling;
mod residual;
mod sequential;
pub(crate) mod stateless;
mod visit;

pub use activation::*;
pub use adaptive_avg_pool2d::AdaptiveAvgPool2d;
pub use avg_pool1d::{AvgPool1d, AvgPool1dOptions};
pub use avg_pool2d::{AvgPool2d, AvgPool2dOptions};
pub use bias::{Bias, BiasOption, BiasParam, NoBias};
pub use conv_transpose2d::{ConvTranspose2d, ConvTranspose2dOptions};
pub use conv1d::{Conv1d, Conv1dOptions};
pub use conv2d::{Conv2d, Conv2dOptions};
pub use count::{Evaluate, Flat, Nothing, Of, Plus, Times};
pub use dropout::Dropout;
pub use frozen::Frozen;
pub use global_pool2d::{GlobalAvgPool2d, GlobalMaxPool2d};
pub use identity::Identity;
pub use linear::Linear;
pub use max_pool1d::{MaxPool1d, MaxPool1dOptions};
pub use max_pool2d::{MaxPool2d, MaxPool2dOptions};
pub use module::{Backprop, Gradients, Grads, Module, Parameters, Printed};
pub use name::Name;
pub use options::{
    Circular, Depthwise, Dilation, ExcludePad, Groups, KernelWidth, OutputPadding, Padding, Reflect, Replicate, Same, Stride,
    Zeros,
};
pub use param::Param;
pub use residual::Residual;
pub use sequential::Sequential;
pub use visit::{Info, Kind, Update, Visitor, VisitorMut, Zip};
