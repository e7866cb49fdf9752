//! Messages with numbers in them for what is refused when a program is built.

/// A text that is put together when the program is built.
pub(crate) struct Text {
    bytes: [u8; Self::ROOM],
    len: usize,
}

impl Text {
    const ROOM: usize = 1024;

    /// Nothing yet.
    pub(crate) const fn new() -> Self {
        Self { bytes: [0; Self::ROOM], len: 0 }
    }

    /// What there is no room for is left out.
    const fn push(mut self, byte: u8) -> Self {
        if self.len < Self::ROOM {
            self.bytes[self.len] = byte;
            self.len += 1;
        }
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

    /// With a number as it stands in names: without commas.
    pub(crate) const fn plain(mut self, n: usize) -> Self {
        let (digits, mut at) = digits(n);
        while at < digits.len() {
            self = self.push(digits[at]);
            at += 1;
        }
        self
    }

    /// With a line for a part and its bytes, which stand in a column.
    pub(crate) const fn line(self, part: &str, bytes: usize) -> Self {
        let number = Self::new().number(bytes);
        let mut text = self.add("\n").add(part);
        let mut width = part.len() + number.len;
        while width < 34 {
            text = text.add(" ");
            width += 1;
        }
        text.add(" ").add(number.as_str())
    }

    /// With the sizes of a tensor, as PyTorch prints them: `[10, 5]`.
    pub(crate) const fn sizes(self, sizes: &[usize]) -> Self {
        let mut text = self.add("[");
        let mut i = 0;
        while i < sizes.len() {
            text = if i > 0 { text.add(", ") } else { text }.plain(sizes[i]);
            i += 1;
        }
        text.add("]")
    }

    /// The text.
    pub(crate) const fn as_str(&self) -> &str {
        let bytes = self.bytes.split_at(self.len).0;
        match core::str::from_utf8(bytes) {
            Ok(text) => text,
            // The last character did not fit.
            Err(error) => match core::str::from_utf8(bytes.split_at(error.valid_up_to()).0) {
                Ok(text) => text,
                Err(_) => "",
            },
        }
    }
}

/// The decimal digits of a number: the bytes from a place on.
pub(crate) const fn digits(mut n: usize) -> ([u8; 20], usize) {
    let (mut digits, mut start) = ([b'0'; 20], 20);
    while start > 0 {
        start -= 1;
        digits[start] = b'0' + (n % 10) as u8;
        n /= 10;
        if n == 0 {
            break;
        }
    }
    (digits, start)
}

/// The digits of a number, without the machinery of formats, which has panicking paths.
pub(crate) fn decimal(n: usize, buffer: &mut [u8; 20]) -> &str {
    let (digits, start) = digits(n);
    *buffer = digits;
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
        assert_eq!(Text::new().sizes(&[10, 1234]).add(" ").sizes(&[]).as_str(), "[10, 1234] []");
        assert_eq!([0, 7, 10, 999, 1000, 12_345, 1_234_567].map(text), ["0", "7", "10", "999", "1,000", "12,345", "1,234,567"]);
    }

    #[test]
    fn what_has_no_room_is_left_out() {
        let long = "é".repeat(700);
        assert_eq!(Text::new().add("x").add(&long).as_str(), std::format!("x{}", "é".repeat(511)));
    }
}
