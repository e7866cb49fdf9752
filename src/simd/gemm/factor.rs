//! How a tile reads its two factors.

use core::mem::MaybeUninit;

use crate::simd::lanes::Lanes;
use crate::simd::sets::Same;
use crate::simd::turn::rows_from;
use crate::simd::{Float, positive};

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

/// A factor of which two numbers lie `row` apart if one stands below the other, and `column` apart if beside it: either of the above,
/// known when it runs.
#[derive(Clone, Copy)]
pub struct Strided<'a, T> {
    pub a: &'a [T],
    pub row: usize,
    pub column: usize,
}

/// The left factor.
pub trait Left<T>: Copy {
    /// Whether sizes are known only when it runs: the ends of a product are then in functions of their own.
    const LARGE: bool = false;

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

impl<'a, T: Float> Strided<'a, T> {
    /// The same with another name for the numbers.
    #[inline(always)]
    pub fn cast<N: Same<T>>(self) -> Strided<'a, N> {
        Strided { a: N::slice(self.a), row: self.row, column: self.column }
    }
}

impl<T: Float> Left<T> for Strided<'_, T> {
    const LARGE: bool = true;

    #[inline(always)]
    fn columns<const R: usize>(self, row: usize, k0: usize, depth: usize) -> Option<impl Iterator<Item = [T; R]>> {
        let a = self.a.get(row * self.row + k0 * self.column..)?;
        // Said once, for all the numbers that the loop will read.
        a.get(depth.checked_sub(1)? * self.column + (R - 1) * self.row)?;
        let mut at = a.as_ptr();
        let columns = (0..depth).map(move |_| {
            let mut column = [T::ZERO; R];
            for (i, number) in column.iter_mut().enumerate() {
                // SAFETY: after fewer than `depth` steps, and i being less than R, there is a number. The compiler does not follow a safe
                // index, and asks again for each number.
                *number = unsafe { *at.wrapping_add(i * self.row) };
            }
            at = at.wrapping_add(self.column);
            column
        });
        Some(columns)
    }
}

/// A left factor of one row, which may be read in groups.
pub trait Row<T>: Left<T> {
    /// For `count` times `P` values of k from `k0`, its numbers.
    fn groups<const P: usize>(self, k0: usize, count: usize) -> Option<impl Iterator<Item = [T; P]>>;
}

impl<T: Float> Row<T> for Plain<'_, T> {
    #[inline(always)]
    fn groups<const P: usize>(self, k0: usize, count: usize) -> Option<impl Iterator<Item = [T; P]>> {
        Strided { a: self.a, row: 0, column: 1 }.groups(k0, count)
    }
}

impl<T: Float> Row<T> for Strided<'_, T> {
    #[inline(always)]
    fn groups<const P: usize>(self, k0: usize, count: usize) -> Option<impl Iterator<Item = [T; P]>> {
        let groups = Strided { a: self.a.get(k0 * self.column..)?, row: self.column, column: P * self.column };
        groups.columns(0, 0, count)
    }
}

/// Room for a vector of a packed panel.
pub type Slot<T, const L: usize> = [MaybeUninit<T>; L];

/// The right factor, from which panels are copied together.
pub trait Right<T>: Copy {
    /// Fills the slots, `vectors` a row, with rows from `k0`, at the columns from `j`; lanes beyond the matrix are of no account.
    fn pack<const L: usize>(self, slots: &mut [Slot<T, L>], vectors: usize, k0: usize, j: usize);
}

impl<T: Float> Right<T> for Plain<'_, T> {
    #[inline(always)]
    fn pack<const L: usize>(self, slots: &mut [Slot<T, L>], vectors: usize, k0: usize, j: usize) {
        let mut rest = self.a.get(k0 * self.width + j..).unwrap_or(&[]);
        for slots in slots.chunks_exact_mut(positive(vectors)) {
            let row = rest.as_chunks::<L>().0;
            if row.len() >= vectors {
                for (slot, lanes) in slots.iter_mut().zip(row) {
                    write(slot, lanes);
                }
            } else {
                let mut lanes = rest.chunks(L);
                for slot in slots {
                    write(slot, &Lanes::padded(lanes.next().unwrap_or(&[])).get());
                }
            }
            rest = rest.get(self.width..).unwrap_or(&[]);
        }
    }
}

impl<T: Float> Right<T> for Transposed<'_, T> {
    #[inline(always)]
    fn pack<const L: usize>(self, slots: &mut [Slot<T, L>], vectors: usize, k0: usize, j: usize) {
        let depth = slots.len() / positive(vectors);
        for v in 0..vectors {
            let rows = rows_from(self.a, self.width, j + v * L, k0, depth);
            let room = slots.get_mut(v..).unwrap_or_default().as_flattened_mut();
            if !T::turn::<L>(rows, room, vectors * L) {
                slots.iter_mut().skip(v).step_by(positive(vectors)).for_each(|slot| write(slot, &[T::ZERO; L]));
            }
        }
    }
}

