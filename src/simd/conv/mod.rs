//! Correlation of planes with kernels, without patches: `y[o][p] += Σ w[o][c][k] · x[c][p + k]` as a matrix product whose right
//! factor is never written out.
//!
//! **The wide layout.** Where an output is a fixed distance from each of its inputs, row (c, k) of the right factor is `x` itself from
//! some offset on: outputs are numbered by the *input's* width, and those that fall between two rows of the output are computed
//! and dropped. A table of [`Tap`]s holds the offsets, so that a product's inner loop knows nothing of channels, kernels or dilation.
//!
//! **Strips.** Padding and strides leave no such distance. A [`Strip`] is a copy of a part of the planes, with its border in place. It has
//! a plane for each column of the kernel, in rows as long as the output's: nothing falls between them, and a tile of sums lies in y as it
//! does in registers. Where many channels leave no room for so many planes, it has one for each phase of the stride, in the wide layout.
//!
//! **One order of sums**, on every machine: along (c, k) in blocks of whole channels, of at most [`DEPTH`] taps, each in order from 0, to
//! what y holds. The gradient of the weight adds outputs in blocks of at most [`DEPTH`], each in order from 0; blocks are added up in
//! order, and their sum to what the gradient holds.

mod gradient;
mod product;
mod short;
#[allow(dead_code, reason = "a machine without vectors reads the layer's weight")]
mod step;
mod strip;
#[cfg(test)]
mod tests;

use core::mem::MaybeUninit;

use super::gemm::{DOUBLES, VECTORS, lanes};
use super::sets::{Dispatch, Kernel, SMALL, Same};
use super::{Float, positive};
pub use gradient::Gradient;
pub use product::Product;
#[allow(unused_imports, reason = "a machine without vectors reads the layer's weight")]
pub use step::{Step, arrange};
use strip::{Layout, Strip};

/// How many taps, or outputs, are added up before they are added to what there is.
const DEPTH: usize = 256;

/// The numbers of a strip that is copied: with a vector's width of gradients they fit into the nearest caches.
const SCRATCH: usize = 8192;

/// The lanes of the widest vector, and of the widest row of a tile.
const LANES: usize = 16;
const WIDEST: usize = 4 * LANES;

/// The lanes of a vector of a weight's gradient: of the target's, no more than 8, which fewer channels fill, too.
const fn narrow(lanes: usize, least: usize) -> usize {
    if least == 1 { min(lanes, 8) } else { lanes }
}

/// Room for a strip, and for a row of a tile that begins in it.
struct Room<T>([MaybeUninit<T>; SCRATCH + WIDEST]);

impl<T: Float> Room<T> {
    #[inline(always)]
    const fn new() -> Self {
        Self([const { MaybeUninit::uninit() }; SCRATCH + WIDEST])
    }

    /// The room that a strip takes, of zeros: not all of it, which takes longer to fill than many a strip.
    #[inline(always)]
    fn of(&mut self, strip: &Strip) -> &mut [T] {
        let numbers = self.0.get_mut(..strip.len()).unwrap_or_default();
        for number in &mut *numbers {
            number.write(T::ZERO);
        }
        // SAFETY: each has been written. No safe way leaves those behind them as they are.
        unsafe { numbers.assume_init_mut() }
    }
}

/// The sizes of a correlation, for one group of channels.
#[derive(Clone, Copy)]
pub struct Correlation {
    /// The channels of the source.
    pub channels: usize,
    /// The channels of the output.
    pub outputs: usize,
    /// Height and width of the kernel.
    pub kernel: [usize; 2],
    /// From one output to the next.
    pub stride: [usize; 2],
    /// Above and to the left of the source.
    pub padding: [usize; 2],
    /// From one element of the kernel to the next.
    pub dilation: [usize; 2],
    /// Which position of an axis of the given length stands at one outside it, if not zeros do.
    pub beyond: Option<fn(isize, usize) -> Option<usize>>,
    /// Height and width of the source.
    pub source: [usize; 2],
    /// Height and width of the output.
    pub output: [usize; 2],
    /// Whether the weight's channels are given the other way about, and its kernels turned by 180°: the transposed correlation.
    pub turned: bool,
}

impl Correlation {
    /// The elements of a kernel.
    const fn taps(&self) -> usize {
        self.kernel[0] * self.kernel[1]
    }

    /// The distance, in the source, of the kernel's last element from its first.
    const fn reach(&self, axis: usize) -> usize {
        self.kernel[axis].saturating_sub(1) * self.dilation[axis]
    }

    /// The rows of a strip, beyond those of its outputs, that its kernels reach.
    const fn rows_beyond(&self) -> usize {
        self.reach(0) / positive(self.stride[0])
    }

    /// Whether each output's inputs lie in the source, at distances that are the same for all, and there is a vector of them.
    const fn lies_ready(&self) -> bool {
        self.output[0].saturating_sub(1) * self.source[1] + self.output[1] >= LANES
            && self.stride[0] == 1
            && self.stride[1] == 1
            && self.padding[0] == 0
            && self.padding[1] == 0
            && self.output[0] + self.reach(0) <= self.source[0]
            && self.output[1] + self.reach(1) <= self.source[1]
    }

    /// Whether it can be computed here: there are vectors, no size is 0, and a strip has room.
    pub const fn fits(&self) -> bool {
        let empty = self.channels == 0 || self.outputs == 0 || self.output[0] * self.output[1] == 0 || self.taps() == 0;
        !SMALL && !empty && self.taps() <= DEPTH && Strip::of(self, 1, Layout::Phases).columns >= min(self.output[1], 16)
    }

    /// The numbers on the stack that it takes.
    pub const fn scratch(&self) -> usize {
        if Strip::best(self).is_copy() { SCRATCH + WIDEST } else { 0 }
    }

