//! Random tensors.

use rand::Rng;
use rand::distr::{Distribution, StandardUniform};
use rand_distr::StandardNormal;

use super::Tensor;
use crate::shape::Shape;
use crate::simd::Float;
use crate::stack::by_value;

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

/// x / 2.
fn half_of<T: Float>(x: T) -> T {
    x * T::from_f64(0.5)
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
    #[doc(alias = "normal_")]
    pub fn randn<R: Rng + ?Sized>(rng: &mut R) -> Self {
        const { by_value::<Self>("`randn`", "`let mut x = Tensor::boxed(); x.fill_normal(0.0, 1.0, rng);`") };
        let mut t = Self::zeros();
        t.fill_normal(T::ZERO, T::ONE, rng);
        t
    }

    /// Independent numbers, uniform in [`low`, `high`): `high` is not among them, and the largest range, from `T`'s smallest number
    /// to its largest, is one. `low` itself where both are equal.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let x = Tensor::<[f32; 100]>::uniform(-1.0, 1.0, &mut SmallRng::seed_from_u64(0));
    /// assert!(x.iter().all(|x| (-1.0..1.0).contains(x)));
    /// ```
    #[doc(alias("rand", "uniform_"))]
    pub fn uniform<R: Rng + ?Sized>(low: T, high: T, rng: &mut R) -> Self {
        const { by_value::<Self>("`uniform`", "`let mut x = Tensor::boxed(); x.fill_uniform(low, high, rng);`") };
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

    /// Sets each element to a number uniform in [`low`, `high`), as [`uniform`](Self::uniform).
    pub fn fill_uniform<R: Rng + ?Sized>(&mut self, low: T, high: T, rng: &mut R) {
        // A sum may round to `high`.
        let last = if low < high { high.next_down() } else { T::INFINITY };
        let below = |x: T| if x > last { last } else { x };
        let width = high - low;
        if width.is_finite() {
            return self.map_in_place(|_| below(low + width * unit(rng)));
        }
        // Half of a range is finite where the whole is not.
        let half = half_of(high) - half_of(low);
        self.map_in_place(|_| {
            let step = half * unit(rng);
            below(low + step + step)
        });
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

    /// A generator whose every number is the largest: the draw nearest to `high`.
    struct Largest;

    impl rand::TryRng for Largest {
        type Error = core::convert::Infallible;

        fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
            Ok(u32::MAX)
        }

        fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
            Ok(u64::MAX)
        }

        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
            bytes.fill(u8::MAX);
            Ok(())
        }
    }

    fn half_open<T: Float>(ranges: &[(T, T)])
    where
        [T; 100]: Shape<Elem = T>,
    {
        let rng = &mut SmallRng::seed_from_u64(2);
        for &(low, high) in ranges {
            let (x, largest) =
                (Tensor::<[T; 100]>::uniform(low, high, rng), Tensor::<[T; 100]>::uniform(low, high, &mut Largest));
            assert!(x.iter().chain(&largest).all(|&x| low <= x && x < high && x.is_finite()), "{low:e}, {high:e}");
        }
    }

    #[test]
    fn no_range_reaches_its_end() {
        let next = 1.0f32.next_up();
        let tiny = f32::from_bits(1);
        half_open(&[(1000.0f32, 1001.0), (1.0, next), (-next, -1.0), (0.0, tiny), (-tiny, 0.0), (-1e30, 1e-30)]);
        half_open(&[
            (f32::MIN, f32::MAX),
            (f32::MIN, 0.0),
            (0.0, f32::MAX),
            (f32::MAX.next_down(), f32::MAX),
            (-1e30, f32::MAX),
        ]);
        half_open(&[(1e15f64, 1e15 + 1.0), (1.0, 1.0f64.next_up()), (f64::MIN, f64::MAX), (-1.0, 0.0)]);
        assert_eq!(Tensor::<[f32; 2]>::uniform(3.0, 3.0, &mut Largest), Tensor([3.0; 2]));
        // All of the largest range is reached.
        let x = Tensor::<[f32; 1000]>::uniform(f32::MIN, f32::MAX, &mut SmallRng::seed_from_u64(3));
        let (low, high) = (x.iter().filter(|&&x| x < -1e38).count(), x.iter().filter(|&&x| x > 1e38).count());
        assert!((300..400).contains(&low) && (300..400).contains(&high), "{low} {high}");
    }

    #[test]
    fn a_seed_gives_the_same_numbers() {
        let draw = || Tensor::<[f32; 8]>::randn(&mut SmallRng::seed_from_u64(7));
        assert_eq!(draw(), draw());
    }
}
