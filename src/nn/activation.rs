//! Activations as layers. Formulas and derivatives stand in [`ops::activation`](crate::ops::activation), one file each.

pub use crate::ops::activation::*;

use super::Layer;
use super::stateless::stateless;
use crate::init::Init;
use crate::ops::{elementwise, elementwise_in_place, elementwise_with_derivative};
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::Tensor;

/// Makes a layer of each element-wise operation: its default settings, and what it prints.
///
/// One impl for every `Elementwise` type would be shorter, but then a layer that does not fit its input would be told that it
/// is not element-wise.
macro_rules! layers {
    ($($name:ident = $blank:expr, |$this:ident| $($format:expr),+;)+) => {$(
        stateless!([] $name = $blank, |$this| $($format),+;);

        impl Default for $name {
            fn default() -> Self {
                Self::BLANK
            }
        }

        /// In training x becomes f′(x).
        #[crate::layer]
        #[diagnostic::do_not_recommend]
        impl<S: Shape<Elem: Float>> Layer<Tensor<S>> for $name {
            type Output = Tensor<S>;
            type Kept = ();
            const LEND_BYTES: usize = 0;
            const OVERWRITES: bool = true;

            #[inline]
            fn compute(&self, x: &Tensor<S>, y: &mut Tensor<S>) {
                elementwise(self, x, y);
            }

            #[inline]
            fn lend<R>(&self, x: &mut Tensor<S>, next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
                elementwise_in_place(self, x);
                next(x)
            }

            #[inline]
            fn train_over(&self, x: &mut Tensor<S>, (): &mut (), y: &mut Tensor<S>) {
                elementwise_with_derivative(self, x, y);
            }

            #[inline]
            fn backward_input(&self, x: &mut Tensor<S>, (): &(), dy: &mut Tensor<S>) {
                x.zip_in_place(dy, |derivative, dy| derivative * dy);
            }
        }
    )+};
}

