//! Long short-term memory.

use super::row::{Gates, Group, Next, Rows, sigmoid, sigmoid_slope, tanh, tanh_slope, times, times_plus};
use super::{Kind, Unit};
use crate::simd::Float;
use crate::simd::lanes::Lanes;

/// The gates i, f, g, o of a [`Lstm`](crate::nn::Lstm).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LstmUnit;

impl Unit for LstmUnit {
    const GATES: usize = 4;
    const EXTRA: usize = 1;
    const CELL: bool = true;

    /// c′ = f · c + i · g, h′ = o · tanh c′.
    #[inline(always)]
    fn forward<N: Float, const L: usize>(
        [i, f, g, o]: Gates<N, L>,
        _: Gates<N, L>,
        _: Lanes<N, L>,
        cell: Lanes<N, L>,
    ) -> Next<N, L> {
        let (i, f, g, o) = (sigmoid(i), sigmoid(f), tanh(g), sigmoid(o));
        let c = times_plus(i, g, times(f, cell));
        Next { gates: [i, f, g, o], extra: c, state: times(o, tanh(c)) }
    }

    /// With s = dc′ + dh′ · o · (1 − tanh² c′): di = s · g · i(1 − i), df = s · c · f(1 − f), dg = s · i · (1 − g²),
    /// do = dh′ · tanh c′ · o(1 − o), dc = s · f.
    #[inline(always)]
    fn backward<N: Float, const L: usize>(rows: &mut Rows<'_, N>, units: Group<L>) {
        let Rows { gates, cell, extra, state, d_cell, .. } = rows;
        let (i, f) = (units.load_gate(gates, 0), units.load_gate(gates, 1));
        let (g, o) = (units.load_gate(gates, 2), units.load_gate(gates, 3));
        let (dh, c) = (units.load(state), tanh(units.load(extra)));
        let s = times_plus(times(dh, o), tanh_slope(c), units.load(d_cell));
        units.store_gate(gates, 0, times(times(s, g), sigmoid_slope(i)));
        units.store_gate(gates, 1, times(times(s, units.load(cell)), sigmoid_slope(f)));
        units.store_gate(gates, 2, times(times(s, i), tanh_slope(g)));
        units.store_gate(gates, 3, times(times(dh, c), sigmoid_slope(o)));
        units.store(d_cell, times(s, f));
        units.store(state, Lanes::<N, L>::ZERO);
    }

    fn kind<T: Float>(back: bool) -> Kind<T> {
        T::lstm(back)
    }
}
