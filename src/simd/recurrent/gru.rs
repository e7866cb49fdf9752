//! The gated recurrent unit.

use super::row::{BackRow, Row, Units, each, load, store, zip};
use super::{Backward, Forward, Unit};
use crate::simd::Float;

/// The gates r, z, n of a [`Gru`](crate::nn::Gru). Kept beside is the state's part of n, which r multiplies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GruUnit;

impl Unit for GruUnit {
    const GATES: usize = 3;
    const EXTRA: usize = 1;
    const APART: bool = true;

    /// n = tanh(xₙ + r · q), h′ = n + z · (h − n).
    #[inline(always)]
    fn forward<N: Float>(Row { hidden, gates, products, before, extra, state, .. }: Row<'_, N>) {
        each(hidden, |at, count| {
            let sum = |gates: &[N], gate: usize| {
                let at = gate * hidden + at;
                zip(load(gates, at, count), &load(products, at, count), |x, h| x + h)
            };
            let (r, z) = (sum(gates, 0).map(N::sigmoid), sum(gates, 1).map(N::sigmoid));
            let (mut n, q) = (load(gates, 2 * hidden + at, count), load(products, 2 * hidden + at, count));
            n.add_product(&r, &q);
            let n = n.map(N::tanh);
            let mut h = n;
            h.add_product(&z, &zip(load(before, at, count), &n, |h, n| h - n));
            for (gate, value) in [r, z, n].into_iter().enumerate() {
                store(value, gates, gate * hidden + at, count);
            }
            store(q, extra, at, count);
            store(h, state, at, count);
        });
    }

    /// dz = dh′ · (h − n) · z(1 − z), dn = dh′ · (1 − z) · (1 − n²), dr = dn · q · r(1 − r), dq = dn · r, dh = dh′ · z.
    #[inline(always)]
    fn backward<N: Float>(row: BackRow<'_, N>) {
        let BackRow { hidden, gates, products, before, extra, d_state, .. } = row;
        each(hidden, |at, count| {
            let gate = |gates: &[N], gate: usize| load(gates, gate * hidden + at, count);
            let [r, z, n] = [0, 1, 2].map(|number| gate(gates, number));
            let (dh, q) = (load(d_state, at, count), load(extra, at, count));
            let times = |a, b: &Units<N>| zip(a, b, |a: N, b: N| a * b);
            let sigmoid = |gate: &Units<N>| gate.map(|x| (-x).mul_add(x, x));
            let dz = times(times(dh, &zip(load(before, at, count), &n, |h, n| h - n)), &sigmoid(&z));
            let dn = times(times(dh, &z.map(|z| N::ONE - z)), &n.map(|n| (-n).mul_add(n, N::ONE)));
            let (dr, dq) = (times(times(dn, &q), &sigmoid(&r)), times(dn, &r));
            for (gate, (input, state)) in [(dr, dr), (dz, dz), (dn, dq)].into_iter().enumerate() {
                store(input, gates, gate * hidden + at, count);
                store(state, products, gate * hidden + at, count);
            }
            store(dq, extra, at, count);
            store(times(dh, &z), d_state, at, count);
        });
    }

    fn run_forward<T: Float>(job: Forward<'_, T, Self>) {
        T::gru(job);
    }

    fn run_backward<T: Float>(job: Backward<'_, T, Self>) {
        T::gru_back(job);
    }
}
