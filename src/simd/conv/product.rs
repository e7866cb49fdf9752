//! The correlation itself, in register tiles of [`ROWS`] output channels by some vectors of outputs in the wide layout.

use super::short::combine;
use super::strip::{Area, Strip};
use super::{Before, Correlation, DEPTH, SCRATCH, Same, Tap};
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

/// The numbers of a tile, of the widest vectors there are or narrower ones.
type Tile<T, const V: usize, const L: usize> = [[[T; L]; V]; ROWS];

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

    /// With tiles of `V` vectors of `L` lanes, or one of `H` where that will do.
    #[inline(always)]
    pub fn run<const V: usize, const L: usize, const H: usize>(self) {
        let s = self.sizes;
        let strip = Strip::best(s);
        let mut taps = [Tap::default(); DEPTH];
        let taps = strip.taps(s, &mut taps);
        let mut scratch: [T; SCRATCH];
        let scratch: &mut [T] = if strip.copied {
            scratch = [T::ZERO; SCRATCH];
            &mut scratch
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
            group::<T, V, L, H>(s, &strip, taps, [x, weight], before, y, scratch);
            x = x.get(s.channels * s.source_len()..).unwrap_or_default();
        }
    }
}

/// One group of one sample. `x` reaches on to the end of all.
#[inline(always)]
fn group<T: Float, const V: usize, const L: usize, const H: usize>(
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
            Operands { sizes, strip, taps, weight, source, part, before }.add::<V, L, H>(y);
            first += channels;
        }
    }
}

impl<T: Float> Operands<'_, T> {
    /// Adds the product to its part of y.
    #[inline(always)]
    fn add<const V: usize, const L: usize, const H: usize>(&self, y: &mut [T]) {
        let n = (self.part.rows - 1) * self.strip.width + self.part.columns;
        let mut tile = [[[T::ZERO; L]; V]; ROWS];
        let mut column = 0;
        while column < n {
            let width = width_of(n - column, V * L, L, H);
            let source = self.source.get(column..).unwrap_or_default();
            let mut row = 0;
            while row < self.sizes.outputs {
                let rows = rows_of(self.sizes.outputs - row);
                self.compute::<V, L, H>(row, rows, width, source, &mut tile);
                let count = usize::min(width, n - column);
                for (i, tile) in tile.as_flattened().as_flattened().chunks_exact(positive(width)).take(rows).enumerate() {
                    self.put(tile.get(..count).unwrap_or(tile), row + i, column, y);
                }
                row += rows;
            }
            column += width;
        }
    }

    /// The tile of `rows` × `width`.
    #[inline(always)]
    fn compute<const V: usize, const L: usize, const H: usize>(
        &self,
        row: usize,
        rows: usize,
        width: usize,
        source: &[T],
        tile: &mut Tile<T, V, L>,
    ) {
        match width.div_ceil(L) {
            4.. => self.rows::<V, L, V, L>(row, rows, source, tile),
            3 => self.rows::<3, L, V, L>(row, rows, source, tile),
            2 => self.rows::<2, L, V, L>(row, rows, source, tile),
            _ if width > H => self.rows::<1, L, V, L>(row, rows, source, tile),
            _ => self.rows::<1, H, V, L>(row, rows, source, tile),
        }
    }

    #[inline(always)]
    fn rows<const V: usize, const L: usize, const W: usize, const M: usize>(
        &self,
        row: usize,
        rows: usize,
        source: &[T],
        tile: &mut Tile<T, W, M>,
    ) {
        match rows {
            1 => self.tile::<1, V, L, W, M>(row, source, tile),
            2 => self.tile::<2, V, L, W, M>(row, source, tile),
            _ => self.tile::<ROWS, V, L, W, M>(row, source, tile),
        }
    }

    /// Computes a tile of `R` rows from `row`, of outputs from the source's first on.
    #[inline(always)]
    fn tile<const R: usize, const V: usize, const L: usize, const W: usize, const M: usize>(
        &self,
        row: usize,
        source: &[T],
        to: &mut Tile<T, W, M>,
    ) {
        let Some(weights) = self.weights::<R>(row) else { return };
        let mut columns = self.taps.iter().map_while(|tap| weights.get(tap.weight));
        let mut rows = Shifted { taps: self.taps.iter(), source };
        let mut tile = [[Lanes::<T, L>::ZERO; V]; R];
        let whole = core::iter::from_fn(|| rows.next_whole());
        tile::accumulate::<T, R, V, L>(&mut tile, whole, &mut columns);
        let padded = core::iter::from_fn(|| rows.next_padded());
        tile::accumulate::<T, R, V, L>(&mut tile, padded, &mut columns);
        let to = to.as_flattened_mut().as_flattened_mut().as_chunks_mut::<L>().0.as_chunks_mut::<V>().0;
        for (to, tile) in to.iter_mut().zip(tile) {
            for (to, lanes) in to.iter_mut().zip(tile) {
                *to = lanes.get();
            }
        }
    }

    /// The weights of `R` output channels.
    #[inline(always)]
    fn weights<const R: usize>(&self, row: usize) -> Option<Abreast<'_, T, R>> {
        let [stride, channel] = self.sizes.weight_strides();
        let taps = self.sizes.taps();
        let length = (self.taps.len() / positive(taps)).saturating_sub(1) * channel + taps;
        let mut rows: [&[T]; R] = [&[]; R];
        for (i, weights) in rows.iter_mut().enumerate() {
            *weights = self.weight.get((row + i) * stride..)?.get(..length)?;
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

/// The rows of the next tile. Three are two and one: few networks have such a number of channels, and the compiler would have a quarter more
/// to do.
const fn rows_of(left: usize) -> usize {
    match left {
        3 => 2,
        _ if left > ROWS => ROWS,
        _ => left,
    }
}

/// The width of the next tile: no wider than need be.
#[inline(always)]
fn width_of(left: usize, widest: usize, lanes: usize, half: usize) -> usize {
    if left >= widest {
        widest
    } else if left <= half {
        half
    } else {
        left.next_multiple_of(positive(lanes))
    }
}

/// The rows of the right factor: the source from each tap's distance on.
struct Shifted<'a, T> {
    taps: core::slice::Iter<'a, Tap>,
    source: &'a [T],
}

impl<T: Float> Shifted<'_, T> {
    /// The next row, numbers beyond the source being 0.
    #[inline(always)]
    fn next_padded<const V: usize, const L: usize>(&mut self) -> Option<[Lanes<T, L>; V]> {
        let tap = self.taps.next()?;
        let mut vectors = self.source.get(tap.source..).unwrap_or_default().chunks(L);
        let mut row = [Lanes::ZERO; V];
        for lanes in &mut row {
            *lanes = Lanes::padded(vectors.next().unwrap_or_default());
        }
        Some(row)
    }

    /// The next row, if all of it lies in the source.
    #[inline(always)]
    fn next_whole<const V: usize, const L: usize>(&mut self) -> Option<[Lanes<T, L>; V]> {
        let tap = self.taps.as_slice().first()?;
        let x = self.source.get(tap.source..)?.as_chunks::<L>().0.first_chunk::<V>()?;
        self.taps.next();
        let mut row = [Lanes::ZERO; V];
        for (lanes, x) in row.iter_mut().zip(x) {
            *lanes = Lanes::new(*x);
        }
        Some(row)
    }
}
