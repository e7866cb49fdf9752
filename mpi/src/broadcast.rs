//! What rank 0 has, on every rank: a model in training, a checkpoint.

use std::convert::Infallible;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use adamant::nn::Parameters;
use adamant::optim::Optimizer;
use adamant::weights::Checkpoint;

use crate::{Error, World, wire};

/// What rank 0 tells the others.
enum Told {
    /// Nothing: it worked, or there is no file.
    Nothing,
    /// A file's bytes.
    Bytes(Vec<u8>),
    /// What did not work.
    Error(String),
}

impl World {
    /// Gives every rank what rank 0 has: the model with its statistics and random streams, and what the optimiser keeps. Settings (rates,
    /// probabilities) are the program's.
    ///
    /// # Errors
    /// Where a rank has another model or optimiser.
    pub fn broadcast<M: Parameters, O: Optimizer<M>>(&self, model: &mut M, optimizer: &mut O) -> Result<(), Error> {
        if self.size() == 1 {
            return Ok(());
        }
        let told = self.tell(|| {
            let mut bytes = Vec::new();
            let Ok(()) = optimizer.checkpoint_to(model, |part| -> Result<(), Infallible> {
                bytes.extend_from_slice(part);
                Ok(())
            });
            Told::Bytes(bytes)
        });
        take(told, model, optimizer).map(|_| ())
    }

    /// Rank 0 saves model and optimiser ([`Checkpoint::checkpoint`]): whoever looks at the path finds the old file or the new one, whole,
    /// whatever happens. The others wait until it is there.
    ///
    /// # Errors
    /// Where rank 0 cannot write it.
    pub fn checkpoint<M: Parameters, O: Optimizer<M>>(
        &self,
        model: &M,
        optimizer: &O,
        path: impl AsRef<Path>,
    ) -> Result<(), Error> {
        let told = self
            .tell(|| optimizer.checkpoint(model, path).map_or_else(|error| Told::Error(error.to_string()), |()| Told::Nothing));
        match told {
            Told::Error(text) => Err(Error::File(text)),
            Told::Nothing | Told::Bytes(_) => Ok(()),
        }
    }

    /// Takes up what [`checkpoint`](Self::checkpoint) saved, also on another number of ranks, and says whether there is such a file. Only
    /// rank 0 reads it. [`Optimizer::steps`] says how far training was.
    ///
    /// # Errors
    /// Where the file cannot be read, is not well-formed, or is of another model or optimiser; both are as they were.
    pub fn resume<M: Parameters, O: Optimizer<M>>(
        &self,
        model: &mut M,
        optimizer: &mut O,
        path: impl AsRef<Path>,
    ) -> Result<bool, Error> {
        let path = path.as_ref();
        let told = self.tell(|| match fs::read(path) {
            Ok(bytes) => Told::Bytes(bytes),
            Err(error) if error.kind() == ErrorKind::NotFound => Told::Nothing,
            Err(error) => Told::Error(error.to_string()),
        });
        take(told, model, optimizer).map_err(|error| Error::File(format!("{}: {error}", path.display())))
    }

    /// Lets rank 0 do something, and tells the others.
    fn tell(&self, f: impl FnOnce() -> Told) -> Told {
        let told = if self.is_root() { f() } else { Told::Nothing };
        if self.size() == 1 {
            return told;
        }
        let bytes = told.into_bytes();
        Told::from_bytes(self.call("a word from rank 0", move |comm| wire::broadcast(comm, bytes)))
    }
}

/// Takes up a file's bytes, if there are any.
fn take<M: Parameters, O: Optimizer<M>>(told: Told, model: &mut M, optimizer: &mut O) -> Result<bool, Error> {
    match told {
        Told::Nothing => Ok(false),
        Told::Error(text) => Err(Error::File(text)),
        Told::Bytes(bytes) => {
            optimizer.resume_bytes(model, &bytes).map(|()| true).map_err(|error| Error::File(error.to_string()))
        }
    }
}

/// The last byte says what the others are.
impl Told {
    fn into_bytes(self) -> Vec<u8> {
        let (mut bytes, kind) = match self {
            Self::Nothing => (Vec::new(), 0),
            Self::Bytes(bytes) => (bytes, 1),
            Self::Error(text) => (text.into_bytes(), 2),
        };
        bytes.push(kind);
        bytes
    }

    fn from_bytes(mut bytes: Vec<u8>) -> Self {
        match bytes.pop() {
            Some(1) => Self::Bytes(bytes),
            Some(2) => Self::Error(String::from_utf8_lossy(&bytes).into_owned()),
            _ => Self::Nothing,
        }
    }
}
