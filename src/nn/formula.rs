//! Functions with `#[forward]`: what they take and give where they are called as plain functions.

use super::{And, Backprop, Outcome, Param, Wrote};
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::{Buffer, Tensor};

/// What stands for an argument of type `A` that a gradient flows to: `A` or `&A`, which are only read, or `&mut A`, which is
/// overwritten by the gradient.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not stand for the argument `{A}`",
    label = "must be `{A}`, `&{A}`, or `&mut {A}`, which is overwritten by the gradient"
)]
pub trait Argument<A>: Role {
    /// The value.
    fn value(&self) -> &A;

    /// Overwrites it by its gradient, if it may be.
    fn give(&mut self, gradient: &A);
}

#[diagnostic::do_not_recommend]
impl<A: Buffer + Role> Argument<A> for A {
    #[inline(always)]
    fn value(&self) -> &A {
        self
    }

    #[inline(always)]
    fn give(&mut self, _: &A) {}
}

#[diagnostic::do_not_recommend]
impl<A: Buffer> Argument<A> for &A {
    #[inline(always)]
    fn value(&self) -> &A {
        self
    }

    #[inline(always)]
    fn give(&mut self, _: &A) {}
}

#[diagnostic::do_not_recommend]
impl<S: Shape> Argument<Tensor<S>> for &Param<S> {
    #[inline(always)]
    fn value(&self) -> &Tensor<S> {
        self
    }

    #[inline(always)]
    fn give(&mut self, _: &Tensor<S>) {}
}

#[diagnostic::do_not_recommend]
impl<A: Buffer> Argument<A> for &mut A {
    #[inline(always)]
    fn value(&self) -> &A {
        self
    }

    #[inline(always)]
    fn give(&mut self, gradient: &A) {
        **self = *gradient;
    }
}

/// What becomes of an argument: it is read, or overwritten.
pub trait Role {
    /// [`Wrote<A>`](Wrote) for a `&mut A`, `()` for what is only read.
    type Wrote;

    /// Whether it is overwritten.
    const WRITES: bool = false;

    /// That it was overwritten, or that it was not.
    fn wrote(&self) -> Self::Wrote;
}

macro_rules! read {
    ($([$($generics:tt)*] $t:ty;)+) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> Role for $t {
            type Wrote = ();

            #[inline(always)]
            fn wrote(&self) {}
        }
    )+};
}

read! {
    [S] Tensor<S>;
    [] f32;
    [] f64;
    [A] (A,);
    [A, B] (A, B);
    [A, B, C] (A, B, C);
    [A, B, C, D] (A, B, C, D);
    [A, B, C, D, E] (A, B, C, D, E);
    [A, B, C, D, E, F] (A, B, C, D, E, F);
    [A] &A;
}

#[diagnostic::do_not_recommend]
impl<A> Role for &mut A {
    type Wrote = Wrote<A>;
    const WRITES: bool = true;

    #[inline(always)]
    fn wrote(&self) -> Wrote<A> {
        Wrote::over(&**self)
    }
}

/// What becomes of several arguments.
pub trait Roles {
    /// A plain value where all are only read, and else a [`Loss`](super::Loss).
    type Outcome<T>;

    /// Whether any is overwritten.
    const WRITE: bool;

    /// What the function gives.
    fn outcome<T>(&self, value: T) -> Self::Outcome<T>;
}

type All2<A, B> = <A as And<B>>::All;
type All3<A, B, C> = <All2<A, B> as And<C>>::All;
type All4<A, B, C, D> = <All3<A, B, C> as And<D>>::All;

macro_rules! roles {
    ($([$($p:ident $i:tt),+] $all:ty where $($bounded:ty: $bound:path),+;)+) => {$(
        impl<$($p: Role),+> Roles for ($($p,)+)
        where
            $($bounded: $bound),+
        {
            type Outcome<T> = <$all as Outcome>::Loss<T>;
            const WRITE: bool = false $(|| $p::WRITES)+;

            #[inline]
            fn outcome<T>(&self, value: T) -> Self::Outcome<T> {
                ()$(.and(self.$i.wrote()))+.loss(value)
            }
        }
    )+};
}

roles! {
    [P0 0] P0::Wrote where P0::Wrote: Outcome;
    [P0 0, P1 1] All2<P0::Wrote, P1::Wrote> where
        P0::Wrote: And<P1::Wrote>,
        All2<P0::Wrote, P1::Wrote>: Outcome;
    [P0 0, P1 1, P2 2] All3<P0::Wrote, P1::Wrote, P2::Wrote> where
        P0::Wrote: And<P1::Wrote>,
        All2<P0::Wrote, P1::Wrote>: And<P2::Wrote>,
        All3<P0::Wrote, P1::Wrote, P2::Wrote>: Outcome;
    [P0 0, P1 1, P2 2, P3 3] All4<P0::Wrote, P1::Wrote, P2::Wrote, P3::Wrote> where
        P0::Wrote: And<P1::Wrote>,
        All2<P0::Wrote, P1::Wrote>: And<P2::Wrote>,
        All3<P0::Wrote, P1::Wrote, P2::Wrote>: And<P3::Wrote>,
        All4<P0::Wrote, P1::Wrote, P2::Wrote, P3::Wrote>: Outcome;
}

/// A value that can be differentiated: a number, or several, whose sum is.
pub trait Differentiable: Buffer {
    /// The derivative of the sum with respect to each.
    fn set_to_one(&mut self);
}

impl<S: Shape<Elem: Float>> Differentiable for Tensor<S> {
    fn set_to_one(&mut self) {
        self.fill(S::Elem::ONE);
    }
}

impl<T: Float> Differentiable for T {
    fn set_to_one(&mut self) {
        *self = T::ONE;
    }
}

macro_rules! tuples {
    ($($($v:ident $i:tt),+;)+) => {$(
        impl<$($v: Differentiable),+> Differentiable for ($($v,)+) {
            fn set_to_one(&mut self) {
                $(self.$i.set_to_one();)+
            }
        }
    )+};
}

tuples! {
    A 0, B 1;
    A 0, B 1, C 2;
    A 0, B 1, C 2, D 3;
}

/// The value of `function` at `x`; with `write`, `x` becomes its gradient.
#[inline]
pub fn formula<X: Clone, F: Backprop<X, Output: Differentiable, Grads = ()>>(
    function: &F,
    x: &mut X,
    write: bool,
) -> F::Output {
    if !write {
        return function.forward(x);
    }
    function.backprop(x, &mut (), |y| {
        let value = *y;
        y.set_to_one();
        value
    })
}
