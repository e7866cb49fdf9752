//! A part of the source's planes in which each output is a fixed distance from each of its inputs.

use super::short::combine;
use super::{Correlation, DEPTH, SCRATCH, Tap, min};
use crate::simd::sets::Part;
use crate::simd::{Float, positive};

/// How a part of the planes is laid out: for each channel a plane for each phase of the stride, whose rows are `width` apart.
#[derive(Clone, Copy)]
pub struct Strip {
    /// The outputs that it serves at most.
    pub rows: usize,
    pub columns: usize,
    /// The channels that it holds at most.
    pub channels: usize,
    /// The distance of two rows, of two phases' planes, of two channels.
    pub width: usize,
    pub plane: usize,
    pub channel: usize,
    /// Whether it is copied, and not the source as it lies.
    pub copied: bool,
}

/// Some outputs of a plane: the first row and column, and how many of them.
#[derive(Clone, Copy)]
pub struct Area {
    pub row: usize,
    pub column: usize,
    pub rows: usize,
    pub columns: usize,
}

impl Area {
    /// The parts of `rows` × `columns` that this one is cut into.
    #[inline(always)]
    pub fn cut(self, rows: usize, columns: usize) -> impl Iterator<Item = Self> {
        let (down, across) = ((0..self.rows).step_by(positive(rows)), (0..self.columns).step_by(positive(columns)));
        down.flat_map(move |row| {
            across.clone().map(move |column| Self {
                row: self.row + row,
                column: self.column + column,
                rows: usize::min(rows, self.rows - row),
                columns: usize::min(columns, self.columns - column),
            })
        })
    }
}

impl Strip {
    /// The strip of as many channels as there are weights for at once, fewer where their rows would be cut short.
    pub const fn best(s: &Correlation) -> Self {
        let mut channels = min(s.channels, DEPTH / positive(s.taps()));
        while channels > 1 && Self::of(s, channels).columns < min(s.output[1], 64) {
            channels = channels.div_ceil(2);
        }
        Self::of(s, channels)
    }

    /// The largest strip of this many channels; without columns where there is no room.
    pub const fn of(s: &Correlation, channels: usize) -> Self {
        if s.lies_ready() {
            let ([height, width], [rows, columns]) = (s.source, s.output);
            return Self { rows, columns, channels, width, plane: 0, channel: height * width, copied: false };
        }
        let phases = s.stride[0] * s.stride[1];
        let more = [s.reach(0) / positive(s.stride[0]), s.reach(1) / positive(s.stride[1])];
        let room = SCRATCH / positive(channels * phases);
        let columns = min(s.output[1], (room / positive(1 + more[0])).saturating_sub(more[1]));
        let width = columns + more[1];
        let rows = min(s.output[0], (room / positive(width)).saturating_sub(more[0]));
        let plane = (rows + more[0]) * width;
        Self { rows, columns, channels, width, plane, channel: plane * phases, copied: true }
    }

