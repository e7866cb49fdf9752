//! A part of a model that may be absent.

use core::fmt::{self, Formatter};

use rand::Rng;

use super::{Layout, Name, Parameters, Streams, Update, Visitor, VisitorMut};
use crate::heap::{Filled, Slot};
use crate::init::Init;

/// What is absent has no tensors and is not printed; its gradients are there all the same, and stay zero. It keeps its place in the
/// order of a model's numbers ([`Flat`](super::Flat)): an order is a matter of the type. An absent part that is known by type
/// costs nothing, as [`NoBias`](super::NoBias) does.
impl<M: Parameters> Parameters for Option<M> {
    type Grads = M::Grads;
    type Count = M::Count;
    const PARAMETERS: usize = M::PARAMETERS;
    const NUMBERS: usize = M::NUMBERS;
    const TRAINS_DIFFERENTLY: bool = M::TRAINS_DIFFERENTLY;
    const COUPLES_SAMPLES: bool = M::COUPLES_SAMPLES;
    const IS_LAYER: bool = M::IS_LAYER;
    const LAYOUT: Layout<Self> = Layout::OPTIONAL;

    fn visit<V: Visitor>(&self, name: Name<'_>, visitor: &mut V) {
        match self {
            Some(part) => part.visit(name, visitor),
            None => visitor.absent(M::PARAMETERS, M::NUMBERS),
        }
    }

    fn visit_mut<V: VisitorMut>(&mut self, name: Name<'_>, visitor: &mut V) {
        match self {
            Some(part) => part.visit_mut(name, visitor),
            None => visitor.absent(M::PARAMETERS, M::NUMBERS),
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
    const COMPLETE: Self = Some(M::COMPLETE);

    fn blank_in(slot: Slot<'_, Self>) -> Filled<'_, Self> {
        slot.none()
    }

    fn reset_parameters<R: Rng + ?Sized>(&mut self, rng: &mut R) {
        if let Some(part) = self {
            part.reset_parameters(rng);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::{Flat, Frozen, Gradients, Grads, Linear};
    use crate::optim::{Optimizer, Sgd};
    use crate::{Buffer, Module};

    type Part = Option<Linear<2, 2>>;

    /// Parts that may be absent: before others, alone, nested, frozen.
    #[derive(Module, Clone, Copy, PartialEq, Debug)]
    #[module(custom(forward))]
    struct Net {
        a: Part,
        b: Linear<2, 2>,
        c: [(Part, Linear<1, 1>); 2],
        d: Frozen<(Part, Linear<1, 1>)>,
        e: Option<Frozen<Linear<3, 3>>>,
        f: Linear<1, 2>,
    }

    const LEN: usize = 6 + 6 + 2 * (6 + 2) + 4;

    /// A model whose present parts hold their own places in the flat order, and 100 more.
    fn numbered(a: bool, c: [bool; 2]) -> Net {
        let part = |present: bool| present.then_some(Linear::BLANK);
        let mut net = Net { a: part(a), c: c.map(|c| (part(c), Linear::BLANK)), ..Net::BLANK };
        net.copy_from_flat(&core::array::from_fn::<f32, LEN, _>(|i| 100.0 + i as f32).into());
        net
    }

    #[test]
    fn an_absent_part_keeps_its_place() {
        for (a, c) in [(false, [false, true]), (true, [false, false]), (false, [true, false]), (true, [true, true])] {
            let net = numbered(a, c);
            assert_eq!((net.b.weight.0.0[0][0], net.c[0].1.weight.0.0[0][0], net.f.bias.0.0[1]), (106.0, 118.0, 131.0));
            let flat: [f32; LEN] = net.to_flat().into();
            let present = |i: usize| match i {
                0..6 => a,
                12..18 => c[0],
                20..26 => c[1],
                _ => true,
            };
            for (i, number) in flat.into_iter().enumerate() {
                assert_eq!(number, if present(i) { 100.0 + i as f32 } else { 0.0 }, "{i}");
            }
            let mut again = numbered(a, c);
            again.copy_from_flat::<f32>(&net.to_flat());
            assert_eq!(net, again);
        }
    }

    /// What an optimiser does by structure and what a flat rule does are one.
    #[test]
    fn parameters_and_gradients_have_one_order() {
        let mut net = numbered(false, [false, true]);
        let mut grads = Grads::<Net>::ZERO;
        let mut flat: [f32; LEN] = core::array::from_fn(|i| i as f32 + 1.0);
        Net::grads_copy_from_flat(&mut grads, &flat.into());
        assert_eq!((grads.b.weight.0[0][0], grads.f.bias.0[1]), (7.0, 32.0));
        assert_eq!(<[f32; LEN]>::from(Net::grads_to_flat(&grads)), flat);

        let mut by_flat = net;
        let before: [f32; LEN] = net.to_flat().into();
        flat.iter_mut().zip(before).for_each(|(g, p)| *g = p - 0.5 * *g);
        by_flat.copy_from_flat(&flat.into());
        Sgd::new(&net).lr(0.5).step(&mut net, &grads);
        assert_eq!(net, by_flat);
        grads.zero();
        assert_eq!(grads, Buffer::ZERO);
    }
}
