//! Arrays as text, laid out as NumPy's `print` lays them out.
//!
//! Two walks over the elements that are shown and no heap: the first collects in a [`Print::Layout`] what a column needs
//! to know about all of them (widths, number of digits), the second writes. The rules are those of NumPy 2.4 with its
//! default print options; see `numpy.set_printoptions` for what each constant below means.

use core::fmt::{self, Display, Formatter, LowerExp, Write};
use core::iter::repeat_n;
use num_traits::float::FloatCore;

use super::Tensor;
use crate::shape::Shape;

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

/// A number as text, with the blanks that align it to its column.
pub struct Word {
    left: usize,
    text: Text,
    right: usize,
}

impl Word {
    fn new(text: fmt::Arguments<'_>) -> Result<Self, fmt::Error> {
        let text = Text::new(text)?;
        Ok(Self { left: 0, text, right: 0 })
    }

    fn right_aligned(self, width: usize) -> Self {
        let left = width.saturating_sub(self.text.len);
        Self { left, ..self }
    }

    fn width(&self) -> usize {
        self.left + self.text.len + self.right
    }
}

/// The longest number is a positional `f64`: a sign, 8 digits (16 of a scalar), a point and at most 21 digits
/// behind it, or 4 more where a tie is in question.
const TEXT_CAPACITY: usize = 48;

/// A short string on the stack.
pub struct Text {
    bytes: [u8; TEXT_CAPACITY],
    len: usize,
}

impl Text {
    fn new(text: fmt::Arguments<'_>) -> Result<Self, fmt::Error> {
        let mut new = Self { bytes: [0; TEXT_CAPACITY], len: 0 };
        new.write_fmt(text)?;
        Ok(new)
    }

    fn as_str(&self) -> &str {
        // `write_str` only ever appends whole strings, so this cannot fail.
        core::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}

impl Write for Text {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        let end = self.len + s.len();
        let free = self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?;
        free.copy_from_slice(s.as_bytes());
        self.len = end;
        Ok(())
    }
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

/// `True` and `False`; in an array both are five columns wide.
impl Print for bool {
    type Layout = ();

    fn layout(_: usize) {}

    fn measure(self, (): &mut ()) -> fmt::Result {
        Ok(())
    }

    fn word(self, (): &()) -> Result<Word, fmt::Error> {
        let word = Word::new(format_args!("{}", if self { "True" } else { "False" }))?;
        Ok(word.right_aligned("False".len()))
    }

    fn fmt_scalar(self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(if self { "True" } else { "False" })
    }
}

/// Integers are aligned to the widest.
macro_rules! print_integers {
    ($($T:ty)*) => {$(
        impl Print for $T {
            type Layout = usize;

            fn layout(_: usize) -> usize {
                0
            }

            fn measure(self, widest: &mut usize) -> fmt::Result {
                let text = Text::new(format_args!("{self}"))?;
                *widest = text.len.max(*widest);
                Ok(())
            }

            fn word(self, widest: &usize) -> Result<Word, fmt::Error> {
                Ok(Word::new(format_args!("{self}"))?.right_aligned(*widest))
            }

            fn fmt_scalar(self, f: &mut Formatter<'_>) -> fmt::Result {
                write!(f, "{self}")
            }
        }
    )*};
}

print_integers!(u8 u16 u32 u64 usize i8 i16 i32 i64 isize);

/// A float type; its limits are the magnitudes from which on, and below which, NumPy writes an exponent.
///
/// The upper ones are lower for `f32`, which carries only 6 certain digits.
pub trait Float: FloatCore + Display + LowerExp + Into<f64> {
    const ARRAY_MAX: Self;
    const ARRAY_MIN: Self;
    /// An exponent is written also where the largest magnitude is more than this many times the smallest.
    const ARRAY_RATIO: Self;
    /// An `f64` for both types: NumPy widens a scalar before it compares, but not an array.
    const SCALAR_MAX: f64;
    const SCALAR_MIN: f64 = 1e-4;
}

impl Float for f32 {
    const ARRAY_MAX: f32 = 1e6;
    const ARRAY_MIN: f32 = 1e-4;
    const ARRAY_RATIO: f32 = 1e3;
    const SCALAR_MAX: f64 = 1e6;
}

impl Float for f64 {
    const ARRAY_MAX: f64 = 1e8;
    const ARRAY_MIN: f64 = 1e-4;
    const ARRAY_RATIO: f64 = 1e3;
    const SCALAR_MAX: f64 = 1e16;
}

/// What floats of one array have in common. Whether they are written as `1.5` or as `1.5e+00` is known only when all have
/// been seen, so both forms are measured.
pub struct FloatLayout<T> {
    precision: usize,
    /// The largest and the smallest magnitude among finite elements other than zero.
    largest: T,
    smallest: T,
    positional: Columns,
    scientific: Columns,
    /// Digits of the longest exponent; C's two at least.
    exponent: usize,
    /// Columns that the infinities and NaN need; 0 where there are none.
    special: usize,
}

/// Columns before and behind the decimal point.
#[derive(Clone, Copy, Default)]
struct Columns {
    left: usize,
    right: usize,
}

impl Columns {
    fn widen(&mut self, pieces: &Pieces<'_>) {
        self.left = self.left.max(pieces.whole.len());
        self.right = self.right.max(pieces.fraction.len());
    }
}

impl<T: Float> FloatLayout<T> {
    fn is_scientific(&self) -> bool {
        self.largest >= T::ARRAY_MAX || self.smallest < T::ARRAY_MIN || self.largest / self.smallest > T::ARRAY_RATIO
    }

