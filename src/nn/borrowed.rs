//! A layer that stands elsewhere: a base model in flash that several models share.

use core::fmt::{self, Formatter};

use super::summary::ShownFrozen;
use super::{Backprop, LayerVisitor, Module, Name, Parameters, Untrained, Update, Visitor, VisitorMut};

/// A borrowed layer computes and is not trained, as if it were [`Frozen`](super::Frozen): nobody may write to it through a
/// shared reference, so [`visit_mut`](Parameters::visit_mut) shows nothing of it.
///
/// ```
/// use adamant::prelude::*;
///
/// static BASE: Sequential![Linear<8, 16>, Relu] = Init::BLANK;
///
/// let rng = &mut SmallRng::seed_from_u64(0);
/// let head = Linear::<16, 2>::init(rng);
/// let mut tuned = sequential![Frozen(&BASE), head];
/// let x = Tensor::<[[f32; 8]; 4]>::randn(rng);
/// let (loss, grads) = tuned.gradients(&x, |p| cross_entropy(p, &[0u8, 1, 0, 1], Reduction::Mean));
/// Sgd::new(&tuned).step(&mut tuned, &grads);
/// assert_eq!(size_of_val(&grads), size_of::<Grads<Linear<16, 2>>>());
/// ```
impl<M: Parameters> Parameters for &M {
    type Grads = ();
    type Count = Untrained<M::Count>;
    const PARAMETERS: usize = 0;
    const NUMBERS: usize = M::NUMBERS;
    const IS_LAYER: bool = M::IS_LAYER;

    fn visit<V: Visitor>(&self, name: Name<'_>, visitor: &mut V) {
        (**self).visit(name, &mut super::frozen::AsFrozen(visitor));
    }

    fn visit_mut<V: VisitorMut>(&mut self, _: Name<'_>, visitor: &mut V) {
        visitor.absent(0, M::NUMBERS);
    }

    fn update<const K: usize, U: Update<K>>(&mut self, (): &(), _: [&mut (); K], _: &mut U) {}

    fn describe(&self, f: &mut Formatter<'_>) -> fmt::Result {
        (**self).describe(f)
    }
}

impl<X, M: Module<X>> Module<X> for &M {
    type Output = M::Output;
    const MACS: u64 = M::MACS;
    const FORWARD_BYTES: usize = M::FORWARD_BYTES;
    const FORWARD_OVER_BYTES: usize = M::FORWARD_OVER_BYTES;
    const FORWARD_WITH_BYTES: usize = M::FORWARD_WITH_BYTES;

    #[inline]
    fn forward_into(&self, x: &X, y: &mut M::Output) {
        (**self).forward_into(x, y);
    }

    #[inline]
    fn forward_over(&self, x: &mut X, y: &mut M::Output) {
        (**self).forward_over(x, y);
    }

    #[inline]
    fn forward_with<R>(&self, x: &mut X, next: impl FnOnce(&mut M::Output) -> R) -> R {
        (**self).forward_with(x, next)
    }
}

impl<X: Clone, M: Backprop<X>> Backprop<X> for &M {
    const BACKPROP_BYTES: usize = M::BACKPROP_BYTES;

    #[inline]
    fn backprop<R>(&self, x: &mut X, (): &mut (), next: impl FnOnce(&mut M::Output) -> R) -> R {
        (**self).backprop_input(x, next)
    }

    #[inline]
    fn backprop_params<R>(&self, x: &X, (): &mut (), next: impl FnOnce(&mut M::Output) -> R) -> R {
        next(&mut (**self).forward_inside(x))
    }

    #[inline]
    fn backprop_input<R>(&self, x: &mut X, next: impl FnOnce(&mut M::Output) -> R) -> R {
        (**self).backprop_input(x, next)
    }

    fn layers<V: LayerVisitor>(name: Name<'_>, depth: usize, visitor: &mut V) {
        M::layers(name, depth, &mut ShownFrozen(&mut *visitor));
    }
}

#[cfg(test)]
mod tests {
    use crate::prelude::*;
    use std::string::ToString;
    use std::{vec, vec::Vec};

    #[test]
    fn a_table_marks_what_is_borrowed() {
        let base = <Sequential![Linear<3, 4>, Relu]>::BLANK;
        let model = sequential![&base, Linear::<4, 1>::BLANK];
        let text = model.summary(&Tensor::<[[f32; 3]; 8]>::zeros()).to_string();
        let rows: Vec<Vec<&str>> = text.lines().skip(3).map(|line| line.split_whitespace().collect()).collect();
        let parameters: Vec<&str> = rows[1..5].iter().map(|row| row[4]).collect();
        assert_eq!((rows[0][3], parameters), ("5", vec!["(16)", "(16)", "0", "5"]), "{text}");
        assert!(text.contains("Trainable parameters: 5 (21 numbers in all)"), "{text}");
    }
}
