//! The correlation itself, in register tiles of [`ROWS`] output channels by some vectors of outputs: of the plane as it is, or in the wide
//! layout.

use super::short::combine;
use super::strip::{Area, Strip};
use super::{Before, Correlation, DEPTH, Room, Same, Tap};
use crate::simd::gemm::ROWS;
use crate::simd::gemm::factor::Abreast;
use crate::simd::gemm::tile;
use crate::simd::lanes::Lanes;
use crate::simd::sets::Part;
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
        let mut room = Room::new();
        let scratch = room.of(&strip);
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

/// A tile: its first output channel, its first column in the part's layout and how many follow, and how many of them are known already.
#[derive(Clone, Copy)]
struct Place {
    row: usize,
    column: usize,
    width: usize,
    known: usize,
}

impl<T: Float> Operands<'_, T> {
    /// Adds the product to its part of y.
    #[inline(always)]
    fn add<const V: usize, const L: usize>(&self, y: &mut [T]) {
        let n = (self.part.rows - 1) * self.strip.width + self.part.columns;
        let mut column = 0;
        while column < n {
            let room = if self.strip.is_copy() { V * L } else { n };
            let width = width_of(n - column, room, V * L, L);
            // The last tile ends where the outputs do, so that it reads nothing behind them. It has those before it once more.
            let first = usize::min(column, n.saturating_sub(width));
            let known = column - first;
            let source = self.source.get(first..).unwrap_or_default();
            for row in (0..self.sizes.outputs).step_by(ROWS) {
                self.compute::<V, L>(Place { row, column: first, width, known }, source, y);
            }
            column = usize::min(first + width, n);
        }
    }

    /// A tile, of outputs from the source's first on.
    #[inline(always)]
    fn compute<const V: usize, const L: usize>(&self, at: Place, source: &[T], y: &mut [T]) {
        match at.width / L {
            4.. if const { V > 2 } => self.rows::<4, L>(at, source, y),
            2.. if const { V > 1 } => self.rows::<2, L>(at, source, y),
            _ => self.rows::<1, L>(at, source, y),
        }
    }

    /// The same with `V` vectors. Two rows take no longer than one, which waits for its own sums, and four no longer than two and one.
    #[inline(always)]
    fn rows<const V: usize, const L: usize>(&self, at: Place, source: &[T], y: &mut [T]) {
        if self.sizes.outputs - at.row > 2 {
            self.tile::<ROWS, V, L>(at, source, y);
        } else {
            self.tile::<2, V, L>(at, source, y);
        }
    }

    /// The same with `R` rows.
    #[inline(always)]
    fn tile<const R: usize, const V: usize, const L: usize>(&self, at: Place, source: &[T], y: &mut [T]) {
        let Some(weights) = self.weights::<R>(at.row) else { return };
        let mut columns = self.taps.iter().map_while(|tap| weights.get(tap.weight));
        let mut rows = self.taps.iter().map_while(|tap| shifted(source, tap.source));
        let mut tile = [[Lanes::<T, L>::ZERO; V]; R];
        tile::accumulate::<T, R, V, L>(&mut tile, &mut rows, &mut columns);
        if !self.put_whole(at, &tile, y) {
            let mut sums = [[[T::ZERO; L]; V]; R];
            for (sums, lanes) in sums.as_flattened_mut().iter_mut().zip(tile.as_flattened()) {
                *sums = lanes.get();
            }
            T::apart(PutRows { operands: self, at, sums: sums.as_flattened().as_flattened(), width: V * L, y });
        }
    }

    /// Adds a tile to y where it lies there as it does here; whether it does.
    #[inline(always)]
    fn put_whole<const R: usize, const V: usize, const L: usize>(
        &self,
        at: Place,
        tile: &tile::Tile<T, R, V, L>,
        y: &mut [T],
    ) -> bool {
        let [_, width] = self.sizes.output;
        let first = self.part.row * width + at.column;
        let fresh = !matches!(self.before, Before::Itself);
        let n = self.part.rows * width;
        if self.strip.width != width || at.column + V * L > n || (at.known > 0 && !fresh) {
            return false;
        }
        let mut planes = y.chunks_exact_mut(positive(self.sizes.output_len())).skip(at.row);
        for (i, tile) in tile.iter().enumerate() {
            let Some(to) = planes.next().and_then(|plane| plane.get_mut(first..)) else { break };
            let Some(to) = to.as_chunks_mut::<L>().0.first_chunk_mut::<V>() else { break };
            let before = match self.before {
                Before::Itself => None,
                Before::Zero => Some(T::ZERO),
                Before::Bias(bias) => bias.get(at.row + i).copied(),
            };
            for (to, sum) in to.iter_mut().zip(tile) {
                let mut lanes = before.map_or_else(|| Lanes::new(*to), Lanes::splat);
                lanes.combine(sum, |y, sum| y + sum);
                *to = lanes.get();
            }
        }
        true
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

/// Adds a tile to y where it does not lie there as it does here: row by row. It has rows of `width`.
struct PutRows<'a, T> {
    operands: &'a Operands<'a, T>,
    at: Place,
    sums: &'a [T],
    width: usize,
    y: &'a mut [T],
}

impl<T: Float> Part for PutRows<'_, T> {
    #[inline(always)]
    fn run(self) {
        let Self { operands, at, sums, width, y } = self;
        let n = (operands.part.rows - 1) * operands.strip.width + operands.part.columns;
        let count = usize::min(width, n - at.column);
        let rows = operands.sizes.outputs - at.row;
        for (i, sums) in sums.chunks_exact(positive(width)).take(rows).enumerate() {
            operands.put(sums.get(at.known..count).unwrap_or_default(), at.row + i, at.column + at.known, y);
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