    /// The columns of the form in use. Behind the point the exponent counts; before it, infinities and NaN may need more
    /// than the numbers do.
    fn columns(&self) -> Columns {
        let Columns { left, right } = if self.is_scientific() {
            let exponent = "e+".len() + self.exponent;
            Columns { right: self.scientific.right + exponent, ..self.scientific }
        } else {
            self.positional
        };
        Columns { left: left.max(self.special.saturating_sub(1 + right)), right }
    }

    fn measure_finite(&mut self, x: T) -> fmt::Result {
        let magnitude = x.abs();
        if !magnitude.is_zero() {
            self.largest = self.largest.max(magnitude);
            self.smallest = self.smallest.min(magnitude);
        }
        let text = scientific(x, self.precision)?;
        let pieces = Pieces::of(&text).trimmed();
        self.scientific.widen(&pieces);
        self.exponent = self.exponent.max(pieces.exponent.len());
        // Out of this range the positional form will not be used, and could fill hundreds of columns.
        if magnitude.is_zero() || (T::ARRAY_MIN..T::ARRAY_MAX).contains(&magnitude) {
            self.positional.widen(&Pieces::of(&positional(x, self.precision)?).trimmed());
        }
        Ok(())
    }

    /// With an exponent all elements show the same number of digits.
    fn scientific_word(&self, x: T) -> Result<Word, fmt::Error> {
        let precision = self.scientific.right;
        let mut text = scientific(x, precision)?;
        if Pieces::of(&text).fraction.len() < precision {
            // Not zeros but further digits of the exact value: to NumPy 0.1f32 is 1.00000001e-01 where 8 are shown.
            text = Text::new(format_args!("{x:.precision$e}"))?;
        }
        let Pieces { whole, fraction, sign, exponent } = Pieces::of(&text);
        let width = self.exponent;
        let word = Word::new(format_args!("{whole}.{fraction}e{sign}{exponent:0>width$}"))?;
        Ok(Word { left: self.columns().left.saturating_sub(whole.len()), ..word })
    }

    /// Without one they show as many as each needs, and are aligned by their points.
    fn positional_word(&self, x: T) -> Result<Word, fmt::Error> {
        let text = positional(x, self.precision)?;
        let Pieces { whole, fraction, .. } = Pieces::of(&text).trimmed();
        let Columns { left, right } = self.columns();
        let word = Word::new(format_args!("{whole}.{fraction}"))?;
        Ok(Word { left: left.saturating_sub(whole.len()), right: right.saturating_sub(fraction.len()), ..word })
    }

    fn special_word(&self, x: T) -> Result<Word, fmt::Error> {
        let Columns { left, right } = self.columns();
        Ok(Word::new(format_args!("{}", special(x)))?.right_aligned(left + 1 + right))
    }
}

impl<T: Float> Print for T {
    type Layout = FloatLayout<T>;

    fn layout(precision: usize) -> FloatLayout<T> {
        FloatLayout {
            precision,
            largest: T::zero(),
            smallest: T::infinity(),
            positional: Columns::default(),
            scientific: Columns::default(),
            exponent: 2,
            special: 0,
        }
    }

    fn measure(self, layout: &mut FloatLayout<T>) -> fmt::Result {
        if self.is_finite() {
            return layout.measure_finite(self);
        }
        layout.special = layout.special.max(special(self).len());
        Ok(())
    }

    fn word(self, layout: &FloatLayout<T>) -> Result<Word, fmt::Error> {
        if !self.is_finite() {
            layout.special_word(self)
        } else if layout.is_scientific() {
            layout.scientific_word(self)
        } else {
            layout.positional_word(self)
        }
    }

    /// A scalar ignores NumPy's print options and shows all its digits; one for which a precision is asked is printed as
    /// an array would print its only element.
    fn fmt_scalar(self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(precision) = f.precision() {
            let mut layout = T::layout(precision);
            self.measure(&mut layout)?;
            return f.write_str(self.word(&layout)?.text.as_str());
        }
        if !self.is_finite() {
            return f.write_str(special(self));
        }
        if self.is_zero() || (T::SCALAR_MIN..T::SCALAR_MAX).contains(&self.abs().into()) {
            let text = positional(self, usize::MAX)?;
            let Pieces { whole, fraction, .. } = Pieces::of(&text);
            return write!(f, "{whole}.{}", if fraction.is_empty() { "0" } else { fraction });
        }
        let text = scientific(self, usize::MAX)?;
        let Pieces { whole, fraction, sign, exponent } = Pieces::of(&text);
        let point = if fraction.is_empty() { "" } else { "." };
        write!(f, "{whole}{point}{fraction}e{sign}{exponent:0>2}")
    }
}

fn special<T: Float>(x: T) -> &'static str {
    if x.is_nan() {
        "nan"
    } else if x.is_sign_negative() {
        "-inf"
    } else {
        "inf"
    }
}

