//! C += A·Bᵀ as dot products, where B has too few readers to be put in another order first.
//!
//! A dot product runs in 64 bytes of lanes, whatever the registers: `P` vectors of `L` lanes. Element i goes to lane i modulo their
//! number, and the lanes are folded by halves.

use super::SIMD;
use super::factor::{Abreast, padded};
use crate::simd::lanes::Lanes;
use crate::simd::{Float, positive};

/// As many lanes as a dot product has, in `P` vectors.
type Sums<T, const P: usize, const L: usize> = [Lanes<T, L>; P];

/// C += A·Bᵀ, in blocks of `R` × `N` dot products, which share their loads and keep the multipliers busy.
#[inline(always)]
pub fn dots<T: Float, const R: usize, const N: usize, const P: usize, const L: usize>(
    k: usize,
    n: usize,
    a: &[T],
    b: &[T],
    c: &mut [T],
) {
    let mut blocks = a.chunks_exact(positive(R * k));
    let mut c_blocks = c.chunks_exact_mut(positive(R * n));
    for (a, c) in (&mut blocks).zip(&mut c_blocks) {
        rows::<T, R, N, P, L>(k, n, a, b, c);
    }
    if const { R > 1 } {
        let rest = c_blocks.into_remainder().chunks_exact_mut(positive(n));
        for (a, c) in blocks.remainder().chunks_exact(positive(k)).zip(rest) {
            rows::<T, 1, N, P, L>(k, n, a, b, c);
        }
    }
}

/// `R` rows of C. The last block may have fewer columns, and takes as long: alone, their dot products would wait for their own sums.
#[inline(always)]
fn rows<T: Float, const R: usize, const N: usize, const P: usize, const L: usize>(
    k: usize,
    n: usize,
    a: &[T],
    b: &[T],
    c: &mut [T],
) {
    let mut j = 0;
    for b in b.chunks(positive(N * k)) {
        block::<T, R, N, P, L>(k, n, j, a, b, c);
        j += N;
    }
}

/// `R` rows of C at `N` columns from `j`, or as many as there are.
#[inline(always)]
fn block<T: Float, const R: usize, const N: usize, const P: usize, const L: usize>(
    k: usize,
    n: usize,
    j: usize,
    a: &[T],
    b: &[T],
    c: &mut [T],
) {
    let whole = k / (P * L);
    let (Some(a_rows), Some(b_rows)) = (vectors::<T, R, P, L>(a, k, whole), vectors::<T, N, P, L>(b, k, whole)) else { return };
    let mut sums = [[[Lanes::<T, L>::ZERO; P]; N]; R];
    for (a, b) in a_rows.zip(b_rows) {
        add_pairs(&mut sums, &loaded(&a), &loaded(&b));
    }
    let done = whole * P * L;
    if k > done {
        add_pairs(&mut sums, &rests::<T, R, P, L>(a, k, done), &rests::<T, N, P, L>(b, k, done));
    }
    for (i, sums) in sums.iter().enumerate() {
        add_sums(c.get_mut(i * n + j..(i + 1) * n).unwrap_or_default(), sums);
    }
}

/// c += each dot product: the lanes folded by halves.
#[inline(always)]
fn add_sums<T: Float, const N: usize, const P: usize, const L: usize>(c: &mut [T], sums: &[Sums<T, P, L>; N]) {
    // Through memory, where the vectors are narrow: the compiler would otherwise arrange the loop's accumulators to suit this fold, in
    // halves of vectors.
    let sums = if SIMD && size_of::<[T; L]>() < 64 { core::hint::black_box(*sums) } else { *sums };
    let mut folded = [T::ZERO; N];
    for (folded, sums) in folded.iter_mut().zip(sums) {
        *folded = first_vector(sums).sum();
    }
    for (c, sum) in c.iter_mut().zip(folded) {
        *c += sum;
    }
}

/// The halves of the vectors added up to one.
#[inline(always)]
fn first_vector<T: Float, const P: usize, const L: usize>(mut sums: Sums<T, P, L>) -> Lanes<T, L> {
    let mut half = P / 2;
    while half > 0 {
        let (low, high) = sums.split_at_mut(half);
        for (low, high) in low.iter_mut().zip(high) {
            low.combine(high, |low, high| low + high);
        }
        half /= 2;
    }
    sums.first().copied().unwrap_or(Lanes::ZERO)
}

/// The first `R` rows of `k` numbers side by side, `whole` times as many at once as a dot product has lanes. If there are fewer, the last is
/// taken for the rest.
#[inline(always)]
fn vectors<T: Float, const R: usize, const P: usize, const L: usize>(
    x: &[T],
    k: usize,
    whole: usize,
) -> Option<Abreast<'_, [[T; L]; P], R>> {
    let mut rows: [&[[[T; L]; P]]; R] = [&[]; R];
    for (i, row) in rows.iter_mut().enumerate() {
        *row = x.get(start(x, k, i)..)?.as_chunks::<L>().0.as_chunks::<P>().0.get(..whole)?;
    }
    Abreast::of(rows, whole)
}

/// Where row `i` begins, or the last, if there are fewer.
#[inline(always)]
fn start<T>(x: &[T], k: usize, i: usize) -> usize {
    usize::min(i * k, x.len().saturating_sub(k))
}

#[inline(always)]
fn loaded<T: Float, const R: usize, const P: usize, const L: usize>(x: &[[[T; L]; P]; R]) -> [Sums<T, P, L>; R] {
    let mut vectors = [[Lanes::ZERO; P]; R];
    for (vectors, x) in vectors.iter_mut().zip(x) {
        for (vector, x) in vectors.iter_mut().zip(x) {
            *vector = Lanes::new(*x);
        }
    }
    vectors
}

/// The numbers of the first `R` rows from the place `done` on, and zeros. They are read with what follows them in memory, if enough does.
#[inline(always)]
fn rests<T: Float, const R: usize, const P: usize, const L: usize>(x: &[T], k: usize, done: usize) -> [Sums<T, P, L>; R] {
    let mut vectors = [[Lanes::ZERO; P]; R];
    for (i, vectors) in vectors.iter_mut().enumerate() {
        let rest = x.get(start(x, k, i) + done..).unwrap_or(&[]);
        for (p, vector) in vectors.iter_mut().enumerate() {
            let count = (k - done).saturating_sub(p * L).min(L);
            let rest = rest.get(p * L..).unwrap_or(&[]);
            *vector = match rest.first_chunk::<L>() {
                Some(lanes) => Lanes::new(*lanes).first(count),
                None => {
                    let [lanes] = padded(rest.get(..count).unwrap_or(rest));
                    lanes
                }
            };
        }
    }
    vectors
}

/// sums[i][j] += a[i] · b[j], lane by lane.
#[inline(always)]
fn add_pairs<T: Float, const R: usize, const N: usize, const P: usize, const L: usize>(
    sums: &mut [[Sums<T, P, L>; N]; R],
    a: &[Sums<T, P, L>; R],
    b: &[Sums<T, P, L>; N],
) {
    for (sums, a) in sums.iter_mut().zip(a) {
        for (sums, b) in sums.iter_mut().zip(b) {
            for ((sums, a), b) in sums.iter_mut().zip(a).zip(b) {
                sums.add_product(a, b);
            }
        }
    }
}
