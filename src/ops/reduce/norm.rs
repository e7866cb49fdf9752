//! The Euclidean norm.

use core::slice;

use super::Along;
use crate::shape::{Axis, Shape};
use crate::simd::{self, Float};
use crate::tensor::Tensor;

impl<S: Shape<Elem = T>, T: Float> Tensor<S> {
    /// The Euclidean norm √Σ x² of all elements, also where a square overflows or vanishes (PyTorch's is then ∞ or 0); 0 if there
    /// are none. After
    /// [`torch.linalg.vector_norm`](https://docs.pytorch.org/docs/stable/generated/torch.linalg.vector_norm.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([3.0f32, 4.0]).norm(), 5.0);
    /// ```
    #[inline]
    pub fn norm(&self) -> T {
        simd::norm(self.as_slice())
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
        let along = Along::axis::<D, S>();
        for (block, y) in along.blocks(self.as_slice()).zip(along.rows_mut(y.as_mut_slice())) {
            if let [y] = y {
                *y = simd::norm(block);
                continue;
            }
            for row in along.rows(block) {
                simd::zip_in_place(y, row, |y, x| x.mul_add(x, y));
            }
            for (i, y) in y.iter_mut().enumerate() {
                *y = simd::root(*y, T::ONE, || along.column(block, i));
            }
        }
        y
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
    along.spread(x, [dy, norm, norm, norm], dx, |x, [dy, norm, ..]| if norm == T::ZERO { T::ZERO } else { dy * (x / norm) });
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
    fn squares_need_not_be_representable() {
        let near = |found: f32, right: f32| assert!((found / right - 1.0).abs() < 4e-7, "{found:e}, not {right:e}");
        for unit in [1e20, 1e-30, 1e-44] {
            let x = Tensor([[3.0f32, 5.0, 0.0], [4.0, 12.0, 0.0]]) * unit;
            let (columns, rows) = (x.norm_axis::<0>(), x.transpose().norm_axis::<1>());
            assert_eq!((columns, columns.0[2]), (rows, 0.0));
            near(columns.0[0], x.0[1][0] / 0.8);
            near(x.at::<0>().norm(), x.0[0][0] * (34.0f32.sqrt() / 3.0));
            let mut dx = Tensor::zeros();
            norm_axis_backward::<0, _>(&x, &Tensor([1.0; 3]), &mut dx);
            near(dx.0[0][0], 0.6);
            assert_eq!(dx.0[1][2], 0.0);
        }
        let (large, small) = (Tensor([3e200f64, 4e200]).norm(), Tensor([3e-200f64, 4e-200]).norm());
        near((large / 5e200) as f32, 1.0);
        near((small / 5e-200) as f32, 1.0);
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
