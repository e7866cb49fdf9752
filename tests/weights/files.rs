//! Files for tests: those of `tests/models`, ones made of a header and data, and a folder to write to.

use std::path::{Path, PathBuf};

use adamant::prelude::*;

/// The path of `tests/models/NAME.safetensors`.
pub fn model_path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/models/{name}.safetensors"))
}

/// Its bytes.
pub fn model_bytes(name: &str) -> Vec<u8> {
    let path = model_path(name);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// A file of this header and these data.
pub fn file(header: &str, data: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), data].concat()
}

/// The file of a model.
pub fn saved(model: &impl StateDict) -> Vec<u8> {
    let mut bytes = vec![0; model.saved_len()];
    assert_eq!(model.save_bytes(&mut bytes).unwrap().len(), model.saved_len());
    bytes
}

/// A folder of this test's own, which goes with it.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(test: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("adamant-{test}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The names of all files in it.
    pub fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
