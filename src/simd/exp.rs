//! Exponentials without branches, so that a loop over them vectorises on any target.
//!
//! With n = round(x / ln 2) and r = x - n ln 2, |r| <= ln 2 / 2, eˣ = 2ⁿ eʳ. Three habits keep the code straight-line:
//!
//! - Adding 1.5 · 2^(mantissa bits) rounds to an integer and leaves it in the sum's low bits, which spares both `floor` and a
//!   checked cast (Muller et al., *Handbook of Floating-Point Arithmetic*, the "magic number" trick).
//! - ln 2 is split into a head, short enough for n · head to be exact, and a tail (Cody and Waite, 1980).
//! - A bound is a select written `if x > hi { hi } else { x }`: a NaN fails the comparison and passes through, where
//!   `min` would swallow it.
//!
//! The polynomial P in eʳ ≈ 1 + r + r² P(r) is our own fit: Lawson's reweighted least squares on the relative error over
//! |r| <= ln 2 / 2, in 50 digits, rounded to the type. Its error is 2^-28.3 for `f32` and 2^-57.9 for `f64`, a small part of
//! an ulp.

/// The four functions for one float type, in a module of its own.
macro_rules! exponentials {
    ($module:ident, $float:ident, $bits:ident, {
        ln_2_head: $ln_2_head:expr,
        ln_2_tail: $ln_2_tail:expr,
        exp: $exp_low:expr, $exp_high:expr,
        exp_m1: $exp_m1_low:expr, $exp_m1_tiny:expr,
        tanh: $tanh_high:expr,
        coefficients: $coefficients:expr,
    }) => {
        pub(super) mod $module {
            use super::super::float::Float;
            use core::$float::consts::LOG2_E;

            const MANTISSA: u32 = $float::MANTISSA_DIGITS - 1;
            const BIAS: $bits = $float::MAX_EXP as $bits - 1;
            const MAGIC: $float = 1.5 * ((1 as $bits) << MANTISSA) as $float;
            /// Of P, the highest power first.
            const COEFFICIENTS: [$float; $coefficients.len()] = $coefficients;

            /// `(n, q)` with eˣ = 2ⁿ (1 + q); n in the low bits of the first, above which are bits to shift out.
            #[inline(always)]
            fn reduce(x: $float) -> ($bits, $float) {
                let rounded = Float::mul_add(x, LOG2_E, MAGIC);
                let n = rounded - MAGIC;
                let r = Float::mul_add(n, -$ln_2_tail, Float::mul_add(n, -$ln_2_head, x));
                let mut p = 0.0;
                for c in COEFFICIENTS {
                    p = Float::mul_add(p, r, c);
                }
                (rounded.to_bits(), Float::mul_add(r * r, p, r))
            }

            /// 2ⁿ for an n within the exponents of normal numbers.
            #[inline(always)]
            fn power_of_two(n: $bits) -> $float {
                $float::from_bits(n.wrapping_add(BIAS) << MANTISSA)
            }

            /// eˣ.
            #[inline(always)]
            pub fn exp(x: $float) -> $float {
                let x = if x > $exp_high { $exp_high } else { x };
                let x = if x < $exp_low { $exp_low } else { x };
                let (n, q) = reduce(x);
                // 2ⁿ itself may overflow where eˣ does not, and a denormal must be rounded only once: scale by two halves.
                // A logical shift does for a negative n: MAGIC's own bits above it keep the whole positive.
                let half = n >> 1;
                (1.0 + q) * power_of_two(half) * power_of_two(n.wrapping_sub(half))
            }

            /// eˣ - 1, as accurate near 0 as elsewhere.
            #[inline(always)]
            pub fn exp_m1(x: $float) -> $float {
                let bound = if x > $exp_high { $exp_high } else { x };
                let bound = if bound < $exp_m1_low { $exp_m1_low } else { bound };
                let (n, q) = reduce(bound);
                // Half the result, since the largest n overflows 2ⁿ.
                let scale = power_of_two(n.wrapping_sub(1));
                let y = 2.0 * Float::mul_add(q, scale, scale - 0.5);
                // Halving loses a denormal's last bit, and the sum -0's sign.
                if x.abs() < $exp_m1_tiny { x } else { y }
            }

            /// tanh x = e / (e + 2) with e = e²ˣ - 1, for |x|: one formula that neither cancels near 0 nor overflows.
            #[inline(always)]
            pub fn tanh(x: $float) -> $float {
                let t = x.abs();
                // Beyond, the answer rounds to 1.
                let t = if t > $tanh_high { $tanh_high } else { t };
                let (n, q) = reduce(t + t);
                let scale = power_of_two(n);
                let e = Float::mul_add(q, scale, scale - 1.0);
                (e / (e + 2.0)).copysign(x)
            }

            /// 1 / (1 + e⁻ˣ), from e^-|x|: the exponential never overflows and the small tail keeps its digits.
            #[inline(always)]
            pub fn sigmoid(x: $float) -> $float {
                let z = exp(-x.abs());
                let numerator = if x < 0.0 { z } else { 1.0 };
                numerator / (1.0 + z)
            }
        }
    };
}

// `exp`'s bounds lie just past the last x with a finite result and the last with a nonzero one; `exp_m1`'s lower bound
// just past the last x whose result is not -1; below its `tiny`, x + x²/2 rounds to x.
exponentials!(single, f32, u32, {
    ln_2_head: 0.692_871_1,
    ln_2_tail: 2.760_868_2e-4,
    exp: -104.0, 89.0,
    exp_m1: -18.0, 1e-8,
    tanh: 10.0,
    coefficients: [
        1.381_453_8e-3,
        8.368_745e-3,
        4.166_839_e-2,
        1.666_652_1e-1,
        4.999_999_4e-1,
    ],
});

exponentials!(double, f64, u64, {
    ln_2_head: 0.693_147_180_369_123_8,
    ln_2_tail: 1.908_214_929_270_587_7e-10,
    exp: -746.0, 710.0,
    exp_m1: -38.0, 1e-17,
    tanh: 20.0,
    coefficients: [
        2.499_997_393_490_066_5e-8,
        2.763_030_536_497_954e-7,
        2.755_758_694_488_972e-6,
        2.480_149_295_195_916_8e-5,
        1.984_126_950_561_823e-4,
        1.388_888_894_375_792_4e-3,
        8.333_333_333_495_048e-3,
        4.166_666_666_652_973e-2,
        1.666_666_666_666_641e-1,
        5.000_000_000_000_011e-1,
    ],
});
