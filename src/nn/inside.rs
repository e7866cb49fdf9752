//! What a layer with `#[forward]` is made of: its costs, and the layers that it calls.

use core::fmt;
use core::marker::PhantomData;

use super::{Backprop, Gradients, LayerVisitor, Module, Name, Parameters, Update, Visitor, VisitorMut};
use crate::ops::cost::{self, Cost, Sum, Unknown, markers};
use crate::ops::fit::{NoBackwardPass, Nothing, refused};
use crate::stack;
use crate::tensor::Buffer;

/// What one forward pass costs.
#[derive(Clone, Copy, Debug)]
pub struct Evaluation {
    pub(super) macs: u64,
    pub(super) bytes: usize,
}

impl Evaluation {
    /// Nothing that is known.
    pub const NONE: Self = Self { macs: 0, bytes: 0 };

    /// Adds up what the steps cost that a function's result stands for. `counts` tells how often each loop runs.
    pub const fn of<'a, M: 'a, X: 'a, C: Cost>(_: fn(&'a M, &'a X) -> C, counts: &[u64]) -> Self {
        Self { macs: cost::macs::<C>(counts), bytes: cost::bytes::<C>(counts) }
    }
}

/// What the backward pass costs, and the layers inside.
#[derive(Clone, Copy, Debug)]
pub struct Training {
    /// Bytes of buffers.
    pub bytes: usize,
    names: &'static [&'static str],
    layers: fn(&[&'static str], Name<'_>, usize, &mut dyn LayerVisitor),
}

impl Training {
    /// No layers inside.
    pub const NONE: Self = Self { bytes: 0, names: &[], layers: <() as Layers>::show };

    /// As [`Evaluation::of`]; the result's second part stands for the layers, whose names are `names`. `counts` tells how many
    /// states each loop keeps.
    pub const fn of<'a, M: 'a, X: 'a, C: Cost, L: Layers>(
        _: fn(&'a M, &'a X) -> (C, L),
        counts: &[u64],
        names: &'static [&'static str],
    ) -> Self {
        Self { bytes: cost::bytes::<C>(counts), names, layers: L::show }
    }

    /// Shows the layers inside.
    pub(super) fn show<V: LayerVisitor>(&self, name: Name<'_>, depth: usize, visitor: &mut V) {
        (self.layers)(self.names, name, depth, visitor);
    }
}

/// What is kept of an iteration that has not begun.
#[inline(always)]
pub const fn nothing_carried<C: Buffer>() -> C {
    C::ZERO
}

/// Calls the forward pass of a layer `M` with the stack that it needs.
#[inline(always)]
pub fn with_room<X, M: Module<X> + ?Sized, R: Buffer>(forward: impl FnOnce() -> R) -> R {
    let bytes = M::FORWARD_BYTES + size_of::<R>();
    if stack::is_little(bytes) {
        return forward();
    }
    // What comes from the other stack is small.
    let mut y = R::ZERO;
    stack::with_room(bytes, || y = forward());
    y
}

/// A layer and the type of its input.
pub struct Called<'l, L, X>(&'l L, PhantomData<fn(X)>);

impl<'l, L, X> Called<'l, L, X> {
    /// Of these.
    #[inline(always)]
    pub const fn of(layer: &'l L, _: &X) -> Self {
        Self(layer, PhantomData)
    }
}

impl<'l, L: Module<X>, X> Called<'l, L, X> {
    /// The layer, which fits.
    #[inline(always)]
    pub fn fitting(self) -> &'l L {
        self.0
    }
}

/// A layer that may not fit.
#[expect(private_interfaces, reason = "as that of an operation")]
pub trait Absent<L, X>: Sized {
    /// What stands for it.
    fn fitting(self) -> &'static NoBackwardPass<L, X> {
        refused::<(Self, L, X), _>()
    }
}

impl<L, X> Absent<L, X> for Called<'_, L, X> {}

