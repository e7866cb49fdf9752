//! Numbers and slices: element-wise loops, reductions and matrix products. This room knows no tensor.
//!
//! # Conventions
//!
//! - **Matrices** are row-major slices without gaps; `m×k` has `m` rows of `k` numbers. Products *accumulate*, `C += …`,
//!   so a bias or an earlier gradient is simply what `c` holds beforehand.
//! - **Lengths.** Nothing here panics or reads outside a slice. Slices of unequal lengths are worked on over their common
//!   prefix. The matrix products, whose sizes are arguments, ask for slices at least that long; they debug-assert it, and
//!   in release leave `c` as it was.
//! - **NaN** propagates everywhere, through [`max`], [`min`] and [`argmax`] too, as in PyTorch.
//! - **Reproducibility.** The order of a sum depends on nothing but its sizes, so a run repeats bit for bit, and machines with vectors
//!   differ by fused multiply-adds alone: [`Float::mul_add`] rounds once where there is an instruction for it, twice elsewhere. A sum
//!   that is too small to be worth a choice of [`Instructions`] is computed with the target's, so that one sample and a batch of it may
//!   differ in their last bits. With the feature `exact` nothing is fused: the same bits everywhere.
//! - **Transcendentals.** [`Float::exp`], [`Float::ln`], [`Float::tanh`], [`Float::erf`] and their like are polynomials without
//!   branches, which the compiler vectorises in a loop, and are the same with and without `std`. [`Float::sin`] and [`Float::cos`]
//!   are, too, but for a branch to where x is large, which a loop avoids by asking [`Float::is_near`] of many numbers first. `powf`
//!   calls `std`, or `libm` where there is none.

pub(crate) mod attention;
pub(crate) mod conv;
mod erf;
mod exp;
mod float;
mod functions;
pub(crate) mod gemm;
mod lanes;
mod ln;
mod map;
mod polynomial;
pub(crate) mod recurrent;
mod reduce;
#[cfg(test)]
mod references;
pub(crate) mod rows;
mod runs;
mod sets;
mod square_root;
#[cfg(test)]
mod testing;
mod transpose;
mod trig;
mod turn;

pub use float::Float;
pub use gemm::{gemm_nn, gemm_nt, gemm_tn};
pub(crate) use gemm::{gemm_strided, product};
pub use map::{add_assign, add_row, axpy, copy, exp, fill, map, map_in_place, repeat, scale, tanh, zip, zip_in_place};
pub use reduce::{argmax, dot, max, mean, mean_parts, min, norm, sum, sum_of, sum_rows, sum_squares};
pub(crate) use reduce::{deviations, finite_or_zero, first_part, near_mean, root, root_of_squares, squares_in_units};
pub(crate) use runs::Cut;
pub use sets::Instructions;
pub(crate) use sets::{Kernel, SMALL, Same, dispatch};
pub(crate) use transpose::{add_transposed, transpose};

/// A length that the compiler sees is not zero, so that cutting a slice by it, or dividing by it, needs no check that could fail.
#[inline(always)]
pub(crate) const fn positive(n: usize) -> usize {
    if n == 0 { 1 } else { n }
}
