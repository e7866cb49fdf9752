//! Whether the steps of a `#[forward]` function fit what they are given.
//!
//! The function itself stays, so the compiler says of it what does not fit, where it stands and with both shapes. What is derived
//! from it says nothing of that again: there each step is asked first. `step.fitting()` is the operation or the layer itself; where it does
//! not fit, method resolution goes on to [`Unfitting`], and what that gives goes with everything.
//!
//! A step that does not fit where the function itself has no mistake (its bounds allow `x + y`, and no operation knows of them) is refused,
//! too: the type of what stands for it is private, which the compiler checks last.

use core::marker::PhantomData;

use super::{Accumulate, Function, Function2};
use crate::tensor::Buffer;

/// An operation and the type of its operand.
pub struct Applied<F, A>(F, PhantomData<fn(A)>);

/// An operation and the types of its two operands.
pub struct Applied2<F, A, B>(F, PhantomData<fn(A, B)>);

impl<F, A> Applied<F, A> {
    /// Of these.
    #[inline(always)]
    pub const fn of(f: F, _: &A) -> Self {
        Self(f, PhantomData)
    }
}

impl<F, A, B> Applied2<F, A, B> {
    /// Of these.
    #[inline(always)]
    pub const fn of(f: F, _: &A, _: &B) -> Self {
        Self(f, PhantomData)
    }
}

impl<F: Function<A>, A> Applied<F, A> {
    /// The operation, which fits.
    #[inline(always)]
    pub fn fitting(self) -> F {
        self.0
    }
}

impl<F: Function2<A, B>, A, B> Applied2<F, A, B> {
    /// The operation, which fits.
    #[inline(always)]
    pub fn fitting(self) -> F {
        self.0
    }
}

/// An operation that may not fit.
#[expect(private_interfaces, reason = "what is private is refused where nothing else is")]
pub trait Unfitting<F, A>: Sized {
    /// What stands for it.
    fn fitting(self) -> NoBackwardPass<F, A> {
        refused::<Self, _>()
    }
}

impl<F, A> Unfitting<F, A> for Applied<F, A> {}
impl<F, A, B> Unfitting<F, (A, B)> for Applied2<F, A, B> {}

/// Where the function has no mistake either, the program is not built. `T` is what the step is made of: until it is known, the compiler
/// cannot ask for its size, so it says nothing of what is not called.
pub(crate) fn refused<T, R>() -> R {
    const { assert!(size_of::<T>() == usize::MAX, "a step of a `#[forward]` function has no backward pass for its operands") }
    unreachable!()
}

/// Stands for a step `F` that does not fit its operands `A`.
pub(crate) struct NoBackwardPass<F, A>(PhantomData<fn(F, A)>);

/// Stands for what such a step gives, which may be taken apart.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Nothing(pub Part, pub Part, pub Part, pub Part);

impl<F, A, X> Function<X> for NoBackwardPass<F, A> {
    type Output = Nothing;

    fn forward(&self, _: &X) -> Nothing {
        Nothing::ZERO
    }

    fn backward(&self, _: &X, _: &Nothing, _: &Nothing, _: &mut X) {}
}

impl<F, A, X, Y> Function2<X, Y> for NoBackwardPass<F, A> {
    type Output = Nothing;

    fn forward(&self, _: &X, _: &Y) -> Nothing {
        Nothing::ZERO
    }

    fn backward_a(&self, _: &X, _: &Y, _: &Nothing, _: &Nothing, _: &mut X) {}

    fn backward_b(&self, _: &X, _: &Y, _: &Nothing, _: &Nothing, _: &mut Y) {}
}

/// What stands for a part of it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Part;

macro_rules! nothing {
    ($($t:ident = $zero:expr;)+) => {$(
        impl Buffer for $t {
            const ZERO: Self = $zero;
        }

        impl Accumulate for $t {
            fn accumulate(&mut self, _: &Self) {}
        }
    )+};
}

nothing! {
    Nothing = Self(Part, Part, Part, Part);
    Part = Self;
}

/// A value of type `V` where one of type `T` is wanted: `is.it()` is the value. If it is of another type, that is said elsewhere, and not
/// here again: there method resolution goes on to [`Other`].
pub struct Is<V, T>(V, PhantomData<fn() -> T>);

impl<V, T> Is<V, T> {
    /// This value.
    #[inline(always)]
    pub const fn of(value: V) -> Self {
        Self(value, PhantomData)
    }

    /// This value in the place of another.
    #[inline(always)]
    pub const fn like(_: &T, value: V) -> Self {
        Self(value, PhantomData)
    }
}

impl<T> Is<T, T> {
    /// The value.
    #[inline(always)]
    pub fn it(self) -> T {
        self.0
    }
}

/// What is of another type.
pub trait Other<T>: Sized {
    /// Nothing: it does not compile.
    fn it(self) -> T {
        refused::<(Self, T), _>()
    }
}

impl<V, T> Other<T> for Is<V, T> {}
