//! [`Float`]: what the crate asks of a number.

use core::fmt::{Debug, Display, LowerExp};
use core::iter::Sum;
use core::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Rem, Sub, SubAssign};

use super::functions::{double, single};
use super::gemm::Tiles;
use super::sets::{AsBuilt, Dispatch, MulAdd};
use super::square_root;
use crate::shape::Element;

/// A floating-point number: `f32` or `f64`.
///
/// Sealed, because the kernels are written for these two. Bring it into scope for generic code; on a concrete `f32` the
/// methods of `std` come first, where they exist.
pub trait Float:
    Element
    + Tiles
    + Dispatch
    + Copy
    + Default
    + PartialEq
    + PartialOrd
    + Debug
    + Display
    + LowerExp
    + Send
    + Sync
    + 'static
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Rem<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + DivAssign
    + Sum
    + for<'a> Sum<&'a Self>
{
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// 1/4.
    const QUARTER: Self;
    /// Positive infinity.
    const INFINITY: Self;
    /// Negative infinity.
    const NEG_INFINITY: Self;
    /// A quiet NaN.
    const NAN: Self;
    /// The difference between 1 and the next larger number.
    const EPSILON: Self;
    /// The largest finite number.
    const MAX: Self;
    /// The smallest positive normal number.
    const MIN_POSITIVE: Self;
    /// π.
    const PI: Self;

    /// The number nearest to `x`.
    fn from_f64(x: f64) -> Self;
    /// 1 − x, within 1 ulp also where `x` is so near to 1 that the nearest number of this type would not do.
    fn complement(x: f64) -> Self;
    /// This number, exactly.
    fn to_f64(self) -> f64;
    /// The number nearest to `n`.
    fn from_usize(n: usize) -> Self;

    /// |x|.
    fn abs(self) -> Self;
    /// -1, 0 or 1 by the sign; 0 at ±0, as `torch.sign`. NaN at NaN.
    fn signum(self) -> Self;
    /// |x| with the sign of `sign`, also of a zero or a NaN.
    fn copysign(self, sign: Self) -> Self;
    /// The larger of two; NaN if either is, as `torch.maximum`.
    fn maximum(self, other: Self) -> Self;
    /// The smaller of two; NaN if either is, as `torch.minimum`.
    fn minimum(self, other: Self) -> Self;
    /// The largest number below x, a denormal one too; x itself at −∞ and NaN.
    fn next_down(self) -> Self;
    /// The largest integer not above x.
    fn floor(self) -> Self;
    /// The nearest integer, a tie going to the even one, as `torch.round`.
    fn round(self) -> Self;
    /// √x; NaN below 0.
    fn sqrt(self) -> Self;
    /// 1 / √x.
    fn rsqrt(self) -> Self;
    /// 1 / x.
    fn recip(self) -> Self;
    /// xⁿ for an integer n.
    fn powi(self, n: i32) -> Self;
    /// xʸ.
    fn powf(self, y: Self) -> Self;
    /// eˣ, within 2 ulp.
    fn exp(self) -> Self;
    /// 2⁶³ · eˣ (`f64`: 2⁵¹¹ · eˣ) for an x not above 0, within 2 ulp, and never below e⁻¹⁰⁴ (e⁻⁷⁴⁶) of that: what is to be divided by a sum
    /// of its like, as softmax does, need not be scaled by itself.
    fn exp_enlarged(self) -> Self;
    /// eˣ - 1, within 2 ulp, also near 0.
    fn exp_m1(self) -> Self;
    /// ln x, within 1 ulp; NaN below 0.
    fn ln(self) -> Self;
    /// ln(1 + x), within 2 ulp, also near 0; NaN below -1.
    fn ln_1p(self) -> Self;
    /// The sine of x radians, within 2 ulp, also where it is small and x is not.
    fn sin(self) -> Self;
    /// The cosine of x radians, within 2 ulp, also where it is small.
    fn cos(self) -> Self;
    /// Whether |x| is at most 6,400 (`f64`: 1,600,000), or no number: whether [`sin_near`](Self::sin_near) and
    /// [`cos_near`](Self::cos_near) are right.
    fn is_near(self) -> bool;
    /// [`sin`](Self::sin) where x [is near](Self::is_near), anything elsewhere: without the branch that keeps a loop from being
    /// vectorised.
    fn sin_near(self) -> Self;
    /// [`cos`](Self::cos) where x [is near](Self::is_near), anything elsewhere.
    fn cos_near(self) -> Self;
    /// The hyperbolic tangent, within 4 ulp.
    fn tanh(self) -> Self;
    /// The logistic function 1 / (1 + e⁻ˣ), within 3 ulp, also in its small tail.
    fn sigmoid(self) -> Self;
    /// The error function 2/√π ∫₀ˣ e^(-t²) dt, within 2 ulp.
    fn erf(self) -> Self;
    /// Φ(-|x|), the normal distribution's tail, within 5 ulp however small it is, and e^(-x²/2), within 2.
    fn normal_tail(self) -> (Self, Self);
    /// `self * factor + term`, rounded once where the target has an instruction for it (and the feature `std` is on, since
    /// `core` has no name for it yet), twice elsewhere: never a call.
    fn mul_add(self, factor: Self, term: Self) -> Self;

    /// The number whose bytes these are, the least significant first; 0 where there are too few.
    fn read_le(bytes: &[u8]) -> Self;
    /// Writes the number's bytes, the least significant first, if there is room for them.
    fn write_le(self, bytes: &mut [u8]);

    /// Whether this is no number.
    fn is_nan(self) -> bool;
    /// Whether this is neither infinite nor NaN.
    fn is_finite(self) -> bool;
}

