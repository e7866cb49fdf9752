//! Gains: what a nonlinearity takes from the standard deviation, to be given back by the weight before it. The values of
//! [`torch.nn.init.calculate_gain`](https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.calculate_gain).
//!
//! ```
//! use adamant::init::gain;
//! assert_eq!(gain::leaky_relu(0.0), gain::relu());
//! ```

use crate::simd::Float;

/// No nonlinearity: 1. Also of a convolution.
pub const fn linear() -> f64 {
    1.0
}

/// The logistic function: 1.
pub const fn sigmoid() -> f64 {
    1.0
}

/// tanh: 5/3.
pub const fn tanh() -> f64 {
    5.0 / 3.0
}

/// max(0, x): √2, since half of the inputs are cut to zero.
pub const fn relu() -> f64 {
    core::f64::consts::SQRT_2
}

/// max(0, x) + `slope` · min(0, x): √(2 / (1 + slope²)).
pub fn leaky_relu(slope: f64) -> f64 {
    Float::sqrt(2.0 / (1.0 + slope * slope))
}

/// SELU: 3/4, as PyTorch has it. The paper on
/// [self-normalising networks](https://arxiv.org/abs/1706.02515) has [`linear`]'s.
pub const fn selu() -> f64 {
    0.75
}
