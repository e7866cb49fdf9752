//! Pointwise: one matrix product a group, on the data as they lie.

use super::{Convolution, groups_in, groups_of_weight, groups_out};
use crate::simd::{self, Cut, Float};

/// y += w · x.
pub fn pointwise<T: Float>(s: &Convolution, x: &[T], weight: &[T], y: &mut [T]) {
    let (rows, depth, pixels) = (s.group_out(), s.group_in(), s.window.output_len());
    let weights = groups_of_weight(s, weight).cycle();
    for ((x, y), weight) in groups_in(s, x).zip(y.runs_mut(rows * pixels)).zip(weights) {
        simd::gemm_nn(rows, depth, pixels, weight, x, y);
    }
}

/// dx += wᵀ · dy.
pub fn pointwise_backward_input<T: Float>(s: &Convolution, weight: &[T], dy: &[T], dx: &mut [T]) {
    let (rows, depth, pixels) = (s.group_out(), s.group_in(), s.window.output_len());
    let weights = groups_of_weight(s, weight).cycle();
    for ((dx, dy), weight) in dx.runs_mut(depth * pixels).zip(groups_out(s, dy)).zip(weights) {
        simd::gemm_tn(depth, rows, pixels, weight, dy, dx);
    }
}

/// dw += dy · xᵀ.
pub fn pointwise_backward_weight<T: Float>(s: &Convolution, x: &[T], dy: &[T], dweight: &mut [T]) {
    let (rows, depth, pixels) = (s.group_out(), s.group_in(), s.window.output_len());
    for (x, dy) in x.runs(s.sample_in()).zip(dy.runs(s.sample_out())) {
        for ((x, dy), dweight) in groups_in(s, x).zip(groups_out(s, dy)).zip(dweight.runs_mut(rows * depth)) {
            simd::gemm_nt(rows, pixels, depth, dy, x, dweight);
        }
    }
}
