//! Elman's recurrent unit, which is one gate.

use super::row::{BackRow, Row, Units, each, load, store, zip};
use super::{Backward, Forward, Unit};
use crate::simd::Float;

/// The unit of a [`Rnn`](crate::nn::Rnn): h′ = tanh of the sum.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TanhUnit;

/// The unit of a [`Rnn`](crate::nn::Rnn) with the option `Relu`: h′ = the sum, if it is above 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReluUnit;

/// h′ = f of the sum, whose derivative is `slope` of h′.
macro_rules! units {
    ($($unit:ident, $forward:ident, $backward:ident, |$x:ident| $f:expr, |$h:ident| $slope:expr;)+) => {$(
        impl Unit for $unit {
            const GATES: usize = 1;
            const EXTRA: usize = 0;

            #[inline(always)]
            fn forward<N: Float>(Row { hidden, gates, state, .. }: Row<'_, N>) {
                each(hidden, |at, count| {
                    let h = load(gates, at, count).map(|$x| $f);
                    store(h, gates, at, count);
                    store(h, state, at, count);
                });
            }

            #[inline(always)]
            fn backward<N: Float>(BackRow { hidden, gates, d_state, .. }: BackRow<'_, N>) {
                each(hidden, |at, count| {
                    let slope = load(gates, at, count).map(|$h| $slope);
                    store(zip(load(d_state, at, count), &slope, |dh, slope| dh * slope), gates, at, count);
                    store(Units::ZERO, d_state, at, count);
                });
            }

            fn run_forward<T: Float>(job: Forward<'_, T, Self>) {
                T::$forward(job);
            }

            fn run_backward<T: Float>(job: Backward<'_, T, Self>) {
                T::$backward(job);
            }
        }
    )+};
}

units! {
    TanhUnit, rnn, rnn_back, |x| x.tanh(), |h| (-h).mul_add(h, N::ONE);
    // (A NaN is neither above 0 nor below.)
    ReluUnit, rnn_relu, rnn_relu_back, |x| if x < N::ZERO { N::ZERO } else { x }, |h| if h > N::ZERO { N::ONE } else { N::ZERO };
}
