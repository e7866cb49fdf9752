//! What a page or Node calls: functions of numbers, and places in the module's memory.

#![cfg_attr(target_arch = "wasm32", no_std)]

#[cfg(feature = "exact")]
mod exact;
#[cfg(any(feature = "inference", feature = "training"))]
mod inference;
#[cfg(feature = "training")]
mod learner;
#[cfg(feature = "training")]
mod training;

#[cfg(target_arch = "wasm32")]
use panic_never as _;
