//! Losses: how far a prediction is from its target, and in which direction to mend it.
//!
//! | file | the loss |
//! |---|---|
//! | `mse.rs` | [`mse_loss()`]: squared error |
//! | `l1.rs` | [`l1_loss()`]: absolute error |
//! | `smooth_l1.rs` | [`smooth_l1_loss()`]: absolute error, rounded at 0 |
//! | `huber.rs` | [`huber_loss()`]: squared error, straight where it is large |
//! | `binary_cross_entropy.rs` | [`binary_cross_entropy()`] of probabilities, [`binary_cross_entropy_with_logits()`] |
//! | `soft_margin.rs` | [`soft_margin_loss()`]: two classes, -1 and 1 |
//! | `kl_div.rs` | [`kl_div()`]: Kullback–Leibler divergence |
//! | `poisson_nll.rs` | [`poisson_nll_loss()`]: counts, from their rate |
//! | `gaussian_nll.rs` | [`gaussian_nll_loss()`]: a mean and a variance |
//! | `cross_entropy.rs` | [`cross_entropy()`], [`cross_entropy_smooth()`]: many classes, from logits |
//! | `nll.rs` | [`nll_loss()`]: many classes, from log-probabilities |
//! | `multi_margin.rs` | [`multi_margin_loss()`]: many classes, from scores |
//! | `ctc.rs` | [`ctc_loss()`]: sequences of labels whose places are not known |
//! | `margin_ranking.rs` | [`margin_ranking_loss()`]: which of two is to be larger |
//! | `hinge_embedding.rs` | [`hinge_embedding_loss()`]: distances of like and unlike pairs |
//! | `cosine_embedding.rs` | [`cosine_embedding_loss()`]: angles of like and unlike pairs |
//! | `triplet_margin.rs` | [`triplet_margin_loss()`]: what is alike is to be nearer than what is not |
//! | `element.rs` | [`ElementLoss`]: a loss of your own, element by element |
//! | `class.rs`, `weight.rs` | [`ClassTarget`], [`Weights`] and [`PosWeights`]: which targets and weights fit which prediction |
//! | `joint.rs` | losses of several predictions |
//! | `operation.rs` | the same losses as steps of a [`#[forward]`](macro@crate::forward) function |
//! | `settings.rs` | the values that hold the settings of a loss |
//! | `prediction.rs`, `reduction.rs` | [`Prediction`] and [`Reduction`]: the first and the last argument of every loss |
//!
//! Every loss is called alike, `loss(prediction, &target, reduction)`:
//!
//! - A prediction `&mut Tensor<S>`, as [`gradients`](crate::nn::Backprop::gradients) lends it, is overwritten by the loss's
//!   gradient with respect to it, and the result is a [`Loss`](crate::nn::Loss), which says so. A prediction `&Tensor<S>` is only
//!   read: evaluation, and the result is a plain value.
//! - [`Reduction::Mean`] and [`Reduction::Sum`] give a number, [`Reduction::None`] a tensor of losses: the reduction is a type,
//!   and decides the type of the result. With `None` the gradient is that of the *sum* of the losses.
//! - NaN and infinities in a prediction or a target reach the loss and the gradient, but for an infinity that the target gives no
//!   weight: the logit −∞ of a class with probability 0. Nothing here panics.
//! - A loss of several predictions takes them one after the other, `gaussian_nll_loss(mean, variance, &target, reduction)`, and writes
//!   a gradient over each that is given as `&mut`.
//!
//! ```
//! use adamant::prelude::*;
//! let y = Tensor([1.0f32, 2.0]);
//! let mut p = Tensor([1.5, 0.0]);
//! let error: f32 = mse_loss(&p, &y, Reduction::Mean); // only read
//! let errors: Tensor<[f32; 2]> = mse_loss(&p, &y, Reduction::None);
//! assert_eq!((error, errors), (2.125, Tensor([0.25, 4.0])));
//! assert!(mse_loss(&mut p, &y, Reduction::Mean) == 2.125);
//! assert_eq!(p, Tensor([0.5, -2.0])); // overwritten by the gradient
//! ```
//!
//! # Settings
//!
//! A loss that PyTorch gives optional arguments has a value that holds them, named as PyTorch's class without its `Loss`. Its method
//! `loss` takes what the function takes, so a setting is written where it is wanted, by its name, and no function has arguments that
//! few need; the function is the value as it is made by `new`.
//!
//! ```
//! use adamant::prelude::*;
//! let x = Tensor([[1.0f32, 2.0, 0.5], [0.0, 1.0, 3.0]]);
//! let weights = Tensor([1.0, 1.0, 4.0]); // of the classes
//! let criterion = CrossEntropy::new().weight(&weights).ignore_index(-100).label_smoothing(0.1);
//! let loss = criterion.loss(&x, &[2i64, -100], Reduction::Mean);
//! let plain = CrossEntropy::new().loss(&x, &[2u8, 0], Reduction::Mean);
//! assert_eq!(plain, cross_entropy(&x, &[2u8, 0], Reduction::Mean));
//! # assert!(loss.is_finite());
//! ```
//!
//! # Weighted losses
//!
//! Weights of classes are a setting. Of rows or elements: each row's gradient times its weight is the gradient of the weighted sum:
//!
//! ```
//! use adamant::prelude::*;
//! let rng = &mut SmallRng::seed_from_u64(0);
//! let model = Linear::<4, 3>::init(rng);
//! let x = Tensor::<[[f32; 4]; 2]>::randn(rng);
//! let weights = Tensor([1.0f32, 0.25]);
//! let (loss, grads) = model.gradients(&x, |p| {
//!     Loss::by_hand(p, |p| {
//!         let losses = cross_entropy(&mut *p, &[2u8, 0], Reduction::None);
//!         for (row, weight) in p.rows_mut().zip(&weights) {
//!             row.map_in_place(|g| g * weight);
//!         }
//!         losses.dot(&weights)
//!     })
//! });
//! # let _ = (loss, grads);
//! ```

