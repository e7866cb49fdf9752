//! Large products, in code of this crate that is compiled once for all sizes.
//!
//! Whatever the form, the left factor is read with two [steps](Strided), and the right one in rows some distance apart, be they its own or a
//! copied panel's. So all forms share their panels.

use super::factor::{Factors, Matrix, Plain, Strided, Transposed};
use super::{DEPTH, packs_in_order, packs_transposed, vector_first};
use crate::simd::sets::{Kernel, Same};
use crate::simd::{Float, positive};

/// C += A·B.
#[inline(always)]
pub fn nn<T: Float>(m: usize, k: usize, n: usize, a: &[T], b: &[T], c: &mut [T]) {
    if packs_in_order(m, k, n) {
        T::dispatch(Packed { m, k, n, a: Strided { a, row: k, column: 1 }, b: Matrix::Plain(Plain { a: b, width: n }), c });
    } else if m == 1 {
        T::dispatch(Strips { k, a, b, c });
    } else if n == 1 {
        // A column lies in memory as a row does, and more columns than rows share their loads.
        T::dispatch(Dots { k, n: m, a: b, b: a, c });
    } else {
        T::dispatch(Direct { m, k, n, a: Strided { a, row: k, column: 1 }, b, c });
    }
}

/// C += Aᵀ·B.
#[inline(always)]
pub fn tn<T: Float>(m: usize, k: usize, n: usize, a: &[T], b: &[T], c: &mut [T]) {
    if packs_in_order(m, k, n) {
        T::dispatch(Packed { m, k, n, a: Strided { a, row: 1, column: m }, b: Matrix::Plain(Plain { a: b, width: n }), c });
    } else if let Some((a, b)) = vector_first(m, n, a, b) {
        T::dispatch(Strips { k, a, b, c });
    } else {
        T::dispatch(Direct { m, k, n, a: Strided { a, row: 1, column: m }, b, c });
    }
}

/// C += A·Bᵀ.
#[inline(always)]
pub fn nt<T: Float>(m: usize, k: usize, n: usize, a: &[T], b: &[T], c: &mut [T]) {
    if packs_transposed::<T>(m, k, n) {
        T::dispatch(Packed {
            m,
            k,
            n,
            a: Strided { a, row: k, column: 1 },
            b: Matrix::Transposed(Transposed { a: b, width: k }),
            c,
        });
    } else {
        T::dispatch(Dots { k, n, a, b, c });
    }
}

/// c += the sum of each column of `x`, whose rows are as long as `c`: a row of ones times x. Multiplying by 1 is exact.
#[inline(always)]
pub fn sum_rows<T: Float>(x: &[T], c: &mut [T]) {
    for x in x.chunks(positive(DEPTH * c.len())) {
        let k = x.len() / positive(c.len());
        T::dispatch(Strips { k, a: T::ROW_OF_ONES.get(..k).unwrap_or_default(), b: x, c });
    }
}

/// As many columns fill half of a vector of 64 bytes.
const FEW: usize = 8;

struct Direct<'a, T> {
    m: usize,
    k: usize,
    n: usize,
    a: Strided<'a, T>,
    b: &'a [T],
    c: &'a mut [T],
}

impl<T: Float> Kernel<T> for Direct<'_, T> {
    type Output = ();
    const WIDE: bool = true;

    #[inline(always)]
    fn fills_wide(&self) -> bool {
        self.n > FEW
    }

    #[inline(always)]
    fn run<N: Same<T>>(self) {
        N::direct::<true>(self.m, self.k, self.n, self.a.cast(), N::slice(self.b), N::slice_mut(self.c));
    }
}

struct Packed<'a, T> {
    m: usize,
    k: usize,
    n: usize,
    a: Strided<'a, T>,
    b: Matrix<'a, T>,
    c: &'a mut [T],
}

impl<T: Float> Kernel<T> for Packed<'_, T> {
    type Output = ();
    const WIDE: bool = true;

    #[inline(always)]
    fn fills_wide(&self) -> bool {
        self.n > FEW
    }

    #[inline(always)]
    fn run<N: Same<T>>(self) {
        N::packed::<true>(self.m, self.k, self.n, self.a.cast(), self.b.cast(), N::slice_mut(self.c));
    }
}

struct Strips<'a, T> {
    k: usize,
    a: &'a [T],
    b: &'a [T],
    c: &'a mut [T],
}

impl<T: Float> Kernel<T> for Strips<'_, T> {
    type Output = ();
    const WIDE: bool = true;

    #[inline(always)]
    fn run<N: Same<T>>(self) {
        N::strips(self.k, Strided { a: N::slice(self.a), row: 0, column: 1 }, N::slice(self.b), N::slice_mut(self.c));
    }
}

struct Dots<'a, T> {
    k: usize,
    n: usize,
    a: &'a [T],
    b: &'a [T],
    c: &'a mut [T],
}

impl<T: Float> Kernel<T> for Dots<'_, T> {
    type Output = ();
    const WIDE: bool = true;

    #[inline(always)]
    fn run<N: Same<T>>(self) {
        N::dots(self.k, self.n, N::slice(self.a), N::slice(self.b), N::slice_mut(self.c));
    }
}

/// C += A·B, the rows of C `stride` apart.
#[inline(always)]
pub fn strided<T: Float>(factors: Factors<'_, T>, c: &mut [T], stride: usize) {
    T::dispatch(Lines { factors, c, stride });
}

struct Lines<'a, T> {
    factors: Factors<'a, T>,
    c: &'a mut [T],
    stride: usize,
}

impl<T: Float> Kernel<T> for Lines<'_, T> {
    type Output = ();
    const WIDE: bool = true;

    #[inline(always)]
    fn fills_wide(&self) -> bool {
        self.factors.sizes[2] > FEW
    }

    #[inline(always)]
    fn run<N: Same<T>>(self) {
        N::strided(self.factors.cast(), N::slice_mut(self.c), self.stride);
    }
}
