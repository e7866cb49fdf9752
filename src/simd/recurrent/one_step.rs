//! One step of one sample, as a stream takes it.

use core::marker::PhantomData;

use super::Unit;
use super::row::{Gates, Group, plus};
use crate::simd::gemm::{SCALAR, gemm_nn};
use crate::simd::lanes::Lanes;
use crate::simd::sets::{Kernel, Same};
use crate::simd::{Cut, Float, SMALL, copy, zip};

/// Calls the functions for all units, of which as many are worked on as a vector holds, and at the end fewer. (A closure would not be
/// inlined into the kernel, but be compiled for the target alone. So the functions below are none.)
macro_rules! each_group {
    ($pair:path, $f:path, $row:ident) => {{
        let hidden = $row.hidden;
        let mut at = 0;
        if !SMALL {
            while size_of::<N>() == 4 && hidden - at >= 16 {
                $pair($row, Group::<8>::one(hidden, at), Group::<8>::one(hidden, at + 8));
                at += 16;
            }
            while hidden - at >= 8 {
                $f($row, Group::<8>::one(hidden, at));
                at += 8;
            }
            if hidden - at >= 4 {
                $f($row, Group::<4>::one(hidden, at));
                at += 4;
            }
        }
        while at < hidden {
            $f($row, Group::<1>::one(hidden, at));
            at += 1;
        }
    }};
}

/// One step of one sample, forward, in place. Nothing is kept, and the sizes are constants.
pub struct OneStep<'a, T, U, const IN: usize, const H: usize> {
    /// The input.
    pub x: &'a [T],
    /// The input's weights, `IN × (GATES · H)`.
    pub weight_ih: &'a [T],
    /// The state's weights, `H × (GATES · H)`.
    pub weight_hh: &'a [T],
    /// The biases of both.
    pub bias: Option<[&'a [T]; 2]>,
    /// The state, which moves on.
    pub state: &'a mut [T],
    /// The cell, where there is one, likewise.
    pub cell: &'a mut [T],
    /// Room for the next state; none where sums [go by way of memory](IN_MEMORY).
    pub next: &'a mut [T],
    /// Zeros where the sums will be if they do, `GATES · H`, and as many for the state's part where it comes apart.
    pub room: [&'a mut [T]; 2],
    /// The unit.
    pub unit: PhantomData<U>,
}

/// Whether the sums of a step go by way of memory: those of a machine without vectors, whose registers hold no more than a product needs.
pub const IN_MEMORY: bool = SCALAR;

impl<T: Float, U: Unit, const IN: usize, const H: usize> Kernel<T> for OneStep<'_, T, U, IN, H> {
    type Output = ();
    // Of the weights, which begin at 32 bytes, every second vector of 64 would lie in two lines of the cache.
    const WIDE: bool = false;

    #[inline(always)]
    fn run<N: Same<T>>(self) {
        // What the compiler sees of their lengths it need not ask for.
        let columns = U::GATES * H;
        let (Some(x), Some(state)) = (self.x.get(..IN), self.state.get_mut(..H)) else { return };
        let (Some(next), Some(cell)) =
            (self.next.get_mut(..if IN_MEMORY { 0 } else { H }), self.cell.get_mut(..if U::CELL { H } else { 0 }))
        else {
            return;
        };
        let (Some(weight_ih), Some(weight_hh)) = (self.weight_ih.get(..IN * columns), self.weight_hh.get(..H * columns)) else {
            return;
        };
        let bias = self.bias.and_then(|[input, state]| Some([input.get(..columns)?, state.get(..columns)?].map(N::slice)));
        let (state, next, cell) = (N::slice_mut(state), N::slice_mut(next), N::slice_mut(cell));
        let columns_in = |memory| if memory { columns } else { 0 };
        let [sums, parts] = self.room;
        let (Some(sums), Some(parts)) =
            (sums.get_mut(..columns_in(IN_MEMORY)), parts.get_mut(..columns_in(IN_MEMORY && U::APART)))
        else {
            return;
        };
        let row = &mut StepRow {
            hidden: H,
            x: N::slice(x),
            weight_ih: N::slice(weight_ih),
            weight_hh: N::slice(weight_hh),
            bias,
            state,
            next,
            cell,
            sums: N::slice_mut(sums),
            parts: N::slice_mut(parts),
        };
        if IN_MEMORY {
            row.multiply::<U>();
        }
        each_group!(one_pair::<U, N, _>, one_step::<U, N, _>, row);
        // (Once all sums are there, a unit's state is read by itself alone, and overwritten.)
        if !IN_MEMORY {
            replace(row.state, row.next);
        }
    }
}

