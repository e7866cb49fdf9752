//! The few words of JSON that a header is made of, read without memory of its own and without a path that panics.

use core::fmt::{self, Display, Formatter, Write};

use super::{LoadError, Problem};

/// Something else stands there than what was expected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Unexpected(pub &'static str);

/// A place in a text, from where it is read on.
#[derive(Clone, Copy)]
pub(super) struct Json<'a>(&'a str);

impl<'a> Json<'a> {
    pub const fn new(text: &'a str) -> Self {
        Self(text)
    }

    /// How many bytes are still to be read.
    pub const fn left(self) -> usize {
        self.0.len()
    }

    /// Whether nothing follows but white space.
    pub fn is_at_end(&mut self) -> bool {
        self.skip_space();
        self.0.is_empty()
    }

    /// Takes a sign if it is the next.
    pub fn take(&mut self, sign: char) -> bool {
        self.skip_space();
        self.0.strip_prefix(sign).map(|rest| self.0 = rest).is_some()
    }

    /// Takes a sign that must be the next.
    pub fn expect(&mut self, sign: char, expected: &'static str) -> Result<(), Unexpected> {
        self.take(sign).then_some(()).ok_or(Unexpected(expected))
    }

    /// Takes a whole number, as JSON writes it: no sign, no zero before others.
    pub fn number(&mut self) -> Result<usize, Unexpected> {
        self.skip_space();
        let end = self.0.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.0.len());
        let (digits, rest) = self.0.split_at_checked(end).unwrap_or_default();
        if digits.is_empty() || (digits.len() > 1 && digits.starts_with('0')) {
            return Err(Unexpected("a whole number"));
        }
        let number = digits.parse().map_err(|_| Unexpected("a number that the machine can count to"))?;
        self.0 = rest;
        Ok(number)
    }

    /// Takes a text in quotes.
    pub fn text(&mut self) -> Result<Quoted<'a>, Unexpected> {
        self.expect('"', "a text in quotes")?;
        let start = self.0;
        let mut chars = Chars(start);
        chars.skip_plain();
        while chars.decode()?.is_some() {
            chars.skip_plain();
        }
        self.0 = chars.0.strip_prefix('"').ok_or(Unexpected("the end of the text"))?;
        Ok(Quoted(start.get(..start.len() - chars.0.len()).unwrap_or_default()))
    }

    /// Passes over everything up to a sign, and over that.
    pub fn pass(&mut self, sign: char) {
        self.0 = self.0.split_once(sign).unwrap_or_default().1;
    }

    fn skip_space(&mut self) {
        self.0 = self.0.trim_start_matches([' ', '\t', '\n', '\r']);
    }
}

/// A text as it stands between its quotes, which may have escapes in it.
#[derive(Clone, Copy)]
pub struct Quoted<'a>(&'a str);

impl<'a> Quoted<'a> {
    /// What it means, sign by sign.
    pub fn chars(self) -> impl Iterator<Item = char> + use<'a> {
        let mut chars = Chars(self.0);
        core::iter::from_fn(move || chars.decode().ok().flatten())
    }
}

impl Quoted<'_> {
    /// That something is wrong with the tensor of this name.
    pub(super) fn error(self, problem: Problem) -> LoadError {
        LoadError::of(|label| label.push(self.chars()), problem)
    }
}

impl PartialEq<str> for Quoted<'_> {
    fn eq(&self, text: &str) -> bool {
        self.chars().eq(text.chars())
    }
}

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.chars().try_for_each(|c| f.write_char(c))
    }
}

impl fmt::Debug for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

/// The signs of a text up to its closing quote.
struct Chars<'a>(&'a str);

impl<'a> Chars<'a> {
    /// The next sign, or `None` where the text ends.
    fn decode(&mut self) -> Result<Option<char>, Unexpected> {
        let start = self.0;
        match self.raw() {
            None => Ok(None),
            Some('"') => {
                self.0 = start;
                Ok(None)
            }
            Some('\\') => self.escaped().map(Some),
            Some(c) if c < ' ' => Err(Unexpected("a text without control characters")),
            Some(c) => Ok(Some(c)),
        }
    }

