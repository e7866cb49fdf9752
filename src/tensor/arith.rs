//! `+ - * /` between tensors of equal shape, with a tensor of the trailing dimensions (a bias over a batch), with dimensions of 1
//! (a mean over what it was taken of), with a scalar, and in place.
//!
//! The right-hand side is taken by value or by reference, and may be a parameter. Either side repeats, but in place only the
//! right-hand one can. In generic code the operators hold for every size: `Tensor<[[T; N]; B]> + &Tensor<[T; N]>` needs no bound.
//! Only where a dimension of 1 repeats along a generic one the function asks for it,
//! `[[T; N]; B]: BroadcastWith<[[T; 1]; B], Output = [[T; N]; B]>`, or spells the repetition out with
//! [`expand`](Tensor::expand), which needs none.

use core::any::Any;
use core::borrow::Borrow;
use core::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use super::Tensor;
use crate::shape::{Broadcast, BroadcastWith, Nest, Shape, each_run};
use crate::simd::{self, Float};

/// Replaces each element by `f` of it and the right-hand side's, which repeats to the left-hand one's shape.
#[inline]
pub(crate) fn combine_in_place<L, R, T>(left: &mut Tensor<L>, right: &Tensor<R>, f: impl Fn(T, T) -> T + Copy)
where
    L: Shape<Elem = T>,
    R: Shape<Elem = T>,
    T: Float,
{
    let (left, right) = (left.as_mut_slice(), right.as_slice());
    each_run::<L, R>(|run, _, r| match (left.get_mut(run), right.get(r)) {
        (Some(left), Some(&[right])) => simd::map_in_place(left, |x| f(x, right)),
        (Some(left), Some(right)) => simd::zip_in_place(left, right, f),
        _ => {}
    });
}

/// `f` of each element of both, which repeat. Where the output has the left-hand side's shape it stands in its place.
#[inline]
pub(crate) fn combine<L, R, T>(mut left: Tensor<L>, right: &Tensor<R>, f: impl Fn(T, T) -> T + Copy) -> Tensor<L::Output>
where
    L: BroadcastWith<R, Output: Shape<Elem = T>> + Shape<Elem = T>,
    R: Shape<Elem = T>,
    T: Float,
{
    if let Some(output) = (&mut left as &mut dyn Any).downcast_mut::<Tensor<L::Output>>() {
        combine_in_place(output, right, f);
        return *output;
    }
    let mut output = Tensor::<L::Output>::zeros();
    let (left, right, all) = (left.as_slice(), right.as_slice(), output.as_mut_slice());
    each_run::<L, R>(|run, l, r| match (all.get_mut(run), left.get(l), right.get(r)) {
        (Some(y), Some(a), Some(&[b])) if a.len() == y.len() => simd::map(a, y, |a| f(a, b)),
        (Some(y), Some(&[a]), Some(b)) => simd::map(b, y, |b| f(a, b)),
        (Some(y), Some(a), Some(b)) => simd::zip(a, b, y, f),
        _ => {}
    });
    output
}

