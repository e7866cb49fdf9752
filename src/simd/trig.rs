//! Sines and cosines without branches up to some thousand turns, so that a loop over them vectorises on any target.
//!
//! With n = round(x · 2/π) and r = x - n π/2, |r| <= π/4, the sine of x is that of r, its cosine, or the negative of one, as n mod 4
//! says. π/2 is split into four parts, the first three of them short enough for n · part to be exact (W. J. Cody and W. Waite,
//! *Software Manual for the Elementary Functions*, 1980). While the difference is exact r is as small as it gets, and where it is
//! rounded it is not small; so r has its digits also at the floats nearest to a multiple of π/2.
//!
//! That holds while |x| <= `NEAR`. Beyond, as many digits of π as x has binary places must come in (M. Payne and R. Hanek, *Radian
//! reduction for trigonometric functions*, 1983), which is left to `libm`, with `std` and without: a loop that may call it does not
//! vectorise, so loops ask [`is_near`](super::Float::is_near) of many numbers first.
//!
//! The polynomials S in sin r ≈ r + r³ S(r²) and C in cos r ≈ 1 - r²/2 + r⁴ C(r²) are our own fit: Remez's exchange on the relative
//! error over |r| <= 1.001 π/4, in 50 digits, rounded to the type from the lowest power up, each time with a new fit of the others.
//! The errors are 2^-28 and 2^-32 for `f32`, 2^-58 and 2^-62 for `f64`.

/// The functions for one float type, in a module of its own.
macro_rules! sines {
    ($module:ident, $float:ident, $bits:ident, {
        near: $near:expr,
        half_pi: $half_pi:expr,
        sin: $sin:tt, $far_sin:path,
        cos: $cos:tt, $far_cos:path,
    }) => {
        pub mod $module {
            use super::super::polynomial::polynomial;
            use super::super::sets::MulAdd;
            use core::$float::consts::FRAC_2_PI;

            const MANTISSA: u32 = $float::MANTISSA_DIGITS - 1;
            const SIGN: $bits = 1 << ($bits::BITS - 1);
            const MAGIC: $float = 1.5 * ((1 as $bits) << MANTISSA) as $float;
            /// The largest n has few enough bits for its products with the parts.
            const NEAR: $float = $near;
            const HALF_PI: [$float; 4] = $half_pi;

            /// Whether x has its sine and cosine from [`sin_near`] and [`cos_near`]; what these give for a NaN is right, too.
            #[inline(always)]
            pub fn is_near(x: $float) -> bool {
                let far = x.abs() > NEAR;
                !far
            }

            /// `(n, r, rest)`; n in the low bits, above which are others, and a rest that r has no room for.
            #[inline(always)]
            fn reduce<M: MulAdd>(x: $float) -> ($bits, $float, $float) {
                let [first, second, third, last] = HALF_PI;
                let rounded = M::$float(x, FRAC_2_PI, MAGIC);
                let n = rounded - MAGIC;
                let before = M::$float(n, -second, M::$float(n, -first, x));
                let r = M::$float(n, -third, before);
                let lost = M::$float(n, -third, before - r);
                (rounded.to_bits(), r, M::$float(n, -last, lost))
            }

            /// The sine of r + rest + n π/2.
            #[inline(always)]
            fn sine_of<M: MulAdd>(n: $bits, r: $float, rest: $float) -> $float {
                let square = r * r;
                let s = polynomial!($float, $sin, square);
                let c = polynomial!($float, $cos, square);
                let sine = r + M::$float(r * square, s, rest);
                let cosine = M::$float(square * square, c, M::$float(square, -0.5, 1.0));
                let y = if n & 1 == 0 { sine } else { cosine };
                $float::from_bits(y.to_bits() ^ ((n << ($bits::BITS - 2)) & SIGN))
            }

            /// sin x, where x [is near](is_near).
            #[inline(always)]
            pub fn sin_near<M: MulAdd>(x: $float) -> $float {
                // Of |x|, which keeps the sign of -0.
                let (n, r, rest) = reduce::<M>(x.abs());
                let y = sine_of::<M>(n, r, rest);
                $float::from_bits(y.to_bits() ^ (x.to_bits() & SIGN))
            }

            /// cos x, where x [is near](is_near).
            #[inline(always)]
            pub fn cos_near<M: MulAdd>(x: $float) -> $float {
                let (n, r, rest) = reduce::<M>(x);
                sine_of::<M>(n.wrapping_add(1), r, rest)
            }

            /// sin x.
            #[inline(always)]
            pub fn sin<M: MulAdd>(x: $float) -> $float {
                if is_near(x) { sin_near::<M>(x) } else { sin_far(x) }
            }

            /// cos x.
            #[inline(always)]
            pub fn cos<M: MulAdd>(x: $float) -> $float {
                if is_near(x) { cos_near::<M>(x) } else { cos_far(x) }
            }

            #[cold]
            #[inline(never)]
            fn sin_far(x: $float) -> $float {
                $far_sin(x)
            }

            #[cold]
            #[inline(never)]
            fn cos_far(x: $float) -> $float {
                $far_cos(x)
            }
        }
    };
}

