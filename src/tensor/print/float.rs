//! Floats, with an exponent or without.

use core::fmt::{self, Display, Formatter, LowerExp};

use num_traits::float::FloatCore;

use super::Print;
use super::digits::{Pieces, positional, scientific};
use super::text::{Text, Word};

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
