//! What is done to a tensor's numbers before the compiler sees them.

use super::header::Dtype;

/// Appends the same numbers in another type of floats, little-endian: exact where that is wider, else rounded to nearest. What is no
/// float stays as it is. Gives the type that they have now.
pub fn convert(bytes: &[u8], from: Dtype, to: Dtype, numbers: &mut Vec<u8>) -> Dtype {
    let Some(read) = reader(from) else {
        numbers.extend_from_slice(bytes);
        return from;
    };
    for number in bytes.chunks_exact(from.size).map(read) {
        match to.size {
            8 => numbers.extend(number.to_le_bytes()),
            _ => numbers.extend((number as f32).to_le_bytes()),
        }
    }
    to
}

/// How a float of this type is read from as many bytes as it has. (Each fits an `f64` exactly.)
fn reader(dtype: Dtype) -> Option<fn(&[u8]) -> f64> {
    fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
        bytes.try_into().unwrap_or([0; N])
    }
    Some(match dtype.name {
        "F64" => |bytes| f64::from_le_bytes(array(bytes)),
        "F32" => |bytes| f32::from_le_bytes(array(bytes)).into(),
        "BF16" => |bytes| f32::from_bits(u32::from(u16::from_le_bytes(array(bytes))) << 16).into(),
        "F16" => |bytes| half(u16::from_le_bytes(array(bytes))),
        _ => return None,
    })
}

/// The value of a half-precision number (IEEE 754 binary16).
fn half(bits: u16) -> f64 {
    let (sign, exponent, fraction) = (bits >> 15, (bits >> 10) & 31, f64::from(bits & 1023));
    let size = match exponent {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1024.0 + fraction) * 2f64.powi(i32::from(exponent) - 25),
    };
    if sign == 1 { -size } else { size }
}

/// Appends the tensor with its last two dimensions exchanged, if it has so many.
pub fn transpose(bytes: &[u8], dims: &[usize], size: usize, to: &mut Vec<u8>) {
    let [.., rows, columns] = *dims else { return };
    if bytes.is_empty() {
        return;
    }
    for matrix in bytes.chunks_exact(rows * columns * size) {
        for column in 0..columns {
            for row in 0..rows {
                to.extend_from_slice(&matrix[(row * columns + column) * size..][..size]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_have_their_values() {
        for (bits, value) in [
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65504.0),
            (0x0400, 2f64.powi(-14)),
            (0x0001, 2f64.powi(-24)),
            (0x8000, -0.0),
            (0x3555, 0.333251953125),
            (0xfc00, f64::NEG_INFINITY),
        ] {
            assert_eq!(half(bits).to_bits(), f64::to_bits(value), "{bits:x}");
        }
        assert!(half(0x7e00).is_nan());
    }

    #[test]
    fn floats_are_converted_and_nothing_else() {
        let [f16, bf16, f32, f64, i32] =
            [("F16", 2), ("BF16", 2), ("F32", 4), ("F64", 8), ("I32", 4)].map(|(name, size)| Dtype { name, size });
        let all = |bytes: &[u8], from, to| {
            let mut numbers = vec![];
            (convert(bytes, from, to, &mut numbers), numbers)
        };
        let one = 1f32.to_le_bytes().to_vec();
        assert_eq!(all(&0x3c00u16.to_le_bytes(), f16, f32), (f32, one.clone()));
        assert_eq!(all(&0x3f80u16.to_le_bytes(), bf16, f32), (f32, one.clone()));
        assert_eq!(all(&0.1f64.to_le_bytes(), f64, f32), (f32, 0.1f32.to_le_bytes().to_vec()));
        assert_eq!(all(&0.1f32.to_le_bytes(), f32, f64), (f64, f64::from(0.1f32).to_le_bytes().to_vec()));
        assert_eq!(all(&one, i32, f32), (i32, one));
        assert_eq!(all(&[], f16, f32), (f32, vec![]));
    }

    #[test]
    fn matrices_are_transposed_one_by_one() {
        let mut to = vec![];
        transpose(&[0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15], &[2, 2, 3], 1, &mut to);
        assert_eq!(to, [0, 3, 1, 4, 2, 5, 10, 13, 11, 14, 12, 15]);
        transpose(&[1, 2], &[2], 1, &mut to);
        transpose(&[], &[0, 3], 1, &mut to);
        assert_eq!(to.len(), 12);
    }
}
