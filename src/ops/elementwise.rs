//! Operations that work on each element by itself.

use super::Function;
use crate::shape::Shape;
use crate::simd::{self, Float, Kernel, Same};
use crate::tensor::Tensor;

/// A function of one number and its derivative.
///
/// The derivative is a function of the *input*. In training both are computed in one go, which shares what they have in common
/// (the compiler sees that both take the same exponential), and the derivative waits in the input's buffer for the backward
/// pass: nothing is computed twice and nothing is kept beside. That takes 44 % off a training step of SiLU or tanh, and nothing
/// off one of ReLU.
pub trait Elementwise {
    /// f(x).
    fn apply<T: Float>(&self, x: T) -> T;

    /// f′(x).
    fn derivative<T: Float>(&self, x: T) -> T;

    /// Whether [`apply_near`](Self::apply_near) and [`derivative_near`](Self::derivative_near) are right at x.
    #[inline(always)]
    fn is_near<T: Float>(&self, _x: T) -> bool {
        true
    }

    /// f(x) without a branch, which would keep a loop from being vectorised, where x [is near](Self::is_near).
    #[inline(always)]
    fn apply_near<T: Float>(&self, x: T) -> T {
        self.apply(x)
    }

    /// f′(x) without a branch where x [is near](Self::is_near).
    #[inline(always)]
    fn derivative_near<T: Float>(&self, x: T) -> T {
        self.derivative(x)
    }

    /// f′(x), where y = f(x) is at hand and may be of help.
    #[inline(always)]
    fn derivative_given<T: Float>(&self, x: T, _y: T) -> T {
        self.derivative(x)
    }

    /// f(x) and f′(x).
    #[inline(always)]
    fn apply_with_derivative<T: Float>(&self, x: T) -> (T, T) {
        (self.apply(x), self.derivative(x))
    }

    /// f(x) and f′(x) without a branch where x [is near](Self::is_near).
    #[inline(always)]
    fn both_near<T: Float>(&self, x: T) -> (T, T) {
        self.apply_with_derivative(x)
    }
}

/// Whether all numbers are near.
#[inline(always)]
fn all_near<T: Float>(f: &impl Elementwise, x: &[T]) -> bool {
    x.iter().fold(true, |near, &x| near & f.is_near(x))
}

/// y = f(x), element by element.
#[inline]
pub fn elementwise<S: Shape<Elem: Float>>(f: &impl Elementwise, x: &Tensor<S>, y: &mut Tensor<S>) {
    simd::dispatch(S::LEN, Apply { f, x: x.as_slice(), y: y.as_mut_slice() });
}

struct Apply<'a, T, E> {
    f: &'a E,
    x: &'a [T],
    y: &'a mut [T],
}

impl<T: Float, E: Elementwise> Kernel<T> for Apply<'_, T, E> {
    type Output = ();
    const WIDE: bool = true;

    #[inline(always)]
    fn run<N: Same<T>>(self) {
        let (f, x, y) = (self.f, N::slice(self.x), N::slice_mut(self.y));
        match all_near(f, x) {
            true => simd::map(x, y, |x| f.apply_near(x)),
            false => simd::map(x, y, |x| f.apply(x)),
        }
    }
}

/// x ← f(x), element by element.
#[inline]
pub fn elementwise_in_place<S: Shape<Elem: Float>>(f: &impl Elementwise, x: &mut Tensor<S>) {
    simd::dispatch(S::LEN, InPlace { f, x: x.as_mut_slice() });
}

struct InPlace<'a, T, E> {
    f: &'a E,
    x: &'a mut [T],
}

impl<T: Float, E: Elementwise> Kernel<T> for InPlace<'_, T, E> {
    type Output = ();
    const WIDE: bool = true;

    #[inline(always)]
    fn run<N: Same<T>>(self) {
        let (f, x) = (self.f, N::slice_mut(self.x));
        match all_near(f, x) {
            true => simd::map_in_place(x, |x| f.apply_near(x)),
            false => simd::map_in_place(x, |x| f.apply(x)),
        }
    }
}