/// xⁿ in one order of multiplications.
#[inline]
fn by_squaring<T: Float>(mut x: T, n: i32) -> T {
    let (mut power, mut rest) = (T::ONE, n.unsigned_abs());
    while rest > 0 {
        if rest % 2 == 1 {
            power *= x;
        }
        x = x * x;
        rest /= 2;
    }
    if n < 0 { power.recip() } else { power }
}

/// 1 − x of a double.
mod complement {
    #[inline(always)]
    pub fn f64(x: f64) -> f64 {
        1.0 - x
    }

    /// In integers and single precision: a microcontroller has no arithmetic for doubles.
    #[inline]
    pub fn f32(x: f64) -> f32 {
        const HALF: u64 = 0.5f64.to_bits();
        const DIGITS: u64 = 1 << 52;
        let bits = x.to_bits();
        // From 1/2 up to 1, where 1 − x is small, it is a whole number of 2⁻⁵³.
        if bits >> 52 != HALF >> 52 {
            return 1.0 - x as f32;
        }
        let whole = DIGITS - bits % DIGITS;
        let (upper, lower) = ((whole >> 24) as u32, whole as u32 & 0x00FF_FFFF);
        (upper as f32 * (1u32 << 24) as f32 + lower as f32) * (0.5 / DIGITS as f32)
    }
}

