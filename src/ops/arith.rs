//! `+ - * /` as operations: between tensors of equal shape, with one that repeats (trailing dimensions, dimensions of 1), with
//! a number on either side, and between numbers.

use super::{Function2, Sink};
use crate::shape::{Broadcast, Shape, each_run};
use crate::simd::{self, Float};
use crate::tensor::Tensor;

/// da += dy · f(a, b), where `b` repeats.
#[inline(always)]
pub(super) fn add_to_left<L, R, T>(a: &Tensor<L>, b: &Tensor<R>, dy: &Tensor<L>, da: &mut Tensor<L>, f: impl Fn(T, T) -> T)
where
    L: Shape<Elem = T>,
    R: Broadcast<L> + Shape<Elem = T>,
    T: Float,
{
    let (a, b, dy, da) = (a.as_slice(), b.as_slice(), dy.as_slice(), da.as_mut_slice());
    each_run::<L, R>(|left, right| {
        let (Some(a), Some(b), Some(dy)) = (a.get(left.clone()), b.get(right), dy.get(left.clone())) else { return };
        let run = da.get_mut(left).unwrap_or_default().iter_mut().zip(a).zip(dy);
        match b {
            [b] => run.for_each(|((da, &a), &dy)| *da += dy * f(a, *b)),
            b => run.zip(b).for_each(|(((da, &a), &dy), &b)| *da += dy * f(a, b)),
        }
    });
}

/// db += Σ dy · f(a, b) over what `b` repeats to.
#[inline(always)]
pub(super) fn add_to_right<L, R, T>(a: &Tensor<L>, b: &Tensor<R>, dy: &Tensor<L>, db: &mut Tensor<R>, f: impl Fn(T, T) -> T)
where
    L: Shape<Elem = T>,
    R: Broadcast<L> + Shape<Elem = T>,
    T: Float,
{
    let (a, b, dy, db) = (a.as_slice(), b.as_slice(), dy.as_slice(), db.as_mut_slice());
    each_run::<L, R>(|left, right| {
        let (Some(a), Some(b), Some(dy)) = (a.get(left.clone()), b.get(right.clone()), dy.get(left)) else { return };
        match (b, db.get_mut(right).unwrap_or_default()) {
            ([b], [db]) => a.iter().zip(dy).for_each(|(&a, &dy)| *db += dy * f(a, *b)),
            (b, db) => db.iter_mut().zip(a).zip(b).zip(dy).for_each(|(((db, &a), &b), &dy)| *db += dy * f(a, b)),
        }
    });
}

/// a = dy · f(a, b), where `b` repeats.
#[inline(always)]
fn over_left<L, R, T>(a: &mut Tensor<L>, b: &Tensor<R>, dy: &Tensor<L>, f: impl Fn(T, T) -> T)
where
    L: Shape<Elem = T>,
    R: Broadcast<L> + Shape<Elem = T>,
    T: Float,
{
    let (a, b, dy) = (a.as_mut_slice(), b.as_slice(), dy.as_slice());
    each_run::<L, R>(|left, right| {
        let (Some(a), Some(b), Some(dy)) = (a.get_mut(left.clone()), b.get(right), dy.get(left)) else { return };
        let run = a.iter_mut().zip(dy);
        match b {
            [b] => run.for_each(|(a, &dy)| *a = dy * f(*a, *b)),
            b => run.zip(b).for_each(|((a, &dy), &b)| *a = dy * f(*a, b)),
        }
    });
}

/// Where the output of an operator stands in training: over the left operand, if neither derivative reads that, or beside it.
macro_rules! place {
    (bytes over, $output:ty) => {
        0
    };
    (bytes beside, $output:ty) => {
        size_of::<$output>()
    };
    (over, $a:ident $assign:tt $b:expr, $next:ident, |$dy:ident| $db:expr, $da:expr) => {{
        *$a $assign $b;
        let result = $next($a);
        let $dy = &*$a;
        $db;
        result
    }};
    (beside, $a:ident $assign:tt $b:expr, $next:ident, |$dy:ident| $db:expr, $da:expr) => {{
        let mut y = *$a;
        y $assign $b;
        let result = $next(&mut y);
        let $dy = &y;
        $db;
        $da;
        result
    }};
}

