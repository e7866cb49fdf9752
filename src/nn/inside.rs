//! What a layer with `#[forward]` is made of: its costs, and the layers that it calls.

use core::marker::PhantomData;

use super::{Backprop, Gradients, LayerVisitor, Module, Name, Parameters};
use crate::ops::cost::{self, Cost, Sum, Unknown, markers};
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

/// What a function is given.
#[inline(always)]
pub const fn given<F: Module<X>, X: Copy>(_: &F, x: X) -> X {
    x
}

/// A value, and the type that a function says it returns.
pub struct Returned<V, T>(V, PhantomData<T>);

impl<V, T> Returned<V, T> {
    /// This value.
    #[inline(always)]
    pub const fn of(value: V) -> Self {
        Self(value, PhantomData)
    }
}

/// `(&returned).returned()` is the value, if it has the type. If not, that is reported elsewhere, and not here again: there method
/// resolution goes on to [`Other`].
pub trait Same<T> {
    /// The value.
    fn returned(&self) -> T;
}

impl<T: Copy> Same<T> for Returned<T, T> {
    #[inline(always)]
    fn returned(&self) -> T {
        self.0
    }
}

/// What has another type.
pub trait Other<T> {
    /// Nothing: it does not compile.
    fn returned(&self) -> T;
}

impl<V, T> Other<T> for &Returned<V, T> {
    fn returned(&self) -> T {
        unreachable!()
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
