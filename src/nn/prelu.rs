//! [`PRelu`].

use typenum::{B1, UInt, UTerm};

use super::{Grads, Layer, Param};
use crate::ops::{prelu, prelu_backward, prelu_backward_params, prelu_sum};
use crate::shape::{Number, Numbers, Shape};
use crate::simd::Float;
use crate::tensor::Tensor;

/// y = x where x > 0, `weight` · x elsewhere: a [`LeakyRelu`](super::LeakyRelu) that learns its slope.
///
/// | | |
/// |---|---|
/// | input | `N` = 1, the default: any shape; more: `[B][N]`, `[B][N][L]`, … |
/// | output | the same shape |
/// | `weight` | `[N]`: one for all numbers, or one for each channel |
///
/// The channels are the axis after the batch, as in PyTorch; one sample without a batch is a batch of 1. The weights start at
/// 0.25, and the derivative at 0 is `weight`. K. He et al., *Delving deep into rectifiers*, 2015. After
/// [`torch.nn.PReLU`](https://docs.pytorch.org/docs/stable/generated/torch.nn.PReLU.html).
///
/// ```
/// use adamant::prelude::*;
/// let rng = &mut SmallRng::seed_from_u64(0);
/// let shared = PRelu::<1>::init(rng);
/// assert_eq!(shared.forward(&Tensor([-4.0f32, 2.0])), Tensor([-1.0, 2.0]));
///
/// let channels = PRelu::<2>::new(Param(Tensor([0.5, 0.25])));
/// assert_eq!(channels.forward(&Tensor([[-4.0f32, -4.0]])), Tensor([[-2.0, -1.0]]));
/// assert_eq!(channels.to_string(), "PReLU(num_parameters=2)");
/// ```
///
/// Another number of channels is a compile error:
///
/// ```compile_fail
/// # use adamant::prelude::*;
/// PRelu::<2>::BLANK.forward(&Tensor([[1.0f32, 2.0, 3.0]])); // error: `PReLU` with 2 weights cannot take input `Tensor<[[f32; 3]; 1]>`
/// ```
#[derive(crate::Module, Clone, Copy, PartialEq, Debug)]
#[module(display("PReLU(num_parameters={N})"))]
pub struct PRelu<const N: usize = 1, T: Float = f32> {
    /// The slope below 0 of each channel.
    #[module(
        value = Param(Tensor([T::QUARTER; N])),
        fill = |slot| Param::full_in(slot, T::QUARTER),
        init = |weight, _| weight.fill(T::QUARTER)
    )]
    pub weight: Param<[T; N]>,
}

impl<const N: usize, T: Float> PRelu<N, T> {
    /// A layer with these slopes.
    pub const fn new(weight: Param<[T; N]>) -> Self {
        Self { weight }
    }
}

/// A shape with `N` channels after its batch, or any shape where `N` is 1.
///
/// `Uint` is `N` as typenum writes it, by which the compiler tells 1 from a larger number.
#[diagnostic::on_unimplemented(
    message = "`PReLU` with {N} weights cannot take input `Tensor<{Self}>`",
    label = "the axis after the batch must have {N} channels",
    note = "one weight takes any shape; more take `[B][N]`, `[B][N][L]`, …, one for each channel"
)]
pub trait Channels<const N: usize, Uint>: Shape {
    /// How many numbers a channel has.
    const INNER: usize;
}

impl<S: Shape> Channels<1, UInt<UTerm, B1>> for S {
    const INNER: usize = S::LEN;
}

impl<A: Shape, const N: usize, const B: usize, High, Middle, Low> Channels<N, UInt<UInt<High, Middle>, Low>> for [[A; N]; B] {
    const INNER: usize = A::LEN;
}

/// A shape that takes `N` slopes.
pub trait Slopes<const N: usize>: Shape {
    /// How many numbers a channel has.
    const INNER: usize;
}

impl<S, const N: usize, U> Slopes<N> for S
where
    Numbers: Number<N, Uint = U>,
    S: Channels<N, U>,
{
    const INNER: usize = S::INNER;
}