/// As much of the layer as its gradients.
impl<L: Parameters, A> Parameters for NoBackwardPass<L, A> {
    type Grads = L::Grads;
    type Count = L::Count;
    const PARAMETERS: usize = L::PARAMETERS;
    const NUMBERS: usize = L::NUMBERS;

    fn visit<V: Visitor>(&self, _: Name<'_>, _: &mut V) {}

    fn visit_mut<V: VisitorMut>(&mut self, _: Name<'_>, _: &mut V) {}

    fn update<const K: usize, U: Update<K>>(&mut self, _: &L::Grads, _: [&mut L::Grads; K], _: &mut U) {}

    fn describe(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl<L: Parameters, A, X> Module<X> for NoBackwardPass<L, A> {
    type Output = Nothing;

    fn forward_into(&self, _: &X, _: &mut Nothing) {}
}

impl<L: Parameters, A, X: Clone> Backprop<X> for NoBackwardPass<L, A> {
    fn backprop<R>(&self, _: &mut X, _: &mut L::Grads, next: impl FnOnce(&mut Nothing) -> R) -> R {
        let mut nothing = Nothing::ZERO;
        next(&mut nothing)
    }
}

/// The bytes that a layer's gradients carry.
const fn carried<L: Parameters>() -> u64 {
    size_of::<<L::Grads as Gradients>::Carried>() as u64
}

/// Whether a layer trains anything.
#[inline(always)]
pub const fn is_trained<L: Parameters>(_: &L) -> bool {
    L::PARAMETERS > 0
}

/// Layers, in the order of their calls.
pub trait Layers: Copy {
    /// How many there are.
    const COUNT: usize = 0;

    /// Shows each layer, named by the next of `names`.
    fn show(names: &[&'static str], name: Name<'_>, depth: usize, visitor: &mut dyn LayerVisitor);
}

impl Layers for () {
    fn show(_: &[&'static str], _: Name<'_>, _: usize, _: &mut dyn LayerVisitor) {}
}

impl<A: Layers, B: Layers> Layers for (A, B) {
    const COUNT: usize = A::COUNT + B::COUNT;

    fn show(names: &[&'static str], name: Name<'_>, depth: usize, visitor: &mut dyn LayerVisitor) {
        if let Some((left, right)) = names.split_at_checked(A::COUNT) {
            A::show(left, name, depth, visitor);
            B::show(right, name, depth, visitor);
        }
    }
}

impl Layers for Unknown {
    fn show(_: &[&'static str], _: Name<'_>, _: usize, _: &mut dyn LayerVisitor) {}
}

markers! {
    /// A layer in evaluation.
    Evaluated<L, X> [L: Module<X>] {
        const MACS: Sum = cost::once(L::MACS);
        const PASSING: u64 = L::FORWARD_BYTES as u64;
    }

    /// What a layer's gradients carry, kept for its call.
    Marked<L> [L: Parameters] {
        const HELD: Sum = cost::once(carried::<L>());
        const PASSING: u64 = carried::<L>();
    }

    /// The same, kept for each iteration of loop `K`.
    MarkedEach<L; const K> [L: Parameters] {
        const HELD: Sum = cost::moved(cost::once(carried::<L>()), K);
        const PASSING: u64 = carried::<L>();
    }

    /// A layer in training.
    Trained<L, X> [L: Backprop<X>, X: Clone] {
        const PASSING: u64 = L::FORWARD_BYTES as u64;
        const BACKPROP: u64 = L::BACKPROP_BYTES as u64;
    }
}

impl<L: Backprop<X>, X: Clone> Layers for Trained<L, X> {
    const COUNT: usize = 1;

    fn show(names: &[&'static str], name: Name<'_>, depth: usize, mut visitor: &mut dyn LayerVisitor) {
        if let [part] = names {
            L::layers(name.field(part), depth, &mut visitor);
        }
    }
}
