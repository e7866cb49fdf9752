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

/// A row is the chain of references to its layers. (What flows between them are parameters: as projections of each other, the compiler
/// would go through them again and again.)
macro_rules! row {
    ($A:ident $a:ident $Y:ident $($M:ident $m:ident $Z:ident $Before:ident)*) => {
        impl<X: Buffer, $Y: Buffer, $A: Stream<X, Output = $Y> $(, $Z: Buffer, $M: Stream<$Before, Output = $Z>)*>
            Passes<($A, $($M,)*)> for X
        {
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

row!(A a Ya);
row!(A a Ya B b Yb Ya);
row!(A a Ya B b Yb Ya C c Yc Yb);
row!(A a Ya B b Yb Ya C c Yc Yb D d Yd Yc);
row!(A a Ya B b Yb Ya C c Yc Yb D d Yd Yc E e Ye Yd);
row!(A a Ya B b Yb Ya C c Yc Yb D d Yd Yc E e Ye Yd F f Yf Ye);
row!(A a Ya B b Yb Ya C c Yc Yb D d Yd Yc E e Ye Yd F f Yf Ye G g Yg Yf);
row!(A a Ya B b Yb Ya C c Yc Yb D d Yd Yc E e Ye Yd F f Yf Ye G g Yg Yf H h Yh Yg);
