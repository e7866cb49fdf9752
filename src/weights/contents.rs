//! What a file holds: a model, or a model with what its training goes on from.

use crate::nn::{Name, Parameters, Visitor, VisitorMut};
use crate::optim::Optimizer;

/// Whole numbers beside the tensors.
pub(super) trait Words {
    /// Is given the numbers of one name: a single one has no dimensions.
    fn words<const N: usize>(&mut self, name: &Name<'_>, words: &mut [u64; N]);
}

/// What can be saved.
pub(super) trait Show {
    /// Whether random streams are a part of it.
    const TRAINING: bool;

    /// Shows everything, under the names of the file.
    fn show<V: Visitor + Words>(&self, visitor: &mut V);
}

/// What can be loaded into.
pub(super) trait Lend: Show {
    /// Lends everything that may be written.
    fn lend<V: VisitorMut + Words>(&mut self, visitor: &mut V);
}

impl<M: Parameters> Show for M {
    const TRAINING: bool = false;

    fn show<V: Visitor + Words>(&self, visitor: &mut V) {
        self.visit(Name::ROOT, visitor);
    }
}

impl<M: Parameters> Lend for M {
    fn lend<V: VisitorMut + Words>(&mut self, visitor: &mut V) {
        self.visit_mut(Name::ROOT, visitor);
    }
}

/// The model's tensors stand below this name, apart from the optimiser's.
const MODEL: Name<'static> = Name::ROOT.field("model");
/// How many steps were taken.
const STEP: Name<'static> = Name::ROOT.field("step");

/// A model in training, lent to be saved.
pub(super) struct Training<'t, M, O>(pub &'t M, pub &'t O);

/// A model in training, lent to be loaded into.
pub(super) struct TrainingMut<'t, M, O>(pub &'t mut M, pub &'t mut O);

impl<M: Parameters, O: Optimizer<M>> Show for Training<'_, M, O> {
    const TRAINING: bool = true;

    fn show<V: Visitor + Words>(&self, visitor: &mut V) {
        self.0.visit(MODEL, visitor);
        self.1.visit_state(visitor);
        visitor.words(&STEP, &mut [self.1.steps()]);
    }
}

impl<M: Parameters, O: Optimizer<M>> Show for TrainingMut<'_, M, O> {
    const TRAINING: bool = true;

    fn show<V: Visitor + Words>(&self, visitor: &mut V) {
        Training(&*self.0, &*self.1).show(visitor);
    }
}

impl<M: Parameters, O: Optimizer<M>> Lend for TrainingMut<'_, M, O> {
    fn lend<V: VisitorMut + Words>(&mut self, visitor: &mut V) {
        self.0.visit_mut(MODEL, visitor);
        let mut steps = [self.1.steps()];
        visitor.words(&STEP, &mut steps);
        let [steps] = steps;
        self.1.visit_state_mut(steps, visitor);
    }
}

/// The numbers of a random stream.
pub(super) fn stream_words<W: Words>(name: &Name<'_>, stream: &mut crate::nn::RandomStream, to: &mut W) {
    let mut words = [stream.seed, stream.step];
    to.words(name, &mut words);
    [stream.seed, stream.step] = words;
}
