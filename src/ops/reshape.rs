//! The same elements in another shape.

use core::marker::PhantomData;

use super::Function;
use crate::shape::{Const, Flattened, ReshapeTo, Shape};
use crate::simd::{self, Float};
use crate::tensor::Tensor;

impl<S: Shape> Tensor<S> {
    /// The same elements, row by row, as another shape with as many of them. After
    /// [`torch.reshape`](https://docs.pytorch.org/docs/stable/generated/torch.reshape.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let x = Tensor([[1.0f32, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    /// assert_eq!(x.reshape::<[[f32; 2]; 3]>(), Tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]));
    /// ```
    /// ```compile_fail
    /// # use adamant::prelude::*;
    /// Tensor([[1.0f32; 4]; 3]).reshape::<[[f32; 5]; 2]>(); // error: 12 elements are not 10
    /// ```
    #[doc(alias = "view")]
    #[inline]
    pub fn reshape<R: Shape<Elem = S::Elem>>(&self) -> Tensor<R>
    where
        S: ReshapeTo<R>,
    {
        let mut y = Tensor::zeros();
        y.iter_mut().zip(self).for_each(|(y, x)| *y = *x);
        y
    }

    /// All elements, row by row, as a vector. After
    /// [`torch.flatten`](https://docs.pytorch.org/docs/stable/generated/torch.flatten.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([[1.0f32, 2.0], [3.0, 4.0]]).flatten(), Tensor([1.0, 2.0, 3.0, 4.0]));
    /// ```
    #[doc(alias = "ravel")]
    #[inline]
    pub fn flatten<const N: usize>(&self) -> Tensor<[S::Elem; N]>
    where
        S: Flattened<Out = Const<N>>,
    {
        let mut y = Tensor::zeros();
        y.iter_mut().zip(self).for_each(|(y, x)| *y = *x);
        y
    }
}

/// dx += dy, in x's shape.
#[inline]
pub fn reshape_backward<S, R>(dy: &Tensor<R>, dx: &mut Tensor<S>)
where
    S: Shape<Elem: Float> + ReshapeTo<R>,
    R: Shape<Elem = S::Elem>,
{
    simd::add_assign(dx.as_mut_slice(), dy.as_slice());
}

/// dx += dy, in x's shape.
#[inline]
pub fn flatten_backward<S, const N: usize>(dy: &Tensor<[S::Elem; N]>, dx: &mut Tensor<S>)
where
    S: Shape<Elem: Float> + Flattened<Out = Const<N>>,
{
    simd::add_assign(dx.as_mut_slice(), dy.as_slice());
}

/// [`Tensor::reshape`] as an operation. `R` is the new shape, and may be left to the compiler where it follows.
#[derive(Clone, Copy, Debug)]
pub struct Reshape<R>(PhantomData<fn() -> R>);

impl<R> Reshape<R> {
    /// The operation; it has no settings.
    #[allow(clippy::new_without_default, reason = "one way to make an operation")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<S, R> Function<Tensor<S>> for Reshape<R>
where
    S: Shape<Elem: Float> + ReshapeTo<R>,
    R: Shape<Elem = S::Elem>,
{
    type Output = Tensor<R>;
    const READS_OUTPUT: bool = false;

    #[inline]
    fn forward(&self, x: &Tensor<S>) -> Tensor<R> {
        x.reshape()
    }

    #[inline]
    fn backward(&self, _: &Tensor<S>, _: &Tensor<R>, dy: &Tensor<R>, dx: &mut Tensor<S>) {
        reshape_backward(dy, dx);
    }
}

operation! {
    /// [`Tensor::flatten`] as an operation. The number of elements may be left to the compiler.
    Flatten<const N: usize>
}

impl<S, const N: usize> Function<Tensor<S>> for Flatten<N>
where
    S: Shape<Elem: Float> + Flattened<Out = Const<N>>,
{
    type Output = Tensor<[S::Elem; N]>;
    const READS_OUTPUT: bool = false;

    #[inline]
    fn forward(&self, x: &Tensor<S>) -> Self::Output {
        x.flatten()
    }

    #[inline]
    fn backward(&self, _: &Tensor<S>, _: &Self::Output, dy: &Self::Output, dx: &mut Tensor<S>) {
        flatten_backward(dy, dx);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{check, check_f32, check_gradient, wavy};

    #[test]
    fn elements_keep_their_order() {
        let x = wavy::<[[[f64; 4]; 3]; 2], f64>(0.0);
        let y = x.reshape::<[[f64; 2]; 12]>();
        assert_eq!(x.as_slice(), y.as_slice());
        assert_eq!(x.flatten(), y.flatten());
        assert_eq!(Tensor([[[[7u8]]]]).reshape::<u8>(), Tensor(7));
        assert_eq!(Tensor([[[[7.0f32; 3]; 2]; 5]; 4]).flatten(), Tensor([7.0; 120]));
    }

    #[test]
    fn gradients() {
        let x = wavy::<[[[f64; 4]; 3]; 2], f64>(0.0);
        check_gradient(&x, Tensor::reshape::<[[f64; 8]; 3]>, reshape_backward);
        check_gradient(&x, Tensor::flatten, flatten_backward);
    }

    #[test]
    fn nothing_reshapes_to_nothing() {
        let x = Tensor::<[[f32; 0]; 3]>::zeros();
        assert_eq!(x.reshape::<[[f32; 2]; 0]>(), Tensor([]));
        assert_eq!(x.flatten(), Tensor([]));
    }

    /// A generic size carries the bound, as every operation that computes with dimensions.
    fn row<const H: usize, const W: usize, const N: usize>(x: &Tensor<[[f32; W]; H]>) -> Tensor<[f32; N]>
    where
        [[f32; W]; H]: Flattened<Out = Const<N>>,
    {
        x.flatten()
    }

    fn heads<const T: usize, const E: usize, const H: usize, const D: usize>(
        x: &Tensor<[[f32; E]; T]>,
    ) -> Tensor<[[[f32; D]; H]; T]>
    where
        [[f32; E]; T]: ReshapeTo<[[[f32; D]; H]; T]>,
    {
        x.reshape()
    }

    #[test]
    fn generic_sizes() {
        assert_eq!(row(&Tensor([[1.0, 2.0], [3.0, 4.0]])), Tensor([1.0, 2.0, 3.0, 4.0]));
        assert_eq!(heads(&Tensor([[1.0, 2.0, 3.0, 4.0]])), Tensor([[[1.0, 2.0], [3.0, 4.0]]]));
    }

    #[test]
    fn as_operations() {
        let x = wavy::<[[[f64; 4]; 3]; 2], f64>(0.0);
        check(Reshape::<[[f64; 8]; 3]>::new(), &x);
        check(Flatten::new(), &x);
        check(Flatten::<0>::new(), &Tensor::<[[f64; 2]; 0]>::zeros());
        check_f32(Flatten::new(), Flatten::new(), &x, 1e-6);
        let y: Tensor<[[f64; 2]; 12]> = Function::forward(&Reshape::new(), &x);
        assert_eq!(y, x.reshape());
    }
}
