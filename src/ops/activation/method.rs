//! The activations as methods.

use super::*;
use crate::shape::Shape;
use crate::tensor::Tensor;

/// A method for each activation, with the settings of its value's `new`.
macro_rules! methods {
    ($($(#[$doc:meta])+ $method:ident($($setting:ident),*) = $name:ident, $page:literal;)+) => {
        impl<S: Shape<Elem: Float>> Tensor<S> {$(
            $(#[$doc])+
            ///
            #[doc = concat!("[`", stringify!($name), "`] has the formula. After [`torch.nn.functional.", $page, "`](")]
            #[doc = concat!("https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.", $page, ".html).")]
            #[inline]
            pub fn $method(&self $(, $setting: f64)*) -> Self {
                self.apply($name::new($($setting),*))
            }
        )+}
    };
}

methods! {
    /// The hyperbolic tangent.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([0.0f32, 100.0]).tanh(), Tensor([0.0, 1.0]));
    /// ```
    tanh() = Tanh, "tanh";
    /// The logistic function 1 / (1 + e⁻ˣ).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([0.0f32, 100.0]).sigmoid(), Tensor([0.5, 1.0]));
    /// ```
    sigmoid() = Sigmoid, "sigmoid";
    /// max(x, 0).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([-1.0f32, 2.0]).relu(), Tensor([0.0, 2.0]));
    /// ```
    relu() = Relu, "relu";
    /// x limited to \[0, 6\].
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([-1.0f32, 2.0, 7.0]).relu6(), Tensor([0.0, 2.0, 6.0]));
    /// ```
    relu6() = Relu6, "relu6";
    /// x above 0, `negative_slope` · x below.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([-4.0f32, 2.0]).leaky_relu(0.25), Tensor([-1.0, 2.0]));
    /// ```
    leaky_relu(negative_slope) = LeakyRelu, "leaky_relu";
    /// x above 0, `alpha` · (eˣ − 1) below.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([-100.0f32, 2.0]).elu(0.5), Tensor([-0.5, 2.0]));
    /// ```
    elu(alpha) = Elu, "elu";
    /// x above 0, `alpha` · (e^(x / `alpha`) − 1) below.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([-100.0f32, 2.0]).celu(0.5), Tensor([-0.5, 2.0]));
    /// ```
    celu(alpha) = Celu, "celu";
    /// The self-normalising exponential linear unit.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert!(Tensor([1.0f32]).selu().all_close(&Tensor([1.050701]), 1e-5, 0.0));
    /// ```
    selu() = Selu, "selu";
    /// x · Φ(x) with the normal distribution's Φ.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert!(Tensor([1.0f32]).gelu().all_close(&Tensor([0.841345]), 1e-5, 0.0));
    /// ```
    gelu() = Gelu, "gelu";
    /// [`gelu`](Tensor::gelu) with the approximation of Φ by tanh.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert!(Tensor([1.0f32]).gelu_tanh().all_close(&Tensor([0.841192]), 1e-5, 0.0));
    /// ```
    gelu_tanh() = GeluTanh, "gelu";
    /// x · σ(x).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert!(Tensor([1.0f32]).silu().all_close(&Tensor([0.731059]), 1e-5, 0.0));
    /// ```
    silu() = Silu, "silu";
    /// x · tanh ln(1 + eˣ).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert!(Tensor([1.0f32]).mish().all_close(&Tensor([0.865098]), 1e-5, 0.0));
    /// ```
    mish() = Mish, "mish";
    /// ln(1 + e^(`beta` · x)) / `beta`, and x where `beta` · x > `threshold`. PyTorch's defaults are 1 and 20.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert!(Tensor([0.0f32, 100.0]).softplus(1.0, 20.0).all_close(&Tensor([0.693147, 100.0]), 1e-5, 0.0));
    /// ```
    softplus(beta, threshold) = Softplus, "softplus";
    /// x / (1 + |x|).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([-1.0f32, 3.0]).softsign(), Tensor([-0.5, 0.75]));
    /// ```
    softsign() = Softsign, "softsign";
    /// x − tanh x.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([0.0f32, 100.0]).tanhshrink(), Tensor([0.0, 99.0]));
    /// ```
    tanhshrink() = Tanhshrink, "tanhshrink";
    /// x limited to \[`min_val`, `max_val`\]. The derivative at both ends is 0; that of [`clamp`](Tensor::clamp) is 1.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([-3.0f32, 0.5, 3.0]).hardtanh(-1.0, 1.0), Tensor([-1.0, 0.5, 1.0]));
    /// ```
    hardtanh(min_val, max_val) = Hardtanh, "hardtanh";
    /// x / 6 + 1/2 limited to \[0, 1\].
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([-3.0f32, 0.0, 3.0]).hardsigmoid(), Tensor([0.0, 0.5, 1.0]));
    /// ```
    hardsigmoid() = Hardsigmoid, "hardsigmoid";
    /// x · [`hardsigmoid`](Tensor::hardsigmoid)(x).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([-3.0f32, 0.0, 3.0]).hardswish(), Tensor([0.0, 0.0, 3.0]));
    /// ```
    hardswish() = Hardswish, "hardswish";
    /// ln σ(x).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert!(Tensor([0.0f32, -100.0]).logsigmoid().all_close(&Tensor([-0.693147, -100.0]), 1e-5, 0.0));
    /// ```
    logsigmoid() = LogSigmoid, "logsigmoid";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::Elementwise;
    use crate::ops::testing::{check, check_f32, wavy};

    /// `$check!($op)` for every activation but tanh.
    macro_rules! each {
        ($check:ident) => {
            $check!(Relu::new());
            $check!(Relu6::new());
            $check!(LeakyRelu::new(0.25));
            $check!(Elu::new(0.5));
            $check!(Celu::new(0.5));
            $check!(Selu::new());
            $check!(Gelu::new());
            $check!(GeluTanh::new());
            $check!(Silu::new());
            $check!(Mish::new());
            $check!(Softplus::new(1.5, 20.0));
            $check!(Softsign::new());
            $check!(Tanhshrink::new());
            $check!(Hardtanh::new(-2.0, 1.0));
            $check!(Hardsigmoid::new());
            $check!(Hardswish::new());
            $check!(LogSigmoid::new());
            $check!(Sigmoid::new());
        };
    }

    /// At numbers of both signs on both sides of every bend, and none near one.
    #[test]
    fn gradients() {
        let x = wavy::<[[f64; 7]; 3], f64>(0.0) * 5.0;
        macro_rules! check_op {
            ($op:expr) => {
                check($op, &x);
                check($op, &0.7);
                check($op, &Tensor::<[[f64; 0]; 2]>::zeros());
                check_f32($op, $op, &x, 1e-5);
            };
        }
        each!(check_op);
        check_op!(Tanh::new());
    }

    /// `f32` against `f64`, which was held against 50 digits: no size of a number costs digits, or is NaN where the other is not.
    #[track_caller]
    fn sweep(op: impl Elementwise + core::fmt::Debug, compare_slope: bool) {
        let sizes =
            [0.0, 1e-38, 1e-30, 1e-10, 1e-3, 0.1, 0.5, 0.9, 1.0, 3.0, 6.0, 9.0, 12.0, 20.0, 40.0, 80.0, 1e4, 1e20, 3e38];
        let numbers = sizes.into_iter().chain([f32::INFINITY]).flat_map(|x| [x, -x]);
        for x in numbers {
            let (single, double) = (op.apply_with_derivative(x), op.apply_with_derivative(f64::from(x)));
            let near = |single: f32, double: f64| {
                let error = f64::abs(f64::from(single) - double);
                let tolerance = 24.0 * f64::from(f32::EPSILON);
                // Denormal numbers have fewer digits.
                let close = error <= tolerance * (f64::abs(double) + f64::from(f32::MIN_POSITIVE));
                close || single == double as f32 || (single.is_nan() && double.is_nan())
            };
            assert!(near(single.0, double.0), "{op:?} of {x:e}: {:e}, not {:e}", single.0, double.0);
            assert!(!compare_slope || near(single.1, double.1), "{op:?}' of {x:e}: {:e}, not {:e}", single.1, double.1);
        }
        assert!(op.apply(f32::NAN).is_nan() && op.apply(f64::NAN).is_nan(), "{op:?} of NaN");
    }

    #[test]
    fn every_size_of_number() {
        macro_rules! sweep_op {
            ($op:expr) => {
                sweep($op, true);
            };
        }
        each!(sweep_op);
        // Its derivative 1 − y² has the digits of 1, as PyTorch's.
        sweep(Tanh::new(), false);
    }
}
