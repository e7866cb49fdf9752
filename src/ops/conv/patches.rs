//! By patches (im2col): the inputs of a tile of outputs, a row for each weight of an output channel, and then a matrix product.

use super::{Convolution, TILE, groups_in, groups_of_weight, groups_out, over, under};
use crate::ops::window::{gather, scatter};
use crate::simd::{self, Cut, Float, positive};

/// Some consecutive outputs of a plane.
#[derive(Clone, Copy)]
struct Tile {
    first: usize,
    len: usize,
}

impl Tile {
    /// The tiles of a plane; `products` tells whether it is cut at all.
    fn all<T>(s: &Convolution, products: &[T]) -> impl Iterator<Item = Self> + use<T> {
        let pixels = s.window.output_len();
        let len = if products.is_empty() { pixels } else { TILE };
        (0..pixels).step_by(len.max(1)).map(move |first| Self { first, len: usize::min(len, pixels - first) })
    }

    /// The row and column of its first output.
    #[inline(always)]
    fn start(self, s: &Convolution) -> [usize; 2] {
        let columns = s.window.output[1].max(1);
        [self.first / positive(columns), self.first % positive(columns)]
    }

    /// Copies its part of each channel's plane to the rows of `products`.
    fn read<T: Float>(self, planes: &[T], pixels: usize, products: &mut [T]) {
        for (to, plane) in products.runs_mut(self.len).zip(planes.runs(pixels)) {
            simd::copy(plane.get(self.first..).unwrap_or_default(), to);
        }
    }

    /// Adds the rows of `products` to its part of each channel's plane.
    fn add<T: Float>(self, products: &[T], pixels: usize, planes: &mut [T]) {
        for (from, plane) in products.runs(self.len).zip(planes.runs_mut(pixels)) {
            simd::add_assign(plane.get_mut(self.first..).unwrap_or_default(), from);
        }
    }
}

/// `patches[c, k][p] = x[c][p + k]`.
fn unfold<T: Float>(s: &Convolution, tile: Tile, x: &[T], patches: &mut [T]) {
    let (window, stride, start) = (&s.window, s.window.stride[1], tile.start(s));
    let mut rows = patches.runs_mut(tile.len);
    for plane in x.runs(window.input_len()) {
        for (tap, row) in window.each_tap().zip(&mut rows) {
            row.fill(T::ZERO);
            if let Some(shift) = window.shift(tap) {
                let (inside, from) = shift.overlap(tile.first, tile.len, plane.len());
                if let Some((row, plane)) = row.get_mut(inside).zip(plane.get(from)) {
                    copy_short(plane, row);
                }
                shift.clear(start[1], row);
                continue;
            }
            window.runs(tap, start, tile.len, |run| {
                let Some((row, plane)) = under(run, row, plane) else { return };
                if stride == 1 { copy_short(plane, row) } else { gather(row, plane, stride, |_, x| x) }
            });
        }
    }
}

/// `dx[c][p + k] += patches[c, k][p]`. `patches` is used up.
fn fold<T: Float>(s: &Convolution, tile: Tile, patches: &mut [T], dx: &mut [T]) {
    let (window, stride, start) = (&s.window, s.window.stride[1], tile.start(s));
    let mut rows = patches.runs_mut(tile.len);
    for plane in dx.runs_mut(window.input_len()) {
        for (tap, row) in window.each_tap().zip(&mut rows) {
            if let Some(shift) = window.shift(tap) {
                shift.clear(start[1], row);
                let (inside, from) = shift.overlap(tile.first, tile.len, plane.len());
                let Some((row, plane)) = row.get(inside).zip(plane.get_mut(from)) else { continue };
                simd::add_assign(plane, row);
                continue;
            }
            window.runs(tap, start, tile.len, |run| {
                let Some((plane, row)) = over(run, plane, row) else { return };
                scatter(plane, stride, row, |dx, d| dx + d);
            });
        }
    }
}

