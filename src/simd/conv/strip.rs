//! A part of the source's planes in which each output is a fixed distance from each of its inputs.

use super::short::{copy_short, fill_short};
use super::{Correlation, DEPTH, SCRATCH, Tap, WIDEST, min};
use crate::simd::sets::Part;
use crate::simd::{Float, positive};

/// What of the source's planes is a plane of its own in a strip.
#[derive(Clone, Copy, PartialEq)]
pub enum Layout {
    /// The source as it lies, which is not copied.
    Source,
    /// Each phase of the strides, with the border around: a kernel's elements are distances in it.
    Phases,
    /// What lies under all outputs for one column of the kernel, in rows as long as theirs: nothing is between them, and nothing computed
    /// in vain.
    Columns,
}

/// How a part of the planes is laid out.
#[derive(Clone, Copy)]
pub struct Strip {
    /// The outputs that it serves at most.
    pub rows: usize,
    pub columns: usize,
    /// The channels that it holds at most.
    pub channels: usize,
    /// The distance of two rows, of two planes, of two channels.
    pub width: usize,
    pub plane: usize,
    pub channel: usize,
    pub layout: Layout,
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
    /// The strip of as many channels as there are weights for at once; fewer where the rows of phases would be cut short.
    pub const fn best(s: &Correlation) -> Self {
        let mut channels = min(s.channels, DEPTH / positive(s.taps()));
        let columns = Self::of(s, channels, Layout::Columns);
        if columns.is_worth_it(s) {
            return columns;
        }
        if s.lies_ready() {
            let ([height, width], [rows, columns]) = (s.source, s.output);
            return Self { rows, columns, channels, width, plane: 0, channel: height * width, layout: Layout::Source };
        }
        while channels > 1 && Self::of(s, channels, Layout::Phases).columns < min(s.output[1], 64) {
            channels = channels.div_ceil(2);
        }
        Self::of(s, channels, Layout::Phases)
    }

    /// The largest strip of this many channels; without columns where there is no room.
    pub const fn of(s: &Correlation, channels: usize, layout: Layout) -> Self {
        let more = s.rows_beyond();
        let (planes, beside) = match layout {
            Layout::Columns => (s.stride[0] * s.kernel[1], 0),
            _ => (s.stride[0] * s.stride[1], s.reach(1) / positive(s.stride[1])),
        };
        let room = SCRATCH / positive(channels * planes);
        let columns = min(s.output[1], (room / positive(1 + more)).saturating_sub(beside));
        let width = columns + beside;
        let rows = min(s.output[0], (room / positive(width)).saturating_sub(more));
        let plane = (rows + more) * width;
        Self { rows, columns, channels, width, plane, channel: plane * planes, layout }
    }

    /// Whether columns of the kernel shall have planes of their own: where rows would have something between them, and there is room for
    /// so many that those which two strips have in common do not matter.
    const fn is_worth_it(&self, s: &Correlation) -> bool {
        let gaps = s.output[0] > 1 && s.reach(1) > 0;
        gaps && self.columns == s.output[1] && self.rows >= min(s.output[0], 4 * s.rows_beyond())
    }

    /// Whether it is a copy.
    pub const fn is_copy(&self) -> bool {
        !matches!(self.layout, Layout::Source)
    }

    /// The numbers of a copy, and those that are read behind it in vain.
    pub const fn len(&self) -> usize {
        if self.is_copy() { self.channels * self.channel + WIDEST } else { 0 }
    }

    /// Where each element of the kernels of its channels lies.
    #[inline(always)]
    pub fn taps<'a>(&self, s: &Correlation, taps: &'a mut [Tap; DEPTH]) -> &'a [Tap] {
        let ([height, width], [sy, sx]) = (s.kernel, s.stride);
        let count = s.taps();
        let (first, more) = taps.split_at_mut(count.min(DEPTH));
        for (element, tap) in first.iter_mut().enumerate() {
            let [ky, kx] = [element / positive(width), element % positive(width)];
            let (y, x) = (ky * s.dilation[0], kx * s.dilation[1]);
            let (row, phase) = (y / positive(sy), y % positive(sy));
            let (plane, column) = match self.layout {
                Layout::Columns => (phase * width + kx, 0),
                _ => (phase * sx + x % positive(sx), x / positive(sx)),
            };
            tap.weight = if s.turned { height * width - 1 - element } else { element };
            tap.source = plane * self.plane + row * self.width + column;
        }
        for (i, taps) in more.chunks_exact_mut(positive(count)).take(self.channels - 1).enumerate() {
            for (tap, first) in taps.iter_mut().zip(&*first) {
                tap.weight = first.weight + (i + 1) * s.weight_strides()[1];
                tap.source = first.source + (i + 1) * self.channel;
            }
        }
        taps.get(..self.channels * count).unwrap_or(taps)
    }

    /// What serves a part of the outputs, of the planes in `x`: they themselves, or a copy in `memory`.
    #[inline(always)]
    pub fn lay<'a, T: Float>(&self, s: &Correlation, x: &'a [T], planes: usize, part: Area, memory: &'a mut [T]) -> &'a [T] {
        if !self.is_copy() {
            return x.get(part.row * self.width + part.column..).unwrap_or_default();
        }
        T::apart(Copying { strip: self, s, x, planes, part, memory });
        memory
    }
}

/// A plane of each channel: of the rows and columns of one phase, or of the rows of one phase from one column of the kernel on.
struct Plane<'a> {
    s: &'a Correlation,
    width: usize,
    rows: Inside,
    columns: Inside,
}

