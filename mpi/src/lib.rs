#![doc = include_str!("../README.md")]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod broadcast;
mod buckets;
mod data_parallel;
mod error;
mod evaluate;
mod flat;
mod row;
#[cfg(feature = "rayon")]
mod threads;
mod wire;
mod world;

pub use data_parallel::{DataParallel, Order};
pub use error::Error;
pub use world::World;

/// What travels between ranks: `f32` or `f64`.
pub trait Number: adamant::Float + mpi::traits::Equivalence {}

impl<T: adamant::Float + mpi::traits::Equivalence> Number for T {}
