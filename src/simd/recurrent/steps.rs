//! All steps of a layer in one direction.

use core::marker::PhantomData;

use super::Unit;
use super::row::{Group, Rows, step};
use crate::simd::gemm::{gemm_nn, gemm_nt};
use crate::simd::sets::{Kernel, Part, Same};
use crate::simd::{Float, SMALL, copy, fill, repeat};

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

    /// The samples that are at their ends before a step.
    #[inline(always)]
    fn ended(self, step: usize) -> impl Iterator<Item = usize> {
        let samples = if self.lengths.is_some() { self.batch } else { 0 };
        (0..samples).filter(move |&sample| self.has_ended(sample, step))
    }

    /// Whether a sample is at its end before a step.
    #[inline(always)]
    fn has_ended(&self, sample: usize, step: usize) -> bool {
        self.lengths.is_some_and(|lengths| lengths.get(sample).is_some_and(|&length| step >= length))
    }
}

/// The numbers of the step `at`, and to read those of the step before, or what it starts from.
#[inline(always)]
fn beside<'a, T>(all: &'a mut [T], width: usize, before: Option<usize>, at: usize, start: &'a [T]) -> (&'a [T], &'a mut [T]) {
    let Some(before) = before else { return (start, part_mut(all, width, at)) };
    let (first, second) = all.split_at_mut_checked(usize::max(before, at) * width).unwrap_or_default();
    let (first, second) = (part_mut(first, width, usize::min(before, at)), part_mut(second, width, 0));
    if before < at { (first, second) } else { (second, first) }
}

/// The numbers of the step or the sample `at`.
#[inline(always)]
fn part_mut<T>(all: &mut [T], width: usize, at: usize) -> &mut [T] {
    all.get_mut(at * width..(at + 1) * width).unwrap_or_default()
}

/// The same, to read.
#[inline(always)]
fn part<T>(all: &[T], width: usize, at: usize) -> &[T] {
    all.get(at * width..(at + 1) * width).unwrap_or_default()
}

/// What the way through the steps knows of a unit: it is compiled once for all of them.
#[derive(Clone, Copy)]
pub struct Kind<T> {
    /// [`Unit::GATES`], [`Unit::EXTRA`] and [`Unit::APART`].
    gates: usize,
    extra: usize,
    apart: bool,
    /// What is done with the products of a step, or on the way back comes before them.
    gating: fn(&mut Gating<'_, T>),
}

impl<T: Float> Kind<T> {
    /// That of a unit, forward or back.
    #[inline(always)]
    pub const fn of<U: Unit, const BACK: bool>() -> Self {
        Self { gates: U::GATES, extra: U::EXTRA, apart: U::APART, gating: gate::<T, U, BACK> }
    }
}

/// Forward over all steps.
pub struct Forward<'a, T> {
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
}

impl<T: Float> Forward<'_, T> {
    /// Goes over them. The products are the crate's, and what comes between a kernel for each step.
    #[inline(always)]
    pub fn compute(self, Kind { gates: each, extra: kept, apart, gating }: Kind<T>) {
        let Self { sizes, weight, start, cell, gates, extra, states, room, .. } = self;
        let Sizes { batch, hidden, .. } = sizes;
        let (width, columns, extras) = (sizes.width(), each * hidden, kept * hidden);
        for (before, step) in sizes.order() {
            let (h, state) = beside(states, width, before, step, start);
            let (c, extra) = beside(extra, batch * extras, before, step, cell);
            let gates = part_mut(gates, batch * columns, step);
            if apart {
                match self.bias {
                    Some(bias) => repeat(bias, room),
                    None => fill(room, T::ZERO),
                }
            }
            // From a state of zeros nothing is added.
            if before.is_some() || self.started {
                gemm_nn(batch, hidden, columns, h, weight, if apart { &mut *room } else { &mut *gates });
            }
            for sample in sizes.ended(step) {
                copy(part(h, hidden, sample), part_mut(state, hidden, sample));
                copy(part(c, extras, sample), part_mut(extra, extras, sample));
            }
            let rows = Rows { gates, products: room, before: h, cell: c, extra, state, d_output: &[], d_cell: &mut [] };
            gating(&mut Gating { sizes, step, rows });
        }
    }
}

/// What a step works on: what is done with its products, or on the way back comes before them.
struct Gating<'a, T> {
    sizes: Sizes<'a>,
    step: usize,
    rows: Rows<'a, T>,
}

