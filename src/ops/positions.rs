//! Where a token stands in its sequence, as a wave for each pair of its numbers: added to them, or turning them.

use crate::simd::Float;
use crate::simd::attention::Steps;

/// The rate ω = base^(−2·pair / width) of a pair of numbers, in radians a position.
#[inline]
fn rate<T: Float>(base: T, pair: usize, width: usize) -> T {
    (-base.ln() * T::from_usize(2 * pair) / T::from_usize(width)).exp()
}

/// Calls `f` with each position, each pair of numbers, and the cosine and the sine of its angle there.
#[inline]
fn each_angle<T: Float>(base: T, positions: core::ops::Range<usize>, width: usize, mut f: impl FnMut(usize, usize, T, T)) {
    for pair in 0..width.div_ceil(2) {
        let rate = rate(base, pair, width);
        for position in positions.clone() {
            let angle = T::from_usize(position) * rate;
            f(position, pair, angle.cos(), angle.sin());
        }
    }
}

/// y += the waves sin(t·ω), cos(t·ω) of A. Vaswani et al., for sequences of vectors of `width` numbers at these positions, one after the
/// other.
#[inline]
pub fn add_sinusoids<T: Float>(y: &mut [T], positions: core::ops::Range<usize>, width: usize, base: T) {
    let first = positions.start;
    let length = positions.len() * width;
    each_angle(base, positions, width, |t, pair, cos, sin| {
        for sequence in y.chunks_exact_mut(length.max(1)) {
            let vector = sequence.get_mut((t - first) * width..(t - first + 1) * width).unwrap_or_default();
            for (y, wave) in vector.iter_mut().skip(2 * pair).zip([sin, cos]) {
                *y += wave;
            }
        }
    });
}

/// Vectors that are turned: of so many numbers, in heads of samples, from some position on.
#[derive(Clone, Copy)]
pub(crate) struct Turn {
    pub samples: usize,
    pub heads: usize,
    pub rows: usize,
    pub width: usize,
    pub steps: Steps,
    pub first: usize,
}

impl Turn {
    /// Turns each pair of numbers of the vector at position t by the angle t·ω; `back` by −t·ω, which is what its gradient does.
    #[inline]
    pub(crate) fn run<T: Float>(&self, x: &mut [T], base: T, back: bool) {
        let Self { samples, heads, rows, width, steps, first } = *self;
        // The last of an odd number stays.
        each_angle(base, first..first + rows, width - width % 2, |t, pair, cos, sin| {
            let sin = if back { -sin } else { sin };
            for sample in 0..samples {
                for head in 0..heads {
                    let at = sample * steps.sample + head * steps.head + (t - first) * steps.row + 2 * pair;
                    if let Some([a, b]) = x.get_mut(at..).and_then(|x| x.first_chunk_mut()) {
                        (*a, *b) = (*a * cos - *b * sin, *b * cos + *a * sin);
                    }
                }
            }
        });
    }
}
