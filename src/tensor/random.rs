//! Random tensors.

use rand::Rng;
use rand::distr::{Distribution, StandardUniform};
use rand_distr::StandardNormal;

use super::Tensor;
use crate::shape::Shape;
use crate::simd::Float;

/// A number uniform in [0, 1). Drawn in `T`'s own precision: a rounded `f64` could give 1.
#[inline]
fn unit<T: Float, R: Rng + ?Sized>(rng: &mut R) -> T {
    if size_of::<T>() == size_of::<f32>() {
        let x: f32 = StandardUniform.sample(rng);
        T::from_f64(f64::from(x))
    } else {
        T::from_f64(StandardUniform.sample(rng))
    }
}

impl<S: Shape<Elem = T>, T: Float> Tensor<S> {
    /// Independent numbers of the standard normal distribution, as
    /// [`torch.randn`](https://docs.pytorch.org/docs/stable/generated/torch.randn.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let mut rng = SmallRng::seed_from_u64(0);
    /// let x = Tensor::<[[f32; 100]; 100]>::randn(&mut rng);
    /// assert!(x.mean().abs() < 0.05 && (x.var() - 1.0).abs() < 0.05);
    /// ```
    pub fn randn<R: Rng + ?Sized>(rng: &mut R) -> Self {
        let mut t = Self::zeros();
        t.fill_normal(T::ZERO, T::ONE, rng);
        t
    }

    /// Independent numbers, uniform in [`low`, `high`).
    pub fn uniform<R: Rng + ?Sized>(low: T, high: T, rng: &mut R) -> Self {
        let mut t = Self::zeros();
        t.fill_uniform(low, high, rng);
        t
    }

    /// Sets each element to a number of the normal distribution with this mean and standard deviation.
    pub fn fill_normal<R: Rng + ?Sized>(&mut self, mean: T, std: T, rng: &mut R) {
        self.map_in_place(|_| {
            let z: f64 = StandardNormal.sample(rng);
            mean + std * T::from_f64(z)
        });
    }

    /// Sets each element to a number uniform in [`low`, `high`).
    pub fn fill_uniform<R: Rng + ?Sized>(&mut self, low: T, high: T, rng: &mut R) {
        self.map_in_place(|_| low + (high - low) * unit(rng));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{SeedableRng, rngs::SmallRng};

    #[test]
    fn uniform_stays_in_its_range() {
        let rng = &mut SmallRng::seed_from_u64(1);
        let x = Tensor::<[f32; 1000]>::uniform(-2.0, 3.0, rng);
        assert!(x.iter().all(|&x| (-2.0..3.0).contains(&x)));

        let y = Tensor::<[f64; 1000]>::uniform(0.0, 1.0, rng);
        assert!(y.iter().any(|&y| f64::from(y as f32) != y), "f64 draws have f64's precision");
    }

    #[test]
    fn a_seed_gives_the_same_numbers() {
        let draw = || Tensor::<[f32; 8]>::randn(&mut SmallRng::seed_from_u64(7));
        assert_eq!(draw(), draw());
    }
}
