//! The scores of a block, and what is done with each of its rows.

use super::{Inputs, KEYS, Mask, QUERIES, Rows, Sizes};
use crate::simd::Float;
use crate::simd::gemm::factor::{Factors, Strided};
use crate::simd::lanes::Lanes;
use crate::simd::rows::larger;

/// Some queries and some keys of a head.
#[derive(Clone, Copy)]
pub struct Block {
    /// The first query, and how many there are.
    pub query: usize,
    pub queries: usize,
    /// The first key, and how many there are.
    pub key: usize,
    pub keys: usize,
}

impl Block {
    /// The blocks of some queries that hold any key which these may attend to.
    #[inline(always)]
    pub fn first(sizes: &Sizes, query: usize, causal: bool) -> (Self, usize) {
        let queries = usize::min(QUERIES, sizes.queries - query);
        let keys = if causal { usize::min(sizes.keys, query + queries) } else { sizes.keys };
        (Self { query, queries, key: 0, keys: usize::min(KEYS, keys) }, keys)
    }

    /// The next of them, if `keys` reach so far.
    #[inline(always)]
    pub fn next(self, keys: usize) -> Self {
        let key = self.key + self.keys;
        Self { key, keys: usize::min(KEYS, keys - key), ..self }
    }

    /// The block's numbers as a left factor, a row for each query.
    #[inline(always)]
    pub fn left<T>(self, numbers: &[T]) -> Strided<'_, T> {
        Strided { a: numbers, row: self.keys, column: 1 }
    }

    /// The same, a row for each key.
    #[inline(always)]
    pub fn left_transposed<T>(self, numbers: &[T]) -> Strided<'_, T> {
        Strided { a: numbers, row: 1, column: self.keys }
    }

    /// How many numbers it has.
    #[inline(always)]
    const fn len(self) -> usize {
        self.queries * self.keys
    }

    /// a · bᵀ, for each of its queries and keys, over what `scores` held.
    #[inline(always)]
    pub fn products<T: Float>(self, a: Rows<'_, T>, b: Rows<'_, T>, width: usize, scores: &mut [T]) {
        // Some more than there are, by whole vectors.
        scores.iter_mut().take(self.len().next_multiple_of(16)).for_each(|score| *score = T::ZERO);
        let sizes = [self.queries, width, self.keys];
        T::strided(Factors { sizes, a: a.from(self.query).left(), b: b.from(self.key).transposed() }, scores, self.keys);
    }

    /// scale · q · kᵀ + mask, for the queries of a sample.
    #[inline(always)]
    pub fn scores<T: Float>(self, inputs: &Inputs<'_, T>, [q, k]: [Rows<'_, T>; 2], sample: usize, to: &mut [T]) {
        self.products(q, k, inputs.sizes.width, to);
        to.iter_mut().take(self.len().next_multiple_of(16)).for_each(|score| *score *= inputs.scale);
        self.hide(&inputs.sizes, &inputs.mask, sample, to);
    }

    /// Adds what the mask adds, and makes −∞ of what it hides.
    #[inline(always)]
    fn hide<T: Float>(self, sizes: &Sizes, mask: &Mask<'_, T>, sample: usize, scores: &mut [T]) {
        for i in 0..self.queries {
            let row = scores.get_mut(i * self.keys..(i + 1) * self.keys).unwrap_or_default();
            let place = (self.query + i) * sizes.keys + self.key;
            for (score, &added) in row.iter_mut().zip(mask.added.get(place..).unwrap_or_default()) {
                *score += added;
            }
            hide(row, mask.allowed.get(place..).unwrap_or_default());
            hide(row, mask.keys.get(sample * sizes.keys + self.key..).unwrap_or_default());
            if mask.causal {
                let seen = (self.query + i + 1).saturating_sub(self.key);
                row.iter_mut().skip(seen).for_each(|score| *score = T::NEG_INFINITY);
            }
        }
    }
}

#[inline(always)]
fn hide<T: Float>(scores: &mut [T], allowed: &[bool]) {
    for (score, &allowed) in scores.iter_mut().zip(allowed) {
        *score = if allowed { *score } else { T::NEG_INFINITY };
    }
}

/// Calls `$row` with lanes for rows of `$n` numbers.
macro_rules! by_lanes {
    ($n:expr, $row:ident::<$T:ident>($($argument:expr),+)) => {
        match $n {
            ..=8 => $row::<$T, 8>($($argument),+),
            ..=16 => $row::<$T, 16>($($argument),+),
            _ => $row::<$T, 32>($($argument),+),
        }
    };
}

