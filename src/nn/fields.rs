//! A struct of layers as a chain: what `#[derive(Module)]` writes for it calls this.
//!
//! The struct lends its fields in rows of eight, and the rows as pairs of pairs. One bound then says that they fit each other,
//! whatever their number, and pairs of equal halves nest no deeper than the logarithm of it. (Closures for each field, written out
//! in the struct's own impl, take the compiler a time that grows with the cube.) A row is one function, not a function for each
//! layer: the compiler counts how often a function stands inside itself, and every layer encloses those after it.

use core::marker::PhantomData;

use super::{
    Backprop, Evaluate, EvaluateState, Frozen, Gradients, LayerVisitor, Module, Name, Param, Parameters, Residual, Sequential,
    Watch,
};
use crate::ops::cost::larger;
use crate::tensor::{Buffer, Tensor};

pub use typenum::Unsigned;

/// A layer that a struct of layers may chain, decided by its type and whatever its name. `Struct` stands for that struct.
///
/// A struct all of whose fields are such layers has a forward pass, the fields in order; one with a parameter, a tensor or a
/// number among them has not, so that `#[forward]` can give it one. `#[derive(Module)]` writes this; where [`Parameters`] is
/// written by hand, a line stands beside it: `impl<Struct> Chainable<Struct> for MyLayer {}`.
///
/// (`Struct` is a type of the crate that defines the struct. So the compiler may conclude there that a field is *not* such a layer;
/// without it, it would have to expect an impl in a later version of this crate.)
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no layer, so the struct that it stands in does not chain its fields",
    label = "the struct has no forward pass for this input",
    note = "`#[forward]` gives a struct a forward pass of its own",
    note = "a layer whose `Parameters` are written by hand is chained with `impl<Struct> Chainable<Struct> for MyLayer {{}}`"
)]
pub trait Chainable<Struct> {}

impl<S, C> Chainable<S> for Sequential<C> {}
impl<S, A: Chainable<S>, B: Chainable<S>> Chainable<S> for (A, B) {}
impl<S, M> Chainable<S> for Residual<M> {}
impl<S, M: Chainable<S>> Chainable<S> for Frozen<M> {}
impl<S, M: Chainable<S>> Chainable<S> for &M {}
impl<S, M: Chainable<S>, const N: usize> Chainable<S> for [M; N] {}

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
impl<T: Plain, const N: usize> Plain for [T; N] {}
/// The bias of a layer that has none.
impl Plain for () {}

macro_rules! numbers {
    ($($t:ty)+) => {$(
        impl Plain for $t {}
    )+};
}

numbers!(f32 f64 bool usize isize u8 u16 u32 u64 i8 i16 i32 i64);

/// The constant says whether `#[forward]` gives the struct a forward pass of its own.
pub struct Own<const OWN: bool>;

/// A struct without a forward pass of its own chains its fields.
#[diagnostic::on_unimplemented(
    message = "the layer's own forward pass does not take input `{X}`",
    label = "this layer and this input do not fit"
)]
pub trait Chains<Struct, X> {}

impl<S, X> Chains<S, X> for Only<Own<false>, X> {}

/// A struct has a forward pass of its own. `Self` is a function pointer that takes the struct, and `Claim` a type of the struct's crate,
/// without which this crate alone could say so.
pub trait Claimed<Claim> {}

/// Asks whether a struct is: `(&ask).claimed()` is [`Yes`], and [`No`] where method resolution goes on to [`IsUnclaimed`].
pub struct Ask<F>(PhantomData<F>);

