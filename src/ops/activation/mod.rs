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
/// With z = e^−|x| in [0, 1], ln(1 + z) = 2 artanh s for s = z / (2 + z), at most 1/3: its series in s² loses a digit a term,
/// relative to the result even where z is tiny, and has no branch, which `ln_1p` of the C library has.
#[inline(always)]
pub(crate) fn ln_1p_exp_tail<T: Float>(x: T) -> T {
    /// Of s²ᵏ, 1 / (2k + 1), the highest first: the first left out is below 2⁻⁵⁴, and with the last 8 below 2⁻²⁸.
    const SERIES: [f64; 17] = {
        let mut series = [0.0; 17];
        let mut k = 0;
        while k < 17 {
            series[16 - k] = 1.0 / (2 * k + 1) as f64;
            k += 1;
        }
        series
    };
    let z = (-x.abs()).exp();
    let s = z / (z + T::ONE + T::ONE);
    let square = s * s;
    let terms = if size_of::<T>() == 4 { 8 } else { 17 };
    let mut sum = T::ZERO;
    for &c in SERIES.iter().skip(SERIES.len() - terms) {
        sum = sum.mul_add(square, T::from_f64(c));
    }
    (s + s) * sum
}

/// σ(x) and 1 − σ(x) = σ(−x). Neither is a difference, so neither loses digits.
#[inline(always)]
pub(crate) fn sigmoid_pair<T: Float>(x: T) -> (T, T) {
    let z = (-x.abs()).exp();
    let large = (T::ONE + z).recip();
    let small = z * large;
    if x < T::ZERO { (small, large) } else { (large, small) }
}
