//! Matrix products on row-major slices: C += A·B, C += Aᵀ·B, C += A·Bᵀ.
//!
//! All three walk C in register tiles. A tile of [`ROWS`] rows by `V` vectors of `L` lanes stays in registers while the loop
//! over k reads one number per row of A and `V` vectors of B. Tiles go down the rows of C first, so that a panel of B, `V`
//! vectors wide, stays in the nearest cache.
//!
//! **One order of sums**, on every machine with vectors and for every number of rows. A·B and Aᵀ·B add along k in blocks of
//! [`DEPTH`], each in order from 0, to what C holds. A·Bᵀ does so, too, from [`PACK_ROWS`] rows on, and from fewer where k is short; else it
//! consists of dot products in 64 bytes of lanes. A single row of few columns adds up four partial sums
//! in each block.
//!
//! **Two regimes.** A large product is computed by code of this crate, compiled once for numbers and, on x86-64 with `std`, once for each
//! instruction set; which one, the machine decides. A small one is made for its constant sizes where it stands, for the instructions that
//! the program is built for. [`LARGE`] is the border.
//!
//! **Ragged columns.** The last panel of B may be narrower than its vectors. Its surplus lanes then read on into B's next
//! row, and are dropped at the end; only where B itself ends are they padded with zeros. So a width of 10 costs what 16 does,
//! and not ten scalar columns.

mod dots;
pub(crate) mod factor;
mod large;
mod long;
mod panels;
mod scalar;
pub(crate) mod small;
#[cfg(test)]
mod tests;
pub(super) mod tile;

use super::Float;
use super::attention::Attends;
use super::conv::Correlates;
use super::recurrent::Recurs;
use super::sets::{CHOICE, SMALL};
use super::turn::Turns;
use factor::{Factors, Left, Right, Row};

/// C += A·B for A of m×k, B of k×n and C of m×n. With m = 1 a row vector times a matrix, with n = 1 a matrix times a column.
#[inline]
pub fn gemm_nn<T: Float>(m: usize, k: usize, n: usize, a: &[T], b: &[T], c: &mut [T]) {
    if let Some((a, b, c)) = exact(m, k, n, a, b, c) {
        if SCALAR { scalar::nn(m, k, n, a, b, c) } else { T::large_nn(m, k, n, a, b, c) }
    }
}

/// C += Aᵀ·B for A of k×m, B of k×n and C of m×n: the gradient of a weight, of inputs and outputs' gradients.
#[inline]
pub fn gemm_tn<T: Float>(m: usize, k: usize, n: usize, a: &[T], b: &[T], c: &mut [T]) {
    if let Some((a, b, c)) = exact(m, k, n, a, b, c) {
        if SCALAR { scalar::tn(m, k, n, a, b, c) } else { T::large_tn(m, k, n, a, b, c) }
    }
}

/// C += A·Bᵀ for A of m×k, B of n×k and C of m×n: the gradient of an input, of outputs' gradients and a weight.
#[inline]
pub fn gemm_nt<T: Float>(m: usize, k: usize, n: usize, a: &[T], b: &[T], c: &mut [T]) {
    if let Some((a, b, c)) = exact(m, k, n, a, b, c) {
        if SCALAR { scalar::nt(m, k, n, a, b, c) } else { T::large_nt(m, k, n, a, b, c) }
    }
}

/// A product of sizes that the compiler knows: [`gemm_nn`], [`gemm_tn`] or [`gemm_nt`], or what is made for small ones where it stands. Of
/// the two only that which the sizes ask for is compiled, which is why it is no function: it would have to take them as constants.
macro_rules! product {
    ($form:ident($m:expr, $k:expr, $n:expr, $($matrix:expr),+)) => {
        if const { $crate::simd::gemm::is_large($m, $k, $n) } {
            $crate::simd::$form($m, $k, $n, $($matrix),+)
        } else {
            $crate::simd::gemm::small::$form($m, $k, $n, $($matrix),+)
        }
    };
}
pub(crate) use product;