impl<F> Ask<F> {
    /// The question.
    #[expect(clippy::new_without_default, reason = "a question is asked, not filled in")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

/// The struct is claimed.
pub struct Yes;

/// It is not.
pub struct No;

/// The answer to a question that is claimed.
pub trait IsClaimed<Claim> {
    /// It is.
    fn claimed(&self) -> Yes {
        Yes
    }
}

impl<F: Claimed<C>, C> IsClaimed<C> for Ask<F> {}

/// The answer to any other.
pub trait IsUnclaimed {
    /// It is not.
    fn claimed(&self) -> No {
        No
    }
}

impl<F> IsUnclaimed for &Ask<F> {}

/// An answer as a constant.
pub trait Answer {
    /// The answer.
    const YES: bool;
}

impl Answer for Yes {
    const YES: bool = true;
}

impl Answer for No {
    const YES: bool = false;
}

/// The answer that a function would give, which never runs.
pub const fn answer<A: Answer>(_: &impl FnOnce() -> A) -> bool {
    A::YES
}

/// All fields are layers. `X` is the input, and only there because what depends on nothing is decided where the impl stands.
pub struct Only<F, X>(PhantomData<(F, X)>);

/// The fields are layers.
pub trait Layers<Struct> {}

impl<S, F: Layers<S>, X> Layers<S> for Only<F, X> {}
impl<S, L: Layers<S>, R: Layers<S>> Layers<S> for Pair<L, R> {}

/// A layer that borrows takes an input: [`Module`] for bounds on `&'a M`. (Asked for directly, the compiler would no longer see that
/// its gradients are those of `&'static M`.)
pub trait Fits {
    /// What the layer gives.
    type Output: Buffer;
}

impl<M: Module<X>, X> Fits for Only<M, X> {
    type Output = M::Output;
}

/// Fields and those after them. The smallest part is a row: a tuple of the layers' types.
pub struct Pair<L, R>(PhantomData<(L, R)>);

/// What stands for fields: a row, or a pair.
pub trait Lend {
    /// References to the fields.
    type Layers<'a>: Copy
    where
        Self: 'a;
    /// References to their gradients.
    type Grads<'a>;
    /// References to their gradients that are only read.
    type Read<'a>;
    /// How many fields there are.
    const COUNT: usize;
    /// How many numbers they train.
    const PARAMETERS: usize;
}

impl<L: Lend, R: Lend> Lend for Pair<L, R> {
    type Layers<'a>
        = (L::Layers<'a>, R::Layers<'a>)
    where
        Self: 'a;
    type Grads<'a> = (L::Grads<'a>, R::Grads<'a>);
    type Read<'a> = (L::Read<'a>, R::Read<'a>);
    const COUNT: usize = L::COUNT + R::COUNT;
    const PARAMETERS: usize = L::PARAMETERS + R::PARAMETERS;
}

/// Knows what the gradients of fields `F`, lent for `'l`, carry.
///
/// (As below, the fields are a parameter and not `Self`. Of a bound with a lifetime, `for<'l>`, the compiler does not ask at the impl
/// whether it holds: the derive asks that of each field.)
pub trait Carry<'l, F: Lend> {
    /// [`Gradients::Carried`] of each of them.
    type Carried: Buffer;

    /// As in [`Gradients`].
    fn carried(grads: F::Read<'l>) -> Self::Carried;
    /// As in [`Gradients`].
    fn carry(grads: F::Grads<'l>, carried: &Self::Carried);
}

/// Does, of all fields.
pub struct Carrier;

impl<'l, L: Lend, R: Lend> Carry<'l, Pair<L, R>> for Carrier
where
    Carrier: Carry<'l, L> + Carry<'l, R>,
{
    type Carried = (<Carrier as Carry<'l, L>>::Carried, <Carrier as Carry<'l, R>>::Carried);

    #[inline]
    fn carried((left, right): <Pair<L, R> as Lend>::Read<'l>) -> Self::Carried {
        (<Carrier as Carry<'l, L>>::carried(left), <Carrier as Carry<'l, R>>::carried(right))
    }

    #[inline]
    fn carry((left, right): <Pair<L, R> as Lend>::Grads<'l>, carried: &Self::Carried) {
        <Carrier as Carry<'l, L>>::carry(left, &carried.0);
        <Carrier as Carry<'l, R>>::carry(right, &carried.1);
    }
}

/// A count for a bound with a lifetime.
pub struct Counted<'l, C>(PhantomData<(&'l (), C)>);

