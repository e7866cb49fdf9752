//! The signs that a text is made of, known when the program is compiled.

/// Each sign of a text once, in order, and each byte's number among them.
pub struct Alphabet {
    signs: [u8; 256],
    numbers: [u8; 256],
    pub len: usize,
}

impl Alphabet {
    pub const fn of(text: &[u8]) -> Self {
        let mut occurs = [false; 256];
        let mut at = 0;
        while at < text.len() {
            occurs[text[at] as usize] = true;
            at += 1;
        }
        let mut alphabet = Self { signs: [0; 256], numbers: [0; 256], len: 0 };
        let mut byte = 0;
        while byte < 256 {
            if occurs[byte] {
                alphabet.signs[alphabet.len] = byte as u8;
                alphabet.numbers[byte] = alphabet.len as u8;
                alphabet.len += 1;
            }
            byte += 1;
        }
        alphabet
    }

    /// A text as numbers.
    pub fn read(&self, text: &[u8]) -> Vec<u8> {
        text.iter().map(|&byte| self.numbers[usize::from(byte)]).collect()
    }

    /// A number as a sign.
    pub fn sign(&self, number: usize) -> char {
        self.signs.get(number).map_or('?', |&byte| byte.into())
    }
}
