//! [`Frozen`].

use super::kept::AsFrozen;
use super::wrapper::{evaluates, keeps_parameters, prints_and_starts, trains_nothing};
use super::{Backprop, Layout, Module, Name, Parameters, Step, VisitorMut};

/// A layer or model that keeps its parameters: `requires_grad_(False)` and `eval()`, decided by the type.
///
/// Its gradients are `()`: it costs no gradient memory, and backpropagation through it computes the gradient of its input alone
/// (nothing at all where it comes first).
///
/// ```
/// use adamant::prelude::*;
/// type Base = Sequential![Linear<8, 16>, Relu];
/// type Tuned = Sequential![Frozen<Base>, Linear<16, 2>];
/// assert_eq!(Tuned::PARAMETERS, 16 * 2 + 2);
/// assert_eq!(size_of::<Grads<Tuned>>(), size_of::<Grads<Linear<16, 2>>>());
/// ```
#[doc(alias("requires_grad_", "no_grad"))]
#[derive(Clone, Copy, PartialEq, Debug)]
#[repr(transparent)]
pub struct Frozen<M>(
    /// What is frozen.
    pub M,
);

impl<M: Parameters> Parameters for Frozen<M> {
    keeps_parameters! { M at .0 }

    const LAYOUT: Layout<Self> = crate::layout!(Self { 0: M = Step::SAME });

    fn visit_mut<V: VisitorMut>(&mut self, name: Name<'_>, visitor: &mut V) {
        self.0.visit_mut(name, &mut AsFrozen(visitor));
    }
}

prints_and_starts!(Frozen);

impl<X, M: Module<X>> Module<X> for Frozen<M> {
    evaluates! { X, M at .0 }
}

impl<X: Clone, M: Backprop<X>> Backprop<X> for Frozen<M> {
    trains_nothing! { X, M at .0 }
}