impl<C: Evaluate> Evaluate for Counted<'_, C> {
    type Out = C::Out;
}

impl<C: EvaluateState> EvaluateState for Counted<'_, C> {
    type Out = C::Out;
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
    /// As in [`Module`].
    fn forward_training(layers: F::Layers<'_>, x: &Self, grads: F::Grads<'_>) -> Self::Output;
}

/// What the left half of a pair gives.
type Middle<X, L> = <X as Flow<L>>::Output;

/// What a pair gives.
type Last<X, L, R> = <Middle<X, L> as Flow<R>>::Output;

impl<X: Flow<L, Output: Flow<R>>, L: Lend, R: Lend> Flow<Pair<L, R>> for X {
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
    fn forward_into((left, right): <Pair<L, R> as Lend>::Layers<'_>, x: &X, y: &mut Last<X, L, R>) {
        Flow::<L>::forward_from(left, x, |h| Flow::<R>::forward_over(right, h, y));
    }

    #[inline]
    fn forward_over((left, right): <Pair<L, R> as Lend>::Layers<'_>, x: &mut X, y: &mut Last<X, L, R>) {
        Flow::<L>::forward_with(left, x, |h| Flow::<R>::forward_over(right, h, y));
    }

    #[inline]
    fn forward_with<T>(
        (left, right): <Pair<L, R> as Lend>::Layers<'_>,
        x: &mut X,
        next: impl FnOnce(&mut Last<X, L, R>) -> T,
    ) -> T {
        Flow::<L>::forward_with(left, x, |h| Flow::<R>::forward_with(right, h, next))
    }

    #[inline]
    fn forward_from<T>(
        (left, right): <Pair<L, R> as Lend>::Layers<'_>,
        x: &X,
        next: impl FnOnce(&mut Last<X, L, R>) -> T,
    ) -> T {
        Flow::<L>::forward_from(left, x, |h| Flow::<R>::forward_with(right, h, next))
    }

