//! Matrix products on row-major slices: C += A·B, C += Aᵀ·B, C += A·Bᵀ.
//!
//! All three walk C in register tiles. A tile of [`ROWS`] rows by `V` vectors of `L` lanes stays in registers while the loop
//! over k reads one number per row of A and `V` vectors of B. Tiles go down the rows of C first, so that a panel of B, `V`
//! vectors wide, stays in the nearest cache.
//!
//! **Two regimes.** A large product is computed by code of this crate, compiled once for numbers and, on x86-64 with `std`, once for each
//! instruction set; which one, the machine decides. A small one is made for its constant sizes where it stands, for the instructions that
//! the program is built for. [`LARGE`] is the border.
//!
//! **Ragged columns.** The last panel of B may be narrower than its vectors. Its surplus lanes then read on into B's next
//! row, and are dropped at the end; only where B itself ends are they padded with zeros. So a width of 10 costs what 16 does,
//! and not ten scalar columns.

use super::Float;
use super::lanes::Lanes;
use super::positive;
use super::sets::Dispatch;

/// C += A·B for A of m×k, B of k×n and C of m×n. With m = 1 a row vector times a matrix, with n = 1 a matrix times a column.
#[inline]
pub fn gemm_nn<T: Float>(m: usize, k: usize, n: usize, a: &[T], b: &[T], c: &mut [T]) {
    if let Some((a, b, c)) = exact(m, k, n, a, b, c) {
        match is_large(m, k, n) {
            true => T::large_nn(m, k, n, a, b, c),
            false => T::nn(m, k, n, a, b, c),
        }
    }
}

/// C += Aᵀ·B for A of k×m, B of k×n and C of m×n: the gradient of a weight, of inputs and outputs' gradients.
#[inline]
pub fn gemm_tn<T: Float>(m: usize, k: usize, n: usize, a: &[T], b: &[T], c: &mut [T]) {
    if let Some((a, b, c)) = exact(m, k, n, a, b, c) {
        match is_large(m, k, n) {
            true => T::large_tn(m, k, n, a, b, c),
            false => T::tn(m, k, n, a, b, c),
        }
    }
}

/// C += A·Bᵀ for A of m×k, B of n×k and C of m×n: the gradient of an input, of outputs' gradients and a weight.
#[inline]
pub fn gemm_nt<T: Float>(m: usize, k: usize, n: usize, a: &[T], b: &[T], c: &mut [T]) {
    if let Some((a, b, c)) = exact(m, k, n, a, b, c) {
        match is_large(m, k, n) {
            true => T::large_nt(m, k, n, a, b, c),
            false => T::nt(m, k, n, a, b, c),
        }
    }
}

/// The fewest multiply-adds of a product that is computed by code of this crate, compiled once for numbers. A smaller one is made for
/// its constant sizes where it stands, which a call and loops of unknown length would cost more than they do.
const LARGE: usize = 1 << 15;

/// Whether a product is left to code of this crate. In a build with debug assertions every one is, so that what is optimised of a
/// program that is not are its products, if this crate is.
#[inline(always)]
const fn is_large(m: usize, k: usize, n: usize) -> bool {
    cfg!(debug_assertions) || m.saturating_mul(k).saturating_mul(n) >= LARGE
}

/// The slices cut to their matrices' sizes; nothing where there is no product to add, or a slice is too short for it.
#[inline(always)]
#[allow(clippy::type_complexity)]
fn exact<'s, T>(
    m: usize,
    k: usize,
    n: usize,
    a: &'s [T],
    b: &'s [T],
    c: &'s mut [T],
) -> Option<(&'s [T], &'s [T], &'s mut [T])> {
    if m == 0 || k == 0 || n == 0 {
        return None;
    }
    let fits = a.len() / k >= m && b.len() / n >= k && c.len() / n >= m;
    debug_assert!(fits, "a slice is too short for its matrix");
    if !fits {
        return None;
    }
    Some((a.get(..m * k)?, b.get(..k * n)?, c.get_mut(..m * n)?))
}

/// The rows of a tile.
const ROWS: usize = 4;

const SIMD: bool = cfg!(any(target_arch = "x86_64", target_arch = "x86", target_arch = "aarch64", target_arch = "wasm32"));

/// Bytes of a vector register. Without any, a lane is a scalar register.
const VECTOR_BYTES: usize = if cfg!(target_feature = "avx512f") {
    64
} else if cfg!(target_feature = "avx") {
    32
} else if SIMD {
    16
} else {
    1
};

