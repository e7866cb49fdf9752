//! How far a function of a number is from what it should be.

use super::sets::MulAdd;

/// A fused multiply-add, whatever the target.
#[derive(Clone, Copy)]
pub struct Fused;

impl MulAdd for Fused {
    fn f32(a: f32, b: f32, c: f32) -> f32 {
        a.mul_add(b, c)
    }

    fn f64(a: f64, b: f64, c: f64) -> f64 {
        a.mul_add(b, c)
    }
}

/// Distance from `exact`, in units of the last place of the `f32` that it rounds to; halves of the spacing near 0 count
/// as those of denormals.
fn ulps_f32(got: f32, exact: f64) -> f64 {
    let nearest = exact as f32;
    if got == nearest || (got.is_nan() && exact.is_nan()) {
        return 0.0;
    }
    if nearest.is_infinite() {
        return f64::INFINITY;
    }
    let magnitude = nearest.abs();
    let ulp = f64::from(magnitude.next_up()) - f64::from(magnitude);
    let error = (f64::from(got) - exact).abs() / ulp;
    if error.is_nan() { f64::INFINITY } else { error }
}

/// Whole floats between two of a sign.
fn steps_f64(got: f64, std: f64) -> u64 {
    if got == std || (got.is_nan() && std.is_nan()) { 0 } else { got.to_bits().abs_diff(std.to_bits()) }
}

/// Every `stride`-th `f32` from 0 to infinity, and its negative.
fn floats(stride: usize) -> impl Iterator<Item = f32> {
    (0..=f32::INFINITY.to_bits()).step_by(stride).map(f32::from_bits).flat_map(|x| [x, -x])
}

/// The same for `f64`, and a dense walk through where the functions bend.
fn doubles() -> impl Iterator<Item = f64> {
    let all = (0..=f64::INFINITY.to_bits()).step_by(0x003f_ffff_ffff_fff1).map(f64::from_bits);
    let step = if cfg!(debug_assertions) { 1e-2 } else { 5e-4 };
    let count = (750.0 / step) as u32;
    let wide = (0..count).map(move |i| f64::from(i) * step);
    let near = (0..count).map(move |i| f64::from(i) * step * 0.04);
    all.chain(wide).chain(near).flat_map(|x| [x, -x])
}

/// The largest error and where it is, against a function of `f64` that is right.
pub fn worst_f32(f: fn(f32) -> f32, exact: fn(f64) -> f64) -> (f64, f32) {
    floats(if cfg!(debug_assertions) { 16411 } else { 1009 })
        .map(|x| (ulps_f32(f(x), exact(f64::from(x))), x))
        .fold((0.0, 0.0), |a, b| if b.0 > a.0 { b } else { a })
}

/// The most steps and where they are, from a function that may itself be one from the truth.
pub fn worst_f64(f: fn(f64) -> f64, std: fn(f64) -> f64) -> (u64, f64) {
    doubles().map(|x| (steps_f64(f(x), std(x)), x)).fold((0, 0.0), |a, b| if b.0 > a.0 { b } else { a })
}

/// The largest error in ulps and where it is, against [`references`](super::references).
pub fn worst_of(f: fn(f64) -> f64, references: &[[u64; 3]]) -> (f64, f64) {
    let errors = references.iter().map(|row| {
        let [x, y, rest] = row.map(f64::from_bits);
        let error = ((f(x) - y) - rest).abs() / (y.abs().next_up() - y.abs());
        (if error.is_nan() { f64::INFINITY } else { error }, x)
    });
    errors.fold((0.0, 0.0), |a, b| if b.0 > a.0 { b } else { a })
}

/// Holds a function of both types, fused and not, to bounds in ulps: of `f32` against `f64`'s, of `f64` against references and, by
/// whole steps, against one that may be off by one itself.
macro_rules! assert_within {
    ($function:ident $(. $part:tt)?: f32 $single:expr, f64 $double:expr, $steps:expr; $exact:expr, $references:ident) => {
        assert_within!(@set $function $(. $part)?, super::super::sets::AsBuilt, $single, $double, $steps, $exact, $references);
        assert_within!(@set $function $(. $part)?, super::super::testing::Fused, $single, $double, $steps, $exact, $references);
    };
    (@set $function:ident $(. $part:tt)?, $set:ty, $single:expr, $double:expr, $steps:expr, $exact:expr, $references:ident) => {
        let name = concat!(stringify!($function $(.$part)?), " on ", stringify!($set));
        let (worst, at) = super::super::testing::worst_f32(|x| super::single::$function::<$set>(x)$(.$part)?, $exact);
        println!("f32 {name}: {worst:.3} ulp at {at:e}");
        assert!(worst <= $single, "{name}: {worst} ulp at {at:e}");
        let double = |x| super::double::$function::<$set>(x)$(.$part)?;
        let (worst, at) = super::super::testing::worst_of(double, super::super::references::$references);
        println!("f64 {name}: {worst:.3} ulp at {at:e}");
        assert!(worst <= $double, "{name}: {worst} ulp at {at:e}");
        let (worst, at) = super::super::testing::worst_f64(double, $exact);
        println!("f64 {name}: {worst} steps at {at:e}");
        assert!(worst <= $steps, "{name}: {worst} steps at {at:e}");
    };
}

pub(super) use assert_within;
