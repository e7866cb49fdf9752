//! Small products, made for their constant sizes where they stand.

use super::factor::{Plain, Transposed};
use super::{exact, packs_transposed, vector_first};
use crate::simd::Float;

/// C += A·B.
#[inline(always)]
pub fn gemm_nn<T: Float>(m: usize, k: usize, n: usize, a: &[T], b: &[T], c: &mut [T]) {
    let Some((a, b, c)) = exact(m, k, n, a, b, c) else { return };
    let left = Plain { a, width: k };
    match (m, n) {
        (1, _) => T::strips(k, left, b, c),
        // A column lies in memory as a row does, and more columns than rows share their loads.
        (_, 1) => T::dots(k, m, b, a, c),
        _ => T::direct::<false>(m, k, n, left, b, c),
    }
}

/// C += Aᵀ·B.
#[inline(always)]
pub fn gemm_tn<T: Float>(m: usize, k: usize, n: usize, a: &[T], b: &[T], c: &mut [T]) {
    let Some((a, b, c)) = exact(m, k, n, a, b, c) else { return };
    match vector_first(m, n, a, b) {
        Some((vector, matrix)) => T::strips(k, Plain { a: vector, width: k }, matrix, c),
        None => T::direct::<false>(m, k, n, Transposed { a, width: m }, b, c),
    }
}

/// C += A·Bᵀ.
#[inline(always)]
pub fn gemm_nt<T: Float>(m: usize, k: usize, n: usize, a: &[T], b: &[T], c: &mut [T]) {
    let Some((a, b, c)) = exact(m, k, n, a, b, c) else { return };
    match packs_transposed::<T>(m, k, n) {
        true => T::packed::<false>(m, k, n, Plain { a, width: k }, Transposed { a: b, width: k }, c),
        false => T::dots(k, n, a, b, c),
    }
}
