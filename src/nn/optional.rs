//! A part of a model that may be absent.

use core::fmt::{self, Formatter};

use rand::Rng;

use super::{Name, Parameters, Streams, Update, Visitor, VisitorMut};
use crate::init::Init;

/// What is absent has no tensors and is not printed; its gradients are there all the same, and stay zero. An absent part that is
/// known by type costs nothing, as [`NoBias`](super::NoBias) does.
impl<M: Parameters> Parameters for Option<M> {
    type Grads = M::Grads;
    type Count = M::Count;
    const PARAMETERS: usize = M::PARAMETERS;
    const NUMBERS: usize = M::NUMBERS;
    const TRAINS_DIFFERENTLY: bool = M::TRAINS_DIFFERENTLY;
    const COUPLES_SAMPLES: bool = M::COUPLES_SAMPLES;
    const IS_LAYER: bool = M::IS_LAYER;

    fn visit<V: Visitor>(&self, name: Name<'_>, visitor: &mut V) {
        if let Some(part) = self {
            part.visit(name, visitor);
        }
    }

    fn visit_mut<V: VisitorMut>(&mut self, name: Name<'_>, visitor: &mut V) {
        if let Some(part) = self {
            part.visit_mut(name, visitor);
        }
    }

    fn update<const K: usize, U: Update<K>>(&mut self, grads: &M::Grads, state: [&mut M::Grads; K], update: &mut U) {
        if let Some(part) = self {
            part.update(grads, state, update);
        }
    }

    fn begin(&self, grads: &mut M::Grads, streams: &mut Streams) {
        if let Some(part) = self {
            part.begin(grads, streams);
        }
    }

    fn absorb(&mut self, grads: &M::Grads) {
        if let Some(part) = self {
            part.absorb(grads);
        }
    }

    fn describe(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Some(part) => part.describe(f),
            None => f.write_str("None"),
        }
    }
}

/// It starts absent.
impl<M: Init> Init for Option<M> {
    const BLANK: Self = None;

    fn reset_parameters<R: Rng + ?Sized>(&mut self, rng: &mut R) {
        if let Some(part) = self {
            part.reset_parameters(rng);
        }
    }
}
