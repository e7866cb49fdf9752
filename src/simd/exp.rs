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

/// The four functions for one float type, in a module of its own. The coefficients are those of P, the highest power's first.
macro_rules! exponentials {
    ($module:ident, $float:ident, $bits:ident, {
        ln_2_head: $ln_2_head:expr,
        ln_2_tail: $ln_2_tail:expr,
        exp: $exp_low:expr, $exp_high:expr,
        exp_m1: $exp_m1_low:expr, $exp_m1_tiny:expr,
        tanh: $tanh_high:expr,
        coefficients: $coefficients:tt,
    }) => {
        pub mod $module {
            use super::super::polynomial::polynomial;
            use super::super::sets::MulAdd;
            use core::$float::consts::LOG2_E;

            const MANTISSA: u32 = $float::MANTISSA_DIGITS - 1;
            const BIAS: $bits = $float::MAX_EXP as $bits - 1;
            /// Half the exponents of the numbers above 1.
            const HALF: $bits = BIAS / 2;
            /// 2^-HALF.
            const HALF_DOWN: $float = $float::from_bits((BIAS - HALF) << MANTISSA);
            const MAGIC: $float = 1.5 * ((1 as $bits) << MANTISSA) as $float;
            /// ln 2 in two parts.
            pub const LN_2_HEAD: $float = $ln_2_head;
            pub const LN_2_TAIL: $float = $ln_2_tail;

            /// `(n, q)` with e^(x - less) = 2ⁿ (1 + q); n in the low bits of the first, above which are bits to shift out.
            #[inline(always)]
            pub fn reduce<M: MulAdd>(x: $float, less: $float) -> ($bits, $float) {
                let rounded = M::$float(x - less, LOG2_E, MAGIC);
                let n = rounded - MAGIC;
                let r = M::$float(n, -LN_2_TAIL, M::$float(n, -LN_2_HEAD, x) - less);
                let p = polynomial!($float, $coefficients, r);
                (rounded.to_bits(), M::$float(r * r, p, r))
            }

            /// 2ⁿ for an n within the exponents of normal numbers.
            #[inline(always)]
            pub fn power_of_two(n: $bits) -> $float {
                $float::from_bits(n.wrapping_add(BIAS) << MANTISSA)
            }

            /// 2ⁿ (1 + q): 2ⁿ itself may overflow where that does not, and a denormal must be rounded only once, so by two halves. The
            /// first one is multiplied and added at once, which rounds as 1 + q does.
            #[inline(always)]
            pub fn scale<M: MulAdd>(q: $float, n: $bits) -> $float {
                // A logical shift does for a negative n: MAGIC's own bits above it keep the whole positive.
                let half = n >> 1;
                let scale = power_of_two(half);
                M::$float(q, scale, scale) * power_of_two(n.wrapping_sub(half))
            }

            /// y · 2ⁿ for an n not above 0, in one step and one that is the same for all.
            #[inline(always)]
            pub fn scale_down(y: $float, n: $bits) -> $float {
                y * power_of_two(n.wrapping_add(HALF)) * HALF_DOWN
            }

            /// 2ⁿ (1 + q) for an n not above 0.
            #[inline(always)]
            pub fn exp_down<M: MulAdd>(q: $float, n: $bits) -> $float {
                let scale = power_of_two(n.wrapping_add(HALF));
                M::$float(q, scale, scale) * HALF_DOWN
            }

            /// eˣ.
            #[inline(always)]
            pub fn exp<M: MulAdd>(x: $float) -> $float {
                let x = if x > $exp_high { $exp_high } else { x };
                let x = if x < $exp_low { $exp_low } else { x };
                let (n, q) = reduce::<M>(x, 0.0);
                scale::<M>(q, n)
            }

            /// 2^HALF · eˣ for an x not above 0: as much larger as it takes for the smallest result to be a normal number.
            #[inline(always)]
            pub fn exp_enlarged<M: MulAdd>(x: $float) -> $float {
                let x = if x < $exp_low { $exp_low } else { x };
                let (n, q) = reduce::<M>(x, 0.0);
                let scale = power_of_two(n.wrapping_add(HALF));
                M::$float(q, scale, scale)
            }

            /// eˣ - 1, as accurate near 0 as elsewhere.
            #[inline(always)]
            pub fn exp_m1<M: MulAdd>(x: $float) -> $float {
                let bound = if x > $exp_high { $exp_high } else { x };
                let bound = if bound < $exp_m1_low { $exp_m1_low } else { bound };
                let (n, q) = reduce::<M>(bound, 0.0);
                // Half the result, since the largest n overflows 2ⁿ.
                let scale = power_of_two(n.wrapping_sub(1));
                let y = 2.0 * M::$float(q, scale, scale - 0.5);
                // Halving loses a denormal's last bit, and the sum -0's sign.
                if x.abs() < $exp_m1_tiny { x } else { y }
            }

            /// tanh x = e / (e + 2) with e = e²ˣ - 1, for |x|: one formula that neither cancels near 0 nor overflows.
            #[inline(always)]
            pub fn tanh<M: MulAdd>(x: $float) -> $float {
                let t = x.abs();
                // Beyond, the answer rounds to 1.
                let t = if t > $tanh_high { $tanh_high } else { t };
                let (n, q) = reduce::<M>(t + t, 0.0);
                let scale = power_of_two(n);
                let e = M::$float(q, scale, scale - 1.0);
                (e / (e + 2.0)).copysign(x)
            }

            /// 1 / (1 + e⁻ˣ), from e^-|x|: the exponential never overflows and the small tail keeps its digits.
            #[inline(always)]
            pub fn sigmoid<M: MulAdd>(x: $float) -> $float {
                let t = -x.abs();
                let t = if t < $exp_low { $exp_low } else { t };
                let (n, q) = reduce::<M>(t, 0.0);
                let z = exp_down::<M>(q, n);
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

#[cfg(test)]
mod tests {
    use super::super::sets::AsBuilt;
    use super::super::testing::{worst_f32, worst_f64};
    use super::{double, single};

    /// In `f64`, as the reference for `f32` and for `f64` itself.
    fn sigmoid(x: f64) -> f64 {
        if x < 0.0 { x.exp() / (1.0 + x.exp()) } else { 1.0 / (1.0 + (-x).exp()) }
    }

    #[test]
    fn single_precision_is_within_its_bounds() {
        // Over every 67th `f32`, without fused multiply-add, measured: exp 0.957, exp_m1 1.502, tanh 2.571, sigmoid 2.333.
        // With it, exp 1.002.
        for (name, f, exact, bound) in [
            ("exp", single::exp::<AsBuilt> as fn(f32) -> f32, f64::exp as fn(f64) -> f64, 1.1),
            ("exp_m1", single::exp_m1::<AsBuilt>, f64::exp_m1, 2.0),
            ("tanh", single::tanh::<AsBuilt>, f64::tanh, 3.0),
            ("sigmoid", single::sigmoid::<AsBuilt>, sigmoid, 3.0),
            (
                "exp_enlarged",
                |x| single::exp_enlarged::<AsBuilt>(-x.abs().min(104.0)),
                |x| f64::powi(2.0, 63) * (-x.abs().min(104.0)).exp(),
                1.1,
            ),
        ] {
            let (worst, at) = worst_f32(f, exact);
            println!("f32 {name}: {worst:.3} ulp at {at:e}");
            assert!(worst <= bound, "{name}: {worst} ulp at {at:e}");
        }
    }

    #[test]
    fn double_precision_is_within_its_bounds_of_std() {
        // Measured: exp 1, exp_m1 2, tanh 4, sigmoid 2, of which `std` itself may account for one.
        for (name, f, std, bound) in [
            ("exp", double::exp::<AsBuilt> as fn(f64) -> f64, f64::exp as fn(f64) -> f64, 1),
            ("exp_m1", double::exp_m1::<AsBuilt>, f64::exp_m1, 2),
            ("tanh", double::tanh::<AsBuilt>, f64::tanh, 4),
            ("sigmoid", double::sigmoid::<AsBuilt>, sigmoid, 3),
            (
                "exp_enlarged",
                |x| double::exp_enlarged::<AsBuilt>(-x.abs().min(700.0)),
                |x| f64::powi(2.0, 511) * (-x.abs().min(700.0)).exp(),
                1,
            ),
        ] {
            let (worst, at) = worst_f64(f, std);
            println!("f64 {name}: {worst} ulp at {at:e}");
            assert!(worst <= bound, "{name}: {worst} ulp at {at:e}");
        }
    }

    macro_rules! specials {
        ($test:ident, $functions:ident, $float:ident) => {
            #[test]
            fn $test() {
                let [exp, exp_m1, tanh, sigmoid] = [
                    $functions::exp::<AsBuilt> as fn($float) -> $float,
                    $functions::exp_m1::<AsBuilt>,
                    $functions::tanh::<AsBuilt>,
                    $functions::sigmoid::<AsBuilt>,
                ];
                const INF: $float = $float::INFINITY;
                for f in [exp, exp_m1, tanh, sigmoid] {
                    assert!(f($float::NAN).is_nan() && f(-$float::NAN).is_nan());
                }
                let ends = |f: fn($float) -> $float| [f(-INF), f($float::MIN), f($float::MAX), f(INF)];
                assert_eq!(ends(exp), [0.0, 0.0, INF, INF]);
                assert_eq!(ends(exp_m1), [-1.0, -1.0, INF, INF]);
                assert_eq!(ends(tanh), [-1.0, -1.0, 1.0, 1.0]);
                assert_eq!(ends(sigmoid), [0.0, 0.0, 1.0, 1.0]);
                let smallest = $float::from_bits(1);
                for x in [0.0, smallest, $float::MIN_POSITIVE, $float::MIN_POSITIVE * 1.75] {
                    for x in [x, -x] {
                        assert_eq!(exp(x), 1.0);
                        assert_eq!(sigmoid(x), 0.5);
                        assert_eq!(exp_m1(x).to_bits(), x.to_bits());
                        assert_eq!(tanh(x).to_bits(), x.to_bits());
                    }
                }
                // The last finite and nonzero values, and what lies beyond them.
                let last = $float::MAX.ln().next_down();
                assert!(exp(last).is_finite() && exp_m1(last).is_finite());
                assert!(exp(last * 1.001) == INF && exp_m1(last * 1.001) == INF);
                let denormal = exp($float::MIN_POSITIVE.ln() - 2.0);
                assert!(denormal > 0.0 && denormal < $float::MIN_POSITIVE);
            }
        };
    }
    specials!(single_specials, single, f32);
    specials!(double_specials, double, f64);
}
