//! How a tile reads its two factors.

use core::mem::MaybeUninit;

use crate::simd::Float;
use crate::simd::lanes::Lanes;

/// A factor as it lies in memory, in rows of `width`.
#[derive(Clone, Copy)]
pub struct Plain<'a, T> {
    pub a: &'a [T],
    pub width: usize,
}

/// A factor given as its transpose, in rows of `width`.
#[derive(Clone, Copy)]
pub struct Transposed<'a, T> {
    pub a: &'a [T],
    pub width: usize,
}

/// A left factor of ones.
#[derive(Clone, Copy)]
pub struct Ones;

/// The left factor.
pub trait Left<T>: Copy {
    /// For `depth` values of k from `k0`, the numbers of the `R` rows from `row`.
    fn columns<const R: usize>(self, row: usize, k0: usize, depth: usize) -> Option<impl Iterator<Item = [T; R]>>;
}

impl<T: Float> Left<T> for Plain<'_, T> {
    #[inline(always)]
    fn columns<const R: usize>(self, row: usize, k0: usize, depth: usize) -> Option<impl Iterator<Item = [T; R]>> {
        let first = row * self.width + k0;
        let rows = core::array::from_fn(|i| {
            let start = first + i * self.width;
            self.a.get(start..start + depth).unwrap_or(&[])
        });
        Abreast::of(rows, depth)
    }
}

impl<T: Float> Left<T> for Transposed<'_, T> {
    #[inline(always)]
    fn columns<const R: usize>(self, row: usize, k0: usize, depth: usize) -> Option<impl Iterator<Item = [T; R]>> {
        let mut rest = self.a.get(k0 * self.width + row..)?;
        let columns = core::iter::from_fn(move || {
            let head = *rest.first_chunk()?;
            rest = rest.get(self.width..).unwrap_or(&[]);
            Some(head)
        });
        Some(columns.take(depth))
    }
}

impl<T: Float> Left<T> for Ones {
    #[inline(always)]
    fn columns<const R: usize>(self, _: usize, _: usize, depth: usize) -> Option<impl Iterator<Item = [T; R]>> {
        Some(core::iter::repeat_n([T::ONE; R], depth))
    }
}

/// Room for a vector of a packed panel.
pub type Slot<T, const L: usize> = [MaybeUninit<T>; L];

/// The right factor, from which panels are copied together.
pub trait Right<T>: Copy {
    /// Fills the slots with rows from `k0`, at the columns from `j`; lanes beyond the matrix are of no account.
    fn pack<const V: usize, const L: usize>(self, slots: &mut [[Slot<T, L>; V]], k0: usize, j: usize);
}

impl<T: Float> Right<T> for Plain<'_, T> {
    #[inline(always)]
    fn pack<const V: usize, const L: usize>(self, slots: &mut [[Slot<T, L>; V]], k0: usize, j: usize) {
        let mut rest = self.a.get(k0 * self.width + j..).unwrap_or(&[]);
        for slot in slots {
            match rest.as_chunks::<L>().0.first_chunk::<V>() {
                Some(row) => {
                    for (slot, lanes) in slot.iter_mut().zip(row) {
                        write(slot, lanes);
                    }
                }
                None => {
                    let mut lanes = rest.chunks(L);
                    for slot in slot {
                        write(slot, &Lanes::padded(lanes.next().unwrap_or(&[])).get());
                    }
                }
            }
            rest = rest.get(self.width..).unwrap_or(&[]);
        }
    }
}

impl<T: Float> Right<T> for Transposed<'_, T> {
    #[inline(always)]
    fn pack<const V: usize, const L: usize>(self, slots: &mut [[Slot<T, L>; V]], k0: usize, j: usize) {
        let depth = slots.len();
        for v in 0..V {
            let row = |i| {
                let start = (j + v * L + i) * self.width + k0;
                self.a.get(start..start + depth)
            };
            // Of no account are the lanes beyond the matrix: the first row stands in for rows that it does not have.
            let mut rows: [&[T]; L] = [row(0).unwrap_or(&[]); L];
            for (i, lane) in rows.iter_mut().enumerate() {
                *lane = row(i).unwrap_or(lane);
            }
            let slots = slots.iter_mut().filter_map(|slot| slot.get_mut(v));
            match Abreast::of(rows, depth) {
                Some(columns) => {
                    for (slot, column) in slots.zip(columns) {
                        write(slot, &column);
                    }
                }
                None => slots.for_each(|slot| write(slot, &[T::ZERO; L])),
            }
        }
    }
}

