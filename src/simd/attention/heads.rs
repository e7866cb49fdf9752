//! The two passes, head by head.

use super::drops::Drop;
use super::scores::{Block, Scale, Slopes, Soften, base};
use super::{Attend, AttendBackward, BLOCK, Inputs, QUERIES, Rows, VectorsMut};
use crate::simd::gemm::factor::Factors;
use crate::simd::{self, Float, gemm_strided, positive};

/// One head of one sample.
struct Head<'a, T> {
    inputs: Inputs<'a, T>,
    sample: usize,
    head: usize,
    q: Rows<'a, T>,
    k: Rows<'a, T>,
    v: Rows<'a, T>,
}

impl<'a, T: Float> Head<'a, T> {
    #[inline(always)]
    fn of(inputs: Inputs<'a, T>, index: usize) -> Self {
        let (sample, head) = (index / positive(inputs.sizes.heads), index % positive(inputs.sizes.heads));
        let [q, k, v] = [inputs.q, inputs.k, inputs.v].map(|vectors| vectors.head(sample, head));
        Self { inputs, sample, head, q, k, v }
    }

    /// The number of a query among those of all heads.
    #[inline(always)]
    fn row(&self, query: usize) -> usize {
        (self.sample * self.inputs.sizes.heads + self.head) * self.inputs.sizes.queries + query
    }

    /// [`Block::scores`].
    #[inline(always)]
    fn scores(&self, block: Block, to: &mut [T]) -> T {
        block.scores(&self.inputs, [self.q, self.k], self.sample, to)
    }

    /// Drops weights of a block, or their gradients.
    #[inline(never)]
    fn drop(&self, block: Block, weights: &mut [T]) {
        if let Some(drops) = self.inputs.drops {
            T::dispatch(Drop { drops, row: self.row(block.query), block, weights });
        }
    }

    /// The outputs of a block's queries over all keys, and what their weights are made with.
    #[inline(always)]
    fn forward(&self, query: usize, y: &mut [T], step: usize, normalizers: &mut [T], scores: &mut [T]) {
        let values = self.inputs.sizes.values;
        let (mut block, keys) = Block::first(&self.inputs.sizes, query, self.inputs.mask.causal);
        let (mut maxima, mut sums, mut factors) = ([T::NEG_INFINITY; QUERIES], [T::ZERO; QUERIES], [T::ZERO; QUERIES]);
        for y in y.chunks_mut(positive(step)).take(block.queries) {
            y.iter_mut().take(values).for_each(|y| *y = T::ZERO);
        }
        while block.keys > 0 {
            let scale_left = self.scores(block, scores);
            let so_far = [&mut maxima[..], &mut sums, &mut factors];
            T::dispatch(Soften { block, scores, scale: scale_left, so_far });
            if block.key > 0 {
                scale(y, step, values, factors.get(..block.queries));
            }
            self.drop(block, scores);
            let sizes = [block.queries, block.keys, values];
            gemm_strided(Factors { sizes, a: block.left(scores), b: self.v.from(block.key).right() }, y, step);
            block = block.next(keys);
        }
        for (i, (factor, (&max, &sum))) in factors.iter_mut().zip(maxima.iter().zip(&sums)).enumerate().take(block.queries) {
            // A query that may attend to nothing gives zeros.
            let none = sum == T::ZERO;
            *factor = if none { T::ZERO } else { sum.recip() };
            if let Some(normalizer) = normalizers.get_mut(2 * i..).and_then(|rest| rest.first_chunk_mut()) {
                *normalizer = [base(max), *factor];
            }
        }
        scale(y, step, values, factors.get(..block.queries));
    }

    /// Adds the part of a block's queries to the gradients.
    #[inline(always)]
    fn backward(
        &self,
        query: usize,
        [y, dy]: [Rows<'a, T>; 2],
        normalizers: &[T],
        gradients: &mut VectorsMut<'_, T>,
        [scores, slopes]: [&mut [T]; 2],
    ) {
        let sizes = &self.inputs.sizes;
        let (mut block, keys) = Block::first(sizes, query, self.inputs.mask.causal);
        let mut deltas = [T::ZERO; QUERIES];
        let deltas = deltas.get_mut(..if block.keys < keys { block.queries } else { 0 }).unwrap_or_default();
        for (i, delta) in deltas.iter_mut().enumerate() {
            let row = |rows: Rows<'a, T>| rows.from(query + i).numbers.get(..sizes.values).unwrap_or_default();
            *delta = simd::dot(row(y), row(dy));
        }
        while block.keys > 0 {
            let scale = self.scores(block, scores);
            block.products(dy, self.v, sizes.values, slopes);
            self.drop(block, slopes);
            T::dispatch(Slopes { block, scores, scale, slopes, slope: self.inputs.scale, normalizers, deltas });
            self.drop(block, scores);
            let (queries, keys_, width) = (block.queries, block.keys, sizes.width);
            let (q, k, dy) = (self.q.from(query), self.k.from(block.key), dy.from(query));
            let mut add = |which, row, factors| {
                let (to, step) = gradients.rows([which, self.sample, self.head, row]);
                gemm_strided(factors, to, step);
            };
            let of_values = [keys_, queries, sizes.values];
            add(2, block.key, Factors { sizes: of_values, a: block.left_transposed(scores), b: dy.right() });
            add(0, query, Factors { sizes: [queries, keys_, width], a: block.left(slopes), b: k.right() });
            add(1, block.key, Factors { sizes: [keys_, queries, width], a: block.left_transposed(slopes), b: q.right() });
            block = block.next(keys);
        }
    }
}

/// Multiplies the outputs of a block's queries.
#[inline(never)]
fn scale<T: Float>(y: &mut [T], step: usize, values: usize, factors: Option<&[T]>) {
    T::dispatch(Scale { y, step, values, factors: factors.unwrap_or_default() });
}

/// Calls `f` with each head and the first query of each of its blocks.
macro_rules! each_block {
    ($inputs:expr, |$head:ident, $query:ident| $body:expr) => {
        let sizes = $inputs.sizes;
        for index in 0..sizes.samples * sizes.heads {
            let $head = Head::of($inputs, index);
            let mut $query = 0;
            while $query < sizes.queries {
                $body
                $query += QUERIES;
            }
        }
    };
}

/// The outputs of all heads.
#[inline(always)]
pub fn forward<T: Float>(Attend { inputs, y, steps, normalizers }: Attend<'_, T>) {
    let mut scores = [T::ZERO; BLOCK];
    each_block!(inputs, |head, query| {
        let y = y.get_mut(steps.start(head.sample, head.head) + query * steps.row..).unwrap_or_default();
        let normalizers = normalizers.get_mut(2 * head.row(query)..).unwrap_or_default();
        head.forward(query, y, steps.row, normalizers, &mut scores);
    });
}

/// The gradients of all heads.
#[inline(always)]
pub fn backward<T: Float>(AttendBackward { inputs, y, dy, normalizers, mut gradients }: AttendBackward<'_, T>) {
    let (mut scores, mut slopes) = ([T::ZERO; BLOCK], [T::ZERO; BLOCK]);
    each_block!(inputs, |head, query| {
        let outputs = [y, dy].map(|vectors| vectors.head(head.sample, head.head));
        let normalizers = normalizers.get(2 * head.row(query)..).unwrap_or_default();
        head.backward(query, outputs, normalizers, &mut gradients, [&mut scores, &mut slopes]);
    });
}