/// Makes e^(x − max) of `n` scores, where `max` is the largest of them and of those before; gives it, and the sum.
#[inline(always)]
pub fn soften<T: Float>(x: &mut [T], n: usize, before: T) -> (T, T) {
    by_lanes!(n, soften_row::<T>(x, n, before))
}

#[inline(always)]
fn soften_row<T: Float, const L: usize>(x: &mut [T], n: usize, before: T) -> (T, T) {
    let low = Lanes::splat(T::NEG_INFINITY);
    let mut max: Lanes<T, L> = Lanes::splat(before);
    for at in (0..n).step_by(L) {
        max.combine(&Lanes::load(x.get(at..).unwrap_or_default(), n - at, &low), larger);
    }
    let max = max.fold(larger);
    let base = base(max);
    let mut sum = Lanes::<T, L>::ZERO;
    for at in (0..n).step_by(L) {
        let x = x.get_mut(at..).unwrap_or_default();
        let exponentials = Lanes::<T, L>::load(x, n - at, &low).map(|x| (x - base).exp());
        sum.combine(&exponentials, |sum, e| sum + e);
        exponentials.store(x, n - at);
    }
    (max, sum.sum())
}

/// What is subtracted from scores of which `max` is the largest: nothing, where all are hidden.
#[inline(always)]
pub fn base<T: Float>(max: T) -> T {
    if max == T::NEG_INFINITY { T::ZERO } else { max }
}

/// Makes the weights e^(x − m) / s of `n` scores.
#[inline(always)]
pub fn weigh<T: Float>(x: &mut [T], n: usize, normalizer: &[T; 2]) {
    by_lanes!(n, weigh_row::<T>(x, n, normalizer));
}

#[inline(always)]
fn weigh_row<T: Float, const L: usize>(x: &mut [T], n: usize, &[max, factor]: &[T; 2]) {
    for at in (0..n).step_by(L) {
        let x = x.get_mut(at..).unwrap_or_default();
        Lanes::<T, L>::load(x, n - at, &Lanes::ZERO).map(|x| (x - max).exp() * factor).store(x, n - at);
    }
}

/// Makes the scores' gradients p · (dp − delta) · scale of the weights' gradients.
#[inline(always)]
pub fn slope<T: Float>(dp: &mut [T], p: &[T], n: usize, [delta, scale]: [T; 2]) {
    by_lanes!(n, slope_row::<T>(dp, p, n, [delta, scale]));
}

#[inline(always)]
fn slope_row<T: Float, const L: usize>(dp: &mut [T], p: &[T], n: usize, [delta, scale]: [T; 2]) {
    for at in (0..n).step_by(L) {
        let (dp, p) = (dp.get_mut(at..).unwrap_or_default(), p.get(at..).unwrap_or_default());
        let mut ds = Lanes::<T, L>::load(dp, n - at, &Lanes::ZERO);
        ds.combine(&Lanes::load(p, n - at, &Lanes::ZERO), |dp, p| p * (dp - delta) * scale);
        ds.store(dp, n - at);
    }
}

/// Σ aᵢ · bᵢ over `n` numbers.
#[inline(always)]
pub fn dot<T: Float>(a: &[T], b: &[T], n: usize) -> T {
    by_lanes!(n, dot_row::<T>(a, b, n))
}

#[inline(always)]
fn dot_row<T: Float, const L: usize>(a: &[T], b: &[T], n: usize) -> T {
    let mut dot = Lanes::<T, L>::ZERO;
    for at in (0..n).step_by(L) {
        let load = |x: &[T]| Lanes::load(x.get(at..).unwrap_or_default(), n - at, &Lanes::ZERO);
        dot.add_product(&load(a), &load(b));
    }
    dot.sum()
}

/// Multiplies `n` numbers.
#[inline(always)]
pub fn scale<T: Float>(x: &mut [T], n: usize, factor: T) {
    by_lanes!(n, scale_row::<T>(x, n, factor));
}

#[inline(always)]
fn scale_row<T: Float, const L: usize>(x: &mut [T], n: usize, factor: T) {
    for at in (0..n).step_by(L) {
        let x = x.get_mut(at..).unwrap_or_default();
        Lanes::<T, L>::load(x, n - at, &Lanes::ZERO).map(|x| x * factor).store(x, n - at);
    }
}