macro_rules! float {
    ($float:ident, $functions:ident, $powf:path) => {
        impl Float for $float {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const QUARTER: Self = 0.25;
            const INFINITY: Self = $float::INFINITY;
            const NEG_INFINITY: Self = $float::NEG_INFINITY;
            const NAN: Self = $float::NAN;
            const EPSILON: Self = $float::EPSILON;
            const MAX: Self = $float::MAX;
            const MIN_POSITIVE: Self = $float::MIN_POSITIVE;
            const PI: Self = core::$float::consts::PI;

            #[inline(always)]
            fn from_f64(x: f64) -> Self {
                x as $float
            }
            #[inline(always)]
            fn complement(x: f64) -> Self {
                complement::$float(x)
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
            #[inline(always)]
            fn from_usize(n: usize) -> Self {
                n as $float
            }

            #[inline(always)]
            fn abs(self) -> Self {
                $float::abs(self)
            }
            #[inline(always)]
            fn signum(self) -> Self {
                let one = $float::copysign(1.0, self);
                if self == 0.0 || self.is_nan() { self } else { one }
            }
            #[inline(always)]
            fn copysign(self, sign: Self) -> Self {
                $float::copysign(self, sign)
            }
            // `|`, not `||`: both sides are cheap, and the loop around stays without a branch.
            #[inline(always)]
            fn maximum(self, other: Self) -> Self {
                if (self > other) | self.is_nan() { self } else { other }
            }
            #[inline(always)]
            fn minimum(self, other: Self) -> Self {
                if (self < other) | self.is_nan() { self } else { other }
            }
            #[inline(always)]
            fn next_down(self) -> Self {
                $float::next_down(self)
            }
            #[inline(always)]
            fn floor(self) -> Self {
                let nearest = Float::round(self);
                if nearest > self { nearest - 1.0 } else { nearest }
            }
            // Vectorises where a call to the C library, or an instruction that SSE2 lacks, would not.
            #[inline(always)]
            fn round(self) -> Self {
                // From here on every number is an integer, and the default rounding is to even.
                const INTEGERS: $float = (1u64 << ($float::MANTISSA_DIGITS - 1)) as $float;
                let shift = $float::copysign(INTEGERS, self);
                let nearest = $float::copysign((self + shift) - shift, self);
                if $float::abs(self) < INTEGERS { nearest } else { self }
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                square_root::$float(self)
            }
            #[inline(always)]
            fn rsqrt(self) -> Self {
                1.0 / square_root::$float(self)
            }
            #[inline(always)]
            fn recip(self) -> Self {
                1.0 / self
            }
            #[inline(always)]
            fn powi(self, n: i32) -> Self {
                if cfg!(feature = "exact") { by_squaring(self, n) } else { num_traits::Float::powi(self, n) }
            }
            #[inline]
            fn powf(self, y: Self) -> Self {
                if cfg!(feature = "exact") { $powf(self, y) } else { num_traits::Float::powf(self, y) }
            }
            #[inline(always)]
            fn exp(self) -> Self {
                $functions::exp::<AsBuilt>(self)
            }
            #[inline(always)]
            fn exp_enlarged(self) -> Self {
                $functions::exp_enlarged::<AsBuilt>(self)
            }
            #[inline(always)]
            fn exp_m1(self) -> Self {
                $functions::exp_m1::<AsBuilt>(self)
            }
            #[inline(always)]
            fn ln(self) -> Self {
                $functions::ln::<AsBuilt>(self)
            }
            #[inline(always)]
            fn ln_1p(self) -> Self {
                $functions::ln_1p::<AsBuilt>(self)
            }
            #[inline(always)]
            fn sin(self) -> Self {
                $functions::sin::<AsBuilt>(self)
            }
            #[inline(always)]
            fn cos(self) -> Self {
                $functions::cos::<AsBuilt>(self)
            }
            #[inline(always)]
            fn is_near(self) -> bool {
                $functions::is_near(self)
            }
            #[inline(always)]
            fn sin_near(self) -> Self {
                $functions::sin_near::<AsBuilt>(self)
            }
            #[inline(always)]
            fn cos_near(self) -> Self {
                $functions::cos_near::<AsBuilt>(self)
            }
            #[inline(always)]
            fn tanh(self) -> Self {
                $functions::tanh::<AsBuilt>(self)
            }
            #[inline(always)]
            fn sigmoid(self) -> Self {
                $functions::sigmoid::<AsBuilt>(self)
            }
            #[inline(always)]
            fn erf(self) -> Self {
                $functions::erf::<AsBuilt>(self)
            }
            #[inline(always)]
            fn normal_tail(self) -> (Self, Self) {
                $functions::normal_tail::<AsBuilt>(self)
            }
            #[inline(always)]
            fn mul_add(self, factor: Self, term: Self) -> Self {
                AsBuilt::$float(self, factor, term)
            }

            #[inline(always)]
            fn read_le(bytes: &[u8]) -> Self {
                bytes.first_chunk().map_or(0.0, |bytes| $float::from_le_bytes(*bytes))
            }
            #[inline(always)]
            fn write_le(self, bytes: &mut [u8]) {
                if let Some(bytes) = bytes.first_chunk_mut() {
                    *bytes = self.to_le_bytes();
                }
            }

            #[inline(always)]
            fn is_nan(self) -> bool {
                $float::is_nan(self)
            }
            #[inline(always)]
            fn is_finite(self) -> bool {
                $float::is_finite(self)
            }
        }
    };
}

float!(f32, single, libm::powf);
float!(f64, double, libm::pow);

#[cfg(test)]
mod tests {
    use super::Float;

    fn rounding_and_signs<T: Float>(floor: fn(T) -> T, round: fn(T) -> T) {
        let half = T::from_f64(0.5);
        let quarters = (-4000..4000).map(|i| T::from_usize(4000).mul_add(T::ZERO, T::from_f64(f64::from(i) * 0.25)));
        let large = (0..200).map(|i| T::from_f64(2.0).powi(i) + half);
        let specials = [T::INFINITY, T::MAX, T::MIN_POSITIVE, T::ZERO, T::EPSILON, half - T::EPSILON];
        for x in quarters.chain(large).chain(specials).flat_map(|x| [x, -x]) {
            assert_eq!(x.floor(), floor(x), "floor {x}");
            assert_eq!(x.round(), round(x), "round {x}");
            assert_eq!(T::ONE.copysign(x.round()), T::ONE.copysign(x), "sign {x}");
            assert_eq!(x.signum(), if x == T::ZERO { x } else { x / x.abs().minimum(T::MAX) }.maximum(-T::ONE).minimum(T::ONE));
        }
        for f in [T::floor, T::round, T::signum, T::abs, T::sqrt, T::exp, T::erf, T::ln, T::sin] {
            assert!(f(T::NAN).is_nan());
        }
    }

    #[test]
    fn rounding_and_signs_are_stds() {
        rounding_and_signs::<f32>(f32::floor, f32::round_ties_even);
        rounding_and_signs::<f64>(f64::floor, f64::round_ties_even);
    }

    #[test]
    fn nan_wins_in_maximum_and_minimum() {
        for (a, b) in [(f32::NAN, 1.0), (1.0, f32::NAN), (f32::NAN, f32::NAN)] {
            assert!(Float::maximum(a, b).is_nan() && Float::minimum(a, b).is_nan());
        }
        assert_eq!(Float::maximum(1.0, 2.0), 2.0);
        assert_eq!(Float::minimum(1.0, -f64::INFINITY), -f64::INFINITY);
    }

    #[test]
    fn complements_keep_their_digits() {
        let near_one = (1..60).map(|i| 1.0 - 0.5f64.powi(i)).chain([0.9, 0.99, 0.999, 0.9999, 0.5, 1.0 - 1e-9, 0.7]);
        for x in near_one.chain([0.0, 0.1, 0.3, 0.499_999_999, 1.0, 1.5, -0.9, 1e-300]) {
            let (found, right) = (<f32 as Float>::complement(x), 1.0 - x);
            assert!((f64::from(found) - right).abs() <= f64::from(f32::EPSILON) * right.abs(), "{x}: {found} {right}");
            assert_eq!(<f64 as Float>::complement(x), right);
        }
        assert!(<f32 as Float>::complement(f64::NAN).is_nan());
    }

    #[test]
    fn the_rest_are_the_functions_they_name() {
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
        near(Float::erf(0.5), 0.520_499_877_813_046_5);
        near(Float::rsqrt(4.0), 0.5);
        near(Float::recip(4.0), 0.25);
        near(Float::powi(1.5, -2), 1.5f64.powi(-2));
        near(Float::powf(1.5, 0.3), 1.5f64.powf(0.3));
        near(Float::ln_1p(1e-9), 1e-9f64.ln_1p());
        near(Float::cos(1.0), 1.0f64.cos());
        near(Float::mul_add(2.0, 3.0, 4.0), 10.0);
    }
}
