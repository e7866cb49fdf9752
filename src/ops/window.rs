//! A window that slides over a plane: which input lies under which output. Convolution and pooling share it.

use core::ops::Range;

use crate::simd::Float;

/// What stands around a plane.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Border {
    /// Zeros.
    Zeros,
    /// The plane mirrored at its edge, which is not repeated: `c b | a b c | b a`.
    Reflect,
    /// The edge again and again: `a a | a b c | c c`.
    Replicate,
    /// The plane again from its other side: `b c | a b c | a b`.
    Circular,
}

impl Border {
    /// The position that stands at `i` along an axis of `n`, if any does.
    #[inline]
    pub(super) fn index(self, i: isize, n: usize) -> Option<usize> {
        let size = n.cast_signed();
        let i = match self {
            _ if (0..size).contains(&i) => i,
            Self::Zeros => return None,
            Self::Reflect if i < 0 => -i,
            Self::Reflect => 2 * (size - 1) - i,
            Self::Replicate => i.clamp(0, (size - 1).max(0)),
            Self::Circular if i < 0 => i + size,
            Self::Circular => i - size,
        };
        usize::try_from(i).ok().filter(|&i| i < n)
    }
}

/// The sizes of a sliding window, height before width. In one dimension the height is 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SlidingWindow {
    /// Height and width of the kernel.
    pub kernel: [usize; 2],
    /// From one output to the next.
    pub stride: [usize; 2],
    /// Above and to the left of the plane. How much there is on the other sides follows from the output's size.
    pub padding: [usize; 2],
    /// From one element of the kernel to the next.
    pub dilation: [usize; 2],
    /// What the padding is.
    pub border: Border,
    /// Height and width of the input.
    pub input: [usize; 2],
    /// Height and width of the output.
    pub output: [usize; 2],
}

/// Consecutive outputs whose inputs lie `stride` apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    /// The first output, counted from the first that was asked for.
    pub to: usize,
    /// The first input's place in its plane.
    pub from: usize,
    /// How many.
    pub len: usize,
}

impl SlidingWindow {
    /// The same window over a plane of another size.
    pub const fn over(self, input: [usize; 2], output: [usize; 2]) -> Self {
        Self { input, output, ..self }
    }

    /// The elements of an input plane.
    pub const fn input_len(&self) -> usize {
        self.input[0] * self.input[1]
    }

    /// The elements of an output plane.
    pub const fn output_len(&self) -> usize {
        self.output[0] * self.output[1]
    }

    /// The elements of the kernel.
    pub const fn taps(&self) -> usize {
        self.kernel[0] * self.kernel[1]
    }

    /// Whether there is nothing to compute.
    pub(super) const fn is_empty(&self) -> bool {
        self.input_len() == 0 || self.output_len() == 0 || self.taps() == 0
    }

    /// Whether the last window reaches past the input and as much padding behind it as there is before it.
    pub(super) const fn overhangs(&self) -> bool {
        let ([height, width], [rows, columns]) = (self.input, self.output);
        let ([kh, kw], [sh, sw], [ph, pw], [dh, dw]) = (self.kernel, self.stride, self.padding, self.dilation);
        rows.saturating_sub(1) * sh + dh * kh.saturating_sub(1) >= height + 2 * ph
            || columns.saturating_sub(1) * sw + dw * kw.saturating_sub(1) >= width + 2 * pw
    }

    /// Whether output and input lie upon each other.
    pub(super) const fn is_identity(&self) -> bool {
        self.taps() == 1
            && self.stride[0] == 1
            && self.stride[1] == 1
            && self.input[0] == self.output[0]
            && self.input[1] == self.output[1]
            && self.padding[0] == 0
            && self.padding[1] == 0
    }

    /// The elements of the kernel, row by row.
    #[inline(always)]
    pub(super) fn each_tap(&self) -> impl Iterator<Item = [usize; 2]> + use<> {
        let [height, width] = self.kernel;
        (0..height).flat_map(move |y| (0..width).map(move |x| [y, x]))
    }

    /// What this element of the kernel does, if that is to move the plane, with zeros around.
    #[inline(always)]
    pub(super) fn shift(&self, [ky, kx]: [usize; 2]) -> Option<Shift> {
        let moves = self.border == Border::Zeros && self.stride == [1; 2] && self.input == self.output;
        moves.then(|| Shift {
            y: (ky * self.dilation[0]).cast_signed() - self.padding[0].cast_signed(),
            x: (kx * self.dilation[1]).cast_signed() - self.padding[1].cast_signed(),
            columns: self.input[1],
        })
    }

    /// The runs of `len` outputs from row and column `start` under one element of the kernel. Outputs whose input is a zero of
    /// the padding are in none.
    #[inline(always)]
    pub(super) fn runs(&self, [ky, kx]: [usize; 2], start: [usize; 2], len: usize, mut run: impl FnMut(Run)) {
        let ([height, width], [_, columns], [sy, sx]) = (self.input, self.output, self.stride);
        let shift_y = (ky * self.dilation[0]).cast_signed() - self.padding[0].cast_signed();
        let shift_x = (kx * self.dilation[1]).cast_signed() - self.padding[1].cast_signed();
        let (inside, outside) = inside(shift_x, width, sx);
        let (mut y, mut x) = (start[0], start[1]);
        let mut done = 0;
        while done < len {
            let end = usize::min(columns, x + (len - done));
            if let Some(row) = self.border.index((y * sy).cast_signed() + shift_y, height) {
                let row = row * width;
                let (a, b) = (inside.max(x).min(end), outside.max(x).min(end));
                if a < b {
                    let from = row.wrapping_add((a * sx).wrapping_add_signed(shift_x));
                    run(Run { to: done + (a - x), from, len: b - a });
                }
                if self.border != Border::Zeros {
                    for x_out in (x..a).chain(b.max(a)..end) {
                        if let Some(from) = self.border.index((x_out * sx).cast_signed() + shift_x, width) {
                            run(Run { to: done + (x_out - x), from: row + from, len: 1 });
                        }
                    }
                }
            }
            done += end - x;
            (y, x) = (y + 1, 0);
        }
    }
}

