//! Normalisation of groups of neighbours: what layer, group, instance and root-mean-square normalisation share.
//!
//! x̂ = (x − μ) / √(σ² + ε) over each group, then y = x̂ · weight + bias, where every channel has its own two numbers.

use crate::ops::channels::{scale_shift, scale_shift_backward};
use crate::shape::Shape;
use crate::simd::{self, Float};
use crate::tensor::Tensor;

/// What is normalised, and how.
pub(crate) struct Normalize<'a, T> {
    /// The number of neighbours in a group.
    pub group: usize,
    /// The number of neighbours that share a weight and a bias.
    pub positions: usize,
    /// Whether the mean is subtracted. Without, σ² is the mean square.
    pub centered: bool,
    /// ε.
    pub eps: f64,
    pub weight: Option<&'a [T]>,
    pub bias: Option<&'a [T]>,
}

impl<T: Float> Normalize<'_, T> {
    /// x ← y.
    pub(crate) fn forward(&self, x: &mut [T]) {
        for group in x.chunks_exact_mut(self.group.max(1)) {
            self.standardize(group);
        }
        scale_shift(x, self.positions, self.weight, self.bias);
    }

    /// Computes y, lets `next` turn it into dy, then turns x into dx. `inverses` has room for a number a group, `grads` are
    /// those of weight and bias.
    pub(crate) fn backprop<S: Shape<Elem = T>, R>(
        &self,
        x: &mut Tensor<S>,
        inverses: &mut [T],
        [dweight, dbias]: [Option<&mut [T]>; 2],
        next: impl FnOnce(&mut Tensor<S>) -> R,
    ) -> R {
        for (group, inverse) in x.as_mut_slice().chunks_exact_mut(self.group.max(1)).zip(&mut *inverses) {
            *inverse = self.standardize(group);
        }
        let mut y = *x;
        scale_shift(y.as_mut_slice(), self.positions, self.weight, self.bias);
        let result = next(&mut y);
        scale_shift_backward(x.as_slice(), y.as_mut_slice(), self.positions, self.weight, dweight, dbias);
        let (x, dy) = (x.as_mut_slice(), y.as_slice());
        let groups = x.chunks_exact_mut(self.group.max(1)).zip(dy.chunks_exact(self.group.max(1)));
        for ((x_hat, dy), inverse) in groups.zip(inverses) {
            self.standardize_backward(x_hat, dy, *inverse);
        }
        result
    }

    /// x ← x̂ of one group; returns 1 / √(σ² + ε). Two passes: the mean of the squares less the square of the mean would cancel.
    #[inline]
    fn standardize(&self, x: &mut [T]) -> T {
        let n = T::from_usize(x.len());
        if self.centered {
            let mean = simd::sum(x) / n;
            simd::map_in_place(x, |x| x - mean);
        }
        let variance = simd::sum_squares(x) / n;
        let inverse = (variance + T::from_f64(self.eps)).rsqrt();
        simd::scale(x, inverse);
        inverse
    }

    /// dx = (dx̂ − mean(dx̂) − x̂ · mean(dx̂ · x̂)) / √(σ² + ε), written over x̂; without the first mean where none is subtracted.
    #[inline]
    fn standardize_backward(&self, x_hat: &mut [T], dx_hat: &[T], inverse: T) {
        let n = T::from_usize(x_hat.len());
        let mean = if self.centered { simd::sum(dx_hat) / n } else { T::ZERO };
        let slope = simd::dot(dx_hat, x_hat) / n;
        simd::zip_in_place(x_hat, dx_hat, |x, dx| inverse * (dx - mean - x * slope));
    }
}
