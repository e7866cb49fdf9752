//! The scores of a block, and what is done with each of its rows.

use super::{Inputs, KEYS, Mask, QUERIES, Rows, Sizes};
use crate::simd::gemm::factor::{Factors, Strided};
use crate::simd::lanes::Lanes;
use crate::simd::rows::larger;
use crate::simd::sets::{Kernel, Same};
use crate::simd::{Float, gemm_strided};

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

    /// The place of a query's first number.
    #[inline(always)]
    const fn row(self, query: usize) -> usize {
        query * self.keys
    }

    /// a · bᵀ, for each of its queries and keys, over what `to` held.
    #[inline(always)]
    pub fn products<T: Float>(self, a: Rows<'_, T>, b: Rows<'_, T>, width: usize, to: &mut [T]) {
        // Some more than there are, by whole vectors.
        to.iter_mut().take(self.row(self.queries).next_multiple_of(16)).for_each(|product| *product = T::ZERO);
        let sizes = [self.queries, width, self.keys];
        gemm_strided(Factors { sizes, a: a.from(self.query).left(), b: b.from(self.key).transposed() }, to, self.keys);
    }
}

/// How the products of a block's queries and keys become scores: scale · q · kᵀ + mask.
#[derive(Clone, Copy)]
pub struct Scoring<'a, T> {
    pub block: Block,
    /// All keys.
    keys: usize,
    sample: usize,
    scale: T,
    mask: Mask<'a, T>,
}

impl<'a, T: Float> Scoring<'a, T> {
    /// In a sample.
    #[inline(always)]
    pub fn of(inputs: &Inputs<'a, T>, sample: usize, block: Block) -> Self {
        Self { block, keys: inputs.sizes.keys, sample, scale: inputs.scale, mask: inputs.mask }
    }

    #[inline(always)]
    fn cast<N: Same<T>>(self) -> Scoring<'a, N> {
        let Self { block, keys, sample, scale, mask } = self;
        Scoring { block, keys, sample, scale: N::of(scale), mask: mask.cast() }
    }

    /// Makes scores of a query's products: adds what the mask adds, and makes −∞ of what it hides.
    #[inline(always)]
    fn apply(&self, query: usize, products: &mut [T]) {
        let Self { block, mask, .. } = self;
        let place = (block.query + query) * self.keys + block.key;
        let row = products.get_mut(..block.keys).unwrap_or_default();
        for score in &mut *row {
            *score *= self.scale;
        }
        for (score, &added) in row.iter_mut().zip(mask.added.get(place..).unwrap_or_default()) {
            *score += added;
        }
        for (allowed, place) in [(mask.allowed, place), (mask.keys, self.sample * self.keys + block.key)] {
            for (score, &allowed) in row.iter_mut().zip(allowed.get(place..).unwrap_or_default()) {
                *score = if allowed { *score } else { T::NEG_INFINITY };
            }
        }
        if mask.causal {
            let seen = (block.query + query + 1).saturating_sub(block.key);
            for score in row.get_mut(seen..).unwrap_or_default() {
                *score = T::NEG_INFINITY;
            }
        }
    }
}

/// Calls `$row` with lanes that short rows fill, and of which there are several vectors, which do not wait for each other; in `f64` with
/// fewer, which are less to compile.
macro_rules! by_lanes {
    ($row:ident::<$T:ident>($($argument:expr),+)) => {
        if const { size_of::<$T>() == 4 } { $row::<$T, 16>($($argument),+) } else { $row::<$T, 4>($($argument),+) }
    };
}

/// Makes e^(x − max) of the scores x of each query, where `max` is the largest of them and of those before, and adds them up.
pub struct Soften<'a, T> {
    pub scoring: Scoring<'a, T>,
    /// The products; then the exponentials.
    pub scores: &'a mut [T],
    /// Of each query the largest score so far, the sum of the exponentials, and what those before are to be multiplied by.
    pub so_far: [&'a mut [T]; 3],
}

impl<T: Float> Kernel<T> for Soften<'_, T> {
    type Output = ();
    const WIDE: bool = true;
    const DOUBLES: bool = false;

    #[inline(always)]
    fn run<N: Same<T>>(self) {
        let (scoring, scores) = (self.scoring.cast::<N>(), N::slice_mut(self.scores));
        let block = scoring.block;
        let [maxima, sums, factors] = self.so_far.map(N::slice_mut);
        for (i, ((max, sum), factor)) in maxima.iter_mut().zip(sums).zip(factors).enumerate().take(block.queries) {
            let row = scores.get_mut(block.row(i)..).unwrap_or_default();
            scoring.apply(i, row);
            let (larger, more) = by_lanes!(soften::<N>(row, block.keys, *max));
            if block.key > 0 {
                *factor = (*max - base(larger)).exp();
                *sum *= *factor;
            }
            (*max, *sum) = (larger, *sum + more);
        }
    }
}

#[inline(always)]
fn soften<T: Float, const L: usize>(x: &mut [T], n: usize, before: T) -> (T, T) {
    let low = Lanes::splat(T::NEG_INFINITY);
    let mut max: Lanes<T, L> = Lanes::splat(before);
    for at in (0..n).step_by(L) {
        max.combine(&load(x, n, at, &low), larger);
    }
    let max = max.fold(larger);
    let base = base(max);
    let mut sum = Lanes::<T, L>::ZERO;
    for at in (0..n).step_by(L) {
        let exponentials = load(x, n, at, &low).map(|x| (x - base).exp());
        sum.combine(&exponentials, |sum, e| sum + e);
        store(exponentials, x, n, at);
    }
    (max, sum.sum())
}

