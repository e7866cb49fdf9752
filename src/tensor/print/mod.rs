//! Arrays as text, laid out as NumPy's `print` lays them out.
//!
//! Two walks over the elements that are shown and no heap: the first collects in a [`Print::Layout`] what a column needs
//! to know about all of them (widths, number of digits), the second writes. The rules are those of NumPy 2.4 with its
//! default print options; see `numpy.set_printoptions` for what each constant below means.
//!
//! | file | what it holds |
//! |---|---|
//! | `mod.rs` | [`Print`], which every element implements, and the two walks |
//! | `integer.rs`, `float.rs` | the layouts of integers, truth values and floats |
//! | `digits.rs` | the fewest digits that stand for a float |
//! | `text.rs` | short strings without a heap |

mod digits;
mod float;
mod integer;
#[cfg(test)]
mod tests;
mod text;

use core::fmt::{self, Display, Formatter, Write};
use core::iter::repeat_n;

use super::Tensor;
use crate::shape::Shape;
use text::Word;

/// NumPy's `linewidth`: no line grows beyond this column unless a single element does.
const LINE_WIDTH: usize = 75;
/// NumPy's `threshold`: an array of more elements is summarised.
const THRESHOLD: usize = 1000;
/// NumPy's `edgeitems`: how many entries a summarised axis keeps at each end.
const EDGE_ITEMS: usize = 3;
/// NumPy's `precision`: the most digits after the decimal point.
const PRECISION: usize = 8;

/// Writes the row-major `data` of an array with dimensions `dims` as NumPy's `print` does.
///
/// No dimensions make a scalar. A precision in the format string (`{:.3}`) takes the place of NumPy's default of 8.
pub fn fmt_array<T: Print>(f: &mut Formatter<'_>, dims: &[usize], data: &[T]) -> fmt::Result {
    debug_assert_eq!(data.len(), dims.iter().product::<usize>(), "dims and data disagree");
    match (dims, data) {
        (_, []) => f.write_str("[]"),
        ([], &[x, ..]) => x.fmt_scalar(f),
        _ => fmt_axes(f, dims, data),
    }
}

impl<S: Shape<Elem: Print>> Display for Tensor<S> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        fmt_array(f, S::DIMS.as_slice(), self.as_slice())
    }
}

/// An element that NumPy has a layout for.
pub trait Print: Copy {
    /// What the elements of one array have in common.
    type Layout;

    /// The layout of no elements at all; `precision` is the most digits after the decimal point.
    fn layout(precision: usize) -> Self::Layout;

    /// Widens `layout` so that this element fits.
    fn measure(self, layout: &mut Self::Layout) -> fmt::Result;

    /// This element as `layout` wants it.
    fn word(self, layout: &Self::Layout) -> Result<Word, fmt::Error>;

    /// This element on its own, as NumPy prints a scalar: without padding.
    fn fmt_scalar(self, f: &mut Formatter<'_>) -> fmt::Result;
}

fn fmt_axes<T: Print>(f: &mut Formatter<'_>, dims: &[usize], data: &[T]) -> fmt::Result {
    let summarise = data.len() > THRESHOLD;
    let mut layout = T::layout(f.precision().unwrap_or(PRECISION));
    measure(dims, data, summarise, &mut layout)?;
    let rank = dims.len();
    Printer { f, layout, summarise, rank }.axis(dims, data)
}

/// The indices along an axis of `len` entries that are shown; `None` stands for those that `...` replaces.
fn shown(len: usize, summarise: bool) -> impl Iterator<Item = Option<usize>> {
    let cut = summarise && len > 2 * EDGE_ITEMS;
    let (head, tail) = if cut { (EDGE_ITEMS, len - EDGE_ITEMS) } else { (len, len) };
    let gap = cut.then_some(None);
    (0..head).map(Some).chain(gap).chain((tail..len).map(Some))
}

/// The part of `data` that belongs to index `i` of an axis of `len` entries.
fn part<T>(data: &[T], len: usize, i: usize) -> &[T] {
    let stride = data.len() / len;
    &data[i * stride..(i + 1) * stride]
}

/// The first walk: only the elements that are shown count, so that a summary is as narrow as it can be.
fn measure<T: Print>(dims: &[usize], data: &[T], summarise: bool, layout: &mut T::Layout) -> fmt::Result {
    let Some((&len, inner)) = dims.split_first() else {
        return data.iter().try_for_each(|x| x.measure(layout));
    };
    shown(len, summarise).flatten().try_for_each(|i| measure(inner, part(data, len, i), summarise, layout))
}

/// The second walk.
struct Printer<'a, 'b, T: Print> {
    f: &'a mut Formatter<'b>,
    layout: T::Layout,
    summarise: bool,
    rank: usize,
}

impl<T: Print> Printer<'_, '_, T> {
    /// An axis in brackets; entries of an outer axis are set apart by more empty lines, the more axes they contain.
    fn axis(&mut self, dims: &[usize], data: &[T]) -> fmt::Result {
        self.f.write_char('[')?;
        match dims {
            [] => {}
            [_] => self.row(data)?,
            [len, inner @ ..] => {
                for (n, entry) in shown(*len, self.summarise).enumerate() {
                    if n > 0 {
                        self.repeat('\n', inner.len())?;
                        self.repeat(' ', self.rank - inner.len())?;
                    }
                    match entry {
                        Some(i) => self.axis(inner, part(data, *len, i))?,
                        None => self.f.write_str("...")?,
                    }
                }
            }
        }
        self.f.write_char(']')
    }

    /// The innermost axis. Its lines end one column early for each bracket that may have to close behind them.
    fn row(&mut self, data: &[T]) -> fmt::Result {
        let (indent, width) = (self.rank, LINE_WIDTH.saturating_sub(self.rank));
        let mut column = indent;
        // Blanks are held back until more text follows, since a line that is broken ends without them.
        let mut blanks = 0;
        for (n, entry) in shown(data.len(), self.summarise).enumerate() {
            let word = match entry {
                Some(i) => data[i].word(&self.layout)?,
                None => Word::new(format_args!("..."))?,
            };
            if n > 0 {
                blanks += 1;
                column += 1;
            }
            if column > indent && column + word.width() > width {
                self.f.write_char('\n')?;
                (blanks, column) = (indent, indent);
            }
            self.repeat(' ', blanks + word.left)?;
            self.f.write_str(word.text.as_str())?;
            blanks = word.right;
            column += word.width();
        }
        self.repeat(' ', blanks)
    }

    fn repeat(&mut self, c: char, times: usize) -> fmt::Result {
        repeat_n(c, times).try_for_each(|c| self.f.write_char(c))
    }
}