macro_rules! operators {
    ($($trait:ident $method:ident $assign_trait:ident $assign:ident $op:tt $assign_op:tt;)+) => {$(
        impl<L, R, T> $assign_trait<&Tensor<R>> for Tensor<L>
        where L: Shape<Elem = T>, R: Broadcast<L> + Shape<Elem = T>, T: Float
        {
            #[inline]
            fn $assign(&mut self, right: &Tensor<R>) {
                combine_in_place(self, right, |a, b| a $op b);
            }
        }

        impl<L, R, T> $assign_trait<Tensor<R>> for Tensor<L>
        where L: Shape<Elem = T>, R: Broadcast<L> + Shape<Elem = T>, T: Float
        {
            #[inline]
            fn $assign(&mut self, right: Tensor<R>) {
                *self $assign_op &right;
            }
        }

        operators!(@tensors $trait $method $op, Tensor<L>, |left| left, Tensor<R>);
        operators!(@tensors $trait $method $op, Tensor<L>, |left| left, &Tensor<R>);
        operators!(@tensors $trait $method $op, &Tensor<L>, |left| *left, Tensor<R>);
        operators!(@tensors $trait $method $op, &Tensor<L>, |left| *left, &Tensor<R>);

        impl<S: Shape<Elem = T>, T: Float> $assign_trait<T> for Tensor<S> {
            #[inline]
            fn $assign(&mut self, right: T) {
                self.map_in_place(|x| x $op right);
            }
        }

        impl<S: Shape<Elem = T>, T: Float> $trait<T> for Tensor<S> {
            type Output = Tensor<S>;

            #[inline]
            fn $method(mut self, right: T) -> Tensor<S> {
                self $assign_op right;
                self
            }
        }

        impl<S: Shape<Elem = T>, T: Float> $trait<T> for &Tensor<S> {
            type Output = Tensor<S>;

            #[inline]
            fn $method(self, right: T) -> Tensor<S> {
                *self $op right
            }
        }

        operators!(@scalar $trait $method $op f32);
        operators!(@scalar $trait $method $op f64);
    )+};
    (@tensors $trait:ident $method:ident $op:tt, $left:ty, |$value:ident| $owned:expr, $right:ty) => {
        impl<L, R, T> $trait<$right> for $left
        where L: BroadcastWith<R, Output: Shape<Elem = T>> + Shape<Elem = T> + Nest<T>, R: Shape<Elem = T> + Nest<T>, T: Float
        {
            type Output = Tensor<<L as BroadcastWith<R>>::Output>;

            #[inline]
            fn $method(self, right: $right) -> Self::Output {
                let $value = self;
                combine($owned, right.borrow(), |a, b| a $op b)
            }
        }
    };
    // A scalar on the left must be a concrete type: the coherence rules want a local one first.
    (@scalar $trait:ident $method:ident $op:tt $t:ty) => {
        impl<S: Shape<Elem = $t>> $trait<Tensor<S>> for $t {
            type Output = Tensor<S>;

            #[inline]
            fn $method(self, right: Tensor<S>) -> Tensor<S> {
                right.map(|x| self $op x)
            }
        }

        impl<S: Shape<Elem = $t>> $trait<&Tensor<S>> for $t {
            type Output = Tensor<S>;

            #[inline]
            fn $method(self, right: &Tensor<S>) -> Tensor<S> {
                self $op *right
            }
        }
    };
}

operators! {
    Add add AddAssign add_assign + +=;
    Sub sub SubAssign sub_assign - -=;
    Mul mul MulAssign mul_assign * *=;
    Div div DivAssign div_assign / /=;
}

impl<S: Shape<Elem = T>, T: Float> Neg for Tensor<S> {
    type Output = Tensor<S>;

    #[inline]
    fn neg(self) -> Tensor<S> {
        self.map(|x| -x)
    }
}

impl<S: Shape<Elem = T>, T: Float> Neg for &Tensor<S> {
    type Output = Tensor<S>;

