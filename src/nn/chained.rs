//! [`Chained`]: the gradients of a chain, or of what counts as one.

use core::ops::{Deref, DerefMut};

use super::{Gradients, Name, Visitor, VisitorMut, Zip};
use crate::heap::{Filled, Slot};
use crate::tensor::Buffer;

/// The gradients of a [`Sequential`](super::Sequential) or a [`Residual`](super::Residual): those of its layers, `(first, (second, (…, last)))`, to which it
/// dereferences. As the chain itself it counts its layers through: `2.weight`, where a tuple in a tuple says `1.1.weight`.
///
/// ```
/// use adamant::prelude::*;
/// let rng = &mut SmallRng::seed_from_u64(0);
/// let model = <Sequential![Linear<3, 4>, Tanh, Linear<4, 2>]>::init(rng);
/// let (_, grads) = model.gradients(&Tensor::<[f32; 3]>::randn(rng), |p| mse_loss(p, &Tensor([1.0, 2.0]), Reduction::Sum));
/// let (first, (_, last)) = *grads;
/// assert_eq!((first.weight, last.bias), (grads.0.weight, grads.1.1.bias));
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
#[repr(transparent)]
pub struct Chained<G> {
    pub(super) layers: G,
}

impl<G> Deref for Chained<G> {
    type Target = G;

    #[inline]
    fn deref(&self) -> &G {
        &self.layers
    }
}

impl<G> DerefMut for Chained<G> {
    #[inline]
    fn deref_mut(&mut self) -> &mut G {
        &mut self.layers
    }
}

impl<G: Buffer> Buffer for Chained<G> {
    const ZERO: Self = Self { layers: G::ZERO };

    #[inline]
    fn zero_in(slot: Slot<'_, Self>) -> Filled<'_, Self> {
        crate::in_place!(slot, Self { layers: G::zero_in })
    }
}

impl<G: Gradients> Gradients for Chained<G> {
    type Carried = G::Carried;

    #[inline]
    fn carried(&self) -> G::Carried {
        self.layers.carried()
    }

    #[inline]
    fn carry(&mut self, carried: &G::Carried) {
        self.layers.carry(carried);
    }

    #[inline]
    fn zip<const K: usize, Z: Zip<K>>(&mut self, others: [&Self; K], zip: &mut Z) {
        self.layers.zip(others.map(|o| &o.layers), zip);
    }

    fn visit<V: Visitor>(&self, name: Name<'_>, visitor: &mut V) {
        self.layers.visit_chain(name, 0, visitor);
    }

    fn visit_mut<V: VisitorMut>(&mut self, name: Name<'_>, visitor: &mut V) {
        self.layers.visit_chain_mut(name, 0, visitor);
    }
}

#[cfg(test)]
mod tests {
    use crate::prelude::*;
    use std::string::{String, ToString};
    use std::vec::Vec;

    /// The names of what is trained.
    struct Names(Vec<String>);

    impl Visitor for Names {
        fn visit<T: Float>(&mut self, info: &Info<'_>, _: &[T]) {
            self.0.extend((info.kind == Kind::Trainable).then(|| info.name.to_string()));
        }
    }

    #[test]
    fn gradients_have_the_names_of_their_parameters() {
        #[derive(crate::Module)]
        struct Net {
            body: Sequential![Linear<3, 4>, Tanh, Residual<Sequential![Linear<4, 4>, Relu]>, Frozen<Linear<4, 4>>],
            heads: (Linear<4, 1>, (Linear<4, 1>, Linear<4, 1>)),
            blocks: [Linear<1, 1>; 2],
        }
        let model = Net::BLANK;
        let [mut parameters, mut gradients] = [(); 2].map(|()| Names(Vec::new()));
        model.visit(Name::ROOT, &mut parameters);
        model.zero_grads().visit(Name::ROOT, &mut gradients);
        assert_eq!(parameters.0, gradients.0);
        assert_eq!(gradients.0[..4], ["body.0.weight", "body.0.bias", "body.2.0.0.weight", "body.2.0.0.bias"]);
    }
}
