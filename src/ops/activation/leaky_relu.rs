//! [`LeakyRelu`].

use crate::ops::Elementwise;
use crate::simd::Float;

/// x above 0, `negative_slope` · x below; the slope is 0.01 by default. The derivative at 0 is `negative_slope`.
///
/// A. Maas et al., *Rectifier nonlinearities improve neural network acoustic models*, 2013.
///
/// After [`torch.nn.LeakyReLU`](https://docs.pytorch.org/docs/stable/generated/torch.nn.LeakyReLU.html).
///
/// ```
/// use adamant::prelude::*;
/// assert_eq!(LeakyRelu::new(0.25).forward(&Tensor([-4.0f32, 2.0])), Tensor([-1.0, 2.0]));
/// assert_eq!(LeakyRelu::default().to_string(), "LeakyReLU(negative_slope=0.01)");
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct LeakyRelu {
    /// The slope below 0.
    pub negative_slope: f64,
}

impl LeakyRelu {
    /// The function with this `negative_slope`.
    pub const fn new(negative_slope: f64) -> Self {
        Self { negative_slope }
    }
}

impl Elementwise for LeakyRelu {
    #[inline(always)]
    fn apply<T: Float>(&self, x: T) -> T {
        if x > T::ZERO { x } else { x * T::from_f64(self.negative_slope) }
    }

    #[inline(always)]
    fn derivative<T: Float>(&self, x: T) -> T {
        if x > T::ZERO { T::ONE } else { T::from_f64(self.negative_slope) }
    }
}