    #[inline]
    fn neg(self) -> Tensor<S> {
        -*self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Operators in generic code, over any sizes and both element types.
    fn affine<T: Float, const N: usize, const B: usize>(
        x: &Tensor<[[T; N]; B]>,
        w: &Tensor<[T; N]>,
        b: T,
    ) -> Tensor<[[T; N]; B]> {
        x * w + b
    }

    #[test]
    fn trailing_dimensions_repeat() {
        let x = Tensor([[1.0f32, 2.0], [3.0, 4.0]]);
        assert_eq!(affine(&x, &Tensor([10.0, 100.0]), 1.0), Tensor([[11.0, 201.0], [31.0, 401.0]]));
        assert_eq!(x + Tensor(1.0), x + 1.0);
        assert_eq!(Tensor([[[1.0f64; 2]; 3]; 4]) - Tensor([[1.0; 2]; 3]), Tensor::zeros());
    }

    #[test]
    fn dimensions_of_one_repeat() {
        let x = Tensor([[1.0f32, 2.0], [3.0, 4.0]]);
        assert_eq!(x - Tensor([[1.0], [3.0]]), Tensor([[0.0, 1.0], [0.0, 1.0]]));
        assert_eq!(x * Tensor([[1.0, 10.0]]), Tensor([[1.0, 20.0], [3.0, 40.0]]));
        assert_eq!(x + Tensor([1.0]), x + 1.0);
        let image = Tensor([[[1.0f64; 3]; 2]; 4]);
        assert_eq!(image * Tensor([[[2.0; 3]; 2]]) / Tensor([[[2.0]]; 4]), image);
        assert_eq!(Tensor::<[[f32; 0]; 2]>::zeros() + Tensor([[1.0]; 2]), Tensor([[], []]));
    }

    #[test]
    fn either_side_repeats() {
        let x = Tensor([[1.0f32, 2.0], [3.0, 4.0]]);
        let (row, column) = (Tensor([10.0f32, 20.0]), Tensor([[1.0f32], [2.0]]));
        assert_eq!(row - x, Tensor([[9.0, 18.0], [7.0, 16.0]]));
        assert_eq!(row / x, Tensor([[10.0, 10.0], [10.0 / 3.0, 5.0]]));
        assert_eq!(column * x, Tensor([[1.0, 2.0], [6.0, 8.0]]));
        assert_eq!(column * row, Tensor([[10.0, 20.0], [20.0, 40.0]]));
        assert_eq!(Tensor(1.0) - x, 1.0 - x);
        let all: Tensor<[[[f32; 2]; 3]; 2]> = Tensor([[[1.0f32, 2.0]], [[3.0, 4.0]]]) + Tensor([[1.0], [2.0], [3.0]]);
        assert_eq!(all.0[1], [[4.0, 5.0], [5.0, 6.0], [6.0, 7.0]]);
        let bias = |x: Tensor<[f32; 2]>| x + Tensor([1.0, 2.0]); // a literal is of x's type
        assert_eq!(bias(row), Tensor([11.0, 22.0]));
    }

    /// Along a generic dimension, 1 repeats by a bound.
    fn centre<T: Float, const N: usize, const B: usize>(
        x: Tensor<[[T; N]; B]>,
        mean: &Tensor<[[T; 1]; B]>,
    ) -> Tensor<[[T; N]; B]>
    where
        [[T; N]; B]: BroadcastWith<[[T; 1]; B], Output = [[T; N]; B]>,
    {
        x - mean
    }

    #[test]
    fn a_dimension_of_one_along_a_generic_one() {
        assert_eq!(centre(Tensor([[1.0f32, 2.0], [3.0, 4.0]]), &Tensor([[1.0], [3.0]])), Tensor([[0.0, 1.0]; 2]));
        assert_eq!(centre(Tensor([[1.0f32], [3.0]]), &Tensor([[1.0], [3.0]])), Tensor([[0.0]; 2]));
    }

    #[test]
    fn scalars_stand_on_either_side() {
        let x = Tensor([1.0f32, 2.0, 4.0]);
        assert_eq!(1.0 - x, Tensor([0.0, -1.0, -3.0]));
        assert_eq!(8.0 / &x, Tensor([8.0, 4.0, 2.0]));
        assert_eq!(-x * 2.0, Tensor([-2.0, -4.0, -8.0]));
    }

    #[test]
    fn in_place() {
        let mut x = Tensor([[1.0f64, 2.0], [3.0, 4.0]]);
        x += &Tensor([1.0, 1.0]);
        x *= Tensor([[2.0, 2.0], [0.0, 0.0]]);
        x -= 1.0;
        x /= 3.0;
        assert_eq!(x, Tensor([[1.0, 5.0 / 3.0], [-1.0 / 3.0, -1.0 / 3.0]]));
    }
}
