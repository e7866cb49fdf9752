//! One sample at one step.

use super::Unit;
use crate::simd::lanes::Lanes;
use crate::simd::{Float, SMALL, copy, fill};

/// What a step of one sample reads and writes, forward or back, each with what follows in memory. Gates stand one after the other,
/// `hidden` numbers each.
pub struct Row<'a, N> {
    /// The units.
    pub hidden: usize,
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
    /// On the way back the gradient of the next cell; then of the cell before.
    pub d_cell: &'a mut [N],
}

impl<N: Float> Row<'_, N> {
    /// Past a sample's end its state stays what it is.
    #[inline(always)]
    pub fn repeat<U: Unit>(&mut self) {
        copy(self.before, self.state.get_mut(..self.hidden).unwrap_or_default());
        copy(self.cell, self.extra.get_mut(..U::EXTRA * self.hidden).unwrap_or_default());
    }

    /// There nothing has a gradient.
    #[inline(always)]
    pub fn clear<U: Unit>(&mut self) {
        fill(self.gates.get_mut(..U::GATES * self.hidden).unwrap_or_default(), N::ZERO);
        if U::APART {
            fill(self.products.get_mut(..U::GATES * self.hidden).unwrap_or_default(), N::ZERO);
            fill(self.extra.get_mut(..U::EXTRA * self.hidden).unwrap_or_default(), N::ZERO);
        }
    }
}

/// Units of a sample that are worked on side by side, from `at` on.
#[derive(Clone, Copy)]
pub struct Group<const L: usize> {
    /// The units of the layer.
    pub hidden: usize,
    /// The first of these.
    pub at: usize,
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

/// A step of a sample, forward or back.
///
/// Units are worked on eight at a time, the last of them with others beside, which are dropped: a second form for what is left would
/// take the compiler as long again. (A microcontroller takes them one by one.)
#[inline(always)]
pub fn step<U: Unit, N: Float, const BACK: bool>(row: &mut Row<'_, N>) {
    let hidden = row.hidden;
    let mut at = 0;
    while at < hidden {
        if SMALL {
            step_units::<U, N, 1, BACK>(row, Group { hidden, at });
            at += 1;
        } else {
            step_units::<U, N, 8, BACK>(row, Group { hidden, at });
            at += 8;
        }
    }
}

/// Of some units.
#[inline(always)]
fn step_units<U: Unit, N: Float, const L: usize, const BACK: bool>(row: &mut Row<'_, N>, units: Group<L>) {
    if BACK { U::backward(row, units) } else { forward_units::<U, N, L>(row, units) }
}

/// Forward.
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
    if U::EXTRA > 0 {
        units.store(extra, next.extra);
    }
    units.store(state, next.state);
}

impl<const L: usize> Group<L> {
    /// Their numbers.
    #[inline(always)]
    pub fn load<N: Float>(self, x: &[N]) -> Lanes<N, L> {
        self.load_gate(x, 0)
    }

    /// Their numbers of a gate; beyond the last unit they are of no account.
    #[inline(always)]
    pub fn load_gate<N: Float>(self, x: &[N], gate: usize) -> Lanes<N, L> {
        let x = x.get(gate * self.hidden + self.at..).unwrap_or_default();
        x.first_chunk().map_or_else(|| at_the_end(x), |lanes| Lanes::new(*lanes))
    }

    /// Writes their numbers.
    #[inline(always)]
    pub fn store<N: Float>(self, x: &mut [N], units: Lanes<N, L>) {
        self.store_gate(x, 0, units);
    }

    /// Writes their numbers of a gate.
    #[inline(always)]
    pub fn store_gate<N: Float>(self, x: &mut [N], gate: usize, units: Lanes<N, L>) {
        let (x, count) = (x.get_mut(gate * self.hidden + self.at..).unwrap_or_default(), self.hidden - self.at);
        match x.first_chunk_mut() {
            Some(x) if count >= L => *x = units.get(),
            Some(x) => *x = units.first_or(count, &Lanes::new(*x)).get(),
            None => write_at_the_end(x, count, &units),
        }
    }
}

/// What is left of `x`, and zeros. Of the units only the last sample's may be read so.
#[cold]
#[inline(never)]
fn at_the_end<N: Float, const L: usize>(x: &[N]) -> Lanes<N, L> {
    Lanes::padded(x)
}

/// Writes what there is room for.
#[cold]
#[inline(never)]
fn write_at_the_end<N: Float, const L: usize>(x: &mut [N], count: usize, units: &Lanes<N, L>) {
    units.store(x, count);
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
