//! [`Residual`].

use core::fmt::{self, Display, Formatter};

use rand::Rng;

use super::describe;
use super::{Backprop, LayerSummary, LayerVisitor, Module, Name, Parameters, Streams, Update, Visitor, VisitorMut};
use crate::init::{Init, blank};
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::Tensor;

/// y = x + M(x): a shortcut around a layer or chain that keeps the shape.
///
/// K. He et al., *Deep Residual Learning for Image Recognition*, 2015. As in PyTorch, where one writes such a module oneself
/// with a field for the inner one, the inner layer's names go on below this layer's.
///
/// ```
/// use adamant::prelude::*;
/// let block = Residual(<Sequential![Linear<4, 4>, Tanh]>::init(&mut SmallRng::seed_from_u64(0)));
/// let y: Tensor<[f32; 4]> = block.forward(&Tensor([1.0, 2.0, 3.0, 4.0]));
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
#[repr(transparent)]
pub struct Residual<M>(
    /// The layer or chain that the shortcut goes around.
    pub M,
);

impl<M: Parameters> Parameters for Residual<M> {
    type Grads = M::Grads;
    type Count = M::Count;
    const PARAMETERS: usize = M::PARAMETERS;
    const NUMBERS: usize = M::NUMBERS;
    const TRAINS_DIFFERENTLY: bool = M::TRAINS_DIFFERENTLY;
    const COUPLES_SAMPLES: bool = M::COUPLES_SAMPLES;

    fn visit<V: Visitor>(&self, name: Name<'_>, visitor: &mut V) {
        self.0.visit(name, visitor);
    }

    fn visit_mut<V: VisitorMut>(&mut self, name: Name<'_>, visitor: &mut V) {
        self.0.visit_mut(name, visitor);
    }

    #[inline]
    fn update<const K: usize, U: Update<K>>(&mut self, grads: &Self::Grads, state: [&mut Self::Grads; K], update: &mut U) {
        self.0.update(grads, state, update);
    }

    fn begin(&self, grads: &mut Self::Grads, streams: &mut Streams) {
        self.0.begin(grads, streams);
    }

    fn absorb(&mut self, grads: &Self::Grads) {
        self.0.absorb(grads);
    }

    fn describe(&self, f: &mut Formatter<'_>) -> fmt::Result {
        describe::parent(f, "Residual", |f| self.0.describe_chain(f, 0))
    }
}

impl<M: Parameters> Display for Residual<M> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.describe(f)
    }
}

impl<M: Init> Init for Residual<M> {
    blank! { 0 }

    fn reset_parameters<R: Rng + ?Sized>(&mut self, rng: &mut R) {
        self.0.reset_parameters(rng);
    }
}

impl<S: Shape<Elem: Float>, M: Module<Tensor<S>, Output = Tensor<S>>> Module<Tensor<S>> for Residual<M> {
    type Output = Tensor<S>;
    const MACS: u64 = M::MACS;
    const FORWARD_BYTES: usize = M::FORWARD_BYTES;

    #[inline]
    fn forward_into(&self, x: &Tensor<S>, y: &mut Tensor<S>) {
        self.0.forward_into(x, y);
        y.axpy(Float::ONE, x);
    }

    #[inline]
    fn forward_training(&self, x: &Tensor<S>, grads: &mut Self::Grads) -> Tensor<S> {
        let mut y = self.0.forward_training(x, grads);
        y.axpy(Float::ONE, x);
        y
    }
}

impl<S: Shape<Elem: Float>, M: Backprop<Tensor<S>, Output = Tensor<S>>> Backprop<Tensor<S>> for Residual<M> {
    const BACKPROP_BYTES: usize = size_of::<Tensor<S>>() + M::BACKPROP_BYTES;

    #[inline]
    fn backprop<R>(&self, x: &mut Tensor<S>, grads: &mut Self::Grads, next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
        let mut inner = *x;
        let result = self.0.backprop(&mut inner, grads, |y| shortcut(x, y, next));
        x.axpy(Float::ONE, &inner);
        result
    }

    #[inline]
    fn backprop_params<R>(&self, x: &Tensor<S>, grads: &mut Self::Grads, next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
        self.0.backprop_params(x, grads, |y| {
            y.axpy(Float::ONE, x);
            next(y)
        })
    }

    #[inline]
    fn backprop_input<R>(&self, x: &mut Tensor<S>, next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
        let mut inner = *x;
        let result = self.0.backprop_input(&mut inner, |y| shortcut(x, y, next));
        x.axpy(Float::ONE, &inner);
        result
    }

    fn layers<V: LayerVisitor>(name: Name<'_>, depth: usize, visitor: &mut V) {
        visitor.layer(&LayerSummary::of::<Tensor<S>, Self>(name, depth));
        M::layers(name, depth + 1, visitor);
    }
}

/// Adds the shortcut to the inner layer's output and leaves its gradient, which is the output's, in `x`.
#[inline]
fn shortcut<S: Shape<Elem: Float>, R>(x: &mut Tensor<S>, y: &mut Tensor<S>, next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
    y.axpy(Float::ONE, x);
    let result = next(y);
    *x = *y;
    result
}
