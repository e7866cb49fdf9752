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
//! - **Reproducibility.** A reduction's order depends on nothing but the length, so a run repeats bit for bit. Between
//!   targets bits may differ: [`Float::mul_add`] rounds once where the target has a fused instruction, twice elsewhere.
//! - **Transcendentals.** [`Float::exp`], [`Float::exp_m1`], [`Float::tanh`] and [`Float::sigmoid`] are polynomials without
//!   branches, which the compiler vectorises in a loop, and are the same with and without `std`. The rest
//!   (`ln`, `sin`, `powf`, …) call `std`, or `libm` where there is none.

pub(crate) mod conv;
mod exp;
mod float;
mod gemm;
mod lanes;
mod map;
mod reduce;
mod sets;

pub use float::Float;
pub use gemm::{gemm_nn, gemm_nt, gemm_tn};
pub use map::{add_assign, add_row, axpy, copy, exp, fill, map, map_in_place, repeat, scale, tanh, zip, zip_in_place};
pub use reduce::{argmax, dot, max, mean, mean_parts, min, norm, sum, sum_of, sum_rows, sum_squares};
pub(crate) use reduce::{finite_or_zero, near_mean, root, root_of_squares, squares_in_units};
pub use sets::Instructions;
pub(crate) use sets::{Kernel, Same, dispatch};

/// A length that the compiler sees is not zero, so that cutting a slice by it, or dividing by it, needs no check that could fail.
#[inline(always)]
pub(crate) const fn positive(n: usize) -> usize {
    if n == 0 { 1 } else { n }
}
