//! Models out of files.
//!
//! | file | what it holds |
//! |---|---|
//! | `constant.rs` | what [`weights!`](crate::weights!) expands to: a model out of a file's bytes when a program is compiled |

#[doc(hidden)]
pub mod constant;
