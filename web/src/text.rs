//! Bytes as text that a page can hold: seven bits a character, eight characters for seven bytes.
//!
//! What HTML would read as something else (NUL, a line's end, `<`) stands 128 code points higher, which takes two bytes of UTF-8. So the
//! text is 1.17 times as long as the bytes; in base 64 it would be 1.33 times. The page reads it in `decode` of `script.js`.

/// The text. After the last byte it has up to seven bits that mean nothing.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 6 / 5);
    let (mut bits, mut count) = (0u32, 0);
    for &byte in bytes {
        (bits, count) = (bits << 8 | u32::from(byte), count + 8);
        while count >= 7 {
            count -= 7;
            text.push(character((bits >> count) as u8 & 127));
        }
    }
    text.push(character((bits << (7 - count)) as u8 & 127));
    text
}

fn character(code: u8) -> char {
    if b"\0\r\n<".contains(&code) { char::from(code + 128) } else { char::from(code) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the page does it.
    fn decode(text: &str) -> Vec<u8> {
        let (mut bytes, mut bits, mut count) = (Vec::new(), 0u32, 0);
        for c in text.chars() {
            (bits, count) = (bits << 7 | (c as u32 & 127), count + 7);
            if count >= 8 {
                count -= 8;
                bytes.push((bits >> count) as u8);
            }
        }
        bytes
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        for length in 0..40 {
            let bytes: Vec<u8> = (0..length).map(|i| (i * 37 % 256) as u8).collect();
            assert_eq!(decode(&encode(&bytes)), bytes);
        }
        let all: Vec<u8> = (0..=255).flat_map(|a| (0..=255).map(move |b| a ^ b)).collect();
        assert_eq!(decode(&encode(&all)), all);
    }

    #[test]
    fn html_reads_it_as_it_is() {
        let all: Vec<u8> = (0..=255).flat_map(|a| [a, 0, 60]).collect();
        assert!(!encode(&all).contains(['\0', '\r', '\n', '<']));
    }
}
