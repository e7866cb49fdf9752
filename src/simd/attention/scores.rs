//! The scores of a block, and what is done with each of its rows.

use super::{Inputs, KEYS, QUERIES, Rows, Sizes};
use crate::simd::gemm::factor::{Factors, Strided};
use crate::simd::lanes::Lanes;
use crate::simd::rows::larger;
use crate::simd::sets::{Kernel, Same};
use crate::simd::{self, Float, fill, gemm_strided, positive};

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
        Strided { a: numbers, row: self.stride(), column: 1 }
    }

    /// The same, a row for each key.
    #[inline(always)]
    pub fn left_transposed<T>(self, numbers: &[T]) -> Strided<'_, T> {
        Strided { a: numbers, row: 1, column: self.stride() }
    }

    /// The distance from one query's numbers to the next one's: whole vectors.
    #[inline(always)]
    pub const fn stride(self) -> usize {
        self.keys.next_multiple_of(LANES)
    }

    /// q · kᵀ of a sample, and what that is to be multiplied by to become scores. Where there is a mask, it is, and the mask is added.
    #[inline(always)]
    pub fn scores<T: Float>(self, inputs: &Inputs<'_, T>, [q, k]: [Rows<'_, T>; 2], sample: usize, to: &mut [T]) -> T {
        self.products(q, k, inputs.sizes.width, to);
        if inputs.mask.is_none() {
            return inputs.scale;
        }
        mask_all(self, inputs, sample, to);
        T::ONE
    }

    /// a · bᵀ, for each of its queries and keys, over what `to` held.
    #[inline(always)]
    pub fn products<T: Float>(self, a: Rows<'_, T>, b: Rows<'_, T>, width: usize, to: &mut [T]) {
        fill(to.get_mut(..self.queries * self.stride()).unwrap_or_default(), T::ZERO);
        let sizes = [self.queries, width, self.keys];
        gemm_strided(Factors { sizes, a: a.from(self.query).left(), b: b.from(self.key).transposed() }, to, self.stride());
    }
}

/// The most lanes that a row is worked on with. It is as long as whole vectors of them.
const LANES: usize = 16;

/// Makes scores of products, adds what the mask adds, and makes −∞ of what it hides.
#[inline(never)]
fn mask_all<T: Float>(block: Block, inputs: &Inputs<'_, T>, sample: usize, scores: &mut [T]) {
    let (keys, mask) = (inputs.sizes.keys, &inputs.mask);
    for (i, row) in scores.chunks_exact_mut(positive(block.stride())).take(block.queries).enumerate() {
        let row = row.get_mut(..block.keys).unwrap_or_default();
        let place = (block.query + i) * keys + block.key;
        simd::scale(row, inputs.scale);
        simd::add_assign(row, mask.added.get(place..).unwrap_or_default());
        hide(row, mask.allowed.get(place..).unwrap_or_default());
        hide(row, mask.keys.get(sample * keys + block.key..).unwrap_or_default());
        if mask.causal {
            let seen = (block.query + i + 1).saturating_sub(block.key);
            fill(row.get_mut(seen..).unwrap_or_default(), T::NEG_INFINITY);
        }
    }
}

#[inline(always)]
fn hide<T: Float>(scores: &mut [T], allowed: &[bool]) {
    for (score, &allowed) in scores.iter_mut().zip(allowed) {
        *score = if allowed { *score } else { T::NEG_INFINITY };
    }
}

/// Calls `$row` with lanes that short rows fill, and of which there are several vectors, which do not wait for each other; in `f64` with
/// fewer, which are less to compile.
macro_rules! by_lanes {
    ($row:ident::<$T:ident>($($argument:expr),+)) => {
        if const { size_of::<$T>() == 4 } { $row::<$T, LANES>($($argument),+) } else { $row::<$T, 4>($($argument),+) }
    };
}

/// Makes e^(x − max) of the scores x of each query, where `max` is the largest of them and of those before, and adds them up.
pub struct Soften<'a, T> {
    pub block: Block,
    /// The scores, but for a factor; then the exponentials.
    pub scores: &'a mut [T],
    pub scale: T,
    /// Of each query the largest score so far, the sum of the exponentials, and what those before are to be multiplied by.
    pub so_far: [&'a mut [T]; 3],
}

impl<T: Float> Kernel<T> for Soften<'_, T> {
    type Output = ();
    const DOUBLES: bool = false;

    #[inline(always)]
    fn run<N: Same<T>>(self) {
        let (block, scale) = (self.block, N::of(self.scale));
        let [maxima, sums, factors] = self.so_far;
        let (maxima, sums, factors) = (N::slice_mut(maxima), N::slice_mut(sums), N::slice_mut(factors));
        let rows = N::slice_mut(self.scores).chunks_exact_mut(positive(block.stride())).take(block.queries);
        for (((max, sum), factor), row) in maxima.iter_mut().zip(sums).zip(factors).zip(rows) {
            let (larger, more) = by_lanes!(soften::<N>(row, block.keys, scale, *max));
            if block.key > 0 {
                *factor = (*max - base(larger)).exp();
                *sum *= *factor;
            }
            (*max, *sum) = (larger, *sum + more);
        }
    }
}

