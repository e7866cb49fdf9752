//! Some units of one sample at one step.

use super::Unit;
use crate::simd::Float;
use crate::simd::lanes::{Lanes, each_place};
use crate::simd::sets::Same;

/// What a step reads and writes, forward or back, of all samples. A sample's gates stand one after the other, `hidden` numbers each.
pub struct Rows<'a, N> {
    /// The sums; then the gates. On the way back the gates; then the gradients of their sums.
    pub gates: &'a mut [N],
    /// The state's part of the sums, or of their gradients, where it comes apart.
    pub products: &'a mut [N],
    /// The state before.
    pub before: &'a [N],
    /// The cell before, where there is one.
    pub cell: &'a [N],
    /// What is kept beside: where there is a cell, the next one.
    pub extra: &'a mut [N],
    /// The next state. On the way back its gradient; then what of that of the state before does not come by way of the gates.
    pub state: &'a mut [N],
    /// On the way back what of that gradient comes from elsewhere than the step after.
    pub d_output: &'a [N],
    /// On the way back the gradient of the next cell; then of the cell before.
    pub d_cell: &'a mut [N],
}

impl<T: Float> Rows<'_, T> {
    /// The same with another name for the numbers.
    #[inline(always)]
    pub fn cast<N: Same<T>>(&mut self) -> Rows<'_, N> {
        Rows {
            gates: N::slice_mut(self.gates),
            products: N::slice_mut(self.products),
            before: N::slice(self.before),
            cell: N::slice(self.cell),
            extra: N::slice_mut(self.extra),
            state: N::slice_mut(self.state),
            d_output: N::slice(self.d_output),
            d_cell: N::slice_mut(self.d_cell),
        }
    }
}

/// Units of a sample that are worked on side by side.
#[derive(Clone, Copy)]
pub struct Group<const L: usize> {
    /// The units of the layer.
    hidden: usize,
    /// The place of the first of these among those of all samples, and among the gates.
    unit: usize,
    gate: usize,
    /// Those of its lanes that are written: the first may be done already, and the last be no units.
    lanes: (usize, usize),
}

/// The numbers of some units at each gate. (Where there are fewer gates, the rest is not looked at, and costs nothing.)
pub type Gates<N, const L: usize> = [Lanes<N, L>; 4];

/// What a step makes of sums of products.
pub struct Next<N, const L: usize> {
    /// The gates.
    pub gates: Gates<N, L>,
    /// What is kept beside: where there is a cell, the next one.
    pub extra: Lanes<N, L>,
    /// The next state.
    pub state: Lanes<N, L>,
}

/// A step of some units, forward or back.
#[inline(always)]
pub fn step<U: Unit, N: Float, const L: usize, const BACK: bool>(rows: &mut Rows<'_, N>, units: Group<L>) {
    if BACK {
        let d_state = plus(units.load(rows.state), units.load(rows.d_output));
        units.store(rows.state, d_state);
        U::backward(rows, units);
    } else {
        forward::<U, N, L>(rows, units);
    }
}

/// Forward.
#[inline(always)]
fn forward<U: Unit, N: Float, const L: usize>(rows: &mut Rows<'_, N>, units: Group<L>) {
    let Rows { gates, products, before, cell, extra, state, .. } = rows;
    let (mut sums, mut parts) = ([Lanes::ZERO; 4], [Lanes::ZERO; 4]);
    each_place!(U::GATES, |gate| {
        sums[gate] = units.load_gate(gates, gate);
        if U::APART {
            parts[gate] = units.load_gate(products, gate);
        }
        if U::APART && gate + 1 < U::GATES {
            sums[gate] = plus(sums[gate], parts[gate]);
        }
    });
    let cell = if U::CELL { units.load(cell) } else { Lanes::ZERO };
    let next = U::forward(sums, parts, units.load(before), cell);
    each_place!(U::GATES, |gate| units.store_gate(gates, gate, next.gates[gate]));
    if U::EXTRA > 0 {
        units.store(extra, next.extra);
    }
    units.store(state, next.state);
}

impl<const L: usize> Group<L> {
    /// Those of the one sample from `at` on.
    #[inline(always)]
    pub const fn one(hidden: usize, at: usize) -> Self {
        Self { hidden, unit: at, gate: at, lanes: (0, L) }
    }

