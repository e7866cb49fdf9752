//! An optimiser's state: what it keeps from step to step, by name.

use crate::nn::{Gradients, Info, Kind, Name, Visitor, VisitorMut, Zip};
use crate::shape::Dims;
use crate::simd::Float;

/// A part of the state of an optimiser whose model has gradients of type `G`: mirrors of them, or one number.
///
/// `names` are what PyTorch's `state_dict` calls the mirrors, or the number. Whatever an optimiser keeps beside its settings and
/// its number of steps is one of these, so that it can be saved and read back.
pub trait Kept<G> {
    /// Shows every tensor.
    fn show<V: Visitor>(&self, names: &[&str], visitor: &mut V);

    /// Lends every tensor to be written. Any gradients of the model will do as `like`: they have the names of the parameters.
    fn show_mut<V: VisitorMut>(&mut self, names: &[&str], like: &G, visitor: &mut V);

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

    fn show_mut<V: VisitorMut>(&mut self, names: &[&str], like: &G, visitor: &mut V) {
        for (mirror, name) in self.iter_mut().zip(names) {
            let mut lend = Lend { mirror, visitor: &mut *visitor, index: 0 };
            like.visit(Name::ROOT.field(name), &mut lend);
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

    fn show_mut<V: VisitorMut>(&mut self, names: &[&str], _: &G, visitor: &mut V) {
        names.iter().for_each(|name| visitor.visit_mut(&number(name), core::slice::from_mut(self)));
    }

    fn reset(&mut self) {
        *self = 0.0;
    }
}

const fn number<'a>(name: &'a str) -> Info<'a> {
    Info { name: Name::ROOT.field(name), dims: Dims::SCALAR, kind: Kind::Buffer }
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
