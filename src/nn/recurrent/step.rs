//! One frame in place.

use core::marker::PhantomData;

use super::memory::Cells;
use super::{Gated, Recurrent, State};
use crate::nn::options::{LayerCount, RecurrentConfig, RecurrentOptions, StepByStep};
use crate::ops::recurrent::CellWeights;
use crate::simd::Float;
use crate::simd::recurrent::{IN_MEMORY, OneStep};
use crate::tensor::{Buffer, Tensor};

/// The state of a layer that runs one way, for one sequence.
pub type StepState<C, const H: usize, T> =
    <<C as RecurrentConfig>::Unit as Gated>::State<<<C as RecurrentConfig>::Layers as LayerCount>::All<[T; H]>>;

impl<U: Gated, const IN: usize, const H: usize, O, T: Float> Recurrent<U, IN, H, O, T>
where
    O: RecurrentOptions<U, Config: RecurrentConfig<Directions: StepByStep>>,
{
    /// The bytes of a step's buffers.
    pub(crate) const BUFFERS: usize =
        size_of::<Next<H, T>>() + size_of::<Sums<U, H, T>>() + size_of::<U::Apart<Sums<U, H, T>>>();

    /// The state that a sequence starts from: zeros, `[LAYERS][H]`; of a [`Lstm`](crate::nn::Lstm) a pair of them.
    pub const fn zero_state() -> StepState<O::Config, H, T> {
        Buffer::ZERO
    }

    /// One step of one sequence: moves `state` on by a frame, in place, and lends the output, which is the last layer's h.
    ///
    /// What a stream does, sample by sample: it allocates nothing, keeps nothing and cannot panic. Steps from
    /// [`zero_state`](Self::zero_state) on give what the layer gives for the whole sequence.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let layer = Lstm::<2, 4>::init(&mut SmallRng::seed_from_u64(0));
    /// let x = Tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]);
    /// let y = layer.forward(&x);
    /// let mut state = Lstm::<2, 4>::zero_state();
    /// for (x, y) in x.rows().zip(y.rows()) {
    ///     assert!(layer.step(x, &mut state).all_close(y, 1e-6, 1e-6));
    /// }
    /// ```
    #[inline]
    pub fn step<'s>(&self, x: &Tensor<[T; IN]>, state: &'s mut StepState<O::Config, H, T>) -> &'s Tensor<[T; H]> {
        let [mut states, mut cells] = state.parts_mut();
        let mut below: &[T] = &[];
        for layer in 0..<Self as Cells<T>>::LAYERS {
            let Some(cell) = self.cell(layer, 0) else { break };
            let Some((h, rest)) = states.split_at_mut_checked(H) else { break };
            let (c, rest_of_cells) = cells.split_at_mut_checked(H).unwrap_or_default();
            (states, cells) = (rest, rest_of_cells);
            match layer {
                0 => step::<T, <O::Config as RecurrentConfig>::Unit, IN, H>(x.as_slice(), &cell, h, c),
                _ => step::<T, <O::Config as RecurrentConfig>::Unit, H, H>(below, &cell, h, c),
            }
            below = h;
        }
        let all = <O::Config as RecurrentConfig>::Unit::hidden(state);
        Tensor::from_ref(<<O::Config as RecurrentConfig>::Layers as LayerCount>::last(&all.0))
    }
}

/// Room for a step's next state, or for its sums where they go by way of memory.
type Next<const H: usize, T> = [[T; H]; if IN_MEMORY { 0 } else { 1 }];
type Sums<U, const H: usize, T> = [<U as Gated>::Gates<[T; H]>; if IN_MEMORY { 1 } else { 0 }];

/// A step of a cell.
#[inline]
fn step<T: Float, U: Gated, const IN: usize, const H: usize>(x: &[T], cell: &CellWeights<'_, T>, state: &mut [T], c: &mut [T]) {
    let mut next = Tensor::<Next<H, T>>::zeros();
    let (mut sums, mut parts) = (Tensor::<Sums<U, H, T>>::zeros(), Tensor::<U::Apart<Sums<U, H, T>>>::zeros());
    T::dispatch(OneStep::<T, U, IN, H> {
        x,
        weight_ih: cell.ih,
        weight_hh: cell.hh,
        bias: cell.bias,
        state,
        cell: c,
        next: next.as_mut_slice(),
        room: [sums.as_mut_slice(), parts.as_mut_slice()],
        unit: PhantomData,
    });
}
