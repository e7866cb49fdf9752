//! `+ - * /` as operations: between tensors of equal shape, with one that repeats (trailing dimensions, dimensions of 1), with
//! a number on either side, and between numbers.

use core::any::Any;
use core::ops::Range;

use super::{Function2, Sink};
use crate::shape::{BroadcastWith, Nest, Shape, each_run};
use crate::simd::{self, Float};
use crate::tensor::{Tensor, combine_in_place};

/// d += Σ dy · f(a, b) over what the operand whose gradient is `d` repeats to: `own` chooses between left and right.
#[inline(always)]
fn add_to<L: Shape, R: Shape, T: Float>(
    (a, b, dy, d): (&[T], &[T], &[T], &mut [T]),
    own: impl Fn(Range<usize>, Range<usize>) -> Range<usize>,
    f: impl Fn(T, T) -> T,
) {
    each_run::<L, R>(|run, left, right| {
        let (a, b, dy) = (a.get(left.clone()), b.get(right.clone()), dy.get(run));
        let (Some(a), Some(b), Some(dy), Some(d)) = (a, b, dy, d.get_mut(own(left, right))) else { return };
        match (a, b, d) {
            (a, &[b], d) if d.len() == a.len() => {
                d.iter_mut().zip(a).zip(dy).for_each(|((d, &a), &dy)| *d += dy * f(a, b));
            }
            (&[a], b, d) if d.len() == b.len() => {
                d.iter_mut().zip(b).zip(dy).for_each(|((d, &b), &dy)| *d += dy * f(a, b));
            }
            (a, &[b], [d]) => a.iter().zip(dy).for_each(|(&a, &dy)| *d += dy * f(a, b)),
            (&[a], b, [d]) => b.iter().zip(dy).for_each(|(&b, &dy)| *d += dy * f(a, b)),
            (a, b, d) => d.iter_mut().zip(a).zip(b).zip(dy).for_each(|(((d, &a), &b), &dy)| *d += dy * f(a, b)),
        }
    });
}

/// da += Σ dy · f(a, b) over what `a` repeats to.
#[inline(always)]
pub(super) fn add_to_left<L, R, O, T>(a: &Tensor<L>, b: &Tensor<R>, dy: &Tensor<O>, da: &mut Tensor<L>, f: impl Fn(T, T) -> T)
where
    L: Shape<Elem = T>,
    R: Shape<Elem = T>,
    O: Shape<Elem = T>,
    T: Float,
{
    add_to::<L, R, T>((a.as_slice(), b.as_slice(), dy.as_slice(), da.as_mut_slice()), |left, _| left, f);
}

/// db += Σ dy · f(a, b) over what `b` repeats to.
#[inline(always)]
pub(super) fn add_to_right<L, R, O, T>(a: &Tensor<L>, b: &Tensor<R>, dy: &Tensor<O>, db: &mut Tensor<R>, f: impl Fn(T, T) -> T)
where
    L: Shape<Elem = T>,
    R: Shape<Elem = T>,
    O: Shape<Elem = T>,
    T: Float,
{
    add_to::<L, R, T>((a.as_slice(), b.as_slice(), dy.as_slice(), db.as_mut_slice()), |_, right| right, f);
}

/// a = Σ dy · f(a, b) over what `a` repeats to.
#[inline(always)]
fn over_left<L, R, O, T>(a: &mut Tensor<L>, b: &Tensor<R>, dy: &Tensor<O>, f: impl Fn(T, T) -> T)
where
    L: Shape<Elem = T>,
    R: Shape<Elem = T>,
    O: Shape<Elem = T>,
    T: Float,
{
    if L::LEN != O::LEN {
        let mut da = Tensor::zeros();
        add_to_left(a, b, dy, &mut da, f);
        *a = da;
        return;
    }
    let (a, b, dy) = (a.as_mut_slice(), b.as_slice(), dy.as_slice());
    each_run::<L, R>(|run, left, right| match (a.get_mut(left), b.get(right), dy.get(run)) {
        (Some(a), Some(&[b]), Some(dy)) => a.iter_mut().zip(dy).for_each(|(a, &dy)| *a = dy * f(*a, b)),
        (Some(a), Some(b), Some(dy)) => a.iter_mut().zip(dy).zip(b).for_each(|((a, &dy), &b)| *a = dy * f(*a, b)),
        _ => {}
    });
}

