//! Pooling: the maximum or the average of each window, plane by plane.

use super::window::{Run, SlidingWindow, gather, scatter};
use crate::simd::positive;
use crate::simd::{self, Float};

/// `y[p] = max x[p + k]` over the window's elements k that lie in the plane; NaN if one of them is.
///
/// x: `…×H×W`, y: `…×OH×OW`.
pub fn max_pool<T: Float>(window: &SlidingWindow, x: &[T], y: &mut [T]) {
    y.fill(T::NEG_INFINITY);
    each_run(window, x, y, |y, x, stride| gather(y, x, stride, larger));
}

/// The larger of two, the first if they are equal; NaN if either is.
#[inline(always)]
fn larger<T: Float>(first: T, second: T) -> T {
    if (second > first) | second.is_nan() { second } else { first }
}

/// `dx[p + k] += dy[p]` for the first k with `x[p + k] = max`, of a NaN the last; written over `x`.
///
/// Which k that was is found again: it takes as long as the forward pass did, and an index for each output would cost as much
/// memory as the output. Windows overlap, so a plane of `x` is needed until its gradient, in `plane`, is complete.
pub fn max_pool_backward<T: Float>(window: &SlidingWindow, x: &mut [T], dy: &[T], plane: &mut [T]) {
    if window.is_empty() {
        return x.fill(T::ZERO);
    }
    let planes = x.chunks_exact_mut(positive(window.input_len())).zip(dy.chunks_exact(positive(window.output_len())));
    for (x, dy) in planes {
        plane.fill(T::ZERO);
        for (piece, dy) in dy.chunks(PIECE).enumerate() {
            let places = first_maxima(window, x, piece * PIECE, dy.len());
            for (&place, &dy) in places.iter().zip(dy) {
                if let Some(dx) = plane.get_mut(place as usize) {
                    *dx += dy;
                }
            }
        }
        simd::copy(plane, x);
    }
}

/// The outputs whose maxima are looked for at once.
const PIECE: usize = 32;

/// No place in a plane. (Places are as wide as an `f32`, so that they are compared in vectors; a plane of four milliards is
/// no array.)
const NOWHERE: u32 = u32::MAX;

/// The places in their plane of the maxima of the windows of `len` outputs from `first`.
#[inline(always)]
fn first_maxima<T: Float>(window: &SlidingWindow, x: &[T], first: usize, len: usize) -> [u32; PIECE] {
    let columns = window.output[1].max(1);
    let start = [first / positive(columns), first % positive(columns)];
    let (mut places, mut maxima) = ([NOWHERE; PIECE], [T::NEG_INFINITY; PIECE]);
    for tap in window.each_tap() {
        window.runs(tap, start, len, |Run { to, from, len }| {
            let stride = window.stride[1].max(1);
            let (Some(places), Some(maxima)) = (places.get_mut(to..to + len), maxima.get_mut(to..to + len)) else { return };
            let values = x.get(from..).unwrap_or_default().iter().step_by(positive(stride));
            let (mut at, stride) = (from as u32, stride as u32);
            for ((place, maximum), &value) in places.iter_mut().zip(maxima).zip(values) {
                let larger = (value > *maximum) | value.is_nan() | (*place == NOWHERE);
                *place = if larger { at } else { *place };
                *maximum = if larger { value } else { *maximum };
                at = at.wrapping_add(stride);
            }
        });
    }
    places
}

/// `y[p] = Σ x[p + k] / n` over the window, where n is the number of its elements that lie in the plane or its padding, or (without
/// `include_padding`) in the plane alone.
///
/// x: `…×H×W`, y: `…×OH×OW`.
pub fn avg_pool<T: Float>(window: &SlidingWindow, include_padding: bool, x: &[T], y: &mut [T]) {
    y.fill(T::ZERO);
    each_run(window, x, y, |y, x, stride| gather(y, x, stride, |y, x| y + x));
    divide_by_count(window, include_padding, y);
}