/// C += A·B, where the rows of C begin `stride` apart, and those of the factors as they say.
#[inline]
pub(crate) fn gemm_strided<T: Float>(factors: Factors<'_, T>, c: &mut [T], stride: usize) {
    T::large_strided(factors, c, stride);
}

/// The fewest multiply-adds of a product that is computed by code of this crate, compiled once for numbers. A smaller one is made for
/// its constant sizes where it stands, which a call and loops of unknown length would cost more than they do. Where a choice of
/// instructions is to be had for the call, it pays for itself earlier.
const LARGE: usize = if CHOICE { 1 << 9 } else { 1 << 15 };

/// Whether a product is left to code of this crate. In a build with debug assertions every one is, so that what is optimised of a
/// program that is not are its products, if this crate is.
pub(crate) const fn is_large(m: usize, k: usize, n: usize) -> bool {
    SCALAR || cfg!(debug_assertions) || m.saturating_mul(k).saturating_mul(n) >= LARGE
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
    let (a_size, b_size, c_size) = (m.saturating_mul(k), k.saturating_mul(n), m.saturating_mul(n));
    let fits = a.len() >= a_size && b.len() >= b_size && c.len() >= c_size;
    debug_assert!(fits, "a slice is too short for its matrix");
    Some((a.get(..a_size)?, b.get(..b_size)?, c.get_mut(..c_size)?))
}

/// The rows of a tile.
pub(super) const ROWS: usize = 4;

/// How many numbers along k are added up before they are added to C.
const DEPTH: usize = 256;

const SIMD: bool = !SMALL;

/// Whether the compiler makes gathers of products, as it does for a target with AVX-512 of those whose additions are not fused, in any
/// but the narrowest vectors.
const GATHERS: bool = cfg!(all(target_feature = "avx512f", feature = "exact"));

/// Bytes of a vector register. Without any, a lane is a scalar register.
const VECTOR_BYTES: usize = if GATHERS {
    16
} else if cfg!(target_feature = "avx512f") {
    64
} else if cfg!(target_feature = "avx") {
    32
} else if SIMD {
    16
} else {
    1
};

/// Whether there are 32 registers and not 16.
const MANY_REGISTERS: bool = !GATHERS && cfg!(any(target_feature = "avx512f", target_arch = "aarch64"));

/// The vectors of a tile's row. Two make eight accumulators, which cover a fused multiply-add's latency of four cycles at two
/// a cycle and fit into 16 registers; four fit into 32, as do the scalar ones of a Cortex-M4.
pub(super) const VECTORS: usize = if MANY_REGISTERS || !SIMD { 4 } else { 2 };

/// How many `T` a vector holds.
pub(super) const fn lanes<T>() -> usize {
    let lanes = VECTOR_BYTES / size_of::<T>();
    if lanes == 0 { 1 } else { lanes }
}

/// How many `f64` a vector holds. Gradients are checked in them, for which one shape of vectors must do, or the crate would take half as
/// long again to compile; those of 64 bytes are not made for one vector a row.
pub(super) const DOUBLES: usize = if lanes::<f64>() > 4 { 4 } else { lanes::<f64>() };

/// The lanes of the narrower vectors for few columns.
pub(super) const fn half<T>() -> usize {
    if VECTOR_BYTES > 16 { lanes::<T>() / 2 } else { lanes::<T>() }
}

/// Whether sums have the order of machines with vectors. A microcontroller has a simpler one, unless it shall compute the same bits.
const LIKE_SIMD: bool = SIMD || cfg!(feature = "exact");

/// Whether products are those of [`scalar`].
pub(crate) const SCALAR: bool = !LIKE_SIMD;

/// The lanes of a dot product: a widest vector's, everywhere. Without vectors there is one.
const fn logical<T>() -> usize {
    if LIKE_SIMD { 64 / size_of::<T>() } else { 1 }
}

/// How many dot products share their loads, in rows and in columns: as many as registers have room for.
const DOTS: (usize, usize) = match (SIMD, VECTOR_BYTES) {
    (false, _) if LIKE_SIMD => (1, 1),
    (false, _) | (true, 64) => (2, 4),
    (true, 32) => (2, 2),
    _ if MANY_REGISTERS => (2, 2),
    _ => (1, 2),
};