    /// The numbers on the stack that the weight's gradient takes.
    pub const fn gradient_scratch(&self, bytes: usize) -> usize {
        self.scratch() + 2 * DEPTH * (64 / bytes)
    }

    const fn source_len(&self) -> usize {
        self.source[0] * self.source[1]
    }

    const fn output_len(&self) -> usize {
        self.output[0] * self.output[1]
    }

    /// The distance between the weights of two outputs, and of two channels.
    const fn weight_strides(&self) -> [usize; 2] {
        if self.turned { [self.taps(), self.outputs * self.taps()] } else { [self.channels * self.taps(), self.taps()] }
    }
}

const fn min(a: usize, b: usize) -> usize {
    if a < b { a } else { b }
}

/// An element of a kernel: where its weight lies, and its distance from an output in the source.
#[derive(Clone, Copy, Default)]
struct Tap {
    weight: usize,
    source: usize,
}

/// What y is before a correlation is added.
#[derive(Clone, Copy)]
pub enum Before<'a, T> {
    /// What it holds.
    Itself,
    /// 0, whatever it holds.
    Zero,
    /// A number for each channel, whatever it holds.
    Bias(&'a [T]),
}

/// y = what was before + the correlation of `x` and `weight`, of all groups of all samples; `weight` has a part for each group.
#[inline]
pub fn correlate<T: Float>(sizes: &Correlation, x: &[T], weight: &[T], before: Before<'_, T>, y: &mut [T]) {
    T::large_product(Product { sizes, x, weight, before, y });
}

/// dw += the gradient of the weight of a correlation of `x` whose output's gradient is `dy`.
#[inline]
pub fn correlate_weight<T: Float>(sizes: &Correlation, groups: usize, x: &[T], dy: &[T], dweight: &mut [T]) {
    T::large_gradient(Gradient { sizes, groups, x, dy, dweight });
}

/// y = bias + the correlation of a window over frames, for one output.
#[allow(dead_code, reason = "a machine without vectors reads the layer's weight")]
#[inline]
pub fn correlate_window<T: Float>(step: &Step<'_, T>, y: &mut [T]) {
    T::large_window(step, y);
}

/// The correlations behind [`Float`], each with its type's number of lanes. Private, as the products are.
pub trait Correlates: Sized {
    /// A correlation.
    fn product(product: Product<'_, Self>);
    /// A weight's gradient.
    fn gradient(gradient: Gradient<'_, Self>);

    /// As [`product`](Self::product), compiled in this crate, for the machine's instructions.
    #[inline(always)]
    fn large_product(product: Product<'_, Self>) {
        Self::product(product);
    }
    /// As [`gradient`](Self::gradient), compiled in this crate, for the machine's instructions.
    #[inline(always)]
    fn large_gradient(gradient: Gradient<'_, Self>) {
        Self::gradient(gradient);
    }
    /// One output of a group of a correlation along time; a tap of all groups has so many weights.
    fn window(step: &Step<'_, Self>, each: usize, y: &mut [Self]);

    /// That of all groups, compiled in this crate, for the machine's instructions.
    #[inline(always)]
    fn large_window(step: &Step<'_, Self>, y: &mut [Self]) {
        Self::window(step, y.len() * step.newest.len(), y);
    }
}

macro_rules! correlates {
    ($({$($generics:tt)*})? $float:ty, $vectors:expr, $lanes:expr, $least:expr $(, $large:ident)?) => {
        impl$(<$($generics)*>)? Correlates for $float {
            #[inline(always)]
            fn product(product: Product<'_, Self>) {
                product.run::<{ $vectors }, { $lanes }>();
            }
            #[inline(always)]
            fn gradient(gradient: Gradient<'_, Self>) {
                gradient.run::<{ narrow($lanes, $least) }>();
            }
            #[inline(always)]
            fn window(step: &Step<'_, Self>, each: usize, y: &mut [Self]) {
                step.outputs::<{ $lanes }, { $least }>(each, y);
            }
            $(
                #[inline(never)]
                fn large_product(product: Product<'_, Self>) {
                    Self::dispatch($large::Product(product));
                }
                #[inline(never)]
                fn large_gradient(gradient: Gradient<'_, Self>) {
                    Self::dispatch($large::Gradient(gradient));
                }
                #[inline(never)]
                fn large_window(step: &Step<'_, Self>, y: &mut [Self]) {
                    step.run(y);
                }
            )?
        }
    };
}

correlates!(f32, VECTORS, lanes::<f32>(), 1, large);
correlates!(f64, 1, DOUBLES, 1, large);

#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod on {
    use super::*;
    use crate::simd::sets::{Avx2, Avx512, On};

    correlates!(On<f32, Avx2>, 2, 8, 1);
    correlates!(On<f64, Avx2>, 1, 4, 1);
    correlates!(On<f32, Avx512>, 4, 16, 16);
}

/// The correlations as kernels.
mod large {
    use super::{Float, Kernel, Same};

    macro_rules! kernel {
        ($name:ident $method:ident, |$kernel:ident| $fills:expr) => {
            pub(super) struct $name<'a, T>(pub super::$name<'a, T>);

            impl<T: Float> Kernel<T> for $name<'_, T> {
                type Output = ();
                const WIDE: bool = true;
                const DOUBLES: bool = false;

                #[inline(always)]
                fn fills_wide(&self) -> bool {
                    let $kernel = &self.0;
                    $fills
                }

                #[inline(always)]
                fn run<N: Same<T>>(self) {
                    N::$method(self.0.cast());
                }
            }
        };
    }
    kernel!(Product product, |_product| true);
    kernel!(Gradient gradient, |gradient| gradient.sizes.outputs >= 16);
}
