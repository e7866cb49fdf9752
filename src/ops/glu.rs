//! The gated linear unit: one half of an axis gates the other.

use crate::ops::activation::sigmoid_pair;
use crate::shape::Axis;
use crate::simd::Float;
use crate::simd::positive;
use crate::tensor::Tensor;

/// y = a · σ(b), where a is the first half of `x` along axis `D` and b the second.
///
/// x: `…×2N×…`, y: `…×N×…`.
#[inline]
pub fn glu<S: Axis<D, Elem: Float>, const D: isize, const N: usize>(x: &Tensor<S>, y: &mut Tensor<S::With<N>>) {
    let half = (N * S::INNER).max(1);
    for (x, y) in x.as_slice().chunks_exact(positive(2 * half)).zip(y.as_mut_slice().chunks_exact_mut(positive(half))) {
        let (a, b) = x.split_at(half);
        for ((y, &a), &b) in y.iter_mut().zip(a).zip(b) {
            *y = a * sigmoid_pair(b).0;
        }
    }
}

/// As [`glu`], and the derivatives over `x`: dy/da = σ(b), dy/db = a · σ(b) · (1 − σ(b)).
#[inline]
pub fn glu_with_derivative<S: Axis<D, Elem: Float>, const D: isize, const N: usize>(
    x: &mut Tensor<S>,
    y: &mut Tensor<S::With<N>>,
) {
    let half = (N * S::INNER).max(1);
    for (x, y) in x.as_mut_slice().chunks_exact_mut(positive(2 * half)).zip(y.as_mut_slice().chunks_exact_mut(positive(half))) {
        let (a, b) = x.split_at_mut(half);
        for ((y, a), b) in y.iter_mut().zip(a).zip(b) {
            let (gate, complement) = sigmoid_pair(*b);
            *y = *a * gate;
            *b = *y * complement;
            *a = gate;
        }
    }
}

/// da = dy · dy/da and db = dy · dy/db, written over the derivatives in `x`.
#[inline]
pub fn glu_backward<S: Axis<D, Elem: Float>, const D: isize, const N: usize>(x: &mut Tensor<S>, dy: &Tensor<S::With<N>>) {
    let half = (N * S::INNER).max(1);
    for (x, dy) in x.as_mut_slice().chunks_exact_mut(positive(2 * half)).zip(dy.as_slice().chunks_exact(positive(half))) {
        let (a, b) = x.split_at_mut(half);
        for ((a, b), &dy) in a.iter_mut().zip(b).zip(dy) {
            *a *= dy;
            *b *= dy;
        }
    }
}
