//! [`LoadError`]: what is wrong with a file.

use core::fmt::{self, Display, Formatter};

#[cfg(feature = "alloc")]
use alloc::boxed::Box as Kept;

use super::Dtype;
use crate::shape::Dims;

/// What is wrong with a file, and with which of its tensors. The model is as it was before.
///
/// Printed it is one line: `` net.safetensors: tensor `0.weight`: expected the shape [32, 64], found [32, 65] ``. Shapes are those
/// of the file, so a weight of [`Linear`](crate::nn::Linear) has them as PyTorch does.
pub struct LoadError(Kept<Inner>);

/// Without an allocator an error stands where it is returned.
#[cfg(not(feature = "alloc"))]
struct Kept<T>(T);

#[cfg(not(feature = "alloc"))]
impl<T> Kept<T> {
    const fn new(inner: T) -> Self {
        Self(inner)
    }
}

#[cfg(not(feature = "alloc"))]
impl<T> core::ops::Deref for Kept<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

struct Inner {
    #[cfg(feature = "std")]
    path: Option<std::path::PathBuf>,
    tensor: Option<Label>,
    problem: Problem,
}

/// What can be wrong.
#[derive(Debug)]
#[non_exhaustive]
pub enum Problem {
    /// The file does not have the tensor.
    Missing,
    /// The file has the tensor, and the model has no place for it.
    LeftOver,
    /// The tensor has another shape.
    Shape {
        /// The model's, as the file would have it.
        expected: Dims,
        /// The file's.
        found: Dims,
    },
    /// The tensor has more dimensions than any model's.
    Dimensions {
        /// The model's shape, as the file would have it.
        expected: Dims,
        /// How many dimensions the file's has.
        found: usize,
    },
    /// The tensor's numbers are of another type.
    Dtype {
        /// The model's.
        expected: Dtype,
        /// The file's.
        found: Dtype,
    },
    /// The file has two tensors of this name.
    Duplicate,
    /// The file is shorter than its header says.
    Cut {
        /// How many bytes there must be.
        expected: u64,
        /// How many there are.
        found: usize,
    },
    /// The header is longer than 100 MB, which no file's is.
    TooLong {
        /// How long it says to be.
        bytes: u64,
    },
    /// The header is not what the format says.
    Header {
        /// The byte of the header that is wrong.
        at: usize,
        /// What would be right.
        expected: &'static str,
    },
    /// The tensor's shape and type take another number of bytes than it lies at.
    Bytes {
        /// As shape and type have it; `None` where that is past counting.
        expected: Option<usize>,
        /// As its offsets have it; `None` where it would end before it begins.
        found: Option<usize>,
    },
    /// The tensor does not begin where the one before it in the header ends.
    Gap {
        /// Where that one ends.
        expected: usize,
        /// Where the tensor begins.
        found: usize,
    },
    /// The tensors take another number of bytes than there are behind the header.
    End {
        /// The bytes up to where the last tensor ends.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// The file cannot be read.
    #[cfg(feature = "std")]
    Io(std::io::Error),
}

impl LoadError {
    /// A problem with the file as a whole.
    pub(super) fn new(problem: Problem) -> Self {
        Self::made(None, problem)
    }

    /// A problem with the tensor whose name `write` gives part by part.
    pub(super) fn of(write: impl FnOnce(&mut Label), problem: Problem) -> Self {
        let mut label = Label::EMPTY;
        write(&mut label);
        Self::made(Some(label), problem)
    }

    fn made(tensor: Option<Label>, problem: Problem) -> Self {
        Self(Kept::new(Inner {
            #[cfg(feature = "std")]
            path: None,
            tensor,
            problem,
        }))
    }

    /// The same of the file at a path.
    #[cfg(feature = "std")]
    pub(super) fn at(mut self, path: &std::path::Path) -> Self {
        self.0.path = Some(path.to_owned());
        self
    }

    /// The name of the tensor, as the file has it or would have it; a very long one is cut. `None` where the file as a whole is wrong.
    pub fn tensor(&self) -> Option<&str> {
        self.0.tensor.as_ref().map(Label::as_str)
    }

    /// What is wrong.
    pub fn problem(&self) -> &Problem {
        &self.0.problem
    }
}

impl Display for LoadError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        #[cfg(feature = "std")]
        if let Some(path) = &self.0.path {
            write!(f, "{}: ", path.display())?;
        }
        if let Some(tensor) = self.tensor() {
            write!(f, "tensor `{tensor}`: ")?;
        }
        self.problem().fmt(f)
    }
}

impl fmt::Debug for LoadError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "LoadError({self})")
    }
}