/// The fewest rows of C for which a panel of B is first copied together: fewer would not repay the copy. (A microcontroller, which has
/// neither a cache to please nor stack to spare, never does: it says so below in constants, or the compiler would keep the panel's room.)
const PACK_ROWS: usize = 16;

/// The same where B lies in the right order as it is, so that the copy spares misses of the cache alone: few where its rows are short.
const fn pack_rows_in_order(n: usize) -> usize {
    PACK_ROWS.saturating_mul(if n < 1024 { 6 } else { 2 })
}

/// The fewest elements of B for which its panels are copied together, if it lies in the right order as it is: a small B sits
/// in the nearest cache anyhow.
const PACK_SIZE: usize = 8192;

/// The products behind [`Float`], each with its type's number of lanes. Private, and so what seals `Float`.
pub trait Tiles: Correlates + Attends + Recurs + Turns + 'static {
    /// As many ones as a block along k has numbers.
    const ROW_OF_ONES: &'static [Self];

    /// C += A·B, panels of B being read where they lie; if `APART`, in functions that all such products share.
    fn direct<const APART: bool>(m: usize, k: usize, n: usize, a: impl Left<Self>, b: &[Self], c: &mut [Self]);
    /// C += A·B, panels of B being copied together first. That takes a panel of stack, and so it is a function of its own.
    fn packed<const APART: bool>(m: usize, k: usize, n: usize, a: impl Left<Self>, b: impl Right<Self>, c: &mut [Self]);
    /// C += A·Bᵀ in dot products.
    fn dots(k: usize, n: usize, a: &[Self], b: &[Self], c: &mut [Self]);
    /// c += a·B for the row `a` of `k` numbers, and rows of `c.len()`.
    fn strips(k: usize, a: impl Row<Self>, b: &[Self], c: &mut [Self]);

    /// C += A·B, where the rows of C begin `stride` apart, and those of the factors as they say.
    fn strided(factors: Factors<'_, Self>, c: &mut [Self], stride: usize);

    /// The same, compiled in this crate, for the machine's instructions.
    fn large_strided(factors: Factors<'_, Self>, c: &mut [Self], stride: usize);
    /// C += A·B, compiled in this crate, for the machine's instructions.
    fn large_nn(m: usize, k: usize, n: usize, a: &[Self], b: &[Self], c: &mut [Self]);
    /// C += Aᵀ·B, compiled in this crate, for the machine's instructions.
    fn large_tn(m: usize, k: usize, n: usize, a: &[Self], b: &[Self], c: &mut [Self]);
    /// C += A·Bᵀ, compiled in this crate, for the machine's instructions.
    fn large_nt(m: usize, k: usize, n: usize, a: &[Self], b: &[Self], c: &mut [Self]);
    /// c += the sum of each column of `x`, compiled in this crate, for the machine's instructions.
    fn large_rows(x: &[Self], c: &mut [Self]);
}

/// Whether the panels of a B that lies in the right order are copied together. No small product is worth it.
#[inline(always)]
const fn packs_in_order(m: usize, k: usize, n: usize) -> bool {
    LIKE_SIMD && m >= pack_rows_in_order(n) && n > 1 && k.saturating_mul(n) >= PACK_SIZE
}

/// Where there are few rows, but few numbers along k, too, these would not fill the lanes of dot products, and folding them takes longer
/// than to copy panels for some rows.
#[inline(always)]
const fn packs_transposed<T>(m: usize, k: usize, n: usize) -> bool {
    let vectors = k / logical::<T>();
    let rows = match vectors {
        0 => 1,
        1..=4 => PACK_ROWS / 4,
        5..=8 => PACK_ROWS / 2,
        _ => PACK_ROWS,
    };
    LIKE_SIMD && n > 1 && m >= rows
}

/// The factors of Aᵀ·B where one is a vector. It is its own transpose, and of two the matrix goes to the right.
#[inline(always)]
fn vector_first<'a, T>(m: usize, n: usize, a: &'a [T], b: &'a [T]) -> Option<(&'a [T], &'a [T])> {
    match (m, n) {
        (1, _) => Some((a, b)),
        (_, 1) => Some((b, a)),
        _ => None,
    }
}

