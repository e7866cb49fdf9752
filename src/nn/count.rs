//! The number of a model's parameters as a type.
//!
//! [`Parameters::Count`] is only an expression: it is evaluated where somebody asks for its length, so a model whose dimensions
//! are past the table of [`Dim`](crate::shape::Dim) is still a model.

use core::marker::PhantomData;
use core::ops::{Add, Mul};

use generic_array::{ArrayLength, GenericArray};
use typenum::{Prod, Sum, U0, Unsigned};

use super::{Gradients, Info, Kind, Name, Parameters, Visitor, VisitorMut};
use crate::shape::{Const, Dim, ElementsUint};
use crate::simd::Float;

/// No parameter.
pub struct Nothing;

/// The elements of a tensor of shape `S`.
pub struct Of<S>(PhantomData<S>);

/// The parameters of two parts.
pub struct Plus<A, B>(PhantomData<(A, B)>);

/// The parameters of `N` equal parts.
pub struct Times<A, const N: usize>(PhantomData<A>);

/// A count that the type checker evaluates.
#[diagnostic::on_unimplemented(message = "the number of these parameters is past what the type checker computes")]
pub trait Evaluate {
    /// The number.
    type Out: Unsigned;
}

impl Evaluate for Nothing {
    type Out = U0;
}

impl<S: ElementsUint> Evaluate for Of<S> {
    type Out = S::Uint;
}

impl<A: Evaluate<Out: Add<B::Out, Output: Unsigned>>, B: Evaluate> Evaluate for Plus<A, B> {
    type Out = Sum<A::Out, B::Out>;
}

impl<A: Evaluate<Out: Mul<<Const<N> as Dim>::Uint, Output: Unsigned>>, const N: usize> Evaluate for Times<A, N>
where
    Const<N>: Dim,
{
    type Out = Prod<A::Out, <Const<N> as Dim>::Uint>;
}

/// All trained parameters (or gradients) as one flat array, whose length the type checker sums: what evolution strategies,
/// all-reduce and storage in flash need.
///
/// The order is one of the type, for parameters as for gradients. What is absent (a `None`) takes its place all the same: it is
/// written as zeros, and passed over where it is read.
///
/// ```
/// use adamant::prelude::*;
/// let rng = &mut SmallRng::seed_from_u64(0);
/// type Net = Sequential![Linear<3, 2>, Relu, Linear<2, 1>];
/// let (a, mut b) = (Net::init(rng), Net::init(rng));
/// let flat = a.to_flat::<f32>(); // a GenericArray of 11 numbers, on the stack
/// b.copy_from_flat(&flat);
/// assert_eq!((flat.len(), a), (11, b));
/// ```
pub trait Flat: Parameters {
    /// The number of trained parameters.
    type Len: ArrayLength;

    /// Copies the trained parameters out, in the order of `named_parameters`.
    fn to_flat<T: Float>(&self) -> GenericArray<T, Self::Len> {
        let mut flat = GenericArray::default();
        self.copy_to_flat(&mut flat);
        flat
    }

    /// As [`to_flat`](Self::to_flat) into an array that is already there.
    fn copy_to_flat<T: Float>(&self, flat: &mut GenericArray<T, Self::Len>) {
        self.visit(Name::ROOT, &mut Out(flat));
    }

    /// Copies the trained parameters in.
    fn copy_from_flat<T: Float>(&mut self, flat: &GenericArray<T, Self::Len>) {
        self.visit_mut(Name::ROOT, &mut In(flat));
    }

    /// Copies gradients of this model out into a flat array.
    fn grads_to_flat<T: Float>(grads: &Self::Grads) -> GenericArray<T, Self::Len> {
        let mut flat = GenericArray::default();
        grads.visit(Name::ROOT, &mut Out(&mut flat));
        flat
    }

    /// Copies gradients of this model in from a flat array.
    fn grads_copy_from_flat<T: Float>(grads: &mut Self::Grads, flat: &GenericArray<T, Self::Len>) {
        grads.zip([], &mut In(flat));
    }
}

impl<M: Parameters<Count: Evaluate<Out: ArrayLength>>> Flat for M {
    type Len = <M::Count as Evaluate>::Out;
}

/// Writes what it is shown to the front of a slice and keeps the rest.
struct Out<'a, T>(&'a mut [T]);

impl<'a, T> Out<'a, T> {
    fn front(&mut self, len: usize) -> &'a mut [T] {
        let (front, rest) = core::mem::take(&mut self.0).split_at_mut_checked(len).unwrap_or_default();
        self.0 = rest;
        front
    }
}

impl<T: Float> Visitor for Out<'_, T> {
    fn visit<U: Float>(&mut self, info: &Info<'_>, values: &[U]) {
        if info.kind != Kind::Trainable {
            return;
        }
        for (to, from) in self.front(values.len()).iter_mut().zip(values) {
            *to = T::from_f64(from.to_f64());
        }
    }

    fn absent(&mut self, parameters: usize) {
        self.front(parameters).fill(T::ZERO);
    }
}

/// Fills what it is lent from the front of a slice and keeps the rest.
struct In<'a, T>(&'a [T]);

impl<'a, T: Float> In<'a, T> {
    fn front(&mut self, len: usize) -> &'a [T] {
        let (front, rest) = self.0.split_at_checked(len).unwrap_or_default();
        self.0 = rest;
        front
    }

    fn fill<U: Float>(&mut self, values: &mut [U]) {
        let front = self.front(values.len());
        for (to, from) in values.iter_mut().zip(front) {
            *to = U::from_f64(from.to_f64());
        }
    }
}

impl<T: Float> VisitorMut for In<'_, T> {
    fn visit_mut<U: Float>(&mut self, info: &Info<'_>, values: &mut [U]) {
        if info.kind == Kind::Trainable {
            self.fill(values);
        }
    }

    fn absent(&mut self, parameters: usize) {
        self.front(parameters);
    }
}

impl<T: Float> super::Zip<0> for In<'_, T> {
    fn zip<U: Float>(&mut self, own: &mut [U], []: [&[U]; 0]) {
        self.fill(own);
    }
}