    #[inline]
    fn forward_training(
        (left, right): <Pair<L, R> as Lend>::Layers<'_>,
        x: &X,
        (d_left, d_right): <Pair<L, R> as Lend>::Grads<'_>,
    ) -> Last<X, L, R> {
        let h = Flow::<L>::forward_training(left, x, d_left);
        Flow::<R>::forward_training(right, &h, d_right)
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
    /// As in [`Backprop`].
    fn backprop_watched<W: Watch, R>(
        layers: F::Layers<'_>,
        wanted: bool,
        x: &mut Self,
        grads: F::Grads<'_>,
        watch: &mut W,
        next: impl FnOnce(&mut Self::Output, &mut W) -> R,
    ) -> R;
    /// Shows each layer by its name.
    fn layers<V: LayerVisitor>(names: &[Name<'_>], depth: usize, visitor: &mut V);
}

impl<X: FlowBack<L, Output: FlowBack<R>>, L: Lend, R: Lend> FlowBack<Pair<L, R>> for X {
    const BACKPROP_BYTES: usize = <X as FlowBack<L>>::BACKPROP_BYTES + <Middle<X, L> as FlowBack<R>>::BACKPROP_BYTES;

    #[inline]
    fn backprop<T>(
        (left, right): <Pair<L, R> as Lend>::Layers<'_>,
        x: &mut X,
        (d_left, d_right): <Pair<L, R> as Lend>::Grads<'_>,
        next: impl FnOnce(&mut Last<X, L, R>) -> T,
    ) -> T {
        FlowBack::<L>::backprop(left, x, d_left, |h| FlowBack::<R>::backprop(right, h, d_right, next))
    }

    #[inline]
    fn backprop_params<T>(
        (left, right): <Pair<L, R> as Lend>::Layers<'_>,
        x: &X,
        (d_left, d_right): <Pair<L, R> as Lend>::Grads<'_>,
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
        (left, right): <Pair<L, R> as Lend>::Layers<'_>,
        x: &mut X,
        next: impl FnOnce(&mut Last<X, L, R>) -> T,
    ) -> T {
        FlowBack::<L>::backprop_input(left, x, |h| FlowBack::<R>::backprop_input(right, h, next))
    }

    #[inline]
    fn backprop_watched<W: Watch, T>(
        (left, right): <Pair<L, R> as Lend>::Layers<'_>,
        wanted: bool,
        x: &mut X,
        (d_left, d_right): <Pair<L, R> as Lend>::Grads<'_>,
        watch: &mut W,
        next: impl FnOnce(&mut Last<X, L, R>, &mut W) -> T,
    ) -> T {
        let later = wanted || L::PARAMETERS > 0;
        FlowBack::<L>::backprop_watched(left, wanted, x, d_left, watch, |h, watch| {
            FlowBack::<R>::backprop_watched(right, later, h, d_right, watch, next)
        })
    }

    fn layers<V: LayerVisitor>(names: &[Name<'_>], depth: usize, visitor: &mut V) {
        if let Some((left, right)) = names.split_at_checked(L::COUNT) {
            <X as FlowBack<L>>::layers(left, depth, visitor);
            <Middle<X, L> as FlowBack<R>>::layers(right, depth, visitor);
        }
    }
}

/// The calls of a row, each in the continuation of the one before.
macro_rules! calls {
    // `forward_with`, and for the last layer another method.
    (forward $x:ident $last:ident($argument:ident); $layer:ident) => { $layer.$last($x, $argument) };
    (forward $x:ident $last:ident($argument:ident); $layer:ident $($rest:ident)+) => {
        $layer.forward_with($x, |h| calls!(forward h $last($argument); $($rest)+))
    };
    // Those after the first one, which left its output in `x`.
    (after $x:ident $next:ident;) => { $next($x) };
    (after $x:ident $next:ident; $($layer:ident)+) => { calls!(forward $x forward_with($next); $($layer)+) };
    (backprop $x:ident $next:ident; $layer:ident $d:ident) => { $layer.backprop($x, $d, $next) };
    (backprop $x:ident $next:ident; $layer:ident $d:ident $($rest:ident)+) => {
        $layer.backprop($x, $d, |h| calls!(backprop h $next; $($rest)+))
    };
    (input $x:ident $next:ident; $layer:ident) => { $layer.backprop_input($x, $next) };
    (input $x:ident $next:ident; $layer:ident $($rest:ident)+) => {
        $layer.backprop_input($x, |h| calls!(input h $next; $($rest)+))
    };
    (watched $wanted:ident $x:ident $watch:ident $next:ident; $layer:ident $d:ident $M:ident) => {
        $layer.backprop_watched($wanted, $x, $d, $watch, $next)
    };
    (watched $wanted:ident $x:ident $watch:ident $next:ident; $layer:ident $d:ident $M:ident $($rest:ident)+) => {{
        let later = $wanted || $M::PARAMETERS > 0;
        $layer.backprop_watched($wanted, $x, $d, $watch, |h, watch| calls!(watched later h watch $next; $($rest)+))
    }};
    (params $x:ident $next:ident; $layer:ident $d:ident $M:ident) => { $layer.backprop_params($x, $d, $next) };
    (params $x:ident $next:ident; $layer:ident $d:ident $M:ident $($rest:ident)+) => {
        $layer.backprop_params($x, $d, |h| calls!(later h $next ($M::PARAMETERS); $($rest)+))
    };
    // As long as nothing before a layer is trained, nobody reads the gradient with respect to its input.
    (later $x:ident $next:ident ($trained:expr); $layer:ident $d:ident $M:ident) => {
        if $trained == 0 { $layer.backprop_params($x, $d, $next) } else { $layer.backprop($x, $d, $next) }
    };
    (later $x:ident $next:ident ($trained:expr); $layer:ident $d:ident $M:ident $($rest:ident)+) => {{
        let rest = |h: &mut $M::Output| calls!(later h $next ($trained + $M::PARAMETERS); $($rest)+);
        if $trained == 0 { $layer.backprop_params($x, $d, rest) } else { $layer.backprop($x, $d, rest) }
    }};
}

/// Of the last of some types: what it gives, and what [`Module::forward_over`] makes in all of them.
macro_rules! last {
    (output $M:ident) => { $M::Output };
    (output $M:ident $($rest:ident)+) => { last!(output $($rest)+) };
    (over $M:ident) => { $M::FORWARD_OVER_BYTES };
    (over $M:ident $($rest:ident)+) => { $M::FORWARD_WITH_BYTES + last!(over $($rest)+) };
}

/// A row: its layers' types, the names of their values and gradients, and which one is before.
macro_rules! row {
    ({ $A:ident $a:ident $da:ident } $({ $M:ident $m:ident $dm:ident $Before:ident })*) => {
        impl<Struct, $A: Chainable<Struct> $(, $M: Chainable<Struct>)*> Layers<Struct> for ($A, $($M,)*) {}

        impl<$A: Parameters $(, $M: Parameters)*> Lend for ($A, $($M,)*) {
            type Layers<'a> = (&'a $A, $(&'a $M,)*) where Self: 'a;
            type Grads<'a> = (&'a mut $A::Grads, $(&'a mut $M::Grads,)*);
            type Read<'a> = (&'a $A::Grads, $(&'a $M::Grads,)*);
            const COUNT: usize = [stringify!($A) $(, stringify!($M))*].len();
            const PARAMETERS: usize = $A::PARAMETERS $(+ $M::PARAMETERS)*;
        }

        impl<'l, $A: Parameters $(, $M: Parameters)*> Carry<'l, ($A, $($M,)*)> for Carrier {
            type Carried = (<$A::Grads as Gradients>::Carried, $(<$M::Grads as Gradients>::Carried,)*);

            #[inline]
            fn carried(($a, $($m,)*): <($A, $($M,)*) as Lend>::Read<'l>) -> Self::Carried {
                ($a.carried(), $($m.carried(),)*)
            }

            #[inline]
            fn carry(($a, $($m,)*): <($A, $($M,)*) as Lend>::Grads<'l>, ($da, $($dm,)*): &Self::Carried) {
                $a.carry($da);
                $($m.carry($dm);)*
            }
        }

        impl<X, $A: Module<X> $(, $M: Module<$Before::Output>)*> Flow<($A, $($M,)*)> for X {
            type Output = last!(output $A $($M)*);
            const MACS: u64 = $A::MACS $(+ $M::MACS)*;
            const FIRST_OUTPUT: usize = size_of::<$A::Output>();
            const FIRST_BYTES: usize = $A::FORWARD_BYTES;
            const LATER_BYTES: usize = 0 $(+ $M::FORWARD_WITH_BYTES)*;
            const FORWARD_BYTES: usize = row!(@bytes $A $($M)*);
            const FORWARD_OVER_BYTES: usize = last!(over $A $($M)*);
            const FORWARD_WITH_BYTES: usize = $A::FORWARD_WITH_BYTES $(+ $M::FORWARD_WITH_BYTES)*;

            #[inline]
            fn forward_into(($a, $($m,)*): <($A, $($M,)*) as Lend>::Layers<'_>, x: &X, y: &mut Self::Output) {
                row!(@into $A x y $a $($m)*)
            }

            #[inline]
            fn forward_over(($a, $($m,)*): <($A, $($M,)*) as Lend>::Layers<'_>, x: &mut X, y: &mut Self::Output) {
                calls!(forward x forward_over(y); $a $($m)*)
            }

            #[inline]
            fn forward_with<R>(
                ($a, $($m,)*): <($A, $($M,)*) as Lend>::Layers<'_>,
                x: &mut X,
                next: impl FnOnce(&mut Self::Output) -> R,
            ) -> R {
                calls!(forward x forward_with(next); $a $($m)*)
            }

            #[inline]
            fn forward_from<R>(
                ($a, $($m,)*): <($A, $($M,)*) as Lend>::Layers<'_>,
                x: &X,
                next: impl FnOnce(&mut Self::Output) -> R,
            ) -> R {
                let mut h = $A::Output::ZERO;
                $a.forward_into(x, &mut h);
                let h = &mut h;
                calls!(after h next; $($m)*)
            }

            #[inline]
            fn forward_training(
                ($a, $($m,)*): <($A, $($M,)*) as Lend>::Layers<'_>,
                x: &X,
                ($da, $($dm,)*): <($A, $($M,)*) as Lend>::Grads<'_>,
            ) -> Self::Output {
                let h = $a.forward_training(x, $da);
                $(let h = $m.forward_training(&h, $dm);)*
                h
            }
        }

        impl<X: Clone, $A: Backprop<X> $(, $M: Backprop<$Before::Output>)*> FlowBack<($A, $($M,)*)> for X {
            const BACKPROP_BYTES: usize = $A::BACKPROP_BYTES $(+ $M::BACKPROP_BYTES)*;

            #[inline]
            fn backprop<R>(
                ($a, $($m,)*): <($A, $($M,)*) as Lend>::Layers<'_>,
                x: &mut X,
                ($da, $($dm,)*): <($A, $($M,)*) as Lend>::Grads<'_>,
                next: impl FnOnce(&mut Self::Output) -> R,
            ) -> R {
                calls!(backprop x next; $a $da $($m $dm)*)
            }

            #[inline]
            fn backprop_params<R>(
                ($a, $($m,)*): <($A, $($M,)*) as Lend>::Layers<'_>,
                x: &X,
                ($da, $($dm,)*): <($A, $($M,)*) as Lend>::Grads<'_>,
                next: impl FnOnce(&mut Self::Output) -> R,
            ) -> R {
                calls!(params x next; $a $da $A $($m $dm $M)*)
            }

            #[inline]
            fn backprop_input<R>(
                ($a, $($m,)*): <($A, $($M,)*) as Lend>::Layers<'_>,
                x: &mut X,
                next: impl FnOnce(&mut Self::Output) -> R,
            ) -> R {
                calls!(input x next; $a $($m)*)
            }

            #[inline]
            fn backprop_watched<W: Watch, R>(
                ($a, $($m,)*): <($A, $($M,)*) as Lend>::Layers<'_>,
                wanted: bool,
                x: &mut X,
                ($da, $($dm,)*): <($A, $($M,)*) as Lend>::Grads<'_>,
                watch: &mut W,
                next: impl FnOnce(&mut Self::Output, &mut W) -> R,
            ) -> R {
                calls!(watched wanted x watch next; $a $da $A $($m $dm $M)*)
            }

            fn layers<V: LayerVisitor>(names: &[Name<'_>], depth: usize, visitor: &mut V) {
                if let [$a, $($m),*] = names {
                    $A::layers(*$a, depth, visitor);
                    $($M::layers(*$m, depth, visitor);)*
                }
            }
        }
    };
    (@bytes $A:ident) => { $A::FORWARD_BYTES };
    (@bytes $A:ident $($M:ident)+) => { size_of::<$A::Output>() + larger($A::FORWARD_BYTES, last!(over $($M)+)) };
    (@into $A:ident $x:ident $y:ident $a:ident) => { $a.forward_into($x, $y) };
    (@into $A:ident $x:ident $y:ident $a:ident $($m:ident)+) => {{
        let mut h = $A::Output::ZERO;
        $a.forward_into($x, &mut h);
        let h = &mut h;
        calls!(forward h forward_over($y); $($m)+)
    }};
}

/// A row of each length.
macro_rules! rows {
    ([$($row:tt)*]) => {};
    ([$($row:tt)*] $next:tt $($rest:tt)*) => {
        row!($($row)* $next);
        rows!([$($row)* $next] $($rest)*);
    };
}

rows! {
    [] { A a da } { B b db A } { C c dc B } { D d dd C } { E e de D } { F f df E } { G g dg F } { H h dh G }
}