sines!(single, f32, u32, {
    near: 6_400.0,
    half_pi: [1.570_312_5, 4.837_513e-4, 7.549_533_6e-8, 2.563_344e-12],
    sin: [-1.951_840_5e-4, 8.332_19e-3, -1.666_665_5e-1], libm::sinf,
    cos: [2.446_317_6e-5, -1.388_761_8e-3, 4.166_665_3e-2], libm::cosf,
});

sines!(double, f64, u64, {
    near: 1_600_000.0,
    half_pi: [
        1.570_796_326_734_125_6,
        6.077_100_506_303_966e-11,
        2.022_266_248_711_166_5e-21,
        8.478_427_660_368_9e-32,
    ],
    sin: [
        1.589_668_182_402_346e-10,
        -2.505_075_671_406_058e-8,
        2.755_731_368_757_219_5e-6,
        -1.984_126_982_981_341_6e-4,
        8.333_333_333_322_455e-3,
        -1.666_666_666_666_663_2e-1,
    ], libm::sin,
    cos: [
        -1.134_575_050_421_576_9e-11,
        2.087_547_870_391_901_8e-9,
        -2.755_731_279_755_823e-7,
        2.480_158_728_530_108e-5,
        -1.388_888_888_887_024e-3,
        4.166_666_666_666_66e-2,
    ], libm::cos,
});

#[cfg(test)]
mod tests {
    use super::super::sets::AsBuilt;
    use super::super::testing::assert_within;
    use super::{double, single};

    #[test]
    fn within_their_bounds() {
        // Over every seventh `f32` that is near, measured: 1.654 and 1.628, fused or not.
        assert_within!(sin: f32 2.0, f64 2.0, 2; f64::sin, SIN);
        assert_within!(cos: f32 2.0, f64 2.0, 2; f64::cos, COS);
    }

    macro_rules! specials {
        ($test:ident, $functions:ident, $float:ident, $near:expr) => {
            #[test]
            fn $test() {
                let [sin, cos] = [$functions::sin::<AsBuilt> as fn($float) -> $float, $functions::cos::<AsBuilt>];
                let near = [$functions::sin_near::<AsBuilt> as fn($float) -> $float, $functions::cos_near::<AsBuilt>];
                for x in [$float::NAN, -$float::NAN, $float::INFINITY, -$float::INFINITY] {
                    assert!(sin(x).is_nan() && cos(x).is_nan());
                    assert!(near.map(|f| f(x)).iter().all(|y| y.is_nan()));
                }
                for x in [0.0, $float::from_bits(1), $float::MIN_POSITIVE, $float::MIN_POSITIVE * 1.75] {
                    assert_eq!([sin(x).to_bits(), sin(-x).to_bits()], [x.to_bits(), (-x).to_bits()]);
                    assert_eq!(cos(x), 1.0);
                }
                let near = |x: $float| $functions::is_near(x);
                assert!(near($near) && near(-$near) && near($float::NAN));
                assert!(!near($float::next_up($near)) && !near($float::MIN) && !near($float::INFINITY));
                // On both sides of the border, and as far as numbers go.
                for x in [$near, $float::next_up($near), -1e7, 1e22, $float::MAX] {
                    assert!((sin(x) - x.sin()).abs() <= $float::EPSILON, "{x}");
                    assert!((cos(x) - x.cos()).abs() <= $float::EPSILON, "{x}");
                }
            }
        };
    }
    specials!(single_specials, single, f32, 6_400.0);
    specials!(double_specials, double, f64, 1_600_000.0);
}
