#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub use adamant_onnx_import::{Error, Import, Imported, Result};
#[doc(inline)]
pub use adamant_onnx_macro::onnx;
