//! A bias that may be absent.

use core::marker::PhantomData;

use super::arith::add_to_right;
use super::{Function2, Operand, Sink};
use crate::shape::{Broadcast, Shape};
use crate::simd::Float;
use crate::tensor::Tensor;

/// A tensor of shape `R` to be added, or nothing, `()`. Which one is known when the layer is compiled, so the [`Option`]s cost
/// nothing.
pub trait Addend<R> {
    /// The tensor.
    fn tensor(&self) -> Option<&Tensor<R>>;

    /// The tensor, to write to.
    fn tensor_mut(&mut self) -> Option<&mut Tensor<R>>;
}

impl<R> Addend<R> for Tensor<R> {
    #[inline(always)]
    fn tensor(&self) -> Option<&Self> {
        Some(self)
    }

    #[inline(always)]
    fn tensor_mut(&mut self) -> Option<&mut Self> {
        Some(self)
    }
}

impl<R> Addend<R> for () {
    #[inline(always)]
    fn tensor(&self) -> Option<&Tensor<R>> {
        None
    }

    #[inline(always)]
    fn tensor_mut(&mut self) -> Option<&mut Tensor<R>> {
        None
    }
}

impl<S: Shape<Elem = T>, T: Float> Tensor<S> {
    /// x + b, or x where a layer has no bias. It repeats as in `x + b`.
    ///
    /// ```
    /// use adamant::prelude::*;
    ///
    /// #[derive(Module)]
    /// struct Dense<const IN: usize, const OUT: usize, B: BiasOption = Bias> {
    ///     weight: Param<[[f32; OUT]; IN]>,
    ///     bias: B::Param<[f32; OUT]>,
    /// }
    ///
    /// #[forward]
    /// impl<const IN: usize, const OUT: usize, B: BiasOption> Dense<IN, OUT, B> {
    ///     fn forward<const N: usize>(&self, x: Tensor<[[f32; IN]; N]>) -> Tensor<[[f32; OUT]; N]> {
    ///         x.matmul(&self.weight).add_bias(&self.bias)
    ///     }
    /// }
    /// assert_eq!((Dense::<3, 2>::PARAMETERS, Dense::<3, 2, NoBias>::PARAMETERS), (8, 6));
    /// assert_eq!(size_of::<Dense<3, 2, NoBias>>(), size_of::<Param<[[f32; 2]; 3]>>());
    /// ```
    #[inline]
    #[must_use]
    pub fn add_bias<R: Broadcast<S> + Shape<Elem = T>>(&self, bias: &impl Operand<Value: Addend<R>>) -> Self {
        AddBias::<R>::new().forward(self, bias.operand())
    }
}

/// [`Tensor::add_bias`] as an operation. `R` is the bias's shape, and may be left to the compiler.
#[derive(Clone, Copy, Debug)]
pub struct AddBias<R>(PhantomData<fn() -> R>);

impl<R> AddBias<R> {
    /// The operation; it has no settings.
    #[allow(clippy::new_without_default, reason = "one way to make an operation")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<S, R, V, T> Function2<Tensor<S>, V> for AddBias<R>
where
    S: Shape<Elem = T>,
    R: Broadcast<S> + Shape<Elem = T>,
    V: Addend<R>,
    T: Float,
{
    type Output = Tensor<S>;
    const READS_OUTPUT: bool = false;
    const BACKPROP_BYTES: usize = 0;

    #[inline]
    fn forward(&self, x: &Tensor<S>, bias: &V) -> Tensor<S> {
        let mut y = *x;
        if let Some(bias) = bias.tensor() {
            y += bias;
        }
        y
    }

    #[inline]
    fn backward_a(&self, _: &Tensor<S>, _: &V, _: &Tensor<S>, dy: &Tensor<S>, dx: &mut Tensor<S>) {
        dx.axpy(T::ONE, dy);
    }

    #[inline]
    fn backward_b(&self, x: &Tensor<S>, bias: &V, _: &Tensor<S>, dy: &Tensor<S>, dbias: &mut V) {
        if let (Some(bias), Some(dbias)) = (bias.tensor(), dbias.tensor_mut()) {
            add_to_right(x, bias, dy, dbias, |_, _| T::ONE);
        }
    }

    #[inline]
    fn backprop<F>(&self, x: &mut Tensor<S>, bias: &V, dbias: &mut impl Sink<V>, next: impl FnOnce(&mut Tensor<S>) -> F) -> F {
        if let Some(bias) = bias.tensor() {
            *x += bias;
        }
        let result = next(x);
        dbias.accumulate(|dbias| self.backward_b(x, bias, x, x, dbias));
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{check2, wavy};

    #[test]
    fn gradients() {
        let x = wavy::<[[f64; 3]; 2], f64>(0.0);
        check2(AddBias::<[f64; 3]>::new(), &x, &Tensor([1.0, 2.0, 3.0]));
        check2(AddBias::<[[f64; 1]; 2]>::new(), &x, &Tensor([[1.0], [2.0]]));
        assert_eq!(x.add_bias::<[f64; 3]>(&()), x);
        let mut dx = x;
        AddBias::<[f64; 3]>::new().backprop(&mut dx, &(), &mut (), |y| *y *= 2.0);
        assert_eq!(dx, x * 2.0);
    }
}
