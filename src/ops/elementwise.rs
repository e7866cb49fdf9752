//! Operations that work on each element by itself.

use super::Function;
use crate::shape::Shape;
use crate::simd::{self, Float};
use crate::tensor::Tensor;

/// A function of one number and its derivative.
///
/// The derivative is a function of the *input*: the backward pass computes what it needs of the output again, which costs less
/// than keeping a second buffer does (an activation's own buffer becomes its gradient).
pub trait Elementwise {
    /// f(x).
    fn apply<T: Float>(&self, x: T) -> T;

    /// f′(x).
    fn derivative<T: Float>(&self, x: T) -> T;
}

/// y = f(x), element by element.
#[inline]
pub fn elementwise<S: Shape<Elem: Float>>(f: &impl Elementwise, x: &Tensor<S>, y: &mut Tensor<S>) {
    simd::map(x.as_slice(), y.as_mut_slice(), |x| f.apply(x));
}

/// dx = dy · f′(x), written over `x`.
#[inline]
pub fn elementwise_backward<S: Shape<Elem: Float>>(f: &impl Elementwise, x: &mut Tensor<S>, dy: &Tensor<S>) {
    simd::zip_in_place(x.as_mut_slice(), dy.as_slice(), |x, dy| dy * f.derivative(x));
}

/// Every element-wise operation is one that `#[forward]` takes: `x.apply(Relu)`.
#[diagnostic::do_not_recommend]
impl<E: Elementwise, S: Shape<Elem: Float>> Function<Tensor<S>> for E {
    type Output = Tensor<S>;

    #[inline]
    fn forward(&self, x: &Tensor<S>) -> Tensor<S> {
        let mut y = Tensor::zeros();
        elementwise(self, x, &mut y);
        y
    }

    #[inline]
    fn backward(&self, x: &Tensor<S>, _: &Tensor<S>, dy: &Tensor<S>, dx: &mut Tensor<S>) {
        for ((dx, &x), &dy) in dx.iter_mut().zip(x).zip(dy) {
            *dx += dy * self.derivative(x);
        }
    }
}