/// to = from, over the length of `to`: pieces of a tile are too short for a call of `memcpy` to pay. Two pieces that overlap
/// make any length.
#[inline(always)]
fn copy_short<T: Float>(from: &[T], to: &mut [T]) {
    let Some(from) = from.get(..to.len()) else { return };
    if !(ends::<T, 16>(from, to) || ends::<T, 8>(from, to) || ends::<T, 4>(from, to)) {
        simd::copy(from, to);
    }
}

/// Copies the first and the last `N`, if that is all.
#[inline(always)]
fn ends<T: Float, const N: usize>(from: &[T], to: &mut [T]) -> bool {
    if to.len() > 2 * N {
        return false;
    }
    let (Some(first), Some(last)) = (from.first_chunk::<N>(), from.last_chunk::<N>()) else { return false };
    if let Some(to) = to.first_chunk_mut() {
        *to = *first;
    }
    if let Some(to) = to.last_chunk_mut() {
        *to = *last;
    }
    true
}

/// y += w · patches. Without `products` the plane is a single tile.
pub fn by_patches<T: Float>(s: &Convolution, x: &[T], weight: &[T], y: &mut [T], patches: &mut [T], products: &mut [T]) {
    let (rows, depth, pixels) = (s.group_out(), s.depth(), s.window.output_len());
    let weights = groups_of_weight(s, weight).cycle();
    for ((x, y), weight) in groups_in(s, x).zip(y.runs_mut(rows * pixels)).zip(weights) {
        for tile in Tile::all(s, products) {
            unfold(s, tile, x, patches);
            if rows == 1 || products.is_empty() {
                // The tile's products are a piece of y as they lie.
                simd::gemm_nn(rows, depth, tile.len, weight, patches, y.get_mut(tile.first..).unwrap_or_default());
            } else {
                products.fill(T::ZERO);
                simd::gemm_nn(rows, depth, tile.len, weight, patches, products);
                tile.add(products, pixels, y);
            }
        }
    }
}

/// dx += fold(wᵀ · dy).
pub fn by_patches_backward_input<T: Float>(
    s: &Convolution,
    weight: &[T],
    dy: &[T],
    dx: &mut [T],
    patches: &mut [T],
    products: &mut [T],
) {
    let (rows, depth, pixels) = (s.group_out(), s.depth(), s.window.output_len());
    let weights = groups_of_weight(s, weight).cycle();
    let inputs = dx.runs_mut(s.group_in() * s.window.input_len());
    for ((dx, dy), weight) in inputs.zip(groups_out(s, dy)).zip(weights) {
        for tile in Tile::all(s, products) {
            patches.fill(T::ZERO);
            if rows == 1 || products.is_empty() {
                simd::gemm_tn(depth, rows, tile.len, weight, dy.get(tile.first..).unwrap_or_default(), patches);
            } else {
                tile.read(dy, pixels, products);
                simd::gemm_tn(depth, rows, tile.len, weight, products, patches);
            }
            fold(s, tile, patches.get_mut(..depth * tile.len).unwrap_or_default(), dx);
        }
    }
}

/// dw += dy · patchesᵀ.
pub fn by_patches_backward_weight<T: Float>(
    s: &Convolution,
    x: &[T],
    dy: &[T],
    dweight: &mut [T],
    patches: &mut [T],
    products: &mut [T],
) {
    let (rows, depth, pixels) = (s.group_out(), s.depth(), s.window.output_len());
    for (x, dy) in x.runs(s.sample_in()).zip(dy.runs(s.sample_out())) {
        for ((x, dy), dweight) in groups_in(s, x).zip(groups_out(s, dy)).zip(dweight.runs_mut(rows * depth)) {
            for tile in Tile::all(s, products) {
                unfold(s, tile, x, patches);
                if rows == 1 || products.is_empty() {
                    simd::gemm_nt(rows, tile.len, depth, dy.get(tile.first..).unwrap_or_default(), patches, dweight);
                } else {
                    tile.read(dy, pixels, products);
                    simd::gemm_nt(rows, tile.len, depth, products, patches, dweight);
                }
            }
        }
    }
}
