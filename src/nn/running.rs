//! [`Running`]: state that training observes.

use core::fmt::{self, Formatter};
use core::ops::{Deref, DerefMut};

use rand::Rng;

use super::{Gradients, Layout, Name, Of, Parameters, Step, Streams, Untrained, Update, Visitor, VisitorMut, Zip};
use crate::heap::{Filled, Slot};
use crate::init::{Init, blank};
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::{Buffer, Tensor};

/// A tensor that training observes and does not train: the running statistics of batch normalisation, in PyTorch a buffer.
///
/// It dereferences to its [`Tensor`] and is saved as one. `&self` is shared while a model learns, so training works on a copy
/// that travels in the gradients, [`Observed`]: [`begin`](Parameters::begin) copies it in, a layer's `backprop` advances it,
/// [`absorb`](Parameters::absorb) (every optimiser's step) takes it back.
///
/// ```
/// use adamant::nn::{Observed, Running};
/// use adamant::prelude::*;
///
/// let mut mean = Running(Tensor([0.0f32; 2]));
/// let mut grads: Observed<[f32; 2]> = mean.zero_grads();
/// grads.0.fill(7.0); // a layer's backprop
/// grads.zero(); // the arithmetic of gradients leaves it alone
/// mean.absorb(&grads);
/// assert_eq!(*mean, Tensor([7.0, 7.0]));
/// ```
#[doc(alias = "register_buffer")]
#[derive(Clone, Copy, PartialEq, Debug)]
#[repr(transparent)]
pub struct Running<S>(
    /// The value.
    pub Tensor<S>,
);

impl<S: Shape<Elem: Float>> Running<S> {
    /// Every element 1.
    pub(super) const ONES: Self = Self(Tensor(S::ONES));

    /// The same, made in place.
    pub(super) fn ones_in(slot: Slot<'_, Self>) -> Filled<'_, Self> {
        crate::in_place!(slot, Self { 0: |slot| Tensor::full_in(slot, Float::ONE) })
    }
}

impl<S> Deref for Running<S> {
    type Target = Tensor<S>;

    #[inline]
    fn deref(&self) -> &Tensor<S> {
        &self.0
    }
}

impl<S> DerefMut for Running<S> {
    #[inline]
    fn deref_mut(&mut self) -> &mut Tensor<S> {
        &mut self.0
    }
}

/// The copy of a [`Running`] tensor that training advances. It stands among the gradients and is none: zeroing, adding, scaling
/// and clipping leave it alone, and an optimiser does not see it.
#[derive(Clone, Copy, PartialEq, Debug)]
#[repr(transparent)]
pub struct Observed<S>(
    /// The value.
    pub Tensor<S>,
);

impl<S: Shape> Buffer for Observed<S> {
    const ZERO: Self = Self(Tensor::zeros());

    #[inline]
    fn zero_in(slot: Slot<'_, Self>) -> Filled<'_, Self> {
        crate::in_place!(slot, Self { 0: Buffer::zero_in })
    }
}

impl<S: Shape<Elem: Float>> Gradients for Observed<S> {
    type Carried = Self;

    #[inline]
    fn carried(&self) -> Self {
        *self
    }

    #[inline]
    fn carry(&mut self, carried: &Self) {
        *self = *carried;
    }

    #[inline]
    fn zip<const K: usize, Z: Zip<K>>(&mut self, others: [&Self; K], zip: &mut Z) {
        zip.observed(self.0.as_mut_slice(), others.map(|o| o.0.as_slice()));
    }

    #[inline]
    fn visit<V: Visitor>(&self, _: Name<'_>, _: &mut V) {}

    #[inline]
    fn visit_mut<V: VisitorMut>(&mut self, _: Name<'_>, _: &mut V) {}
}

impl<S: Shape<Elem: Float>> Parameters for Running<S> {
    type Grads = Observed<S>;
    type Count = Untrained<Of<S>>;
    const PARAMETERS: usize = 0;
    const NUMBERS: usize = S::LEN;
    const TRAINS_DIFFERENTLY: bool = true;
    const COUPLES_SAMPLES: bool = true;
    const IS_LAYER: bool = false;
    const LAYOUT: Layout<Self> = crate::layout!(Self { 0: Tensor<S> = Step::SAME });

    fn visit<V: Visitor>(&self, name: Name<'_>, visitor: &mut V) {
        Parameters::visit(&self.0, name, visitor);
    }

    fn visit_mut<V: VisitorMut>(&mut self, name: Name<'_>, visitor: &mut V) {
        Parameters::visit_mut(&mut self.0, name, visitor);
    }

    #[inline]
    fn update<const K: usize, U: Update<K>>(&mut self, _: &Observed<S>, _: [&mut Observed<S>; K], _: &mut U) {}

    #[inline]
    fn begin(&self, grads: &mut Observed<S>, _: &mut Streams) {
        grads.0.zip_in_place(&self.0, |_, now| now); // in a debug build an assignment goes through the stack
    }

    #[inline]
    fn absorb(&mut self, grads: &Observed<S>) {
        self.0.zip_in_place(&grads.0, |_, now| now);
    }

    fn describe(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "Running({})", S::DIMS)
    }
}

/// It starts at zero.
impl<S: Shape<Elem: Float>> Init for Running<S> {
    blank! { 0 = Tensor::zeros() => Buffer::zero_in }

    fn reset_parameters<R: Rng + ?Sized>(&mut self, _: &mut R) {
        self.0.fill(Float::ZERO);
    }
}
