//! A part of an axis.

use super::Function;
use crate::shape::{self, Shape};
use crate::simd::Float;
use crate::tensor::Tensor;

impl<S: Shape> Tensor<S> {
    /// The `LEN` places from `START` on along axis `D`: along axis 1, `A×B×C` gives `A×LEN×C`. After
    /// [`torch.narrow`](https://docs.pytorch.org/docs/stable/generated/torch.narrow.html), but a new tensor, not a view.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let x = Tensor([[1.0f32, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    /// assert_eq!(x.slice::<1, 1, 2>(), Tensor([[2.0, 3.0], [5.0, 6.0]]));
    /// ```
    /// ```compile_fail
    /// # use adamant::prelude::*;
    /// Tensor([1.0f32, 2.0, 3.0]).slice::<0, 2, 2>(); // error: an axis of 3 has no 2 places from 2 on
    /// ```
    #[doc(alias = "narrow")]
    #[inline]
    pub fn slice<const D: isize, const START: usize, const LEN: usize>(&self) -> Tensor<S::With<LEN>>
    where
        S: shape::Slice<D, START, LEN>,
    {
        let mut y = Tensor::<S::With<LEN>>::zeros();
        let blocks = self.as_slice().chunks_exact((S::SIZE * S::INNER).max(1));
        for (y, x) in y.as_mut_slice().chunks_exact_mut((LEN * S::INNER).max(1)).zip(blocks) {
            y.iter_mut().zip(x.iter().skip(START * S::INNER)).for_each(|(y, &x)| *y = x);
        }
        y
    }
}

/// dx += dy at the places that y = x.slice() took.
#[inline]
pub fn slice_backward<const D: isize, const START: usize, const LEN: usize, S: shape::Slice<D, START, LEN, Elem: Float>>(
    dy: &Tensor<S::With<LEN>>,
    dx: &mut Tensor<S>,
) {
    let blocks = dx.as_mut_slice().chunks_exact_mut((S::SIZE * S::INNER).max(1));
    for (dy, dx) in dy.as_slice().chunks_exact((LEN * S::INNER).max(1)).zip(blocks) {
        dx.iter_mut().skip(START * S::INNER).zip(dy).for_each(|(dx, &dy)| *dx += dy);
    }
}

operation! {
    /// [`Tensor::slice`] as an operation.
    Slice<const D: isize, const START: usize, const LEN: usize>
}

impl<const D: isize, const START: usize, const LEN: usize, S> Function<Tensor<S>> for Slice<D, START, LEN>
where
    S: shape::Slice<D, START, LEN, Elem: Float>,
{
    type Output = Tensor<S::With<LEN>>;
    const READS_OUTPUT: bool = false;

    #[inline]
    fn forward(&self, x: &Tensor<S>) -> Self::Output {
        x.slice::<D, START, LEN>()
    }

    #[inline]
    fn backward(&self, _: &Tensor<S>, _: &Self::Output, dy: &Self::Output, dx: &mut Tensor<S>) {
        slice_backward::<D, START, LEN, S>(dy, dx);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{check, check_f32, wavy};
    use crate::shape::{Const, Holds};

    #[test]
    fn each_axis() {
        let x = Tensor::<[[[usize; 4]; 3]; 2]>::from_fn(|[a, b, c]| 100 * a + 10 * b + c);
        assert_eq!(x.slice::<0, 1, 1>(), Tensor([x.0[1]]));
        assert_eq!(x.slice::<1, 1, 2>(), Tensor::<[[[usize; 4]; 2]; 2]>::from_fn(|[a, b, c]| 100 * a + 10 * (b + 1) + c));
        assert_eq!(x.slice::<-1, 1, 2>(), Tensor::<[[[usize; 2]; 3]; 2]>::from_fn(|[a, b, c]| 100 * a + 10 * b + c + 1));
        assert_eq!(x.slice::<1, 0, 3>(), x);
        assert_eq!(x.slice::<0, 2, 0>(), Tensor([]));
        assert!(Tensor([1.0, f32::NAN]).slice::<0, 1, 1>().0[0].is_nan());
    }

    #[test]
    fn as_an_operation() {
        let x = wavy::<[[[f64; 4]; 3]; 2], f64>(0.0);
        check(Slice::<0, 1, 1>::new(), &x);
        check(Slice::<1, 1, 2>::new(), &x);
        check(Slice::<-1, 0, 3>::new(), &x);
        check(Slice::<1, 3, 0>::new(), &x);
        check(Slice::<1, 0, 0>::new(), &Tensor::<[[f64; 0]; 2]>::zeros());
        check(Slice::<0, 1, 1>::new(), &Tensor::<[[f64; 0]; 2]>::zeros());
        check_f32(Slice::<1, 1, 2>::new(), Slice::<1, 1, 2>::new(), &x, 1e-6);
    }

    /// A generic size carries the bound, as every operation that computes with dimensions.
    fn head<T: Float, const N: usize, const K: usize, const B: usize>(x: &Tensor<[[T; N]; B]>) -> Tensor<[[T; K]; B]>
    where
        Const<N>: Holds<0, K>,
    {
        x.slice::<1, 0, K>()
    }

    #[test]
    fn generic_sizes() {
        assert_eq!(head::<f32, 3, 2, 1>(&Tensor([[1.0, 2.0, 3.0]])), Tensor([[1.0, 2.0]]));
    }
}
