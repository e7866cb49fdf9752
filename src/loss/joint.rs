//! Losses of several predictions, each of which is overwritten by its gradient or only read.

use super::Reduce;
use super::prediction::{Cells, put};
use crate::shape::Shape;
use crate::simd::Float;

/// What several predictions give together: a [`Loss`](crate::nn::Loss) of those that are overwritten, or a plain value.
pub(super) use crate::nn::Roles;

/// A loss of one number out of each of `K` tensors, some of them predictions, and its derivatives.
pub(super) trait JointLoss<const K: usize> {
    /// ℓ(x).
    fn value<T: Float>(&self, x: [T; K]) -> T;

    /// ∂ℓ/∂xₖ. Those of what is only read are not looked at.
    fn derivatives<T: Float>(&self, x: [T; K]) -> [T; K];
}

/// The losses ℓ(xᵢ), reduced; leaves the derivatives over what the reduction divides by where a tensor may be overwritten.
#[inline]
pub(super) fn joint_loss<S: Shape<Elem: Float>, R: Reduce, const K: usize>(
    loss: &impl JointLoss<K>,
    mut cells: [Cells<'_, S::Elem>; K],
    reduction: R,
) -> R::Output<S> {
    let divisor = S::Elem::from_usize(reduction.divisor::<S>());
    let factor = divisor.recip();
    reduction.reduce::<S>(divisor, |losses| {
        for losses in losses.chunks_mut(BLOCK) {
            let block = Block::take(&mut cells, losses.len());
            losses.iter_mut().enumerate().for_each(|(i, value)| *value = loss.value(block.at(i)));
            block.overwrite(|x| loss.derivatives(x).map(|d| factor * d));
        }
    })
}

/// Overwrites each number x by its part of `gradient(x)`, where it may be.
#[inline]
pub(super) fn overwrite_together<T: Float, const K: usize>(mut cells: [Cells<'_, T>; K], gradient: impl Fn([T; K]) -> [T; K]) {
    let mut left = cells.iter().map(Cells::len).min().unwrap_or(0);
    while left > 0 {
        let n = left.min(BLOCK);
        Block::take(&mut cells, n).overwrite(&gradient);
        left -= n;
    }
}

/// How many numbers of each tensor are worked on at once.
const BLOCK: usize = 32;

/// The next numbers of `K` tensors, and where their gradients go.
struct Block<'a, T, const K: usize> {
    len: usize,
    numbers: [[T; BLOCK]; K],
    places: [Option<&'a mut [T]>; K],
}

impl<'a, T: Float, const K: usize> Block<'a, T, K> {
    /// Takes the next `n` numbers, at most [`BLOCK`], off each tensor.
    #[inline]
    fn take(cells: &mut [Cells<'a, T>; K], len: usize) -> Self {
        let mut numbers = [[T::ZERO; BLOCK]; K];
        let mut columns = numbers.iter_mut();
        let places = cells.each_mut().map(|cells| cells.next(columns.next()?.get_mut(..len)?));
        Self { len, numbers, places }
    }

    /// The i-th number of each tensor.
    #[inline(always)]
    fn at(&self, i: usize) -> [T; K] {
        self.numbers.each_ref().map(|column| column.get(i).copied().unwrap_or(T::NAN))
    }

    #[inline]
    fn overwrite(mut self, gradient: impl Fn([T; K]) -> [T; K]) {
        if self.places.iter().all(Option::is_none) {
            return;
        }
        for i in 0..self.len {
            let derivatives = gradient(self.at(i));
            for (column, derivative) in self.numbers.iter_mut().zip(derivatives) {
                put(column, i, derivative);
            }
        }
        for (place, column) in self.places.into_iter().zip(&self.numbers) {
            if let Some(place) = place {
                place.iter_mut().zip(column).for_each(|(place, &derivative)| *place = derivative);
            }
        }
    }
}
