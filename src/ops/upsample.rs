//! Upsampling: each pixel repeated, or numbers between pixels.

use crate::simd::{self, Float, positive};

/// y\[h\]\[w\] = x\[h / scale_h\]\[w / scale_w\]. Images are slices of rows of `width` numbers. Inlined, so that the scales are constants.
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

/// Linear interpolation from planes of one size to another's. In one dimension the height is 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stretch {
    /// Height and width of the input.
    pub input: [usize; 2],
    /// Height and width of the output.
    pub output: [usize; 2],
    /// Whether the centres of the first and the last pixel keep their places, and not the plane's edges.
    pub corners: bool,
}

impl Stretch {
    /// The same between planes of other sizes.
    pub const fn between(self, input: [usize; 2], output: [usize; 2]) -> Self {
        Self { input, output, ..self }
    }
}

impl Stretch {
    /// The elements of an input plane and of an output plane.
    const fn planes(&self) -> [usize; 2] {
        [self.input[0] * self.input[1], self.output[0] * self.output[1]]
    }

    /// For each output along an axis the two inputs that it lies between, with their weights.
    #[inline(always)]
    fn taps<T: Float>(&self, axis: usize) -> impl Iterator<Item = [(usize, T); 2]> + Clone + use<T> {
        let at = |sizes: [usize; 2]| sizes.get(axis).copied().unwrap_or(0);
        let (input, output) = (at(self.input), at(self.output));
        let places = Places::new(input, output, self.corners);
        let (last, part) = (input.saturating_sub(1), T::from_usize(places.parts).recip());
        places.take(output).map(move |(before, rest)| {
            let t = T::from_usize(rest) * part;
            [(before, T::ONE - t), (last.min(before + 1), t)]
        })
    }
}

/// Where each output of an axis lies: behind an input by `rest / parts` of the way to the next. In whole numbers, so that nothing is
/// rounded, and without a division for each.
#[derive(Clone, Copy)]
struct Places {
    /// One more than the input, which may be the one before the first.
    after: usize,
    rest: usize,
    parts: usize,
    step: usize,
    step_rest: usize,
}

impl Places {
    /// Output i lies at i · (input − 1) / (output − 1) where the corners are aligned, and else at (i + ½) · input / output − ½.
    fn new(input: usize, output: usize, corners: bool) -> Self {
        let (distance, parts) =
            if corners { (input.saturating_sub(1), output.saturating_sub(1)) } else { (2 * input, 2 * output) };
        let parts = positive(parts);
        let first = if corners { parts } else { input + output };
        Self { after: first / parts, rest: first % parts, parts, step: distance / parts, step_rest: distance % parts }
    }
}

impl Iterator for Places {
    type Item = (usize, usize);

    #[inline(always)]
    fn next(&mut self) -> Option<(usize, usize)> {
        // What lies before the first input is on it.
        let place = self.after.checked_sub(1).map_or((0, 0), |before| (before, self.rest));
        self.after += self.step;
        self.rest += self.step_rest;
        if self.rest >= self.parts {
            self.rest -= self.parts;
            self.after += 1;
        }
        Some(place)
    }
}

/// y\[p\] = (1 − t) · x\[i\] + t · x\[i + 1\] along both axes, where p lies at i + t among the inputs.
///
/// x: `…×H×W`, y: `…×OH×OW`.
pub fn upsample_linear<T: Float>(stretch: &Stretch, x: &[T], y: &mut [T]) {
    let ([plane, out_plane], [width, out_width]) = (stretch.planes(), [stretch.input[1], stretch.output[1]]);
    if plane == 0 || out_plane == 0 {
        return y.fill(T::NAN); // there is nothing to lie between
    }
    y.fill(T::ZERO);
    for (x, y) in x.chunks_exact(positive(plane)).zip(y.chunks_exact_mut(positive(out_plane))) {
        for (y, rows) in y.chunks_exact_mut(positive(out_width)).zip(stretch.taps::<T>(0)) {
            for (row, weight) in rows.into_iter().filter(|&(_, weight)| weight != T::ZERO) {
                let Some(x) = x.get(row * width..(row + 1) * width) else { continue };
                for (y, [(a, wa), (b, wb)]) in y.iter_mut().zip(stretch.taps::<T>(1)) {
                    let (Some(&a), Some(&b)) = (x.get(a), x.get(b)) else { continue };
                    *y = weight.mul_add(wa.mul_add(a, wb * b), *y);
                }
            }
        }
    }
}

/// dx\[i\] += (1 − t) · dy\[p\], dx\[i + 1\] += t · dy\[p\] along both axes.
pub fn upsample_linear_backward<T: Float>(stretch: &Stretch, dy: &[T], dx: &mut [T]) {
    dx.fill(T::ZERO);
    let ([plane, out_plane], [width, out_width]) = (stretch.planes(), [stretch.input[1], stretch.output[1]]);
    if plane == 0 || out_plane == 0 {
        return;
    }
    for (dx, dy) in dx.chunks_exact_mut(positive(plane)).zip(dy.chunks_exact(positive(out_plane))) {
        for (dy, rows) in dy.chunks_exact(positive(out_width)).zip(stretch.taps::<T>(0)) {
            for (row, weight) in rows.into_iter().filter(|&(_, weight)| weight != T::ZERO) {
                let Some(dx) = dx.get_mut(row * width..(row + 1) * width) else { continue };
                for (&dy, taps) in dy.iter().zip(stretch.taps::<T>(1)) {
                    for (at, share) in taps {
                        if let Some(dx) = dx.get_mut(at) {
                            *dx = (weight * share).mul_add(dy, *dx);
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By PyTorch's formula, in floating point.
    fn place(i: usize, input: usize, output: usize, corners: bool) -> f64 {
        let (i, n, out) = (i as f64, input as f64, output as f64);
        match corners {
            true if output > 1 => i * (n - 1.0) / (out - 1.0),
            true => 0.0,
            false => ((i + 0.5) * n / out - 0.5).max(0.0),
        }
    }

    #[test]
    fn places_are_the_formula() {
        for (input, output) in [(1, 1), (1, 5), (5, 1), (3, 6), (6, 3), (5, 15), (4, 7), (7, 4), (2, 9), (100, 101)] {
            for corners in [false, true] {
                let stretch = Stretch { input: [1, input], output: [1, output], corners };
                let mut found = 0;
                for (i, [(a, wa), (b, wb)]) in stretch.taps::<f64>(1).enumerate() {
                    let right = place(i, input, output, corners);
                    assert!((wa + wb - 1.0).abs() < 1e-15 && (0.0..1.0).contains(&wb) && b < input && b - a <= 1);
                    assert!(
                        (a as f64 * wa + b as f64 * wb - right.min(input as f64 - 1.0)).abs() < 1e-12,
                        "{i}: {input} {output}"
                    );
                    found += 1;
                }
                assert_eq!(found, output);
            }
        }
    }

    #[test]
    fn nothing_has_nothing_between() {
        let stretch = Stretch { input: [0, 3], output: [2, 2], corners: true };
        let mut y = [0.0f32; 4];
        upsample_linear(&stretch, &[], &mut y);
        assert!(y.iter().all(|y| y.is_nan()));
        upsample_linear_backward(&stretch, &y, &mut []);
    }
}
