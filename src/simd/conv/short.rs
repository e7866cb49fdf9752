//! Rows of planes, which are too short for a call or a loop to pay.

use crate::simd::lanes::Lanes;
use crate::simd::{self, Float};

/// y = f(y, x). Rows are short: two vectors that overlap make any length between one and two of them.
#[inline(always)]
pub fn combine<T: Float>(y: &mut [T], x: &[T], f: impl Fn(T, T) -> T) {
    if !(ends::<T, 16>(y, x, &f) || ends::<T, 8>(y, x, &f) || ends::<T, 4>(y, x, &f)) {
        simd::zip_in_place(y, x, &f);
    }
}

/// The first and the last `N`, if that is all.
#[inline(always)]
fn ends<T: Float, const N: usize>(y: &mut [T], x: &[T], f: impl Fn(T, T) -> T) -> bool {
    if y.len() > 2 * N {
        return false;
    }
    let (Some(first), Some(last)) = (x.first_chunk::<N>(), x.last_chunk::<N>()) else { return false };
    let (Some(y_first), Some(y_last)) = (y.first_chunk::<N>(), y.last_chunk::<N>()) else { return false };
    let (mut a, mut b) = (Lanes::new(*y_first), Lanes::new(*y_last));
    a.combine(&Lanes::new(*first), &f);
    b.combine(&Lanes::new(*last), &f);
    if let Some(y) = y.first_chunk_mut() {
        *y = a.get();
    }
    if let Some(y) = y.last_chunk_mut() {
        *y = b.get();
    }
    true
}

/// y = x, of the same length, in whole vectors of which the last may overlap.
#[inline(always)]
pub fn copy_short<T: Float>(x: &[T], y: &mut [T]) {
    if !(copy_vectors::<T, 16>(x, y) || copy_vectors::<T, 8>(x, y) || copy_vectors::<T, 4>(x, y)) {
        simd::copy(x, y);
    }
}

/// Copies in vectors of `N`, if there is one.
#[inline(always)]
fn copy_vectors<T: Float, const N: usize>(x: &[T], y: &mut [T]) -> bool {
    let (Some(last), Some(y_last)) = (x.last_chunk::<N>(), y.last_chunk_mut::<N>()) else { return false };
    *y_last = *last;
    for (y, x) in y.as_chunks_mut::<N>().0.iter_mut().zip(x.as_chunks::<N>().0) {
        *y = *x;
    }
    true
}

/// y = 0.
#[inline(always)]
pub fn fill_short<T: Float>(y: &mut [T]) {
    if !(fill_ends::<T, 16>(y) || fill_ends::<T, 8>(y)) {
        y.fill(T::ZERO);
    }
}

/// The first and the last `N`, if that is all.
#[inline(always)]
fn fill_ends<T: Float, const N: usize>(y: &mut [T]) -> bool {
    let all = (N..=2 * N).contains(&y.len());
    if let Some(first) = y.first_chunk_mut::<N>().filter(|_| all) {
        *first = Lanes::ZERO.get();
    }
    if let Some(last) = y.last_chunk_mut::<N>().filter(|_| all) {
        *last = Lanes::ZERO.get();
    }
    all
}
