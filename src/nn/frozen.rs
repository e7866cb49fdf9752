//! [`Frozen`].

use core::fmt::{self, Display, Formatter};

use rand::Rng;

use super::summary::ShownFrozen;
use super::{Backprop, Info, Kind, LayerVisitor, Module, Name, Parameters, Untrained, Update, Visitor, VisitorMut};
use crate::init::{Init, blank};
use crate::simd::Float;

/// A layer or model that keeps its parameters: `requires_grad_(False)` and `eval()`, decided by the type.
///
/// Its gradients are `()`: it costs no gradient memory, and backpropagation through it computes the gradient of its input alone
/// (nothing at all where it comes first).
///
/// ```
/// use adamant::prelude::*;
/// type Base = Sequential![Linear<8, 16>, Relu];
/// type Tuned = Sequential![Frozen<Base>, Linear<16, 2>];
/// assert_eq!(Tuned::PARAMETERS, 16 * 2 + 2);
/// assert_eq!(size_of::<Grads<Tuned>>(), size_of::<Grads<Linear<16, 2>>>());
/// ```
#[doc(alias("requires_grad_", "no_grad"))]
#[derive(Clone, Copy, PartialEq, Debug)]
#[repr(transparent)]
pub struct Frozen<M>(
    /// What is frozen.
    pub M,
);

/// Shows a frozen model's tensors as frozen. What is absent in it would not be trained.
pub(super) struct AsFrozen<'v, V>(pub &'v mut V);

/// A frozen parameter is no longer trainable; state stays state.
const fn frozen<'a>(info: &Info<'a>) -> Info<'a> {
    let kind = match info.kind {
        Kind::Trainable => Kind::Frozen,
        kind => kind,
    };
    Info { kind, ..*info }
}

impl<V: Visitor> Visitor for AsFrozen<'_, V> {
    fn visit<T: Float>(&mut self, info: &Info<'_>, values: &[T]) {
        self.0.visit(&frozen(info), values);
    }

    fn absent(&mut self, _: usize, numbers: usize) {
        self.0.absent(0, numbers);
    }
}

impl<V: VisitorMut> VisitorMut for AsFrozen<'_, V> {
    fn visit_mut<T: Float>(&mut self, info: &Info<'_>, values: &mut [T]) {
        self.0.visit_mut(&frozen(info), values);
    }

    fn absent(&mut self, _: usize, numbers: usize) {
        self.0.absent(0, numbers);
    }
}

/// The names and the printed form are those of the model itself: freezing changes neither, as in PyTorch.
impl<M: Parameters> Parameters for Frozen<M> {
    type Grads = ();
    type Count = Untrained<M::Count>;
    const PARAMETERS: usize = 0;
    const NUMBERS: usize = M::NUMBERS;

    fn visit<V: Visitor>(&self, name: Name<'_>, visitor: &mut V) {
        self.0.visit(name, &mut AsFrozen(visitor));
    }

    fn visit_mut<V: VisitorMut>(&mut self, name: Name<'_>, visitor: &mut V) {
        self.0.visit_mut(name, &mut AsFrozen(visitor));
    }

    #[inline]
    fn update<const K: usize, U: Update<K>>(&mut self, (): &(), _: [&mut (); K], _: &mut U) {}

    fn describe(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.describe(f)
    }
}

impl<M: Parameters> Display for Frozen<M> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.describe(f)
    }
}

impl<M: Init> Init for Frozen<M> {
    blank! { 0 }

    fn reset_parameters<R: Rng + ?Sized>(&mut self, rng: &mut R) {
        self.0.reset_parameters(rng);
    }
}

impl<X, M: Module<X>> Module<X> for Frozen<M> {
    type Output = M::Output;
    const MACS: u64 = M::MACS;
    const FORWARD_BYTES: usize = M::FORWARD_BYTES;
    const FORWARD_OVER_BYTES: usize = M::FORWARD_OVER_BYTES;
    const FORWARD_WITH_BYTES: usize = M::FORWARD_WITH_BYTES;

    #[inline]
    fn forward_into(&self, x: &X, y: &mut M::Output) {
        self.0.forward_into(x, y);
    }

    #[inline]
    fn forward_over(&self, x: &mut X, y: &mut M::Output) {
        self.0.forward_over(x, y);
    }

    #[inline]
    fn forward_with<R>(&self, x: &mut X, next: impl FnOnce(&mut M::Output) -> R) -> R {
        self.0.forward_with(x, next)
    }
}

impl<X: Clone, M: Backprop<X>> Backprop<X> for Frozen<M> {
    const BACKPROP_BYTES: usize = M::BACKPROP_BYTES;

    #[inline]
    fn backprop<R>(&self, x: &mut X, (): &mut (), next: impl FnOnce(&mut M::Output) -> R) -> R {
        self.0.backprop_input(x, next)
    }

    #[inline]
    fn backprop_params<R>(&self, x: &X, (): &mut (), next: impl FnOnce(&mut M::Output) -> R) -> R {
        next(&mut self.0.forward_inside(x))
    }

    #[inline]
    fn backprop_input<R>(&self, x: &mut X, next: impl FnOnce(&mut M::Output) -> R) -> R {
        self.0.backprop_input(x, next)
    }

    fn layers<V: LayerVisitor>(name: Name<'_>, depth: usize, visitor: &mut V) {
        M::layers(name, depth, &mut ShownFrozen(&mut *visitor));
    }
}
