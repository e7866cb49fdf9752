//! Long short-term memory.

use super::row::{BackRow, Row, each, load, store, zip};
use super::{Backward, Forward, Unit};
use crate::simd::Float;

/// The gates i, f, g, o of a [`Lstm`](crate::nn::Lstm).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LstmUnit;

impl Unit for LstmUnit {
    const GATES: usize = 4;
    const EXTRA: usize = 1;
    const CELL: bool = true;

    /// c′ = f · c + i · g, h′ = o · tanh c′.
    #[inline(always)]
    fn forward<N: Float>(Row { hidden, gates, cell, extra, state, .. }: Row<'_, N>) {
        each(hidden, |at, count| {
            let gate = |gates: &[N], gate: usize| load(gates, gate * hidden + at, count);
            let (i, f) = (gate(gates, 0).map(N::sigmoid), gate(gates, 1).map(N::sigmoid));
            let (g, o) = (gate(gates, 2).map(N::tanh), gate(gates, 3).map(N::sigmoid));
            let mut c = zip(f, &load(cell, at, count), |f, c| f * c);
            c.add_product(&i, &g);
            store(c, extra, at, count);
            store(zip(o, &c.map(N::tanh), |o, c| o * c), state, at, count);
            for (gate, value) in [i, f, g, o].into_iter().enumerate() {
                store(value, gates, gate * hidden + at, count);
            }
        });
    }

    /// With s = dc′ + dh′ · o · (1 − tanh² c′): di = s · g · i(1 − i), df = s · c · f(1 − f), dg = s · i · (1 − g²),
    /// do = dh′ · tanh c′ · o(1 − o), dc = s · f.
    #[inline(always)]
    fn backward<N: Float>(row: BackRow<'_, N>) {
        let BackRow { hidden, gates, cell, extra, d_state, d_cell, .. } = row;
        each(hidden, |at, count| {
            let gate = |gates: &[N], gate: usize| load(gates, gate * hidden + at, count);
            let [i, f, g, o] = [0, 1, 2, 3].map(|number| gate(gates, number));
            let (dh, tanh) = (load(d_state, at, count), load(extra, at, count).map(N::tanh));
            let slope = tanh.map(|c| (-c).mul_add(c, N::ONE));
            let mut s = load(d_cell, at, count);
            s.add_product(&zip(dh, &o, |dh, o| dh * o), &slope);
            let sigmoid = |gate: &super::row::Units<N>| gate.map(|x| (-x).mul_add(x, x));
            let times = |a, b: &_| zip(a, b, |a: N, b: N| a * b);
            let di = times(times(s, &g), &sigmoid(&i));
            let df = times(times(s, &load(cell, at, count)), &sigmoid(&f));
            let dg = times(times(s, &i), &g.map(|g| (-g).mul_add(g, N::ONE)));
            let d_o = times(times(dh, &tanh), &sigmoid(&o));
            for (gate, d) in [di, df, dg, d_o].into_iter().enumerate() {
                store(d, gates, gate * hidden + at, count);
            }
            store(times(s, &f), d_cell, at, count);
            store(super::row::Units::ZERO, d_state, at, count);
        });
    }

    fn run_forward<T: Float>(job: Forward<'_, T, Self>) {
        T::lstm(job);
    }

    fn run_backward<T: Float>(job: Backward<'_, T, Self>) {
        T::lstm_back(job);
    }
}
