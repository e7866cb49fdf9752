//! The gradient of the weight: a tile of [`SIDE`]² taps by one vector of output channels stays in registers while the outputs run by.
//!
//! `dw[o][c, k] = Σ dy[o][p] · x[c][p + k]`: x is read where it lies, a number for each tap and output; of dy, a panel of some
//! channels is first turned so that they lie side by side. The gradient is added up over all samples before it is turned back.

use super::strip::{Area, Strip};
use super::{Correlation, DEPTH, Room, Same, Tap};
use crate::simd::gemm::factor::Abreast;
use crate::simd::lanes::{Lanes, each_place};
use crate::simd::turn::rows_from;
use crate::simd::{Float, positive};

/// A tile has this many times as many taps: those of a kernel of 3 × 3, and as many as the fewest registers have room for. In two
/// dimensions because the compiler leaves longer arrays in memory.
const SIDE: usize = 3;

/// A gradient's sizes and planes.
pub struct Gradient<'a, T> {
    pub sizes: &'a Correlation,
    pub groups: usize,
    pub x: &'a [T],
    pub dy: &'a [T],
    pub dweight: &'a mut [T],
}

/// What is added up at once: some channels' taps for a vector of output channels.
struct Block<'a, T> {
    sizes: &'a Correlation,
    groups: usize,
    strip: &'a Strip,
    taps: &'a [Tap],
    x: &'a [T],
    dy: &'a [T],
    /// The group, the first channel of its source and the first of its output.
    group: usize,
    channel: usize,
    output: usize,
}

impl<'a, T: Float> Gradient<'a, T> {
    /// The same with another name for the numbers.
    #[inline(always)]
    pub fn cast<N: Same<T>>(self) -> Gradient<'a, N> {
        let Self { sizes, groups, x, dy, dweight } = self;
        Gradient { sizes, groups, x: N::slice(x), dy: N::slice(dy), dweight: N::slice_mut(dweight) }
    }

    /// With vectors of `L` lanes.
    #[inline(always)]
    pub fn run<const L: usize>(self) {
        let s = self.sizes;
        let strip = Strip::best(s);
        let mut taps = [Tap::default(); DEPTH];
        let taps = strip.taps(s, &mut taps);
        let mut room = Room::new();
        let scratch = room.of(&strip);
        let depth = s.channels * s.taps();
        for (group, dweight) in self.dweight.chunks_exact_mut(positive(s.outputs * depth)).enumerate() {
            let mut channel = 0;
            while channel < s.channels {
                let channels = usize::min(strip.channels, s.channels - channel);
                let taps = taps.get(..channels * s.taps()).unwrap_or_default();
                let mut output = 0;
                while output < s.outputs {
                    let (groups, x, dy) = (self.groups, self.x, self.dy);
                    let block = Block { sizes: s, groups, strip: &strip, taps, x, dy, group, channel, output };
                    block.add::<L>(dweight, scratch);
                    output += L;
                }
                channel += channels;
            }
        }
    }
}

impl<T: Float> Block<'_, T> {
    /// dw += the sums over all samples.
    #[inline(always)]
    fn add<const L: usize>(&self, dweight: &mut [T], scratch: &mut [T]) {
        let s = self.sizes;
        let mut tiles = [[[T::ZERO; L]; SIDE * SIDE]; DEPTH.div_ceil(SIDE * SIDE)];
        let (tiles, _) = tiles.split_at_mut(self.taps.len().div_ceil(SIDE * SIDE).min(DEPTH.div_ceil(SIDE * SIDE)));
        self.sum(tiles, scratch);
        let (taps, depth) = (s.taps(), s.channels * s.taps());
        let first = dweight.get_mut(self.output * depth + self.channel * taps..).unwrap_or_default();
        let sums = tiles.as_flattened().get(..self.taps.len()).unwrap_or_default();
        add_turned(sums.as_flattened(), L, first, depth);
    }

    /// tiles += those of each sample.
    #[inline(always)]
    fn sum<const L: usize>(&self, tiles: &mut [[[T; L]; SIDE * SIDE]], scratch: &mut [T]) {
        let s = self.sizes;
        let mut panel = [Lanes::<T, L>::ZERO; DEPTH];
        let mut places = [0; DEPTH];
        let (plane_in, plane_out) = (s.source_len(), s.output_len());
        let planes_before = self.group * s.channels + self.channel;
        let mut x = self.x.get(planes_before * plane_in..).unwrap_or_default();
        for dy in self.dy.chunks_exact(positive(self.groups * s.outputs * plane_out)) {
            let first = (self.group * s.outputs + self.output) * plane_out;
            let rows = usize::min(L, s.outputs - self.output);
            let dy = dy.get(first..first + rows * plane_out).unwrap_or_default();
            let whole = Area { row: 0, column: 0, rows: s.output[0], columns: s.output[1] };
            for part in whole.cut(self.strip.rows, self.strip.columns) {
                let source = self.strip.lay(s, x, self.taps.len() / positive(s.taps()), part, scratch);
                let columns = usize::min(part.columns, DEPTH);
                for block in part.cut(DEPTH / positive(columns), columns) {
                    let panel = turn_part(s, dy, block, &mut panel);
                    let distance = (block.row - part.row) * self.strip.width + block.column - part.column;
                    let places = places_of(block, self.strip.width, &mut places);
                    self.sum_block(source.get(distance..).unwrap_or_default(), places, panel, tiles);
                }
            }
            x = x.get(self.groups * s.channels * plane_in..).unwrap_or_default();
        }
    }

    /// tiles += those of some outputs, whose first lies under the source's first.
    #[inline(always)]
    fn sum_block<const L: usize>(
        &self,
        source: &[T],
        places: &[usize],
        panel: &[Lanes<T, L>],
        tiles: &mut [[[T; L]; SIDE * SIDE]],
    ) {
        for (taps, sums) in self.taps.chunks(SIDE * SIDE).zip(tiles) {
            let Some(tile) = sum_tile(taps, source, places, panel) else { return };
            for (sums, tile) in sums.as_chunks_mut::<SIDE>().0.iter_mut().zip(tile) {
                for (sum, lanes) in sums.iter_mut().zip(tile) {
                    lanes.add_to(sum);
                }
            }
        }
    }
}

