//! [`Softmax`] and [`LogSoftmax`].

use super::Layer;
use super::stateless::stateless;
use crate::ops::{log_softmax, log_softmax_backward, log_softmax_to, softmax, softmax_backward, softmax_to};
use crate::shape::Axis;
use crate::simd::Float;
use crate::tensor::Tensor;

/// yᵢ = eˣⁱ / Σⱼ eˣʲ along the axis `DIM`: positive numbers whose sum is 1.
///
/// | | |
/// |---|---|
/// | input | any shape with that axis; −1, the default, is the innermost, 0 the outermost |
/// | output | the same shape, in \[0, 1\] |
///
/// An input of −∞ has probability 0; where all along the axis are −∞, or one is NaN or ∞, all are NaN. To train a classifier,
/// give its logits to the cross-entropy loss instead. After
/// [`torch.nn.Softmax`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Softmax.html).
///
/// ```
/// use adamant::prelude::*;
/// let logits = Tensor([[0.0f32, 1.0], [f32::NEG_INFINITY, -1e4]]);
/// let y = Softmax::<-1>.forward(&logits);
/// assert!(y.all_close(&Tensor([[0.268941, 0.731059], [0.0, 1.0]]), 1e-5, 0.0));
///
/// type Net = Sequential![Linear<4, 3>, Softmax]; // along the last axis
/// let net = Net::init(&mut SmallRng::seed_from_u64(0));
/// assert_eq!(net.0.1.to_string(), "Softmax(dim=-1)");
/// ```
///
/// An axis that the input does not have is a compile error:
///
/// ```compile_fail
/// # use adamant::prelude::*;
/// Softmax::<2>.forward(&Tensor([[1.0f32, 2.0]])); // error: `[[f32; 2]; 1]` has no axis 2
/// ```
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Softmax<const DIM: isize = -1>;

/// yᵢ = xᵢ − ln Σⱼ eˣʲ along the axis `DIM`: the logarithm of [`Softmax`], in one go, which keeps small probabilities' digits.
///
/// | | |
/// |---|---|
/// | input | any shape with that axis; −1, the default, is the innermost, 0 the outermost |
/// | output | the same shape, in \[−∞, 0\] |
///
/// An input of −∞ gives −∞; where all along the axis are −∞, or one is NaN or ∞, all are NaN. After
/// [`torch.nn.LogSoftmax`](https://docs.pytorch.org/docs/stable/generated/torch.nn.LogSoftmax.html).
///
/// ```
/// use adamant::prelude::*;
/// let y = LogSoftmax::<-1>.forward(&Tensor([[0.0f32, 1.0], [0.0, -1e4]]));
/// assert!(y.all_close(&Tensor([[-1.313262, -0.313262], [0.0, -1e4]]), 1e-5, 0.0));
/// ```
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct LogSoftmax<const DIM: isize = -1>;

/// Makes a layer of an operation that works in place and whose backward pass needs the output alone.
macro_rules! layers {
    ($($name:ident, $forward:ident, $to:ident, $backward:ident;)+) => {$(
        stateless!([const DIM: isize] $name<DIM> = Self, |_this| concat!(stringify!($name), "(dim={})"), DIM;);

        /// In training x becomes y.
        #[crate::layer]
        impl<S: Axis<DIM, Elem: Float>, const DIM: isize> Layer<Tensor<S>> for $name<DIM> {
            type Output = Tensor<S>;
            type Kept = ();
            const LEND_BYTES: usize = 0;
            const OVERWRITES: bool = true;

            #[inline]
            fn compute(&self, x: &Tensor<S>, y: &mut Tensor<S>) {
                $to::<S, DIM>(x, y);
            }

            #[inline]
            fn lend<R>(&self, x: &mut Tensor<S>, next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
                $forward::<S, DIM>(x);
                next(x)
            }

            #[inline]
            fn train_over(&self, x: &mut Tensor<S>, (): &mut (), y: &mut Tensor<S>) {
                $forward::<S, DIM>(x);
                *y = *x;
            }

            #[inline]
            fn backward_input(&self, x: &mut Tensor<S>, (): &(), dy: &mut Tensor<S>) {
                $backward::<S, DIM>(x, dy);
            }
        }
    )+};
}

