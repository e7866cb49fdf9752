//! What the page that learns computes: two networks, their training, and a pen. It asks for nothing and has no allocator.
//!
//! | file | |
//! |---|---|
//! | `mlp`, `cnn` | the networks, as the page shows them |
//! | `digits`, `coder` | the images, packed |
//! | `learner` | a network, its training, what its types know of it |
//! | `run` | the curves |
//! | `picture` | weights to look at |
//! | `pen` | a drawing as an image |
//! | `page` | the functions that the page calls |

#![cfg_attr(target_arch = "wasm32", no_std)]

mod cnn;
mod coder;
mod digits;
mod learner;
mod mlp;
pub mod page;
mod pen;
mod picture;
mod run;
mod stack;

pub use cnn::Cnn;
pub use mlp::Mlp;

#[cfg(target_arch = "wasm32")]
use panic_never as _;