/// The vectors of a tile's row. Two make eight accumulators, which cover a fused multiply-add's latency of four cycles at two
/// a cycle and fit into 16 registers; the 32 scalar ones of a Cortex-M4 hold sixteen.
const VECTORS: usize = if SIMD { 2 } else { 4 };

/// How many `T` a vector holds.
const fn lanes<T>() -> usize {
    let lanes = VECTOR_BYTES / size_of::<T>();
    if lanes == 0 { 1 } else { lanes }
}

/// The fewest rows of C for which a panel of B is first copied together: fewer would not repay the copy, and a
/// microcontroller has neither a cache to please nor stack to spare.
const PACK_ROWS: usize = if SIMD { 16 } else { usize::MAX };

/// The fewest elements of B for which its panels are copied together, if it lies in the right order as it is: a small B sits
/// in the nearest cache anyhow.
const PACK_SIZE: usize = 8192;

/// The rows of B in a packed panel, which takes 4 KiB of stack with AVX.
const DEPTH: usize = 64;

/// The products behind [`Float`], each with its type's number of lanes. Private, and so what seals `Float`.
pub trait Tiles: Sized {
    /// C += A·B.
    fn nn(m: usize, k: usize, n: usize, a: &[Self], b: &[Self], c: &mut [Self]);
    /// C += Aᵀ·B.
    fn tn(m: usize, k: usize, n: usize, a: &[Self], b: &[Self], c: &mut [Self]);
    /// C += A·Bᵀ.
    fn nt(m: usize, k: usize, n: usize, a: &[Self], b: &[Self], c: &mut [Self]);
    /// c += a·B for the vector `a` and rows of `c.len()` numbers.
    fn strips(a: impl Iterator<Item = [Self; 1]> + Clone, b: &[Self], c: &mut [Self]);

    /// As [`nn`](Self::nn), compiled in this crate, for the machine's instructions.
    #[inline(always)]
    fn large_nn(m: usize, k: usize, n: usize, a: &[Self], b: &[Self], c: &mut [Self]) {
        Self::nn(m, k, n, a, b, c);
    }
    /// As [`tn`](Self::tn), compiled in this crate, for the machine's instructions.
    #[inline(always)]
    fn large_tn(m: usize, k: usize, n: usize, a: &[Self], b: &[Self], c: &mut [Self]) {
        Self::tn(m, k, n, a, b, c);
    }
    /// As [`nt`](Self::nt), compiled in this crate, for the machine's instructions.
    #[inline(always)]
    fn large_nt(m: usize, k: usize, n: usize, a: &[Self], b: &[Self], c: &mut [Self]) {
        Self::nt(m, k, n, a, b, c);
    }
}

/// The products with vectors of `L` lanes, `V` of them in a row of a tile.
#[inline(always)]
fn nn<T: Float, const V: usize, const L: usize>(m: usize, k: usize, n: usize, a: &[T], b: &[T], c: &mut [T]) {
    if m == 1 {
        strips::<T, L>(a.iter().map(|&a| [a]), b, c);
    } else if n == 1 {
        // A column lies in memory as a row does.
        dots::<T, L>(k, n, a, b, c);
    } else if m >= PACK_ROWS && k * n >= PACK_SIZE {
        packed::<T, V, L>(k, n, Plain { a, width: k }, Plain { a: b, width: n }, c);
    } else {
        direct::<T, V, L>(n, Plain { a, width: k }, b, c);
    }
}

#[inline(always)]
fn tn<T: Float, const V: usize, const L: usize>(m: usize, k: usize, n: usize, a: &[T], b: &[T], c: &mut [T]) {
    if m == 1 || n == 1 {
        // A vector is its own transpose, and of two the matrix goes to the right.
        let (vector, matrix) = if m == 1 { (a, b) } else { (b, a) };
        strips::<T, L>(vector.iter().map(|&a| [a]), matrix, c);
    } else if m >= PACK_ROWS && k * n >= PACK_SIZE {
        packed::<T, V, L>(k, n, Transposed { a, width: m }, Plain { a: b, width: n }, c);
    } else {
        direct::<T, V, L>(n, Transposed { a, width: m }, b, c);
    }
}

#[inline(always)]
fn nt<T: Float, const V: usize, const L: usize>(m: usize, k: usize, n: usize, a: &[T], b: &[T], c: &mut [T]) {
    if m >= PACK_ROWS && n > 1 {
        packed::<T, V, L>(k, n, Plain { a, width: k }, Transposed { a: b, width: k }, c);
    } else {
        dots::<T, L>(k, n, a, b, c);
    }
}

