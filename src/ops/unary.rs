//! Functions of one number, element by element.

use crate::shape::Shape;
use crate::simd::{self, Float};
use crate::tensor::Tensor;

/// y = f(x) as a method, and dx += dy · f′(x) as a function. An argument of the function is one of both.
macro_rules! unary {
    ($(
        $(#[$doc:meta])+
        $name:ident($($arg:ident: $type:ty),*) = |$x:ident| $f:expr;
        $(#[$backward_doc:meta])+
        $backward:ident = |$bx:ident| $derivative:expr;
    )+) => {
        impl<S: Shape<Elem = T>, T: Float> Tensor<S> {$(
            $(#[$doc])+
            #[inline]
            pub fn $name(&self $(, $arg: $type)*) -> Self {
                let mut y = *self;
                simd::map_in_place(y.as_mut_slice(), |$x| $f);
                y
            }
        )+}
        $(
            $(#[$backward_doc])+
            #[inline]
            pub fn $backward<S: Shape<Elem = T>, T: Float>(
                x: &Tensor<S>, $($arg: $type,)* dy: &Tensor<S>, dx: &mut Tensor<S>
            ) {
                accumulate(x, dy, dx, |$bx| $derivative);
            }
        )+
    };
}

/// dx += dy · derivative(x).
#[inline]
fn accumulate<S: Shape<Elem = T>, T: Float>(x: &Tensor<S>, dy: &Tensor<S>, dx: &mut Tensor<S>, derivative: impl Fn(T) -> T) {
    for ((dx, &x), &dy) in dx.iter_mut().zip(x).zip(dy) {
        *dx = dy.mul_add(derivative(x), *dx);
    }
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
    square_backward = |x| x + x;

    /// √x; NaN below 0. After [`torch.sqrt`](https://docs.pytorch.org/docs/stable/generated/torch.sqrt.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([1.0f32, 4.0]).sqrt(), Tensor([1.0, 2.0]));
    /// ```
    sqrt() = |x| x.sqrt();
    /// dx += dy / (2√x); infinite at 0.
    sqrt_backward = |x| T::from_f64(0.5) * x.rsqrt();

    /// 1 / √x. After [`torch.rsqrt`](https://docs.pytorch.org/docs/stable/generated/torch.rsqrt.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([1.0f32, 4.0]).rsqrt(), Tensor([1.0, 0.5]));
    /// ```
    rsqrt() = |x| x.rsqrt();
    /// dx -= dy / (2x√x).
    rsqrt_backward = |x| T::from_f64(-0.5) * x.rsqrt() / x;

    /// |x|. After [`torch.abs`](https://docs.pytorch.org/docs/stable/generated/torch.abs.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([1.0f32, -2.0]).abs(), Tensor([1.0, 2.0]));
    /// ```
    abs() = |x| x.abs();
    /// dx += dy · sign x, which is 0 at 0.
    abs_backward = |x| x.signum();

    /// eˣ. After [`torch.exp`](https://docs.pytorch.org/docs/stable/generated/torch.exp.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([0.0f32, 1.0]).exp(), Tensor([1.0, core::f32::consts::E]));
    /// ```
    exp() = |x| x.exp();
    /// dx += dy · eˣ.
    exp_backward = |x| x.exp();

    /// The natural logarithm; −∞ at 0, NaN below. After
    /// [`torch.log`](https://docs.pytorch.org/docs/stable/generated/torch.log.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([1.0f32, 0.0]).ln(), Tensor([0.0, f32::NEG_INFINITY]));
    /// ```
    ln() = |x| x.ln();
    /// dx += dy / x.
    ln_backward = |x| x.recip();

    /// ln(1 + x), accurate near 0. After [`torch.log1p`](https://docs.pytorch.org/docs/stable/generated/torch.log1p.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([0.0f32, 1e-10]).ln_1p(), Tensor([0.0, 1e-10]));
    /// ```
    ln_1p() = |x| x.ln_1p();
    /// dx += dy / (1 + x).
    ln_1p_backward = |x| (T::ONE + x).recip();

    /// xⁿ for an integer n. After [`torch.pow`](https://docs.pytorch.org/docs/stable/generated/torch.pow.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([1.0f32, -2.0]).powi(3), Tensor([1.0, -8.0]));
    /// ```
    powi(n: i32) = |x| x.powi(n);
    /// dx += dy · n xⁿ⁻¹, which is 0 for n = 0.
    powi_backward = |x| if n == 0 { T::ZERO } else { T::from_f64(f64::from(n)) * x.powi(n.saturating_sub(1)) };

    /// xʸ for any y; NaN for x below 0 and a fractional y. After
    /// [`torch.pow`](https://docs.pytorch.org/docs/stable/generated/torch.pow.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([1.0f32, 4.0]).powf(1.5), Tensor([1.0, 8.0]));
    /// ```
    powf(y: T) = |x| x.powf(y);
    /// dx += dy · y xʸ⁻¹, which is 0 for y = 0.
    powf_backward = |x| if y == T::ZERO { T::ZERO } else { y * x.powf(y - T::ONE) };

    /// −x. After [`torch.neg`](https://docs.pytorch.org/docs/stable/generated/torch.neg.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([1.0f32, -2.0]).neg(), Tensor([-1.0, 2.0]));
    /// ```
    neg() = |x| -x;
    /// dx -= dy.
    neg_backward = |_x| -T::ONE;

    /// 1 / x. After [`torch.reciprocal`](https://docs.pytorch.org/docs/stable/generated/torch.reciprocal.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([1.0f32, -2.0]).recip(), Tensor([1.0, -0.5]));
    /// ```
    recip() = |x| x.recip();
    /// dx -= dy / x².
    recip_backward = |x| -(x * x).recip();

    /// The sine of x radians. After [`torch.sin`](https://docs.pytorch.org/docs/stable/generated/torch.sin.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([0.0f32]).sin(), Tensor([0.0]));
    /// ```
    sin() = |x| x.sin();
    /// dx += dy · cos x.
    sin_backward = |x| x.cos();

    /// The cosine of x radians. After [`torch.cos`](https://docs.pytorch.org/docs/stable/generated/torch.cos.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([0.0f32]).cos(), Tensor([1.0]));
    /// ```
    cos() = |x| x.cos();
    /// dx -= dy · sin x.
    cos_backward = |x| -x.sin();

    /// The hyperbolic tangent. After [`torch.tanh`](https://docs.pytorch.org/docs/stable/generated/torch.tanh.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([0.0f32, 100.0]).tanh(), Tensor([0.0, 1.0]));
    /// ```
    tanh() = |x| x.tanh();
    /// dx += dy · (1 − tanh² x).
    tanh_backward = |x| {
        let y = x.tanh();
        (T::ONE - y) * (T::ONE + y)
    };

    /// The logistic function 1 / (1 + e⁻ˣ). After
    /// [`torch.sigmoid`](https://docs.pytorch.org/docs/stable/generated/torch.sigmoid.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([0.0f32, 100.0]).sigmoid(), Tensor([0.5, 1.0]));
    /// ```
    sigmoid() = |x| x.sigmoid();
    /// dx += dy · σ(x) σ(−x).
    sigmoid_backward = |x| x.sigmoid() * (-x).sigmoid();

    /// x where it is within \[`low`, `high`\], else the nearer bound. NaN stays NaN. After
    /// [`torch.clamp`](https://docs.pytorch.org/docs/stable/generated/torch.clamp.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([-3.0f32, 0.5, 2.0]).clamp(-1.0, 1.0), Tensor([-1.0, 0.5, 1.0]));
    /// ```
    clamp(low: T, high: T) = |x| x.maximum(low).minimum(high);
    /// dx += dy where x is within \[`low`, `high`\].
    clamp_backward = |x| if x >= low && x <= high { T::ONE } else { T::ZERO };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{check_gradient, wavy};

    /// Holds each backward pass against its forward one, at numbers of both signs or at positive ones.
    macro_rules! check {
        ($x:ident: $($name:ident $backward:ident ($($arg:expr),*);)+) => {$(
            check_gradient(&$x, |x| x.$name($($arg),*), |dy, dx| $backward(&$x, $($arg,)* dy, dx));
        )+};
    }

    #[test]
    fn derivatives() {
        let x = wavy::<[[f64; 5]; 2], f64>(0.0);
        check! { x:
            square square_backward();
            abs abs_backward();
            exp exp_backward();
            powi powi_backward(3);
            powi powi_backward(0);
            neg neg_backward();
            sin sin_backward();
            cos cos_backward();
            tanh tanh_backward();
            sigmoid sigmoid_backward();
            clamp clamp_backward(-0.3, 0.4);
        }
        let x = x.map(|x| x + 2.0);
        check! { x:
            sqrt sqrt_backward();
            rsqrt rsqrt_backward();
            ln ln_backward();
            ln_1p ln_1p_backward();
            powi powi_backward(-2);
            powf powf_backward(1.7);
            powf powf_backward(0.0);
            recip recip_backward();
        }
    }

    #[test]
    fn derivatives_at_the_edges() {
        let at = |x: f64, backward: fn(&Tensor<f64>, &Tensor<f64>, &mut Tensor<f64>)| {
            let mut dx = Tensor(0.0);
            backward(&Tensor(x), &Tensor(1.0), &mut dx);
            dx.0
        };
        assert_eq!(at(0.0, abs_backward), 0.0);
        assert_eq!(at(0.0, sqrt_backward), f64::INFINITY);
        assert_eq!(at(0.0, |x, dy, dx| powi_backward(x, 0, dy, dx)), 0.0);
        assert_eq!(at(0.0, |x, dy, dx| powi_backward(x, 1, dy, dx)), 1.0);
        assert_eq!(at(1.0, |x, dy, dx| clamp_backward(x, -1.0, 1.0, dy, dx)), 1.0);
        assert!(at(f64::NAN, square_backward).is_nan());
    }

    #[test]
    fn every_rank_and_no_elements() {
        assert_eq!(Tensor(3.0f32).square(), Tensor(9.0));
        assert_eq!(Tensor([[[[2.0f32]]]]).recip(), Tensor([[[[0.5]]]]));
        assert_eq!(Tensor::<[[f32; 0]; 2]>::zeros().exp(), Tensor([[], []]));
        assert!(Tensor([f32::NAN]).clamp(0.0, 1.0).0[0].is_nan());
    }
}
