//! Layers: one file each.
//!
//! The traits stand in `module.rs` ([`Parameters`], [`Module`], [`Backprop`], [`Gradients`]), what may be a layer's field in
//! `param.rs`, `running.rs` and `stateless.rs`, chains and collections in `sequential.rs`, structs of layers in `fields.rs`, what every
//! layer around another has in common in `wrapper.rs`.

mod activation;
mod adaptive_avg_pool2d;
mod affine;
mod avg_pool1d;
mod avg_pool2d;
mod batch_norm;
mod bias;
mod bilinear;
mod borrowed;
mod chained;
mod conv1d;
mod conv2d;
mod conv_transpose1d;
mod conv_transpose2d;
mod convolution;
mod count;
#[doc(hidden)]
pub mod describe;
mod dropout;
mod embedding;
#[doc(hidden)]
pub mod fields;
mod flatten;
mod fold;
mod formula;
mod frozen;
mod global_pool2d;
mod glu;
mod group_norm;
mod gru;
mod identity;
#[doc(hidden)]
pub mod inside;
mod inspect;
mod instance_norm;
mod kept;
mod last_step;
mod layer;
mod layer_norm;
#[doc(hidden)]
pub mod layout;
mod lent;
mod linear;
mod loss;
mod lstm;
mod max_pool1d;
mod max_pool2d;
mod module;
mod multihead_attention;
mod name;
mod noise;
mod optional;
pub mod options;
mod options_trait;
mod param;
mod pixel_shuffle;
mod pooling;
mod positions;
mod prelu;
mod probe;
mod random;
mod recurrent;
mod reshape;
mod residual;
mod rms_norm;
mod rnn;
mod running;
mod scaled_dot_product_attention;
mod sequential;
mod setting;
mod softmax;
pub(crate) mod stateless;
mod summary;
mod transformer;
mod transpose;
mod upsample;
mod upsample_bilinear;
mod upsample_linear;
mod upsampling;
mod visit;
mod watch;
mod wrapper;

pub use crate::simd::recurrent::{GruUnit, LstmUnit, ReluUnit, TanhUnit};
pub use activation::*;
pub use adaptive_avg_pool2d::AdaptiveAvgPool2d;
pub use affine::{Affine, AffineOption, AffineParam, NoAffine};
pub use avg_pool1d::{AvgPool1d, AvgPool1dOptions};
pub use avg_pool2d::{AvgPool2d, AvgPool2dOptions};
pub use batch_norm::{BatchNorm1d, BatchNorm2d};
pub use bias::{Bias, BiasOption, BiasParam, NoBias};
pub use bilinear::Bilinear;
pub use chained::Chained;
pub use conv_transpose1d::{ConvTranspose1d, ConvTranspose1dOptions};
pub use conv_transpose2d::{ConvTranspose2d, ConvTranspose2dOptions};
pub use conv1d::{Conv1d, Conv1dOptions};
pub use conv2d::{Conv2d, Conv2dOptions};
pub use count::{Evaluate, EvaluateState, Flat, FlatState, Nothing, Of, Plus, Times, Untrained};
pub use dropout::Dropout;
pub use embedding::{Embedding, PaddingIndex, PaddingOption};
pub use fields::Chainable;
pub use flatten::Flatten;
pub use fold::Fold;
pub use formula::{Argument, Role, Roles};
#[doc(hidden)]
pub use formula::{Differentiable, formula};
pub use frozen::Frozen;
pub use global_pool2d::{GlobalAvgPool2d, GlobalMaxPool2d};
pub use glu::Glu;
pub use group_norm::GroupNorm;
pub use gru::Gru;
pub use identity::Identity;
pub use inspect::Inspect;
pub use instance_norm::InstanceNorm2d;
pub use last_step::LastStep;
pub use layer::Layer;
pub use layer_norm::LayerNorm;
pub use layout::Layout;
pub use lent::Lent;
pub use linear::Linear;
pub use loss::{And, Gradient, Loss, LossOf, Outcome, Rescale, Weighted, Wrote};
pub use lstm::Lstm;
pub use max_pool1d::{MaxPool1d, MaxPool1dOptions};
pub use max_pool2d::{MaxPool2d, MaxPool2dOptions};
pub use module::{Backprop, Gradients, Grads, Module, Parameters, Printed};
pub use multihead_attention::{AttentionInput, KeyValueCache, MultiheadAttention, MultiheadAttentionOptions};
pub use name::{Name, Step};
pub use noise::{Gumbel, Noise, NoiseKind, Normal, Uniform};
pub use options::{
    AlignCorners, Bidirectional, Causal, CeilMode, Circular, Context, Depthwise, Dilation, ExcludePad, Groups, KernelWidth,
    Layers, NormFirst, OutputPadding, Padding, PaddingEnd, Recompute, Reflect, Replicate, Same, Scale, Size, Stride, Zeros,
};
pub use param::{Param, State};
pub use pixel_shuffle::PixelShuffle;
pub use positions::{LearnedPositions, RotaryPositions, SinusoidalPositions, Tokens};
pub use prelu::PRelu;
#[cfg(feature = "std")]
pub use probe::Print;
pub use probe::{Direction, Passing, Probe, StopAtNan};
pub use random::{Draws, RandomStream, Streams};
pub use recurrent::{
    Gated, GruCell, LengthError, Lengths, LstmCell, Recurrent, RecurrentCell, RecurrentInput, RnnCell, State as RecurrentState,
    StepState,
};
pub use reshape::Reshape;
pub use residual::Residual;
pub use rms_norm::RMSNorm;
pub use rnn::Rnn;
pub use running::{Observed, Running};
pub use scaled_dot_product_attention::ScaledDotProductAttention;
pub use sequential::Sequential;
#[doc(hidden)]
pub use setting::{Setting, setting};
pub use softmax::{LogSoftmax, Softmax};
pub use summary::{LayerSummary, LayerVisitor, Summary};
pub(crate) use transformer::Transforms;
pub use transformer::{
    DecoderCache, DecoderInput, EncoderInput, TransformerDecoder, TransformerDecoderLayer, TransformerDecoderLayerOptions,
    TransformerEncoder, TransformerEncoderLayer, TransformerEncoderLayerOptions,
};
pub use transpose::Transpose;
pub use upsample::Upsample;
pub use upsample_bilinear::{UpsampleBilinear, UpsampleBilinearOptions};
pub use upsample_linear::{UpsampleLinear, UpsampleLinearOptions};
pub use visit::{Info, Kind, Update, Visitor, VisitorMut, Zip};
pub use watch::Watch;
