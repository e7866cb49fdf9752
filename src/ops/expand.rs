//! Axes of size 1: put in, taken out, repeated.

use super::Function;
use crate::shape::{Insert, Shape, Single};
use crate::simd::{self, Float};
use crate::tensor::Tensor;

impl<S: Shape> Tensor<S> {
    /// Axis `D` of size 1 repeated to size `M`: along axis 1, `A×1×C` gives `A×M×C`. After
    /// [`Tensor.expand`](https://docs.pytorch.org/docs/stable/generated/torch.Tensor.expand.html), but a new tensor, not a view.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([[1.0f32], [2.0]]).expand::<1, 3>(), Tensor([[1.0; 3], [2.0; 3]]));
    /// ```
    /// ```compile_fail
    /// # use adamant::prelude::*;
    /// Tensor([[1.0f32, 2.0]]).expand::<1, 4>(); // error: axis 1 of `[[f32; 2]; 1]` has 2 places, not one
    /// ```
    #[doc(alias("broadcast_to", "repeat"))]
    #[inline]
    pub fn expand<const D: isize, const M: usize>(&self) -> Tensor<S::With<M>>
    where
        S: Single<D>,
    {
        let mut y = Tensor::<S::With<M>>::zeros();
        let blocks = y.as_mut_slice().chunks_exact_mut((M * S::INNER).max(1));
        for (y, x) in blocks.zip(self.as_slice().chunks_exact(S::INNER.max(1))) {
            for y in y.chunks_exact_mut(S::INNER.max(1)) {
                y.iter_mut().zip(x).for_each(|(y, &x)| *y = x);
            }
        }
        y
    }

    /// A new axis `D` of size 1: at 1, `A×B` gives `A×1×B`; at −1 it comes last. After
    /// [`torch.unsqueeze`](https://docs.pytorch.org/docs/stable/generated/torch.unsqueeze.html).
    ///
    /// A reduction along an axis takes it away; this puts it back, as `keepdim` in PyTorch.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let x = Tensor([[1.0f32, 3.0], [5.0, 9.0]]);
    /// assert_eq!(x - x.mean_axis::<-1>().insert_axis::<-1>(), Tensor([[-1.0, 1.0], [-2.0, 2.0]]));
    /// ```
    #[doc(alias = "unsqueeze")]
    #[inline]
    pub fn insert_axis<const D: isize>(&self) -> Tensor<S::With<1>>
    where
        S: Insert<D>,
    {
        same_numbers(self)
    }

    /// Without axis `D`, which is of size 1: at 1, `A×1×B` gives `A×B`. After
    /// [`torch.squeeze`](https://docs.pytorch.org/docs/stable/generated/torch.squeeze.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([[1.0f32], [2.0]]).remove_axis::<1>(), Tensor([1.0, 2.0]));
    /// ```
    #[doc(alias = "squeeze")]
    #[inline]
    pub fn remove_axis<const D: isize>(&self) -> Tensor<S::Removed>
    where
        S: Single<D>,
    {
        same_numbers(self)
    }
}

fn same_numbers<S: Shape, R: Shape<Elem = S::Elem>>(x: &Tensor<S>) -> Tensor<R> {
    let mut y = Tensor::zeros();
    y.iter_mut().zip(x).for_each(|(y, &x)| *y = x);
    y
}

/// dx += Σ dy along axis `D`, for y = x.expand().
#[inline]
pub fn expand_backward<const D: isize, const M: usize, S: Single<D, Elem: Float>>(dy: &Tensor<S::With<M>>, dx: &mut Tensor<S>) {
    let blocks = dy.as_slice().chunks_exact((M * S::INNER).max(1));
    for (dx, dy) in dx.as_mut_slice().chunks_exact_mut(S::INNER.max(1)).zip(blocks) {
        match dx {
            [dx] => *dx += simd::sum(dy),
            dx => simd::sum_rows(dy, dx),
        }
    }
}

operation! {
    /// [`Tensor::expand`] as an operation.
    Expand<const D: isize, const M: usize>
}

impl<const D: isize, const M: usize, S: Single<D, Elem: Float>> Function<Tensor<S>> for Expand<D, M> {
    type Output = Tensor<S::With<M>>;
    const READS_OUTPUT: bool = false;

