//! [`Frozen`].

use core::fmt::{self, Display, Formatter};

use rand::Rng;

use super::wrapper::{evaluates, keeps_parameters, trains_nothing};
use super::{Backprop, Info, Kind, LayerSummary, LayerVisitor, Module, Name, Parameters, Visitor, VisitorMut};
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

/// Shows layers that train nothing where they stand. (It hides the visitor's type, which would grow with every wrapper in another.)
pub(super) struct NotCounted<'v>(pub &'v mut dyn LayerVisitor);

impl LayerVisitor for NotCounted<'_> {
    fn layer(&mut self, layer: &LayerSummary<'_>) {
        self.0.layer(&LayerSummary { parameters: 0, ..*layer });
    }
}

impl<M: Parameters> Parameters for Frozen<M> {
    keeps_parameters! { M at .0 }

    fn visit_mut<V: VisitorMut>(&mut self, name: Name<'_>, visitor: &mut V) {
        self.0.visit_mut(name, &mut AsFrozen(visitor));
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
    evaluates! { X, M at .0 }
}

impl<X: Clone, M: Backprop<X>> Backprop<X> for Frozen<M> {
    trains_nothing! { X, M at .0 }
}