/// What is subtracted from scores of which `max` is the largest: nothing, where all are hidden.
#[inline(always)]
pub fn base<T: Float>(max: T) -> T {
    if max == T::NEG_INFINITY { T::ZERO } else { max }
}

/// Makes the weights e^(x − m) / s of the scores x of each query, and of the weights' gradients those of the scores before they are scaled,
/// p · (dp − delta) · scale.
pub struct Slopes<'a, T> {
    pub scoring: Scoring<'a, T>,
    /// The products; then the weights p.
    pub scores: &'a mut [T],
    /// dp; then the gradients.
    pub slopes: &'a mut [T],
    /// Of each query m and 1/s.
    pub normalizers: &'a [T],
    /// y and dy, of which delta is the product where not all keys are at hand. Where they are it is the mean of the slopes themselves, which
    /// cancels better than the rounded outputs do.
    pub outputs: Option<[Rows<'a, T>; 2]>,
    /// The numbers of an output.
    pub values: usize,
}

impl<T: Float> Kernel<T> for Slopes<'_, T> {
    type Output = ();
    const WIDE: bool = true;
    const DOUBLES: bool = false;

    #[inline(always)]
    fn run<N: Same<T>>(self) {
        let (scoring, block) = (self.scoring.cast::<N>(), self.scoring.block);
        let (scores, slopes) = (N::slice_mut(self.scores), N::slice_mut(self.slopes));
        let outputs = self.outputs.map(|outputs| outputs.map(|rows| rows.from(block.query).cast::<N>()));
        for (i, normalizer) in N::slice(self.normalizers).as_chunks().0.iter().enumerate().take(block.queries) {
            let row = scores.get_mut(block.row(i)..).unwrap_or_default();
            let slopes = slopes.get_mut(block.row(i)..).unwrap_or_default();
            scoring.apply(i, row);
            by_lanes!(weigh::<N>(row, block.keys, normalizer));
            let (a, b, n) = match outputs {
                Some([y, dy]) => (y.from(i).numbers, dy.from(i).numbers, self.values),
                None => (&*row, &*slopes, block.keys),
            };
            let delta = by_lanes!(dot::<N>(a, b, n));
            by_lanes!(slope::<N>(slopes, row, block.keys, [delta, scoring.scale]));
        }
    }
}

#[inline(always)]
fn weigh<T: Float, const L: usize>(x: &mut [T], n: usize, &[max, factor]: &[T; 2]) {
    for at in (0..n).step_by(L) {
        let weights = load::<T, L>(x, n, at, &Lanes::ZERO).map(|x| (x - max).exp() * factor);
        store(weights, x, n, at);
    }
}

#[inline(always)]
fn slope<T: Float, const L: usize>(dp: &mut [T], p: &[T], n: usize, [delta, scale]: [T; 2]) {
    for at in (0..n).step_by(L) {
        let mut ds = load::<T, L>(dp, n, at, &Lanes::ZERO);
        ds.combine(&load(p, n, at, &Lanes::ZERO), |dp, p| p * (dp - delta) * scale);
        store(ds, dp, n, at);
    }
}

/// Σ aᵢ · bᵢ over `n` numbers.
#[inline(always)]
fn dot<T: Float, const L: usize>(a: &[T], b: &[T], n: usize) -> T {
    let mut dot = Lanes::<T, L>::ZERO;
    for at in (0..n).step_by(L) {
        let load = |x: &[T]| Lanes::load(x.get(at..).unwrap_or_default(), n - at, &Lanes::ZERO);
        dot.add_product(&load(a), &load(b));
    }
    dot.sum()
}

/// Of `n` numbers those from `at` on, and others beyond. Behind a block's numbers there is [room](super::SLACK) for whole vectors.
#[inline(always)]
fn load<T: Float, const L: usize>(x: &[T], n: usize, at: usize, others: &Lanes<T, L>) -> Lanes<T, L> {
    let lanes = x.get(at..).and_then(|x| x.first_chunk());
    lanes.map_or(*others, |lanes| Lanes::new(*lanes).first_or(n - at, others))
}

/// Writes the same.
#[inline(always)]
fn store<T: Float, const L: usize>(lanes: Lanes<T, L>, x: &mut [T], n: usize, at: usize) {
    if let Some(x) = x.get_mut(at..).and_then(|x| x.first_chunk_mut()) {
        *x = lanes.first_or(n - at, &Lanes::new(*x)).get();
    }
}

/// Multiplies the outputs of each query, `values` numbers in rows some distance apart, by a factor.
pub struct Scale<'a, T> {
    pub y: &'a mut [T],
    pub step: usize,
    pub values: usize,
    pub factors: &'a [T],
}

impl<T: Float> Kernel<T> for Scale<'_, T> {
    type Output = ();
    const WIDE: bool = true;
    const DOUBLES: bool = false;

    #[inline(always)]
    fn run<N: Same<T>>(self) {
        let y = N::slice_mut(self.y);
        for (i, &factor) in N::slice(self.factors).iter().enumerate() {
            let row = y.get_mut(i * self.step..).unwrap_or_default();
            for y in row.iter_mut().take(self.values) {
                *y *= factor;
            }
        }
    }
}
