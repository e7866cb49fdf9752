//! A struct of layers as a chain: what `#[derive(Module)]` writes for it calls this.
//!
//! The struct lends its fields as pairs of pairs. One bound then says that they fit each other, whatever their number, and pairs
//! of equal halves nest no deeper than the logarithm of it. (A bound and a closure for each field, written out, take the compiler
//! a time that grows with the cube.)

use core::marker::PhantomData;

use super::{Backprop, Dropout, Frozen, LayerVisitor, Module, Name, Param, Parameters, Residual, Sequential};
use crate::ops::cost::larger;
use crate::tensor::{Buffer, Tensor};

/// A layer that a struct of layers may chain, decided by its type and whatever its name. `Struct` stands for that struct.
///
/// A struct all of whose fields are such layers has a forward pass, the fields in order; one with a parameter, a tensor or a
/// number among them has not, so that `#[forward]` can give it one. `#[derive(Module)]` writes this; where [`Parameters`] is
/// written by hand, a line stands beside it: `impl<Struct> Chainable<Struct> for MyLayer {}`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no layer, so the struct that it stands in does not chain its fields",
    label = "the struct has no forward pass for this input",
    note = "`#[forward]` gives a struct a forward pass of its own",
    note = "a layer whose `Parameters` are written by hand is chained with `impl<Struct> Chainable<Struct> for MyLayer {{}}`"
)]
pub trait Chainable<Struct> {}

impl<S, C> Chainable<S> for Sequential<C> {}
impl<S, A, B> Chainable<S> for (A, B) {}
impl<S, M> Chainable<S> for Residual<M> {}
impl<S, M: Chainable<S>> Chainable<S> for Frozen<M> {}
impl<S, M: Chainable<S>> Chainable<S> for &M {}
impl<S> Chainable<S> for Dropout {}

/// What is no layer: a parameter, a tensor, a number. The derive takes a type for one by its name, and asks for this at once.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is called like a parameter, a tensor or a number and is none",
    label = "its name says that it is no layer",
    note = "give the type another name here (`use … as …`), or say `#[module(custom(forward))]` of the struct and write its `forward`"
)]
pub trait Plain {}

/// Asks for it.
pub const fn plain<T: Plain>() {}

impl<S> Plain for Param<S> {}
impl<S> Plain for Tensor<S> {}
/// The bias of a layer that has none.
impl Plain for () {}

macro_rules! numbers {
    ($($t:ty)+) => {$(
        impl Plain for $t {}
    )+};
}

numbers!(f32 f64 bool usize isize u8 u16 u32 u64 i8 i16 i32 i64);

/// All fields are layers. `X` is the input, and only there because what depends on nothing is decided where the impl stands.
pub struct Only<F, X>(PhantomData<(F, X)>);

/// The fields, pairs of pairs of [`Field`]s, are layers.
pub trait Layers<Struct> {}

impl<S, F: Layers<S>, X> Layers<S> for Only<F, X> {}
impl<S, M: Chainable<S>> Layers<S> for Field<M> {}
impl<S, L: Layers<S>, R: Layers<S>> Layers<S> for (L, R) {}

/// One field.
pub struct Field<M>(PhantomData<M>);

/// What stands for fields: a [`Field`], or a pair.
pub trait Lend {
    /// References to the fields.
    type Layers<'a>
    where
        Self: 'a;
    /// References to their gradients.
    type Grads<'a>
    where
        Self: 'a;
    /// How many fields there are.
    const COUNT: usize;
    /// How many numbers they train.
    const PARAMETERS: usize;
}

impl<M: Parameters> Lend for Field<M> {
    type Layers<'a>
        = &'a M
    where
        M: 'a;
    type Grads<'a>
        = &'a mut M::Grads
    where
        M: 'a;
    const COUNT: usize = 1;
    const PARAMETERS: usize = M::PARAMETERS;
}

impl<L: Lend, R: Lend> Lend for (L, R) {
    type Layers<'a>
        = (L::Layers<'a>, R::Layers<'a>)
    where
        Self: 'a;
    type Grads<'a>
        = (L::Grads<'a>, R::Grads<'a>)
    where
        Self: 'a;
    const COUNT: usize = L::COUNT + R::COUNT;
    const PARAMETERS: usize = L::PARAMETERS + R::PARAMETERS;
}

