//! Activations as layers. Formulas and derivatives stand in [`ops::activation`](crate::ops::activation), one file each.

pub use crate::ops::activation::*;

use super::stateless::stateless;
use super::{Backprop, Module};
use crate::init::Init;
use crate::ops::{Elementwise, elementwise, elementwise_backward};
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::Tensor;

/// Makes a layer of each element-wise operation: its default settings, and what it prints.
///
/// One impl for every `Elementwise` type would be shorter, but then a layer that does not fit its input would be told that it
/// is not element-wise.
macro_rules! layers {
    ($($name:ident = $blank:expr, |$this:ident| $($format:expr),+;)+) => {$(
        stateless!([] $name, |$this| $($format),+;);

        impl Init for $name {
            const BLANK: Self = $blank;

            fn reset_parameters<R: rand::Rng + ?Sized>(&mut self, _: &mut R) {}
        }

        impl<S: Shape<Elem: Float>> Module<Tensor<S>> for $name {
            type Output = Tensor<S>;
            const FORWARD_WITH_BYTES: usize = 0;

            #[inline]
            fn forward_into(&self, x: &Tensor<S>, y: &mut Tensor<S>) {
                elementwise(self, x, y);
            }

            #[inline]
            fn forward_with<R>(&self, x: &mut Tensor<S>, next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
                x.map_in_place(|x| self.apply(x));
                next(x)
            }
        }

        impl<S: Shape<Elem: Float>> Backprop<Tensor<S>> for $name {
            #[inline]
            fn backprop<R>(&self, x: &mut Tensor<S>, (): &mut (), next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
                let mut y = Module::forward(self, &*x);
                let result = next(&mut y);
                elementwise_backward(self, x, &y);
                result
            }

            #[inline]
            fn backprop_params<R>(&self, x: &Tensor<S>, (): &mut (), next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
                next(&mut Module::forward(self, x))
            }
        }
    )+};
}

layers! {
    Relu = Relu, |_this| "ReLU()";
}
