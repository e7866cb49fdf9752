//! The functions of a number, by its type. Each takes a set of instructions, [`MulAdd`](super::sets::MulAdd).

macro_rules! functions {
    ($float:ident) => {
        pub mod $float {
            pub use super::super::erf::$float::{erf, normal_tail};
            pub use super::super::exp::$float::{exp, exp_enlarged, exp_m1, sigmoid, tanh};
            pub use super::super::ln::$float::{ln, ln_1p};
            pub use super::super::trig::$float::{cos, cos_near, is_near, sin, sin_near};
        }
    };
}
functions!(single);
functions!(double);
