//! The correlation itself, in register tiles of [`ROWS`] output channels by some vectors of outputs in the wide layout.

use super::short::combine;
use super::strip::{Area, Strip};
use super::{Before, Correlation, DEPTH, Room, Same, Tap};
use crate::simd::gemm::ROWS;
use crate::simd::gemm::factor::Abreast;
use crate::simd::gemm::tile;
use crate::simd::lanes::Lanes;
use crate::simd::{Float, positive};

/// A correlation's sizes and planes.
pub struct Product<'a, T> {
    pub sizes: &'a Correlation,
    pub x: &'a [T],
    pub weight: &'a [T],
    pub before: Before<'a, T>,
    pub y: &'a mut [T],
}

/// What one product reads and where it goes.
struct Operands<'a, T> {
    sizes: &'a Correlation,
    strip: &'a Strip,
    /// The elements of the kernels of a strip's channels, or fewer in the last strip.
    taps: &'a [Tap],
    weight: &'a [T],
    source: &'a [T],
    part: Area,
    before: Before<'a, T>,
}

/// The sums of a tile, or of a smaller one at its beginning.
type Sums<T, const V: usize, const L: usize> = [[[T; L]; V]; ROWS];

impl<'a, T: Float> Product<'a, T> {
    /// The same with another name for the numbers.
    #[inline(always)]
    pub fn cast<N: Same<T>>(self) -> Product<'a, N> {
        let before = match self.before {
            Before::Itself => Before::Itself,
            Before::Zero => Before::Zero,
            Before::Bias(bias) => Before::Bias(N::slice(bias)),
        };
        let (x, weight, y) = (N::slice(self.x), N::slice(self.weight), N::slice_mut(self.y));
        Product { sizes: self.sizes, x, weight, before, y }
    }

    /// With tiles of `V` vectors of `L` lanes, or fewer where these will do.
    #[inline(always)]
    pub fn run<const V: usize, const L: usize>(self) {
        let s = self.sizes;
        let strip = Strip::best(s);
        let mut taps = [Tap::default(); DEPTH];
        let taps = strip.taps(s, &mut taps);
        let mut scratch: Room<T>;
        let scratch: &mut [T] = if strip.copied {
            scratch = Room::new();
            &mut scratch.0
        } else {
            &mut []
        };
        let mut weights = self.weight.chunks_exact(positive(s.outputs * s.channels * s.taps())).cycle();
        let mut bias = match self.before {
            Before::Bias(bias) => bias,
            _ => &[],
        }
        .chunks_exact(positive(s.outputs))
        .cycle();
        let mut x = self.x;
        for y in self.y.chunks_exact_mut(positive(s.outputs * s.output_len())) {
            let Some(weight) = weights.next() else { return };
            let before = bias.next().map_or(self.before, Before::Bias);
            group::<T, V, L>(s, &strip, taps, [x, weight], before, y, scratch);
            x = x.get(s.channels * s.source_len()..).unwrap_or_default();
        }
    }
}

/// One group of one sample. `x` reaches on to the end of all.
#[inline(always)]
fn group<T: Float, const V: usize, const L: usize>(
    sizes: &Correlation,
    strip: &Strip,
    taps: &[Tap],
    [x, weight]: [&[T]; 2],
    before: Before<'_, T>,
    y: &mut [T],
    scratch: &mut [T],
) {
    let whole = Area { row: 0, column: 0, rows: sizes.output[0], columns: sizes.output[1] };
    for part in whole.cut(strip.rows, strip.columns) {
        let mut first = 0;
        while first < sizes.channels {
            let channels = usize::min(strip.channels, sizes.channels - first);
            let planes = x.get(first * sizes.source_len()..).unwrap_or_default();
            let source = strip.lay(sizes, planes, channels, part, scratch);
            let before = if first == 0 { before } else { Before::Itself };
            let weight = weight.get(first * sizes.weight_strides()[1]..).unwrap_or_default();
            let taps = taps.get(..channels * sizes.taps()).unwrap_or_default();
            Operands { sizes, strip, taps, weight, source, part, before }.add::<V, L>(y);
            first += channels;
        }
    }
}

