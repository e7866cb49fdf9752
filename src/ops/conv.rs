//! Convolution: `y[o] = b[o] + Σ w[o][c] ⋆ x[c]`, the sum over the input channels of o's group, ⋆ the cross-correlation.
//!
//! # How it runs
//!
//! | case | how | buffer |
//! |---|---|---|
//! | pointwise (1 × 1, stride 1, no padding) | one matrix product a group, on the data as they lie | none |
//! | depthwise, rows of [`WIDE`] and more | the kernel's elements along the rows; the weight's gradient by patches | none forward |
//! | any other | patches (im2col) of [`TILE`] outputs, or of the plane if it has fewer, then a matrix product | see below |
//!
//! The patches of a tile are a matrix of C/groups · KH · KW rows and at most [`TILE`] columns: far less than the whole
//! sample's, and it stays in the nearest cache. Only where the plane is larger than a tile is there a second buffer, for the
//! tile's products, of OUT/groups rows. A backward pass uses the same two.
//!
//! Where the window keeps the plane's size, a row of the patches is a piece of the plane, shifted, with zeros at the ends of
//! the image's rows: one copy of fixed size instead of one a row.
//!
//! # Why so
//!
//! Measured (Zen 3, compiled for AVX2; `f32`, forward, GFLOP/s; the machine was shared, so only the large differences count):
//!
//! | 3 × 3, padding 1 | patches, tiles of 32 | tiles of 64 | no patches: the kernel's elements along the rows |
//! |---|---|---|---|
//! | 8 → 16 channels, 8 × 8 | 33 | 40 | 4.5 |
//! | 16 → 32 channels, 28 × 28 | 51 | 28 | 4.3 |
//! | 64 → 64 channels, 16 × 16 | 62 | 36 | |
//! | depthwise, 32 channels, 28 × 28 | 3.9 | | 6.4 |
//! | depthwise, 32 channels, 8 × 8 | 4.1 | | 2.5 |
//!
//! A transposed convolution is the gradient of a convolution with respect to its input, so it has no code of its own.

use super::window::{Run, SlidingWindow, gather, scatter};
use crate::shape::Shape;
use crate::simd::positive;
use crate::simd::{self, Float};
use crate::tensor::Tensor;

/// The outputs whose patches are laid out at once: two vectors of the widest kind, so that a tile of the matrix product is
/// full. A microcontroller, which has neither vectors nor stack to spare, takes eight.
pub const TILE: usize = if cfg!(any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "wasm32")) { 32 } else { 8 };

/// The columns from which on a depthwise convolution runs along the rows; shorter rows do not repay their beginning.
pub const WIDE: usize = 16;

/// The sizes of a convolution. Those of a transposed one are the sizes of the convolution that it is the transpose of: input
/// and output change places.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Convolution {
    /// Whether it is computed from output to input.
    pub transposed: bool,
    /// The input's channels.
    pub in_channels: usize,
    /// The output's channels.
    pub out_channels: usize,
    /// The groups that the channels fall into.
    pub groups: usize,
    /// The window and the planes.
    pub window: SlidingWindow,
}

impl Convolution {
    /// The same convolution between planes of other sizes, given in the direction in which it is computed.
    pub const fn between(self, from: [usize; 2], to: [usize; 2]) -> Self {
        let window = if self.transposed { self.window.over(to, from) } else { self.window.over(from, to) };
        Self { window, ..self }
    }

    /// The elements of a plane of what it gives.
    const fn plane(&self) -> usize {
        if self.transposed { self.window.input_len() } else { self.window.output_len() }
    }

    /// The input channels of a group.
    const fn group_in(&self) -> usize {
        per_group(self.in_channels, self.groups)
    }

    /// The output channels of a group.
    const fn group_out(&self) -> usize {
        per_group(self.out_channels, self.groups)
    }

    /// The rows of a patch matrix: the weights of one output channel.
    const fn depth(&self) -> usize {
        self.group_in() * self.window.taps()
    }

    /// Multiply-accumulates of one sample.
    pub const fn macs(&self) -> u64 {
        self.out_channels as u64 * self.depth() as u64 * self.window.output_len() as u64
    }

    /// Bytes of the buffers of a forward pass, or of the gradient of its input, where a number has `bytes`.
    pub const fn forward_bytes(&self, bytes: usize) -> usize {
        match self.method() {
            Method::Direct => 0,
            method => self.buffers(method, bytes),
        }
    }

    /// Bytes of the largest buffers of a backward pass: those of the weight's gradient.
    pub const fn backward_bytes(&self, bytes: usize) -> usize {
        self.buffers(self.method().with_patches(&self.window), bytes)
    }

    const fn buffers(&self, method: Method, bytes: usize) -> usize {
        match method {
            Method::Nothing | Method::Pointwise | Method::Direct => 0,
            Method::Whole => self.depth() * self.window.output_len() * bytes,
            Method::Tiled => (self.depth() + self.group_out()) * TILE * bytes,
        }
    }