/// An operator, whether its derivatives read nothing of the left operand, so that the output may stand in its place, and its
/// derivatives with respect to the left and the right operand.
macro_rules! binary {
    ($($(#[$doc:meta])+ $name:ident, $op:tt, $assign:tt, $over:literal, |$a:ident, $b:ident| $da:expr, $db:expr;)+) => {$(
        $(#[$doc])+
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
        pub struct $name;

        impl $name {
            /// The operation; it has no settings.
            pub const fn new() -> Self {
                Self
            }

            #[inline(always)]
            fn derivatives<T: Float>($a: T, $b: T) -> [T; 2] {
                let _ = ($a, $b);
                [$da, $db]
            }
        }

        #[diagnostic::do_not_recommend]
        impl<L, R, T> Function2<Tensor<L>, Tensor<R>> for $name
        where L: BroadcastWith<R, Output: Shape<Elem = T>> + Shape<Elem = T> + Nest<T>, R: Shape<Elem = T> + Nest<T>, T: Float
        {
            type Output = Tensor<<L as BroadcastWith<R>>::Output>;
            const READS_OUTPUT: bool = false;
            const BACKPROP_BYTES: usize = if $over && L::LEN == L::Output::LEN { 0 } else { size_of::<Self::Output>() };

            #[inline]
            fn forward(&self, a: &Tensor<L>, b: &Tensor<R>) -> Self::Output {
                a $op b
            }

            #[inline]
            fn backward_a(&self, a: &Tensor<L>, b: &Tensor<R>, _: &Self::Output, dy: &Self::Output, da: &mut Tensor<L>) {
                add_to_left(a, b, dy, da, |a, b| Self::derivatives(a, b)[0]);
            }

            #[inline]
            fn backward_b(&self, a: &Tensor<L>, b: &Tensor<R>, _: &Self::Output, dy: &Self::Output, db: &mut Tensor<R>) {
                add_to_right(a, b, dy, db, |a, b| Self::derivatives(a, b)[1]);
            }

            #[inline]
            fn backprop<F>(
                &self,
                a: &mut Tensor<L>,
                b: &Tensor<R>,
                db: &mut impl Sink<Tensor<R>>,
                next: impl FnOnce(&mut Self::Output) -> F,
            ) -> F {
                if $over && let Some(y) = (a as &mut dyn Any).downcast_mut::<Self::Output>() {
                    combine_in_place(y, b, |a, b| a $op b);
                    let result = next(y);
                    let dy = a.as_slice();
                    db.accumulate(|db| {
                        let all = (dy, b.as_slice(), dy, db.as_mut_slice());
                        add_to::<L, R, T>(all, |_, right| right, |a, b| Self::derivatives(a, b)[1]);
                    });
                    return result;
                }
                let mut y = self.forward(a, b);
                let result = next(&mut y);
                db.accumulate(|db| self.backward_b(a, b, &y, &y, db));
                over_left(a, b, &y, |a, b| Self::derivatives(a, b)[0]);
                result
            }
        }

        #[diagnostic::do_not_recommend]
        impl<S: Shape<Elem = T>, T: Float> Function2<Tensor<S>, T> for $name {
            type Output = Tensor<S>;
            const READS_OUTPUT: bool = false;
            const BACKPROP_BYTES: usize = if $over { 0 } else { size_of::<Tensor<S>>() };

            #[inline]
            fn forward(&self, a: &Tensor<S>, b: &T) -> Tensor<S> {
                a $op *b
            }

            #[inline]
            fn backward_a(&self, a: &Tensor<S>, &b: &T, _: &Tensor<S>, dy: &Tensor<S>, da: &mut Tensor<S>) {
                for ((d, &a), &dy) in da.iter_mut().zip(a).zip(dy) {
                    *d += dy * Self::derivatives(a, b)[0];
                }
            }

            #[inline]
            fn backward_b(&self, a: &Tensor<S>, &b: &T, _: &Tensor<S>, dy: &Tensor<S>, db: &mut T) {
                for (&a, &dy) in a.iter().zip(dy) {
                    *db += dy * Self::derivatives(a, b)[1];
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
                if $over {
                    *a $assign *b;
                    let result = next(a);
                    db.accumulate(|db| self.backward_b(a, b, a, a, db));
                    return result;
                }
                let mut y = self.forward(a, b);
                let result = next(&mut y);
                db.accumulate(|db| self.backward_b(a, b, &y, &y, db));
                simd::zip_in_place(a.as_mut_slice(), y.as_slice(), |a, dy| dy * Self::derivatives(a, *b)[0]);
                result
            }
        }

        #[diagnostic::do_not_recommend]
        impl<S: Shape<Elem = T>, T: Float> Function2<T, Tensor<S>> for $name {
            type Output = Tensor<S>;
            const READS_OUTPUT: bool = false;

            #[inline]
            fn forward(&self, a: &T, b: &Tensor<S>) -> Tensor<S> {
                b.map(|b| *a $op b)
            }

            #[inline]
            fn backward_a(&self, &a: &T, b: &Tensor<S>, _: &Tensor<S>, dy: &Tensor<S>, da: &mut T) {
                for (&b, &dy) in b.iter().zip(dy) {
                    *da += dy * Self::derivatives(a, b)[0];
                }
            }

            #[inline]
            fn backward_b(&self, &a: &T, b: &Tensor<S>, _: &Tensor<S>, dy: &Tensor<S>, db: &mut Tensor<S>) {
                for ((d, &b), &dy) in db.iter_mut().zip(b).zip(dy) {
                    *d += dy * Self::derivatives(a, b)[1];
                }
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T: Float> Function2<T, T> for $name {
            type Output = T;
            const READS_OUTPUT: bool = false;

            #[inline]
            fn forward(&self, a: &T, b: &T) -> T {
                *a $op *b
            }

            #[inline]
            fn backward_a(&self, a: &T, b: &T, _: &T, dy: &T, da: &mut T) {
                *da += *dy * Self::derivatives(*a, *b)[0];
            }

            #[inline]
            fn backward_b(&self, a: &T, b: &T, _: &T, dy: &T, db: &mut T) {
                *db += *dy * Self::derivatives(*a, *b)[1];
            }
        }
    )+};
}

binary! {
    /// a + b.
    Add, +, +=, true, |a, b| T::ONE, T::ONE;
    /// a − b.
    Sub, -, -=, true, |a, b| T::ONE, -T::ONE;
    /// a · b, element by element.
    Mul, *, *=, false, |a, b| b, a;
    /// a / b, element by element. db = −a / b², divided twice, since b² may overflow where the quotient does not.
    Div, /, /=, false, |a, b| T::ONE / b, -(a / b) / b;
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
                check2($op, &wavy::<[f64; 4], f64>(1.0), &(a + 2.0));
                check2($op, &wavy::<[[f64; 1]; 3], f64>(1.0), &(a + 2.0));
                check2($op, &wavy::<[[[f64; 4]; 1]; 2], f64>(0.0), &(wavy::<[[f64; 1]; 3], f64>(1.0) + 2.0));
                check2($op, &wavy::<[[f64; 1]; 3], f64>(0.0), &(wavy::<[[f64; 5]; 1], f64>(1.0) + 2.0));
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