/// `1.5`, with at most `precision` digits behind the point.
fn positional<T: Float>(x: T, precision: usize) -> Result<Text, fmt::Error> {
    shortest(x, precision, |digits| match digits {
        None => Text::new(format_args!("{x}")),
        Some(digits) => Text::new(format_args!("{x:.digits$}")),
    })
}

/// `1.5e-5`, likewise.
fn scientific<T: Float>(x: T, precision: usize) -> Result<Text, fmt::Error> {
    shortest(x, precision, |digits| match digits {
        None => Text::new(format_args!("{x:e}")),
        Some(digits) => Text::new(format_args!("{x:.digits$e}")),
    })
}

/// The fewest digits that read back as `x`, or `precision` digits of the fraction where those are fewer.
///
/// `format` writes `x` with so many digits of the fraction, or with the fewest that `core` finds. Where two texts of that
/// length are equally near, `core` takes the upper and NumPy the even one, as does rounding to a number of digits.
fn shortest<T: Float>(
    x: T,
    precision: usize,
    format: impl Fn(Option<usize>) -> Result<Text, fmt::Error>,
) -> Result<Text, fmt::Error> {
    let shortest = format(None)?;
    let digits = Pieces::of(&shortest).fraction.len();
    if digits > precision {
        return format(Some(precision));
    }
    let nearest = format(Some(digits))?;
    if nearest.as_str() == shortest.as_str() || x.abs().into() == LOPSIDED_TIE {
        return Ok(shortest);
    }
    // The two differ also at powers of two, below which floats are denser than above: the nearest text may then belong to
    // the float below. Only a tie goes on with 5000 (a test reads all powers of two back).
    let further = format(Some(digits + 4))?;
    Ok(if Pieces::of(&further).fraction.ends_with("5000") { nearest } else { shortest })
}

/// 2⁻²⁴ alone is both: a tie, of which the even text belongs to the float below.
const LOPSIDED_TIE: f64 = 1.0 / 16_777_216.0;

/// A float as `core` writes it, taken apart at its point and its `e`.
struct Pieces<'a> {
    whole: &'a str,
    fraction: &'a str,
    sign: char,
    exponent: &'a str,
}

impl<'a> Pieces<'a> {
    fn of(text: &'a Text) -> Self {
        let text = text.as_str();
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, ""));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
        Self { whole, fraction, sign, exponent }
    }

    /// Without zeros at the end of the fraction.
    fn trimmed(self) -> Self {
        Self { fraction: self.fraction.trim_end_matches('0'), ..self }
    }
}

#[cfg(test)]
mod tests {
    //! The expected texts are what `print(array)` wrote under NumPy 2.4.6.

    use super::*;
    use std::format;
    use std::string::String;
    use std::vec::Vec;

    struct Array<'a, T>(&'a [usize], &'a [T]);

