//! An optimiser's state: what it keeps from step to step, by name.

use crate::nn::{Gradients, Info, Kind, Name, Visitor, VisitorMut};
use crate::shape::Dims;

/// A part of the state of an optimiser whose model has gradients of type `G`: mirrors of them, or one number.
///
/// `names` are what PyTorch's `state_dict` calls the mirrors, or the number. Whatever an optimiser keeps beside its settings and
/// its number of steps is one of these, so that it can be saved and read back.
pub trait Kept<G> {
    /// Shows every tensor.
    fn show<V: Visitor>(&self, names: &[&str], visitor: &mut V);

    /// Lends every tensor to be written.
    fn show_mut<V: VisitorMut>(&mut self, names: &[&str], visitor: &mut V);

    /// Sets all of it to zero, as it is before the first step.
    fn reset(&mut self);
}

/// Each mirror's tensors are named below its own name: `exp_avg.0.weight`.
impl<G: Gradients, const K: usize> Kept<G> for [G; K] {
    fn show<V: Visitor>(&self, names: &[&str], visitor: &mut V) {
        for (mirror, name) in self.iter().zip(names) {
            mirror.visit(Name::ROOT.field(name), visitor);
        }
    }

    fn show_mut<V: VisitorMut>(&mut self, names: &[&str], visitor: &mut V) {
        for (mirror, name) in self.iter_mut().zip(names) {
            mirror.visit_mut(Name::ROOT.field(name), visitor);
        }
    }

    fn reset(&mut self) {
        self.iter_mut().for_each(Gradients::zero);
    }
}

/// A number is a tensor without dimensions.
impl<G> Kept<G> for f64 {
    fn show<V: Visitor>(&self, names: &[&str], visitor: &mut V) {
        names.iter().for_each(|name| visitor.visit(&number(name), core::slice::from_ref(self)));
    }

    fn show_mut<V: VisitorMut>(&mut self, names: &[&str], visitor: &mut V) {
        names.iter().for_each(|name| visitor.visit_mut(&number(name), core::slice::from_mut(self)));
    }

    fn reset(&mut self) {
        *self = 0.0;
    }
}

const fn number<'a>(name: &'a str) -> Info<'a> {
    Info { name: Name::ROOT.field(name), dims: Dims::SCALAR, kind: Kind::Buffer }
}
