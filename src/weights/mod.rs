//! Files and bytes to models and back: [safetensors](https://github.com/huggingface/safetensors), with PyTorch's names and layouts.
//!
//! `net.save("net.safetensors")?` and `Net::load("net.safetensors")?` are [`StateDict`], `adam.checkpoint(&net, path)?` and
//! `adam.resume(&mut net, path)?` are [`Checkpoint`]; [`Load`] has the settings. A wrong file is a [`LoadError`], which names the
//! tensor, and changes nothing.
//!
//! | file | what it holds |
//! |---|---|
//! | `state_dict.rs`, `checkpoint.rs` | [`StateDict`], [`Checkpoint`]: the methods that a user calls |
//! | `load.rs` | [`Load`]: every tensor is looked for and checked, then all are written |
//! | `save.rs` | the header, then the numbers, part by part to whatever takes bytes |
//! | `disk.rs` | files that are replaced as a whole (`std`) |
//! | `header.rs`, `json.rs`, `dtype.rs` | [`SafeTensors`]: the format, from a slice of bytes |
//! | `contents.rs` | what a file holds: a model, or a model in training |
//! | `names.rs`, `layout.rs` | the file's names of a model's tensors, and the order of their numbers |
//! | `error.rs` | [`LoadError`] |
//! | `constant.rs` | what [`weights!`](crate::weights!) expands to: a model in a constant |
//!
//! # What is written once, elsewhere
//!
//! A tensor's name is that of its fields, `#[module(name = "…")]` gives another; that PyTorch stores it transposed says
//! `#[module(transposed)]`. Both are in the [`Name`](crate::nn::Name) that a walk through the model gives
//! ([`is_transposed`](crate::nn::Name::is_transposed)), and nothing here knows a layer.

mod checkpoint;
#[doc(hidden)]
pub mod constant;
mod contents;
#[cfg(feature = "std")]
mod disk;
mod dtype;
mod error;
mod header;
mod json;
mod layout;
mod load;
mod names;
mod save;
mod state_dict;

pub use checkpoint::Checkpoint;
pub use dtype::Dtype;
pub use error::{LoadError, Problem};
pub use header::{SafeTensors, Stored};
pub use json::Quoted;
pub use load::Load;
pub use save::TooShort;
pub use state_dict::StateDict;