macro_rules! tiles {
    ($({$($generics:tt)*})? $float:ty, $vectors:expr, $lanes:expr, #[$inline:meta] $($large:ident)?) => {
        impl$(<$($generics)*>)? Tiles for $float {
            #[$inline]
            fn nn(m: usize, k: usize, n: usize, a: &[Self], b: &[Self], c: &mut [Self]) {
                nn::<Self, { $vectors }, { $lanes }>(m, k, n, a, b, c);
            }
            #[$inline]
            fn tn(m: usize, k: usize, n: usize, a: &[Self], b: &[Self], c: &mut [Self]) {
                tn::<Self, { $vectors }, { $lanes }>(m, k, n, a, b, c);
            }
            #[$inline]
            fn nt(m: usize, k: usize, n: usize, a: &[Self], b: &[Self], c: &mut [Self]) {
                nt::<Self, { $vectors }, { $lanes }>(m, k, n, a, b, c);
            }
            #[$inline]
            fn strips(a: impl Iterator<Item = [Self; 1]> + Clone, b: &[Self], c: &mut [Self]) {
                strips::<Self, { $lanes }>(a, b, c);
            }
            $(
                #[inline(never)]
                fn large_nn(m: usize, k: usize, n: usize, a: &[Self], b: &[Self], c: &mut [Self]) {
                    Self::dispatch($large::Nn(Operands { m, k, n, a, b, c }));
                }
                #[inline(never)]
                fn large_tn(m: usize, k: usize, n: usize, a: &[Self], b: &[Self], c: &mut [Self]) {
                    Self::dispatch($large::Tn(Operands { m, k, n, a, b, c }));
                }
                #[inline(never)]
                fn large_nt(m: usize, k: usize, n: usize, a: &[Self], b: &[Self], c: &mut [Self]) {
                    Self::dispatch($large::Nt(Operands { m, k, n, a, b, c }));
                }
            )?
        }
    };
}

tiles!(
    f32,
    VECTORS,
    lanes::<f32>(),
    #[inline]
    large
);
tiles!(
    f64,
    VECTORS,
    lanes::<f64>(),
    #[inline]
    large
);

// With 16 registers 4 × 2 hold a tile, with 32 of them 4 × 4.
#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod on {
    use super::*;
    use crate::simd::sets::{Avx2, Avx512, On};

    tiles!(On<f32, Avx2>, 2, 8, #[inline(always)]);
    tiles!(On<f64, Avx2>, 2, 4, #[inline(always)]);
    tiles!(On<f32, Avx512>, 4, 16, #[inline(always)]);
    tiles!(On<f64, Avx512>, 4, 8, #[inline(always)]);
}

/// A product's sizes and matrices.
struct Operands<'a, T> {
    m: usize,
    k: usize,
    n: usize,
    a: &'a [T],
    b: &'a [T],
    c: &'a mut [T],
}

/// The products as kernels.
mod large {
    use super::Operands;
    use crate::simd::Float;
    use crate::simd::sets::{Kernel, Same};

    macro_rules! products {
        ($($name:ident $product:ident)+) => {$(
            pub(super) struct $name<'a, T>(pub Operands<'a, T>);

            impl<T: Float> Kernel<T> for $name<'_, T> {
                type Output = ();
                const WIDE: bool = true;

                #[inline(always)]
                fn run<N: Same<T>>(self) {
                    let Operands { m, k, n, a, b, c } = self.0;
                    N::$product(m, k, n, N::slice(a), N::slice(b), N::slice_mut(c));
                }
            }
        )+};
    }
    products!(Nn nn Tn tn Nt nt);
}

/// A factor as it lies in memory, in rows of `width`.
#[derive(Clone, Copy)]
struct Plain<'a, T> {
    a: &'a [T],
    width: usize,
}

/// A factor given as its transpose, in rows of `width`.
#[derive(Clone, Copy)]
struct Transposed<'a, T> {
    a: &'a [T],
    width: usize,
}

/// The left factor, as a tile reads it.
trait Left<T>: Copy {
    /// For `depth` values of k from `k0`, the numbers of the `R` rows from `row`.
    fn columns<const R: usize>(self, row: usize, k0: usize, depth: usize) -> Option<impl Iterator<Item = [T; R]>>;
}