/// dx = dy · f′(x), written over `x`.
#[inline]
pub fn elementwise_backward<S: Shape<Elem: Float>>(f: &impl Elementwise, x: &mut Tensor<S>, dy: &Tensor<S>) {
    simd::dispatch(S::LEN, Backward { f, x: x.as_mut_slice(), dy: dy.as_slice() });
}

struct Backward<'a, T, E> {
    f: &'a E,
    x: &'a mut [T],
    dy: &'a [T],
}

impl<T: Float, E: Elementwise> Kernel<T> for Backward<'_, T, E> {
    type Output = ();
    const WIDE: bool = true;

    #[inline(always)]
    fn run<N: Same<T>>(self) {
        let (f, x, dy) = (self.f, N::slice_mut(self.x), N::slice(self.dy));
        match all_near(f, x) {
            true => simd::zip_in_place(x, dy, |x, dy| dy * f.derivative_near(x)),
            false => simd::zip_in_place(x, dy, |x, dy| dy * f.derivative(x)),
        }
    }
}

/// y = f(x), and f′(x) over `x`: what is left to do backward is dx = dy · f′(x), a product.
#[inline]
pub fn elementwise_with_derivative<S: Shape<Elem: Float>>(f: &impl Elementwise, x: &mut Tensor<S>, y: &mut Tensor<S>) {
    simd::dispatch(S::LEN, WithDerivative { f, x: x.as_mut_slice(), y: y.as_mut_slice() });
}

struct WithDerivative<'a, T, E> {
    f: &'a E,
    x: &'a mut [T],
    y: &'a mut [T],
}

impl<T: Float, E: Elementwise> Kernel<T> for WithDerivative<'_, T, E> {
    type Output = ();
    const WIDE: bool = true;

    #[inline(always)]
    fn run<N: Same<T>>(self) {
        let (f, x, y) = (self.f, N::slice_mut(self.x), N::slice_mut(self.y));
        match all_near(f, x) {
            true => both_in_place(x, y, |x| f.both_near(x)),
            false => both_in_place(x, y, |x| f.apply_with_derivative(x)),
        }
    }
}

/// y = f(x), and f′(x) over `x`, by a function of both.
#[inline(always)]
fn both_in_place<T: Float>(x: &mut [T], y: &mut [T], both: impl Fn(T) -> (T, T)) {
    for (x, y) in x.iter_mut().zip(y) {
        (*y, *x) = both(*x);
    }
}

/// Every element-wise operation is one that `#[forward]` takes: `x.apply(Relu)`.
#[diagnostic::do_not_recommend]
impl<E: Elementwise, S: Shape<Elem: Float>> Function<Tensor<S>> for E {
    type Output = Tensor<S>;
    const BACKPROP_BYTES: usize = size_of::<Tensor<S>>();

    #[inline]
    fn forward(&self, x: &Tensor<S>) -> Tensor<S> {
        let mut y = Tensor::zeros();
        elementwise(self, x, &mut y);
        y
    }

    #[inline]
    fn backward(&self, x: &Tensor<S>, y: &Tensor<S>, dy: &Tensor<S>, dx: &mut Tensor<S>) {
        for ((dx, &dy), (&x, &y)) in dx.iter_mut().zip(dy).zip(x.iter().zip(y)) {
            *dx += dy * self.derivative_given(x, y);
        }
    }

    #[inline]
    fn backprop<R>(&self, x: &mut Tensor<S>, next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
        let mut y = Tensor::zeros();
        elementwise_with_derivative(self, x, &mut y);
        let result = next(&mut y);
        simd::zip_in_place(x.as_mut_slice(), y.as_slice(), |derivative, dy| derivative * dy);
        result
    }
}

/// An element-wise operation takes a plain number, too.
#[diagnostic::do_not_recommend]
impl<E: Elementwise, T: Float> Function<T> for E {
    type Output = T;

    #[inline]
    fn forward(&self, x: &T) -> T {
        self.apply(*x)
    }

    #[inline]
    fn backward(&self, x: &T, y: &T, dy: &T, dx: &mut T) {
        *dx += *dy * self.derivative_given(*x, *y);
    }
}
