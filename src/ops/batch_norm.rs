//! Normalisation of each channel over a batch.

use crate::ops::channels::{blend, channel_dots, channel_sums, scale_shift};
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::Tensor;

/// What a batch says of its channels.
pub(crate) struct BatchStatistics<S> {
    /// μ.
    pub mean: Tensor<S>,
    /// σ², divided by the number of values (not by one less).
    pub variance: Tensor<S>,
    /// 1 / √(σ² + ε).
    pub inverse: Tensor<S>,
    /// The number of values a channel.
    count: usize,
    positions: usize,
}

impl<T: Float, const C: usize> BatchStatistics<[T; C]> {
    /// x ← x̂ = (x − μ) / √(σ² + ε), with `samples` times `positions` values a channel. Two passes, as everywhere.
    pub(crate) fn standardize(x: &mut [T], samples: usize, positions: usize, eps: f64) -> Self {
        let count = samples * positions;
        let n = T::from_usize(count);
        let mut mean = Tensor::<[T; C]>::zeros();
        channel_sums(x, positions, mean.as_mut_slice());
        mean.map_in_place(|m| m / n);
        scale_shift(x, positions, None, Some(mean.map(|m| -m).as_slice()));
        let mut variance = Tensor::<[T; C]>::zeros();
        channel_dots(x, x, positions, variance.as_mut_slice());
        variance.map_in_place(|v| v / n);
        let eps = T::from_f64(eps);
        let inverse = variance.map(|v| (v + eps).rsqrt());
        scale_shift(x, positions, Some(inverse.as_slice()), None);
        Self { mean, variance, inverse, count, positions }
    }

    /// With a = weight / √(σ² + ε) and n values a channel: dx = a · (dy − Σ dy / n − x̂ · Σ dy · x̂ / n), written over x̂;
    /// dweight += Σ dy · x̂, dbias += Σ dy.
    pub(crate) fn backward(
        &self,
        x_hat: &mut [T],
        dy: &[T],
        weight: Option<&Tensor<[T; C]>>,
        dweight: Option<&mut Tensor<[T; C]>>,
        dbias: Option<&mut Tensor<[T; C]>>,
    ) {
        let (mut dots, mut sums) = (Tensor::<[T; C]>::zeros(), Tensor::<[T; C]>::zeros());
        channel_dots(dy, x_hat, self.positions, dots.as_mut_slice());
        channel_sums(dy, self.positions, sums.as_mut_slice());
        if let Some(dweight) = dweight {
            dweight.axpy(T::ONE, &dots);
        }
        if let Some(dbias) = dbias {
            dbias.axpy(T::ONE, &sums);
        }
        let a = weight.map_or(self.inverse, |weight| self.inverse.zip(weight, |i, w| i * w));
        let n = T::from_usize(self.count);
        let b = dots.zip(&a, |d, a| -a * d / n);
        let c = sums.zip(&a, |s, a| -a * s / n);
        blend(x_hat, dy, self.positions, [a.as_slice(), b.as_slice(), c.as_slice()]);
    }

    /// Moves running statistics towards the batch's: running ← (1 − momentum) · running + momentum · batch. The variance that
    /// is kept is the unbiased one, Σ (x − μ)² / (n − 1), as in PyTorch.
    pub(crate) fn observe(&self, momentum: f64, mean: &mut Tensor<[T; C]>, variance: &mut Tensor<[T; C]>) {
        let (keep, take) = (T::from_f64(1.0 - momentum), T::from_f64(momentum));
        let unbiased = T::from_usize(self.count) / (T::from_usize(self.count) - T::ONE);
        mean.zip_in_place(&self.mean, |running, batch| keep * running + take * batch);
        variance.zip_in_place(&self.variance, |running, batch| keep * running + take * (unbiased * batch));
    }
}

/// The two numbers that normalise each channel by given statistics: scale = weight / √(σ² + ε), shift = bias − μ · scale.
pub(crate) fn scale_shift_of<S: Shape<Elem = T>, T: Float>(
    mean: &Tensor<S>,
    variance: &Tensor<S>,
    eps: f64,
    weight: Option<&Tensor<S>>,
    bias: Option<&Tensor<S>>,
) -> (Tensor<S>, Tensor<S>) {
    let eps = T::from_f64(eps);
    let mut scale = variance.map(|v| (v + eps).rsqrt());
    if let Some(weight) = weight {
        scale.zip_in_place(weight, |s, w| s * w);
    }
    let mut shift = mean.zip(&scale, |m, s| -m * s);
    if let Some(bias) = bias {
        shift.axpy(T::ONE, bias);
    }
    (scale, shift)
}
