//! How what is kept as it is, frozen or borrowed, shows itself to visitors.

use super::{Info, Kind, LayerSummary, LayerVisitor, Name, RandomStream, Visitor, VisitorMut};
use crate::simd::Float;

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

    fn stream(&mut self, name: Name<'_>, stream: &RandomStream) {
        self.0.stream(name, stream);
    }
}

impl<V: VisitorMut> VisitorMut for AsFrozen<'_, V> {
    fn visit_mut<T: Float>(&mut self, info: &Info<'_>, values: &mut [T]) {
        self.0.visit_mut(&frozen(info), values);
    }

    fn absent(&mut self, _: usize, numbers: usize) {
        self.0.absent(0, numbers);
    }

    fn stream_mut(&mut self, name: Name<'_>, stream: &mut RandomStream) {
        self.0.stream_mut(name, stream);
    }
}

/// Shows layers that keep their parameters. (It hides the visitor's type, which would grow with every wrapper in another.)
pub(super) struct ShownFrozen<'v>(pub &'v mut dyn LayerVisitor);

impl LayerVisitor for ShownFrozen<'_> {
    fn layer(&mut self, layer: &LayerSummary<'_>) {
        self.0.layer(&LayerSummary { frozen: true, ..*layer });
    }
}
