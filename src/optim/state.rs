//! Walking through an optimiser's moments by name.

use crate::nn::{Gradients, Info, Name, Visitor, VisitorMut, Zip};
use crate::simd::Float;

/// Shows each mirror's tensors, named below its moment.
pub fn show<G: Gradients, V: Visitor>(state: &[G], moments: &[&str], visitor: &mut V) {
    for (mirror, moment) in state.iter().zip(moments) {
        mirror.visit(Name::ROOT.field(moment), visitor);
    }
}

/// Lends each mirror's tensors to be written, named below its moment.
pub fn show_mut<G: Gradients, V: VisitorMut>(state: &mut [G], moments: &[&str], names: &G, visitor: &mut V) {
    for (mirror, moment) in state.iter_mut().zip(moments) {
        let mut lend = Lend { mirror, visitor: &mut *visitor, index: 0 };
        names.visit(Name::ROOT.field(moment), &mut lend);
    }
}

/// Gradients show their names only to a reader, and lend their tensors only without names. So this reads the names of one
/// mirror, and for each walks through another up to the tensor of that number.
struct Lend<'a, G, V> {
    mirror: &'a mut G,
    visitor: &'a mut V,
    index: usize,
}

impl<G: Gradients, V: VisitorMut> Visitor for Lend<'_, G, V> {
    fn visit<T: Float>(&mut self, info: &Info<'_>, _: &[T]) {
        self.mirror.zip([], &mut Nth { info, visitor: self.visitor, left: Some(self.index) });
        self.index += 1;
    }
}

/// Shows the tensor that has `left` others before it.
struct Nth<'a, 'n, V> {
    info: &'a Info<'n>,
    visitor: &'a mut V,
    left: Option<usize>,
}

impl<V: VisitorMut> Zip<0> for Nth<'_, '_, V> {
    fn zip<T: Float>(&mut self, own: &mut [T], []: [&[T]; 0]) {
        if self.left == Some(0) {
            self.visitor.visit_mut(self.info, own);
        }
        self.left = self.left.and_then(|left| left.checked_sub(1));
    }
}