    #[inline]
    fn forward(&self, x: &Tensor<S>) -> Self::Output {
        x.expand::<D, M>()
    }

    #[inline]
    fn backward(&self, _: &Tensor<S>, _: &Self::Output, dy: &Self::Output, dx: &mut Tensor<S>) {
        expand_backward::<D, M, S>(dy, dx);
    }
}

operation! {
    /// [`Tensor::insert_axis`] as an operation.
    InsertAxis<const D: isize>
}

impl<const D: isize, S: Insert<D, Elem: Float>> Function<Tensor<S>> for InsertAxis<D> {
    type Output = Tensor<S::With<1>>;
    const READS_OUTPUT: bool = false;

    #[inline]
    fn forward(&self, x: &Tensor<S>) -> Self::Output {
        x.insert_axis::<D>()
    }

    /// dx += dy, in x's shape.
    #[inline]
    fn backward(&self, _: &Tensor<S>, _: &Self::Output, dy: &Self::Output, dx: &mut Tensor<S>) {
        simd::add_assign(dx.as_mut_slice(), dy.as_slice());
    }
}

operation! {
    /// [`Tensor::remove_axis`] as an operation.
    RemoveAxis<const D: isize>
}

impl<const D: isize, S: Single<D, Elem: Float>> Function<Tensor<S>> for RemoveAxis<D> {
    type Output = Tensor<S::Removed>;
    const READS_OUTPUT: bool = false;

    #[inline]
    fn forward(&self, x: &Tensor<S>) -> Self::Output {
        x.remove_axis::<D>()
    }

    /// dx += dy, in x's shape.
    #[inline]
    fn backward(&self, _: &Tensor<S>, _: &Self::Output, dy: &Self::Output, dx: &mut Tensor<S>) {
        simd::add_assign(dx.as_mut_slice(), dy.as_slice());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{check, check_f32, wavy};

    #[test]
    fn by_hand() {
        let x = Tensor([[[1.0f32, 2.0]], [[3.0, 4.0]]]);
        assert_eq!(x.expand::<1, 2>(), Tensor([[[1.0, 2.0], [1.0, 2.0]], [[3.0, 4.0], [3.0, 4.0]]]));
        assert_eq!(x.expand::<-2, 0>(), Tensor([[], []]));
        assert_eq!(x.remove_axis::<1>(), Tensor([[1.0, 2.0], [3.0, 4.0]]));
        assert_eq!(x.remove_axis::<1>().insert_axis::<1>(), x);
        assert_eq!(Tensor(1.0f32).insert_axis::<0>(), Tensor([1.0]));
        assert_eq!(Tensor([1.0f32, f32::NAN]).insert_axis::<-1>().expand::<1, 2>().0[0], [1.0, 1.0]);
        assert_eq!(Tensor([[1.0f32, 2.0]]).insert_axis::<-2>(), Tensor([[[1.0, 2.0]]]));
    }

    #[test]
    fn as_operations() {
        let x = wavy::<[[[f64; 3]; 1]; 2], f64>(0.0);
        check(Expand::<1, 4>::new(), &x);
        check(Expand::<-2, 0>::new(), &x);
        check(Expand::<-1, 5>::new(), &Tensor([[1.0], [2.0]]));
        check(Expand::<0, 5>::new(), &Tensor::<[[f64; 0]; 1]>::zeros());
        check(InsertAxis::<1>::new(), &x);
        check(InsertAxis::<-1>::new(), &x);
        check(RemoveAxis::<1>::new(), &x);
        check_f32(Expand::<1, 4>::new(), Expand::<1, 4>::new(), &x, 1e-6);
        check_f32(InsertAxis::<1>::new(), InsertAxis::<1>::new(), &x, 1e-6);
        check_f32(RemoveAxis::<1>::new(), RemoveAxis::<1>::new(), &x, 1e-6);
    }

    /// None asks for a bound where the sizes are generic.
    fn centred<T: Float, const N: usize, const B: usize>(x: &Tensor<[[T; N]; B]>) -> Tensor<[[T; N]; B]> {
        *x - x.mean_axis::<1>().insert_axis::<1>().expand::<1, N>()
    }

    #[test]
    fn generic_sizes() {
        assert_eq!(centred(&Tensor([[1.0f32, 3.0]])), Tensor([[-1.0, 1.0]]));
    }
}