/// `dx[p + k] += dy[p] / n`. `dy` is used up.
pub fn avg_pool_backward<T: Float>(window: &SlidingWindow, include_padding: bool, dy: &mut [T], dx: &mut [T]) {
    dx.fill(T::ZERO);
    if window.is_empty() {
        return;
    }
    divide_by_count(window, include_padding, dy);
    for (dx, dy) in dx.chunks_exact_mut(positive(window.input_len())).zip(dy.chunks_exact(positive(window.output_len()))) {
        for tap in window.each_tap() {
            window.runs(tap, [0, 0], window.output_len(), |Run { to, from, len }| {
                let (Some(dx), Some(dy)) = (dx.get_mut(from..), dy.get(to..to + len)) else { return };
                scatter(dx, window.stride[1], dy, |dx, dy| dx + dy);
            });
        }
    }
}

/// Divides each output by the number of elements that it is an average of. A window that reaches past the padding counts what it has
/// of it, as in PyTorch.
fn divide_by_count<T: Float>(window: &SlidingWindow, include_padding: bool, y: &mut [T]) {
    if include_padding && !window.overhangs() {
        return simd::scale(y, T::from_usize(window.taps()).recip());
    }
    let padding = if include_padding { window.padding } else { [0; 2] };
    let [rows, columns] = window.output;
    for (row, y) in y.chunks_mut(columns.max(1)).enumerate() {
        let height = counted(window, 0, row % rows.max(1), padding);
        for (column, y) in y.iter_mut().enumerate() {
            *y /= T::from_usize(height * counted(window, 1, column, padding));
        }
    }
}

/// How many elements the window at an output covers along an axis, of the plane and so much padding on both sides.
#[inline(always)]
fn counted(window: &SlidingWindow, axis: usize, output: usize, padding: [usize; 2]) -> usize {
    let at = |sizes: &[usize; 2]| sizes.get(axis).copied().unwrap_or(0);
    let first = output * at(&window.stride);
    let (before, end) =
        (at(&window.padding).saturating_sub(at(&padding)), at(&window.padding) + at(&window.input) + at(&padding));
    usize::min(first + at(&window.kernel), end).saturating_sub(first.max(before))
}

/// Calls `f` with the outputs of each run, the input from its first on, and the stride of the latter.
#[inline(always)]
fn each_run<T: Float>(window: &SlidingWindow, x: &[T], y: &mut [T], f: impl Fn(&mut [T], &[T], usize)) {
    if window.is_empty() {
        return;
    }
    for (x, y) in x.chunks_exact(positive(window.input_len())).zip(y.chunks_exact_mut(positive(window.output_len()))) {
        for tap in window.each_tap() {
            window.runs(tap, [0, 0], window.output_len(), |Run { to, from, len }| {
                let (Some(y), Some(x)) = (y.get_mut(to..to + len), x.get(from..)) else { return };
                f(y, x, window.stride[1]);
            });
        }
    }
}

/// The part of an axis of `n` that the output `i` of `out` is the average of: ⌊i·n/out⌋ to ⌈(i + 1)·n/out⌉, as PyTorch has it.
/// Neighbours overlap where `out` does not divide `n`.
#[inline(always)]
fn part(i: usize, n: usize, out: usize) -> core::ops::Range<usize> {
    let out = out.max(1);
    i * n / positive(out)..((i + 1) * n).div_ceil(positive(out))
}

/// `y[i, j]` = the average of the i-th part of the rows and the j-th part of the columns.
///
/// x: `…×H×W`, y: `…×OH×OW`.
pub fn adaptive_avg_pool<T: Float>([h, w]: [usize; 2], [out_h, out_w]: [usize; 2], x: &[T], y: &mut [T]) {
    if h * w == 0 || out_h * out_w == 0 {
        return y.fill(T::NAN); // what 0 / 0 is
    }
    for (x, y) in x.chunks_exact(positive(h * w)).zip(y.chunks_exact_mut(positive(out_h * out_w))) {
        for (i, y) in y.chunks_exact_mut(positive(out_w)).enumerate() {
            let rows = part(i, h, out_h);
            for (j, y) in y.iter_mut().enumerate() {
                let columns = part(j, w, out_w);
                let count = T::from_usize(rows.len() * columns.len());
                let lines = x.chunks_exact(positive(w)).take(rows.end).skip(rows.start);
                *y = lines.map(|line| simd::sum(line.get(columns.clone()).unwrap_or_default())).sum::<T>() / count;
            }
        }
    }
}