    impl<T: Print> Display for Array<'_, T> {
        fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
            fmt_array(f, self.0, self.1)
        }
    }

    fn check<T: Print>(dims: &[usize], data: &[T], lines: &[&str]) {
        assert_eq!(format!("{}", Array(dims, data)), lines.join("\n"));
    }

    fn check_precision<T: Print>(precision: usize, dims: &[usize], data: &[T], lines: &[&str]) {
        assert_eq!(format!("{:.precision$}", Array(dims, data)), lines.join("\n"));
    }

    /// `start`, `start + step`, … computed as `f64`.
    fn ramp<T: num_traits::NumCast>(len: u32, step: f64, start: f64) -> Vec<T> {
        (0..len).map(|i| T::from(f64::from(i) * step + start).unwrap()).collect()
    }

    #[test]
    fn scalars() {
        check::<f64>(&[], &[1.5], &["1.5"]);
        check::<f64>(&[], &[-0.0], &["-0.0"]);
        check::<f64>(&[], &[2.0], &["2.0"]);
        check::<f64>(&[], &[1e+16], &["1e+16"]);
        check::<f64>(&[], &[1.25e-05], &["1.25e-05"]);
        check::<f32>(&[], &[0.1], &["0.1"]);
        check::<f32>(&[], &[1e+06], &["1e+06"]);
        check::<f32>(&[], &[1.6777216e+07], &["1.6777216e+07"]);
        check::<f64>(&[], &[f64::NAN], &["nan"]);
        check::<f64>(&[], &[-f64::INFINITY], &["-inf"]);
        check::<i32>(&[], &[-7], &["-7"]);
        check::<u64>(&[], &[18446744073709551615], &["18446744073709551615"]);
        check::<bool>(&[], &[true], &["True"]);
        check::<bool>(&[], &[false], &["False"]);
    }

    #[test]
    fn empty() {
        check::<f64>(&[0], &[], &["[]"]);
        check::<f32>(&[2, 0, 3], &[], &["[]"]);
        check::<i64>(&[0, 4], &[], &["[]"]);
    }

    #[test]
    fn integers() {
        check::<i64>(&[3], &[1, -20, 300], &["[  1 -20 300]"]);
        check::<u8>(&[2, 3], &[0, 255, 7, 42, 1, 99], &["[[  0 255   7]", " [ 42   1  99]]"]);
        check::<i8>(&[2, 2], &[-128, 127, 0, 1], &["[[-128  127]", " [   0    1]]"]);
        check::<i64>(&[2], &[-9223372036854775808, 9223372036854775807], &["[-9223372036854775808  9223372036854775807]"]);
        check::<usize>(&[1, 1, 2, 2], &[0, 1, 2, 30], &["[[[[ 0  1]", "   [ 2 30]]]]"]);
        check::<isize>(&[2], &[-1, 1], &["[-1  1]"]);
        check::<i16>(&[3], &[-32768, 0, 5], &["[-32768      0      5]"]);
        check::<u16>(&[2], &[65535, 0], &["[65535     0]"]);
        check::<u32>(&[2], &[4294967295, 0], &["[4294967295          0]"]);
        check::<u64>(&[2, 1], &[18446744073709551615, 0], &["[[18446744073709551615]", " [                   0]]"]);
    }

    #[test]
    fn booleans() {
        check::<bool>(&[2], &[true, false], &["[ True False]"]);
        check::<bool>(&[1], &[true], &["[ True]"]);
        check::<bool>(&[2, 2], &[true, true, false, true], &["[[ True  True]", " [False  True]]"]);
        check::<bool>(&[2, 1, 2], &[false, false, false, true], &["[[[False False]]", "", " [[False  True]]]"]);
    }

    #[test]
    fn floats_align_at_the_point() {
        check::<f64>(&[3], &[1.0, 2.5, -3.25], &["[ 1.    2.5  -3.25]"]);
        check::<f32>(&[3], &[0.1, 0.2, 0.3], &["[0.1 0.2 0.3]"]);
        check::<f64>(&[3], &[0.1, 0.25, 0.3333333333333333], &["[0.1        0.25       0.33333333]"]);
        check::<f32>(&[3], &[0.33333334, 0.6666667, 1.0], &["[0.33333334 0.6666667  1.        ]"]);
        check::<f64>(
            &[2, 3],
            &[1.0, -2.0, 3.5, -40.0, 5.125, 0.0],
            &["[[  1.     -2.      3.5  ]", " [-40.      5.125   0.   ]]"],
        );
        check::<f64>(&[4], &[0.0, -0.0, 0.0, -0.0], &["[ 0. -0.  0. -0.]"]);
        check::<f64>(&[2], &[-0.0, 0.5], &["[-0.   0.5]"]);
        check::<f64>(&[1], &[-1.999999999], &["[-2.]"]);
        check::<f32>(&[2, 2], &[999999.0, 1000.0, 1234.5, 123456.79], &["[[999999.     1000.  ]", " [  1234.5  123456.79]]"]);
        check::<f64>(&[2], &[99999999.0, 100000.5], &["[99999999.    100000.5]"]);
        check::<f64>(
            &[2, 2, 2],
            &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.5],
            &["[[[1.  2. ]", "  [3.  4. ]]", "", " [[5.  6. ]", "  [7.  8.5]]]"],
        );
        check::<f32>(
            &[2, 2, 2, 2],
            &[-2.0, -1.75, -1.5, -1.25, -1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75],
            &[
                "[[[[-2.   -1.75]",
                "   [-1.5  -1.25]]",
                "",
                "  [[-1.   -0.75]",
                "   [-0.5  -0.25]]]",
                "",
                "",
                " [[[ 0.    0.25]",
                "   [ 0.5   0.75]]",
                "",
                "  [[ 1.    1.25]",
                "   [ 1.5   1.75]]]]",
            ],
        );
        check::<f32>(&[3], &[1e-04, 0.0002, 0.03], &["[0.0001 0.0002 0.03  ]"]);
        check::<f64>(&[2], &[16777216.0, 123456.125], &["[16777216.      123456.125]"]);
        check::<f32>(&[2], &[262144.03, -0.15625], &["[ 2.6214403e+05 -1.5625000e-01]"]);
    }

    #[test]
    fn exponents() {
        check::<f64>(&[2], &[100000000.0, 1.0], &["[1.e+08 1.e+00]"]);
        check::<f32>(&[2], &[1e+06, 100000.0], &["[1.e+06 1.e+05]"]);
        check::<f32>(&[1], &[1.6777216e+07], &["[1.6777216e+07]"]);
        check::<f64>(&[2], &[1e-05, 0.0001], &["[1.e-05 1.e-04]"]);
        check::<f64>(&[2], &[1.0, 1000.0], &["[   1. 1000.]"]);
        check::<f64>(&[2], &[1.0, 1000.5], &["[1.0000e+00 1.0005e+03]"]);
        check::<f64>(&[2], &[0.5, -600.0], &["[ 5.e-01 -6.e+02]"]);
        check::<f64>(&[3], &[1e-100, -1.0, 1e+100], &["[ 1.e-100 -1.e+000  1.e+100]"]);
        check::<f64>(&[3], &[1.7976931348623157e+308, 5e-324, 0.0], &["[1.79769313e+308 4.94065646e-324 0.00000000e+000]"]);
        check::<f32>(&[3], &[3.4028235e+38, 1e-45, -0.0], &["[ 3.4028235e+38  1.4012985e-45 -0.0000000e+00]"]);
        check::<f32>(&[2], &[0.1, 1.2345679e-10], &["[1.0000000e-01 1.2345679e-10]"]);
        check::<f32>(&[2], &[0.1, 1.17106405e-08], &["[1.00000001e-01 1.17106405e-08]"]);
        check::<f64>(&[2, 2], &[1.5e-07, 2.0, -3000000000.0, 0.0], &["[[ 1.5e-07  2.0e+00]", " [-3.0e+09  0.0e+00]]"]);
        check::<f32>(&[1], &[1.4731972e+06], &["[1.4731972e+06]"]);
        check::<f64>(&[1], &[5.960464477539063e-08], &["[5.96046448e-08]"]);
        check::<f64>(&[2], &[9999999999.99, 1.0], &["[1.e+10 1.e+00]"]);
    }

    #[test]
    fn infinities_and_nan() {
        check::<f64>(&[3], &[f64::NAN, 1.0, 2.0], &["[nan  1.  2.]"]);
        check::<f64>(&[2], &[f64::NAN, f64::NAN], &["[nan nan]"]);
        check::<f64>(&[3], &[f64::INFINITY, -f64::INFINITY, f64::NAN], &["[ inf -inf  nan]"]);
        check::<f32>(&[3], &[1.0, f32::INFINITY, 0.5], &["[1.  inf 0.5]"]);
        check::<f32>(&[3], &[1.0, -f32::INFINITY, 0.25], &["[1.   -inf 0.25]"]);
        check::<f64>(&[3], &[f64::NAN, -f64::INFINITY, 1e-10], &["[   nan   -inf 1.e-10]"]);
        check::<f64>(
            &[2, 2],
            &[-1000.0, f64::INFINITY, f64::NAN, 0.125],
            &["[[-1.00e+03       inf]", " [      nan  1.25e-01]]"],
        );
        check::<f64>(&[2], &[f64::INFINITY, 1e+100], &["[    inf 1.e+100]"]);
        check::<f64>(&[1], &[-f64::INFINITY], &["[-inf]"]);
    }

    #[test]
    fn long_lines_wrap() {
        check(
            &[20],
            &ramp::<f64>(20, 0.25, -2.0),
            &[
                "[-2.   -1.75 -1.5  -1.25 -1.   -0.75 -0.5  -0.25  0.    0.25  0.5   0.75",
                "  1.    1.25  1.5   1.75  2.    2.25  2.5   2.75]",
            ],
        );
        check(
            &[2, 14],
            &ramp::<f32>(28, 0.3333333333333333, 0.0),
            &[
                "[[0.         0.33333334 0.6666667  1.         1.3333334  1.6666666",
                "  2.         2.3333333  2.6666667  3.         3.3333333  3.6666667",
                "  4.         4.3333335 ]",
                " [4.6666665  5.         5.3333335  5.6666665  6.         6.3333335",
                "  6.6666665  7.         7.3333335  7.6666665  8.         8.333333",
                "  8.666667   9.        ]]",
            ],
        );
        check(
            &[40],
            &ramp::<i64>(40, 1.0, -20.0),
            &[
                "[-20 -19 -18 -17 -16 -15 -14 -13 -12 -11 -10  -9  -8  -7  -6  -5  -4  -3",
                "  -2  -1   0   1   2   3   4   5   6   7   8   9  10  11  12  13  14  15",
                "  16  17  18  19]",
            ],
        );
        check(
            &[1, 2, 17],
            &ramp::<f64>(34, -0.5, 0.0),
            &[
                "[[[  0.   -0.5  -1.   -1.5  -2.   -2.5  -3.   -3.5  -4.   -4.5  -5.",
                "    -5.5  -6.   -6.5  -7.   -7.5  -8. ]",
                "  [ -8.5  -9.   -9.5 -10.  -10.5 -11.  -11.5 -12.  -12.5 -13.  -13.5",
                "   -14.  -14.5 -15.  -15.5 -16.  -16.5]]]",
            ],
        );
        check(
            &[12],
            &ramp::<f64>(12, 1e-09, 0.0),
            &["[0.0e+00 1.0e-09 2.0e-09 3.0e-09 4.0e-09 5.0e-09 6.0e-09 7.0e-09 8.0e-09", " 9.0e-09 1.0e-08 1.1e-08]"],
        );
        check(
            &[2, 30],
            &ramp::<i64>(60, 977.0, 0.0),
            &[
                "[[    0   977  1954  2931  3908  4885  5862  6839  7816  8793  9770 10747",
                "  11724 12701 13678 14655 15632 16609 17586 18563 19540 20517 21494 22471",
                "  23448 24425 25402 26379 27356 28333]",
                " [29310 30287 31264 32241 33218 34195 35172 36149 37126 38103 39080 40057",
                "  41034 42011 42988 43965 44942 45919 46896 47873 48850 49827 50804 51781",
                "  52758 53735 54712 55689 56666 57643]]",
            ],
        );
        check(
            &[26],
            &[0; 26].iter().enumerate().map(|(i, _)| i % 3 == 0).collect::<Vec<_>>(),
            &[
                "[ True False False  True False False  True False False  True False False",
                "  True False False  True False False  True False False  True False False",
                "  True False]",
            ],
        );
    }

    #[test]
    fn more_than_1000_elements_are_summarised() {
        check(&[1001], &ramp::<f64>(1001, 1.0, 0.0), &["[   0.    1.    2. ...  998.  999. 1000.]"]);
        check(&[2000], &ramp::<i64>(2000, 1.0, 0.0), &["[   0    1    2 ... 1997 1998 1999]"]);
        check(
            &[40, 30],
            &ramp::<f32>(1200, 0.5, 0.0),
            &[
                "[[0.000e+00 5.000e-01 1.000e+00 ... 1.350e+01 1.400e+01 1.450e+01]",
                " [1.500e+01 1.550e+01 1.600e+01 ... 2.850e+01 2.900e+01 2.950e+01]",
                " [3.000e+01 3.050e+01 3.100e+01 ... 4.350e+01 4.400e+01 4.450e+01]",
                " ...",
                " [5.550e+02 5.555e+02 5.560e+02 ... 5.685e+02 5.690e+02 5.695e+02]",
                " [5.700e+02 5.705e+02 5.710e+02 ... 5.835e+02 5.840e+02 5.845e+02]",
                " [5.850e+02 5.855e+02 5.860e+02 ... 5.985e+02 5.990e+02 5.995e+02]]",
            ],
        );
        check(
            &[7, 200],
            &ramp::<f64>(1400, 0.001, 0.0),
            &[
                "[[0.000e+00 1.000e-03 2.000e-03 ... 1.970e-01 1.980e-01 1.990e-01]",
                " [2.000e-01 2.010e-01 2.020e-01 ... 3.970e-01 3.980e-01 3.990e-01]",
                " [4.000e-01 4.010e-01 4.020e-01 ... 5.970e-01 5.980e-01 5.990e-01]",
                " ...",
                " [8.000e-01 8.010e-01 8.020e-01 ... 9.970e-01 9.980e-01 9.990e-01]",
                " [1.000e+00 1.001e+00 1.002e+00 ... 1.197e+00 1.198e+00 1.199e+00]",
                " [1.200e+00 1.201e+00 1.202e+00 ... 1.397e+00 1.398e+00 1.399e+00]]",
            ],
        );
        check(
            &[2, 600],
            &ramp::<f64>(1200, -1.5, 0.0),
            &[
                "[[ 0.0000e+00 -1.5000e+00 -3.0000e+00 ... -8.9550e+02 -8.9700e+02",
                "  -8.9850e+02]",
                " [-9.0000e+02 -9.0150e+02 -9.0300e+02 ... -1.7955e+03 -1.7970e+03",
                "  -1.7985e+03]]",
            ],
        );
        check(
            &[11, 10, 10],
            &ramp::<i64>(1100, 1.0, 0.0),
            &[
                "[[[   0    1    2 ...    7    8    9]",
                "  [  10   11   12 ...   17   18   19]",
                "  [  20   21   22 ...   27   28   29]",
                "  ...",
                "  [  70   71   72 ...   77   78   79]",
                "  [  80   81   82 ...   87   88   89]",
                "  [  90   91   92 ...   97   98   99]]",
                "",
                " [[ 100  101  102 ...  107  108  109]",
                "  [ 110  111  112 ...  117  118  119]",
                "  [ 120  121  122 ...  127  128  129]",
                "  ...",
                "  [ 170  171  172 ...  177  178  179]",
                "  [ 180  181  182 ...  187  188  189]",
                "  [ 190  191  192 ...  197  198  199]]",
                "",
                " [[ 200  201  202 ...  207  208  209]",
                "  [ 210  211  212 ...  217  218  219]",
                "  [ 220  221  222 ...  227  228  229]",
                "  ...",
                "  [ 270  271  272 ...  277  278  279]",
                "  [ 280  281  282 ...  287  288  289]",
                "  [ 290  291  292 ...  297  298  299]]",
                "",
                " ...",
                "",
                " [[ 800  801  802 ...  807  808  809]",
                "  [ 810  811  812 ...  817  818  819]",
                "  [ 820  821  822 ...  827  828  829]",
                "  ...",
                "  [ 870  871  872 ...  877  878  879]",
                "  [ 880  881  882 ...  887  888  889]",
                "  [ 890  891  892 ...  897  898  899]]",
                "",
                " [[ 900  901  902 ...  907  908  909]",
                "  [ 910  911  912 ...  917  918  919]",
                "  [ 920  921  922 ...  927  928  929]",
                "  ...",
                "  [ 970  971  972 ...  977  978  979]",
                "  [ 980  981  982 ...  987  988  989]",
                "  [ 990  991  992 ...  997  998  999]]",
                "",
                " [[1000 1001 1002 ... 1007 1008 1009]",
                "  [1010 1011 1012 ... 1017 1018 1019]",
                "  [1020 1021 1022 ... 1027 1028 1029]",
                "  ...",
                "  [1070 1071 1072 ... 1077 1078 1079]",
                "  [1080 1081 1082 ... 1087 1088 1089]",
                "  [1090 1091 1092 ... 1097 1098 1099]]]",
            ],
        );
        check(
            &[3, 400, 2],
            &ramp::<f32>(2400, 0.125, 0.0),
            &[
                "[[[0.00000e+00 1.25000e-01]",
                "  [2.50000e-01 3.75000e-01]",
                "  [5.00000e-01 6.25000e-01]",
                "  ...",
                "  [9.92500e+01 9.93750e+01]",
                "  [9.95000e+01 9.96250e+01]",
                "  [9.97500e+01 9.98750e+01]]",
                "",
                " [[1.00000e+02 1.00125e+02]",
                "  [1.00250e+02 1.00375e+02]",
                "  [1.00500e+02 1.00625e+02]",
                "  ...",
                "  [1.99250e+02 1.99375e+02]",
                "  [1.99500e+02 1.99625e+02]",
                "  [1.99750e+02 1.99875e+02]]",
                "",
                " [[2.00000e+02 2.00125e+02]",
                "  [2.00250e+02 2.00375e+02]",
                "  [2.00500e+02 2.00625e+02]",
                "  ...",
                "  [2.99250e+02 2.99375e+02]",
                "  [2.99500e+02 2.99625e+02]",
                "  [2.99750e+02 2.99875e+02]]]",
            ],
        );
        check(
            &[7, 1, 160],
            &ramp::<i32>(1120, 1.0, -99.0),
            &[
                "[[[ -99  -98  -97 ...   58   59   60]]",
                "",
                " [[  61   62   63 ...  218  219  220]]",
                "",
                " [[ 221  222  223 ...  378  379  380]]",
                "",
                " ...",
                "",
                " [[ 541  542  543 ...  698  699  700]]",
                "",
                " [[ 701  702  703 ...  858  859  860]]",
                "",
                " [[ 861  862  863 ... 1018 1019 1020]]]",
            ],
        );
        check(
            &[200, 6],
            &ramp::<u8>(1200, 0.1, 0.0),
            &[
                "[[  0   0   0   0   0   0]",
                " [  0   0   0   0   1   1]",
                " [  1   1   1   1   1   1]",
                " ...",
                " [118 118 118 118 118 118]",
                " [118 118 119 119 119 119]",
                " [119 119 119 119 119 119]]",
            ],
        );
        check(
            &[8, 2, 9, 8],
            &ramp::<i64>(1152, 1.0, 0.0),
            &[
                "[[[[   0    1    2 ...    5    6    7]",
                "   [   8    9   10 ...   13   14   15]",
                "   [  16   17   18 ...   21   22   23]",
                "   ...",
                "   [  48   49   50 ...   53   54   55]",
                "   [  56   57   58 ...   61   62   63]",
                "   [  64   65   66 ...   69   70   71]]",
                "",
                "  [[  72   73   74 ...   77   78   79]",
                "   [  80   81   82 ...   85   86   87]",
                "   [  88   89   90 ...   93   94   95]",
                "   ...",
                "   [ 120  121  122 ...  125  126  127]",
                "   [ 128  129  130 ...  133  134  135]",
                "   [ 136  137  138 ...  141  142  143]]]",
                "",
                "",
                " [[[ 144  145  146 ...  149  150  151]",
                "   [ 152  153  154 ...  157  158  159]",
                "   [ 160  161  162 ...  165  166  167]",
                "   ...",
                "   [ 192  193  194 ...  197  198  199]",
                "   [ 200  201  202 ...  205  206  207]",
                "   [ 208  209  210 ...  213  214  215]]",
                "",
                "  [[ 216  217  218 ...  221  222  223]",
                "   [ 224  225  226 ...  229  230  231]",
                "   [ 232  233  234 ...  237  238  239]",
                "   ...",
                "   [ 264  265  266 ...  269  270  271]",
                "   [ 272  273  274 ...  277  278  279]",
                "   [ 280  281  282 ...  285  286  287]]]",
                "",
                "",
                " [[[ 288  289  290 ...  293  294  295]",
                "   [ 296  297  298 ...  301  302  303]",
                "   [ 304  305  306 ...  309  310  311]",
                "   ...",
                "   [ 336  337  338 ...  341  342  343]",
                "   [ 344  345  346 ...  349  350  351]",
                "   [ 352  353  354 ...  357  358  359]]",
                "",
                "  [[ 360  361  362 ...  365  366  367]",
                "   [ 368  369  370 ...  373  374  375]",
                "   [ 376  377  378 ...  381  382  383]",
                "   ...",
                "   [ 408  409  410 ...  413  414  415]",
                "   [ 416  417  418 ...  421  422  423]",
                "   [ 424  425  426 ...  429  430  431]]]",
                "",
                "",
                " ...",
                "",
                "",
                " [[[ 720  721  722 ...  725  726  727]",
                "   [ 728  729  730 ...  733  734  735]",
                "   [ 736  737  738 ...  741  742  743]",
                "   ...",
                "   [ 768  769  770 ...  773  774  775]",
                "   [ 776  777  778 ...  781  782  783]",
                "   [ 784  785  786 ...  789  790  791]]",
                "",
                "  [[ 792  793  794 ...  797  798  799]",
                "   [ 800  801  802 ...  805  806  807]",
                "   [ 808  809  810 ...  813  814  815]",
                "   ...",
                "   [ 840  841  842 ...  845  846  847]",
                "   [ 848  849  850 ...  853  854  855]",
                "   [ 856  857  858 ...  861  862  863]]]",
                "",
                "",
                " [[[ 864  865  866 ...  869  870  871]",
                "   [ 872  873  874 ...  877  878  879]",
                "   [ 880  881  882 ...  885  886  887]",
                "   ...",
                "   [ 912  913  914 ...  917  918  919]",
                "   [ 920  921  922 ...  925  926  927]",
                "   [ 928  929  930 ...  933  934  935]]",
                "",
                "  [[ 936  937  938 ...  941  942  943]",
                "   [ 944  945  946 ...  949  950  951]",
                "   [ 952  953  954 ...  957  958  959]",
                "   ...",
                "   [ 984  985  986 ...  989  990  991]",
                "   [ 992  993  994 ...  997  998  999]",
                "   [1000 1001 1002 ... 1005 1006 1007]]]",
                "",
                "",
                " [[[1008 1009 1010 ... 1013 1014 1015]",
                "   [1016 1017 1018 ... 1021 1022 1023]",
                "   [1024 1025 1026 ... 1029 1030 1031]",
                "   ...",
                "   [1056 1057 1058 ... 1061 1062 1063]",
                "   [1064 1065 1066 ... 1069 1070 1071]",
                "   [1072 1073 1074 ... 1077 1078 1079]]",
                "",
                "  [[1080 1081 1082 ... 1085 1086 1087]",
                "   [1088 1089 1090 ... 1093 1094 1095]",
                "   [1096 1097 1098 ... 1101 1102 1103]",
                "   ...",
                "   [1128 1129 1130 ... 1133 1134 1135]",
                "   [1136 1137 1138 ... 1141 1142 1143]",
                "   [1144 1145 1146 ... 1149 1150 1151]]]]",
            ],
        );
    }

    #[test]
    fn a_precision_overrides_the_default() {
        check_precision::<f64>(3, &[3], &[0.3333333333333333, 0.6666666666666666, -1.0], &["[ 0.333  0.667 -1.   ]"]);
        check_precision::<f32>(2, &[2, 2], &[0.1234567, 10.0, 1.5, -2.25], &["[[ 0.12 10.  ]", " [ 1.5  -2.25]]"]);
        check_precision::<f64>(0, &[3], &[0.5, 1.5, 2.5], &["[0. 2. 2.]"]);
        check_precision::<f64>(3, &[2], &[1.23456e-07, 1.0], &["[1.235e-07 1.000e+00]"]);
        check_precision::<f64>(17, &[2], &[0.1, 0.3333333333333333], &["[0.1                0.3333333333333333]"]);
        check_precision::<f64>(2, &[], &[12345.6789], &["12345.68"]);
        check_precision::<f64>(3, &[], &[1e-05], &["1.e-05"]);
        check_precision::<f32>(3, &[], &[f32::NAN], &["nan"]);
        check_precision::<i32>(3, &[2], &[1, 22], &["[ 1 22]"]);
        check_precision::<f64>(3, &[3], &[0.0006, 0.0004, 0.05], &["[0.001 0.    0.05 ]"]);
    }

    /// Powers of two are where the shortest text is hardest to choose: it may be a tie, and floats are not evenly spaced.
    #[test]
    fn scalars_read_back() {
        let scalar = |x: f64| -> String { format!("{}", Array(&[], &[x])) };
        for exponent in 1..2047 {
            let x = f64::from_bits(exponent << 52);
            assert_eq!(scalar(x).parse(), Ok(x));
            assert_eq!(scalar(-x).parse(), Ok(-x));
        }
        for exponent in 1..255 {
            let x = f32::from_bits(exponent << 23);
            assert_eq!(format!("{}", Array(&[], &[x])).parse(), Ok(x));
        }
    }

    #[test]
    fn any_precision_fits_the_buffer() {
        let data = [f64::MAX, f64::MIN_POSITIVE, -f64::MAX, 1e-4 / 3.0, 5e-324];
        for (precision, &x) in (0..1100).flat_map(|p| data.iter().map(move |x| (p, x))) {
            assert!(!format!("{:.precision$}", Array(&[], &[x])).is_empty());
            assert!(!format!("{:.precision$}", Array(&[1], &[x])).is_empty());
        }
    }
}