    /// Where each element of the kernels of its channels lies.
    #[inline(always)]
    pub fn taps<'a>(&self, s: &Correlation, taps: &'a mut [Tap; DEPTH]) -> &'a [Tap] {
        let ([height, width], [sy, sx]) = (s.kernel, s.stride);
        let mut at = taps.iter_mut();
        for channel in 0..self.channels {
            for (ky, kx) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
                let (y, x) = (ky * s.dilation[0], kx * s.dilation[1]);
                let phase = y % positive(sy) * sx + x % positive(sx);
                let element = ky * width + kx;
                let element = if s.turned { height * width - 1 - element } else { element };
                let Some(tap) = at.next() else { break };
                tap.weight = channel * s.weight_strides()[1] + element;
                tap.source = channel * self.channel + phase * self.plane + y / positive(sy) * self.width + x / positive(sx);
            }
        }
        taps.get(..self.channels * s.taps()).unwrap_or(taps)
    }

    /// What serves a part of the outputs, of the planes in `x`: they themselves, or a copy in `memory`.
    #[inline(always)]
    pub fn lay<'a, T: Float>(&self, s: &Correlation, x: &'a [T], planes: usize, part: Area, memory: &'a mut [T]) -> &'a [T] {
        if !self.copied {
            return x.get(part.row * self.width + part.column..).unwrap_or_default();
        }
        T::apart(Copying { strip: self, s, x, planes, part, memory });
        memory
    }

    /// One phase of one channel.
    #[inline(always)]
    fn lay_phase<T: Float>(&self, s: &Correlation, plane: &[T], phase: [usize; 2], part: Area, to: &mut [T]) {
        let [height, width] = s.source;
        let from =
            |axis: usize, first: usize| (first * s.stride[axis] + phase[axis]).cast_signed() - s.padding[axis].cast_signed();
        let x = from(1, part.column);
        let needed = part.rows + s.reach(0) / positive(s.stride[0]);
        for (i, to) in to.chunks_exact_mut(positive(self.width)).take(needed).enumerate() {
            let y = from(0, part.row + i);
            match position(s, y, height).and_then(|y| plane.get(y * width..(y + 1) * width)) {
                Some(row) => lay_row(s, row, x, s.stride[1], to),
                None => to.fill(T::ZERO),
            }
        }
    }
}

/// The copy of some planes.
struct Copying<'a, T> {
    strip: &'a Strip,
    s: &'a Correlation,
    x: &'a [T],
    planes: usize,
    part: Area,
    memory: &'a mut [T],
}

impl<T: Float> Part for Copying<'_, T> {
    #[inline(always)]
    fn run(self) {
        let Self { strip, s, x, planes, part, memory } = self;
        let [sy, sx] = s.stride;
        let planes = x.chunks_exact(positive(s.source_len())).take(planes);
        for (plane, to) in planes.zip(memory.chunks_exact_mut(positive(strip.channel))) {
            let phases = (0..sy).flat_map(|y| (0..sx).map(move |x| [y, x]));
            for (phase, to) in phases.zip(to.chunks_exact_mut(positive(strip.plane))) {
                strip.lay_phase(s, plane, phase, part, to);
            }
        }
    }
}

/// The position of an axis of `n` that stands at `i`, if any does.
#[inline(always)]
fn position(s: &Correlation, i: isize, n: usize) -> Option<usize> {
    match usize::try_from(i) {
        Ok(i) if i < n => Some(i),
        _ => s.beyond?(i, n).filter(|&i| i < n),
    }
}

/// to = every `stride`th element of the row from `x` on, and what stands outside it.
#[inline(always)]
fn lay_row<T: Float>(s: &Correlation, row: &[T], x: isize, stride: usize, to: &mut [T]) {
    let n = row.len().cast_signed();
    let stride_signed = stride.cast_signed();
    // The first element that lies in the row, and the first behind it.
    let ceil = |i: isize| usize::try_from(i).unwrap_or(0).div_ceil(positive(stride));
    let first = ceil(-x).min(to.len());
    let end = ceil(n - x).clamp(first, to.len());
    let outside = |i: usize| position(s, x + i.cast_signed() * stride_signed, row.len());
    let at = |i: Option<usize>| i.and_then(|i| row.get(i)).copied().unwrap_or(T::ZERO);
    for i in (0..first).chain(end..to.len()) {
        if let Some(to) = to.get_mut(i) {
            *to = at(outside(i));
        }
    }
    let inside = to.get_mut(first..end).unwrap_or_default();
    let from =
        usize::try_from(x + first.cast_signed() * stride_signed).ok().and_then(|from| row.get(from..)).unwrap_or_default();
    if stride == 1 {
        combine(inside, from.get(..inside.len()).unwrap_or_default(), |_, x| x);
    } else {
        for (to, &from) in inside.iter_mut().zip(from.iter().step_by(positive(stride))) {
            *to = from;
        }
    }
}