impl core::error::Error for LoadError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self.problem() {
            #[cfg(feature = "std")]
            Problem::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl Display for Problem {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("the file does not have it"),
            Self::LeftOver => f.write_str("the file has it, and the model has no place for it"),
            Self::Shape { expected, found } => write!(f, "expected the shape {expected}, found {found}"),
            Self::Dimensions { expected, found } => write!(f, "expected the shape {expected}, found one of {found} dimensions"),
            Self::Dtype { expected, found } => {
                write!(f, "expected {expected}, found {found}")?;
                let hint = matches!(found, Dtype::F16 | Dtype::BF16 | Dtype::F32 | Dtype::F64);
                f.write_str(if hint { ", which `Load::new().cast()` converts" } else { "" })
            }
            Self::Duplicate => f.write_str("the file has two of this name"),
            Self::Cut { expected, found } => {
                write!(f, "the file is cut short: expected {expected} bytes or more, found {found}")
            }
            Self::TooLong { bytes } => {
                write!(f, "the header says that it has {bytes} bytes, and none has more than 100 million")
            }
            Self::Header { at, expected } => write!(f, "expected {expected} at byte {at} of the header"),
            Self::Bytes { expected: Some(expected), found: Some(found) } => {
                write!(f, "its shape and type take {expected} bytes, and it lies at {found}")
            }
            Self::Bytes { expected: None, .. } => f.write_str("its shape takes more bytes than can be counted"),
            Self::Bytes { found: None, .. } => f.write_str("it would end before it begins"),
            Self::Gap { expected, found } => write!(
                f,
                "expected to begin at byte {expected} of the data, where the tensor before it ends, found to begin at byte {found}"
            ),
            Self::End { expected, found } => write!(f, "expected {expected} bytes of data, found {found}"),
            #[cfg(feature = "std")]
            Self::Io(error) => error.fmt(f),
        }
    }
}

/// The most bytes of a name that an error keeps. Without an allocator it is moved about.
const LABEL: usize = if cfg!(feature = "alloc") { 160 } else { 40 };

/// The beginning of a name.
pub(super) struct Label {
    bytes: [u8; LABEL],
    len: usize,
    is_cut: bool,
}

impl Label {
    const EMPTY: Self = Self { bytes: [0; LABEL], len: 0, is_cut: false };

    /// Appends a part, sign by sign, as far as there is room.
    pub fn push(&mut self, part: impl IntoIterator<Item = char>) {
        for c in part {
            self.push_sign(c);
        }
    }

    fn push_sign(&mut self, c: char) {
        // Room for the dots is kept.
        let mut encoded = [0; 4];
        let encoded = c.encode_utf8(&mut encoded).as_bytes();
        let room = self.bytes.get_mut(self.len..LABEL - CUT.len()).and_then(|rest| rest.get_mut(..encoded.len()));
        match room.filter(|_| !self.is_cut) {
            Some(room) => {
                room.iter_mut().zip(encoded).for_each(|(to, from)| *to = *from);
                self.len += encoded.len();
            }
            None => self.cut(),
        }
    }

    fn cut(&mut self) {
        if !self.is_cut {
            self.is_cut = true;
            let dots = self.bytes.iter_mut().skip(self.len).zip(CUT.as_bytes());
            dots.for_each(|(to, from)| *to = *from);
            self.len += CUT.len();
        }
    }

    fn as_str(&self) -> &str {
        self.bytes.get(..self.len).and_then(|bytes| core::str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

/// What stands for the rest of a name.
const CUT: &str = "…";

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn a_long_name_is_cut_between_signs() {
        let error = LoadError::of(|label| label.push("é".repeat(1000).chars()), Problem::Missing);
        let name = error.tensor().unwrap();
        assert!(name.ends_with("éé…") && name.len() <= LABEL, "{name}");
        let exact = "é".repeat((LABEL - CUT.len()) / 2);
        let error = LoadError::of(|label| label.push(exact.chars()), Problem::Missing);
        assert_eq!(error.tensor(), Some(exact.as_str()));
    }

    #[test]
    fn an_error_is_one_line() {
        let (expected, found) = (<[[f32; 64]; 32] as crate::Shape>::DIMS, <[[f32; 65]; 32] as crate::Shape>::DIMS);
        let error = LoadError::of(|label| label.push("0.weight".chars()), Problem::Shape { expected, found });
        assert_eq!(error.to_string(), "tensor `0.weight`: expected the shape [32, 64], found [32, 65]");
        assert_eq!(
            LoadError::new(Problem::Cut { expected: 8, found: 3 }).to_string(),
            "the file is cut short: expected 8 bytes or more, found 3"
        );
        // It is returned by value, so it is small.
        assert_eq!(size_of::<LoadError>(), size_of::<usize>());
    }
}
