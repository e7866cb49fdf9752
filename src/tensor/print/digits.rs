//! The fewest digits that stand for a float, where NumPy and `core` differ.

use core::fmt;

use super::float::Float;
use super::text::Text;

/// `1.5`, with at most `precision` digits behind the point.
pub fn positional<T: Float>(x: T, precision: usize) -> Result<Text, fmt::Error> {
    shortest(x, precision, |digits| match digits {
        None => Text::new(format_args!("{x}")),
        Some(digits) => Text::new(format_args!("{x:.digits$}")),
    })
}

/// `1.5e-5`, likewise.
pub fn scientific<T: Float>(x: T, precision: usize) -> Result<Text, fmt::Error> {
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
pub struct Pieces<'a> {
    pub whole: &'a str,
    pub fraction: &'a str,
    pub sign: char,
    pub exponent: &'a str,
}

impl<'a> Pieces<'a> {
    pub fn of(text: &'a Text) -> Self {
        let text = text.as_str();
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, ""));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
        Self { whole, fraction, sign, exponent }
    }

    /// Without zeros at the end of the fraction.
    pub fn trimmed(self) -> Self {
        Self { fraction: self.fraction.trim_end_matches('0'), ..self }
    }
}
