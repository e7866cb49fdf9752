//! Fill one tensor: a constant, or independent draws whose spread follows from the shape.

use rand::Rng;

use super::{Fan, Fans};
use crate::shape::{Element, Shape};
use crate::simd::Float;
use crate::tensor::Tensor;

/// Every element `value`.
#[doc(alias = "constant_")]
pub fn constant<S: Shape<Elem = T>, T: Element>(tensor: &mut Tensor<S>, value: T) {
    tensor.fill(value);
}

/// Every element 0.
#[doc(alias = "zeros_")]
pub fn zeros<S: Shape<Elem: Float>>(tensor: &mut Tensor<S>) {
    tensor.fill(Float::ZERO);
}

/// Every element 1.
#[doc(alias = "ones_")]
pub fn ones<S: Shape<Elem: Float>>(tensor: &mut Tensor<S>) {
    tensor.fill(Float::ONE);
}

/// 1 on the diagonal, 0 elsewhere: a layer that hands on as many inputs as there are outputs for.
///
/// ```
/// use adamant::{init, prelude::*};
/// let mut layer = Linear::<3, 2, NoBias>::init(&mut SmallRng::seed_from_u64(0));
/// init::eye(&mut layer.weight);
/// assert_eq!(layer.forward(&Tensor([1.0, 2.0, 3.0])), Tensor([1.0, 2.0]));
/// ```
#[doc(alias = "eye_")]
pub fn eye<T: Float, const R: usize, const C: usize>(tensor: &mut Tensor<[[T; C]; R]>) {
    for (i, row) in tensor.0.iter_mut().enumerate() {
        for (j, x) in row.iter_mut().enumerate() {
            *x = if i == j { T::ONE } else { T::ZERO };
        }
    }
}

/// Uniform in [`low`, `high`).
#[doc(alias = "uniform_")]
pub fn uniform<S: Shape<Elem = T>, T: Float, R: Rng + ?Sized>(tensor: &mut Tensor<S>, low: T, high: T, rng: &mut R) {
    tensor.fill_uniform(low, high, rng);
}

/// Normal with this mean and standard deviation.
#[doc(alias = "normal_")]
pub fn normal<S: Shape<Elem = T>, T: Float, R: Rng + ?Sized>(tensor: &mut Tensor<S>, mean: T, std: T, rng: &mut R) {
    tensor.fill_normal(mean, std, rng);
}

/// Uniform in ±gain · √(3 / fan), whose standard deviation is gain / √fan.
///
/// With `leaky_relu(√5)` it is what PyTorch's (and adamant's) linear and convolutional layers start with. He et al.,
/// [Delving deep into rectifiers](https://arxiv.org/abs/1502.01852), 2015;
/// [`torch.nn.init.kaiming_uniform_`](https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.kaiming_uniform_).
///
/// ```
/// use adamant::init::{Fan, gain, kaiming_uniform};
/// use adamant::prelude::*;
/// let rng = &mut SmallRng::seed_from_u64(0);
/// let mut layer = Linear::<50, 20>::init(rng);
/// kaiming_uniform(&mut layer.weight, Fan::In, gain::relu(), rng);
/// let bound = (6.0f32 / 50.0).sqrt();
/// assert!(layer.weight.iter().all(|w| w.abs() <= bound));
/// ```
/// ```compile_fail
/// # use adamant::init::{Fan, gain, kaiming_uniform};
/// # use adamant::prelude::*;
/// let mut bias = Tensor([0.0f32; 20]); // has no fan in
/// kaiming_uniform(&mut bias, Fan::In, gain::relu(), &mut SmallRng::seed_from_u64(0));
/// ```
#[doc(alias("kaiming_uniform_", "he_uniform"))]
pub fn kaiming_uniform<S, R>(tensor: &mut Tensor<S>, fan: Fan, gain: f64, rng: &mut R)
where
    S: Fans<Elem: Float>,
    R: Rng + ?Sized,
{
    uniform_with_std(tensor, gain * kaiming_std(fan.of::<S>()), rng);
}

/// Normal with mean 0 and standard deviation gain / √fan.
///
/// He et al., [Delving deep into rectifiers](https://arxiv.org/abs/1502.01852), 2015;
/// [`torch.nn.init.kaiming_normal_`](https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.kaiming_normal_).
#[doc(alias("kaiming_normal_", "he_normal"))]
pub fn kaiming_normal<S, R>(tensor: &mut Tensor<S>, fan: Fan, gain: f64, rng: &mut R)
where
    S: Fans<Elem: Float>,
    R: Rng + ?Sized,
{
    normal_with_std(tensor, gain * kaiming_std(fan.of::<S>()), rng);
}

