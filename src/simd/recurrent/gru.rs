//! The gated recurrent unit.

use super::row::{Gates, Group, Next, Rows, minus, sigmoid, sigmoid_slope, tanh, tanh_slope, times, times_plus};
use super::{Kind, Unit};
use crate::simd::Float;
use crate::simd::lanes::Lanes;

/// The gates r, z, n of a [`Gru`](crate::nn::Gru). Kept beside is the state's part of n, which r multiplies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GruUnit;

impl Unit for GruUnit {
    const GATES: usize = 3;
    const EXTRA: usize = 1;
    const APART: bool = true;

    /// n = tanh(xₙ + r · q), h′ = n + z · (h − n).
    #[inline(always)]
    fn forward<N: Float, const L: usize>(
        [r, z, n, none]: Gates<N, L>,
        [_, _, q, _]: Gates<N, L>,
        h: Lanes<N, L>,
        _: Lanes<N, L>,
    ) -> Next<N, L> {
        let (r, z) = (sigmoid(r), sigmoid(z));
        let n = tanh(times_plus(r, q, n));
        Next { gates: [r, z, n, none], extra: q, state: times_plus(z, minus(h, n), n) }
    }

    /// dz = dh′ · (h − n) · z(1 − z), dn = dh′ · (1 − z) · (1 − n²), dr = dn · q · r(1 − r), dq = dn · r, dh = dh′ · z.
    #[inline(always)]
    fn backward<N: Float, const L: usize>(rows: &mut Rows<'_, N>, units: Group<L>) {
        let Rows { gates, products, before, extra, state, .. } = rows;
        let (r, z, n) = (units.load_gate(gates, 0), units.load_gate(gates, 1), units.load_gate(gates, 2));
        let (dh, q) = (units.load(state), units.load(extra));
        let dz = times(times(dh, minus(units.load(before), n)), sigmoid_slope(z));
        let dn = times(times(dh, z.map(|z| N::ONE - z)), tanh_slope(n));
        let (dr, dq) = (times(times(dn, q), sigmoid_slope(r)), times(dn, r));
        units.store_gate(gates, 0, dr);
        units.store_gate(gates, 1, dz);
        units.store_gate(gates, 2, dn);
        units.store_gate(products, 0, dr);
        units.store_gate(products, 1, dz);
        units.store_gate(products, 2, dq);
        units.store(extra, dq);
        units.store(state, times(dh, z));
    }

    fn kind<T: Float>(back: bool) -> Kind<T> {
        T::gru(back)
    }
}
