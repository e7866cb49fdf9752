//! Activations: one file each, a function above its derivative.
//!
//! They run inside vectorised loops, so a case distinction is a select (`if a { b } else { c }` of values that are computed
//! anyway), written so that a NaN goes through. At a kink the derivative is PyTorch's.

mod celu;
mod elu;
mod gelu;
mod gelu_tanh;
mod hardsigmoid;
mod hardswish;
mod hardtanh;
mod leaky_relu;
mod logsigmoid;
mod method;
mod mish;
mod relu;
mod relu6;
mod selu;
mod sigmoid;
mod silu;
mod softplus;
mod softsign;
mod tanh;
mod tanhshrink;

pub use celu::Celu;
pub use elu::Elu;
pub use gelu::Gelu;
pub use gelu_tanh::GeluTanh;
pub use hardsigmoid::Hardsigmoid;
pub use hardswish::Hardswish;
pub use hardtanh::Hardtanh;
pub use leaky_relu::LeakyRelu;
pub use logsigmoid::LogSigmoid;
pub use mish::Mish;
pub use relu::Relu;
pub use relu6::Relu6;
pub use selu::Selu;
pub use sigmoid::Sigmoid;
pub use silu::Silu;
pub use softplus::Softplus;
pub use softsign::Softsign;
pub use tanh::Tanh;
pub use tanhshrink::Tanhshrink;

use crate::simd::Float;

/// x limited to [`low`, `high`]; a NaN stays.
#[inline(always)]
fn clamp<T: Float>(x: T, low: T, high: T) -> T {
    let x = if x < low { low } else { x };
    if x > high { high } else { x }
}

/// ln(1 + eˣ) = max(x, 0) + ln(1 + e^−|x|), which cannot overflow.
#[inline(always)]
pub(crate) fn ln_1p_exp<T: Float>(x: T) -> T {
    let positive = if x > T::ZERO { x } else { T::ZERO };
    ln_1p_exp_tail(x) + positive
}

/// ln(1 + e^−|x|): what [`ln_1p_exp`] has beside max(x, 0), with all its digits also where x is large.
///
/// With z = e^−|x| in [0, 1], ln(1 + z) = 2 artanh s for s = z / (2 + z), at most 1/3: with all its digits where z is tiny, and
/// shorter than a logarithm of any number. The polynomial A in artanh s ≈ s + s³ A(s²) is our own fit, as those of
/// [`Float::ln`] are, with a relative error of 2⁻²⁷ for `f32` and 2⁻⁵⁸ for `f64`.
#[inline(always)]
pub(crate) fn ln_1p_exp_tail<T: Float>(x: T) -> T {
    /// Of A, the highest power first.
    const SINGLE: &[f64] = &[1.401_471_5e-1, 1.399_910_6e-1, 2.001_087_5e-1, 3.333_320_6e-1];
    const DOUBLE: &[f64] = &[
        8.707_413_545_923_24e-2,
        4.066_492_909_917_763_4e-2,
        6.075_816_181_182_33e-2,
        6.647_752_101_687_697e-2,
        7.693_474_533_977_744e-2,
        9.090_863_650_904_323e-2,
        1.111_111_219_007_984_8e-1,
        1.428_571_427_130_460_3e-1,
        2.000_000_000_009_141e-1,
        3.333_333_333_333_315_4e-1,
    ];
    let z = (-x.abs()).exp();
    let s = z / (z + T::ONE + T::ONE);
    let square = s * s;
    let coefficients = if size_of::<T>() == 4 { SINGLE } else { DOUBLE };
    let mut a = T::ZERO;
    for &c in coefficients {
        a = a.mul_add(square, T::from_f64(c));
    }
    let twice = s + s;
    (twice * square).mul_add(a, twice)
}

/// σ(x) and 1 − σ(x) = σ(−x). Neither is a difference, so neither loses digits.
#[inline(always)]
pub(crate) fn sigmoid_pair<T: Float>(x: T) -> (T, T) {
    let z = (-x.abs()).exp();
    let large = (T::ONE + z).recip();
    let small = z * large;
    if x < T::ZERO { (small, large) } else { (large, small) }
}
