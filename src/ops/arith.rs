//! `+ - * /` as operations: between tensors of equal shape, with a tensor of the trailing dimensions, with a number on either
//! side, and between numbers.

use super::Function2;
use crate::shape::{Broadcast, Shape};
use crate::simd::Float;
use crate::tensor::Tensor;

/// An operator, and its derivatives with respect to the left and the right operand.
macro_rules! binary {
    ($($(#[$doc:meta])+ $name:ident, $op:tt, |$a:ident, $b:ident| $da:expr, $db:expr;)+) => {$(
        $(#[$doc])+
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
        pub struct $name;

        impl $name {
            /// The operation; it has no settings.
            pub const fn new() -> Self {
                Self
            }
        }

        impl<L, R, T> Function2<Tensor<L>, Tensor<R>> for $name
        where L: Shape<Elem = T>, R: Broadcast<L> + Shape<Elem = T>, T: Float
        {
            type Output = Tensor<L>;

            #[inline]
            fn forward(&self, a: &Tensor<L>, b: &Tensor<R>) -> Tensor<L> {
                a $op b
            }

            #[inline]
            fn backward_a(&self, a: &Tensor<L>, b: &Tensor<R>, _: &Tensor<L>, dy: &Tensor<L>, da: &mut Tensor<L>) {
                let period = R::LEN.max(1);
                let (da, a) = (da.as_mut_slice().chunks_exact_mut(period), a.as_slice().chunks_exact(period));
                for ((da, a), dy) in da.zip(a).zip(dy.as_slice().chunks_exact(period)) {
                    for (((d, &$a), &$b), &dy) in da.iter_mut().zip(a).zip(b).zip(dy) {
                        let _ = ($a, $b);
                        *d += dy * $da;
                    }
                }
            }

            #[inline]
            fn backward_b(&self, a: &Tensor<L>, b: &Tensor<R>, _: &Tensor<L>, dy: &Tensor<L>, db: &mut Tensor<R>) {
                let period = R::LEN.max(1);
                for (a, dy) in a.as_slice().chunks_exact(period).zip(dy.as_slice().chunks_exact(period)) {
                    for (((d, &$a), &$b), &dy) in db.iter_mut().zip(a).zip(b).zip(dy) {
                        let _ = ($a, $b);
                        *d += dy * $db;
                    }
                }
            }
        }

        impl<S: Shape<Elem = T>, T: Float> Function2<Tensor<S>, T> for $name {
            type Output = Tensor<S>;

            #[inline]
            fn forward(&self, a: &Tensor<S>, b: &T) -> Tensor<S> {
                a $op *b
            }

            #[inline]
            fn backward_a(&self, a: &Tensor<S>, &$b: &T, _: &Tensor<S>, dy: &Tensor<S>, da: &mut Tensor<S>) {
                for ((d, &$a), &dy) in da.iter_mut().zip(a).zip(dy) {
                    let _ = ($a, $b);
                    *d += dy * $da;
                }
            }

            #[inline]
            fn backward_b(&self, a: &Tensor<S>, &$b: &T, _: &Tensor<S>, dy: &Tensor<S>, db: &mut T) {
                for (&$a, &dy) in a.iter().zip(dy) {
                    let _ = ($a, $b);
                    *db += dy * $db;
                }
            }
        }

        impl<S: Shape<Elem = T>, T: Float> Function2<T, Tensor<S>> for $name {
            type Output = Tensor<S>;

            #[inline]
            fn forward(&self, a: &T, b: &Tensor<S>) -> Tensor<S> {
                b.map(|b| *a $op b)
            }

            #[inline]
            fn backward_a(&self, &$a: &T, b: &Tensor<S>, _: &Tensor<S>, dy: &Tensor<S>, da: &mut T) {
                for (&$b, &dy) in b.iter().zip(dy) {
                    let _ = ($a, $b);
                    *da += dy * $da;
                }
            }

            #[inline]
            fn backward_b(&self, &$a: &T, b: &Tensor<S>, _: &Tensor<S>, dy: &Tensor<S>, db: &mut Tensor<S>) {
                for ((d, &$b), &dy) in db.iter_mut().zip(b).zip(dy) {
                    let _ = ($a, $b);
                    *d += dy * $db;
                }
            }
        }

        impl<T: Float> Function2<T, T> for $name {
            type Output = T;

            #[inline]
            fn forward(&self, a: &T, b: &T) -> T {
                *a $op *b
            }

            #[inline]
            fn backward_a(&self, &$a: &T, &$b: &T, _: &T, dy: &T, da: &mut T) {
                let _ = ($a, $b);
                *da += *dy * $da;
            }

            #[inline]
            fn backward_b(&self, &$a: &T, &$b: &T, _: &T, dy: &T, db: &mut T) {
                let _ = ($a, $b);
                *db += *dy * $db;
            }
        }
    )+};
}

binary! {
    /// a + b.
    Add, +, |a, b| T::ONE, T::ONE;
    /// a − b.
    Sub, -, |a, b| T::ONE, -T::ONE;
    /// a · b, element by element.
    Mul, *, |a, b| b, a;
    /// a / b, element by element. db = −a / b².
    Div, /, |a, b| T::ONE / b, -a / (b * b);
}