impl<T: Float> Operands<'_, T> {
    /// Adds the product to its part of y.
    #[inline(always)]
    fn add<const V: usize, const L: usize>(&self, y: &mut [T]) {
        let n = (self.part.rows - 1) * self.strip.width + self.part.columns;
        let mut sums = [[[T::ZERO; L]; V]; ROWS];
        let mut column = 0;
        while column < n {
            let room = if self.strip.copied { V * L } else { n };
            let width = width_of(n - column, room, V * L, L);
            // The last tile ends where the outputs do, so that it reads nothing behind them. It has those before it once more.
            let first = usize::min(column, n.saturating_sub(width));
            let source = self.source.get(first..).unwrap_or_default();
            let known = column - first;
            let count = usize::min(width, n - first) - known;
            let mut row = 0;
            while row < self.sizes.outputs {
                let rows = usize::min(self.sizes.outputs - row, ROWS);
                self.compute::<V, L>(row, rows, width, source, &mut sums);
                let sums = sums.as_flattened().as_flattened();
                for (i, sums) in sums.chunks_exact(positive(width)).take(rows).enumerate() {
                    self.put(sums.get(known..known + count).unwrap_or_default(), row + i, column, y);
                }
                row += rows;
            }
            column += count;
        }
    }

    /// A tile of `rows` × `width`.
    #[inline(always)]
    fn compute<const V: usize, const L: usize>(
        &self,
        row: usize,
        rows: usize,
        width: usize,
        source: &[T],
        sums: &mut Sums<T, V, L>,
    ) {
        match width / L {
            4.. if const { V > 2 } => self.rows::<4, L>(row, rows, source, sums.as_flattened_mut()),
            2.. if const { V > 1 } => self.rows::<2, L>(row, rows, source, sums.as_flattened_mut()),
            _ => self.rows::<1, L>(row, rows, source, sums.as_flattened_mut()),
        }
    }

    /// The same with `V` vectors. Two rows take no longer than one, which waits for its own sums, and four no longer than two and one.
    #[inline(always)]
    fn rows<const V: usize, const L: usize>(&self, row: usize, rows: usize, source: &[T], sums: &mut [[T; L]]) {
        if rows > 2 {
            self.tile::<ROWS, V, L>(row, source, sums);
        } else {
            self.tile::<2, V, L>(row, source, sums);
        }
    }

    /// Computes a tile of `R` rows from `row`, of outputs from the source's first on.
    #[inline(always)]
    fn tile<const R: usize, const V: usize, const L: usize>(&self, row: usize, source: &[T], sums: &mut [[T; L]]) {
        let Some(weights) = self.weights::<R>(row) else { return };
        let mut columns = self.taps.iter().map_while(|tap| weights.get(tap.weight));
        let mut rows = self.taps.iter().map_while(|tap| shifted(source, tap.source));
        let mut tile = [[Lanes::<T, L>::ZERO; V]; R];
        tile::accumulate::<T, R, V, L>(&mut tile, &mut rows, &mut columns);
        for (sums, tile) in sums.as_chunks_mut::<V>().0.iter_mut().zip(&tile) {
            for (sums, lanes) in sums.iter_mut().zip(tile) {
                *sums = lanes.get();
            }
        }
    }

    /// The weights of `R` output channels. If there are fewer, the last is taken for the rest.
    #[inline(always)]
    fn weights<const R: usize>(&self, row: usize) -> Option<Abreast<'_, T, R>> {
        let [stride, channel] = self.sizes.weight_strides();
        let taps = self.sizes.taps();
        let length = (self.taps.len() / positive(taps)).saturating_sub(1) * channel + taps;
        let mut rows: [&[T]; R] = [&[]; R];
        for (i, weights) in rows.iter_mut().enumerate() {
            let row = usize::min(row + i, self.sizes.outputs - 1);
            *weights = self.weight.get(row * stride..)?.get(..length)?;
        }
        Abreast::of(rows, length)
    }

    /// Adds what is computed of an output channel, from a column of the wide layout on, to y, and drops what is between its rows.
    #[inline(always)]
    fn put(&self, mut sums: &[T], row: usize, column: usize, y: &mut [T]) {
        let [_, width] = self.sizes.output;
        let (columns, wide) = (self.part.columns, self.strip.width);
        let pixels = self.sizes.output_len();
        let plane = y.get_mut(row * pixels..(row + 1) * pixels).unwrap_or_default();
        let before = match self.before {
            Before::Itself => None,
            Before::Zero => Some(T::ZERO),
            Before::Bias(bias) => bias.get(row).copied(),
        };
        let (mut i, mut j) = (column / positive(wide), column % positive(wide));
        while !sums.is_empty() {
            let inside = columns.saturating_sub(j).min(sums.len());
            let first = (self.part.row + i) * width + self.part.column + j;
            let to = plane.get_mut(first..first + inside).unwrap_or_default();
            let from = sums.get(..inside).unwrap_or_default();
            match before {
                Some(before) => combine(to, from, |_, sum| before + sum),
                None => combine(to, from, |y, sum| y + sum),
            }
            sums = sums.get(wide - j..).unwrap_or_default();
            (i, j) = (i + 1, 0);
        }
    }
}

/// The width of the next tile: the widest, or half as many vectors as long as what is left has room in them, or they have none.
#[inline(always)]
fn width_of(left: usize, room: usize, widest: usize, lanes: usize) -> usize {
    let mut width = widest;
    while width > lanes && (left <= width / 2 || room < width) {
        width /= 2;
    }
    width
}

/// A row of the right factor: the source from a tap's distance on.
#[inline(always)]
fn shifted<T: Float, const V: usize, const L: usize>(source: &[T], distance: usize) -> Option<[Lanes<T, L>; V]> {
    let x = source.get(distance..)?.as_chunks::<L>().0.first_chunk::<V>()?;
    let mut row = [Lanes::ZERO; V];
    for (lanes, x) in row.iter_mut().zip(x) {
        *lanes = Lanes::new(*x);
    }
    Some(row)
}
