//! From the bytes of an ONNX file to Rust source and a safetensors file, for [`adamant-onnx`](https://docs.rs/adamant-onnx)'s command and
//! macro.
//!
//! | file | what it does |
//! |---|---|
//! | `proto.rs` | the messages that a file is made of |
//! | `tensor.rs`, `fold.rs` | what is known when the file is read, and the arithmetic of shapes |
//! | `graph.rs`, `lower/` | nodes, and what each of them means in adamant's terms |
//! | `ir.rs` | these terms: layers, methods and operators on values whose sizes are known |
//! | `patterns.rs` | what exporters write in several operations, and a person would call by one name |
//! | `batch.rs` | whether the batch may be of any size |
//! | `write/` | structs, chains and forward passes |
//! | `safetensors.rs` | the weights' file |

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod batch;
mod error;
mod fold;
mod graph;
mod ir;
mod lower;
mod patterns;
#[doc(hidden)] // for tests, which break files on purpose
#[allow(missing_docs, reason = "the format's documentation says what each field is")]
pub mod proto;
mod safetensors;
mod tensor;
mod write;

use std::path::Path;

use prost::Message;

pub use error::{Error, Result};
use ir::Program;
use lower::Sizes;
use proto::ModelProto;

/// How a file is read, and what is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Import {
    name: String,
    sizes: Vec<(String, usize)>,
}

/// A model as source, and its weights.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Imported {
    /// Rust source: a type of the model's name and what it is made of.
    pub source: String,
    /// A safetensors file of that type.
    pub weights: Vec<u8>,
    /// The other files that weights were read from, as the model names them: relative to its folder.
    pub others: Vec<String>,
}

impl Import {
    /// For a model of this name, which has to be one of a type: `Net`.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), sizes: vec![] }
    }

    /// What a size is that the file calls by a name: `size("sequence", 32)`. (The outermost size of an input is a batch, which needs
    /// none.)
    pub fn size(mut self, name: impl Into<String>, size: usize) -> Self {
        self.sizes.push((name.into(), size));
        self
    }

    /// Reads a file. Weights that lie in other files are looked for in its folder.
    ///
    /// # Errors
    /// What is wrong with the file, or not supported: which node, which operation, and what to do.
    pub fn file(&self, path: impl AsRef<Path>) -> Result<Imported> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(|e| Error::file(format!("`{}` cannot be read: {e}", path.display())))?;
        self.read(&bytes, Some(path.parent().unwrap_or(Path::new(""))))
    }

    /// Reads the bytes of a file that holds all its weights.
    ///
    /// # Errors
    /// As [`file`](Self::file).
    pub fn bytes(&self, bytes: &[u8]) -> Result<Imported> {
        self.read(bytes, None)
    }

    fn read(&self, bytes: &[u8], folder: Option<&Path>) -> Result<Imported> {
        check_name(&self.name)?;
        let model = ModelProto::decode(bytes)
            .map_err(|e| Error::file(format!("it is no ONNX file, or a part of one: {e}")).help("is it cut short?"))?;
        let first = self.import(&model, folder, BATCHES[0])?;
        // A size that is not known must not show in what is written: it would be that of the number tried.
        let second = self.import(&model, folder, BATCHES[1])?;
        match first == second {
            true => Ok(first),
            false => Err(Error::file("the batch's size, which the file does not say, shows in what it computes")
                .help("say how large it is, `--size N=1` by its name in the file, or export with fixed shapes")),
        }
    }

    fn import(&self, model: &ModelProto, folder: Option<&Path>, batch: usize) -> Result<Imported> {
        let mut program = lower::lower(model, folder, &Sizes { given: &self.sizes, batch })?;
        patterns::recognise(&mut program);
        program.sweep();
        check(&program)?;
        let found = batch::find(&mut program);
        let is_unknown = program.inputs.iter().any(|&id| program.dims(id).first() == Some(&batch));
        if let (Err(index), true) = (found, is_unknown) {
            let place = program.steps.get(index).map(|step| step.place.clone()).unwrap_or_default();
            return Err(Error::file("it does not keep the samples of a batch apart, whose size the file does not say")
                .at(|| place)
                .help("say how large the batch is, `--size N=1` by its name in the file, or export with fixed shapes"));
        }
        write::place_unnamed(&mut program);
        let written = write::write(&program, &self.name);
        Ok(Imported { source: written.source, weights: safetensors::write(&written.tensors), others: others(model) })
    }
}

/// The files beside a model that hold its initialisers.
fn others(model: &ModelProto) -> Vec<String> {
    let initialisers = model.graph.iter().flat_map(|graph| &graph.initializer).filter(|tensor| tensor.data_location == 1);
    let locations = initialisers.flat_map(|tensor| &tensor.external_data).filter(|entry| entry.key == "location");
    let mut others: Vec<String> = locations.map(|entry| entry.value.clone()).collect();
    others.sort();
    others.dedup();
    others
}

/// Two sizes that are tried where the file says none; numbers that hardly stand in a model for something else.
const BATCHES: [usize; 2] = [11, 13];

fn check_name(name: &str) -> Result<()> {
    let is_type = name.starts_with(|c: char| c.is_ascii_uppercase()) && name.chars().all(|c| c.is_ascii_alphanumeric());
    match is_type && name != "Self" && name.len() <= 64 {
        true => Ok(()),
        false => Err(Error::file(format!("`{name}` is no name of a type"))
            .help("a name such as `Net`: letters and digits, the first a capital")),
    }
}

/// Refuses what no pattern has taken in, and weights that are no floats.
fn check(program: &Program) -> Result<()> {
    for step in &program.steps {
        let own = if let ir::Op::Layer(layer) = &step.op { &layer.tensors[..] } else { &[] };
        let given = step.args.iter().filter_map(|arg| if let ir::Arg::Tensor(tensor, _) = arg { Some(tensor) } else { None });
        for tensor in own.iter().map(|(_, tensor)| tensor).chain(given) {
            tensor.floats().map_err(|e| e.at(|| step.place.clone()))?;
        }
        let what = match &step.op {
            ir::Op::Pad { .. } => "padding stands before no convolution",
            ir::Op::Unary { method, .. } if method == "erf()" => "an error function that is no part of GELU",
            ir::Op::Compare | ir::Op::Where => "a choice that depends on values, and is none of an activation's",
            _ => continue,
        };
        return Err(Error::file(format!("{what}, and that is not supported")).at(|| step.place.clone()));
    }
    if program.steps.is_empty() {
        return Err(Error::file("its outputs are its inputs: there is nothing to compute"));
    }
    Ok(())
}
