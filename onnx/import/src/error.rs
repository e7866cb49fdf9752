//! What is wrong with a file, or beyond what can be written.

use std::fmt::{self, Display, Formatter};

/// Why there is no source: where, what, and what to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Error {
    place: String,
    what: String,
    help: Option<String>,
}

/// What most functions here return.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Something about the file as a whole.
    pub(crate) fn file(what: impl Into<String>) -> Self {
        Self { place: String::new(), what: what.into(), help: None }
    }

    /// The same error, of a place if it has none yet.
    pub(crate) fn at(mut self, place: impl FnOnce() -> String) -> Self {
        if self.place.is_empty() {
            self.place = place();
        }
        self
    }

    /// The same error with what to do.
    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// The node, the tensor or the input that the error is about; nothing for the file as a whole.
    pub fn place(&self) -> &str {
        &self.place
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        f.write_str(&self.what)?;
        match &self.help {
            Some(help) => write!(f, "\nhelp: {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

/// Returns an error with such a text.
macro_rules! bail {
    ($($format:tt)*) => { return Err($crate::error::Error::file(format!($($format)*))) };
}

pub(crate) use bail;
