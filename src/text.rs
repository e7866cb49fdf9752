//! Messages with numbers in them for what is refused when a program is built.

/// A text that is put together when the program is built.
pub(crate) struct Text {
    bytes: [u8; 256],
    len: usize,
}

impl Text {
    /// Nothing yet.
    pub(crate) const fn new() -> Self {
        Self { bytes: [0; 256], len: 0 }
    }

    const fn push(mut self, byte: u8) -> Self {
        self.bytes[self.len] = byte;
        self.len += 1;
        self
    }

    /// With a part more.
    pub(crate) const fn add(mut self, part: &str) -> Self {
        let part = part.as_bytes();
        let mut i = 0;
        while i < part.len() {
            self = self.push(part[i]);
            i += 1;
        }
        self
    }

    /// With a comma after each three digits.
    pub(crate) const fn number(mut self, n: usize) -> Self {
        let mut power = 1;
        let mut digits = 1;
        while n / power >= 10 {
            power *= 10;
            digits += 1;
        }
        while power > 0 {
            self = self.push(b'0' + (n / power % 10) as u8);
            power /= 10;
            digits -= 1;
            if digits > 0 && digits % 3 == 0 {
                self = self.push(b',');
            }
        }
        self
    }

    /// The text.
    pub(crate) const fn as_str(&self) -> &str {
        match core::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => "",
        }
    }
}

/// The digits of a number, without the machinery of formats, which has panicking paths.
pub(crate) fn decimal(mut n: usize, buffer: &mut [u8; 20]) -> &str {
    let mut start = buffer.len();
    for digit in buffer.iter_mut().rev() {
        *digit = b'0' + (n % 10) as u8;
        (n, start) = (n / 10, start - 1);
        if n == 0 {
            break;
        }
    }
    buffer.get(start..).and_then(|digits| core::str::from_utf8(digits).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn numbers_have_digits() {
        for n in [0, 7, 10, 305, usize::MAX] {
            assert_eq!(decimal(n, &mut [0; 20]), n.to_string());
        }
    }

    #[test]
    fn numbers_have_commas() {
        let text = |n| Text::new().number(n).as_str().to_string();
        assert_eq!([0, 7, 10, 999, 1000, 12_345, 1_234_567].map(text), ["0", "7", "10", "999", "1,000", "12,345", "1,234,567"]);
    }
}