/// A window's element that moves the whole plane: outputs and inputs are planes of the same size, one element's distance
/// apart in both, so that consecutive outputs lie under consecutive inputs over the ends of rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shift {
    y: isize,
    x: isize,
    columns: usize,
}

impl Shift {
    /// Which of `len` outputs from `first` have an input in the plane of `plane` elements, and where it lies. At the ends of
    /// the rows, where the input is on another row, that is the wrong one: see [`clear`](Self::clear).
    #[inline(always)]
    pub fn overlap(self, first: usize, len: usize, plane: usize) -> (Range<usize>, Range<usize>) {
        let from = first.cast_signed() + self.y * self.columns.cast_signed() + self.x;
        let clip = |i: isize, n: usize| usize::try_from(i).unwrap_or(0).min(n);
        let (a, b) = (clip(-from, len), clip(plane.cast_signed() - from, len));
        let b = b.max(a);
        (a..b, clip(from + a.cast_signed(), plane)..clip(from + b.cast_signed(), plane))
    }

    /// Sets the outputs to 0 whose input is beside the plane; `start` is the column of the first.
    #[inline(always)]
    pub fn clear<T: Float>(self, start: usize, outputs: &mut [T]) {
        let beside = self.x.unsigned_abs().min(self.columns);
        // The first column that is cleared in each row.
        let column = if self.x < 0 { 0 } else { self.columns - beside };
        for column in column..column + beside {
            let first = if column >= start { column - start } else { column + self.columns - start };
            for output in outputs.iter_mut().skip(first).step_by(self.columns.max(1)) {
                *output = T::ZERO;
            }
        }
    }
}

/// The outputs from and up to which the input `x * stride + shift` lies in `0..width`.
#[inline(always)]
fn inside(shift: isize, width: usize, stride: usize) -> (usize, usize) {
    let ceil = |n: isize| {
        let n = usize::try_from(n).unwrap_or(0);
        if stride == 1 { n } else { n.div_ceil(stride.max(1)) }
    };
    let first = ceil(-shift);
    (first, ceil(width.cast_signed() - shift).max(first))
}

/// to = from, every `stride`th element of it.
#[inline(always)]
pub(super) fn gather<T: Float>(to: &mut [T], from: &[T], stride: usize, f: impl Fn(T, T) -> T) {
    if stride == 1 {
        for (to, &from) in to.iter_mut().zip(from) {
            *to = f(*to, from);
        }
    } else {
        for (to, &from) in to.iter_mut().zip(from.iter().step_by(stride.max(1))) {
            *to = f(*to, from);
        }
    }
}

/// Every `stride`th element of `to` = f of it and the next of `from`.
#[inline(always)]
pub(super) fn scatter<T: Float>(to: &mut [T], stride: usize, from: &[T], f: impl Fn(T, T) -> T) {
    if stride == 1 {
        for (to, &from) in to.iter_mut().zip(from) {
            *to = f(*to, from);
        }
    } else {
        for (to, &from) in to.iter_mut().step_by(stride.max(1)).zip(from) {
            *to = f(*to, from);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn borders_are_pytorchs() {
        let around = |border: Border| (-2..5).map(|i| border.index(i, 3)).collect::<Vec<_>>();
        assert_eq!(around(Border::Zeros), [None, None, Some(0), Some(1), Some(2), None, None]);
        assert_eq!(around(Border::Reflect), [2, 1, 0, 1, 2, 1, 0].map(Some));
        assert_eq!(around(Border::Replicate), [0, 0, 0, 1, 2, 2, 2].map(Some));
        assert_eq!(around(Border::Circular), [1, 2, 0, 1, 2, 0, 1].map(Some));
        assert_eq!(Border::Replicate.index(1, 0), None);
    }

    #[test]
    fn runs_are_the_window() {
        let mut checked = 0;
        for (kernel, stride, padding, dilation, columns) in [(3, 1, 1, 1, 6), (3, 2, 1, 1, 3), (2, 3, 0, 2, 2), (3, 2, 2, 2, 3)]
        {
            let window = SlidingWindow {
                kernel: [1, kernel],
                stride: [1, stride],
                padding: [0, padding],
                dilation: [1, dilation],
                border: Border::Zeros,
                input: [2, 6],
                output: [2, columns],
            };
            for kx in 0..kernel {
                let mut found = vec![None; 2 * columns - 1];
                window.runs([0, kx], [0, 1], 2 * columns - 1, |run| {
                    (0..run.len).for_each(|i| found[run.to + i] = Some(run.from + i * stride));
                });
                for (at, found) in found.into_iter().enumerate() {
                    let (y, x) = ((at + 1) / columns, (at + 1) % columns);
                    let from = (x * stride + kx * dilation).checked_sub(padding).filter(|&x| x < 6);
                    assert_eq!(found, from.map(|x| y * 6 + x));
                    checked += 1;
                }
            }
        }
        assert!(checked > 40);
    }
}