    /// Passes over what needs no decoding: nearly all that there is.
    fn skip_plain(&mut self) {
        let is_special = |byte| byte == b'"' || byte == b'\\' || byte < b' ';
        let plain = self.0.bytes().position(is_special).unwrap_or(self.0.len());
        self.0 = self.0.get(plain..).unwrap_or_default();
    }

    fn raw(&mut self) -> Option<char> {
        let mut chars = self.0.chars();
        let next = chars.next();
        self.0 = chars.as_str();
        next
    }

    fn escaped(&mut self) -> Result<char, Unexpected> {
        match self.raw() {
            Some(c @ ('"' | '\\' | '/')) => Ok(c),
            Some('b') => Ok('\u{8}'),
            Some('f') => Ok('\u{c}'),
            Some('n') => Ok('\n'),
            Some('r') => Ok('\r'),
            Some('t') => Ok('\t'),
            Some('u') => self.unicode(),
            _ => Err(Unexpected("an escape that JSON knows")),
        }
    }

    /// `\u00e9`, or two of them where one has no room (UTF-16's surrogates).
    fn unicode(&mut self) -> Result<char, Unexpected> {
        let first = self.hex()?;
        let code = match first {
            0xd800..0xdc00 => {
                self.0 = self.0.strip_prefix("\\u").ok_or(Unexpected("the second half of a surrogate pair"))?;
                let second = self.hex()?.checked_sub(0xdc00).filter(|low| *low < 0x400);
                let low = second.ok_or(Unexpected("the second half of a surrogate pair"))?;
                0x1_0000 + ((first & 0x3ff) << 10) + low
            }
            code => code,
        };
        char::from_u32(code).ok_or(Unexpected("the first half of a surrogate pair"))
    }

    fn hex(&mut self) -> Result<u32, Unexpected> {
        let (digits, rest) = self.0.split_at_checked(4).unwrap_or_default();
        let are_hex = digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        self.0 = rest;
        u32::from_str_radix(digits, 16).ok().filter(|_| are_hex).ok_or(Unexpected("four hexadecimal digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::{String, ToString};

    fn text(json: &str) -> Result<String, &'static str> {
        Json::new(json).text().map(|text| text.to_string()).map_err(|e| e.0)
    }

    #[test]
    fn texts_are_what_serde_json_reads() {
        let good =
            [r#""""#, r#" "weight""#, r#""a\"\\\/\b\f\n\r\tz""#, r#""caf\u00e9 é""#, r#""\ud83e\udd80 🦀""#, "\"\u{7f}\""];
        let bad = [
            "",
            "x",
            r#"""#,
            r#""a"#,
            r#""\x""#,
            r#""\u12""#,
            r#""\u+123""#,
            r#""\ud83e""#,
            r#""\ud83e\u0041""#,
            r#""\udd80""#,
            "\"a\nb\"",
            r#""\"#,
            r#""\u00é""#,
        ];
        for json in good {
            assert_eq!(text(json).unwrap(), serde_json::from_str::<String>(json).unwrap(), "{json}");
        }
        for json in bad {
            assert!(text(json).is_err() && serde_json::from_str::<String>(json).is_err(), "{json}");
        }
        assert!(Json::new(r#""caf\u00e9""#).text().unwrap() == *"café");
    }

    #[test]
    fn numbers_are_whole() {
        let number = |json: &str| Json::new(json).number().ok();
        assert_eq!(
            [" 0,", "10]", "00", "-1", "1e3", "x", ""].map(number),
            [Some(0), Some(10), None, None, Some(1), None, None]
        );
        assert_eq!(number(&usize::MAX.to_string()), Some(usize::MAX));
        assert_eq!(number("18446744073709551616"), None);
    }
}