impl<T: Float> Left<T> for Plain<'_, T> {
    #[inline(always)]
    fn columns<const R: usize>(self, row: usize, k0: usize, depth: usize) -> Option<impl Iterator<Item = [T; R]>> {
        let mut rows = self.a.get(row * self.width..)?.chunks_exact(positive(self.width));
        let part = k0..k0 + depth;
        Abreast::of(core::array::from_fn(|_| rows.next().and_then(|row| row.get(part.clone())).unwrap_or(&[])), depth)
    }
}

impl<T: Float> Left<T> for Transposed<'_, T> {
    #[inline(always)]
    fn columns<const R: usize>(self, row: usize, k0: usize, _depth: usize) -> Option<impl Iterator<Item = [T; R]>> {
        let mut rest = self.a.get(k0 * self.width + row..)?;
        Some(core::iter::from_fn(move || {
            let head = *rest.first_chunk()?;
            rest = rest.get(self.width..).unwrap_or(&[]);
            Some(head)
        }))
    }
}

/// The right factor, from which a panel is copied together.
trait Right<T>: Copy {
    /// Fills `panel` with the rows from `k0` and the columns from `j`; lanes beyond the matrix are of no account.
    fn pack<const V: usize, const L: usize>(self, panel: &mut [[Lanes<T, L>; V]], k0: usize, j: usize);
}

impl<T: Float> Right<T> for Plain<'_, T> {
    #[inline(always)]
    fn pack<const V: usize, const L: usize>(self, panel: &mut [[Lanes<T, L>; V]], k0: usize, j: usize) {
        let mut rows = Panel::<T, V, L>::new(self.a, k0, j, self.width);
        for slot in panel {
            match rows.next().or_else(|| rows.next_padded()) {
                Some(row) => *slot = row,
                None => return,
            }
        }
    }
}

impl<T: Float> Right<T> for Transposed<'_, T> {
    #[inline(always)]
    fn pack<const V: usize, const L: usize>(self, panel: &mut [[Lanes<T, L>; V]], k0: usize, j: usize) {
        let rows = self.a.get(j * self.width..).unwrap_or(&[]);
        for (v, rows) in rows.chunks(positive(L * self.width)).take(V).enumerate() {
            let mut rows = rows.chunks_exact(positive(self.width));
            let part = k0..k0 + panel.len();
            let rows = core::array::from_fn(|_| rows.next().and_then(|row| row.get(part.clone())));
            gather(panel, v, rows);
        }
    }
}

/// Interleaves `L` rows into the panel's vectors at `v`.
#[inline(always)]
fn gather<T: Float, const V: usize, const L: usize>(panel: &mut [[Lanes<T, L>; V]], v: usize, rows: [Option<&[T]>; L]) {
    let vectors = panel.iter_mut().filter_map(|slot| slot.get_mut(v));
    if rows.iter().all(Option::is_some) {
        let Some(columns) = Abreast::of(rows.map(Option::unwrap_or_default), panel_length(&rows)) else {
            return;
        };
        for (vector, column) in vectors.zip(columns) {
            *vector = Lanes::new(column);
        }
    } else {
        for (p, vector) in vectors.enumerate() {
            *vector = Lanes::new(rows.map(|row| row.and_then(|row| row.get(p)).copied().unwrap_or(T::ZERO)));
        }
    }
}

/// The length of the first row.
#[inline(always)]
fn panel_length<T>(rows: &[Option<&[T]>]) -> usize {
    rows.first().copied().flatten().map_or(0, <[T]>::len)
}

/// `R` rows read side by side, an element of each at a time.
struct Abreast<'a, U, const R: usize> {
    rows: [&'a [U]; R],
    length: usize,
    at: usize,
}

impl<'a, U: Copy, const R: usize> Abreast<'a, U, R> {
    /// Rows of `length` elements each.
    #[inline(always)]
    fn of(rows: [&'a [U]; R], length: usize) -> Option<Self> {
        // Said once, outside the loop: the compiler then drops the check on each element.
        for row in rows {
            if row.len() != length {
                return None;
            }
        }
        Some(Self { rows, length, at: 0 })
    }
}

impl<U: Copy, const R: usize> Iterator for Abreast<'_, U, R> {
    type Item = [U; R];

    #[inline(always)]
    fn next(&mut self) -> Option<[U; R]> {
        if self.at >= self.length {
            return None;
        }
        let [first, ..] = self.rows.as_slice() else {
            return None;
        };
        let mut column = [*first.get(self.at)?; R];
        for (element, row) in column.iter_mut().zip(&self.rows) {
            *element = *row.get(self.at)?;
        }
        self.at += 1;
        Some(column)
    }
}

