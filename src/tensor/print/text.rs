//! Short strings on the stack.

use core::fmt::{self, Write};

/// A number as text, with the blanks that align it to its column.
pub struct Word {
    pub(super) left: usize,
    pub(super) text: Text,
    pub(super) right: usize,
}

impl Word {
    pub(super) fn new(text: fmt::Arguments<'_>) -> Result<Self, fmt::Error> {
        let text = Text::new(text)?;
        Ok(Self { left: 0, text, right: 0 })
    }

    pub(super) fn right_aligned(self, width: usize) -> Self {
        let left = width.saturating_sub(self.text.len);
        Self { left, ..self }
    }

    pub(super) const fn width(&self) -> usize {
        self.left + self.text.len + self.right
    }
}

/// The longest number is a positional `f64`: a sign, 8 digits (16 of a scalar), a point and at most 21 digits
/// behind it, or 4 more where a tie is in question.
const TEXT_CAPACITY: usize = 48;

/// A short string on the stack.
pub struct Text {
    bytes: [u8; TEXT_CAPACITY],
    pub(super) len: usize,
}

impl Text {
    pub(super) fn new(text: fmt::Arguments<'_>) -> Result<Self, fmt::Error> {
        let mut new = Self { bytes: [0; TEXT_CAPACITY], len: 0 };
        new.write_fmt(text)?;
        Ok(new)
    }

    pub(super) fn as_str(&self) -> &str {
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