macro_rules! tiles {
    ($({$($generics:tt)*})? $float:ty, $vectors:expr, $lanes:expr, $half:expr, $row:expr, $dots:expr, #[$inline:meta] #[$large:meta]) => {
        impl$(<$($generics)*>)? Tiles for $float {
            const ROW_OF_ONES: &'static [Self] = &[<Self as Float>::ONE; DEPTH];

            #[$inline]
            fn direct<const APART: bool>(m: usize, k: usize, n: usize, a: impl Left<Self>, b: &[Self], c: &mut [Self]) {
                panels::direct::<Self, APART, { $vectors }, { $lanes }, { $half }>(m, k, n, a, b, c);
            }
            #[$inline]
            fn packed<const APART: bool>(m: usize, k: usize, n: usize, a: impl Left<Self>, b: impl Right<Self>, c: &mut [Self]) {
                panels::packed::<Self, APART, { $vectors }, { $lanes }>(m, k, n, a, b, c);
            }
            #[$inline]
            fn dots(k: usize, n: usize, a: &[Self], b: &[Self], c: &mut [Self]) {
                dots::dots::<Self, { $dots.0 }, { $dots.1 }, { logical::<Self>() / $lanes }, { $lanes }>(k, n, a, b, c);
            }
            #[$inline]
            fn strips(k: usize, a: impl Row<Self>, b: &[Self], c: &mut [Self]) {
                panels::strips::<Self, { if $vectors > 1 { 4 } else { 1 } }, { $lanes }, { $row }>(k, a, b, c);
            }
            #[$inline]
            fn strided(factors: Factors<'_, Self>, c: &mut [Self], stride: usize) {
                panels::strided::<Self, { $vectors }, { $lanes }, { $half }>(factors, c, stride);
            }
            #[$large]
            fn large_strided(factors: Factors<'_, Self>, c: &mut [Self], stride: usize) {
                large::strided(factors, c, stride);
            }
            #[$large]
            fn large_nn(m: usize, k: usize, n: usize, a: &[Self], b: &[Self], c: &mut [Self]) {
                large::nn(m, k, n, a, b, c);
            }
            #[$large]
            fn large_tn(m: usize, k: usize, n: usize, a: &[Self], b: &[Self], c: &mut [Self]) {
                large::tn(m, k, n, a, b, c);
            }
            #[$large]
            fn large_nt(m: usize, k: usize, n: usize, a: &[Self], b: &[Self], c: &mut [Self]) {
                large::nt(m, k, n, a, b, c);
            }
            #[$large]
            fn large_rows(x: &[Self], c: &mut [Self]) {
                large::sum_rows(x, c);
            }
        }
    };
}

tiles!(
    f32,
    VECTORS,
    lanes::<f32>(),
    half::<f32>(),
    half::<f32>(),
    DOTS,
    #[inline]
    #[inline(never)]
);
tiles!(
    f64,
    1,
    DOUBLES,
    DOUBLES,
    DOUBLES,
    (1, DOTS.1),
    #[inline]
    #[inline(never)]
);

// With 16 registers 4 × 2 hold a tile, with 32 of them 4 × 4. Of few columns but for one row, tiles of 64 bytes are left to those of 32.
#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod on {
    use super::*;
    use crate::simd::sets::{Avx2, Avx512, On};

    tiles!(On<f32, Avx2>, 2, 8, 4, 4, (2, 2), #[inline(always)] #[inline(always)]);
    tiles!(On<f64, Avx2>, 1, 4, 4, 4, (1, 2), #[inline(always)] #[inline(always)]);
    tiles!(On<f32, Avx512>, 4, 16, 16, 8, (2, 4), #[inline(always)] #[inline(always)]);
}

/// c += the sum of each column of `x`, whose rows are as long as `c`.
#[inline]
pub(super) fn sum_rows<T: Float>(x: &[T], c: &mut [T]) {
    if SCALAR { scalar::sum_rows(x, c) } else { T::large_rows(x, c) }
}