/// y ← x, eight by eight: of numbers one by one the compiler does not know that they are apart.
#[inline(always)]
fn replace<N: Float>(y: &mut [N], x: &[N]) {
    let ((y, y_rest), (x, x_rest)) = (y.as_chunks_mut::<8>(), x.as_chunks::<8>());
    for (y, x) in y.iter_mut().zip(x) {
        *y = *x;
    }
    copy(x_rest, y_rest);
}

/// What a step reads and writes.
struct StepRow<'a, N> {
    hidden: usize,
    x: &'a [N],
    weight_ih: &'a [N],
    weight_hh: &'a [N],
    bias: Option<[&'a [N]; 2]>,
    state: &'a mut [N],
    next: &'a mut [N],
    cell: &'a mut [N],
    sums: &'a mut [N],
    parts: &'a mut [N],
}

impl<N: Float> StepRow<'_, N> {
    /// The sums of all units, in memory that holds zeros.
    #[inline(always)]
    fn multiply<U: Unit>(&mut self) {
        let columns = U::GATES * self.hidden;
        match self.bias {
            Some([input, state]) if U::APART => copy_both([input, state], [self.sums, self.parts]),
            Some([input, state]) => zip(input, state, self.sums, |input, state| input + state),
            None => {}
        }
        gemm_nn(1, self.x.len(), columns, self.x, self.weight_ih, self.sums);
        let parts = if U::APART { &mut *self.parts } else { &mut *self.sums };
        gemm_nn(1, self.hidden, columns, self.state, self.weight_hh, parts);
    }
}

/// Copies two slices, eight by eight, which are moved in two instructions each way. (One alone would become a call that takes longer.)
#[inline(always)]
fn copy_both<N: Float>([x, y]: [&[N]; 2], [to_x, to_y]: [&mut [N]; 2]) {
    let ((x, x_rest), (y, y_rest)) = (x.as_chunks::<8>(), y.as_chunks::<8>());
    let ((to_x, to_x_rest), (to_y, to_y_rest)) = (to_x.as_chunks_mut::<8>(), to_y.as_chunks_mut::<8>());
    for ((to_x, to_y), (x, y)) in to_x.iter_mut().zip(to_y).zip(x.iter().zip(y)) {
        (*to_x, *to_y) = (*x, *y);
    }
    copy(x_rest, to_x_rest);
    copy(y_rest, to_y_rest);
}

/// A step of some units: sums of products, gates and the next state.
#[inline(always)]
fn one_step<U: Unit, N: Float, const L: usize>(row: &mut StepRow<'_, N>, units: Group<L>) {
    let sums = if IN_MEMORY { in_memory::<U, N, L>(row, units) } else { in_registers::<U, N, L>(row, units) };
    finish::<U, N, L>(row, units, sums);
}

/// A step of twice as many. Their sums hide each other's latency; what is computed of them is so long that the processor sees it of one
/// vector at a time.
#[inline(always)]
fn one_pair<U: Unit, N: Float, const L: usize>(row: &mut StepRow<'_, N>, units: Group<L>, others: Group<L>) {
    if IN_MEMORY {
        one_step::<U, N, L>(row, units);
        return one_step::<U, N, L>(row, others);
    }
    let (mut sums, mut more) = (Sums::start::<U>(row, units), Sums::start::<U>(row, others));
    let columns = U::GATES * row.hidden;
    for (&x, weight) in row.x.iter().zip(row.weight_ih.runs(columns)) {
        sums.add::<U, false>(x, weight, units);
        more.add::<U, false>(x, weight, others);
    }
    for (&h, weight) in row.state.iter().zip(row.weight_hh.runs(columns)) {
        sums.add::<U, true>(h, weight, units);
        more.add::<U, true>(h, weight, others);
    }
    finish::<U, N, L>(row, units, sums);
    finish::<U, N, L>(row, others, more);
}

/// The gates and the next state of their sums.
#[inline(always)]
fn finish<U: Unit, N: Float, const L: usize>(row: &mut StepRow<'_, N>, units: Group<L>, sums: Sums<N, L>) {
    let mut parts = [Lanes::ZERO; 4];
    if let Some(part) = parts.get_mut(U::GATES - 1) {
        *part = sums.last;
    }
    let next = U::forward(sums.gates, parts, units.load(row.state), units.load(row.cell));
    units.store(if IN_MEMORY { row.state } else { row.next }, next.state);
    if U::CELL {
        units.store(row.cell, next.extra);
    }
}

/// The sums of some units.
struct Sums<N, const L: usize> {
    gates: Gates<N, L>,
    /// The state's part of a last gate where it comes apart; on a machine of 16 registers there is no room for two sums of each gate.
    last: Lanes<N, L>,
}

