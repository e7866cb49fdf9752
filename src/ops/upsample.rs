//! Nearest-neighbour upsampling. Images are slices of rows of `width` numbers. Inlined, so that the scales are constants.

use crate::simd::{self, Float};

/// y\[h\]\[w\] = x\[h / scale_h\]\[w / scale_w\].
#[inline(always)]
pub(crate) fn upsample_nearest<T: Float>(x: &[T], y: &mut [T], width: usize, [scale_h, scale_w]: [usize; 2]) {
    let wide = width * scale_w;
    // A size of 0 has no rows, and `chunks_exact` would refuse it.
    for (x, block) in x.chunks_exact(width.max(1)).zip(y.chunks_exact_mut((wide * scale_h).max(1))) {
        let (first, others) = block.split_at_mut(wide.min(block.len()));
        for (y, &x) in first.chunks_exact_mut(scale_w.max(1)).zip(x) {
            y.fill(x);
        }
        simd::repeat(first, others);
    }
}

/// dx\[h\]\[w\] = Σ dy over the block that x\[h\]\[w\] became.
#[inline(always)]
pub(crate) fn upsample_nearest_backward<T: Float>(dx: &mut [T], dy: &[T], width: usize, [scale_h, scale_w]: [usize; 2]) {
    let wide = width * scale_w;
    dx.fill(T::ZERO);
    for (dx, block) in dx.chunks_exact_mut(width.max(1)).zip(dy.chunks_exact((wide * scale_h).max(1))) {
        for dy in block.chunks_exact(wide.max(1)) {
            for (dx, dy) in dx.iter_mut().zip(dy.chunks_exact(scale_w.max(1))) {
                *dx += dy.iter().sum();
            }
        }
    }
}