/// Uniform in ±gain · √(6 / (fan in + fan out)).
///
/// Glorot and Bengio, [Understanding the difficulty of training deep feedforward neural
/// networks](https://proceedings.mlr.press/v9/glorot10a.html), 2010;
/// [`torch.nn.init.xavier_uniform_`](https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.xavier_uniform_).
///
/// ```
/// use adamant::init::{gain, xavier_uniform};
/// use adamant::prelude::*;
/// let rng = &mut SmallRng::seed_from_u64(0);
/// let mut layer = Linear::<50, 20>::init(rng);
/// xavier_uniform(&mut layer.weight, gain::tanh(), rng);
/// ```
#[doc(alias("xavier_uniform_", "glorot_uniform"))]
pub fn xavier_uniform<S, R>(tensor: &mut Tensor<S>, gain: f64, rng: &mut R)
where
    S: Fans<Elem: Float>,
    R: Rng + ?Sized,
{
    uniform_with_std(tensor, gain * xavier_std::<S>(), rng);
}

/// Normal with mean 0 and standard deviation gain · √(2 / (fan in + fan out)).
///
/// Glorot and Bengio, [Understanding the difficulty of training deep feedforward neural
/// networks](https://proceedings.mlr.press/v9/glorot10a.html), 2010;
/// [`torch.nn.init.xavier_normal_`](https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.xavier_normal_).
#[doc(alias("xavier_normal_", "glorot_normal"))]
pub fn xavier_normal<S, R>(tensor: &mut Tensor<S>, gain: f64, rng: &mut R)
where
    S: Fans<Elem: Float>,
    R: Rng + ?Sized,
{
    normal_with_std(tensor, gain * xavier_std::<S>(), rng);
}

/// 1 / √fan. It is infinite only where the tensor has no element.
fn kaiming_std(fan: usize) -> f64 {
    Float::rsqrt(f64::from_usize(fan))
}

/// √(2 / (fan in + fan out)).
fn xavier_std<S: Fans>() -> f64 {
    Float::sqrt(2.0 / f64::from_usize(S::FAN_IN + S::FAN_OUT))
}

/// Uniform around 0: the standard deviation of ±b is b / √3.
fn uniform_with_std<S: Shape<Elem: Float>, R: Rng + ?Sized>(tensor: &mut Tensor<S>, std: f64, rng: &mut R) {
    let bound: S::Elem = Float::from_f64(std * <f64 as Float>::sqrt(3.0));
    tensor.fill_uniform(-bound, bound, rng);
}

