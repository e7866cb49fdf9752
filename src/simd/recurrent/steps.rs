//! All steps of a layer in one direction.

use core::marker::PhantomData;

use super::Unit;
use super::row::{Row, step};
use crate::simd::gemm::{some_nn, some_nt};
use crate::simd::sets::{Kernel, Same};
use crate::simd::{Float, add_assign, fill, repeat};

/// How many there are of what.
#[derive(Clone, Copy)]
pub struct Sizes<'a> {
    /// Steps.
    pub steps: usize,
    /// Samples.
    pub batch: usize,
    /// Units.
    pub hidden: usize,
    /// Whether time runs backwards.
    pub reverse: bool,
    /// How long each sample is, if not all of them are as long as there are steps. Beyond its end a sample's state stays what it is.
    pub lengths: Option<&'a [usize]>,
}

impl Sizes<'_> {
    /// The numbers of a state.
    const fn width(&self) -> usize {
        self.batch * self.hidden
    }

    /// The steps in the order of the layer's time, each with the one before.
    #[inline(always)]
    fn order(self) -> impl DoubleEndedIterator<Item = (Option<usize>, usize)> {
        let place = move |i: usize| if self.reverse { self.steps - 1 - i } else { i };
        (0..self.steps).map(move |i| (i.checked_sub(1).map(place), place(i)))
    }

    /// Whether a sample is at its end before a step.
    #[inline(always)]
    fn has_ended(&self, sample: usize, step: usize) -> bool {
        self.lengths.is_some_and(|lengths| lengths.get(sample).is_some_and(|&length| step >= length))
    }
}

/// The numbers from the step `at` on, and to read those from the step before on, or what it starts from.
#[inline(always)]
fn beside<'a, T>(all: &'a mut [T], width: usize, before: Option<usize>, at: usize, start: &'a [T]) -> (&'a [T], &'a mut [T]) {
    let Some(before) = before else { return (start, from_mut(all, width, at)) };
    let (first, second) = all.split_at_mut_checked(usize::max(before, at) * width).unwrap_or_default();
    let first = from_mut(first, width, usize::min(before, at));
    if before < at { (first, second) } else { (second, first) }
}

/// The numbers of the step or the sample `at`, and what follows.
#[inline(always)]
fn from_mut<T>(all: &mut [T], width: usize, at: usize) -> &mut [T] {
    all.get_mut(at * width..).unwrap_or_default()
}

/// The same, to read.
#[inline(always)]
fn from<T>(all: &[T], width: usize, at: usize) -> &[T] {
    all.get(at * width..).unwrap_or_default()
}

/// Forward over all steps.
pub struct Forward<'a, T, U> {
    /// The sizes.
    pub sizes: Sizes<'a>,
    /// The state's weights, `hidden × (GATES · hidden)`.
    pub weight: &'a [T],
    /// The state's part of the bias, where the parts come apart.
    pub bias: Option<&'a [T]>,
    /// The state before the first step, `batch × hidden`.
    pub start: &'a [T],
    /// Whether it may be other than zero.
    pub started: bool,
    /// The cell before the first step.
    pub cell: &'a [T],
    /// Of each step the inputs' part of the sums, `batch × (GATES · hidden)`; then the gates.
    pub gates: &'a mut [T],
    /// Of each step what is kept beside, `batch × (EXTRA · hidden)`.
    pub extra: &'a mut [T],
    /// The state after each step, `batch × hidden`.
    pub states: &'a mut [T],
    /// Room for a step's products where they come apart.
    pub room: &'a mut [T],
    /// The unit.
    pub unit: PhantomData<U>,
}

impl<T: Float, U: Unit> Forward<'_, T, U> {
    /// Goes over them. The products are the crate's, and what comes between a kernel for each step.
    #[inline(always)]
    pub fn compute(self) {
        let Self { sizes, weight, start, cell, gates, extra, states, room, .. } = self;
        let Sizes { batch, hidden, .. } = sizes;
        let (width, columns, extras) = (sizes.width(), U::GATES * hidden, U::EXTRA * hidden);
        for (before, step) in sizes.order() {
            let (h, state) = beside(states, width, before, step, start);
            let (c, extra) = beside(extra, batch * extras, before, step, cell);
            let gates = from_mut(gates, batch * columns, step);
            if U::APART {
                match self.bias {
                    Some(bias) => repeat(bias, room),
                    None => fill(room, T::ZERO),
                }
            }
            // From a state of zeros nothing is added.
            if before.is_some() || self.started {
                some_nn(batch, hidden, columns, h, weight, if U::APART { &mut *room } else { &mut *gates });
            }
            let parts = Step { sizes, step, gates, products: room, before: h, cell: c, extra, state, d_cell: &mut [] };
            T::dispatch(Gating::<T, U, false>(parts, PhantomData));
        }
    }
}

