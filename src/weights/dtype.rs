//! [`Dtype`]: the type of a stored tensor's numbers.

use core::fmt::{self, Display, Formatter};

/// The types of the format, each with its name in files and its bits.
macro_rules! dtypes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $bits:literal;)+) => {
        /// The type of a stored tensor's numbers. Models are of [`F32`](Self::F32) and [`F64`](Self::F64);
        /// [`F16`](Self::F16) and [`BF16`](Self::BF16) can be [cast](super::Load::cast).
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[non_exhaustive]
        pub enum Dtype {
            $($(#[$doc])* $name,)+
        }

        impl Dtype {
            /// That of a name in a file.
            pub(super) fn named(is: impl Fn(&str) -> bool) -> Option<Self> {
                match () {
                    $(() if is($text) => Some(Self::$name),)+
                    () => None,
                }
            }

            /// The bits of one number.
            pub const fn bits(self) -> usize {
                match self {
                    $(Self::$name => $bits,)+
                }
            }

            /// Its name in files.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }
        }
    };
}

dtypes! {
    /// A truth value.
    Bool = "BOOL", 8;
    /// Four bits, with two of exponent.
    F4 = "F4", 4;
    /// Six bits, with two of exponent.
    F6E2M3 = "F6_E2M3", 6;
    /// Six bits, with three of exponent.
    F6E3M2 = "F6_E3M2", 6;
    /// An unsigned byte.
    U8 = "U8", 8;
    /// A signed byte.
    I8 = "I8", 8;
    /// Eight bits, with five of exponent.
    F8E5M2 = "F8_E5M2", 8;
    /// Eight bits, with four of exponent.
    F8E4M3 = "F8_E4M3", 8;
    /// Eight bits, all of exponent.
    F8E8M0 = "F8_E8M0", 8;
    /// Eight bits, with four of exponent and one zero.
    F8E4M3Fnuz = "F8_E4M3FNUZ", 8;
    /// Eight bits, with five of exponent and one zero.
    F8E5M2Fnuz = "F8_E5M2FNUZ", 8;
    /// A signed integer of 16 bits.
    I16 = "I16", 16;
    /// An unsigned integer of 16 bits.
    U16 = "U16", 16;
    /// Half precision.
    F16 = "F16", 16;
    /// The upper half of a single.
    BF16 = "BF16", 16;
    /// A signed integer of 32 bits.
    I32 = "I32", 32;
    /// An unsigned integer of 32 bits.
    U32 = "U32", 32;
    /// Single precision: `f32`.
    F32 = "F32", 32;
    /// A complex number of two singles.
    C64 = "C64", 64;
    /// Double precision: `f64`.
    F64 = "F64", 64;
    /// A signed integer of 64 bits.
    I64 = "I64", 64;
    /// An unsigned integer of 64 bits.
    U64 = "U64", 64;
}

impl Dtype {
    /// That of a model's numbers, which have so many bytes.
    pub(super) const fn of<T: crate::Float>() -> Self {
        if size_of::<T>() == size_of::<f64>() { Self::F64 } else { Self::F32 }
    }
}

impl Display for Dtype {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A number of half precision, exactly.
pub(super) fn from_f16(bits: u16) -> f32 {
    let (sign, magnitude) = (u32::from(bits & 0x8000) << 16, u32::from(bits & 0x7fff) << 13);
    if bits & 0x7c00 == 0x7c00 {
        return f32::from_bits(sign | 0x7f80_0000 | magnitude); // infinite, or no number
    }
    // The exponents of the two differ by 112; the product does right by what is denormal, too.
    const SCALE: f32 = f32::from_bits((127 + 112) << 23);
    f32::from_bits(sign | (f32::from_bits(magnitude) * SCALE).to_bits())
}

/// A number that is the upper half of a single.
pub(super) const fn from_bf16(bits: u16) -> f32 {
    f32::from_bits((bits as u32) << 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_half_is_what_the_crate_half_says() {
        fn same(ours: f32, theirs: f32) -> bool {
            ours.to_bits() == theirs.to_bits() || (ours.is_nan() && theirs.is_nan())
        }
        for bits in 0..=u16::MAX {
            assert!(same(from_f16(bits), half::f16::from_bits(bits).to_f32()), "{bits:#x}");
            assert!(same(from_bf16(bits), half::bf16::from_bits(bits).to_f32()), "{bits:#x}");
        }
    }

    #[test]
    fn names_and_bits() {
        assert_eq!(Dtype::named(|name| name == "BF16"), Some(Dtype::BF16));
        assert_eq!(Dtype::named(|name| name == "bf16"), None);
        assert_eq!((Dtype::F6E2M3.bits(), Dtype::F6E2M3.name()), (6, "F6_E2M3"));
        assert_eq!((Dtype::of::<f32>(), Dtype::of::<f64>()), (Dtype::F32, Dtype::F64));
    }
}
