//! A struct of layers as a stream: what `#[derive(Module)]` writes for it calls this, as [`nn::fields`](crate::nn::fields) for the rest.

use super::chain::receptive_field;
use super::{Lag, Stream};
use crate::nn::fields::{Lend, Pair};
use crate::tensor::Buffer;

/// A frame that flows through fields `F`, each of which takes what the one before gives: their [`Stream`].
pub trait Passes<F: Lend>: Buffer {
    /// As in [`Stream`].
    type Output: Buffer;
    /// As in [`Stream`].
    type State: Buffer;
    /// As in [`Stream`].
    type Delay: Lag;
    /// As in [`Stream`].
    const STRIDE: usize;
    /// As in [`Stream`].
    const LATENCY: usize;
    /// As in [`Stream`].
    const RECEPTIVE_FIELD: usize;

    /// As in [`Stream`].
    fn start(layers: F::Layers<'_>, state: &mut Self::State);
    /// As in [`Stream`].
    fn step<R>(
        layers: F::Layers<'_>,
        state: &mut Self::State,
        x: &mut Self,
        next: impl FnOnce(&mut Self::Output) -> R,
    ) -> Option<R>;
    /// As in [`Stream`].
    fn finish(layers: F::Layers<'_>, state: &mut Self::State, next: &mut dyn FnMut(&mut Self::Output));
}

/// What the left half of a pair gives.
type Middle<X, L> = <X as Passes<L>>::Output;

impl<X: Passes<L, Output: Passes<R>>, L: Lend, R: Lend> Passes<Pair<L, R>> for X {
    type Output = <Middle<X, L> as Passes<R>>::Output;
    type State = (<X as Passes<L>>::State, <Middle<X, L> as Passes<R>>::State);
    type Delay = (<X as Passes<L>>::Delay, <Middle<X, L> as Passes<R>>::Delay);
    const STRIDE: usize = <X as Passes<L>>::STRIDE * <Middle<X, L> as Passes<R>>::STRIDE;
    const LATENCY: usize = <X as Passes<L>>::LATENCY + <X as Passes<L>>::STRIDE * <Middle<X, L> as Passes<R>>::LATENCY;
    const RECEPTIVE_FIELD: usize = receptive_field(
        <X as Passes<L>>::RECEPTIVE_FIELD,
        <X as Passes<L>>::STRIDE,
        <Middle<X, L> as Passes<R>>::RECEPTIVE_FIELD,
    );

    #[inline]
    fn start((left, right): <Pair<L, R> as Lend>::Layers<'_>, state: &mut Self::State) {
        <X as Passes<L>>::start(left, &mut state.0);
        <Middle<X, L> as Passes<R>>::start(right, &mut state.1);
    }

    #[inline]
    fn step<T>(
        (left, right): <Pair<L, R> as Lend>::Layers<'_>,
        state: &mut Self::State,
        x: &mut X,
        next: impl FnOnce(&mut Self::Output) -> T,
    ) -> Option<T> {
        <X as Passes<L>>::step(left, &mut state.0, x, |h| <Middle<X, L> as Passes<R>>::step(right, &mut state.1, h, next))?
    }

    fn finish(
        (left, right): <Pair<L, R> as Lend>::Layers<'_>,
        (first, second): &mut Self::State,
        next: &mut dyn FnMut(&mut Self::Output),
    ) {
        <X as Passes<L>>::finish(left, first, &mut |h| {
            <Middle<X, L> as Passes<R>>::step(right, second, h, &mut *next);
        });
        <Middle<X, L> as Passes<R>>::finish(right, second, next);
    }
}

/// What of a row is nested in pairs: a chain's type, or its references.
macro_rules! nested {
    ($one:ident) => { $one };
    ($first:ident $($rest:ident)+) => { ($first, nested!($($rest)+)) };
}

/// A row is the chain of references to its layers.
macro_rules! row {
    ($A:ident $a:ident $($M:ident $m:ident $Before:ident)*) => {
        impl<X: Buffer, $A: Stream<X> $(, $M: Stream<$Before::Output>)*> Passes<($A, $($M,)*)> for X {
            type Output = <nested!($A $($M)*) as Stream<X>>::Output;
            type State = <nested!($A $($M)*) as Stream<X>>::State;
            type Delay = <nested!($A $($M)*) as Stream<X>>::Delay;
            const STRIDE: usize = <nested!($A $($M)*) as Stream<X>>::STRIDE;
            const LATENCY: usize = <nested!($A $($M)*) as Stream<X>>::LATENCY;
            const RECEPTIVE_FIELD: usize = <nested!($A $($M)*) as Stream<X>>::RECEPTIVE_FIELD;

            #[inline]
            fn start(($a, $($m,)*): <($A, $($M,)*) as Lend>::Layers<'_>, state: &mut Self::State) {
                Stream::<X>::start(&nested!($a $($m)*), state);
            }

            #[inline]
            fn step<R>(
                ($a, $($m,)*): <($A, $($M,)*) as Lend>::Layers<'_>,
                state: &mut Self::State,
                x: &mut X,
                next: impl FnOnce(&mut Self::Output) -> R,
            ) -> Option<R> {
                Stream::<X>::step(&nested!($a $($m)*), state, x, next)
            }

            fn finish(
                ($a, $($m,)*): <($A, $($M,)*) as Lend>::Layers<'_>,
                state: &mut Self::State,
                next: &mut dyn FnMut(&mut Self::Output),
            ) {
                Stream::<X>::finish(&nested!($a $($m)*), state, next);
            }
        }
    };
}

row!(A a);
row!(A a B b A);
row!(A a B b A C c B);
row!(A a B b A C c B D d C);
row!(A a B b A C c B D d C E e D);
row!(A a B b A C c B D d C E e D F f E);
row!(A a B b A C c B D d C E e D F f E G g F);
row!(A a B b A C c B D d C E e D F f E G g F H h G);
