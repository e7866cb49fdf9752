//! A row times a matrix of long rows.
//!
//! In strips each of B's rows would be read some vectors at a time: with every row another page of memory, which no stream foretells, and
//! the same lines of the cache. Here some rows are read side by side from one end to the other, and the sums wait in the nearest cache.

use super::factor::Row;
use super::{DEPTH, SIMD};
use crate::simd::sets::Part;
use crate::simd::{Float, positive};

/// The rows of B that are read side by side.
const STREAMS: usize = 4;

/// The most columns that are added up at a time: as many sums as leave room for the streams in the nearest cache.
const COLUMNS: usize = 1024;

/// Whether `k` rows of `n` numbers are long, and more than a few.
#[inline(always)]
pub const fn are_long<T>(k: usize, n: usize) -> bool {
    SIMD && n >= 1024 / size_of::<T>() && k >= 8 * STREAMS
}

/// c += a·B for the row `a` of `k` numbers and rows of `c.len()`.
pub struct Rows<'a, T, A> {
    pub k: usize,
    pub a: A,
    pub b: &'a [T],
    pub c: &'a mut [T],
}

impl<T: Float, A: Row<T>> Part for Rows<'_, T, A> {
    #[inline(always)]
    fn run(self) {
        let Self { k, a, b, c } = self;
        let n = c.len();
        let mut room = [T::ZERO; COLUMNS];
        for (part, c) in c.chunks_mut(COLUMNS).enumerate() {
            let sums = room.get_mut(..c.len()).unwrap_or_default();
            for k0 in (0..k).step_by(DEPTH) {
                let b = b.get(k0 * n + part * COLUMNS..).unwrap_or_default();
                block(k0, usize::min(DEPTH, k - k0), a, b, n, sums);
                for (c, sum) in c.iter_mut().zip(&mut *sums) {
                    *c += core::mem::replace(sum, T::ZERO);
                }
            }
        }
    }
}

/// sums += a·B for `depth` numbers of `a` from `k0`, and rows of B from the first in `b`, `n` numbers apart.
#[inline(always)]
fn block<T: Float>(k0: usize, depth: usize, a: impl Row<T>, b: &[T], n: usize, sums: &mut [T]) {
    let (count, rest) = (depth / STREAMS, depth % STREAMS);
    let mut rows = b.chunks(positive(STREAMS * n));
    if let Some(groups) = a.groups::<STREAMS>(k0, count) {
        for (a, b) in groups.zip(&mut rows) {
            add_streams(a, b, n, sums);
        }
    }
    if let Some(last) = a.groups::<1>(k0 + depth - rest, rest) {
        for ([a], b) in last.zip(rows.next().unwrap_or_default().chunks(positive(n))) {
            for (sum, &b) in sums.iter_mut().zip(b) {
                *sum = a.mul_add(b, *sum);
            }
        }
    }
}

/// sums += a·B, one row after the other. A loop over numbers: of one over vectors of them the compiler would make gathers and scatters.
#[inline(always)]
fn add_streams<T: Float>([a, b, c, d]: [T; STREAMS], rows: &[T], n: usize, sums: &mut [T]) {
    let row = |i: usize| rows.get(i * n..).unwrap_or_default();
    let rows = row(0).iter().zip(row(1)).zip(row(2)).zip(row(3));
    for (sum, (((&p, &q), &r), &s)) in sums.iter_mut().zip(rows) {
        *sum = d.mul_add(s, c.mul_add(r, b.mul_add(q, a.mul_add(p, *sum))));
    }
}
