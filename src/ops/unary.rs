//! Functions of one number, element by element.

use super::{Elementwise, Function};
use crate::shape::Shape;
use crate::simd::{self, Float};
use crate::tensor::Tensor;

/// y = f(x) as a method, and as an operation with its derivative f′(x). A setting of the method is one of the operation.
macro_rules! unary {
    ($(
        $(#[$doc:meta])+
        $method:ident($($setting:ident: $type:ty),*) = |$x:ident| $f:expr;
        #[$backward_doc:meta]
        $name:ident = |$dx:ident| $derivative:expr;
    )+) => {
        impl<S: Shape<Elem: Float>> Tensor<S> {$(
            $(#[$doc])+
            #[inline]
            pub fn $method(&self $(, $setting: $type)*) -> Self {
                self.apply($name::new($($setting),*))
            }
        )+}
        $(
            #[doc = concat!("[`Tensor::", stringify!($method), "`] as an operation.")]
            ///
            #[$backward_doc]
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

            impl Elementwise for $name {
                #[inline(always)]
                fn apply<T: Float>(&self, $x: T) -> T {
                    $(let $setting = self.$setting;)*
                    $f
                }

                #[inline(always)]
                fn derivative<T: Float>(&self, $dx: T) -> T {
                    $(let $setting = self.$setting;)*
                    $derivative
                }
            }
        )+
    };
}

/// As `unary!`, where the settings are numbers of the tensor's own type.
macro_rules! unary_of {
    ($(
        $(#[$doc:meta])+
        $method:ident($($setting:ident: T),+) = |$x:ident| $f:expr;
        #[$backward_doc:meta]
        $name:ident = |$dx:ident| $derivative:expr;
    )+) => {
        impl<S: Shape<Elem = T>, T: Float> Tensor<S> {$(
            $(#[$doc])+
            #[inline]
            pub fn $method(&self $(, $setting: T)+) -> Self {
                self.apply($name::new($($setting),*))
            }
        )+}
        $(
            #[doc = concat!("[`Tensor::", stringify!($method), "`] as an operation.")]
            ///
            #[$backward_doc]
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

            impl<T: Float> $name<T> {
                #[inline(always)]
                fn apply(&self, $x: T) -> T {
                    let Self { $($setting),+ } = *self;
                    $f
                }

                #[inline(always)]
                fn derivative(&self, $dx: T) -> T {
                    let Self { $($setting),+ } = *self;
                    $derivative
                }
            }

            impl<S: Shape<Elem = T>, T: Float> Function<Tensor<S>> for $name<T> {
                type Output = Tensor<S>;
                const READS_OUTPUT: bool = false;
                const BACKPROP_BYTES: usize = size_of::<Tensor<S>>();

                #[inline]
                fn forward(&self, x: &Tensor<S>) -> Tensor<S> {
                    x.map(|x| self.apply(x))
                }

                #[inline]
                fn backward(&self, x: &Tensor<S>, _: &Tensor<S>, dy: &Tensor<S>, dx: &mut Tensor<S>) {
                    for ((dx, &x), &dy) in dx.iter_mut().zip(x).zip(dy) {
                        *dx += dy * self.derivative(x);
                    }
                }

                #[inline]
                fn backprop<R>(&self, x: &mut Tensor<S>, next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
                    let mut y = self.forward(x);
                    let result = next(&mut y);
                    simd::zip_in_place(x.as_mut_slice(), y.as_slice(), |x, dy| dy * self.derivative(x));
                    result
                }
            }

            impl<T: Float> Function<T> for $name<T> {
                type Output = T;
                const READS_OUTPUT: bool = false;

                #[inline]
                fn forward(&self, x: &T) -> T {
                    self.apply(*x)
                }

                #[inline]
                fn backward(&self, x: &T, _: &T, dy: &T, dx: &mut T) {
                    *dx += *dy * self.derivative(*x);
                }
            }
        )+
    };
}

unary! {
    /// x². After [`torch.square`](https://docs.pytorch.org/docs/stable/generated/torch.square.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([1.0f32, -2.0]).square(), Tensor([1.0, 4.0]));
    /// ```
    square() = |x| x * x;
    /// dx += dy · 2x.
    Square = |x| x + x;

    /// √x; NaN below 0. After [`torch.sqrt`](https://docs.pytorch.org/docs/stable/generated/torch.sqrt.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([1.0f32, 4.0]).sqrt(), Tensor([1.0, 2.0]));
    /// ```
    sqrt() = |x| x.sqrt();
    /// dx += dy / (2√x); infinite at 0.
    Sqrt = |x| T::from_f64(0.5) * x.rsqrt();

    /// 1 / √x. After [`torch.rsqrt`](https://docs.pytorch.org/docs/stable/generated/torch.rsqrt.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([1.0f32, 4.0]).rsqrt(), Tensor([1.0, 0.5]));
    /// ```
    rsqrt() = |x| x.rsqrt();
    /// dx -= dy / (2x√x).
    Rsqrt = |x| T::from_f64(-0.5) * x.rsqrt() / x;

    /// |x|. After [`torch.abs`](https://docs.pytorch.org/docs/stable/generated/torch.abs.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([1.0f32, -2.0]).abs(), Tensor([1.0, 2.0]));
    /// ```
    abs() = |x| x.abs();
    /// dx += dy · sign x, which is 0 at 0.
    Abs = |x| x.signum();

    /// eˣ. After [`torch.exp`](https://docs.pytorch.org/docs/stable/generated/torch.exp.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([0.0f32, 1.0]).exp(), Tensor([1.0, core::f32::consts::E]));
    /// ```
    exp() = |x| x.exp();
    /// dx += dy · eˣ.
    Exp = |x| x.exp();

    /// The natural logarithm; −∞ at 0, NaN below. After
    /// [`torch.log`](https://docs.pytorch.org/docs/stable/generated/torch.log.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([1.0f32, 0.0]).ln(), Tensor([0.0, f32::NEG_INFINITY]));
    /// ```
    #[doc(alias = "log")]
    ln() = |x| x.ln();
    /// dx += dy / x.
    Ln = |x| x.recip();

    /// ln(1 + x), accurate near 0. After [`torch.log1p`](https://docs.pytorch.org/docs/stable/generated/torch.log1p.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([0.0f32, 1e-10]).ln_1p(), Tensor([0.0, 1e-10]));
    /// ```
    #[doc(alias = "log1p")]
    ln_1p() = |x| x.ln_1p();
    /// dx += dy / (1 + x).
    Ln1p = |x| (T::ONE + x).recip();

    /// xⁿ for an integer n. After [`torch.pow`](https://docs.pytorch.org/docs/stable/generated/torch.pow.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([1.0f32, -2.0]).powi(3), Tensor([1.0, -8.0]));
    /// ```
    #[doc(alias = "pow")]
    powi(n: i32) = |x| x.powi(n);
    /// dx += dy · n xⁿ⁻¹, which is 0 for n = 0.
    Powi = |x| if n == 0 { T::ZERO } else { T::from_f64(f64::from(n)) * x.powi(n.saturating_sub(1)) };

    /// −x. After [`torch.neg`](https://docs.pytorch.org/docs/stable/generated/torch.neg.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([1.0f32, -2.0]).neg(), Tensor([-1.0, 2.0]));
    /// ```
    neg() = |x| -x;
    /// dx -= dy.
    Neg = |_x| -T::ONE;

    /// 1 / x. After [`torch.reciprocal`](https://docs.pytorch.org/docs/stable/generated/torch.reciprocal.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([1.0f32, -2.0]).recip(), Tensor([1.0, -0.5]));
    /// ```
    #[doc(alias = "reciprocal")]
    recip() = |x| x.recip();
    /// dx -= dy / x².
    Recip = |x| -(x.recip() * x.recip());
}

/// As `unary!`, where a loop is faster without the branch to what is far.
macro_rules! waves {
    ($(
        $(#[$doc:meta])+
        $method:ident = $near:ident;
        #[$backward_doc:meta]
        $name:ident = |$dx:ident| $derivative:expr, $derivative_near:expr;
    )+) => {
        impl<S: Shape<Elem: Float>> Tensor<S> {$(
            $(#[$doc])+
            #[inline]
            pub fn $method(&self) -> Self {
                self.apply($name::new())
            }
        )+}
        $(
            operation! {
                #[doc = concat!("[`Tensor::", stringify!($method), "`] as an operation.")]
                ///
                #[$backward_doc]
                $name
            }

            impl Elementwise for $name {
                #[inline(always)]
                fn apply<T: Float>(&self, x: T) -> T {
                    x.$method()
                }

                #[inline(always)]
                fn derivative<T: Float>(&self, $dx: T) -> T {
                    $derivative
                }

                #[inline(always)]
                fn is_near<T: Float>(&self, x: T) -> bool {
                    x.is_near()
                }

                #[inline(always)]
                fn apply_near<T: Float>(&self, x: T) -> T {
                    x.$near()
                }

                #[inline(always)]
                fn derivative_near<T: Float>(&self, $dx: T) -> T {
                    $derivative_near
                }

                #[inline(always)]
                fn both_near<T: Float>(&self, x: T) -> (T, T) {
                    (self.apply_near(x), self.derivative_near(x))
                }
            }
        )+
    };
}

waves! {
    /// The sine of x radians. After [`torch.sin`](https://docs.pytorch.org/docs/stable/generated/torch.sin.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([0.0f32]).sin(), Tensor([0.0]));
    /// ```
    sin = sin_near;
    /// dx += dy · cos x.
    Sin = |x| x.cos(), x.cos_near();

    /// The cosine of x radians. After [`torch.cos`](https://docs.pytorch.org/docs/stable/generated/torch.cos.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([0.0f32]).cos(), Tensor([1.0]));
    /// ```
    cos = cos_near;
    /// dx -= dy · sin x.
    Cos = |x| -x.sin(), -x.sin_near();
}

unary_of! {
    /// xʸ for any y; NaN for x below 0 and a fractional y. After
    /// [`torch.pow`](https://docs.pytorch.org/docs/stable/generated/torch.pow.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([1.0f32, 4.0]).powf(1.5), Tensor([1.0, 8.0]));
    /// ```
    #[doc(alias = "pow")]
    powf(y: T) = |x| x.powf(y);
    /// dx += dy · y xʸ⁻¹, which is 0 for y = 0.
    Powf = |x| if y == T::ZERO { T::ZERO } else { y * x.powf(y - T::ONE) };

    /// x where it is within \[`low`, `high`\], else the nearer bound. NaN stays NaN. After
    /// [`torch.clamp`](https://docs.pytorch.org/docs/stable/generated/torch.clamp.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([-3.0f32, 0.5, 2.0]).clamp(-1.0, 1.0), Tensor([-1.0, 0.5, 1.0]));
    /// ```
    #[doc(alias = "clip")]
    clamp(low: T, high: T) = |x| x.maximum(low).minimum(high);
    /// dx += dy where x is within \[`low`, `high`\].
    Clamp = |x| if x >= low && x <= high { T::ONE } else { T::ZERO };
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
            Powi::new(0);
            Powi::new(-2);
        }
        check(Powf::new(1.7), &x);
        check(Powf::new(0.0), &x);
        check(Powf::new(1.7), &0.7);
        check(Clamp::new(1.0, 2.0), &x);
        check_f32(Powf::new(1.7), Powf::new(1.7), &x, 1e-5);
        check_f32(Clamp::new(1.0, 2.0), Clamp::new(1.0, 2.0), &x, 1e-6);
        assert!(Clamp::new(1.0, 2.0).forward(&f32::NAN).is_nan());
        // At numbers of both signs.
        let x = wavy::<[[f64; 5]; 2], f64>(0.0);
        check(Square::new(), &x);
        check(Abs::new(), &x);
        check(Exp::new(), &x);
        check(Powi::new(3), &x);
        check(Neg::new(), &x);
        check(Sin::new(), &x);
        check(Cos::new(), &x);
        check(Clamp::new(-0.3, 0.4), &x);
    }

    #[test]
    fn derivatives_at_the_edges() {
        assert_eq!(Abs::new().derivative(0.0), 0.0);
        assert_eq!(Elementwise::derivative(&Sqrt::new(), 0.0), f64::INFINITY);
        assert_eq!(Powi::new(0).derivative(0.0), 0.0);
        assert_eq!(Powi::new(1).derivative(0.0), 1.0);
        assert_eq!(Clamp::new(-1.0, 1.0).derivative(1.0), 1.0);
        assert!(Square::new().derivative(f64::NAN).is_nan());
    }

    #[test]
    fn every_rank_and_no_elements() {
        assert_eq!(Tensor(3.0f32).square(), Tensor(9.0));
        assert_eq!(Tensor([[[[2.0f32]]]]).recip(), Tensor([[[[0.5]]]]));
        assert_eq!(Tensor::<[[f32; 0]; 2]>::zeros().exp(), Tensor([[], []]));
        assert!(Tensor([f32::NAN]).clamp(0.0, 1.0).0[0].is_nan());
    }
}
