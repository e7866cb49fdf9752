//! tmp
mod schedule;
pub use schedule::*;
