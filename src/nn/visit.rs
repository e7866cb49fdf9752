//! Walking through a model's tensors.
//!
//! A walk is generic over the element type of each tensor it meets, so a model may mix `f32` and `f64`; a closure cannot be,
//! which is why these are traits.

use super::{Name, RandomStream};
use crate::shape::Dims;
use crate::simd::{Float, Kernel, SMALL, Same, dispatch};

/// What a tensor of a model is there for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A parameter that an optimiser changes ([`Param`](crate::nn::Param)).
    Trainable,
    /// A parameter that keeps its value ([`Frozen`](crate::nn::Frozen)).
    Frozen,
    /// State that is saved and not trained: a plain tensor, running statistics.
    Buffer,
}

/// One tensor of a model: what it is called, its shape, what it is there for.
#[derive(Clone, Copy, Debug)]
pub struct Info<'a> {
    /// The dotted name.
    pub name: Name<'a>,
    /// The sizes of its dimensions, as adamant stores it; those of a [fused](super::Step::fused) tensor as PyTorch counts them.
    pub dims: Dims,
    /// What it is there for.
    pub kind: Kind,
}

/// Reads every tensor of a model. See [`Parameters::visit`](crate::nn::Parameters::visit).
pub trait Visitor {
    /// Is given one tensor, its elements in row-major order.
    fn visit<T: Float>(&mut self, info: &Info<'_>, values: &[T]);

    /// Is told of an absent part (a `None`) in whose place so many trained numbers would stand, and so many `numbers` in all. Who
    /// counts numbers passes over their places, which gradients have all the same.
    #[inline]
    fn absent(&mut self, parameters: usize, numbers: usize) {
        let _ = (parameters, numbers);
    }

    /// Is given a random stream, which is no tensor: what is trained without it goes on, but draws other numbers.
    #[inline]
    fn stream(&mut self, name: Name<'_>, stream: &RandomStream) {
        let _ = (name, stream);
    }
}

/// Writes every tensor of a model. See [`Parameters::visit_mut`](crate::nn::Parameters::visit_mut).
pub trait VisitorMut {
    /// Is given one tensor, its elements in row-major order.
    fn visit_mut<T: Float>(&mut self, info: &Info<'_>, values: &mut [T]);

    /// As [`Visitor::absent`], and of a borrowed part, which nobody may write to.
    #[inline]
    fn absent(&mut self, parameters: usize, numbers: usize) {
        let _ = (parameters, numbers);
    }

    /// Is lent a random stream.
    #[inline]
    fn stream_mut(&mut self, name: Name<'_>, stream: &mut RandomStream) {
        let _ = (name, stream);
    }
}

/// Changes each trainable parameter by its gradient and `K` tensors of state: what an optimiser does.
pub trait Update<const K: usize> {
    /// Is given one parameter, its gradient and its state: slices of equal length.
    fn update<T: Float>(&mut self, param: &mut [T], grad: &[T], state: [&mut [T]; K]);
}

/// An update of one parameter, on the machine's best instructions.
struct Step<'a, T, U, const K: usize> {
    update: &'a mut U,
    param: &'a mut [T],
    grad: &'a [T],
    state: [&'a mut [T]; K],
}

impl<T: Float, U: Update<K>, const K: usize> Kernel<T> for Step<'_, T, U, K> {
    type Output = ();

    #[inline(always)]
    fn run<N: Same<T>>(self) {
        self.update.update(N::slice_mut(self.param), N::slice(self.grad), self.state.map(N::slice_mut));
    }
}

/// Updates one parameter.
#[inline(always)]
pub(super) fn step<T: Float, U: Update<K>, const K: usize>(update: &mut U, param: &mut [T], grad: &[T], state: [&mut [T]; K]) {
    if SMALL {
        return step_shared(update, param, grad, state);
    }
    dispatch(param.len(), Step { update, param, grad, state });
}

/// One function for all parameters. Of slices, not of a kernel that holds them: gradients whose place is written somewhere cannot lie
/// where `gradients` made them, and would be copied.
#[inline(never)]
fn step_shared<T: Float, U: Update<K>, const K: usize>(update: &mut U, param: &mut [T], grad: &[T], state: [&mut [T]; K]) {
    update.update(param, grad, state);
}

/// Walks through some gradients of one model in step.
pub trait Zip<const K: usize> {
    /// Is given one tensor of the gradient and the same tensor of `K` others: slices of equal length.
    fn zip<T: Float>(&mut self, own: &mut [T], others: [&[T]; K]);

    /// Is given what training [observed](super::Observed) and carries among the gradients, which is none: arithmetic leaves it alone. What
    /// puts the gradients of several workers together says here what becomes of their statistics.
    #[inline]
    fn observed<T: Float>(&mut self, own: &mut [T], others: [&[T]; K]) {
        let _ = (own, others);
    }
}
