//! A struct of layers as a stream: what `#[derive(Module)]` writes for it calls this, as [`nn::fields`](crate::nn::fields) for the rest.

use super::chain::frames;
use super::{Lag, Stream};
use crate::nn::fields::{Lend, Only, Own, Pair};
use crate::tensor::Buffer;

/// Fields through which frames `X` flow, each of which takes what the one before gives: their [`Stream`]. (The fields implement it and not
/// the frames: rustdoc tries whatever is implemented for every type on each type that there is. And that fields [`Lend`] stands in the
/// functions: of what a bound on the trait says the compiler would no longer see which layers they are.)
pub trait Passes<X: Buffer> {
    /// As in [`Stream`].
    type Output: Buffer;
    /// As in [`Stream`].
    type State: Buffer;
    /// As in [`Stream`].
    type Delay: Lag;
    /// As in [`Stream`].
    const STRIDE: usize;
    /// As in [`Stream`].
    const RATE: usize;
    /// As in [`Stream`].
    const LATENCY: usize;
    /// As in [`Stream`].
    const RECEPTIVE_FIELD: usize;
    /// As in [`Stream`].
    const STEP_BYTES: usize;

    /// As in [`Stream`].
    fn start(layers: <Self as Lend>::Layers<'_>, state: &mut Self::State)
    where
        Self: Lend;
    /// As in [`Stream`].
    fn step<R>(
        layers: <Self as Lend>::Layers<'_>,
        state: &mut Self::State,
        x: &mut X,
        next: impl FnOnce(&mut Self::Output) -> R,
    ) -> Option<R>
    where
        Self: Lend;
    /// As in [`Stream`].
    fn rest(layers: <Self as Lend>::Layers<'_>, state: &mut Self::State, next: &mut dyn FnMut(&mut Self::Output))
    where
        Self: Lend;
    /// As in [`Stream`].
    fn finish(layers: <Self as Lend>::Layers<'_>, state: &mut Self::State, next: &mut dyn FnMut(&mut Self::Output))
    where
        Self: Lend;
}

impl<X: Buffer, L: Lend + Passes<X>, R: Lend + Passes<L::Output>> Passes<X> for Pair<L, R> {
    type Output = R::Output;
    type State = (L::State, R::State);
    type Delay = (L::Delay, R::Delay);
    const STRIDE: usize = L::STRIDE * R::STRIDE;
    const RATE: usize = L::RATE * R::RATE;
    const LATENCY: usize = L::LATENCY + frames(L::STRIDE, L::RATE, R::LATENCY);
    const RECEPTIVE_FIELD: usize = L::RECEPTIVE_FIELD.saturating_add(frames(L::STRIDE, L::RATE, R::RECEPTIVE_FIELD - 1));
    const STEP_BYTES: usize = L::STEP_BYTES + R::STEP_BYTES;

    #[inline]
    fn start((left, right): <Self as Lend>::Layers<'_>, state: &mut Self::State) {
        L::start(left, &mut state.0);
        R::start(right, &mut state.1);
    }

    #[inline]
    fn step<T>(
        (left, right): <Self as Lend>::Layers<'_>,
        state: &mut Self::State,
        x: &mut X,
        next: impl FnOnce(&mut Self::Output) -> T,
    ) -> Option<T> {
        L::step(left, &mut state.0, x, |h| R::step(right, &mut state.1, h, next))?
    }

    fn rest(
        (left, right): <Self as Lend>::Layers<'_>,
        (first, second): &mut Self::State,
        next: &mut dyn FnMut(&mut Self::Output),
    ) {
        if const { Self::RATE > 1 } {
            R::rest(right, second, next);
            L::rest(left, first, &mut |h| all::<_, R>(right, second, h, next));
        }
    }

    fn finish(
        (left, right): <Self as Lend>::Layers<'_>,
        (first, second): &mut Self::State,
        next: &mut dyn FnMut(&mut Self::Output),
    ) {
        L::finish(left, first, &mut |h| all::<_, R>(right, second, h, next));
        R::finish(right, second, next);
    }
}

/// Takes a frame and lends all outputs that are due.
fn all<X: Buffer, R: Lend + Passes<X>>(
    layers: R::Layers<'_>,
    state: &mut R::State,
    x: &mut X,
    next: &mut dyn FnMut(&mut R::Output),
) {
    R::step(layers, state, x, &mut *next);
    R::rest(layers, state, next);
}

/// A struct without a forward pass of its own: only then is its stream that of its fields in order.
#[diagnostic::on_unimplemented(
    message = "a struct with a forward pass of its own has no stream of frames `{X}`",
    label = "its `#[forward]` is not read along time",
    note = "implement `adamant::stream::Stream` for it: what it keeps from frame to frame, and one step; or make it a chain, where `Residual` is a shortcut"
)]
pub trait InOrder<Struct, X> {}

impl<S, X> InOrder<S, X> for Only<Own<false>, X> {}

/// What of a row is nested in pairs: a chain's type, or its references.
macro_rules! nested {
    ($one:ident) => { $one };
    ($first:ident $($rest:ident)+) => { ($first, nested!($($rest)+)) };
}

/// A row is the chain of references to its layers.
macro_rules! row {
    ($A:ident $a:ident $($M:ident $m:ident $Before:ident)*) => {
        impl<X: Buffer, $A: Stream<X> $(, $M: Stream<$Before::Output>)*> Passes<X> for ($A, $($M,)*) {
            type Output = <nested!($A $($M)*) as Stream<X>>::Output;
            type State = <nested!($A $($M)*) as Stream<X>>::State;
            type Delay = <nested!($A $($M)*) as Stream<X>>::Delay;
            const STRIDE: usize = <nested!($A $($M)*) as Stream<X>>::STRIDE;
            const RATE: usize = <nested!($A $($M)*) as Stream<X>>::RATE;
            const LATENCY: usize = <nested!($A $($M)*) as Stream<X>>::LATENCY;
            const RECEPTIVE_FIELD: usize = <nested!($A $($M)*) as Stream<X>>::RECEPTIVE_FIELD;
            const STEP_BYTES: usize = <nested!($A $($M)*) as Stream<X>>::STEP_BYTES;

            #[inline]
            fn start(($a, $($m,)*): <Self as Lend>::Layers<'_>, state: &mut Self::State) {
                Stream::<X>::start(&nested!($a $($m)*), state);
            }

            #[inline]
            fn step<R>(
                ($a, $($m,)*): <Self as Lend>::Layers<'_>,
                state: &mut Self::State,
                x: &mut X,
                next: impl FnOnce(&mut Self::Output) -> R,
            ) -> Option<R> {
                Stream::<X>::step(&nested!($a $($m)*), state, x, next)
            }

            fn rest(
                ($a, $($m,)*): <Self as Lend>::Layers<'_>,
                state: &mut Self::State,
                next: &mut dyn FnMut(&mut Self::Output),
            ) {
                Stream::<X>::rest(&nested!($a $($m)*), state, next);
            }

            fn finish(
                ($a, $($m,)*): <Self as Lend>::Layers<'_>,
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