/// An operator, where its output stands, and its derivatives with respect to the left and the right operand.
macro_rules! binary {
    ($($(#[$doc:meta])+ $name:ident, $op:tt, $assign:tt, $place:ident, |$a:ident, $b:ident| $da:expr, $db:expr;)+) => {$(
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
            const READS_OUTPUT: bool = false;
            const BACKPROP_BYTES: usize = place!(bytes $place, Tensor<L>);

            #[inline]
            fn forward(&self, a: &Tensor<L>, b: &Tensor<R>) -> Tensor<L> {
                a $op b
            }

            #[inline]
            fn backward_a(&self, a: &Tensor<L>, b: &Tensor<R>, _: &Tensor<L>, dy: &Tensor<L>, da: &mut Tensor<L>) {
                add_to_left(a, b, dy, da, |$a, $b| {
                    let _ = ($a, $b);
                    $da
                });
            }

            #[inline]
            fn backward_b(&self, a: &Tensor<L>, b: &Tensor<R>, _: &Tensor<L>, dy: &Tensor<L>, db: &mut Tensor<R>) {
                add_to_right(a, b, dy, db, |$a, $b| {
                    let _ = ($a, $b);
                    $db
                });
            }

            #[inline]
            fn backprop<F>(
                &self,
                a: &mut Tensor<L>,
                b: &Tensor<R>,
                db: &mut impl Sink<Tensor<R>>,
                next: impl FnOnce(&mut Tensor<L>) -> F,
            ) -> F {
                place!(
                    $place,
                    a $assign b,
                    next,
                    |dy| db.accumulate(|db| self.backward_b(a, b, dy, dy, db)),
                    over_left(a, b, dy, |$a, $b| {
                        let _ = ($a, $b);
                        $da
                    })
                )
            }
        }

        impl<S: Shape<Elem = T>, T: Float> Function2<Tensor<S>, T> for $name {
            type Output = Tensor<S>;
            const READS_OUTPUT: bool = false;
            const BACKPROP_BYTES: usize = place!(bytes $place, Tensor<S>);

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

            #[inline]
            fn backprop<F>(
                &self,
                a: &mut Tensor<S>,
                b: &T,
                db: &mut impl Sink<T>,
                next: impl FnOnce(&mut Tensor<S>) -> F,
            ) -> F {
                place!(
                    $place,
                    a $assign *b,
                    next,
                    |dy| db.accumulate(|db| self.backward_b(a, b, dy, dy, db)),
                    simd::zip_in_place(a.as_mut_slice(), dy.as_slice(), |$a, dy| {
                        let ($a, $b) = ($a, *b);
                        let _ = ($a, $b);
                        dy * $da
                    })
                )
            }
        }

        impl<S: Shape<Elem = T>, T: Float> Function2<T, Tensor<S>> for $name {
            type Output = Tensor<S>;
            const READS_OUTPUT: bool = false;

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
            const READS_OUTPUT: bool = false;

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
    Add, +, +=, over, |a, b| T::ONE, T::ONE;
    /// a − b.
    Sub, -, -=, over, |a, b| T::ONE, -T::ONE;
    /// a · b, element by element.
    Mul, *, *=, beside, |a, b| b, a;
    /// a / b, element by element. db = −a / b².
    Div, /, /=, beside, |a, b| T::ONE / b, -a / (b * b);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{check2, wavy};

    #[test]
    fn gradients() {
        let a = wavy::<[[[f64; 4]; 3]; 2], f64>(0.0);
        macro_rules! check {
            ($($op:expr;)+) => {$(
                check2($op, &a, &(wavy::<[[[f64; 4]; 3]; 2], f64>(1.0) + 2.0));
                check2($op, &a, &(wavy::<[f64; 4], f64>(1.0) + 2.0));
                check2($op, &a, &(wavy::<[[f64; 1]; 3], f64>(1.0) + 2.0));
                check2($op, &a, &(wavy::<[[[f64; 4]; 1]; 2], f64>(1.0) + 2.0));
                check2($op, &a, &(wavy::<[[[f64; 1]; 3]; 1], f64>(1.0) + 2.0));
                check2($op, &a, &Tensor(2.0));
                check2($op, &a, &2.0);
                check2($op, &2.0, &(a + 2.0));
                check2($op, &2.0, &3.0);
                check2($op, &Tensor::<[[f64; 0]; 2]>::zeros(), &Tensor([[1.0]; 2]));
            )+};
        }
        check! {
            Add::new();
            Sub::new();
            Mul::new();
            Div::new();
        }
    }
}
