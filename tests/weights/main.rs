//! Weight files: PyTorch's, adamant's own, the Rust crate's, Python's, and ones that are none.
//!
//! `tests/models/` holds small models that were trained in PyTorch, and what they answer (`README.md` there says more).

mod constant;
mod files;
mod interrupted;
mod malformed;
mod models;
mod mutations;
mod options;
mod python;
mod resume;
mod round_trip;