    #[inline]
    const fn method(&self) -> Method {
        if self.window.is_empty() || self.group_in() == 0 || self.group_out() == 0 {
            Method::Nothing
        } else if self.window.is_identity() {
            Method::Pointwise
        } else if self.group_in() == 1 && self.group_out() == 1 && self.window.output[1] >= WIDE {
            Method::Direct
        } else {
            Method::Direct.with_patches(&self.window)
        }
    }

    /// The elements of one sample of the input.
    const fn sample_in(&self) -> usize {
        self.in_channels * self.window.input_len()
    }

    /// The elements of one sample of the output.
    const fn sample_out(&self) -> usize {
        self.out_channels * self.window.output_len()
    }
}

/// The channels of a group; none where there is no group.
const fn per_group(channels: usize, groups: usize) -> usize {
    match channels.checked_div(groups) {
        Some(channels) => channels,
        None => 0,
    }
}

/// How a convolution is computed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Method {
    /// There is nothing to compute.
    Nothing,
    /// As a matrix product without patches.
    Pointwise,
    /// Along the rows.
    Direct,
    /// By the patches of the whole plane.
    Whole,
    /// By the patches of one tile after the other.
    Tiled,
}

impl Method {
    /// This method, but `Direct` by patches.
    const fn with_patches(self, window: &SlidingWindow) -> Self {
        match self {
            Self::Direct if window.output_len() <= TILE => Self::Whole,
            Self::Direct => Self::Tiled,
            other => other,
        }
    }
}

/// The types of a convolution's buffers, which its layer knows as nested arrays. Only those that are needed are made.
pub trait ConvolutionBuffers<T> {
    /// The patches of a whole plane: C/groups × KH × KW × OH × OW.
    type Whole: Shape<Elem = T>;
    /// The patches of a tile: C/groups × KH × KW × [`TILE`].
    type Tile: Shape<Elem = T>;
    /// The products of a tile: OUT/groups × [`TILE`].
    type Products: Shape<Elem = T>;
}

/// y = b + w ⋆ x for each sample.
///
/// x: `…×C×H×W`, weight: `OUT×(C/groups)×KH×KW`, bias: `OUT`, y: `…×OUT×OH×OW`. Transposed, the weight is
/// `C×(OUT/groups)×KH×KW`.
#[inline]
pub fn conv<T: Float, B: ConvolutionBuffers<T>>(sizes: &Convolution, x: &[T], weight: &[T], bias: Option<&[T]>, y: &mut [T]) {
    fill_with_bias(y, bias, sizes.plane());
    if sizes.transposed { back::<T, B>(sizes, weight, x, y) } else { ahead::<T, B>(sizes, x, weight, y) }
}

/// dx += the transpose of the convolution, of dy, for each sample.
#[inline]
pub fn conv_backward_input<T: Float, B: ConvolutionBuffers<T>>(sizes: &Convolution, weight: &[T], dy: &[T], dx: &mut [T]) {
    if sizes.transposed { ahead::<T, B>(sizes, dy, weight, dx) } else { back::<T, B>(sizes, weight, dy, dx) }
}

/// dw += dy ⋆ x over the samples.
#[inline]
pub fn conv_backward_weight<T: Float, B: ConvolutionBuffers<T>>(sizes: &Convolution, x: &[T], dy: &[T], dweight: &mut [T]) {
    let (x, dy) = if sizes.transposed { (dy, x) } else { (x, dy) };
    match sizes.method().with_patches(&sizes.window) {
        Method::Nothing | Method::Direct => {}
        Method::Pointwise => pointwise_backward_weight(sizes, x, dy, dweight),
        Method::Whole => lend::<B::Whole>(|patches| by_patches_backward_weight(sizes, x, dy, dweight, patches, &mut [])),
        Method::Tiled => lend::<B::Tile>(|patches| {
            lend::<B::Products>(|products| by_patches_backward_weight(sizes, x, dy, dweight, patches, products));
        }),
    }
}

/// db += Σ dy over the samples and the plane.
#[inline]
pub fn conv_backward_bias<T: Float>(sizes: &Convolution, dy: &[T], dbias: &mut [T]) {
    let (channels, plane) = (dbias.len(), sizes.plane());
    if plane == 0 || channels == 0 {
        return;
    }
    for dy in dy.chunks_exact(positive(channels * plane)) {
        for (db, dy) in dbias.iter_mut().zip(dy.chunks_exact(positive(plane))) {
            *db += simd::sum(dy);
        }
    }
}

/// Lends a buffer. As a function of its own it has a place on the stack where it is called and not wherever it might be: the
/// patches of a whole plane can be many times those of a tile.
#[inline]
fn lend<S: Shape>(f: impl FnOnce(&mut [S::Elem])) {
    f(Tensor::<S>::zeros().as_mut_slice());
}

