//! Elman's recurrent unit, which is one gate.

use super::row::{Gates, Group, Next, Rows, times};
use super::{Kind, Unit};
use crate::simd::Float;
use crate::simd::lanes::Lanes;

/// The unit of a [`Rnn`](crate::nn::Rnn): h′ = tanh of the sum.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TanhUnit;

/// The unit of a [`Rnn`](crate::nn::Rnn) with the option `Relu`: h′ = the sum, if it is above 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReluUnit;

/// h′ = f of the sum, whose derivative is `slope` of h′.
macro_rules! units {
    ($($unit:ident, $kind:ident, |$x:ident| $f:expr, |$h:ident| $slope:expr;)+) => {$(
        impl Unit for $unit {
            const GATES: usize = 1;
            const EXTRA: usize = 0;

            #[inline(always)]
            fn forward<N: Float, const L: usize>(
                [sum, others @ ..]: Gates<N, L>,
                _: Gates<N, L>,
                _: Lanes<N, L>,
                _: Lanes<N, L>,
            ) -> Next<N, L> {
                let h = sum.map(|$x| $f);
                let [a, b, c] = others;
                Next { gates: [h, a, b, c], extra: Lanes::ZERO, state: h }
            }

            #[inline(always)]
            fn backward<N: Float, const L: usize>(rows: &mut Rows<'_, N>, units: Group<L>) {
                let Rows { gates, state, .. } = rows;
                let slope = units.load(gates).map(|$h| $slope);
                units.store(gates, times(units.load(state), slope));
                units.store(state, Lanes::<N, L>::ZERO);
            }

            fn kind<T: Float>(back: bool) -> Kind<T> {
                T::$kind(back)
            }
        }
    )+};
}

units! {
    TanhUnit, rnn, |x| x.tanh(), |h| (-h).mul_add(h, N::ONE);
    // (A NaN is neither above 0 nor below.)
    ReluUnit, rnn_relu, |x| if x < N::ZERO { N::ZERO } else { x }, |h| if h > N::ZERO { N::ONE } else { N::ZERO };
}
