//! What a step costs on ranks that nobody has: a model of messages, fitted on what was measured.
//!
//! A message of n bytes takes α + n β (R. Hockney, *The communication challenge for MPP*, Parallel Computing 20, 1994). An all-reduce of
//! n bytes over P ranks is, in halves, 2 log₂P messages and 2 n (P − 1)/P bytes, and where it is sent whole, log₂P messages of n bytes
//! (R. Thakur, R. Rabenseifner, W. Gropp, *Optimization of collective communication operations in MPICH*, IJHPCA 19, 2005; their γ, the
//! time to add a byte, is a part of β here).

/// Up to so many bytes are sent whole.
const WHOLE: f64 = 16.0 * 1024.0;

/// What leaves together.
pub const BUCKET: f64 = 1024.0 * 1024.0;

/// What of a step is the backward pass, during which gradients leave.
const BACKWARD: f64 = 2.0 / 3.0;

/// An all-reduce that was measured.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    pub ranks: usize,
    pub bytes: f64,
    pub seconds: f64,
}

/// A network: α and β, and what it takes to ask the thread that speaks.
#[derive(Clone, Copy, Debug)]
pub struct Network {
    /// Seconds that any message takes.
    pub latency: f64,
    /// Seconds for each byte.
    pub byte: f64,
    /// Seconds from thread to thread and back.
    pub ask: f64,
}

/// How many messages and how many bytes one rank sends.
fn messages_and_bytes(ranks: usize, bytes: f64) -> (f64, f64) {
    let rounds = (ranks as f64).log2();
    match bytes <= WHOLE {
        true => (rounds, rounds * bytes),
        false => (2.0 * rounds, 2.0 * bytes * (1.0 - 1.0 / ranks as f64)),
    }
}

impl Network {
    /// The α and β that err least, as a fraction of what was measured (least squares of the two). Asking is a part of α.
    pub fn fitted(all: &[Measured]) -> Self {
        let (mut mm, mut mb, mut bb, mut m1, mut b1) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for one in all {
            let (messages, bytes) = messages_and_bytes(one.ranks, one.bytes);
            let (messages, bytes) = (messages / one.seconds, bytes / one.seconds);
            mm += messages * messages;
            mb += messages * bytes;
            bb += bytes * bytes;
            m1 += messages;
            b1 += bytes;
        }
        let determinant = mm * bb - mb * mb;
        Self { latency: (m1 * bb - b1 * mb) / determinant, byte: (b1 * mm - m1 * mb) / determinant, ask: 0.0 }
    }

    /// Seconds for an all-reduce.
    pub fn all_reduce(&self, ranks: usize, bytes: f64) -> f64 {
        let (messages, bytes) = messages_and_bytes(ranks, bytes);
        self.ask + messages * self.latency + bytes * self.byte
    }

    /// What of a step's time is computing, where each rank computes for `compute` seconds and the gradients have `bytes` bytes. Buckets
    /// leave at even distances during the backward pass, and the last one when it is over.
    pub fn efficiency(&self, ranks: usize, compute: f64, bytes: f64) -> f64 {
        if ranks == 1 {
            return 1.0;
        }
        let buckets = (bytes / BUCKET).ceil();
        let last = self.all_reduce(ranks, bytes / buckets);
        let hidden = compute * BACKWARD * (1.0 - 1.0 / buckets);
        let exposed = (buckets * last - hidden).max(last);
        compute / (compute + exposed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NETWORK: Network = Network { latency: 2e-6, byte: 1e-10, ask: 0.0 };

    #[test]
    fn what_the_model_made_is_found_again() {
        let measured = |ranks, bytes| Measured { ranks, bytes, seconds: NETWORK.all_reduce(ranks, bytes) };
        let all: Vec<_> = [2, 4].iter().flat_map(|&p| [1e3, 1e4, 1e5, 1e6, 1e7].map(|n| measured(p, n))).collect();
        let found = Network::fitted(&all);
        assert!((found.latency / NETWORK.latency - 1.0).abs() < 1e-6, "{found:?}");
        assert!((found.byte / NETWORK.byte - 1.0).abs() < 1e-6, "{found:?}");
    }

    #[test]
    fn more_ranks_wait_longer_and_more_work_hides_more() {
        let of = |ranks, compute| NETWORK.efficiency(ranks, compute, 1e7);
        assert!(of(1, 1e-3) == 1.0 && of(2, 1e-3) > of(1024, 1e-3) && of(1024, 1e-3) < of(1024, 1e-1));
    }
}
