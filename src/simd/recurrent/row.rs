//! One sample at one step.

use super::Unit;
use crate::simd::lanes::Lanes;
use crate::simd::{Float, SMALL};

/// What a step of one sample reads and writes. Gates stand one after the other, `hidden` numbers each.
pub struct Row<'a, N> {
    /// The units.
    pub hidden: usize,
    /// The sums; then the gates.
    pub gates: &'a mut [N],
    /// The state's part of the sums, where it comes apart.
    pub products: &'a [N],
    /// The state before.
    pub before: &'a [N],
    /// The cell before, where there is one.
    pub cell: &'a [N],
    /// What is kept beside: where there is a cell, the next one.
    pub extra: &'a mut [N],
    /// The next state.
    pub state: &'a mut [N],
}

/// What the same step reads and writes on the way back.
pub struct BackRow<'a, N> {
    /// The units.
    pub hidden: usize,
    /// The gates; then the gradients of their sums.
    pub gates: &'a mut [N],
    /// The gradients of the state's part of the sums, where it comes apart.
    pub products: &'a mut [N],
    /// The state before.
    pub before: &'a [N],
    /// The cell before, where there is one.
    pub cell: &'a [N],
    /// What was kept beside.
    pub extra: &'a mut [N],
    /// The gradient of the next state; then what of that of the state before does not come by way of the gates.
    pub d_state: &'a mut [N],
    /// The gradient of the next cell; then of the cell before.
    pub d_cell: &'a mut [N],
}

/// Units of a sample that are worked on side by side, from `at` on.
#[derive(Clone, Copy)]
pub struct Group<const L: usize> {
    /// The units of the layer.
    pub hidden: usize,
    /// The first of these.
    pub at: usize,
}

/// Calls `$f` for all units, `L` at a time: as many as a vector holds, and at the end fewer. (A closure would not be inlined into the
/// kernel, but be compiled for the target alone. So the functions below are none.)
macro_rules! each_group {
    ($f:path, $row:ident) => {{
        let hidden = $row.hidden;
        let mut at = 0;
        if !SMALL {
            // (64 bytes: two of the narrower vectors hide each other's latency.)
            while size_of::<N>() == 4 && hidden - at >= 16 {
                $f($row, Group::<16> { hidden, at });
                at += 16;
            }
            while hidden - at >= 8 {
                $f($row, Group::<8> { hidden, at });
                at += 8;
            }
            if hidden - at >= 4 {
                $f($row, Group::<4> { hidden, at });
                at += 4;
            }
        }
        while at < hidden {
            $f($row, Group::<1> { hidden, at });
            at += 1;
        }
    }};
}

pub(super) use each_group;

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

/// A step of a sample.
#[inline(always)]
pub fn forward<U: Unit, N: Float>(row: &mut Row<'_, N>) {
    each_group!(forward_units::<U, N, _>, row);
}

/// Of some units.
#[inline(always)]
fn forward_units<U: Unit, N: Float, const L: usize>(row: &mut Row<'_, N>, units: Group<L>) {
    let Row { gates, products, before, cell, extra, state, .. } = row;
    let (mut sums, mut parts) = ([Lanes::ZERO; 4], [Lanes::ZERO; 4]);
    for (gate, (sum, part)) in sums.iter_mut().zip(&mut parts).enumerate().take(U::GATES) {
        *sum = units.load_gate(gates, gate);
        if U::APART {
            *part = units.load_gate(products, gate);
        }
        if U::APART && gate + 1 < U::GATES {
            *sum = plus(*sum, *part);
        }
    }
    let next = U::forward(sums, parts, units.load(before), units.load(cell));
    for (gate, value) in next.gates.into_iter().enumerate().take(U::GATES) {
        units.store_gate(gates, gate, value);
    }
    units.store(extra, next.extra);
    units.store(state, next.state);
}

/// The way back.
#[inline(always)]
pub fn backward<U: Unit, N: Float>(row: &mut BackRow<'_, N>) {
    each_group!(U::backward, row);
}

impl<const L: usize> Group<L> {
    /// Their numbers.
    #[inline(always)]
    pub fn load<N: Float>(self, x: &[N]) -> Lanes<N, L> {
        self.load_gate(x, 0)
    }

    /// Their numbers of a gate.
    #[inline(always)]
    pub fn load_gate<N: Float>(self, x: &[N], gate: usize) -> Lanes<N, L> {
        let units = x.get(gate * self.hidden + self.at..).and_then(|x| x.first_chunk());
        units.map_or(Lanes::ZERO, |units| Lanes::new(*units))
    }

    /// Writes their numbers.
    #[inline(always)]
    pub fn store<N: Float>(self, x: &mut [N], units: Lanes<N, L>) {
        self.store_gate(x, 0, units);
    }

    /// Writes their numbers of a gate.
    #[inline(always)]
    pub fn store_gate<N: Float>(self, x: &mut [N], gate: usize, units: Lanes<N, L>) {
        if let Some(x) = x.get_mut(gate * self.hidden + self.at..).and_then(|x| x.first_chunk_mut()) {
            *x = units.get();
        }
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
