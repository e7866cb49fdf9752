//! One sample at one step.

use crate::simd::lanes::Lanes;
use crate::simd::{Float, SMALL};

/// The units that are worked on side by side.
const LANES: usize = if SMALL { 1 } else { 8 };

/// Numbers of some units.
pub type Units<N> = Lanes<N, LANES>;

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

/// Calls `f` with the first of some units and how many there are from it on, for all units.
#[inline(always)]
pub fn each(hidden: usize, mut f: impl FnMut(usize, usize)) {
    let mut at = 0;
    while at < hidden {
        f(at, hidden - at);
        at += LANES;
    }
}

/// The numbers from `at` on, as far as they are those of units.
#[inline(always)]
pub fn load<N: Float>(x: &[N], at: usize, count: usize) -> Units<N> {
    Lanes::load(x.get(at..).unwrap_or_default(), count, &Lanes::ZERO)
}

/// Writes them.
#[inline(always)]
pub fn store<N: Float>(lanes: Units<N>, x: &mut [N], at: usize, count: usize) {
    lanes.store(x.get_mut(at..).unwrap_or_default(), count);
}

/// f of each pair.
#[inline(always)]
pub fn zip<N: Float>(a: Units<N>, b: &Units<N>, f: impl Fn(N, N) -> N) -> Units<N> {
    let mut lanes = a;
    lanes.combine(b, f);
    lanes
}