/// y += w ⋆ x for each sample: from the window's input to its output.
#[inline]
fn ahead<T: Float, B: ConvolutionBuffers<T>>(sizes: &Convolution, x: &[T], weight: &[T], y: &mut [T]) {
    match sizes.method() {
        Method::Nothing => {}
        Method::Pointwise => pointwise(sizes, x, weight, y),
        Method::Direct => direct(sizes, x, weight, y),
        Method::Whole => lend::<B::Whole>(|patches| by_patches(sizes, x, weight, y, patches, &mut [])),
        Method::Tiled => lend::<B::Tile>(|patches| {
            lend::<B::Products>(|products| by_patches(sizes, x, weight, y, patches, products));
        }),
    }
}

/// dx += the transpose of `ahead`, of dy, for each sample: from the window's output to its input.
#[inline]
fn back<T: Float, B: ConvolutionBuffers<T>>(sizes: &Convolution, weight: &[T], dy: &[T], dx: &mut [T]) {
    match sizes.method() {
        Method::Nothing => {}
        Method::Pointwise => pointwise_backward_input(sizes, weight, dy, dx),
        Method::Direct => direct_backward_input(sizes, weight, dy, dx),
        Method::Whole => lend::<B::Whole>(|patches| by_patches_backward_input(sizes, weight, dy, dx, patches, &mut [])),
        Method::Tiled => lend::<B::Tile>(|patches| {
            lend::<B::Products>(|products| by_patches_backward_input(sizes, weight, dy, dx, patches, products));
        }),
    }
}

/// Fills each plane of `y` with its channel's bias, or with zeros.
#[inline]
fn fill_with_bias<T: Float>(y: &mut [T], bias: Option<&[T]>, plane: usize) {
    match bias {
        Some(bias) if plane > 0 => {
            for (y, &b) in y.chunks_exact_mut(positive(plane)).zip(bias.iter().cycle()) {
                y.fill(b);
            }
        }
        _ => y.fill(T::ZERO),
    }
}

// The parts of a sample that a group works on. Callers have ruled out sizes of 0.

#[inline(always)]
fn groups_in<'a, T>(s: &Convolution, samples: &'a [T]) -> impl Iterator<Item = &'a [T]> {
    samples.chunks_exact(positive(s.group_in() * s.window.input_len()))
}

#[inline(always)]
fn groups_out<'a, T>(s: &Convolution, samples: &'a [T]) -> impl Iterator<Item = &'a [T]> {
    samples.chunks_exact(positive(s.group_out() * s.window.output_len()))
}

#[inline(always)]
fn groups_of_weight<'a, T>(s: &Convolution, weight: &'a [T]) -> impl Iterator<Item = &'a [T]> + Clone {
    weight.chunks_exact(positive(s.group_out() * s.depth()))
}

/// y += w · x.
fn pointwise<T: Float>(s: &Convolution, x: &[T], weight: &[T], y: &mut [T]) {
    let (rows, depth, pixels) = (s.group_out(), s.group_in(), s.window.output_len());
    let weights = groups_of_weight(s, weight).cycle();
    for ((x, y), weight) in groups_in(s, x).zip(y.chunks_exact_mut(positive(rows * pixels))).zip(weights) {
        simd::gemm_nn(rows, depth, pixels, weight, x, y);
    }
}

/// dx += wᵀ · dy.
fn pointwise_backward_input<T: Float>(s: &Convolution, weight: &[T], dy: &[T], dx: &mut [T]) {
    let (rows, depth, pixels) = (s.group_out(), s.group_in(), s.window.output_len());
    let weights = groups_of_weight(s, weight).cycle();
    for ((dx, dy), weight) in dx.chunks_exact_mut(positive(depth * pixels)).zip(groups_out(s, dy)).zip(weights) {
        simd::gemm_tn(depth, rows, pixels, weight, dy, dx);
    }
}

/// dw += dy · xᵀ.
fn pointwise_backward_weight<T: Float>(s: &Convolution, x: &[T], dy: &[T], dweight: &mut [T]) {
    let (rows, depth, pixels) = (s.group_out(), s.group_in(), s.window.output_len());
    for (x, dy) in x.chunks_exact(positive(s.sample_in())).zip(dy.chunks_exact(positive(s.sample_out()))) {
        for ((x, dy), dweight) in groups_in(s, x).zip(groups_out(s, dy)).zip(dweight.chunks_exact_mut(positive(rows * depth))) {
            simd::gemm_nt(rows, pixels, depth, dy, x, dweight);
        }
    }
}

