//! A tile of C, which stays in registers while k runs.

use super::factor::{Left, Panel, Row};
use crate::simd::lanes::Lanes;
use crate::simd::{Float, positive};

/// `R` rows of `V` vectors.
pub type Tile<T, const R: usize, const V: usize, const L: usize> = [[Lanes<T, L>; V]; R];

/// Where a tile lies: its first row and column of C, and the values of k that it adds up.
#[derive(Clone, Copy)]
pub struct Place {
    pub row: usize,
    pub column: usize,
    pub k0: usize,
    pub depth: usize,
}

impl Place {
    /// The rows of a right factor from the first that is read on, at the tile's columns.
    #[inline(always)]
    pub fn rows_of<T>(self, b: &[T], n: usize) -> &[T] {
        b.get(self.k0 * n + self.column..).unwrap_or_default()
    }
}

/// tile += columns · rows. The rows lead: a column is only taken when there is a row for it.
#[inline(always)]
pub fn accumulate<T: Float, const R: usize, const V: usize, const L: usize>(
    tile: &mut Tile<T, R, V, L>,
    mut rows: impl Iterator<Item = [Lanes<T, L>; V]>,
    columns: &mut impl Iterator<Item = [T; R]>,
) {
    while let Some(row) = rows.next()
        && let Some(column) = columns.next()
    {
        add_rows(tile, &column, &row);
    }
}

/// tile += column · row.
#[inline(always)]
fn add_rows<T: Float, const R: usize, const V: usize, const L: usize>(
    tile: &mut Tile<T, R, V, L>,
    column: &[T; R],
    row: &[Lanes<T, L>; V],
) {
    for (tile, &a) in tile.iter_mut().zip(column) {
        add_row(tile, a, row);
    }
}

/// C += tile, at its place. The rows of C are `n` numbers long, and begin `stride` apart.
#[inline(always)]
fn add_tile<T: Float, const R: usize, const V: usize, const L: usize>(
    tile: Tile<T, R, V, L>,
    c: &mut [T],
    [n, stride]: [usize; 2],
    at: Place,
) {
    let mut c = c.get_mut(at.row * stride + at.column..).unwrap_or_default();
    let count = n - at.column;
    if count < V * L {
        let copy = tile;
        add_ragged(copy.as_flattened(), V, c, stride, count);
        return;
    }
    for tile in tile {
        for (c, lanes) in c.as_chunks_mut().0.iter_mut().zip(tile) {
            lanes.add_to(c);
        }
        c = c.get_mut(stride..).unwrap_or_default();
    }
}

/// The same where the matrix ends before the tile, after `count` columns. Out of line, and from a copy: a loop of unknown length, or single
/// lanes by number, would make the compiler arrange the tile to their liking instead of the hot loop's.
#[inline(never)]
fn add_ragged<T: Float, const L: usize>(tile: &[Lanes<T, L>], vectors: usize, mut c: &mut [T], stride: usize, count: usize) {
    for tile in tile.chunks_exact(positive(vectors)) {
        let row = c.get_mut(..count).unwrap_or_default();
        for (c, lanes) in row.chunks_mut(L).zip(tile) {
            lanes.add_to_prefix(c);
        }
        c = c.get_mut(stride..).unwrap_or_default();
    }
}

/// A tile whose rows of B are read where they lie, the first at the beginning of `b` and `stride` numbers to the next. `width` is how many
/// numbers a row of C has, and how far apart its rows begin.
#[inline(always)]
pub fn direct<T: Float, const R: usize, const V: usize, const L: usize>(
    a: impl Left<T>,
    b: &[T],
    stride: usize,
    c: &mut [T],
    width: [usize; 2],
    at: Place,
) {
    let Some(mut columns) = a.columns::<R>(at.row, at.k0, at.depth) else { return };
    let mut rows = Panel::<T, V, L>::new(b, stride);
    let mut tile = [[Lanes::ZERO; V]; R];
    accumulate::<T, R, V, L>(&mut tile, rows.whole(at.depth), &mut columns);
    let padded = core::iter::from_fn(|| rows.next_padded(a));
    accumulate::<T, R, V, L>(&mut tile, padded, &mut columns);
    add_tile(tile, c, width, at);
}

/// A row of C.
#[inline(always)]
pub fn strip<T: Float, const V: usize, const L: usize>(a: impl Left<T>, b: &[T], c: &mut [T], n: usize, at: Place) {
    direct::<T, 1, V, L>(a, at.rows_of(b, n), n, c, [n, n], at);
}

/// How many sums a row of few columns adds up at once.
const PARTS: usize = 4;

/// A row of few columns. With nothing else to hide the latency of a multiply-add behind, k runs in [`PARTS`] partial sums, the number p in
/// p modulo their number, which are folded by halves.
#[inline(always)]
pub fn parted<T: Float, const V: usize, const L: usize>(a: impl Row<T>, b: &[T], c: &mut [T], n: usize, at: Place) {
    let mut panel = Panel::<T, V, L>::new(at.rows_of(b, n), n);
    let rows = panel.groups::<PARTS>(at.depth);
    let done = rows.len() * PARTS;
    // By name, and not by number: an array is left in memory, and each sum would wait for its way there and back.
    let [mut first, mut second, mut third, mut fourth] = [[Lanes::<T, L>::ZERO; V]; PARTS];
    if let Some(columns) = a.groups::<PARTS>(at.k0, rows.len()) {
        for (rows, [a, b, c, d]) in rows.zip(columns) {
            add_row(&mut first, a, &rows[0]);
            add_row(&mut second, b, &rows[1]);
            add_row(&mut third, c, &rows[2]);
            add_row(&mut fourth, d, &rows[3]);
        }
    }
    let mut left = at.depth - done;
    if let Some(mut columns) = a.columns::<1>(at.row, at.k0 + done, left) {
        while left > 0 {
            // Beyond the end products of zeros, which change no sum.
            let mut group = [(T::ZERO, [Lanes::ZERO; V]); PARTS];
            for pair in group.iter_mut().take(left) {
                if let (Some([a]), Some(row)) = (columns.next(), panel.next_padded(a)) {
                    *pair = (a, row);
                }
            }
            let [a, b, c, d] = &group;
            add_row(&mut first, a.0, &a.1);
            add_row(&mut second, b.0, &b.1);
            add_row(&mut third, c.0, &c.1);
            add_row(&mut fourth, d.0, &d.1);
            left = left.saturating_sub(PARTS);
        }
    }
    for ((first, second), (third, fourth)) in first.iter_mut().zip(&mut second).zip(third.iter().zip(&fourth)) {
        first.combine(third, |a, b| a + b);
        second.combine(fourth, |a, b| a + b);
        first.combine(second, |a, b| a + b);
    }
    add_tile([first], c, [n, n], at);
}

/// part += a · row.
#[inline(always)]
fn add_row<T: Float, const V: usize, const L: usize>(part: &mut [Lanes<T, L>; V], a: T, row: &[Lanes<T, L>; V]) {
    for (part, b) in part.iter_mut().zip(row) {
        part.add_scaled(a, b);
    }
}