    /// Those of a sample from `at` on, or the last, some of which are done; if there are fewer than lanes, all.
    #[inline(always)]
    pub fn of<U: Unit>(hidden: usize, sample: usize, at: usize) -> Self {
        let first = usize::min(at, hidden.saturating_sub(L));
        let lanes = (at - first, usize::min(L, hidden));
        Self { hidden, unit: sample * hidden + first, gate: sample * U::GATES * hidden + first, lanes }
    }

    /// Their numbers.
    #[inline(always)]
    pub fn load<N: Float>(self, x: &[N]) -> Lanes<N, L> {
        load(x, self.unit)
    }

    /// Their numbers of a gate.
    #[inline(always)]
    pub fn load_gate<N: Float>(self, x: &[N], gate: usize) -> Lanes<N, L> {
        load(x, self.gate + gate * self.hidden)
    }

    /// Writes their numbers.
    #[inline(always)]
    pub fn store<N: Float>(self, x: &mut [N], units: Lanes<N, L>) {
        store(x, self.unit, self.lanes, units);
    }

    /// Writes their numbers of a gate.
    #[inline(always)]
    pub fn store_gate<N: Float>(self, x: &mut [N], gate: usize, units: Lanes<N, L>) {
        store(x, self.gate + gate * self.hidden, self.lanes, units);
    }
}

/// The numbers from `at` on, and zeros.
#[inline(always)]
fn load<N: Float, const L: usize>(x: &[N], at: usize) -> Lanes<N, L> {
    let x = x.get(at..).unwrap_or_default();
    match x.first_chunk() {
        Some(units) => Lanes::new(*units),
        // Wider vectors are for layers of at least as many units.
        None if size_of::<[N; L]>() > 16 => Lanes::ZERO,
        None => Lanes::new(load_rest(x)),
    }
}

#[inline(never)]
fn load_rest<N: Float, const L: usize>(x: &[N]) -> [N; L] {
    let mut units = [N::ZERO; L];
    for (unit, &x) in units.iter_mut().zip(x) {
        *unit = x;
    }
    units
}

#[inline(always)]
fn store<N: Float, const L: usize>(x: &mut [N], at: usize, lanes: (usize, usize), units: Lanes<N, L>) {
    let x = x.get_mut(at..).unwrap_or_default();
    match x.first_chunk_mut() {
        Some(x) if lanes == (0, L) => *x = units.get(),
        _ => store_rest(x, lanes, &units.get()),
    }
}

/// Writes some. (One by one, and in a function: a masked store takes longer than all of them.)
#[inline(never)]
fn store_rest<N: Float>(x: &mut [N], (first, end): (usize, usize), units: &[N]) {
    for (x, &unit) in x.iter_mut().zip(units).take(end).skip(first) {
        *x = unit;
    }
}

/// σ of each.
#[inline(always)]
pub fn sigmoid<N: Float, const L: usize>(x: Lanes<N, L>) -> Lanes<N, L> {
    x.map(N::sigmoid)
}

/// tanh of each.
#[inline(always)]
pub fn tanh<N: Float, const L: usize>(x: Lanes<N, L>) -> Lanes<N, L> {
    x.map(N::tanh)
}

/// σ′, given σ.
#[inline(always)]
pub fn sigmoid_slope<N: Float, const L: usize>(y: Lanes<N, L>) -> Lanes<N, L> {
    y.map(|y| (-y).mul_add(y, y))
}

/// tanh′, given tanh.
#[inline(always)]
pub fn tanh_slope<N: Float, const L: usize>(y: Lanes<N, L>) -> Lanes<N, L> {
    y.map(|y| (-y).mul_add(y, N::ONE))
}

/// a · b.
#[inline(always)]
pub fn times<N: Float, const L: usize>(mut a: Lanes<N, L>, b: Lanes<N, L>) -> Lanes<N, L> {
    a.combine(&b, |a, b| a * b);
    a
}

/// a + b.
#[inline(always)]
pub fn plus<N: Float, const L: usize>(mut a: Lanes<N, L>, b: Lanes<N, L>) -> Lanes<N, L> {
    a.combine(&b, |a, b| a + b);
    a
}

/// a − b.
#[inline(always)]
pub fn minus<N: Float, const L: usize>(mut a: Lanes<N, L>, b: Lanes<N, L>) -> Lanes<N, L> {
    a.combine(&b, |a, b| a - b);
    a
}

/// a · b + c.
#[inline(always)]
pub fn times_plus<N: Float, const L: usize>(a: Lanes<N, L>, b: Lanes<N, L>, mut c: Lanes<N, L>) -> Lanes<N, L> {
    c.add_product(&a, &b);
    c
}