layers! {
    Celu = Celu::new(1.0), |this| "CELU(alpha={:?})", this.alpha;
    Elu = Elu::new(1.0), |this| "ELU(alpha={:?})", this.alpha;
    Gelu = Gelu, |_this| "GELU(approximate='none')";
    GeluTanh = GeluTanh, |_this| "GELU(approximate='tanh')";
    Hardsigmoid = Hardsigmoid, |_this| "Hardsigmoid()";
    Hardswish = Hardswish, |_this| "Hardswish()";
    Hardtanh = Hardtanh::new(-1.0, 1.0), |this| "Hardtanh(min_val={:?}, max_val={:?})", this.min_val, this.max_val;
    LeakyRelu = LeakyRelu::new(0.01), |this| "LeakyReLU(negative_slope={:?})", this.negative_slope;
    LogSigmoid = LogSigmoid, |_this| "LogSigmoid()";
    Mish = Mish, |_this| "Mish()";
    Relu = Relu, |_this| "ReLU()";
    Relu6 = Relu6, |_this| "ReLU6()";
    Selu = Selu, |_this| "SELU()";
    Sigmoid = Sigmoid, |_this| "Sigmoid()";
    Silu = Silu, |_this| "SiLU()";
    Softplus = Softplus::new(1.0, 20.0), |this| "Softplus(beta={:?}, threshold={:?})", this.beta, this.threshold;
    Softsign = Softsign, |_this| "Softsign()";
    Tanh = Tanh, |_this| "Tanh()";
    Tanhshrink = Tanhshrink, |_this| "Tanhshrink()";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradcheck::gradcheck;
    use crate::nn::Backprop;
    use crate::ops::Elementwise;

    /// Calls `$check` with each layer, also with settings that are not the defaults.
    macro_rules! each {
        ($check:ident) => {
            $check(Celu::default());
            $check(Celu::new(0.5));
            $check(Elu::default());
            $check(Elu::new(0.7));
            $check(Gelu);
            $check(GeluTanh);
            $check(Hardsigmoid);
            $check(Hardswish);
            $check(Hardtanh::default());
            $check(Hardtanh::new(-2.0, 0.25));
            $check(LeakyRelu::default());
            $check(LeakyRelu::new(0.3));
            $check(LogSigmoid);
            $check(Mish);
            $check(Relu);
            $check(Relu6);
            $check(Selu);
            $check(Sigmoid);
            $check(Silu);
            $check(Softplus::default());
            $check(Softplus::new(2.5, 4.0));
            $check(Softsign);
            $check(Tanh);
            $check(Tanhshrink);
        };
    }

    /// Between −8 and 8, away from every kink.
    const INPUTS: [f64; 16] = [-7.9, -6.2, -3.3, -2.7, -1.4, -0.9, -0.31, -0.02, 0.04, 0.2, 0.55, 1.3, 2.2, 2.9, 4.4, 7.7];

    #[test]
    fn derivatives() {
        fn check(mut layer: impl Backprop<Tensor<[f64; 16]>, Output = Tensor<[f64; 16]>>) {
            if let Err(wrong) = gradcheck(&mut layer, &Tensor(INPUTS), 1e-6) {
                panic!("{}: {wrong}", crate::nn::Printed(&layer));
            }
        }
        each!(check);
    }

    #[test]
    fn single_precision_agrees_with_double() {
        fn check(f: impl Elementwise) {
            for x in INPUTS {
                let (y, dy) = f.apply_with_derivative(x as f32);
                assert!((f64::from(y) - f.apply(x)).abs() < 1e-6 * x.abs().max(1.0), "f({x}) = {y}");
                assert!((f64::from(dy) - f.derivative(x)).abs() < 2e-6, "f'({x}) = {dy}");
            }
        }
        each!(check);
    }

    /// Far from 0 each function is a constant or close to a line: nothing overflows on the way there.
    #[test]
    fn far_from_zero_everything_is_finite() {
        fn check<T: Float>(f: &impl Elementwise) {
            for x in [100.0, 1e4, 1e30].map(T::from_f64) {
                for x in [x, -x] {
                    let (y, dy) = f.apply_with_derivative(x);
                    assert!(y.is_finite() && dy.is_finite(), "at {x}: {y}, {dy}");
                    assert!(dy.abs() <= T::from_f64(1.8), "the slope at {x} is {dy}");
                    assert!(y.abs() <= x.abs() * T::from_f64(1.1), "at {x}: {y}");
                }
            }
        }
        fn both(f: impl Elementwise) {
            check::<f32>(&f);
            check::<f64>(&f);
        }
        each!(both);
    }

    #[test]
    fn not_a_number_stays() {
        fn check(f: impl Elementwise) {
            assert!(f.apply(f32::NAN).is_nan());
            assert!(f.apply(f64::NAN).is_nan());
        }
        each!(check);
    }

    /// What PyTorch gives at ±∞: NaN where the formula says 0 · ∞ or ∞ / ∞.
    #[test]
    fn infinities_go_where_ieee_sends_them() {
        let (inf, nan) = (f64::INFINITY, f64::NAN);
        fn check(f: impl Elementwise, expected: [f64; 2]) {
            let actual = [f64::NEG_INFINITY, f64::INFINITY].map(|x| f.apply(x));
            let same = |(a, e): (&f64, &f64)| a == e || a.is_nan() && e.is_nan();
            assert!(actual.iter().zip(&expected).all(same), "{actual:?} is not {expected:?}");
            let single = [f32::NEG_INFINITY, f32::INFINITY].map(|x| f64::from(f.apply(x)));
            let expected = expected.map(|e| f64::from(e as f32));
            assert!(single.iter().zip(&expected).all(same), "{single:?} is not {expected:?}");
        }
        check(Celu::new(0.5), [-0.5, inf]);
        check(Elu::new(0.7), [-0.7, inf]);
        check(Gelu, [nan, inf]);
        check(GeluTanh, [nan, inf]);
        check(Hardsigmoid, [0.0, 1.0]);
        check(Hardswish, [nan, inf]);
        check(Hardtanh::default(), [-1.0, 1.0]);
        check(LeakyRelu::default(), [-inf, inf]);
        check(LogSigmoid, [-inf, 0.0]);
        check(Mish, [nan, inf]);
        check(Relu, [0.0, inf]);
        check(Relu6, [0.0, 6.0]);
        check(Sigmoid, [0.0, 1.0]);
        check(Silu, [nan, inf]);
        check(Softplus::default(), [0.0, inf]);
        check(Softsign, [nan, nan]);
        check(Tanh, [-1.0, 1.0]);
        check(Tanhshrink, [-inf, inf]);
    }

    #[test]
    fn the_logarithm_is_exact_to_the_last_digits() {
        for i in -400..400 {
            let x = f64::from(i) * 0.1;
            let exact = x.max(0.0) + (-x.abs()).exp().ln_1p();
            let y = Softplus::new(1.0, 50.0).apply(x);
            assert!((y - exact).abs() <= 4.0 * f64::EPSILON * exact, "{x}: {y}, not {exact}");
            let single = Softplus::new(1.0, 50.0).apply(x as f32);
            let exact = f64::from((x as f32).max(0.0)) + (-f64::from(x as f32).abs()).exp().ln_1p();
            assert!((f64::from(single) - exact).abs() <= 4.0 * f64::from(f32::EPSILON) * exact, "{x}: {single}, not {exact}");
        }
    }

    #[test]
    fn empty_tensors_are_ordinary() {
        fn check(layer: impl Backprop<Tensor<[[f32; 0]; 3]>, Output = Tensor<[[f32; 0]; 3]>, Grads = ()>) {
            let mut x = Tensor::zeros();
            assert_eq!(layer.backprop(&mut x, &mut (), |y| *y), layer.forward(&x));
        }
        each!(check);
    }

    #[cfg(feature = "alloc")]
    #[test]
    fn they_are_printed_as_pytorch_prints_them() {
        use alloc::string::ToString;
        let printed = [
            Celu::default().to_string(),
            Elu::default().to_string(),
            Gelu.to_string(),
            GeluTanh.to_string(),
            Hardtanh::default().to_string(),
            LeakyRelu::default().to_string(),
            Relu6.to_string(),
            Silu.to_string(),
            Softplus::default().to_string(),
        ];
        let pytorch = [
            "CELU(alpha=1.0)",
            "ELU(alpha=1.0)",
            "GELU(approximate='none')",
            "GELU(approximate='tanh')",
            "Hardtanh(min_val=-1.0, max_val=1.0)",
            "LeakyReLU(negative_slope=0.01)",
            "ReLU6()",
            "SiLU()",
            "Softplus(beta=1.0, threshold=20.0)",
        ];
        assert_eq!(printed, pytorch);
    }
}
