//! Recurrent layers over time: what a layer computes in one direction once the inputs' part of its gates is there, and the way back.
//!
//! Everything lies in the order of time: the numbers of all samples at step 0, then those at step 1. At each step the state's part of all
//! gates is one product, and the products before and after (of the inputs, and of the weights' gradients) are one over all steps.
//!
//! The way through the steps is code for the target, and what it leads to are kernels: the crate's products, and the gates of a step between
//! them. In `f64`, in which gradients are checked, the latter are the target's, too.
//!
//! A [`Unit`] is the gates' mathematics. Its functions work on some units of one sample at one step.

mod gru;
mod lstm;
mod one_step;
mod rnn;
mod row;
mod steps;

pub use gru::GruUnit;
pub use lstm::LstmUnit;
pub use one_step::{IN_MEMORY, OneStep};
pub use rnn::{ReluUnit, TanhUnit};
pub use row::{Gates, Group, Next, Rows};
pub use steps::{Backward, Forward, Kind, Sizes};

use super::Float;
use super::gemm::{DOUBLES, lanes};
use super::lanes::Lanes;
use super::sets::Dispatch;

/// The gates' mathematics: what becomes of the sums of products, for some units of one sample at one step.
pub trait Unit: Copy + PartialEq + core::fmt::Debug + Send + Sync + 'static {
    /// The gates: each a sum of products of the input and of the state.
    const GATES: usize;
    /// What is kept of a step beside its gates and its state, in numbers a unit.
    const EXTRA: usize;
    /// Whether that is a second state, which goes on from step to step.
    const CELL: bool = false;
    /// Whether the last gate is more than the sum of the input's and the state's part: then they come apart.
    const APART: bool = false;

    /// From sums to gates, and from these and the state before to the next one.
    ///
    /// Where its parts come apart, the last gate's sum is the input's, and `products` has the state's at the same place.
    fn forward<N: Float, const L: usize>(
        sums: Gates<N, L>,
        products: Gates<N, L>,
        state: Lanes<N, L>,
        cell: Lanes<N, L>,
    ) -> Next<N, L>;

    /// From the gradient of the next state to that of the sums, and to what of it the state before has by itself.
    fn backward<N: Float, const L: usize>(rows: &mut Rows<'_, N>, units: Group<L>);

    /// This one's mathematics in code of this crate, for the machine's instructions: forward, and back.
    fn kind<T: Float>(back: bool) -> Kind<T>;
}

/// Of each unit the ways behind [`Float`], compiled in this crate, once for all sizes. Private, as the products are.
macro_rules! kernels {
    ($($unit:ident $kind:ident;)+) => {
        /// The kernels behind [`Float`].
        pub trait Recurs: Dispatch {
            /// How many units a vector has room for.
            const UNITS: usize;

            /// Goes over all steps.
            fn steps(job: Forward<'_, Self>, kind: Kind<Self>);
            /// Goes back over them.
            fn steps_back(job: Backward<'_, Self>, kind: Kind<Self>);

            $(
                /// A unit's mathematics, forward or back.
                fn $kind(back: bool) -> Kind<Self>;
            )+
        }

        impl_kernels! { f32, lanes::<f32>(), #[inline(never)] $($unit $kind;)+ }
        impl_kernels! { f64, DOUBLES, #[inline(never)] $($unit $kind;)+ }

        #[cfg(all(feature = "std", target_arch = "x86_64"))]
        mod on {
            use super::*;
            use crate::simd::sets::{Avx2, Avx512, On};

            impl_kernels! { On<f32, Avx2>, 8, #[inline(always)] $($unit $kind;)+ }
            impl_kernels! { On<f64, Avx2>, 4, #[inline(always)] $($unit $kind;)+ }
            impl_kernels! { On<f32, Avx512>, 16, #[inline(always)] $($unit $kind;)+ }
        }
    };
}

macro_rules! impl_kernels {
    ($float:ty, $units:expr, #[$inline:meta] $($unit:ident $kind:ident;)+) => {
        impl Recurs for $float {
            const UNITS: usize = $units;

            #[$inline]
            fn steps(job: Forward<'_, Self>, kind: Kind<Self>) {
                job.compute(kind);
            }
            #[$inline]
            fn steps_back(job: Backward<'_, Self>, kind: Kind<Self>) {
                job.compute(kind);
            }
            $(
                #[$inline]
                fn $kind(back: bool) -> Kind<Self> {
                    if back { Kind::of::<$unit, true>() } else { Kind::of::<$unit, false>() }
                }
            )+
        }
    };
}

kernels! {
    TanhUnit rnn;
    ReluUnit rnn_relu;
    LstmUnit lstm;
    GruUnit gru;
}
