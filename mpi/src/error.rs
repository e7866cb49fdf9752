//! [`Error`]: what can go wrong between ranks.

use std::fmt::{self, Display, Formatter};

/// What can go wrong. Every rank is told the same, so that none waits for the others.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Error {
    /// MPI had been started before in this process, and starts but once.
    Started,
    /// The thread that speaks to the others could not be started, or MPI could not: the text says why.
    NotStarted(String),
    /// The batch cannot be cut so: with the same sums for any number of ranks both numbers are powers of two, and in any case there are
    /// no more ranks than parts.
    Parts {
        /// The parts of a batch that were asked for.
        parts: usize,
        /// How many ranks there are.
        ranks: usize,
    },
    /// A file could not be written or read, or is not of this model and optimiser: what the rank said that tried.
    File(String),
}

impl Display for Error {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Started => f.write_str("MPI starts once in a process, and had been started before"),
            Self::NotStarted(why) => write!(f, "MPI did not start: {why}"),
            Self::Parts { parts, ranks } if ranks > parts => {
                write!(
                    f,
                    "{ranks} ranks have no work for all of them in a batch of {parts} parts: start at most {parts}, or cut it finer"
                )
            }
            Self::Parts { parts, ranks } => write!(
                f,
                "a batch of {parts} parts on {ranks} ranks has no sums that are the same for any number of ranks: both must be powers of two \
                 (`Order::Mpi` takes others)"
            ),
            Self::File(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for Error {}
