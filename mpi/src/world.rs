//! [`World`]: the ranks of a job.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use mpi::Threading;
use mpi::topology::SimpleCommunicator;
use mpi::traits::Communicator;

use crate::Error;

/// What the thread that speaks to the other ranks is asked to do.
type Job = Box<dyn FnOnce(&SimpleCommunicator) + Send>;

/// How long a rank waits for the others where nothing else was said.
const DEADLINE: Duration = Duration::from_secs(60);

/// The ranks of a job: as many copies of this program as `mpirun` started, each with a number of its own, the rank.
///
/// One thread of each rank speaks to the others while the program computes. Every rank must ask for the same things in the same order: what
/// one asks for and another does not is waited for, until the [deadline](Self::with_deadline) ends the job.
///
/// When a rank panics, or is killed, the job ends at once; a rank that is stuck ends it after the deadline. In each case there is a
/// message, and the last [checkpoint](Self::checkpoint) is whole.
///
/// A program that was started without `mpirun` is a job of one rank.
#[derive(Debug)]
pub struct World {
    rank: usize,
    size: usize,
    deadline: Duration,
    jobs: Option<Sender<Job>>,
    speaker: Option<JoinHandle<()>>,
}

impl World {
    /// Takes up contact with the other ranks. To be called once, before anything that is to be done by a rank alone.
    ///
    /// # Errors
    /// Where MPI was started before, or cannot be.
    pub fn start() -> Result<Self, Error> {
        let (jobs, to_do) = channel();
        let (told, started) = channel();
        let speaker = thread::Builder::new().name("mpi".into()).spawn(move || speak(&told, &to_do));
        let speaker = speaker.map_err(|error| Error::NotStarted(error.to_string()))?;
        match started.recv() {
            Ok(Some((rank, size))) => Ok(Self { rank, size, deadline: DEADLINE, jobs: Some(jobs), speaker: Some(speaker) }),
            Ok(None) => Err(Error::Started),
            Err(_) => Err(Error::NotStarted("its thread ended".into())),
        }
    }

    /// As it is, and a rank that waits so long for the others ends the job, with a message. Without, a minute.
    ///
    /// It should be longer than the slowest step, and than what one rank does alone while the others wait (rank 0 writing a checkpoint).
    #[must_use]
    pub const fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// This rank's number, from 0.
    pub const fn rank(&self) -> usize {
        self.rank
    }

    /// How many ranks there are.
    pub const fn size(&self) -> usize {
        self.size
    }

    /// Whether this is rank 0, which writes files and shows how far things are.
    pub const fn is_root(&self) -> bool {
        self.rank == 0
    }

    /// Waits until all ranks are here.
    pub fn barrier(&self) {
        self.call("a barrier", crate::wire::barrier);
    }

    /// Lets the thread that speaks do something, and waits for its answer. `what` names it if none comes.
    pub(crate) fn call<R: Send + 'static>(&self, what: &str, f: impl FnOnce(&SimpleCommunicator) -> R + Send + 'static) -> R {
        let (told, answer) = channel();
        self.ask(move |comm| _ = told.send(f(comm)));
        self.receive(what, &answer)
    }

    /// Lets the thread that speaks do something, after what it was asked before.
    pub(crate) fn ask(&self, f: impl FnOnce(&SimpleCommunicator) + Send + 'static) {
        let sent = self.jobs.as_ref().map(|jobs| jobs.send(Box::new(f)));
        if !matches!(sent, Some(Ok(()))) {
            self.end("its thread that speaks to the others has ended");
        }
    }

    /// Waits for an answer.
    pub(crate) fn receive<R>(&self, what: &str, answer: &Receiver<R>) -> R {
        match answer.recv_timeout(self.deadline) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => {
                self.end(&format!("the others did not come to {what} within {:?}", self.deadline));
            }
            Err(RecvTimeoutError::Disconnected) => self.end(&format!("its thread that speaks to the others ended in {what}")),
        }
    }

    /// Ends the job at once and says why. (Not by `MPI_Abort`, which only the thread that is stuck may call: that a process has ended is
    /// seen by what started it.)
    fn end(&self, why: &str) -> ! {
        eprintln!(
            "adamant-mpi: rank {} of {} ends the job: {why}. Its last checkpoint is whole: start again from there.",
            self.rank, self.size
        );
        std::process::abort();
    }
}

/// Waits until all ranks are done. One that panics ends the job instead.
impl Drop for World {
    fn drop(&mut self) {
        if thread::panicking() {
            self.end("it panicked");
        }
        let (told, finished) = channel();
        let Some(speaker) = self.speaker.take() else { return };
        self.jobs = None; // the thread that speaks finds nothing more to do
        let waits = thread::Builder::new().spawn(move || _ = told.send(speaker.join()));
        if waits.is_ok() {
            _ = self.receive("the end", &finished);
        }
    }
}

/// The thread that speaks: starts MPI, says rank and size, does what it is asked, and ends MPI.
fn speak(told: &Sender<Option<(usize, usize)>>, to_do: &Receiver<Job>) {
    let Some((universe, _)) = mpi::initialize_with_threading(Threading::Funneled) else {
        _ = told.send(None);
        return;
    };
    let comm = universe.world();
    let number = |n| usize::try_from(n).unwrap_or_default();
    _ = told.send(Some((number(comm.rank()), number(comm.size()))));
    to_do.iter().for_each(|job| job(&comm));
}
