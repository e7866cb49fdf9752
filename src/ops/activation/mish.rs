//! [`Mish`].

use crate::ops::Elementwise;
use crate::simd::Float;

/// x · tanh(ln(1 + eˣ)), in [−0.3088, ∞). With t = tanh(ln(1 + eˣ)) the derivative is t + x · σ(x) · (1 − t²). −∞ gives NaN, as
/// in PyTorch.
///
/// D. Misra, *Mish: a self regularized non-monotonic activation function*, 2019.
///
/// After [`torch.nn.Mish`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Mish.html).
///
/// ```
/// use adamant::prelude::*;
/// let y = Mish.forward(&Tensor([-1.0f32, 0.0, 1.0]));
/// assert!(y.all_close(&Tensor([-0.303401, 0.0, 0.865098]), 1e-5, 0.0));
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Mish;

impl Mish {
    /// The function; it has no settings.
    pub const fn new() -> Self {
        Self
    }
}

impl Elementwise for Mish {
    #[inline(always)]
    fn apply<T: Float>(&self, x: T) -> T {
        let Gate { numerator, rest, .. } = gate(x);
        x * numerator / (numerator + rest)
    }

    #[inline(always)]
    fn derivative<T: Float>(&self, x: T) -> T {
        let Gate { numerator, rest, sigmoid } = gate(x);
        let inverse = (numerator + rest).recip();
        let t = numerator * inverse;
        // 1 − t² = (1 − t)(1 + t), where 1 − t = rest / (numerator + rest) does not cancel.
        t + x * sigmoid * (rest * inverse * (T::ONE + t))
    }
}

/// t = tanh(ln(1 + eˣ)) as `numerator` / (`numerator` + `rest`), and σ(x).
struct Gate<T> {
    numerator: T,
    rest: T,
    sigmoid: T,
}

/// With e = eˣ, t = (e² + 2e) / (e² + 2e + 2): no logarithm. Divided by e² above 0, it takes z = e^−|x| alone, which cannot
/// overflow.
#[inline(always)]
fn gate<T: Float>(x: T) -> Gate<T> {
    let z = (-x.abs()).exp();
    let two = T::ONE + T::ONE;
    let below = x < T::ZERO;
    Gate {
        numerator: if below { z * (z + two) } else { two.mul_add(z, T::ONE) },
        rest: if below { two } else { two * z * z },
        sigmoid: (if below { z } else { T::ONE }) / (T::ONE + z),
    }
}
