//! C += A·Bᵀ as dot products, where B has too few readers to be put in another order first.
//!
//! A dot product runs in [`LOGICAL`](super::LOGICAL) lanes, whatever the registers: `P` vectors of `L` lanes. Element i goes to lane i modulo their
//! number, and the lanes are folded by halves.

use super::factor::Abreast;
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
    let rest = c_blocks.into_remainder().chunks_exact_mut(positive(n));
    for (a, c) in blocks.remainder().chunks_exact(positive(k)).zip(rest) {
        rows::<T, 1, N, P, L>(k, n, a, b, c);
    }
}

/// `R` rows of C.
#[inline(always)]
fn rows<T: Float, const R: usize, const N: usize, const P: usize, const L: usize>(
    k: usize,
    n: usize,
    a: &[T],
    b: &[T],
    c: &mut [T],
) {
    let mut j = 0;
    let mut blocks = b.chunks_exact(positive(N * k));
    for b in &mut blocks {
        block::<T, R, N, P, L>(k, n, j, a, b, c);
        j += N;
    }
    for b in blocks.remainder().chunks_exact(positive(k)) {
        block::<T, R, 1, P, L>(k, n, j, a, b, c);
        j += 1;
    }
}

/// `R` rows of C at `N` columns from `j`.
#[inline(always)]
fn block<T: Float, const R: usize, const N: usize, const P: usize, const L: usize>(
    k: usize,
    n: usize,
    j: usize,
    a: &[T],
    b: &[T],
    c: &mut [T],
) {
    let (a, a_rest) = vectors::<T, R, P, L>(a, k);
    let (b, b_rest) = vectors::<T, N, P, L>(b, k);
    let (Some(a), Some(b)) = (a, b) else { return };
    let mut sums = [[[Lanes::<T, L>::ZERO; P]; N]; R];
    for (a, b) in a.zip(b) {
        add_pairs(&mut sums, &a.map(|a| a.map(Lanes::new)), &b.map(|b| b.map(Lanes::new)));
    }
    let rest = k % (P * L);
    if rest > 0 {
        add_pairs(&mut sums, &a_rest.map(|a| padded(a, rest)), &b_rest.map(|b| padded(b, rest)));
    }
    for (c, sums) in c.chunks_exact_mut(positive(n)).zip(sums) {
        add_sums(c.get_mut(j..).unwrap_or_default(), sums);
    }
}

/// c += each dot product. Out of line: the compiler would otherwise arrange the loop's accumulators to suit this fold, in
/// halves of vectors.
#[inline(never)]
fn add_sums<T: Float, const N: usize, const P: usize, const L: usize>(c: &mut [T], sums: [Sums<T, P, L>; N]) {
    for (c, sums) in c.iter_mut().zip(sums) {
        *c += fold(sums);
    }
}

/// Halves of the vectors first, and then of the one that is left.
#[inline(always)]
fn fold<T: Float, const P: usize, const L: usize>(mut sums: Sums<T, P, L>) -> T {
    let mut half = P / 2;
    while half > 0 {
        let (low, high) = sums.split_at_mut(half);
        for (low, high) in low.iter_mut().zip(high) {
            low.combine(high, |low, high| low + high);
        }
        half /= 2;
    }
    sums.first().map_or(T::ZERO, |sums| sums.sum())
}

/// The first `count` numbers, and zeros: read with what follows them in memory, if enough does.
#[inline(always)]
fn padded<T: Float, const P: usize, const L: usize>(x: &[T], count: usize) -> Sums<T, P, L> {
    match x.as_chunks::<L>().0.first_chunk::<P>() {
        Some(vectors) => {
            let mut left = count;
            vectors.map(|lanes| {
                let lanes = Lanes::new(lanes).first(left);
                left = left.saturating_sub(L);
                lanes
            })
        }
        None => {
            let mut vectors = x.get(..count).unwrap_or(x).chunks(L);
            core::array::from_fn(|_| Lanes::padded(vectors.next().unwrap_or(&[])))
        }
    }
}

type Whole<'a, T, const R: usize, const P: usize, const L: usize> = Option<Abreast<'a, [[T; L]; P], R>>;

/// The first `R` rows of `k` numbers: as many whole vectors as there are lanes side by side, and `x` from where each one's rest begins.
#[inline(always)]
fn vectors<T: Float, const R: usize, const P: usize, const L: usize>(x: &[T], k: usize) -> (Whole<'_, T, R, P, L>, [&[T]; R]) {
    let whole = k / (P * L);
    let split: [(&[[[T; L]; P]], &[T]); R] = core::array::from_fn(|i| {
        let row = x.get(i * k..).unwrap_or(&[]);
        let vectors = row.as_chunks::<L>().0.as_chunks::<P>().0;
        (vectors.get(..whole).unwrap_or(&[]), row.get(whole * P * L..).unwrap_or(&[]))
    });
    (Abreast::of(split.map(|(whole, _)| whole), whole), split.map(|(_, rest)| rest))
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