/// An input that flows through fields `F`, each of which takes what the one before gives: their [`Module`].
///
/// (The fields are a parameter and not `Self`: a bound on `Self` would come along wherever this is a bound, and hide what a
/// generic struct lends.)
pub trait Flow<F: Lend>: Sized {
    /// What the last one gives.
    type Output: Buffer;
    /// As in [`Module`].
    const MACS: u64;
    /// Bytes of the first one's output.
    const FIRST_OUTPUT: usize;
    /// `FORWARD_BYTES` of the first one.
    const FIRST_BYTES: usize;
    /// `FORWARD_WITH_BYTES` of all but the first.
    const LATER_BYTES: usize;
    /// As in [`Module`].
    const FORWARD_BYTES: usize;
    /// As in [`Module`].
    const FORWARD_OVER_BYTES: usize;
    /// As in [`Module`].
    const FORWARD_WITH_BYTES: usize;

    /// As in [`Module`].
    fn forward_into(layers: F::Layers<'_>, x: &Self, y: &mut Self::Output);
    /// As in [`Module`].
    fn forward_over(layers: F::Layers<'_>, x: &mut Self, y: &mut Self::Output);
    /// As in [`Module`].
    fn forward_with<R>(layers: F::Layers<'_>, x: &mut Self, next: impl FnOnce(&mut Self::Output) -> R) -> R;
    /// As `forward_with` where the input stays as it is.
    fn forward_from<R>(layers: F::Layers<'_>, x: &Self, next: impl FnOnce(&mut Self::Output) -> R) -> R;
}

impl<X, M: Module<X>> Flow<Field<M>> for X {
    type Output = M::Output;
    const MACS: u64 = M::MACS;
    const FIRST_OUTPUT: usize = size_of::<M::Output>();
    const FIRST_BYTES: usize = M::FORWARD_BYTES;
    const LATER_BYTES: usize = 0;
    const FORWARD_BYTES: usize = M::FORWARD_BYTES;
    const FORWARD_OVER_BYTES: usize = M::FORWARD_OVER_BYTES;
    const FORWARD_WITH_BYTES: usize = M::FORWARD_WITH_BYTES;

    #[inline]
    fn forward_into(layer: &M, x: &X, y: &mut M::Output) {
        layer.forward_into(x, y);
    }

    #[inline]
    fn forward_over(layer: &M, x: &mut X, y: &mut M::Output) {
        layer.forward_over(x, y);
    }

    #[inline]
    fn forward_with<R>(layer: &M, x: &mut X, next: impl FnOnce(&mut M::Output) -> R) -> R {
        layer.forward_with(x, next)
    }

    #[inline]
    fn forward_from<R>(layer: &M, x: &X, next: impl FnOnce(&mut M::Output) -> R) -> R {
        let mut y = M::Output::ZERO;
        layer.forward_into(x, &mut y);
        next(&mut y)
    }
}

/// What the left half of a pair gives.
type Middle<X, L> = <X as Flow<L>>::Output;

/// What a pair gives.
type Last<X, L, R> = <Middle<X, L> as Flow<R>>::Output;

impl<X: Flow<L, Output: Flow<R>>, L: Lend, R: Lend> Flow<(L, R)> for X {
    type Output = Last<X, L, R>;
    const MACS: u64 = <X as Flow<L>>::MACS + <Middle<X, L> as Flow<R>>::MACS;
    const FIRST_OUTPUT: usize = <X as Flow<L>>::FIRST_OUTPUT;
    const FIRST_BYTES: usize = <X as Flow<L>>::FIRST_BYTES;
    const LATER_BYTES: usize = <X as Flow<L>>::LATER_BYTES + <Middle<X, L> as Flow<R>>::FORWARD_WITH_BYTES;
    const FORWARD_BYTES: usize = <X as Flow<L>>::FIRST_OUTPUT
        + larger(<X as Flow<L>>::FIRST_BYTES, <X as Flow<L>>::LATER_BYTES + <Middle<X, L> as Flow<R>>::FORWARD_OVER_BYTES);
    const FORWARD_OVER_BYTES: usize = <X as Flow<L>>::FORWARD_WITH_BYTES + <Middle<X, L> as Flow<R>>::FORWARD_OVER_BYTES;
    const FORWARD_WITH_BYTES: usize = <X as Flow<L>>::FORWARD_WITH_BYTES + <Middle<X, L> as Flow<R>>::FORWARD_WITH_BYTES;

    #[inline]
    fn forward_into((left, right): <(L, R) as Lend>::Layers<'_>, x: &X, y: &mut Last<X, L, R>) {
        Flow::<L>::forward_from(left, x, |h| Flow::<R>::forward_over(right, h, y));
    }

    #[inline]
    fn forward_over((left, right): <(L, R) as Lend>::Layers<'_>, x: &mut X, y: &mut Last<X, L, R>) {
        Flow::<L>::forward_with(left, x, |h| Flow::<R>::forward_over(right, h, y));
    }

    #[inline]
    fn forward_with<T>(
        (left, right): <(L, R) as Lend>::Layers<'_>,
        x: &mut X,
        next: impl FnOnce(&mut Last<X, L, R>) -> T,
    ) -> T {
        Flow::<L>::forward_with(left, x, |h| Flow::<R>::forward_with(right, h, next))
    }

    #[inline]
    fn forward_from<T>((left, right): <(L, R) as Lend>::Layers<'_>, x: &X, next: impl FnOnce(&mut Last<X, L, R>) -> T) -> T {
        Flow::<L>::forward_from(left, x, |h| Flow::<R>::forward_with(right, h, next))
    }
}

/// [`Backprop`] of such fields.
pub trait FlowBack<F: Lend>: Flow<F> + Clone {
    /// As in [`Backprop`].
    const BACKPROP_BYTES: usize;

    /// As in [`Backprop`].
    fn backprop<R>(layers: F::Layers<'_>, x: &mut Self, grads: F::Grads<'_>, next: impl FnOnce(&mut Self::Output) -> R) -> R;
    /// As in [`Backprop`].
    fn backprop_params<R>(layers: F::Layers<'_>, x: &Self, grads: F::Grads<'_>, next: impl FnOnce(&mut Self::Output) -> R)
    -> R;
    /// As in [`Backprop`].
    fn backprop_input<R>(layers: F::Layers<'_>, x: &mut Self, next: impl FnOnce(&mut Self::Output) -> R) -> R;
    /// Shows each layer by its name.
    fn layers<V: LayerVisitor>(names: &[Name<'_>], depth: usize, visitor: &mut V);
}

impl<X: Clone, M: Backprop<X>> FlowBack<Field<M>> for X {
    const BACKPROP_BYTES: usize = M::BACKPROP_BYTES;

    #[inline]
    fn backprop<R>(layer: &M, x: &mut X, grads: &mut M::Grads, next: impl FnOnce(&mut M::Output) -> R) -> R {
        layer.backprop(x, grads, next)
    }

    #[inline]
    fn backprop_params<R>(layer: &M, x: &X, grads: &mut M::Grads, next: impl FnOnce(&mut M::Output) -> R) -> R {
        layer.backprop_params(x, grads, next)
    }

    #[inline]
    fn backprop_input<R>(layer: &M, x: &mut X, next: impl FnOnce(&mut M::Output) -> R) -> R {
        layer.backprop_input(x, next)
    }

    fn layers<V: LayerVisitor>(names: &[Name<'_>], depth: usize, visitor: &mut V) {
        if let [name] = names {
            M::layers(*name, depth, visitor);
        }
    }
}

impl<X: FlowBack<L, Output: FlowBack<R>>, L: Lend, R: Lend> FlowBack<(L, R)> for X {
    const BACKPROP_BYTES: usize = <X as FlowBack<L>>::BACKPROP_BYTES + <Middle<X, L> as FlowBack<R>>::BACKPROP_BYTES;

    #[inline]
    fn backprop<T>(
        (left, right): <(L, R) as Lend>::Layers<'_>,
        x: &mut X,
        (d_left, d_right): <(L, R) as Lend>::Grads<'_>,
        next: impl FnOnce(&mut Last<X, L, R>) -> T,
    ) -> T {
        FlowBack::<L>::backprop(left, x, d_left, |h| FlowBack::<R>::backprop(right, h, d_right, next))
    }

    #[inline]
    fn backprop_params<T>(
        (left, right): <(L, R) as Lend>::Layers<'_>,
        x: &X,
        (d_left, d_right): <(L, R) as Lend>::Grads<'_>,
        next: impl FnOnce(&mut Last<X, L, R>) -> T,
    ) -> T {
        FlowBack::<L>::backprop_params(left, x, d_left, |h| {
            if L::PARAMETERS == 0 {
                // As long as nothing before a layer is trained, nobody reads the gradient with respect to its input.
                FlowBack::<R>::backprop_params(right, h, d_right, next)
            } else {
                FlowBack::<R>::backprop(right, h, d_right, next)
            }
        })
    }

    #[inline]
    fn backprop_input<T>(
        (left, right): <(L, R) as Lend>::Layers<'_>,
        x: &mut X,
        next: impl FnOnce(&mut Last<X, L, R>) -> T,
    ) -> T {
        FlowBack::<L>::backprop_input(left, x, |h| FlowBack::<R>::backprop_input(right, h, next))
    }

    fn layers<V: LayerVisitor>(names: &[Name<'_>], depth: usize, visitor: &mut V) {
        if let Some((left, right)) = names.split_at_checked(L::COUNT) {
            <X as FlowBack<L>>::layers(left, depth, visitor);
            <Middle<X, L> as FlowBack<R>>::layers(right, depth, visitor);
        }
    }
}
