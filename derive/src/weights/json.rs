//! As much JSON as a safetensors header is made of: objects, texts, lists of natural numbers. Nothing here recurses.

/// A place in a text of JSON.
pub struct Cursor<'t> {
    rest: &'t str,
    len: usize,
}

impl<'t> Cursor<'t> {
    pub fn new(text: &'t str) -> Self {
        Self { rest: text, len: text.len() }
    }

    /// What is wrong here.
    fn error(&self, wanted: &str) -> String {
        let at = self.len - self.rest.len();
        match self.rest.chars().next() {
            Some(found) => format!("its header has `{found}` at byte {at}, where {wanted} should be"),
            None => format!("its header ends where {wanted} should be"),
        }
    }

    fn skip_spaces(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    /// Goes past a character, if it is next after spaces.
    fn takes(&mut self, wanted: char) -> bool {
        self.skip_spaces();
        let rest = self.rest.strip_prefix(wanted);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, wanted: char) -> Result<(), String> {
        if self.takes(wanted) { Ok(()) } else { Err(self.error(&format!("`{wanted}`"))) }
    }

    /// An object: `value` reads what stands behind each key.
    pub fn object(&mut self, mut value: impl FnMut(&mut Self, String) -> Result<(), String>) -> Result<(), String> {
        self.list('{', '}', |at| {
            let key = at.string()?;
            at.expect(':')?;
            value(at, key)
        })
    }

    /// A list of natural numbers.
    pub fn numbers(&mut self) -> Result<Vec<usize>, String> {
        let mut numbers = vec![];
        self.list('[', ']', |at| {
            numbers.push(at.number()?);
            Ok(())
        })?;
        Ok(numbers)
    }

    fn list(&mut self, open: char, close: char, mut item: impl FnMut(&mut Self) -> Result<(), String>) -> Result<(), String> {
        self.expect(open)?;
        if self.takes(close) {
            return Ok(());
        }
        loop {
            item(self)?;
            if !self.takes(',') {
                return self.expect(close);
            }
        }
    }

    fn number(&mut self) -> Result<usize, String> {
        self.skip_spaces();
        let end = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        if digits.is_empty() {
            return Err(self.error("a number"));
        }
        self.rest = rest;
        digits.parse().map_err(|_| format!("its header has a number that is too large: {digits}"))
    }

    /// A text.
    pub fn string(&mut self) -> Result<String, String> {
        self.expect('"')?;
        let mut text = String::new();
        loop {
            let end = self.rest.find(['"', '\\']).ok_or("its header ends within a text")?;
            text.push_str(&self.rest[..end]);
            let quote = self.rest[end..].starts_with('"');
            self.rest = &self.rest[end + 1..];
            if quote {
                return Ok(text);
            }
            text.push(self.escaped().ok_or("its header has an escape in a text that JSON does not know")?);
        }
    }

    /// What stands behind a backslash.
    fn escaped(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let escape = chars.next()?;
        self.rest = chars.as_str();
        Some(match escape {
            '"' | '\\' | '/' => escape,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => match self.unit()? {
                high @ 0xd800..0xdc00 => {
                    self.rest = self.rest.strip_prefix("\\u")?;
                    let low = self.unit()?.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
                    char::from_u32(0x10000 + ((high - 0xd800) << 10) + low)?
                }
                unit => char::from_u32(unit)?,
            },
            _ => return None,
        })
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Option<u32> {
        let digits = self.rest.get(..4).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
        self.rest = &self.rest[4..];
        u32::from_str_radix(digits, 16).ok()
    }

    /// Nothing may follow but spaces.
    pub fn end(&mut self) -> Result<(), String> {
        self.skip_spaces();
        if self.rest.is_empty() { Ok(()) } else { Err(self.error("its end")) }
    }
}
