//! The functions of one number as operations: settings in a value, forward and backward from `unary.rs`.

use super::{Function, unary};
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::Tensor;

/// `Square::new()` is `square()` with its backward pass `square_backward`; settings are those of the method.
macro_rules! pointwise {
    ($($name:ident($($setting:ident: $type:ty),*) = $forward:ident, $backward:ident;)+) => {$(
        #[doc = concat!("[`Tensor::", stringify!($forward), "`] as an operation.")]
        #[derive(Clone, Copy, PartialEq, Debug)]
        pub struct $name {
            $($setting: $type,)*
        }

        impl $name {
            /// The operation with its settings.
            #[allow(clippy::new_without_default, reason = "one way to make an operation")]
            pub const fn new($($setting: $type),*) -> Self {
                Self { $($setting),* }
            }
        }

        impl<S: Shape<Elem: Float>> Function<Tensor<S>> for $name {
            type Output = Tensor<S>;

            #[inline]
            fn forward(&self, x: &Tensor<S>) -> Tensor<S> {
                x.$forward($(self.$setting),*)
            }

            #[inline]
            fn backward(&self, x: &Tensor<S>, _: &Tensor<S>, dy: &Tensor<S>, dx: &mut Tensor<S>) {
                unary::$backward(x, $(self.$setting,)* dy, dx);
            }
        }

        impl<T: Float> Function<T> for $name {
            type Output = T;

            #[inline]
            fn forward(&self, x: &T) -> T {
                Tensor(*x).$forward($(self.$setting),*).0
            }

            #[inline]
            fn backward(&self, x: &T, _: &T, dy: &T, dx: &mut T) {
                let mut sum = Tensor(*dx);
                unary::$backward(&Tensor(*x), $(self.$setting,)* &Tensor(*dy), &mut sum);
                *dx = sum.0;
            }
        }
    )+};
}

pointwise! {
    Neg() = neg, neg_backward;
    Abs() = abs, abs_backward;
    Square() = square, square_backward;
    Sqrt() = sqrt, sqrt_backward;
    Rsqrt() = rsqrt, rsqrt_backward;
    Recip() = recip, recip_backward;
    Exp() = exp, exp_backward;
    Ln() = ln, ln_backward;
    Ln1p() = ln_1p, ln_1p_backward;
    Sin() = sin, sin_backward;
    Cos() = cos, cos_backward;
    Powi(n: i32) = powi, powi_backward;
}

/// As `pointwise!`, where the settings are numbers of the tensor's own type.
macro_rules! pointwise_of {
    ($($name:ident($($setting:ident),+) = $forward:ident, $backward:ident;)+) => {$(
        #[doc = concat!("[`Tensor::", stringify!($forward), "`] as an operation.")]
        #[derive(Clone, Copy, PartialEq, Debug)]
        pub struct $name<T> {
            $($setting: T,)+
        }

        impl<T> $name<T> {
            /// The operation with its settings.
            pub const fn new($($setting: T),+) -> Self {
                Self { $($setting),+ }
            }
        }

        impl<S: Shape<Elem = T>, T: Float> Function<Tensor<S>> for $name<T> {
            type Output = Tensor<S>;

            #[inline]
            fn forward(&self, x: &Tensor<S>) -> Tensor<S> {
                x.$forward($(self.$setting),+)
            }

            #[inline]
            fn backward(&self, x: &Tensor<S>, _: &Tensor<S>, dy: &Tensor<S>, dx: &mut Tensor<S>) {
                unary::$backward(x, $(self.$setting,)+ dy, dx);
            }
        }

        impl<T: Float> Function<T> for $name<T> {
            type Output = T;

            #[inline]
            fn forward(&self, x: &T) -> T {
                Tensor(*x).$forward($(self.$setting),+).0
            }

            #[inline]
            fn backward(&self, x: &T, _: &T, dy: &T, dx: &mut T) {
                let mut sum = Tensor(*dx);
                unary::$backward(&Tensor(*x), $(self.$setting,)+ &Tensor(*dy), &mut sum);
                *dx = sum.0;
            }
        }
    )+};
}

pointwise_of! {
    Powf(y) = powf, powf_backward;
    Clamp(low, high) = clamp, clamp_backward;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{check, check_f32, wavy};

    #[test]
    fn gradients() {
        let x = wavy::<[[f64; 5]; 2], f64>(0.0) + 1.5;
        macro_rules! check {
            ($($op:expr;)+) => {$(
                check($op, &x);
                check($op, &0.7);
                check($op, &Tensor::<[[f64; 0]; 2]>::zeros());
                check_f32($op, $op, &x, 1e-4);
            )+};
        }
        check! {
            Neg::new();
            Abs::new();
            Square::new();
            Sqrt::new();
            Rsqrt::new();
            Recip::new();
            Exp::new();
            Ln::new();
            Ln1p::new();
            Sin::new();
            Cos::new();
            Powi::new(3);
        }
        check(Powf::new(1.7), &x);
        check(Powf::new(1.7), &0.7);
        check(Clamp::new(1.0, 2.0), &x);
        check_f32(Powf::new(1.7), Powf::new(1.7), &x, 1e-5);
        check_f32(Clamp::new(1.0, 2.0), Clamp::new(1.0, 2.0), &x, 1e-6);
        assert!(Clamp::new(1.0, 2.0).forward(&f32::NAN).is_nan());
    }
}
