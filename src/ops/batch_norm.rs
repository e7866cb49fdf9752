//! Normalisation of each channel over a batch.

use crate::ops::channels::{blend, channel_deviations, channel_dots, channel_sums, scale_shift, subtract};
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::{Buffer, Tensor};

/// What a batch says of its channels.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct BatchStatistics<S> {
    /// μ.
    pub mean: Tensor<S>,
    /// σ², divided by the number of values (not by one less).
    pub variance: Tensor<S>,
    /// 1 / √(σ² + ε).
    pub inverse: Tensor<S>,
}

impl<S: Shape> Buffer for BatchStatistics<S> {
    const ZERO: Self = Self { mean: Tensor::zeros(), variance: Tensor::zeros(), inverse: Tensor::zeros() };
}

impl<T: Float, const C: usize> BatchStatistics<[T; C]> {
    /// x ← x̂ = (x − μ) / √(σ² + ε), with `samples` times `positions` values a channel. μ comes first, and in two parts, so that
    /// equal numbers, however large, become 0.
    pub(crate) fn standardize(x: &mut [T], samples: usize, positions: usize, eps: f64) -> Self {
        let count = samples * positions;
        let n = T::from_usize(count);
        let (mut mean, mut rest) = (Tensor::<[T; C]>::zeros(), Tensor::<[T; C]>::zeros());
        for (first, x) in mean.iter_mut().zip(x.iter().step_by(positions.max(1))) {
            *first = *x;
        }
        channel_deviations(x, positions, mean.as_slice(), rest.as_mut_slice());
        mean.axpy(n.recip(), &rest);
        rest.fill(T::ZERO);
        channel_deviations(x, positions, mean.as_slice(), rest.as_mut_slice());
        rest.map_in_place(|rest| rest / n);
        subtract(x, positions, mean.as_slice(), rest.as_slice());
        mean.axpy(T::ONE, &rest);
        let mut variance = Tensor::<[T; C]>::zeros();
        channel_dots(x, x, positions, variance.as_mut_slice());
        variance.map_in_place(|v| v / n);
        let eps = T::from_f64(eps);
        let inverse = variance.map(|v| (v + eps).rsqrt());
        scale_shift(x, positions, Some(inverse.as_slice()), None);
        Self { mean, variance, inverse }
    }

    /// Σ dy · x̂ and Σ dy.
    pub(crate) fn sums(&self, x_hat: &[T], dy: &[T], positions: usize) -> (Tensor<[T; C]>, Tensor<[T; C]>) {
        let (mut dots, mut sums) = (Tensor::<[T; C]>::zeros(), Tensor::<[T; C]>::zeros());
        channel_dots(dy, x_hat, positions, dots.as_mut_slice());
        channel_sums(dy, positions, sums.as_mut_slice());
        (dots, sums)
    }

    /// With a = weight / √(σ² + ε) and n values a channel: dx = a · (dy − Σ dy / n − x̂ · Σ dy · x̂ / n), written over x̂.
    pub(crate) fn backward(
        &self,
        x_hat: &mut [T],
        dy: &[T],
        weight: Option<&Tensor<[T; C]>>,
        [count, positions]: [usize; 2],
        dots: &Tensor<[T; C]>,
        sums: &Tensor<[T; C]>,
    ) {
        let a = weight.map_or(self.inverse, |weight| self.inverse.zip(weight, |i, w| i * w));
        let n = T::from_usize(count);
        let b = dots.zip(&a, |d, a| -a * d / n);
        let c = sums.zip(&a, |s, a| -a * s / n);
        blend(x_hat, dy, positions, [a.as_slice(), b.as_slice(), c.as_slice()]);
    }

    /// Moves running statistics towards the batch's: running ← (1 − momentum) · running + momentum · batch. The variance that
    /// is kept is the unbiased one, Σ (x − μ)² / (n − 1), as in PyTorch.
    pub(crate) fn observe(&self, count: usize, momentum: f64, mean: &mut Tensor<[T; C]>, variance: &mut Tensor<[T; C]>) {
        let (keep, take) = (T::from_f64(1.0 - momentum), T::from_f64(momentum));
        let unbiased = T::from_usize(count) / (T::from_usize(count) - T::ONE);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_become_zero() {
        for c in [0.1f32, 40000.1, 1234.5677, 1e30, 1e-30, 3e38] {
            for (samples, positions) in [(100, 1), (8, 96), (1, 768)] {
                // The second channel is another constant.
                let mut x: Vec<f32> =
                    (0..samples * 2 * positions).map(|i| if i / positions % 2 == 0 { c } else { -0.3 }).collect();
                let batch = BatchStatistics::<[f32; 2]>::standardize(&mut x, samples, positions, 1e-5);
                assert!(x.iter().all(|&x| x == 0.0), "{c}: {}", x[0]);
                assert_eq!((batch.mean, batch.variance), (Tensor([c, -0.3]), Tensor([0.0; 2])));
                let (mut mean, mut variance) = (Tensor([0.0; 2]), Tensor([1.0; 2]));
                batch.observe(samples * positions, 0.5, &mut mean, &mut variance);
                assert_eq!((mean, variance), (Tensor([c, -0.3]) * 0.5, Tensor([0.5; 2])));
            }
        }
    }

    #[test]
    fn numbers_far_from_zero_are_standardised_as_in_wider_arithmetic() {
        for (samples, positions) in [(768, 1), (8, 96)] {
            let mut x: Vec<f32> = (0..samples * 2 * positions).map(|i| 40000.1 + (i * 37 % 101) as f32 / 16.0).collect();
            let mut wide: Vec<f64> = x.iter().map(|&x| f64::from(x)).collect();
            let batch = BatchStatistics::<[f32; 2]>::standardize(&mut x, samples, positions, 1e-5);
            let exact = BatchStatistics::<[f64; 2]>::standardize(&mut wide, samples, positions, 1e-5);
            // The squares of a channel are added one after the other: 768 roundings in the variance, half of that in x̂.
            let worst = x.iter().zip(wide).fold(0.0, |worst, (&a, b)| f64::max(worst, (f64::from(a) - b).abs()));
            assert!(worst < 768.0 * f64::from(f32::EPSILON) / 4.0, "{worst:e}");
            assert_eq!(batch.mean, exact.mean.map_to(|m| m as f32));
        }
    }
}
