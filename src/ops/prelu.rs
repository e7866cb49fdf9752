//! PReLU: the slope below 0 is learned, one for all numbers or one for each channel.
//!
//! The numbers are rows of channels, each channel `inner` neighbours. Where that is one neighbour, a row of weights goes along
//! with each row; else one weight goes along with each channel's run.

use crate::simd::positive;
use crate::simd::{self, Float};

/// y = x where x > 0, weight · x elsewhere, written over `x`.
///
/// x: `…×N×inner`, weight: `N`.
#[inline]
pub fn prelu<T: Float>(x: &mut [T], weight: &[T], inner: usize) {
    let f = |x: T, weight: T| if x > T::ZERO { x } else { weight * x };
    if inner == 1 {
        for x in x.chunks_exact_mut(weight.len().max(1)) {
            simd::zip_in_place(x, weight, f);
        }
    } else {
        for (x, &weight) in x.chunks_exact_mut(inner.max(1)).zip(weight.iter().cycle()) {
            simd::map_in_place(x, |x| f(x, weight));
        }
    }
}

/// dx = dy where x > 0, weight · dy elsewhere, written over `x`; and what each element adds to its weight's gradient, 0 where
/// x > 0, dy · x elsewhere, written over `dy`.
#[inline]
pub fn prelu_backward<T: Float>(x: &mut [T], weight: &[T], inner: usize, dy: &mut [T]) {
    let f = |x: &mut T, dy: &mut T, weight: T| {
        (*x, *dy) = if *x > T::ZERO { (*dy, T::ZERO) } else { (weight * *dy, *dy * *x) };
    };
    if inner == 1 {
        let row = weight.len().max(1);
        for (x, dy) in x.chunks_exact_mut(positive(row)).zip(dy.chunks_exact_mut(positive(row))) {
            x.iter_mut().zip(dy).zip(weight).for_each(|((x, dy), &weight)| f(x, dy, weight));
        }
    } else {
        let runs = x.chunks_exact_mut(inner.max(1)).zip(dy.chunks_exact_mut(inner.max(1)));
        for ((x, dy), &weight) in runs.zip(weight.iter().cycle()) {
            x.iter_mut().zip(dy).for_each(|(x, dy)| f(x, dy, weight));
        }
    }
}

/// As [`prelu_backward`] where nobody reads dx.
#[inline]
pub fn prelu_backward_params<T: Float>(x: &[T], dy: &mut [T]) {
    simd::zip_in_place(dy, x, |dy, x| if x > T::ZERO { T::ZERO } else { dy * x });
}

/// Adds to each weight's gradient what the backward pass left of it in `dy`.
#[inline]
pub fn prelu_sum<T: Float>(dy: &[T], inner: usize, dweight: &mut [T]) {
    if inner == 1 {
        simd::sum_rows(dy, dweight);
        return;
    }
    for dy in dy.chunks_exact((inner * dweight.len()).max(1)) {
        for (dweight, dy) in dweight.iter_mut().zip(dy.chunks_exact(inner.max(1))) {
            *dweight += simd::sum(dy);
        }
    }
}