/// What one step of all samples reads and writes; [`Row`] says what each is.
struct Step<'a, T> {
    sizes: Sizes<'a>,
    step: usize,
    gates: &'a mut [T],
    products: &'a mut [T],
    before: &'a [T],
    cell: &'a [T],
    extra: &'a mut [T],
    state: &'a mut [T],
    d_cell: &'a mut [T],
}

/// What is done with the products of one step, or on the way back comes before them.
struct Gating<'a, T, U, const BACK: bool>(Step<'a, T>, PhantomData<U>);

impl<T: Float, U: Unit, const BACK: bool> Kernel<T> for Gating<'_, T, U, BACK> {
    type Output = ();
    const DOUBLES: bool = false;

    #[inline(always)]
    fn run<N: Same<T>>(self) {
        let Step { sizes, step: at, gates, products, before, cell, extra, state, d_cell } = self.0;
        let hidden = sizes.hidden;
        let (columns, extras) = (U::GATES * hidden, U::EXTRA * hidden);
        for sample in 0..sizes.batch {
            let mut row = Row {
                hidden,
                gates: from_mut(N::slice_mut(gates), columns, sample),
                products: from_mut(N::slice_mut(products), columns, sample),
                before: from(N::slice(before), hidden, sample),
                cell: from(N::slice(cell), extras, sample),
                extra: from_mut(N::slice_mut(extra), extras, sample),
                state: from_mut(N::slice_mut(state), hidden, sample),
                d_cell: from_mut(N::slice_mut(d_cell), hidden, sample),
            };
            if !sizes.has_ended(sample, at) {
                step::<U, N, BACK>(&mut row);
            } else if BACK {
                row.clear::<U>();
            } else {
                row.repeat::<U>();
            }
        }
    }
}

/// Back over all steps.
pub struct Backward<'a, T, U> {
    /// The sizes.
    pub sizes: Sizes<'a>,
    /// As in [`Forward`].
    pub weight: &'a [T],
    /// The same transposed, where many samples are worth it: a product of few rows by a transposed matrix consists of dot products, whose
    /// sums take as long as they do.
    pub turned: Option<&'a [T]>,
    /// As in [`Forward`].
    pub start: &'a [T],
    /// As in [`Forward`].
    pub cell: &'a [T],
    /// The gates; then the gradients of their sums.
    pub gates: &'a mut [T],
    /// What was kept beside. Where the parts of a sum come apart, then the gradient of the state's part of the last gate.
    pub extra: &'a mut [T],
    /// The states.
    pub states: &'a [T],
    /// The gradient of each state from elsewhere than the next one: 0 past a sample's end.
    pub d_states: &'a [T],
    /// The gradient of the last state; then of the one before the first step.
    pub d_state: &'a mut [T],
    /// The same of the cell.
    pub d_cell: &'a mut [T],
    /// As in [`Forward`].
    pub room: &'a mut [T],
    /// The unit.
    pub unit: PhantomData<U>,
}

impl<T: Float, U: Unit> Backward<'_, T, U> {
    /// Goes back over them.
    #[inline(always)]
    pub fn compute(self) {
        let Self { sizes, weight, turned, gates, extra, states, d_states, d_state, d_cell, room, .. } = self;
        let Sizes { batch, hidden, .. } = sizes;
        let (width, columns, extras) = (sizes.width(), U::GATES * hidden, U::EXTRA * hidden);
        for (before, step) in sizes.order().rev() {
            let h = before.map_or(self.start, |before| from(states, width, before));
            let (c, extra) = beside(extra, batch * extras, before, step, self.cell);
            let gates = from_mut(gates, batch * columns, step);
            add_assign(d_state, from(d_states, width, step));
            let (products, state, d_cell) = (&mut *room, &mut *d_state, &mut *d_cell);
            let parts = Step { sizes, step, gates, products, before: h, cell: c, extra, state, d_cell };
            T::dispatch(Gating::<T, U, true>(parts, PhantomData));
            let d_sums: &[T] = if U::APART { room } else { gates };
            match turned {
                Some(turned) => some_nn(batch, columns, hidden, d_sums, turned, d_state),
                None => some_nt(batch, columns, hidden, d_sums, weight, d_state),
            }
        }
    }
}