/// All lanes at once: one by one, the compiler may go through them in another order, with a scatter.
#[inline(always)]
fn write<T: Float, const L: usize>(slot: &mut Slot<T, L>, lanes: &[T; L]) {
    // SAFETY: an array of what may not be written is an array that may not be. No safe way says so.
    let slot = unsafe { &mut *(core::ptr::from_mut(slot) as *mut MaybeUninit<[T; L]>) };
    slot.write(*lanes);
}

/// `R` rows read side by side, an element of each at a time.
pub struct Abreast<'a, U, const R: usize> {
    rows: [&'a [U]; R],
    length: usize,
    at: usize,
}

impl<'a, U: Copy, const R: usize> Abreast<'a, U, R> {
    /// Rows of `length` elements each.
    #[inline(always)]
    pub fn of(rows: [&'a [U]; R], length: usize) -> Option<Self> {
        // Said once, outside the loop: the compiler then drops the check on each element.
        for row in rows {
            if row.len() != length {
                return None;
            }
        }
        Some(Self { rows, length, at: 0 })
    }
}

impl<U: Copy, const R: usize> Abreast<'_, U, R> {
    /// The elements at `at`.
    #[inline(always)]
    pub fn get(&self, at: usize) -> Option<[U; R]> {
        if at >= self.length {
            return None;
        }
        let [first, ..] = self.rows.as_slice() else {
            return None;
        };
        let mut column = [*first.get(at)?; R];
        for (element, row) in column.iter_mut().zip(&self.rows) {
            *element = *row.get(at)?;
        }
        Some(column)
    }
}

impl<U: Copy, const R: usize> Iterator for Abreast<'_, U, R> {
    type Item = [U; R];

    #[inline(always)]
    fn next(&mut self) -> Option<[U; R]> {
        let column = self.get(self.at)?;
        self.at += 1;
        Some(column)
    }
}

/// The rows of a panel of B, `V` vectors each, where they lie.
pub struct Panel<'a, T, const V: usize, const L: usize> {
    rest: &'a [T],
    stride: usize,
}

impl<'a, T: Float, const V: usize, const L: usize> Panel<'a, T, V, L> {
    /// The rows of `b` from `k0`, at its columns from `j`.
    #[inline(always)]
    pub fn new(b: &'a [T], k0: usize, j: usize, n: usize) -> Self {
        Self { rest: b.get(k0 * n + j..).unwrap_or(&[]), stride: n }
    }

    #[inline(always)]
    fn advance(&mut self) {
        self.rest = self.rest.get(self.stride..).unwrap_or(&[]);
    }

    /// Whether the lanes of so many rows lie within B.
    #[inline(always)]
    pub fn has(&self, rows: usize) -> bool {
        self.rest.len() >= rows.saturating_sub(1) * self.stride + V * L
    }

    /// The next row, lanes beyond B being 0.
    #[inline(always)]
    pub fn next_padded(&mut self) -> Option<[Lanes<T, L>; V]> {
        if self.rest.is_empty() {
            return None;
        }
        // Not a loop over a row of zeros: beside it the compiler would keep the hot loop's tile in memory.
        let mut vectors = self.rest.chunks(L);
        let row = core::array::from_fn(|_| Lanes::padded(vectors.next().unwrap_or(&[])));
        self.advance();
        Some(row)
    }
}

impl<T: Float, const V: usize, const L: usize> Iterator for Panel<'_, T, V, L> {
    type Item = [Lanes<T, L>; V];

    /// The next row, if all its lanes lie within B.
    #[inline(always)]
    fn next(&mut self) -> Option<[Lanes<T, L>; V]> {
        let row = *self.rest.as_chunks::<L>().0.first_chunk::<V>()?;
        self.advance();
        Some(row.map(Lanes::new))
    }
}
