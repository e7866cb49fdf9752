//! `+ - * /` between tensors of equal shape, with a tensor of the trailing dimensions (a bias over a batch), with dimensions of 1
//! (a mean over what it was taken of), with a scalar, and in place.
//!
//! The right-hand side is taken by value or by reference, and may be a parameter. Either side repeats, but in place only the
//! right-hand one can. In generic code the operators hold for every size: `Tensor<[[T; N]; B]> + &Tensor<[T; N]>` needs no bound.
//! Only where a dimension of 1 repeats along a generic one the function asks for it,
//! `[[T; N]; B]: BroadcastWith<[[T; 1]; B], Output = [[T; N]; B]>`, or spells the repetition out with
//! [`expand`](Tensor::expand), which needs none.

use core::any::Any;
use core::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use ref_cast::RefCast;

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

/// What may stand on the right of `+ - * /` where a tensor of shape `L` is on the left: a tensor, a parameter or a number.
///
/// The operators have one implementation for all of them. If they had one for tensors and one for numbers, the compiler could only
/// say that it found neither; this says why.
#[diagnostic::on_unimplemented(
    message = "`Tensor<{L}>` on the left of an operator does not go with `{Self}` on the right",
    label = "not a number or a tensor of the same type, or the dimensions do not broadcast",
    note = "counted from the last one, two dimensions must be equal, or one of them 1 or missing",
    note = "a parameter is lent: `x * &self.weight`",
    note = "1 repeats along any number up to 4,096 and any multiple of 64 or of 100 up to 65,536, and along any other up to 65,536 that the environment variable `ADAMANT_SIZES` lists where you build, or with adamant's feature `all-sizes`"
)]
pub trait Right<L: Shape<Elem: Float>> {
    /// What the operator gives.
    type Output;

    /// `f` of each element of both.
    fn combine(self, left: Tensor<L>, f: impl Fn(L::Elem, L::Elem) -> L::Elem + Copy) -> Self::Output;
}

impl<L, R, T> Right<L> for &Tensor<R>
where
    L: BroadcastWith<R, Output: Shape<Elem = T>> + Shape<Elem = T> + Nest<T>,
    R: Shape<Elem = T> + Nest<T>,
    T: Float,
{
    type Output = Tensor<<L as BroadcastWith<R>>::Output>;

    #[inline]
    fn combine(self, left: Tensor<L>, f: impl Fn(T, T) -> T + Copy) -> Self::Output {
        combine(left, self, f)
    }
}

impl<L, R, T> Right<L> for Tensor<R>
where
    L: BroadcastWith<R, Output: Shape<Elem = T>> + Shape<Elem = T> + Nest<T>,
    R: Shape<Elem = T> + Nest<T>,
    T: Float,
{
    type Output = Tensor<<L as BroadcastWith<R>>::Output>;

    #[inline]
    fn combine(self, left: Tensor<L>, f: impl Fn(T, T) -> T + Copy) -> Self::Output {
        combine(left, &self, f)
    }
}

/// An array is the tensor of its elements: a setting of a layer, one number for each channel.
impl<'r, L: Shape<Elem: Float>, R, const N: usize> Right<L> for &'r [R; N]
where
    &'r Tensor<[R; N]>: Right<L>,
{
    type Output = <&'r Tensor<[R; N]> as Right<L>>::Output;

    #[inline]
    fn combine(self, left: Tensor<L>, f: impl Fn(L::Elem, L::Elem) -> L::Elem + Copy) -> Self::Output {
        Tensor::ref_cast(self).combine(left, f)
    }
}

impl<L: Shape<Elem: Float>, R, const N: usize> Right<L> for [R; N]
where
    Tensor<[R; N]>: Right<L>,
{
    type Output = <Tensor<[R; N]> as Right<L>>::Output;

    #[inline]
    fn combine(self, left: Tensor<L>, f: impl Fn(L::Elem, L::Elem) -> L::Elem + Copy) -> Self::Output {
        Tensor(self).combine(left, f)
    }
}

impl<L: Shape<Elem = T>, T: Float> Right<L> for T {
    type Output = Tensor<L>;

    #[inline]
    fn combine(self, mut left: Tensor<L>, f: impl Fn(T, T) -> T + Copy) -> Tensor<L> {
        left.map_in_place(|x| f(x, self));
        left
    }
}

/// What may stand on the right of `+= -= *= /=` where a tensor of shape `L` is on the left, as [`Right`]; it alone repeats.
#[diagnostic::on_unimplemented(
    message = "`Tensor<{L}>` cannot change in place by `{Self}`",
    label = "not a number or a tensor of the same type, or its dimensions do not broadcast to the left-hand side's",
    note = "counted from the last one, each dimension must be equal to the left-hand side's, or 1 or missing",
    note = "1 repeats along any number up to 4,096 and any multiple of 64 or of 100 up to 65,536, and along any other up to 65,536 that the environment variable `ADAMANT_SIZES` lists where you build, or with adamant's feature `all-sizes`"
)]
pub trait RightInPlace<L: Shape<Elem: Float>> {
    /// Replaces each element of the left by `f` of it and of the right.
    fn combine_in_place(self, left: &mut Tensor<L>, f: impl Fn(L::Elem, L::Elem) -> L::Elem + Copy);
}

impl<L: Shape<Elem = T>, R: Broadcast<L> + Shape<Elem = T>, T: Float> RightInPlace<L> for &Tensor<R> {
    #[inline]
    fn combine_in_place(self, left: &mut Tensor<L>, f: impl Fn(T, T) -> T + Copy) {
        combine_in_place(left, self, f);
    }
}

impl<L: Shape<Elem = T>, R: Broadcast<L> + Shape<Elem = T>, T: Float> RightInPlace<L> for Tensor<R> {
    #[inline]
    fn combine_in_place(self, left: &mut Tensor<L>, f: impl Fn(T, T) -> T + Copy) {
        combine_in_place(left, &self, f);
    }
}

impl<L: Shape<Elem = T>, T: Float> RightInPlace<L> for T {
    #[inline]
    fn combine_in_place(self, left: &mut Tensor<L>, f: impl Fn(T, T) -> T + Copy) {
        left.map_in_place(|x| f(x, self));
    }
}

macro_rules! operators {
    ($($trait:ident $method:ident $assign_trait:ident $assign:ident $op:tt;)+) => {$(
        impl<L: Shape<Elem: Float>, R: RightInPlace<L>> $assign_trait<R> for Tensor<L> {
            #[inline]
            fn $assign(&mut self, right: R) {
                right.combine_in_place(self, |a, b| a $op b);
            }
        }

        impl<L: Shape<Elem: Float>, R: Right<L>> $trait<R> for Tensor<L> {
            type Output = R::Output;

            #[inline]
            fn $method(self, right: R) -> R::Output {
                right.combine(self, |a, b| a $op b)
            }
        }

        impl<L: Shape<Elem: Float>, R: Right<L>> $trait<R> for &Tensor<L> {
            type Output = R::Output;

            #[inline]
            fn $method(self, right: R) -> R::Output {
                right.combine(*self, |a, b| a $op b)
            }
        }

        operators!(@scalar $trait $method $op f32);
        operators!(@scalar $trait $method $op f64);
    )+};
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
    Add add AddAssign add_assign +;
    Sub sub SubAssign sub_assign -;
    Mul mul MulAssign mul_assign *;
    Div div DivAssign div_assign /;
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