#[inline(always)]
fn soften<T: Float, const L: usize>(x: &mut [T], n: usize, scale: T, before: T) -> (T, T) {
    scaled::<T, L>(x, n, scale);
    let mut max: Lanes<T, L> = Lanes::splat(before);
    for at in (0..n).step_by(L) {
        max.combine(&load(x, at), larger);
    }
    let max = max.fold(larger);
    let base = base(max);
    let mut sum = Lanes::<T, L>::ZERO;
    for at in (0..n).step_by(L) {
        let exponentials = load(x, at).map(|x| (x - base).exp());
        sum.combine(&exponentials, |sum, e| sum + e);
        store(exponentials, x, at);
    }
    (max, sum.sum())
}

/// `n` scores times a factor, and −∞ beyond.
#[inline(always)]
fn scaled<T: Float, const L: usize>(x: &mut [T], n: usize, scale: T) {
    for at in (0..n).step_by(L) {
        store(load::<T, L>(x, at).map(|x| x * scale), x, at);
    }
    for x in x.get_mut(n..).unwrap_or_default() {
        *x = T::NEG_INFINITY;
    }
}

/// The numbers from `at` on. (By places, of which the compiler does not see that they lie in the row: through chunks it would go several at a
/// time, with gathers and scatters.)
#[inline(always)]
fn load<T: Float, const L: usize>(x: &[T], at: usize) -> Lanes<T, L> {
    x.get(at..).and_then(|x| x.first_chunk()).map_or(Lanes::ZERO, |x| Lanes::new(*x))
}

/// Writes them.
#[inline(always)]
fn store<T: Float, const L: usize>(lanes: Lanes<T, L>, x: &mut [T], at: usize) {
    if let Some(x) = x.get_mut(at..).and_then(|x| x.first_chunk_mut()) {
        *x = lanes.get();
    }
}

/// What is subtracted from scores of which `max` is the largest: nothing, where all are hidden.
#[inline(always)]
pub fn base<T: Float>(max: T) -> T {
    if max == T::NEG_INFINITY { T::ZERO } else { max }
}

/// Makes the weights e^(x − m) / s of the scores x of each query, and of the weights' gradients those of the scores before they are scaled,
/// p · (dp − delta) · scale.
pub struct Slopes<'a, T> {
    pub block: Block,
    /// The scores, but for a factor; then the weights p.
    pub scores: &'a mut [T],
    pub scale: T,
    /// dp; then the gradients.
    pub slopes: &'a mut [T],
    /// The factor of all scores.
    pub slope: T,
    /// Of each query m and 1/s.
    pub normalizers: &'a [T],
    /// Of each query delta = y · dy. Where all keys are at hand it is empty, and delta the mean of the slopes themselves: they cancel better
    /// than the rounded outputs do.
    pub deltas: &'a [T],
}

impl<T: Float> Kernel<T> for Slopes<'_, T> {
    type Output = ();
    const DOUBLES: bool = false;

    #[inline(always)]
    fn run<N: Same<T>>(self) {
        let (block, scale, slope_scale) = (self.block, N::of(self.scale), N::of(self.slope));
        let (normalizers, deltas) = (N::slice(self.normalizers).as_chunks().0, N::slice(self.deltas));
        let stride = positive(block.stride());
        let scores = N::slice_mut(self.scores).chunks_exact_mut(stride).take(block.queries);
        let slopes = N::slice_mut(self.slopes).chunks_exact_mut(stride);
        for (i, ((row, slopes), normalizer)) in scores.zip(slopes).zip(normalizers).enumerate() {
            let mean = by_lanes!(weigh::<N>(row, slopes, block.keys, scale, normalizer));
            let delta = deltas.get(i).copied().unwrap_or(mean);
            by_lanes!(slope::<N>(slopes, row, block.keys, [delta, slope_scale]));
        }
    }
}

/// Makes weights of `n` scores; gives Σ p · dp.
#[inline(always)]
fn weigh<T: Float, const L: usize>(x: &mut [T], dp: &[T], n: usize, scale: T, &[max, factor]: &[T; 2]) -> T {
    scaled::<T, L>(x, n, scale);
    let mut mean = Lanes::<T, L>::ZERO;
    for at in (0..n).step_by(L) {
        let weights = load(x, at).map(|x| (x - max).exp() * factor);
        mean.add_product(&weights, &load(dp, at));
        store(weights, x, at);
    }
    mean.sum()
}

#[inline(always)]
fn slope<T: Float, const L: usize>(dp: &mut [T], p: &[T], n: usize, [delta, scale]: [T; 2]) {
    for at in (0..n).step_by(L) {
        let mut ds = load::<T, L>(dp, at);
        ds.combine(&load(p, at), |dp, p| p * (dp - delta) * scale);
        store(ds, dp, at);
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
    const DOUBLES: bool = false;

    #[inline(always)]
    fn run<N: Same<T>>(self) {
        let y = N::slice_mut(self.y);
        for (i, &factor) in N::slice(self.factors).iter().enumerate() {
            let row = y.get_mut(i * self.step..).unwrap_or_default();
            let mut at = 0;
            while at + 8 <= self.values {
                store(load::<N, 8>(row, at).map(|y| y * factor), row, at);
                at += 8;
            }
            for y in row.get_mut(at..self.values).unwrap_or_default() {
                *y *= factor;
            }
        }
    }
}