impl<'a> Plane<'a> {
    /// The plane under a part of the outputs whose first number lies under the kernel's element at `row` and `column`.
    #[inline(always)]
    fn of(strip: &Strip, s: &'a Correlation, [row, column]: [usize; 2], part: Area) -> Self {
        let y = (part.row * s.stride[0] + row).cast_signed() - s.padding[0].cast_signed();
        let x = (part.column * s.stride[1] + column).cast_signed() - s.padding[1].cast_signed();
        let rows = Inside::of(y, part.rows + s.rows_beyond(), s.stride[0], s.source[0]);
        let columns = Inside::of(x, strip.width, s.stride[1], s.source[1]);
        Self { s, width: strip.width, rows, columns }
    }

    /// to = the plane of one channel.
    #[inline(always)]
    fn lay<T: Float>(&self, plane: &[T], to: &mut [T]) {
        let Self { s, width, rows, columns } = self;
        let whole = s.source[1];
        let from = plane.get(rows.from * whole..).unwrap_or_default();
        let end = (rows.first + rows.count) * width;
        fill_short(to.get_mut(..rows.first * width).unwrap_or_default());
        fill_short(to.get_mut(end..rows.all * width).unwrap_or_default());
        let inside = to.get_mut(rows.first * width..end).unwrap_or_default();
        if *width == whole && s.stride == [1, 1] {
            // One run, but for what comes into the rows' ends.
            let from = from.get(columns.from..).unwrap_or_default();
            let to = inside.get_mut(columns.first..).unwrap_or_default();
            let n = usize::min(from.len(), to.len());
            copy_short(from.get(..n).unwrap_or_default(), to.get_mut(..n).unwrap_or_default());
        } else {
            let mut from = from;
            for to in inside.chunks_exact_mut(positive(*width)) {
                let to = to.get_mut(columns.first..columns.first + columns.count).unwrap_or_default();
                copy_every(s.stride[1], from.get(columns.from..).unwrap_or_default(), to);
                from = from.get(s.stride[0] * whole..).unwrap_or_default();
            }
        }
        for column in columns.outside() {
            let at = columns.position(column, s.beyond);
            let mut place = column;
            for row in 0..rows.count {
                if let Some(to) = inside.get_mut(place) {
                    *to = at.and_then(|at| from.get(row * s.stride[0] * whole + at)).copied().unwrap_or(T::ZERO);
                }
                place += width;
            }
        }
        if s.beyond.is_some() {
            self.lay_around(plane, to);
        }
    }

    /// to = what stands above and below the source, if not zeros do.
    fn lay_around<T: Float>(&self, plane: &[T], to: &mut [T]) {
        let Self { s, width, rows, columns } = self;
        for row in rows.outside() {
            let Some(from) = rows.position(row, s.beyond).and_then(|row| plane.get(row * s.source[1]..)) else { continue };
            for (column, to) in to.iter_mut().skip(row * width).take(*width).enumerate() {
                *to = columns.position(column, s.beyond).and_then(|column| from.get(column)).copied().unwrap_or(T::ZERO);
            }
        }
    }
}

/// Which of the rows or columns of a strip lie in the source.
#[derive(Clone, Copy)]
struct Inside {
    /// How many there are, the source's place under the first, from one to the next, and how many the source has.
    all: usize,
    start: isize,
    stride: usize,
    length: usize,
    /// The first inside, its place in the source, and how many follow it.
    first: usize,
    from: usize,
    count: usize,
}

impl Inside {
    #[inline(always)]
    fn of(start: isize, all: usize, stride: usize, length: usize) -> Self {
        let ceil = |i: isize| match stride {
            1 => usize::try_from(i).unwrap_or(0),
            _ => usize::try_from(i).unwrap_or(0).div_ceil(positive(stride)),
        };
        let first = ceil(-start).min(all);
        let end = ceil(length.cast_signed() - start).clamp(first, all);
        let from = usize::try_from(start + (first * stride).cast_signed()).unwrap_or(0);
        Self { all, start, stride, length, first, from, count: end - first }
    }

    #[inline(always)]
    fn outside(self) -> impl Iterator<Item = usize> {
        (0..self.first).chain(self.first + self.count..self.all)
    }

    /// The source's place that stands there, if any does.
    #[inline(always)]
    fn position(self, i: usize, beyond: Option<fn(isize, usize) -> Option<usize>>) -> Option<usize> {
        let at = self.start + (i * self.stride).cast_signed();
        match usize::try_from(at) {
            Ok(at) if at < self.length => Some(at),
            _ => beyond?(at, self.length).filter(|&at| at < self.length),
        }
    }
}

/// to = every `stride`th of the numbers in `from`.
#[inline(always)]
fn copy_every<T: Float>(stride: usize, from: &[T], to: &mut [T]) {
    if stride == 1 {
        return copy_short(from.get(..to.len()).unwrap_or_default(), to);
    }
    for (to, &from) in to.iter_mut().zip(from.iter().step_by(positive(stride))) {
        *to = from;
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
        let (across, apart) = match strip.layout {
            Layout::Columns => (s.kernel[1], s.dilation[1]),
            _ => (s.stride[1], 1),
        };
        let firsts = (0..s.stride[0]).flat_map(|y| (0..across).map(move |x| [y, x * apart]));
        for (first, to) in firsts.zip((0..).map(|i| i * strip.plane)) {
            let plane = Plane::of(strip, s, first, part);
            let channels = x.chunks_exact(positive(s.source_len())).take(planes);
            for (x, memory) in channels.zip(memory.chunks_exact_mut(positive(strip.channel))) {
                plane.lay(x, memory.get_mut(to..to + strip.plane).unwrap_or_default());
            }
        }
    }
}
