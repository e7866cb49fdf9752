//! Pooling: the maximum or the average of each window, plane by plane.

use super::window::{Run, SlidingWindow, gather, scatter};
use crate::simd::{self, Cut, Float, Kernel, SMALL, Same, positive};

/// `y[p] = max x[p + k]` over the window's elements k that lie in the plane; NaN if one of them is.
///
/// x: `…×H×W`, y: `…×OH×OW`.
pub fn max_pool<T: Float>(window: &SlidingWindow, x: &[T], y: &mut [T]) {
    simd::dispatch(y.len(), MaxPool { window, x, y });
}

struct MaxPool<'a, T> {
    window: &'a SlidingWindow,
    x: &'a [T],
    y: &'a mut [T],
}

impl<T: Float> Kernel<T> for MaxPool<'_, T> {
    type Output = ();
    const WIDE: bool = true;
    const DOUBLES: bool = false;

    #[inline(always)]
    fn run<N: Same<T>>(self) {
        let (x, y) = (N::slice(self.x), N::slice_mut(self.y));
        if is_quarters(self.window) {
            return quarters::max_pool(self.window, x, y);
        }
        y.fill(N::NEG_INFINITY);
        each_run(self.window, x, y, |y, x, stride| gather(y, x, stride, larger));
    }
}

/// The larger of two, the first if they are equal; NaN if either is.
#[inline(always)]
pub(crate) fn larger<T: Float>(first: T, second: T) -> T {
    let maximum = if second > first { second } else { first };
    if second.is_nan() { second } else { maximum }
}

/// Whether the second takes the place of the first.
#[inline(always)]
fn is_larger<T: Float>(first: T, second: T) -> bool {
    (second > first) | second.is_nan()
}

/// Whether the windows are squares of 2 × 2 side by side, the most usual pool.
fn is_quarters(window: &SlidingWindow) -> bool {
    (window.kernel, window.stride, window.padding, window.dilation) == ([2; 2], [2; 2], [0; 2], [1; 2])
        && window.output[0] * 2 <= window.input[0]
        && window.output[1] * 2 <= window.input[1]
}

/// `dx[p + k] += dy[p]` for the first k with `x[p + k] = max`, of a NaN the last; written over `x`.
///
/// Which k that was is found again: it takes as long as the forward pass did, and an index for each output would cost as much
/// memory as the output. Windows overlap, so a plane of `x` is needed until its gradient, in `plane`, is complete.
pub fn max_pool_backward<T: Float>(window: &SlidingWindow, x: &mut [T], dy: &[T], plane: &mut [T]) {
    simd::dispatch(dy.len(), MaxPoolBackward { window, x, dy, plane });
}

struct MaxPoolBackward<'a, T> {
    window: &'a SlidingWindow,
    x: &'a mut [T],
    dy: &'a [T],
    plane: &'a mut [T],
}

impl<T: Float> Kernel<T> for MaxPoolBackward<'_, T> {
    type Output = ();
    const WIDE: bool = true;
    const DOUBLES: bool = false;

    #[inline(always)]
    fn run<N: Same<T>>(self) {
        let (window, x, dy) = (self.window, N::slice_mut(self.x), N::slice(self.dy));
        if is_quarters(window) {
            return quarters::max_pool_backward(window, x, dy);
        }
        any_backward(window, x, dy, N::slice_mut(self.plane));
    }
}

