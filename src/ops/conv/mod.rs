//! Convolution: `y[o] = b[o] + Σ w[o][c] ⋆ x[c]`, the sum over the input channels of o's group, ⋆ the cross-correlation.
//!
//! # How it runs
//!
//! | case | how | buffer |
//! |---|---|---|
//! | pointwise (1 × 1, stride 1, no padding) | one matrix product a group, on the data as they lie | none |
//! | large, where there are vectors | a product whose right factor is the planes themselves, shifted ([`simd::conv`](crate::simd)) | none, or a copy of a part of the planes |
//! | depthwise, rows of [`WIDE`] and more | the kernel's elements along the rows; the weight's gradient by patches | none forward |
//! | any other | patches (im2col) of [`TILE`] outputs, or of the plane if it has fewer, then a matrix product | see below |
//!
//! Large begins at 2048 multiply-accumulates a sample. The gradient of the input runs the second way with a stride of 1, that of the
//! weight with at least 4 output channels a group.
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
//! Without patches (Zen 4, AVX-512; µs for 32 samples, `f32`, the gradients of weight and input beside):
//!
//! | 3 × 3, no padding | patches | without |
//! |---|---|---|
//! | 1 → 8 channels, 28 × 28 | 201, 413, 230 | 48, 79, 174 |
//! | 8 → 16 channels, 13 × 13 | 311, 494, 468 | 120, 144, 234 |
//!
//! A transposed convolution is the gradient of a convolution with respect to its input, so it has no code of its own.

mod direct;
mod patches;
mod planes;
mod pointwise;
mod step;

use super::window::{Run, SlidingWindow};
use crate::shape::Shape;
use crate::simd::conv::{Before, correlate, correlate_weight};
use crate::simd::{self, Cut, Float, SMALL};
use crate::tensor::Tensor;
use direct::{direct, direct_backward_input};
use patches::{by_patches, by_patches_backward_input, by_patches_backward_weight};
use pointwise::{pointwise, pointwise_backward_input, pointwise_backward_weight};
pub use step::Arranged;

/// The outputs whose patches are laid out at once: two vectors of the widest kind, so that a tile of the matrix product is
/// full. A microcontroller, which has neither vectors nor stack to spare, takes sixteen, the width of its strips.
pub const TILE: usize = if SMALL { 16 } else { 32 };

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

    /// Bytes of the buffers of a forward pass, where a number has `bytes`.
    pub const fn forward_bytes(&self, bytes: usize) -> usize {
        if self.transposed { self.back_bytes(bytes) } else { self.ahead_bytes(bytes) }
    }

    /// Bytes of the largest buffers of a backward pass, which begins with a forward one.
    pub const fn backward_bytes(&self, bytes: usize) -> usize {
        let weight = match self.of_weight() {
            Some(sizes) => sizes.gradient_scratch(bytes) * bytes,
            None => self.buffers(self.method().with_patches(&self.window), bytes),
        };
        larger(weight, larger(self.ahead_bytes(bytes), self.back_bytes(bytes)))
    }

    const fn ahead_bytes(&self, bytes: usize) -> usize {
        match self.ahead() {
            Some(sizes) => sizes.scratch() * bytes,
            None => self.buffers(self.method(), bytes),
        }
    }

    const fn back_bytes(&self, bytes: usize) -> usize {
        match self.back() {
            Some(sizes) => sizes.scratch() * bytes,
            None => self.buffers(self.method(), bytes),
        }
    }

    const fn buffers(&self, method: Method, bytes: usize) -> usize {
        match method {
            Method::Nothing | Method::Pointwise | Method::Direct => 0,
            Method::Whole => self.depth() * self.window.output_len() * bytes,
            Method::Tiled => (self.depth() + self.group_out()) * TILE * bytes,
        }
    }

    /// How it is computed where it is not a correlation without patches.
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

const fn larger(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
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
    let before = bias.map_or(Before::Zero, Before::Bias);
    if sizes.transposed { back::<T, B>(sizes, weight, x, before, y) } else { ahead::<T, B>(sizes, x, weight, before, y) }
}

/// dx += the transpose of the convolution, of dy, for each sample.
#[inline]
pub fn conv_backward_input<T: Float, B: ConvolutionBuffers<T>>(sizes: &Convolution, weight: &[T], dy: &[T], dx: &mut [T]) {
    let before = Before::Itself;
    if sizes.transposed { ahead::<T, B>(sizes, dy, weight, before, dx) } else { back::<T, B>(sizes, weight, dy, before, dx) }
}

/// dw += dy ⋆ x over the samples.
#[inline]
pub fn conv_backward_weight<T: Float, B: ConvolutionBuffers<T>>(sizes: &Convolution, x: &[T], dy: &[T], dweight: &mut [T]) {
    let (x, dy) = if sizes.transposed { (dy, x) } else { (x, dy) };
    if let Some(correlation) = &sizes.of_weight() {
        return correlate_weight(correlation, sizes.groups, x, dy, dweight);
    }
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
    for dy in dy.runs(channels * plane) {
        for (db, dy) in dbias.iter_mut().zip(dy.runs(plane)) {
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

/// y = what was before + w ⋆ x for each sample: from the window's input to its output.
#[inline]
fn ahead<T: Float, B: ConvolutionBuffers<T>>(sizes: &Convolution, x: &[T], weight: &[T], before: Before<'_, T>, y: &mut [T]) {
    if let Some(correlation) = &sizes.ahead() {
        return correlate(correlation, x, weight, before, y);
    }
    fill(y, before, sizes.window.output_len());
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

/// dx = what was before + the transpose of `ahead`, of dy, for each sample: from the window's output to its input.
#[inline]
fn back<T: Float, B: ConvolutionBuffers<T>>(sizes: &Convolution, weight: &[T], dy: &[T], before: Before<'_, T>, dx: &mut [T]) {
    if let Some(correlation) = &sizes.back() {
        return correlate(correlation, dy, weight, before, dx);
    }
    fill(dx, before, sizes.window.input_len());
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

/// Fills each plane of `y` with its channel's bias, or with zeros, or leaves it.
#[inline]
fn fill<T: Float>(y: &mut [T], before: Before<'_, T>, plane: usize) {
    match before {
        Before::Itself => {}
        Before::Bias(bias) if plane > 0 => {
            for (y, &b) in y.runs_mut(plane).zip(bias.iter().cycle()) {
                y.fill(b);
            }
        }
        _ => y.fill(T::ZERO),
    }
}

// The parts of a sample that a group works on. Callers have ruled out sizes of 0.

#[inline(always)]
fn groups_in<'a, T>(s: &Convolution, samples: &'a [T]) -> impl Iterator<Item = &'a [T]> {
    samples.runs(s.group_in() * s.window.input_len())
}

#[inline(always)]
fn groups_out<'a, T>(s: &Convolution, samples: &'a [T]) -> impl Iterator<Item = &'a [T]> {
    samples.runs(s.group_out() * s.window.output_len())
}

#[inline(always)]
fn groups_of_weight<'a, T>(s: &Convolution, weight: &'a [T]) -> impl Iterator<Item = &'a [T]> + Clone {
    weight.runs(s.group_out() * s.depth())
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