impl<N: Float, const L: usize> Sums<N, L> {
    /// The biases.
    #[inline(always)]
    fn start<U: Unit>(row: &StepRow<'_, N>, units: Group<L>) -> Self {
        let mut sums = Self { gates: [Lanes::ZERO; 4], last: Lanes::ZERO };
        if let Some([input, state]) = row.bias {
            for (gate, sum) in sums.gates.iter_mut().enumerate().take(U::GATES) {
                let state = units.load_gate(state, gate);
                *sum = units.load_gate(input, gate);
                if U::APART && gate + 1 == U::GATES { sums.last = state } else { *sum = plus(*sum, state) }
            }
        }
        sums
    }

    /// Adds a number times its weights; `OF_STATE`, if it is one of the state's.
    #[inline(always)]
    fn add<U: Unit, const OF_STATE: bool>(&mut self, x: N, weight: &[N], units: Group<L>) {
        for (gate, sum) in self.gates.iter_mut().enumerate().take(U::GATES) {
            let sum = if OF_STATE && U::APART && gate + 1 == U::GATES { &mut self.last } else { sum };
            sum.add_scaled(x, &units.load_gate(weight, gate));
        }
    }
}

/// The sums of some units from memory.
///
/// Without a loop, which is not unrolled where code is to be small: then the numbers would go by way of memory once more.
#[inline(always)]
fn in_memory<U: Unit, N: Float, const L: usize>(row: &StepRow<'_, N>, units: Group<L>) -> Sums<N, L> {
    let gates = [
        sum_in_memory::<U, N, L>(row, units, 0),
        sum_in_memory::<U, N, L>(row, units, 1),
        sum_in_memory::<U, N, L>(row, units, 2),
        sum_in_memory::<U, N, L>(row, units, 3),
    ];
    Sums { gates, last: units.load_gate(row.parts, U::GATES - 1) }
}

/// That of one gate, if there are so many.
#[inline(always)]
fn sum_in_memory<U: Unit, N: Float, const L: usize>(row: &StepRow<'_, N>, units: Group<L>, gate: usize) -> Lanes<N, L> {
    if gate >= U::GATES {
        return Lanes::ZERO;
    }
    let sum = units.load_gate(row.sums, gate);
    if U::APART && gate + 1 < U::GATES { plus(sum, units.load_gate(row.parts, gate)) } else { sum }
}

/// The same, computed here: nothing goes by way of memory.
#[inline(always)]
fn in_registers<U: Unit, N: Float, const L: usize>(row: &StepRow<'_, N>, units: Group<L>) -> Sums<N, L> {
    let mut sums = Sums::start::<U>(row, units);
    let columns = U::GATES * row.hidden;
    for (&x, weight) in row.x.iter().zip(row.weight_ih.runs(columns)) {
        sums.add::<U, false>(x, weight, units);
    }
    for (&h, weight) in row.state.iter().zip(row.weight_hh.runs(columns)) {
        sums.add::<U, true>(h, weight, units);
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::super::{GruUnit, LstmUnit, TanhUnit};
    use super::*;
    use crate::tensor::Tensor;
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    /// A microcontroller's sums are those of a machine with vectors.
    fn both_ways_agree<U: Unit>(with_bias: bool) {
        const H: usize = 5;
        let (columns, rng) = (U::GATES * H, &mut SmallRng::seed_from_u64(0));
        let numbers = Tensor::<[f64; 400]>::randn(rng);
        let (weights, others) = numbers.as_slice().split_at(300);
        let (x, biases) = others.split_at(3);
        let bias = with_bias.then(|| [&biases[..columns], &biases[columns..2 * columns]]);
        let mut state = [0.1, -0.2, 0.3, -0.4, 0.5];
        let (mut sums, mut parts) = ([0.0; 4 * H], [0.0; 4 * H]);
        let row = &mut StepRow {
            hidden: H,
            x,
            weight_ih: &weights[..3 * columns],
            weight_hh: &weights[3 * columns..][..H * columns],
            bias,
            state: &mut state,
            next: &mut [],
            cell: &mut [],
            sums: &mut sums[..columns],
            parts: &mut parts[..if U::APART { columns } else { 0 }],
        };
        row.multiply::<U>();
        for at in 0..H {
            let units = Group::<1>::one(H, at);
            let (found, right) = (in_memory::<U, _, 1>(row, units), in_registers::<U, _, 1>(row, units));
            for (found, right) in found.gates.into_iter().chain([found.last]).zip(right.gates.into_iter().chain([right.last])) {
                assert!((found.get()[0] - right.get()[0]).abs() < 1e-13);
            }
        }
    }

    #[test]
    fn sums_in_memory_are_those_in_registers() {
        for with_bias in [true, false] {
            both_ways_agree::<TanhUnit>(with_bias);
            both_ways_agree::<LstmUnit>(with_bias);
            both_ways_agree::<GruUnit>(with_bias);
        }
    }
}
