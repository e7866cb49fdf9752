//! What the thread that speaks does: sums over ranks, and copies of what one rank has.

use std::thread;
use std::time::{Duration, Instant};

use mpi::collective::SystemOperation;
use mpi::datatype::PartitionMut;
use mpi::request::{Request, Scope, scope};
use mpi::topology::SimpleCommunicator;
use mpi::traits::{Communicator, CommunicatorCollectives, Destination, Equivalence, Root, Source};

use crate::{Number, Order};

/// Up to so many bytes are sent whole in each round: fewer messages count more than fewer bytes.
const WHOLE: usize = 16 * 1024;

/// The most that one call moves: MPI counts in 32 bits.
const CALL: usize = 1 << 30;

/// How long a message is asked for without a pause.
const EAGER: Duration = Duration::from_millis(2);

/// The pause after that: a core that waits for another machine has better things to do.
const PAUSE: Duration = Duration::from_micros(50);

/// Waits politely: the thread that computes may be on this very core.
fn wait<'a, D: ?Sized, S: Scope<'a>>(mut request: Request<'a, D, S>) {
    let start = Instant::now();
    while let Err(unfinished) = request.test() {
        request = unfinished;
        match start.elapsed() < EAGER {
            true => thread::yield_now(),
            false => thread::sleep(PAUSE),
        }
    }
}

/// Waits until all ranks are here.
pub fn barrier(comm: &SimpleCommunicator) {
    scope(|_| wait(comm.immediate_barrier()));
}

/// Sums `own` over all ranks, on every rank. `scratch` is working memory.
pub fn sum<T: Number>(comm: &SimpleCommunicator, order: Order, own: &mut Vec<T>, scratch: &mut Vec<T>) {
    scratch.resize(own.len(), T::ZERO);
    match order {
        Order::Mpi => {
            scope(|scope| wait(comm.immediate_all_reduce_into(scope, &own[..], &mut scratch[..], SystemOperation::sum())));
            std::mem::swap(own, scratch);
        }
        Order::Fixed if size_of_val(&own[..]) <= WHOLE => sum_whole(comm, own, scratch),
        Order::Fixed => sum_in_halves(comm, own, scratch),
    }
}

/// The distances between ranks that exchange in each round, from neighbours on: so ranks add up as the leaves of a binary tree do.
fn distances(comm: &SimpleCommunicator) -> impl Iterator<Item = i32> {
    let size = comm.size();
    (0..31).map(|bit| 1 << bit).take_while(move |&distance| distance < size)
}

/// Recursive doubling: each round exchanges everything. A sum does not depend on which of two is first, so both ranks have the same.
fn sum_whole<T: Number>(comm: &SimpleCommunicator, own: &mut [T], scratch: &mut [T]) {
    for distance in distances(comm) {
        exchange(comm, distance, own, scratch);
        add(own, scratch);
    }
}

/// R. Rabenseifner's all-reduce (*Optimization of collective reduction operations*, ICCS 2004): each round exchanges half of what is
/// left, until every rank has the sum of its part; then the parts come together again. Every number goes through the same tree of sums as
/// in [`sum_whole`].
fn sum_in_halves<T: Number>(comm: &SimpleCommunicator, own: &mut [T], scratch: &mut [T]) {
    let mut part = 0..own.len();
    let mut before = Vec::new();
    for distance in distances(comm) {
        before.push((distance, part.clone()));
        let middle = part.start + part.len() / 2;
        let (low, high) = (part.start..middle, middle..part.end);
        let (keep, give) = if comm.rank() & distance == 0 { (low, high) } else { (high, low) };
        exchange(comm, distance, &own[give], &mut scratch[keep.clone()]);
        add(&mut own[keep.clone()], &scratch[keep.clone()]);
        part = keep;
    }
    for (distance, whole) in before.into_iter().rev() {
        let half = whole.len() / 2;
        let (left, right) = own[whole].split_at_mut(half);
        let (mine, theirs) = if comm.rank() & distance == 0 { (left, right) } else { (right, left) };
        exchange(comm, distance, mine, theirs);
    }
}

/// Sends to and receives from the rank at this distance.
fn exchange<T: Equivalence>(comm: &SimpleCommunicator, distance: i32, send: &[T], receive: &mut [T]) {
    let partner = comm.process_at_rank(comm.rank() ^ distance);
    scope(|scope| {
        let receives = partner.immediate_receive_into(scope, receive);
        let sends = partner.immediate_send(scope, send);
        wait(receives);
        wait(sends);
    });
}

/// own += other.
fn add<T: Number>(own: &mut [T], other: &[T]) {
    own.iter_mut().zip(other).for_each(|(own, &other)| *own += other);
}

/// The bytes of rank 0, on every rank.
pub fn broadcast(comm: &SimpleCommunicator, mut bytes: Vec<u8>) -> Vec<u8> {
    let root = comm.process_at_rank(0);
    let mut len = [bytes.len() as u64];
    scope(|scope| wait(root.immediate_broadcast_into(scope, &mut len[..])));
    bytes.resize(usize::try_from(len[0]).unwrap_or(usize::MAX), 0);
    for bytes in bytes.chunks_mut(CALL) {
        scope(|scope| wait(root.immediate_broadcast_into(scope, bytes)));
    }
    bytes
}

/// What each rank has, in the order of the ranks, on every rank.
pub fn gather<T: Equivalence + Clone + Default>(comm: &SimpleCommunicator, own: &[T]) -> Vec<T> {
    let len = i32::try_from(own.len()).unwrap_or(i32::MAX);
    let mut counts = vec![0; usize::try_from(comm.size()).unwrap_or_default()];
    scope(|scope| wait(comm.immediate_all_gather_into(scope, &len, &mut counts[..])));
    let starts: Vec<i32> = counts.iter().scan(0, |end, count| Some(std::mem::replace(end, *end + count))).collect();
    let mut all = vec![T::default(); usize::try_from(counts.iter().sum::<i32>()).unwrap_or_default()];
    let mut parts = PartitionMut::new(&mut all[..], &counts[..], &starts[..]);
    scope(|scope| wait(comm.immediate_all_gather_varcount_into(scope, own, &mut parts)));
    all
}
