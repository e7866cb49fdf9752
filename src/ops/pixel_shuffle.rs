//! Channels to pixels. x: `[C·r·r][H][W]`, y: `[C][H·r][W·r]`, both as slices; under any leading dimensions, which look like more
//! channels.

use crate::simd::Float;

/// y\[c\]\[h · r + i\]\[w · r + j\] = x\[c · r² + i · r + j\]\[h\]\[w\].
pub(crate) fn pixel_shuffle<T: Float>(x: &[T], y: &mut [T], [height, width]: [usize; 2], r: usize) {
    let plane = height * width;
    // A size of 0 has no rows, and `chunks_exact` would refuse it.
    for (x, y) in x.chunks_exact((plane * r * r).max(1)).zip(y.chunks_exact_mut((plane * r * r).max(1))) {
        for (i, x) in x.chunks_exact((plane * r).max(1)).enumerate() {
            for (j, x) in x.chunks_exact(plane.max(1)).enumerate() {
                let rows = y.chunks_exact_mut((width * r).max(1)).skip(i).step_by(r.max(1));
                for (y, x) in rows.zip(x.chunks_exact(width.max(1))) {
                    y.iter_mut().skip(j).step_by(r.max(1)).zip(x).for_each(|(y, x)| *y = *x);
                }
            }
        }
    }
}

/// dx\[c · r² + i · r + j\]\[h\]\[w\] = dy\[c\]\[h · r + i\]\[w · r + j\].
pub(crate) fn pixel_shuffle_backward<T: Float>(dx: &mut [T], dy: &[T], [height, width]: [usize; 2], r: usize) {
    let plane = height * width;
    for (dx, dy) in dx.chunks_exact_mut((plane * r * r).max(1)).zip(dy.chunks_exact((plane * r * r).max(1))) {
        for (i, dx) in dx.chunks_exact_mut((plane * r).max(1)).enumerate() {
            for (j, dx) in dx.chunks_exact_mut(plane.max(1)).enumerate() {
                let rows = dy.chunks_exact((width * r).max(1)).skip(i).step_by(r.max(1));
                for (dx, dy) in dx.chunks_exact_mut(width.max(1)).zip(rows) {
                    dx.iter_mut().zip(dy.iter().skip(j).step_by(r.max(1))).for_each(|(dx, dy)| *dx = *dy);
                }
            }
        }
    }
}
