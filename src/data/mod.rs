//! tmp
mod class;

pub use class::ClassIndex;