/// dw\[o\]\[k\] += sums\[k\]\[o\], of rows of `width` and rows some distance apart. Once in a gradient, and so a function for all widths.
#[inline(never)]
fn add_turned<T: Float>(sums: &[T], width: usize, dweight: &mut [T], distance: usize) {
    for (output, dweight) in dweight.chunks_mut(positive(distance)).take(width).enumerate() {
        for (dw, sums) in dweight.iter_mut().zip(sums.chunks_exact(positive(width))) {
            *dw += sums.get(output).copied().unwrap_or(T::ZERO);
        }
    }
}

/// A tile of taps. If there are fewer, the first is taken for the rest.
#[inline(always)]
fn sum_tile<T: Float, const L: usize>(
    taps: &[Tap],
    source: &[T],
    places: &[usize],
    panel: &[Lanes<T, L>],
) -> Option<[[Lanes<T, L>; SIDE]; SIDE]> {
    let length = places.last()? + 1;
    let mut rows: [[&[T]; SIDE]; SIDE] = [[source.get(taps.first()?.source..)?.get(..length)?; SIDE]; SIDE];
    for (row, tap) in rows.as_flattened_mut().iter_mut().zip(taps) {
        *row = source.get(tap.source..)?.get(..length)?;
    }
    let [a, b, c] = rows;
    let columns = [Abreast::of(a, length)?, Abreast::of(b, length)?, Abreast::of(c, length)?];
    let [mut a, mut b, mut c] = [[Lanes::<T, L>::ZERO; SIDE]; SIDE];
    for (lanes, &at) in panel.iter().zip(places) {
        add_scaled(&mut a, &columns[0].get(at)?, lanes);
        add_scaled(&mut b, &columns[1].get(at)?, lanes);
        add_scaled(&mut c, &columns[2].get(at)?, lanes);
    }
    Some([a, b, c])
}

/// sums += x · lanes, for each number of `x`.
#[inline(always)]
fn add_scaled<T: Float, const L: usize>(sums: &mut [Lanes<T, L>; SIDE], x: &[T; SIDE], lanes: &Lanes<T, L>) {
    each_place!(SIDE, |i| sums[i].add_scaled(x[i], lanes));
}

/// Where each of a block's outputs lies in the wide layout.
#[inline(always)]
fn places_of(block: Area, width: usize, places: &mut [usize; DEPTH]) -> &[usize] {
    for (i, row) in places.chunks_exact_mut(positive(block.columns)).take(block.rows).enumerate() {
        for (j, place) in row.iter_mut().enumerate() {
            *place = i * width + j;
        }
    }
    places.get(..block.rows * block.columns).unwrap_or_default()
}

/// The block's outputs one after the other, the channels of dy beside each other.
#[inline(always)]
fn turn_part<'a, T: Float, const L: usize>(
    s: &Correlation,
    dy: &[T],
    block: Area,
    panel: &'a mut [Lanes<T, L>; DEPTH],
) -> &'a [Lanes<T, L>] {
    let panel = panel.get_mut(..block.rows * block.columns).unwrap_or_default();
    let width = s.output[1];
    // Whole rows follow each other in dy as they do in the panel.
    let run = if block.columns == width { panel.len() } else { block.columns };
    for (i, panel) in panel.chunks_mut(positive(run)).enumerate() {
        turn(dy, s.output_len(), (block.row + i) * width + block.column, panel);
    }
    panel
}

/// to[p][o] = dy[o][first + p]; lanes without a channel are of no account.
#[inline(always)]
fn turn<T: Float, const L: usize>(dy: &[T], plane: usize, first: usize, to: &mut [Lanes<T, L>]) {
    let rows = rows_from::<T, L>(dy, plane, 0, first, to.len());
    // SAFETY: `Lanes` are their array, and what is written to them are numbers. No safe way names a slice of numbers otherwise.
    let to = unsafe { core::slice::from_raw_parts_mut(to.as_mut_ptr().cast(), to.len() * L) };
    T::turn::<L>(rows, to, L);
}