/// `y[p] += w[k] · x[p + k]`, for each element k of the kernel along the rows of y.
fn direct<T: Float>(s: &Convolution, x: &[T], weight: &[T], y: &mut [T]) {
    let (window, stride) = (&s.window, s.window.stride[1]);
    let kernels = weight.chunks_exact(positive(window.taps())).cycle();
    let planes = x.chunks_exact(positive(window.input_len())).zip(y.chunks_exact_mut(positive(window.output_len())));
    for ((x, y), kernel) in planes.zip(kernels) {
        for (tap, &w) in window.each_tap().zip(kernel) {
            window.runs(tap, [0, 0], window.output_len(), |run| {
                let Some((y, x)) = under(run, y, x) else { return };
                gather(y, x, stride, |y, x| w.mul_add(x, y));
            });
        }
    }
}

/// `dx[p + k] += w[k] · dy[p]`.
fn direct_backward_input<T: Float>(s: &Convolution, weight: &[T], dy: &[T], dx: &mut [T]) {
    let (window, stride) = (&s.window, s.window.stride[1]);
    let kernels = weight.chunks_exact(positive(window.taps())).cycle();
    let planes = dx.chunks_exact_mut(positive(window.input_len())).zip(dy.chunks_exact(positive(window.output_len())));
    for ((dx, dy), kernel) in planes.zip(kernels) {
        for (tap, &w) in window.each_tap().zip(kernel) {
            window.runs(tap, [0, 0], window.output_len(), |run| {
                let Some((dx, dy)) = over(run, dx, dy) else { return };
                scatter(dx, stride, dy, |dx, dy| w.mul_add(dy, dx));
            });
        }
    }
}

/// The outputs of a run and the input from its first on.
#[inline(always)]
fn under<'a, T>(run: Run, y: &'a mut [T], x: &'a [T]) -> Option<(&'a mut [T], &'a [T])> {
    Some((y.get_mut(run.to..run.to + run.len)?, x.get(run.from..)?))
}

/// The input from a run's first on and its outputs.
#[inline(always)]
fn over<'a, T>(run: Run, x: &'a mut [T], y: &'a [T]) -> Option<(&'a mut [T], &'a [T])> {
    Some((x.get_mut(run.from..)?, y.get(run.to..run.to + run.len)?))
}

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
        for (to, plane) in products.chunks_exact_mut(positive(self.len)).zip(planes.chunks_exact(positive(pixels))) {
            simd::copy(plane.get(self.first..).unwrap_or_default(), to);
        }
    }

    /// Adds the rows of `products` to its part of each channel's plane.
    fn add<T: Float>(self, products: &[T], pixels: usize, planes: &mut [T]) {
        for (from, plane) in products.chunks_exact(positive(self.len)).zip(planes.chunks_exact_mut(positive(pixels))) {
            simd::add_assign(plane.get_mut(self.first..).unwrap_or_default(), from);
        }
    }
}

/// `patches[c, k][p] = x[c][p + k]`.
fn unfold<T: Float>(s: &Convolution, tile: Tile, x: &[T], patches: &mut [T]) {
    let (window, stride, start) = (&s.window, s.window.stride[1], tile.start(s));
    let mut rows = patches.chunks_exact_mut(positive(tile.len));
    for plane in x.chunks_exact(positive(window.input_len())) {
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
    let mut rows = patches.chunks_exact_mut(positive(tile.len));
    for plane in dx.chunks_exact_mut(positive(window.input_len())) {
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
fn by_patches<T: Float>(s: &Convolution, x: &[T], weight: &[T], y: &mut [T], patches: &mut [T], products: &mut [T]) {
    let (rows, depth, pixels) = (s.group_out(), s.depth(), s.window.output_len());
    let weights = groups_of_weight(s, weight).cycle();
    for ((x, y), weight) in groups_in(s, x).zip(y.chunks_exact_mut(positive(rows * pixels))).zip(weights) {
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
fn by_patches_backward_input<T: Float>(
    s: &Convolution,
    weight: &[T],
    dy: &[T],
    dx: &mut [T],
    patches: &mut [T],
    products: &mut [T],
) {
    let (rows, depth, pixels) = (s.group_out(), s.depth(), s.window.output_len());
    let weights = groups_of_weight(s, weight).cycle();
    let inputs = dx.chunks_exact_mut(positive(s.group_in() * s.window.input_len()));
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
fn by_patches_backward_weight<T: Float>(
    s: &Convolution,
    x: &[T],
    dy: &[T],
    dweight: &mut [T],
    patches: &mut [T],
    products: &mut [T],
) {
    let (rows, depth, pixels) = (s.group_out(), s.depth(), s.window.output_len());
    for (x, dy) in x.chunks_exact(positive(s.sample_in())).zip(dy.chunks_exact(positive(s.sample_out()))) {
        for ((x, dy), dweight) in groups_in(s, x).zip(groups_out(s, dy)).zip(dweight.chunks_exact_mut(positive(rows * depth))) {
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
