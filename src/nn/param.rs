//! [`Param`]: a tensor that trains. A plain [`Tensor`] is state: saved, not trained.

use core::fmt::{self, Formatter};
use core::ops::{Deref, DerefMut};

use rand::Rng;

use super::{Gradients, Info, Kind, Name, Nothing, Of, Parameters, Update, Visitor, VisitorMut, Zip};
use crate::init::{self, Init};
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::Tensor;

/// A trainable tensor, as [`torch.nn.Parameter`](https://docs.pytorch.org/docs/stable/generated/torch.nn.parameter.Parameter.html).
///
/// It dereferences to its [`Tensor`]. Its gradient is a `Tensor` of the same shape.
#[derive(Clone, Copy, PartialEq, Debug)]
#[repr(transparent)]
pub struct Param<S>(
    /// The value.
    pub Tensor<S>,
);

impl<S: Shape> Param<S> {
    /// A parameter with this value.
    pub const fn new(value: Tensor<S>) -> Self {
        Self(value)
    }
}

impl<S> Deref for Param<S> {
    type Target = Tensor<S>;

    #[inline]
    fn deref(&self) -> &Tensor<S> {
        &self.0
    }
}

impl<S> DerefMut for Param<S> {
    #[inline]
    fn deref_mut(&mut self) -> &mut Tensor<S> {
        &mut self.0
    }
}

/// Shows one tensor of some kind.
fn show<S: Shape<Elem: Float>, V: Visitor>(tensor: &Tensor<S>, name: Name<'_>, kind: Kind, visitor: &mut V) {
    let dims = S::DIMS;
    visitor.visit(&Info { name, dims, kind }, tensor.as_slice());
}

/// Lends one tensor of some kind to be written.
fn show_mut<S: Shape<Elem: Float>, V: VisitorMut>(tensor: &mut Tensor<S>, name: Name<'_>, kind: Kind, visitor: &mut V) {
    let dims = S::DIMS;
    visitor.visit_mut(&Info { name, dims, kind }, tensor.as_mut_slice());
}

impl<S: Shape<Elem: Float>> Parameters for Param<S> {
    type Grads = Tensor<S>;
    type Count = Of<S>;
    const PARAMETERS: usize = S::LEN;
    const NUMBERS: usize = S::LEN;
    const IS_LAYER: bool = false;

    #[inline]
    fn visit<V: Visitor>(&self, name: Name<'_>, visitor: &mut V) {
        show(self, name, Kind::Trainable, visitor);
    }

    #[inline]
    fn visit_mut<V: VisitorMut>(&mut self, name: Name<'_>, visitor: &mut V) {
        show_mut(self, name, Kind::Trainable, visitor);
    }

    #[inline]
    fn update<const K: usize, U: Update<K>>(&mut self, grads: &Tensor<S>, state: [&mut Tensor<S>; K], update: &mut U) {
        update.update(self.as_mut_slice(), grads.as_slice(), state.map(Tensor::as_mut_slice));
    }

    fn describe(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "Param({})", S::DIMS)
    }
}

/// A matrix starts as `Linear`'s weight does, uniform in ±1/√(fan in); a vector or a scalar starts at zero.
impl<S: Shape<Elem: Float>> Init for Param<S> {
    const BLANK: Self = Self(Tensor::zeros());

    fn reset_parameters<R: Rng + ?Sized>(&mut self, rng: &mut R) {
        match S::DIMS.as_slice() {
            [inputs, _, ..] => init::uniform_fan_in(self, *inputs, rng),
            _ => self.fill(Float::ZERO),
        }
    }
}

impl<S: Shape<Elem: Float>> Gradients for Tensor<S> {
    #[inline]
    fn zip<const K: usize, Z: Zip<K>>(&mut self, others: [&Self; K], zip: &mut Z) {
        zip.zip(self.as_mut_slice(), others.map(Tensor::as_slice));
    }

    #[inline]
    fn visit<V: Visitor>(&self, name: Name<'_>, visitor: &mut V) {
        show(self, name, Kind::Trainable, visitor);
    }
}

/// A plain tensor in a model is state: it is saved and not trained.
impl<S: Shape<Elem: Float>> Parameters for Tensor<S> {
    type Grads = ();
    type Count = Nothing;
    const PARAMETERS: usize = 0;
    const NUMBERS: usize = S::LEN;
    const IS_LAYER: bool = false;

    fn visit<V: Visitor>(&self, name: Name<'_>, visitor: &mut V) {
        show(self, name, Kind::Buffer, visitor);
    }

    fn visit_mut<V: VisitorMut>(&mut self, name: Name<'_>, visitor: &mut V) {
        show_mut(self, name, Kind::Buffer, visitor);
    }

    fn update<const K: usize, U: Update<K>>(&mut self, _: &(), _: [&mut (); K], _: &mut U) {}

    fn describe(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "Tensor({})", S::DIMS)
    }
}

impl<S: Shape<Elem: Float>> Init for Tensor<S> {
    const BLANK: Self = Tensor::zeros();

    fn reset_parameters<R: Rng + ?Sized>(&mut self, _: &mut R) {}
}
