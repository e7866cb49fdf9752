//! What several tests need.
#![allow(dead_code, reason = "each test uses a part")]

use std::path::PathBuf;

use adamant::prelude::*;
use adamant::weights::SafeTensors;

/// A file beside the tests.
pub fn path(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", name].iter().collect()
}

pub fn bytes(name: &str) -> Vec<u8> {
    let path = path(name);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// A number out of a file.
pub trait Number: adamant::Element {
    fn read(bytes: &[u8]) -> Vec<Self>;
}

impl Number for f32 {
    fn read(bytes: &[u8]) -> Vec<Self> {
        bytes.as_chunks().0.iter().map(|&chunk| Self::from_le_bytes(chunk)).collect()
    }
}

impl Number for i64 {
    fn read(bytes: &[u8]) -> Vec<Self> {
        bytes.as_chunks().0.iter().map(|&chunk| Self::from_le_bytes(chunk)).collect()
    }
}

/// A tensor of a safetensors file.
pub fn tensor<S: adamant::Shape<Elem: Number>>(file: &[u8], name: &str) -> Tensor<S> {
    let file = SafeTensors::parse(file).unwrap();
    let stored = file.tensors().find(|tensor| tensor.name().to_string() == name).unwrap();
    let numbers = S::Elem::read(stored.bytes());
    Tensor::from_slice(&numbers).unwrap()
}

/// Checks an output of a model to 10⁻⁵.
pub fn check<S: adamant::Shape<Elem = f32>>(model: &str, expected: &[u8], name: &str, output: &Tensor<S>) {
    let expected = tensor::<S>(expected, name);
    assert!(output.all_close(&expected, 1e-5, 1e-5), "{model}, {name}:\n{output}\n{expected}");
}
