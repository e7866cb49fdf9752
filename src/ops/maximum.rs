//! The larger and the smaller of two numbers.

use super::Function2;
use super::arith::{add_to_left, add_to_right};
use crate::shape::{BroadcastWith, Nest, Shape};
use crate::simd::Float;
use crate::tensor::{Tensor, combine};

impl<S: Shape<Elem = T>, T: Float> Tensor<S> {
    /// The larger of each element and its counterpart in `other`, which may repeat as with an operator; NaN if either is. After
    /// [`torch.maximum`](https://docs.pytorch.org/docs/stable/generated/torch.maximum.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let x = Tensor([[1.0f32, 5.0], [3.0, 2.0]]);
    /// assert_eq!(x.maximum(&Tensor([2.0, 4.0])), Tensor([[2.0, 5.0], [3.0, 4.0]]));
    /// ```
    #[doc(alias = "fmax")]
    #[inline]
    pub fn maximum<R: Shape<Elem = T> + Nest<T>>(&self, other: &Tensor<R>) -> Tensor<S::Output>
    where
        S: BroadcastWith<R, Output: Shape<Elem = T>>,
    {
        combine(*self, other, T::maximum)
    }

    /// The smaller of each element and its counterpart in `other`, which may repeat as with an operator; NaN if either is. After
    /// [`torch.minimum`](https://docs.pytorch.org/docs/stable/generated/torch.minimum.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let x = Tensor([[1.0f32, 5.0], [3.0, 2.0]]);
    /// assert_eq!(x.minimum(&Tensor([2.0, 4.0])), Tensor([[1.0, 4.0], [2.0, 2.0]]));
    /// ```
    #[doc(alias = "fmin")]
    #[inline]
    pub fn minimum<R: Shape<Elem = T> + Nest<T>>(&self, other: &Tensor<R>) -> Tensor<S::Output>
    where
        S: BroadcastWith<R, Output: Shape<Elem = T>>,
    {
        combine(*self, other, T::minimum)
    }
}

/// A method's operation. Where the closure is true the other operand is chosen, not `a`.
macro_rules! either {
    ($($name:ident = $method:ident, |$a:ident, $b:ident| $loses:expr;)+) => {
        $(
            operation! {
                #[doc = concat!("[`Tensor::", stringify!($method), "`] as an operation, of numbers too. Where both operands are equal")]
                /// each gets half of the gradient, as in PyTorch, and where one is NaN each gets all of it.
                $name
            }

            #[diagnostic::do_not_recommend]
            impl<L, R, T> Function2<Tensor<L>, Tensor<R>> for $name
            where
                L: BroadcastWith<R, Output: Shape<Elem = T>> + Shape<Elem = T>,
                R: Shape<Elem = T> + Nest<T>,
                T: Float,
            {
                type Output = Tensor<<L as BroadcastWith<R>>::Output>;
                const READS_OUTPUT: bool = false;

                #[inline]
                fn forward(&self, a: &Tensor<L>, b: &Tensor<R>) -> Self::Output {
                    a.$method(b)
                }

                #[inline]
                fn backward_a(&self, a: &Tensor<L>, b: &Tensor<R>, _: &Self::Output, dy: &Self::Output, da: &mut Tensor<L>) {
                    add_to_left(a, b, dy, da, |a, b| $name::share(a, b));
                }

                #[inline]
                fn backward_b(&self, a: &Tensor<L>, b: &Tensor<R>, _: &Self::Output, dy: &Self::Output, db: &mut Tensor<R>) {
                    add_to_right(a, b, dy, db, |a, b| $name::share(b, a));
                }
            }

            #[diagnostic::do_not_recommend]
            impl<S: Shape<Elem = T>, T: Float> Function2<Tensor<S>, T> for $name {
                type Output = Tensor<S>;
                const READS_OUTPUT: bool = false;

                #[inline]
                fn forward(&self, a: &Tensor<S>, b: &T) -> Tensor<S> {
                    a.map(|a| a.$method(*b))
                }

                #[inline]
                fn backward_a(&self, a: &Tensor<S>, b: &T, _: &Tensor<S>, dy: &Tensor<S>, da: &mut Tensor<S>) {
                    da.iter_mut().zip(a).zip(dy).for_each(|((da, &a), &dy)| *da += dy * $name::share(a, *b));
                }

                #[inline]
                fn backward_b(&self, a: &Tensor<S>, b: &T, _: &Tensor<S>, dy: &Tensor<S>, db: &mut T) {
                    a.iter().zip(dy).for_each(|(&a, &dy)| *db += dy * $name::share(*b, a));
                }
            }

            #[diagnostic::do_not_recommend]
            impl<T: Float> Function2<T, T> for $name {
                type Output = T;
                const READS_OUTPUT: bool = false;

                #[inline]
                fn forward(&self, a: &T, b: &T) -> T {
                    a.$method(*b)
                }

                #[inline]
                fn backward_a(&self, a: &T, b: &T, _: &T, dy: &T, da: &mut T) {
                    *da += *dy * $name::share(*a, *b);
                }

                #[inline]
                fn backward_b(&self, a: &T, b: &T, _: &T, dy: &T, db: &mut T) {
                    *db += *dy * $name::share(*b, *a);
                }
            }

            impl $name {
                /// How much of the gradient flows to `a`.
                #[inline(always)]
                fn share<T: Float>($a: T, $b: T) -> T {
                    let all = if $a == $b { T::from_f64(0.5) } else { T::ONE };
                    if $loses { T::ZERO } else { all }
                }
            }
        )+
    };
}

either! {
    Maximum = maximum, |a, b| a < b;
    Minimum = minimum, |a, b| a > b;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{check2, wavy};

    #[test]
    fn gradients() {
        let a = wavy::<[[f64; 4]; 3], f64>(0.0);
        macro_rules! check {
            ($($op:expr;)+) => {$(
                check2($op, &a, &wavy::<[[f64; 4]; 3], f64>(1.0));
                check2($op, &a, &wavy::<[f64; 4], f64>(1.0));
                check2($op, &a, &wavy::<[[f64; 1]; 3], f64>(1.0));
                check2($op, &wavy::<[f64; 4], f64>(1.0), &a);
                check2($op, &wavy::<[[f64; 1]; 3], f64>(1.0), &wavy::<[f64; 4], f64>(0.0));
                check2($op, &a, &0.1);
                check2($op, &0.2, &0.1);
                check2($op, &Tensor::<[[f64; 0]; 2]>::zeros(), &Tensor::<[f64; 0]>::zeros());
            )+};
        }
        check! {
            Maximum::new();
            Minimum::new();
        }
    }

    #[test]
    fn equal_numbers_share_and_nan_takes_all() {
        let (a, b) = (Tensor([1.0f32, 2.0, f32::NAN, 0.0]), Tensor([1.0, 1.0, 0.0, f32::NAN]));
        let y = a.maximum(&b);
        assert!(y.0[..2] == [1.0, 2.0] && y.0[2].is_nan() && y.0[3].is_nan());
        let (mut da, mut db, dy) = (Tensor::zeros(), Tensor::zeros(), Tensor([8.0; 4]));
        Maximum::new().backward_a(&a, &b, &y, &dy, &mut da);
        Maximum::new().backward_b(&a, &b, &y, &dy, &mut db);
        assert_eq!((da, db), (Tensor([4.0, 8.0, 8.0, 8.0]), Tensor([4.0, 0.0, 8.0, 8.0])));
        Minimum::new().backward_a(&a, &b, &y, &dy, &mut da);
        assert_eq!(da, Tensor([8.0, 8.0, 16.0, 16.0]));
    }
}
