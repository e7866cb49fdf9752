//! What a layer with `#[forward]` is made of: its costs, and the layers that it calls.

use super::{Backprop, LayerVisitor, Module, Name, Parameters};
use crate::ops::cost::{self, Cost, Sum, Unknown, markers};

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

/// Refuses a layer whose first pass would be that of evaluation, though its second one is that of training: one that
/// `#[forward]` calls in several places or in a loop.
#[inline(always)]
pub const fn called_again<L: Parameters>(_: &L) {
    const {
        assert!(
            !L::TRAINS_DIFFERENTLY,
            "a layer that does something else in training (dropout, batch normalisation) is called in one place of `forward`, \
             and not in a loop: give each call a layer of its own"
        );
    }
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