mod class;
mod cosine_embedding;
mod ctc;
mod element;
mod gaussian_nll;
mod hinge_embedding;
mod huber;
mod joint;
mod l1;
mod margin_ranking;
mod mse;
mod multi_margin;
mod nll;
mod operation;
mod poisson_nll;
mod prediction;
mod reduction;
mod settings;
mod smooth_l1;
mod soft_margin;
mod triplet_margin;
mod weight;

// The operation has the file's name in the namespace that modules share.
#[path = "binary_cross_entropy.rs"]
mod binary_cross_entropy_loss;
#[path = "cross_entropy.rs"]
mod cross_entropy_loss;
#[path = "kl_div.rs"]
mod kl_div_loss;

pub use binary_cross_entropy_loss::{BceWithLogits, binary_cross_entropy, binary_cross_entropy_with_logits};
pub use class::{ClassIndices, ClassTarget};
pub use cosine_embedding::{CosineEmbedding, cosine_embedding_loss};
pub use cross_entropy_loss::{CrossEntropy, cross_entropy, cross_entropy_smooth};
pub use ctc::{Ctc, SequenceLengths, SequenceTarget, Sequences, ctc_loss};
pub use element::{ElementLoss, element_loss};
pub use gaussian_nll::{GaussianNll, gaussian_nll_loss};
pub use hinge_embedding::{HingeEmbedding, hinge_embedding_loss};
pub use huber::huber_loss;
pub use kl_div_loss::{kl_div, kl_div_log_target};
pub use l1::l1_loss;
pub use margin_ranking::{MarginRanking, margin_ranking_loss};
pub use mse::mse_loss;
pub use multi_margin::{MultiMargin, multi_margin_loss};
pub use nll::{Nll, nll_loss};
pub use operation::*;
pub use poisson_nll::{PoissonNll, poisson_nll_loss};
pub use prediction::Prediction;
pub use reduction::{Reduce, Reduction};
pub use smooth_l1::smooth_l1_loss;
pub use soft_margin::soft_margin_loss;
pub use triplet_margin::{TripletMargin, triplet_margin_loss};
pub use weight::{PosWeights, Weights};