/// Normal around 0.
fn normal_with_std<S: Shape<Elem: Float>, R: Rng + ?Sized>(tensor: &mut Tensor<S>, std: f64, rng: &mut R) {
    tensor.fill_normal(Float::ZERO, Float::from_f64(std), rng);
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    use super::super::gain;
    use super::*;

    type Weight<T> = [[T; 100]; 50];
    type Kernel<T> = [[[[T; 5]; 3]; 10]; 40];

    /// The mean, the standard deviation and the largest magnitude.
    fn moments<S: Shape<Elem: Float>>(tensor: &Tensor<S>) -> (f64, f64, f64) {
        let n = S::LEN as f64;
        let values = || tensor.iter().map(|x| x.to_f64());
        let mean = values().sum::<f64>() / n;
        let variance = values().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
        (mean, Float::sqrt(variance), values().fold(0.0, |a, x| a.max(x.abs())))
    }

    fn has_std<S: Shape<Elem: Float>>(std: f64, fill: impl Fn(&mut Tensor<S>, &mut SmallRng)) {
        for seed in 0..4 {
            let mut tensor = Tensor::zeros();
            fill(&mut tensor, &mut SmallRng::seed_from_u64(seed));
            let (mean, found, _) = moments(&tensor);
            assert!((found / std - 1.0).abs() < 0.05, "standard deviation {found}, not {std}");
            assert!(mean.abs() < 0.06 * std, "mean {mean} with standard deviation {std}");
        }
    }

    /// As `has_std` for uniform numbers, which also fill their range and stay in it.
    fn is_uniform<S: Shape<Elem: Float>>(bound: f64, fill: impl Fn(&mut Tensor<S>, &mut SmallRng)) {
        has_std(bound / Float::sqrt(3.0f64), &fill);
        let mut tensor = Tensor::zeros();
        fill(&mut tensor, &mut SmallRng::seed_from_u64(9));
        let (_, _, largest) = moments(&tensor);
        assert!((0.99 * bound..=bound * (1.0 + 1e-6)).contains(&largest), "{largest} of {bound}");
    }

    fn spreads<T: Float>() {
        use super::super::gain::*;
        let root = |x: f64| Float::sqrt(x);
        is_uniform::<Weight<T>>(root(6.0 / 50.0), |t, rng| kaiming_uniform(t, Fan::In, relu(), rng));
        is_uniform::<Weight<T>>(root(3.0 / 100.0), |t, rng| kaiming_uniform(t, Fan::Out, linear(), rng));
        is_uniform::<Kernel<T>>(root(6.0 / 150.0), |t, rng| kaiming_uniform(t, Fan::In, relu(), rng));
        is_uniform::<Kernel<T>>(1.0 / root(150.0), |t, rng| kaiming_uniform(t, Fan::In, leaky_relu(root(5.0)), rng));
        is_uniform::<Weight<T>>(5.0 / 3.0 * root(6.0 / 150.0), |t, rng| xavier_uniform(t, tanh(), rng));
        has_std::<Weight<T>>(root(2.0 / 50.0), |t, rng| kaiming_normal(t, Fan::In, relu(), rng));
        has_std::<Kernel<T>>(root(2.0 / 600.0), |t, rng| kaiming_normal(t, Fan::Out, relu(), rng));
        has_std::<Kernel<T>>(root(2.0 / 750.0), |t, rng| xavier_normal(t, sigmoid(), rng));
    }

    #[test]
    fn spreads_follow_the_formulas() {
        spreads::<f32>();
        spreads::<f64>();
    }

    #[test]
    fn kaiming_is_what_linear_starts_with() {
        let [mut a, mut b] = [Tensor::<[[f64; 30]; 20]>::zeros(); 2];
        kaiming_uniform(&mut a, Fan::In, gain::leaky_relu(Float::sqrt(5.0)), &mut SmallRng::seed_from_u64(1));
        super::super::uniform_fan_in(&mut b, 20, &mut SmallRng::seed_from_u64(1));
        assert!(a.all_close(&b, 1e-12, 1e-12));
    }

    #[test]
    fn plain_fills() {
        let rng = &mut SmallRng::seed_from_u64(3);
        let mut t = Tensor::<[[f32; 50]; 50]>::zeros();
        constant(&mut t, 2.5);
        assert!(t.iter().all(|&x| x == 2.5));
        ones(&mut t);
        assert_eq!(t, Tensor::ones());
        zeros(&mut t);
        assert_eq!(t, Tensor::zeros());
        uniform(&mut t, 2.0, 3.0, rng);
        assert!(t.iter().all(|x| (2.0..3.0).contains(x)));
        normal(&mut t, 7.0, 0.5, rng);
        let (mean, std, _) = moments(&t);
        assert!((mean - 7.0).abs() < 0.05 && (std - 0.5).abs() < 0.025);
    }

    #[test]
    fn eye_of_any_matrix() {
        let (mut wide, mut tall) = (Tensor([[9.0f32; 3]; 2]), Tensor([[9.0f64; 1]; 2]));
        eye(&mut wide);
        eye(&mut tall);
        assert_eq!((wide, tall), (Tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]), Tensor([[1.0], [0.0]])));
    }

    #[test]
    fn gains_are_pytorchs() {
        let close = |x: f64, y: f64| (x - y).abs() < 1e-15;
        assert!(close(gain::leaky_relu(0.01), 1.4141428569978354));
        assert!(close(gain::leaky_relu(Float::sqrt(5.0)), 0.5773502691896257));
        assert!(close(gain::tanh(), 1.6666666666666667) && close(gain::relu(), Float::sqrt(2.0)));
    }

    #[test]
    fn tensors_without_elements_are_ordinary() {
        let rng = &mut SmallRng::seed_from_u64(0);
        kaiming_uniform(&mut Tensor::<[[f32; 3]; 0]>::zeros(), Fan::In, 1.0, rng);
        kaiming_normal(&mut Tensor::<[[f32; 0]; 3]>::zeros(), Fan::Out, 1.0, rng);
        xavier_uniform(&mut Tensor::<[[f32; 0]; 0]>::zeros(), 1.0, rng);
    }
}