/// dx += dy / n over each output's part of the plane.
pub fn adaptive_avg_pool_backward<T: Float>([h, w]: [usize; 2], [out_h, out_w]: [usize; 2], dy: &[T], dx: &mut [T]) {
    dx.fill(T::ZERO);
    if h * w == 0 || out_h * out_w == 0 {
        return;
    }
    for (dx, dy) in dx.chunks_exact_mut(positive(h * w)).zip(dy.chunks_exact(positive(out_h * out_w))) {
        for (i, dy) in dy.chunks_exact(positive(out_w)).enumerate() {
            let rows = part(i, h, out_h);
            for (j, &dy) in dy.iter().enumerate() {
                let columns = part(j, w, out_w);
                let share = dy / T::from_usize(rows.len() * columns.len());
                for line in dx.chunks_exact_mut(positive(w)).take(rows.end).skip(rows.start) {
                    simd::map_in_place(line.get_mut(columns.clone()).unwrap_or_default(), |dx| dx + share);
                }
            }
        }
    }
}

/// y = the maximum of each plane of `plane` elements; NaN if one of them is.
pub fn global_max_pool<T: Float>(plane: usize, x: &[T], y: &mut [T]) {
    y.fill(T::NEG_INFINITY);
    for (y, x) in y.iter_mut().zip(x.chunks_exact(plane.max(1))) {
        *y = x.iter().fold(*y, |y, &x| larger(y, x));
    }
}

/// dx = dy at the first maximum of each plane (of a NaN the last), else 0; written over `x`.
pub fn global_max_pool_backward<T: Float>(plane: usize, x: &mut [T], dy: &[T]) {
    for (x, &dy) in x.chunks_exact_mut(plane.max(1)).zip(dy) {
        let mut places = x.iter().enumerate();
        let Some((mut place, &(mut maximum))) = places.next() else { continue };
        for (at, &value) in places {
            if (value > maximum) | value.is_nan() {
                (place, maximum) = (at, value);
            }
        }
        x.fill(T::ZERO);
        if let Some(dx) = x.get_mut(place) {
            *dx = dy;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::Border;

    const PAIRS: SlidingWindow = SlidingWindow {
        kernel: [1, 2],
        stride: [1, 1],
        padding: [0, 0],
        dilation: [1, 1],
        border: Border::Zeros,
        input: [1, 5],
        output: [1, 4],
    };

    #[test]
    fn the_first_maximum_gets_the_gradient_and_nan_goes_through() {
        let mut x = [1.0, 1.0, f32::NAN, 2.0, f32::NEG_INFINITY];
        let mut y = [0.0; 4];
        max_pool(&PAIRS, &x, &mut y);
        assert!(y[0] == 1.0 && y[1].is_nan() && y[2].is_nan() && y[3] == 2.0);
        max_pool_backward(&PAIRS, &mut x, &[1.0, 10.0, 100.0, 1000.0], &mut [0.0; 5]);
        assert_eq!(x, [1.0, 0.0, 110.0, 1000.0, 0.0]);
        let mut low = [f32::NEG_INFINITY; 5];
        max_pool_backward(&PAIRS, &mut low, &[1.0; 4], &mut [0.0; 5]);
        assert_eq!(low, [1.0, 1.0, 1.0, 1.0, 0.0]);
    }

    #[test]
    fn an_average_counts_what_lies_in_the_plane_or_its_padding() {
        for (kernel, stride, padding, outputs) in
            [(3, 1, 1, 12), (3, 2, 1, 6), (2, 3, 1, 5), (4, 1, 2, 13), (4, 3, 1, 5), (5, 4, 2, 4)]
        {
            let n = 12;
            let window = SlidingWindow {
                kernel: [1, kernel],
                stride: [1, stride],
                padding: [0, padding],
                input: [1, n],
                output: [1, outputs],
                ..PAIRS
            };
            for (o, included) in (0..outputs).flat_map(|o| [(o, 0), (o, padding)]) {
                let covered =
                    (0..kernel).map(|k| o * stride + k).filter(|i| (padding - included..padding + n + included).contains(i));
                assert_eq!(counted(&window, 1, o, [0, included]), covered.count(), "{window:?} at {o}");
            }
            assert_eq!(window.overhangs(), (outputs - 1) * stride + kernel > n + 2 * padding);
        }
    }
}