layers! {
    Softmax, softmax, softmax_to, softmax_backward;
    LogSoftmax, log_softmax, log_softmax_to, log_softmax_backward;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradcheck::gradcheck;
    use crate::nn::{Backprop, Module};
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    /// Softmax by its formula, element after element.
    fn reference<S: Axis<D, Elem = f64>, const D: isize>(x: &Tensor<S>) -> Tensor<S> {
        let mut y = x.map(f64::exp);
        let x = y;
        let at = |outer, i, inner| (outer * S::SIZE + i) * S::INNER + inner;
        for outer in 0..S::OUTER {
            for inner in 0..S::INNER {
                let sum: f64 = (0..S::SIZE).map(|i| x.as_slice()[at(outer, i, inner)]).sum();
                (0..S::SIZE).for_each(|i| y.as_mut_slice()[at(outer, i, inner)] /= sum);
            }
        }
        y
    }

    fn check<S: Axis<D, Elem = f64>, const D: isize>() {
        let rng = &mut SmallRng::seed_from_u64(3);
        let x = Tensor::<S>::randn(rng);
        let y = reference::<S, D>(&x);
        assert!(Softmax::<D>.forward(&x).all_close(&y, 1e-12, 1e-300));
        assert!(LogSoftmax::<D>.forward(&x).all_close(&y.map(f64::ln), 1e-12, 1e-12));
        gradcheck(&mut Softmax::<D>, &x, 1e-6).unwrap();
        gradcheck(&mut LogSoftmax::<D>, &x, 1e-6).unwrap();
    }

    #[test]
    fn every_axis_of_odd_shapes() {
        check::<[f64; 1], 0>();
        check::<[f64; 100], -1>();
        check::<[[f64; 33]; 3], -1>();
        check::<[[f64; 33]; 3], 0>();
        check::<[[[f64; 5]; 4]; 3], 0>();
        check::<[[[f64; 5]; 4]; 3], 1>();
        check::<[[[f64; 5]; 4]; 3], 2>();
        check::<[[[f64; 70]; 2]; 2], -2>();
        check::<[[[f64; 1]; 7]; 2], 1>();
    }

    #[test]
    fn empty_tensors_are_ordinary() {
        check::<[f64; 0], 0>();
        check::<[[f64; 0]; 3], 0>();
        check::<[[f64; 0]; 3], 1>();
        check::<[[f64; 3]; 0], 0>();
        check::<[[f64; 3]; 0], 1>();
    }

    #[test]
    fn extreme_inputs() {
        let (inf, nan) = (f32::INFINITY, f32::NAN);
        let x = Tensor([[1e4f32, -1e4, -inf], [-inf, -inf, -inf], [0.0, nan, 1.0], [0.0, inf, 0.0], [-inf, 0.0, -inf]]);
        let y = Softmax::<-1>.forward(&x);
        assert_eq!(y.0[0], [1.0, 0.0, 0.0]);
        assert!(y.0[1..4].as_flattened().iter().all(|y| y.is_nan()));
        assert_eq!(y.0[4], [0.0, 1.0, 0.0]);
        let log = LogSoftmax::<-1>.forward(&x);
        assert_eq!(log.0[0], [0.0, -2e4, -inf]);
        assert!(log.0[1..4].as_flattened().iter().all(|y| y.is_nan()));
        assert_eq!(log.0[4], [-inf, 0.0, -inf]);

        let columns = Tensor([[1e4f32, -inf, 0.0], [-inf, -inf, nan]]);
        let y = Softmax::<0>.forward(&columns);
        assert_eq!((y.0[0][0], y.0[1][0]), (1.0, 0.0));
        assert!([y.0[0][1], y.0[1][1], y.0[0][2], y.0[1][2]].iter().all(|y| y.is_nan()));
    }

    #[test]
    fn a_masked_logit_gets_no_gradient() {
        let mut x = Tensor([0.5f32, f32::NEG_INFINITY, -1.0]);
        LogSoftmax::<-1>.backprop(&mut x, &mut (), |dy| *dy = Tensor([1.0, 0.0, 0.0]));
        assert!(x.all_close(&Tensor([0.182426, 0.0, -0.182426]), 1e-5, 0.0));
    }
}