#[crate::layer]
impl<S, const N: usize, T: Float> Layer<Tensor<S>> for PRelu<N, T>
where
    S: Slopes<N> + Shape<Elem = T>,
{
    type Output = Tensor<S>;
    type Kept = ();
    const LEND_BYTES: usize = 0;

    #[inline]
    fn compute(&self, x: &Tensor<S>, y: &mut Tensor<S>) {
        *y = *x;
        prelu(y.as_mut_slice(), self.weight.as_slice(), S::INNER);
    }

    #[inline]
    fn lend<R>(&self, x: &mut Tensor<S>, next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
        prelu(x.as_mut_slice(), self.weight.as_slice(), S::INNER);
        next(x)
    }

    #[inline]
    fn backward_params(&self, x: &Tensor<S>, (): &(), dy: &Tensor<S>, grads: &mut Grads<Self>) {
        let mut each = *dy;
        prelu_backward_params(x.as_slice(), each.as_mut_slice());
        prelu_sum(each.as_slice(), S::INNER, grads.weight.as_mut_slice());
    }

    #[inline]
    fn backward_input(&self, x: &mut Tensor<S>, (): &(), dy: &mut Tensor<S>) {
        prelu_backward(x.as_mut_slice(), self.weight.as_slice(), S::INNER, dy.as_mut_slice());
    }

    /// What each element adds to its weight's gradient stands in dy after dx.
    #[inline]
    fn backward(&self, x: &mut Tensor<S>, (): &(), dy: &mut Tensor<S>, grads: &mut Grads<Self>) {
        self.backward_input(x, &(), dy);
        prelu_sum(dy.as_slice(), S::INNER, grads.weight.as_mut_slice());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradcheck::gradcheck;
    use crate::init::Init;
    use crate::nn::{Backprop, Module};

    /// Numbers of both signs, none near 0.
    fn numbers<S: Shape<Elem = f64>>() -> Tensor<S> {
        let mut x = Tensor::zeros();
        for (i, x) in x.as_mut_slice().iter_mut().enumerate() {
            *x = (0.3 + 0.1 * i as f64) * [1.0, -1.0, -1.0, 1.0, -1.0][i % 5];
        }
        x
    }

    fn check<S: Shape<Elem = f64>, const N: usize>()
    where
        PRelu<N, f64>: Backprop<Tensor<S>, Output = Tensor<S>>,
    {
        let mut layer = PRelu::<N, f64>::new(Param(numbers()));
        gradcheck(&mut layer, &numbers::<S>(), 1e-6).unwrap();
    }

    #[test]
    fn derivatives() {
        check::<f64, 1>();
        check::<[f64; 7], 1>();
        check::<[[f64; 3]; 4], 1>();
        check::<[[f64; 3]; 4], 3>();
        check::<[[[f64; 5]; 3]; 4], 3>();
        check::<[[[[f64; 2]; 5]; 2]; 3], 2>();
        check::<[[[f64; 1]; 3]; 4], 3>();
    }

    #[test]
    fn a_weight_for_each_channel() {
        let layer = PRelu::<2>::new(Param(Tensor([0.5, 0.25])));
        assert_eq!(layer.forward(&Tensor([[-4.0f32, -4.0], [1.0, -8.0]])), Tensor([[-2.0, -1.0], [1.0, -2.0]]));
        assert_eq!(layer.forward(&Tensor([[[-4.0f32; 3], [-4.0; 3]]])), Tensor([[[-2.0; 3], [-1.0; 3]]]));
    }

    #[test]
    fn extreme_inputs() {
        let layer = PRelu::<1>::BLANK;
        let (inf, nan) = (f32::INFINITY, f32::NAN);
        let y = layer.forward(&Tensor([1e4, -1e4, inf, -inf, nan]));
        assert_eq!(y.0[..4], [1e4, -2500.0, inf, -inf]);
        assert!(y.0[4].is_nan());
    }

    #[test]
    fn empty_tensors_are_ordinary() {
        check::<[f64; 0], 1>();
        check::<[[f64; 3]; 0], 3>();
        check::<[[[f64; 0]; 3]; 2], 3>();
    }
}
