//! Logarithms without branches, so that a loop over them vectorises on any target.
//!
//! With x = 2ᵏ (1 + f) and √½ <= 1 + f < √2, ln x = k ln 2 + ln(1 + f). For s = f / (2 + f), at most 0.172, ln(1 + f) = 2 artanh s =
//! f - (h - s (h + R)) with h = f² / 2 and R = 2 artanh(s) / s - 2, an even function of s: so f, which is exact, bears the result, and
//! what is rounded is small beside it. (That arrangement is K.C. Ng's, of FDLIBM.)
//!
//! The polynomial Q in R ≈ s² Q(s²) is our own fit: Remez's exchange on the relative error, in 50 digits, rounded to the type from
//! the lowest power up, each time with a new fit of the others. Its error is 2^-30 for `f32` and 2^-59 for `f64`.

/// The two functions for one float type, in a module of its own.
macro_rules! logarithms {
    ($module:ident, $float:ident, $bits:ident, { coefficients: $coefficients:tt }) => {
        pub mod $module {
            use super::super::exp::$module::{LN_2_HEAD, LN_2_TAIL};
            use super::super::polynomial::polynomial;
            use super::super::sets::MulAdd;
            use core::$float::consts::FRAC_1_SQRT_2;

            const MANTISSA: u32 = $float::MANTISSA_DIGITS - 1;
            const BIAS: $bits = $float::MAX_EXP as $bits - 1;
            const INF: $float = $float::INFINITY;
            /// From here on numbers are integers, so that one's low bits count.
            const INTEGERS: $float = ((1 as $bits) << MANTISSA) as $float;

            /// `(k + BIAS, 1 + f)`, for a positive normal x.
            #[inline(always)]
            fn split(x: $float) -> ($bits, $float) {
                // Moved so that the exponent changes at √½ and not at ½, and never negative: a logical shift does, which every
                // instruction set has.
                const LEAST: $bits = FRAC_1_SQRT_2.to_bits();
                let moved = x.to_bits().wrapping_add((BIAS << MANTISSA) - LEAST);
                let fraction = moved & ((1 << MANTISSA) - 1);
                (moved >> MANTISSA, $float::from_bits(fraction + LEAST))
            }

            /// k ln 2 + ln(1 + f).
            #[inline(always)]
            fn sum<M: MulAdd>(k: $float, f: $float) -> $float {
                let s = f / (2.0 + f);
                let square = s * s;
                let q = polynomial!($float, $coefficients, square);
                let half = 0.5 * f * f;
                let rest = M::$float(s, M::$float(square, q, half), k * LN_2_TAIL);
                M::$float(k, LN_2_HEAD, f - (half - rest))
            }

            /// The integer k, of k + BIAS.
            #[inline(always)]
            fn exponent(biased: $bits, bias: $float) -> $float {
                // The sum of the two in the low bits of a float: there is no instruction that converts 64-bit integers.
                $float::from_bits(INTEGERS.to_bits() | biased) - (INTEGERS + bias)
            }

            /// `y`, a logarithm of `x`, where that has one.
            #[inline(always)]
            fn where_defined(x: $float, y: $float) -> $float {
                let outside = if x < 0.0 { $float::NAN } else { -INF };
                if x <= 0.0 { outside } else { y }
            }

            /// ln x.
            #[inline(always)]
            pub fn ln<M: MulAdd>(x: $float) -> $float {
                let denormal = x < $float::MIN_POSITIVE;
                let normal = if denormal { x * INTEGERS } else { x };
                let bias = if denormal { BIAS as $float + MANTISSA as $float } else { BIAS as $float };
                let (biased, one_and_f) = split(normal);
                let y = sum::<M>(exponent(biased, bias), one_and_f - 1.0);
                // The second for infinity and NaN.
                where_defined(x, if x < INF { y } else { x })
            }

            /// ln(1 + x), as accurate near 0 as elsewhere.
            #[inline(always)]
            pub fn ln_1p<M: MulAdd>(x: $float) -> $float {
                let u = 1.0 + x;
                // What u has lost, exactly, wherever it counts.
                let lost = x - (u - 1.0);
                let (biased, one_and_f) = split(u);
                // 2¹⁻ᵏ, since 2⁻ᵏ is no normal number for the largest k.
                let scale = $float::from_bits((2 * BIAS + 1).wrapping_sub(biased) << MANTISSA);
                let f = M::$float(0.5 * lost, scale, one_and_f - 1.0);
                let y = sum::<M>(exponent(biased, BIAS as $float), f);
                let y = where_defined(u, if u < INF { y } else { x });
                // Keeps the sign of -0, and the last bit of a denormal.
                if u == 1.0 { x } else { y }
            }
        }
    };
}

logarithms!(single, f32, u32, { coefficients: [2.987_079_6e-1, 3.997_758_3e-1, 6.666_677_6e-1] });

logarithms!(double, f64, u64, {
    coefficients: [
        1.479_563_694_175_967_7e-1,
        1.531_408_448_435_511_7e-1,
        1.818_356_286_477_818e-1,
        2.222_219_860_481_610_7e-1,
        2.857_142_874_203_011e-1,
        3.999_999_999_941_663_6e-1,
        6.666_666_666_666_734e-1,
    ]
});

#[cfg(test)]
mod tests {
    use super::super::sets::AsBuilt;
    use super::super::testing::assert_within;
    use super::{double, single};

    #[test]
    fn within_their_bounds() {
        // Over every fifth `f32`, measured: 0.824 and 1.393.
        assert_within!(ln: f32 1.0, f64 1.0, 1; f64::ln, LN);
        assert_within!(ln_1p: f32 2.0, f64 2.0, 2; f64::ln_1p, LN_1P);
    }

    macro_rules! specials {
        ($test:ident, $functions:ident, $float:ident) => {
            #[test]
            fn $test() {
                const INF: $float = $float::INFINITY;
                let [ln, ln_1p] = [$functions::ln::<AsBuilt> as fn($float) -> $float, $functions::ln_1p::<AsBuilt>];
                let smallest = $float::from_bits(1);
                for f in [ln, ln_1p] {
                    assert!([$float::NAN, -$float::NAN, -INF, $float::MIN, -1.5].iter().all(|&x| f(x).is_nan()));
                    assert_eq!(f(INF), INF);
                    assert!(f($float::MAX) < INF);
                }
                assert_eq!([ln(0.0), ln(-0.0), ln_1p(-1.0)], [-INF; 3]);
                assert!([-smallest, -1.0].iter().all(|&x| ln(x).is_nan()));
                assert!(ln_1p(-1.0 - $float::EPSILON).is_nan());
                assert_eq!(ln(1.0).to_bits(), 0);
                assert_eq!(ln(smallest), smallest.ln());
                assert_eq!(ln($float::MIN_POSITIVE), $float::MIN_POSITIVE.ln());
                for x in [0.0, smallest, $float::MIN_POSITIVE, $float::MIN_POSITIVE * 1.75] {
                    assert_eq!([x, -x].map(|x| ln_1p(x).to_bits()), [x, -x].map($float::to_bits));
                }
            }
        };
    }
    specials!(single_specials, single, f32);
    specials!(double_specials, double, f64);
}