/// The rows of a panel of B, `V` vectors each.
struct Panel<'a, T, const V: usize, const L: usize> {
    rest: &'a [T],
    stride: usize,
}

impl<'a, T: Float, const V: usize, const L: usize> Panel<'a, T, V, L> {
    /// The rows of `b` from `k0`, at its columns from `j`.
    #[inline(always)]
    fn new(b: &'a [T], k0: usize, j: usize, n: usize) -> Self {
        Self { rest: b.get(k0 * n + j..).unwrap_or(&[]), stride: n }
    }

    #[inline(always)]
    fn advance(&mut self) {
        self.rest = self.rest.get(self.stride..).unwrap_or(&[]);
    }

    /// The next row, lanes beyond B being 0.
    #[inline(always)]
    fn next_padded(&mut self) -> Option<[Lanes<T, L>; V]> {
        if self.rest.is_empty() {
            return None;
        }
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

/// A tile of C.
type Tile<T, const R: usize, const V: usize, const L: usize> = [[Lanes<T, L>; V]; R];

/// tile += columns · rows. The rows lead: a column is only taken when there is a row for it.
#[inline(always)]
fn accumulate<T: Float, const R: usize, const V: usize, const L: usize>(
    tile: &mut Tile<T, R, V, L>,
    mut rows: impl Iterator<Item = [Lanes<T, L>; V]>,
    columns: &mut impl Iterator<Item = [T; R]>,
) {
    while let Some(row) = rows.next()
        && let Some(column) = columns.next()
    {
        for (tile, &a) in tile.iter_mut().zip(&column) {
            for (tile, b) in tile.iter_mut().zip(&row) {
                tile.add_scaled(a, b);
            }
        }
    }
}

/// C += tile, at the start of `c`'s rows from their column `j`.
#[inline(always)]
fn add_tile<T: Float, const R: usize, const V: usize, const L: usize>(tile: Tile<T, R, V, L>, c: &mut [T], n: usize, j: usize) {
    if n - j < V * L {
        add_ragged(tile, c, n, j);
        return;
    }
    for (c, tile) in c.chunks_exact_mut(positive(n)).zip(tile) {
        let c = c.get_mut(j..).unwrap_or_default();
        for (c, lanes) in c.as_chunks_mut().0.iter_mut().zip(tile) {
            lanes.add_to(c);
        }
    }
}

/// The same where the matrix ends before the tile. Out of line, and by value: a loop of unknown length, or single lanes by
/// number, would make the compiler arrange the tile to their liking instead of the hot loop's.
#[inline(never)]
fn add_ragged<T: Float, const R: usize, const V: usize, const L: usize>(
    tile: Tile<T, R, V, L>,
    c: &mut [T],
    n: usize,
    j: usize,
) {
    for (c, tile) in c.chunks_exact_mut(positive(n)).zip(tile) {
        let c = c.get_mut(j..).unwrap_or_default();
        for (c, lanes) in c.chunks_mut(L).zip(tile) {
            lanes.add_to_prefix(c);
        }
    }
}

/// A tile whose rows of B are read where they lie.
#[inline(always)]
fn tile<T: Float, const R: usize, const V: usize, const L: usize>(
    columns: Option<impl Iterator<Item = [T; R]>>,
    b: &[T],
    c: &mut [T],
    n: usize,
    j: usize,
) {
    let Some(mut columns) = columns else { return };
    let mut rows = Panel::<T, V, L>::new(b, 0, j, n);
    let mut tile = [[Lanes::ZERO; V]; R];
    accumulate::<T, R, V, L>(&mut tile, &mut rows, &mut columns);
    let padded = core::iter::from_fn(|| rows.next_padded());
    accumulate::<T, R, V, L>(&mut tile, padded, &mut columns);
    add_tile(tile, c, n, j);
}

/// A tile whose rows of B are packed.
#[inline(always)]
fn tile_packed<T: Float, const R: usize, const V: usize, const L: usize>(
    a: impl Left<T>,
    row: usize,
    k0: usize,
    panel: &[[Lanes<T, L>; V]],
    c: &mut [T],
    n: usize,
    j: usize,
) {
    let Some(mut columns) = a.columns::<R>(row, k0, panel.len()) else {
        return;
    };
    let mut tile = [[Lanes::ZERO; V]; R];
    accumulate::<T, R, V, L>(&mut tile, panel.iter().copied(), &mut columns);
    add_tile(tile, c, n, j);
}

/// The widths that panels of columns are cut into: pairs of vectors, and a single one where it suffices at the end.
macro_rules! for_each_panel {
    ($n:expr, $vectors:expr, $lanes:expr, $j:ident, $wide:expr, $narrow:expr) => {{
        let mut $j = 0;
        while $n - $j > $lanes {
            $wide;
            $j += usize::min($vectors * $lanes, $n - $j);
        }
        if $n > $j {
            $narrow;
        }
    }};
}

/// C += A·B, a panel of B at a time, without copying it.
#[inline(always)]
fn direct<T: Float, const V: usize, const L: usize>(n: usize, a: impl Left<T>, b: &[T], c: &mut [T]) {
    for_each_panel!(n, V, L, j, direct_panel::<T, V, L>(n, j, a, b, c), direct_panel::<T, 1, L>(n, j, a, b, c));
}

/// One panel of C.
#[inline(always)]
fn direct_panel<T: Float, const V: usize, const L: usize>(n: usize, j: usize, a: impl Left<T>, b: &[T], c: &mut [T]) {
    let k = b.len() / positive(n);
    let mut row = 0;
    let mut blocks = c.chunks_exact_mut(positive(ROWS * n));
    for c in &mut blocks {
        tile::<T, ROWS, V, L>(a.columns(row, 0, k), b, c, n, j);
        row += ROWS;
    }
    let c = blocks.into_remainder();
    match c.len() / positive(n) {
        3 => tile::<T, 3, V, L>(a.columns(row, 0, k), b, c, n, j),
        2 => tile::<T, 2, V, L>(a.columns(row, 0, k), b, c, n, j),
        1 => tile::<T, 1, V, L>(a.columns(row, 0, k), b, c, n, j),
        _ => {}
    }
}

/// C += A·B, a packed panel of B at a time.
#[inline(always)]
fn packed<T: Float, const V: usize, const L: usize>(k: usize, n: usize, a: impl Left<T>, b: impl Right<T>, c: &mut [T]) {
    let mut panel = [[Lanes::<T, L>::ZERO; V]; DEPTH];
    let mut k0 = 0;
    while k0 < k {
        let depth = usize::min(DEPTH, k - k0);
        let panel = panel.get_mut(..depth).unwrap_or_default();
        let mut j = 0;
        while j < n {
            b.pack(panel, k0, j);
            packed_panel::<T, V, L>(n, k0, j, a, panel, c);
            j += V * L;
        }
        k0 += DEPTH;
    }
}

/// One panel of C.
#[inline(always)]
fn packed_panel<T: Float, const V: usize, const L: usize>(
    n: usize,
    k0: usize,
    j: usize,
    a: impl Left<T>,
    panel: &[[Lanes<T, L>; V]],
    c: &mut [T],
) {
    let mut row = 0;
    let mut blocks = c.chunks_exact_mut(positive(ROWS * n));
    for c in &mut blocks {
        tile_packed::<T, ROWS, V, L>(a, row, k0, panel, c, n, j);
        row += ROWS;
    }
    let c = blocks.into_remainder();
    match c.len() / positive(n) {
        3 => tile_packed::<T, 3, V, L>(a, row, k0, panel, c, n, j),
        2 => tile_packed::<T, 2, V, L>(a, row, k0, panel, c, n, j),
        1 => tile_packed::<T, 1, V, L>(a, row, k0, panel, c, n, j),
        _ => {}
    }
}

/// c += a·B for the vector `a` and rows of `c.len()` numbers.
#[inline]
pub(super) fn add_strips<T: Float>(a: impl Iterator<Item = [T; 1]> + Clone, b: &[T], c: &mut [T]) {
    T::strips(a, b, c);
}

/// One row's tiles are strips: with no other rows to hide the latency behind, they are as wide as the registers allow.
#[inline(always)]
fn strips<T: Float, const L: usize>(a: impl Iterator<Item = [T; 1]> + Clone, b: &[T], c: &mut [T]) {
    let n = c.len();
    let mut j = 0;
    // Of the widest vectors four: over eight the compiler would make a loop of gathers and scatters, the tile in memory.
    while size_of::<[T; L]>() < 64 && n - j >= 8 * L {
        tile::<T, 1, 8, L>(Some(a.clone()), b, c, n, j);
        j += 8 * L;
    }
    while n - j > 2 * L {
        tile::<T, 1, 4, L>(Some(a.clone()), b, c, n, j);
        j += usize::min(4 * L, n - j);
    }
    if n - j > L {
        tile::<T, 1, 2, L>(Some(a), b, c, n, j);
    } else if n > j {
        tile::<T, 1, 1, L>(Some(a), b, c, n, j);
    }
}

/// C += A·Bᵀ, in blocks of dot products: 2×4 of them share their loads, and keep eight accumulators busy.
#[inline(always)]
fn dots<T: Float, const L: usize>(k: usize, n: usize, a: &[T], b: &[T], c: &mut [T]) {
    let mut pairs = a.chunks_exact(positive(2 * k));
    let mut c_pairs = c.chunks_exact_mut(positive(2 * n));
    for (a, c) in (&mut pairs).zip(&mut c_pairs) {
        dots_rows::<T, 2, L>(k, n, a, b, c);
    }
    let (a, c) = (pairs.remainder(), c_pairs.into_remainder());
    if !a.is_empty() {
        dots_rows::<T, 1, L>(k, n, a, b, c);
    }
}

/// `R` rows of C.
#[inline(always)]
fn dots_rows<T: Float, const R: usize, const L: usize>(k: usize, n: usize, a: &[T], b: &[T], c: &mut [T]) {
    let mut j = 0;
    let mut blocks = b.chunks_exact(positive(4 * k));
    for b in &mut blocks {
        dots_block::<T, R, 4, L>(k, n, j, a, b, c);
        j += 4;
    }
    for b in blocks.remainder().chunks_exact(positive(k)) {
        dots_block::<T, R, 1, L>(k, n, j, a, b, c);
        j += 1;
    }
}

/// `R` rows of C at `N` columns from `j`.
#[inline(always)]
fn dots_block<T: Float, const R: usize, const N: usize, const L: usize>(
    k: usize,
    n: usize,
    j: usize,
    a: &[T],
    b: &[T],
    c: &mut [T],
) {
    let (a, a_rest) = vectors::<T, R, L>(a, k);
    let (b, b_rest) = vectors::<T, N, L>(b, k);
    let (Some(a), Some(b)) = (a, b) else { return };
    let mut block = [[Lanes::<T, L>::ZERO; N]; R];
    for (a, b) in a.zip(b) {
        add_pairs::<T, R, N, L>(&mut block, &a.map(Lanes::new), &b.map(Lanes::new));
    }
    if !k.is_multiple_of(L) {
        add_pairs::<T, R, N, L>(&mut block, &a_rest.map(Lanes::padded), &b_rest.map(Lanes::padded));
    }
    for (c, block) in c.chunks_exact_mut(positive(n)).zip(block) {
        add_sums(c.get_mut(j..).unwrap_or_default(), block);
    }
}

/// c += each vector's sum. Out of line: the compiler would otherwise arrange the loop's accumulators to suit this fold, in
/// halves of vectors.
#[inline(never)]
fn add_sums<T: Float, const N: usize, const L: usize>(c: &mut [T], block: [Lanes<T, L>; N]) {
    for (c, lanes) in c.iter_mut().zip(block) {
        *c += lanes.sum();
    }
}

/// The first `R` rows of `k` numbers: whole vectors side by side, and what is left of each.
#[inline(always)]
fn vectors<T: Float, const R: usize, const L: usize>(x: &[T], k: usize) -> (Option<Abreast<'_, [T; L], R>>, [&[T]; R]) {
    let mut rows = x.chunks_exact(positive(k));
    let split: [(&[[T; L]], &[T]); R] = core::array::from_fn(|_| rows.next().unwrap_or(&[]).as_chunks::<L>());
    (Abreast::of(split.map(|(whole, _)| whole), k / L), split.map(|(_, rest)| rest))
}

/// block[i][j] += a[i] · b[j], lane by lane.
#[inline(always)]
fn add_pairs<T: Float, const R: usize, const N: usize, const L: usize>(
    block: &mut [[Lanes<T, L>; N]; R],
    a: &[Lanes<T, L>; R],
    b: &[Lanes<T, L>; N],
) {
    for (block, a) in block.iter_mut().zip(a) {
        for (block, b) in block.iter_mut().zip(b) {
            block.add_product(a, b);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::Instructions;

    const SIZES: [usize; 14] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 17, 31, 33];
    type Product<T> = fn(usize, usize, usize, &[T], &[T], &mut [T]);

    /// Multiples of 1/8 within ±2: their products add up exactly in either type, so that results must match to the bit.
    fn numbers<T: Float>(count: usize, seed: usize) -> Vec<T> {
        (0..count).map(|i| ((i + 1) * (seed * 2 + 7919) % 33) as f64 / 8.0 - 2.0).map(T::from_f64).collect()
    }

    fn transposed<T: Float>(x: &[T], width: usize) -> Vec<T> {
        (0..width).flat_map(|j| x.iter().skip(j).step_by(width).copied()).collect()
    }

    fn check<T: Float>(m: usize, k: usize, n: usize) {
        check_forms::<T>(m, k, n, [("nn", gemm_nn), ("tn", gemm_tn), ("nt", gemm_nt)]);
    }

    fn check_forms<T: Float>(m: usize, k: usize, n: usize, products: [(&str, Product<T>); 3]) {
        let (a, b, c) = (numbers::<T>(m * k, 1), numbers::<T>(k * n, 2), numbers::<T>(m * n, 3));
        let expected: Vec<T> = (0..m * n)
            .map(|at| {
                let (i, j) = (at / n, at % n);
                let dot: f64 = (0..k).map(|p| a[i * k + p].to_f64() * b[p * n + j].to_f64()).sum();
                T::from_f64(c[at].to_f64() + dot)
            })
            .collect();
        let (a_t, b_t) = (transposed(&a, k), transposed(&b, n));
        for ((name, product), (a, b)) in products.into_iter().zip([(&a, &b), (&a_t, &b), (&a, &b_t)]) {
            let mut c = c.clone();
            product(m, k, n, a, b, &mut c);
            assert!(c == expected, "{name} {m}x{k}x{n}");
        }
    }

    #[test]
    fn every_form_is_the_triple_loop() {
        for m in SIZES {
            for k in SIZES {
                for n in SIZES {
                    check::<f32>(m, k, n);
                    check::<f64>(m, k, n);
                }
            }
        }
    }

    #[test]
    fn packed_panels_and_blocks_of_depth_are_the_triple_loop() {
        for (m, k, n) in [
            (16, 64, 128),
            (17, 65, 129),
            (19, 129, 130),
            (33, 200, 67),
            (18, 128, 71),
            (64, 1, 100),
            (2, 300, 300),
            (1, 300, 301),
        ] {
            check::<f32>(m, k, n);
            check::<f64>(m, k, n);
        }
    }

    /// Each instruction set of this machine in turn.
    #[test]
    fn every_instruction_set_is_the_triple_loop() {
        fn all<T: Float>() {
            for (m, k, n) in [(1, 130, 300), (2, 7, 67), (5, 64, 1), (17, 65, 129), (33, 300, 67), (64, 129, 65)] {
                check_forms::<T>(m, k, n, [("nn", T::large_nn), ("tn", T::large_tn), ("nt", T::large_nt)]);
            }
        }
        Instructions::each(|_| {
            all::<f32>();
            all::<f64>();
        });
    }

    /// A NaN in one row of B must not reach the columns beside it through the surplus lanes.
    #[test]
    fn surplus_lanes_are_dropped() {
        for (m, n) in [(1, 3), (5, 10), (20, 10), (20, 500)] {
            let mut b = vec![1.0; 20 * n];
            b[n] = f32::NAN;
            let mut c = vec![0.0; m * n];
            gemm_nn(m, 20, n, &vec![1.0; m * 20], &b, &mut c);
            for (at, c) in c.iter().enumerate() {
                assert_eq!(c.is_nan(), at % n == 0, "{m} {n} {at}");
            }
        }
    }

    #[test]
    fn longer_slices_are_read_to_their_matrix_only() {
        let mut c = [0.0; 5];
        gemm_nn(2, 2, 2, &[1.0; 9], &[1.0; 7], &mut c);
        assert_eq!(c, [2.0, 2.0, 2.0, 2.0, 0.0]);
    }

    #[test]
    #[cfg(not(debug_assertions))]
    fn short_slices_add_nothing() {
        let mut c = [0.0; 4];
        gemm_nn(2, 2, 2, &[1.0; 3], &[1.0; 4], &mut c);
        gemm_tn(usize::MAX, 2, usize::MAX, &[1.0; 4], &[1.0; 4], &mut c);
        gemm_nt(2, usize::MAX, 2, &[1.0; 4], &[1.0; 4], &mut c);
        assert_eq!(c, [0.0; 4]);
    }
}