#[inline(always)]
fn any_backward<T: Float>(window: &SlidingWindow, x: &mut [T], dy: &[T], plane: &mut [T]) {
    if window.is_empty() {
        return x.fill(T::ZERO);
    }
    let planes = x.runs_mut(window.input_len()).zip(dy.runs(window.output_len()));
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

/// The maximum of squares of 2 × 2. No window shares an element with another, so x is read, and its gradient written, in place.
mod quarters {
    use super::{Cut, Float, SMALL, SlidingWindow, is_larger, larger, positive};

    #[inline(always)]
    pub(super) fn max_pool<T: Float>(window: &SlidingWindow, x: &[T], y: &mut [T]) {
        let ([_, width], [lines, columns]) = (window.input, window.output);
        let planes = usize::min(x.len() / positive(window.input_len()), y.len() / positive(window.output_len()));
        let mut y = y.get_mut(..planes * window.output_len()).unwrap_or_default();
        for plane in 0..planes {
            let mut x = x.get(plane * window.input_len()..).unwrap_or_default();
            for _ in 0..lines {
                line(x, x.get(width..).unwrap_or_default(), columns, y);
                x = x.get(2 * width..).unwrap_or_default();
                y = y.get_mut(columns..).unwrap_or_default();
            }
        }
    }

    /// A line of outputs. The last of them are computed with what follows in memory, if anything does: of `y`, that is still to be
    /// written.
    #[inline(always)]
    fn line<T: Float>(above: &[T], below: &[T], outputs: usize, y: &mut [T]) {
        let (above, below) = (above.as_chunks().0, below.as_chunks().0);
        let mut at = 0;
        while at < outputs {
            let left = if SMALL { 1 } else { outputs - at };
            if left > 8 && some::<T, 16>(at, above, below, y) {
                at += 16;
            } else if left > 4 && some::<T, 8>(at, above, below, y) {
                at += 8;
            } else if left > 1 && some::<T, 4>(at, above, below, y) {
                at += 4;
            } else {
                some::<T, 1>(at, above, below, y);
                at += 1;
            }
        }
    }

    /// `N` outputs from `at`, if there are so many numbers.
    #[inline(always)]
    fn some<T: Float, const N: usize>(at: usize, above: &[[T; 2]], below: &[[T; 2]], y: &mut [T]) -> bool {
        let Some((above, below)) = first::<T, N>(above, at).zip(first::<T, N>(below, at)) else { return false };
        let Some(y) = y.get_mut(at..).and_then(<[T]>::first_chunk_mut::<N>) else { return false };
        let mut pairs = *above;
        for (maximum, next) in pairs.as_flattened_mut().iter_mut().zip(below.as_flattened()) {
            *maximum = larger(*maximum, *next);
        }
        let [mut maximum, second] = columns(&pairs);
        for (maximum, next) in maximum.iter_mut().zip(second) {
            *maximum = larger(*maximum, next);
        }
        *y = maximum;
        true
    }

    /// The first numbers of pairs, and the second ones.
    #[inline(always)]
    fn columns<T: Float, const N: usize>(pairs: &[[T; 2]; N]) -> [[T; N]; 2] {
        let (mut first, mut second) = ([T::ZERO; N], [T::ZERO; N]);
        for (pair, (first, second)) in pairs.iter().zip(first.iter_mut().zip(&mut second)) {
            [*first, *second] = *pair;
        }
        [first, second]
    }

    #[inline(always)]
    fn first<T, const N: usize>(pairs: &[[T; 2]], at: usize) -> Option<&[[T; 2]; N]> {
        pairs.get(at..)?.first_chunk()
    }

    #[inline(always)]
    pub(super) fn max_pool_backward<T: Float>(window: &SlidingWindow, x: &mut [T], dy: &[T]) {
        let ([_, width], [lines, columns]) = (window.input, window.output);
        let planes = x.runs_mut(window.input_len()).zip(dy.runs(window.output_len()));
        for (x, dy) in planes {
            let mut rows = x.runs_mut(2 * width);
            for (rows, dy) in (&mut rows).take(lines).zip(dy.runs(columns)) {
                let Some((above, below)) = rows.split_at_mut_checked(width) else { return };
                let ((above, a_rest), (below, b_rest)) = (above.as_chunks_mut(), below.as_chunks_mut());
                line_backward(above, below, dy);
                a_rest.fill(T::ZERO);
                b_rest.fill(T::ZERO);
            }
            // Rows that no window covers.
            rows.by_ref().for_each(|rows| rows.fill(T::ZERO));
            rows.into_rest().fill(T::ZERO);
        }
    }

    /// A line of gradients. Pairs that no window covers get none.
    #[inline(always)]
    fn line_backward<T: Float>(above: &mut [[T; 2]], below: &mut [[T; 2]], dy: &[T]) {
        let (covered, rest) = above.split_at_mut(dy.len().min(above.len()));
        rest.as_flattened_mut().fill(T::ZERO);
        let (above, covered) = (covered, below.len().min(dy.len()));
        let (below, rest) = below.split_at_mut(covered);
        rest.as_flattened_mut().fill(T::ZERO);
        if SMALL || !(ends_backward::<T, 8>(above, below, dy) || ends_backward::<T, 4>(above, below, dy)) {
            for ((above, below), dy) in above.iter_mut().zip(below).zip(dy) {
                let [[first], [second]] = gradients(&[*above], &[*below], &[*dy]);
                (*above, *below) = (first, second);
            }
        }
    }

    /// In vectors of `N`, if there is one. The last is computed before any is written, as it may overlap the one before.
    #[inline(always)]
    fn ends_backward<T: Float, const N: usize>(above: &mut [[T; 2]], below: &mut [[T; 2]], dy: &[T]) -> bool {
        let (Some(a), Some(b), Some(last)) = (above.last_chunk::<N>(), below.last_chunk::<N>(), dy.last_chunk::<N>()) else {
            return false;
        };
        let [last_above, last_below] = gradients(a, b, last);
        let vectors = above.as_chunks_mut::<N>().0.iter_mut().zip(below.as_chunks_mut::<N>().0).zip(dy.as_chunks::<N>().0);
        for ((above, below), dy) in vectors {
            [*above, *below] = gradients(above, below, dy);
        }
        if let (Some(above), Some(below)) = (above.last_chunk_mut::<N>(), below.last_chunk_mut::<N>()) {
            (*above, *below) = (last_above, last_below);
        }
        true
    }

    /// The gradients of the rows of some windows: each dy goes to the first of the largest. In loops of one choice each, or the compiler
    /// leaves them to scalars.
    #[inline(always)]
    fn gradients<T: Float, const N: usize>(above: &[[T; 2]; N], below: &[[T; 2]; N], dy: &[T; N]) -> [[[T; 2]; N]; 2] {
        let ([mut maximum, b], [c, d]) = (columns(above), columns(below));
        let zero = [T::ZERO; N];
        let (mut to_a, mut to_b, mut to_c) = (*dy, zero, zero);
        to_a = choose(&maximum, &b, &zero, &to_a);
        to_b = choose(&maximum, &b, dy, &to_b);
        maximum = choose(&maximum, &b, &b, &maximum);
        to_a = choose(&maximum, &c, &zero, &to_a);
        to_b = choose(&maximum, &c, &zero, &to_b);
        to_c = choose(&maximum, &c, dy, &to_c);
        maximum = choose(&maximum, &c, &c, &maximum);
        to_a = choose(&maximum, &d, &zero, &to_a);
        to_b = choose(&maximum, &d, &zero, &to_b);
        to_c = choose(&maximum, &d, &zero, &to_c);
        let to_d = choose(&maximum, &d, dy, &zero);
        [pairs(&to_a, &to_b), pairs(&to_c, &to_d)]
    }

    /// `larger` where the second takes the place of the first, `otherwise` elsewhere.
    #[inline(always)]
    fn choose<T: Float, const N: usize>(first: &[T; N], second: &[T; N], larger: &[T; N], otherwise: &[T; N]) -> [T; N] {
        let mut chosen = *otherwise;
        for ((chosen, larger), (first, second)) in chosen.iter_mut().zip(larger).zip(first.iter().zip(second)) {
            let (larger, otherwise) = (*larger, *chosen);
            *chosen = if is_larger(*first, *second) { larger } else { otherwise };
        }
        chosen
    }

    /// The numbers of two columns side by side.
    #[inline(always)]
    fn pairs<T: Float, const N: usize>(first: &[T; N], second: &[T; N]) -> [[T; 2]; N] {
        let mut pairs = [[T::ZERO; 2]; N];
        for (pair, (first, second)) in pairs.iter_mut().zip(first.iter().zip(second)) {
            *pair = [*first, *second];
        }
        pairs
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
    for (dx, dy) in dx.runs_mut(window.input_len()).zip(dy.runs(window.output_len())) {
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
    for (x, y) in x.runs(window.input_len()).zip(y.runs_mut(window.output_len())) {
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
    for (x, y) in x.runs(h * w).zip(y.runs_mut(out_h * out_w)) {
        for (i, y) in y.runs_mut(out_w).enumerate() {
            let rows = part(i, h, out_h);
            for (j, y) in y.iter_mut().enumerate() {
                let columns = part(j, w, out_w);
                let count = T::from_usize(rows.len() * columns.len());
                let lines = x.runs(w).take(rows.end).skip(rows.start);
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
    for (dx, dy) in dx.runs_mut(h * w).zip(dy.runs(out_h * out_w)) {
        for (i, dy) in dy.runs(out_w).enumerate() {
            let rows = part(i, h, out_h);
            for (j, &dy) in dy.iter().enumerate() {
                let columns = part(j, w, out_w);
                let share = dy / T::from_usize(rows.len() * columns.len());
                for line in dx.runs_mut(w).take(rows.end).skip(rows.start) {
                    simd::map_in_place(line.get_mut(columns.clone()).unwrap_or_default(), |dx| dx + share);
                }
            }
        }
    }
}

/// y = the maximum of each plane of `plane` elements; NaN if one of them is.
pub fn global_max_pool<T: Float>(plane: usize, x: &[T], y: &mut [T]) {
    y.fill(T::NEG_INFINITY);
    for (y, x) in y.iter_mut().zip(x.runs(plane)) {
        *y = x.iter().fold(*y, |y, &x| larger(y, x));
    }
}

/// dx = dy at the first maximum of each plane (of a NaN the last), else 0; written over `x`.
pub fn global_max_pool_backward<T: Float>(plane: usize, x: &mut [T], dy: &[T]) {
    for (x, &dy) in x.runs_mut(plane).zip(dy) {
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

    /// The plain loops over a window of 2 × 2, stride 2.
    fn plain<T: Float>(window: &SlidingWindow, x: &[T], dy: &[T]) -> (Vec<T>, Vec<T>) {
        let ([height, width], [lines, columns]) = (window.input, window.output);
        let (mut y, mut dx) = (vec![], vec![T::ZERO; x.len()]);
        for plane in 0..x.len() / (height * width) {
            for (line, column) in (0..lines).flat_map(|line| (0..columns).map(move |column| (line, column))) {
                let corner = plane * height * width + 2 * line * width + 2 * column;
                let mut place = corner;
                for at in [corner + 1, corner + width, corner + width + 1] {
                    if x[at] > x[place] || x[at].is_nan() {
                        place = at;
                    }
                }
                dx[place] += dy[y.len()];
                y.push(x[place]);
            }
        }
        (y, dx)
    }

    fn quarters_are_the_plain_loop<T: Float>() {
        for (height, width) in (2..7).flat_map(|height| (2..50).map(move |width| (height, width))) {
            let (kernel, output) = ([2, 2], [height / 2, width / 2]);
            let window = SlidingWindow { kernel, stride: [2, 2], input: [height, width], output, ..PAIRS };
            let number = |i: usize| if i % 23 == 7 { T::NAN } else { T::from_usize(i * 7919 % 13) };
            let x: Vec<T> = (0..3 * height * width).map(number).collect();
            let dy: Vec<T> = (0..3 * window.output_len()).map(|i| T::from_usize(i + 1)).collect();
            let (expected, gradient) = plain(&window, &x, &dy);
            let (mut y, mut dx) = (vec![T::ZERO; dy.len()], x.clone());
            max_pool(&window, &x, &mut y);
            assert!(y.iter().zip(&expected).all(|(a, b)| a == b || a.is_nan() && b.is_nan()), "{height}x{width}");
            max_pool_backward(&window, &mut dx, &dy, &mut vec![T::ZERO; height * width]);
            assert!(dx == gradient, "{height}x{width}");
        }
    }

    #[test]
    fn squares_of_four_are_the_plain_loop_on_each_instruction_set() {
        crate::simd::Instructions::each(|_| {
            quarters_are_the_plain_loop::<f32>();
            quarters_are_the_plain_loop::<f64>();
        });
    }
}
