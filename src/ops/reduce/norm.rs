//! The Euclidean norm.

use core::slice;

use super::Along;
use crate::shape::{Axis, Shape};
use crate::simd::{self, Float};
use crate::tensor::Tensor;

impl<S: Shape<Elem = T>, T: Float> Tensor<S> {
    /// The Euclidean norm √Σ x² of all elements; 0 if there are none. (Not scaled: infinite where a square overflows.) After
    /// [`torch.linalg.vector_norm`](https://docs.pytorch.org/docs/stable/generated/torch.linalg.vector_norm.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([3.0f32, 4.0]).norm(), 5.0);
    /// ```
    #[inline]
    pub fn norm(&self) -> T {
        simd::sum_squares(self.as_slice()).sqrt()
    }

    /// [`norm`](Self::norm) along axis `D`, which goes: over axis 1, `A×B×C` gives `A×C`. 0 along an empty axis. After
    /// [`torch.linalg.vector_norm`](https://docs.pytorch.org/docs/stable/generated/torch.linalg.vector_norm.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([[3.0f32, 4.0], [0.0, 1.0]]).norm_axis::<-1>(), Tensor([5.0, 1.0]));
    /// ```
    #[inline]
    pub fn norm_axis<const D: isize>(&self) -> Tensor<S::Removed>
    where
        S: Axis<D>,
    {
        let mut y = Tensor::zeros();
        let step = |y: T, x: T| x.mul_add(x, y);
        Along::axis::<D, S>().reduce(self.as_slice(), y.as_mut_slice(), T::ZERO, simd::sum_squares, step);
        y.sqrt()
    }
}

/// dx += dy · x / ‖x‖, for y = ‖x‖; nothing where that is 0, as in PyTorch.
#[inline]
pub fn norm_backward<S: Shape<Elem = T>, T: Float>(x: &Tensor<S>, dy: T, dx: &mut Tensor<S>) {
    backward(Along::all::<S>(), x.as_slice(), slice::from_ref(&dy), slice::from_ref(&x.norm()), dx.as_mut_slice());
}

/// As [`norm_backward`], along axis `D`.
#[inline]
pub fn norm_axis_backward<const D: isize, S: Axis<D, Elem: Float>>(x: &Tensor<S>, dy: &Tensor<S::Removed>, dx: &mut Tensor<S>) {
    let norm = x.norm_axis::<D>();
    backward(Along::axis::<D, S>(), x.as_slice(), dy.as_slice(), norm.as_slice(), dx.as_mut_slice());
}

#[inline]
fn backward<T: Float>(along: Along, x: &[T], dy: &[T], norm: &[T], dx: &mut [T]) {
    let gradient = |x, dy, norm| if norm == T::ZERO { T::ZERO } else { dy * (x / norm) };
    along.spread(x, dy, norm, dx, gradient);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{check_gradient, wavy};

    #[test]
    fn gradients() {
        let x = wavy::<[[[f64; 3]; 4]; 2], f64>(0.0);
        check_gradient(&x, |x| Tensor(x.norm()), |dy, dx| norm_backward(&x, dy.0, dx));
        check_gradient(&x, Tensor::norm_axis::<0>, |dy, dx| norm_axis_backward::<0, _>(&x, dy, dx));
        check_gradient(&x, Tensor::norm_axis::<1>, |dy, dx| norm_axis_backward::<1, _>(&x, dy, dx));
        check_gradient(&x, Tensor::norm_axis::<-1>, |dy, dx| norm_axis_backward::<-1, _>(&x, dy, dx));
    }

    #[test]
    fn rows_and_columns() {
        let x = Tensor([[3.0f64, 5.0], [4.0, 12.0]]);
        assert_eq!(x.norm_axis::<0>(), Tensor([5.0, 13.0]));
        assert_eq!(x.transpose().norm_axis::<1>(), Tensor([5.0, 13.0]));
    }

    #[test]
    fn zero_has_no_direction() {
        let mut dx = Tensor::zeros();
        norm_backward(&Tensor([0.0f32; 3]), 1.0, &mut dx);
        norm_backward(&Tensor::<[f32; 0]>::zeros(), 1.0, &mut Tensor::zeros());
        assert_eq!(dx, Tensor::zeros());
        assert_eq!(Tensor::<[[f32; 0]; 2]>::zeros().norm_axis::<1>(), Tensor([0.0; 2]));
    }
}