/// A right factor that lies in either way, known when it runs.
#[derive(Clone, Copy)]
pub enum Matrix<'a, T> {
    Plain(Plain<'a, T>),
    Transposed(Transposed<'a, T>),
}

impl<'a, T: Float> Matrix<'a, T> {
    /// The same with another name for the numbers.
    #[inline(always)]
    pub fn cast<N: Same<T>>(self) -> Matrix<'a, N> {
        match self {
            Self::Plain(Plain { a, width }) => Matrix::Plain(Plain { a: N::slice(a), width }),
            Self::Transposed(Transposed { a, width }) => Matrix::Transposed(Transposed { a: N::slice(a), width }),
        }
    }
}

impl<T: Float> Right<T> for Matrix<'_, T> {
    #[inline(always)]
    fn pack<const L: usize>(self, slots: &mut [Slot<T, L>], vectors: usize, k0: usize, j: usize) {
        match self {
            Self::Plain(b) => b.pack(slots, vectors, k0, j),
            Self::Transposed(b) => b.pack(slots, vectors, k0, j),
        }
    }
}

/// The factors of a product of m×k by k×n, for the sizes m, k, n.
#[derive(Clone, Copy)]
pub struct Factors<'a, T> {
    pub sizes: [usize; 3],
    pub a: Strided<'a, T>,
    pub b: Matrix<'a, T>,
}

impl<'a, T: Float> Factors<'a, T> {
    /// The same with another name for the numbers.
    #[inline(always)]
    pub fn cast<N: Same<T>>(self) -> Factors<'a, N> {
        Factors { sizes: self.sizes, a: self.a.cast(), b: self.b.cast() }
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
    /// The rows of `b`, whose first numbers are `stride` apart.
    #[inline(always)]
    pub fn new(b: &'a [T], stride: usize) -> Self {
        Self { rest: b, stride }
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

    /// How many of the next `depth` rows have all their lanes within B.
    #[inline(always)]
    fn reach(&self, depth: usize) -> usize {
        if self.has(depth) {
            return depth;
        }
        let beyond = self.rest.len().checked_sub(V * L);
        beyond.map_or(0, |beyond| beyond / positive(self.stride) + 1).min(depth)
    }

    /// The next rows whose lanes lie within B, up to `depth`.
    #[inline(always)]
    pub fn whole(&mut self, depth: usize) -> impl Iterator<Item = [Lanes<T, L>; V]> + use<'a, T, V, L> {
        self.groups::<1>(depth).map(|[row]| row)
    }

    /// The same, `P` at a time.
    #[inline(always)]
    pub fn groups<const P: usize>(
        &mut self,
        depth: usize,
    ) -> impl ExactSizeIterator<Item = [[Lanes<T, L>; V]; P]> + use<'a, T, V, L, P> {
        let (rows, stride) = (self.rest, self.stride);
        let count = self.reach(depth) / positive(P);
        self.rest = rows.get(count * P * stride..).unwrap_or(&[]);
        (0..count).map(move |group| {
            let mut group_rows = [[Lanes::ZERO; V]; P];
            for (i, row) in group_rows.iter_mut().enumerate() {
                // SAFETY: from there on there are V · L numbers, group · P + i being less than `reach`; `Lanes` are their array. The
                // compiler does not follow a safe index, and asks for each row, which takes a tenth of the time where vectors are narrow.
                *row = unsafe { *rows.as_ptr().add((group * P + i) * stride).cast() };
            }
            group_rows
        })
    }
}

impl<T: Float, const V: usize, const L: usize> Panel<'_, T, V, L> {
    /// The next row for a factor `A`, lanes beyond B being 0.
    #[inline(always)]
    pub fn next_padded<A: Left<T>>(&mut self, _: A) -> Option<[Lanes<T, L>; V]> {
        if self.rest.is_empty() {
            return None;
        }
        let row = if const { A::LARGE } { padded(self.rest) } else { padded_here(self.rest) };
        self.advance();
        Some(row)
    }
}

/// Not a loop over a row of zeros: beside it the compiler would keep the hot loop's tile in memory.
#[inline(always)]
fn padded_here<T: Float, const V: usize, const L: usize>(x: &[T]) -> [Lanes<T, L>; V] {
    let mut vectors = x.chunks(L);
    core::array::from_fn(|_| Lanes::padded(vectors.next().unwrap_or(&[])))
}

/// The numbers of `x`, and zeros.
#[inline(always)]
pub fn padded<T: Float, const V: usize, const L: usize>(x: &[T]) -> [Lanes<T, L>; V] {
    let mut row = [[T::ZERO; L]; V];
    begin_with(row.as_flattened_mut(), x);
    let mut vectors = [Lanes::ZERO; V];
    for (vector, lanes) in vectors.iter_mut().zip(row) {
        *vector = Lanes::new(lanes);
    }
    vectors
}

/// The numbers of `x` at the beginning of `row`.
#[inline(never)]
fn begin_with<T: Float>(row: &mut [T], x: &[T]) {
    for (to, &x) in row.iter_mut().zip(x) {
        *to = x;
    }
}