impl<T: Float> Gating<'_, T> {
    #[inline(always)]
    fn by_lanes<N: Same<T>, U: Unit, const L: usize, const BACK: bool>(&mut self) -> ByLanes<'_, N, U, L, BACK> {
        ByLanes { sizes: self.sizes, step: self.step, rows: self.rows.cast(), unit: PhantomData }
    }

    /// In vectors that any machine has, if it has any, which need not be full.
    #[inline(always)]
    fn narrow<N: Same<T>, U: Unit, const BACK: bool>(&mut self) {
        if const { SMALL } {
            N::apart(self.by_lanes::<N, U, 1, BACK>());
        } else if const { size_of::<T>() == 4 } {
            N::apart(self.by_lanes::<N, U, 4, BACK>());
        } else {
            N::apart(self.by_lanes::<N, U, 2, BACK>());
        }
    }
}

/// The fewest units that are worth a choice of instructions.
const fn few<T>() -> usize {
    if SMALL { usize::MAX } else { 32 / size_of::<T>() }
}

/// The mathematics of a unit, in a step.
fn gate<T: Float, U: Unit, const BACK: bool>(gating: &mut Gating<'_, T>) {
    if gating.sizes.hidden < const { few::<T>() } {
        gating.narrow::<T, U, BACK>();
    } else {
        T::dispatch(Of::<'_, '_, T, U, BACK>(gating, PhantomData));
    }
}

/// The same as a kernel.
struct Of<'g, 'a, T, U, const BACK: bool>(&'g mut Gating<'a, T>, PhantomData<U>);

impl<T: Float, U: Unit, const BACK: bool> Kernel<T> for Of<'_, '_, T, U, BACK> {
    type Output = ();
    const WIDE: bool = true;
    const DOUBLES: bool = false;

    #[inline(always)]
    fn fills_wide(&self) -> bool {
        self.0.sizes.hidden.is_multiple_of(16)
    }

    #[inline(always)]
    fn run<N: Same<T>>(self) {
        if const { N::UNITS == 16 } && (const { N::CHOSEN } || self.fills_wide()) {
            self.0.by_lanes::<N, U, 16, BACK>().run();
        } else if const { N::UNITS >= 8 } {
            self.0.by_lanes::<N, U, 8, BACK>().run();
        } else {
            self.0.narrow::<N, U, BACK>();
        }
    }
}

/// `L` units at a time, the last of them with some before once more, whose numbers are dropped: a second form for what is left would
/// take the compiler as long again.
struct ByLanes<'a, N, U, const L: usize, const BACK: bool> {
    sizes: Sizes<'a>,
    step: usize,
    rows: Rows<'a, N>,
    unit: PhantomData<U>,
}

impl<N: Float, U: Unit, const L: usize, const BACK: bool> Part for ByLanes<'_, N, U, L, BACK> {
    #[inline(always)]
    fn run(mut self) {
        let Sizes { batch, hidden, .. } = self.sizes;
        for sample in 0..batch {
            if self.sizes.has_ended(sample, self.step) {
                continue;
            }
            let mut at = 0;
            while at < hidden {
                step::<U, N, L, BACK>(&mut self.rows, Group::of::<U>(hidden, sample, at));
                at += L;
            }
        }
    }
}

/// Back over all steps.
pub struct Backward<'a, T> {
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
}

impl<T: Float> Backward<'_, T> {
    /// Goes back over them.
    #[inline(always)]
    pub fn compute(self, Kind { gates: each, extra: kept, apart, gating }: Kind<T>) {
        let Self { sizes, weight, turned, gates, extra, states, d_states, d_state, d_cell, room, .. } = self;
        let Sizes { batch, hidden, .. } = sizes;
        let (width, columns, extras) = (sizes.width(), each * hidden, kept * hidden);
        for (before, step) in sizes.order().rev() {
            let h = before.map_or(self.start, |before| part(states, width, before));
            let (c, extra) = beside(extra, batch * extras, before, step, self.cell);
            let gates = part_mut(gates, batch * columns, step);
            // Past a sample's end nothing has a gradient.
            for sample in sizes.ended(step) {
                fill(part_mut(gates, columns, sample), T::ZERO);
                if apart {
                    fill(part_mut(room, columns, sample), T::ZERO);
                    fill(part_mut(extra, extras, sample), T::ZERO);
                }
            }
            let (products, state, d_cell) = (&mut *room, &mut *d_state, &mut *d_cell);
            let d_output = part(d_states, width, step);
            let rows = Rows { gates, products, before: h, cell: c, extra, state, d_output, d_cell };
            gating(&mut Gating { sizes, step, rows });
            let d_sums: &[T] = if apart { room } else { gates };
            match turned {
                Some(turned) => gemm_nn(batch, columns, hidden, d_sums, turned, d_state),
                None => gemm_nt(batch, columns, hidden, d_sums, weight, d_state),
            }
        }
    }
}
