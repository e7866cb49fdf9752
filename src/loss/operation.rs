//! Losses as operations: how a forward pass calls them.
//!
//! A type of each loss's name stands beside the function, in the namespace of types, and computes what the function does, so a
//! [`#[forward]`](macro@crate::forward) function may call `mse_loss(p, y, Reduction::Mean)` and go on with its result.

use super::class::PerRow;
use super::reduction::LossValue;
use super::{ClassTarget, Reduce};
use crate::data::ClassIndex;
use crate::nn::stateless::stateless;
use crate::nn::{Backprop, Module};
use crate::shape::{Axis, Shape};
use crate::simd::Float;
use crate::tensor::Tensor;

/// `loss[its generics](target, settings) -> losses of this shape;`
macro_rules! operations {
    ($($name:ident[$($generics:tt)*]($target:ty $(, $setting:ident)?) -> $losses:ty;)+) => {$(
        #[doc = concat!("The operation of the function [`", stringify!($name), "`](", stringify!($name), "()), which forward passes call.")]
        #[allow(non_camel_case_types, reason = "it has the function's name")]
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub struct $name {}

        stateless! {
            [] $name, |_this| stringify!($name);
        }

        impl<'t, $($generics)*, R: Reduce> Module<(Tensor<S>, &'t $target, $(operations!(@f64 $setting),)? R)> for $name {
            type Output = R::Output<$losses>;

            #[inline]
            fn forward_into(&self, x: &(Tensor<S>, &'t $target, $(operations!(@f64 $setting),)? R), y: &mut R::Output<$losses>) {
                operations!(@names x, target, $($setting,)? reduction);
                *y = super::$name(&x.0, *target, $(*$setting,)? *reduction);
            }
        }

        impl<'t, $($generics)*, R: Reduce> Backprop<(Tensor<S>, &'t $target, $(operations!(@f64 $setting),)? R)> for $name {
            #[inline]
            fn backprop<Z>(
                &self,
                x: &mut (Tensor<S>, &'t $target, $(operations!(@f64 $setting),)? R),
                (): &mut (),
                next: impl FnOnce(&mut R::Output<$losses>) -> Z,
            ) -> Z {
                operations!(@names x, target, $($setting,)? reduction);
                let (target, reduction) = (*target, *reduction);
                $(let $setting = *$setting;)?
                let mut y = super::$name(&mut x.0, target, $($setting,)? reduction).value();
                let result = next(&mut y);
                y.chain(x.0.as_mut_slice());
                result
            }
        }
    )+};
    (@f64 $setting:ident) => { f64 };
    (@names $x:ident, $target:ident, $reduction:ident) => { let (_, $target, $reduction) = &*$x; };
    (@names $x:ident, $target:ident, $setting:ident, $reduction:ident) => { let (_, $target, $setting, $reduction) = &*$x; };
}

operations! {
    mse_loss[S: Shape<Elem: Float>](Tensor<S>) -> S;
    l1_loss[S: Shape<Elem: Float>](Tensor<S>) -> S;
    smooth_l1_loss[S: Shape<Elem: Float>](Tensor<S>, beta) -> S;
    huber_loss[S: Shape<Elem: Float>](Tensor<S>, delta) -> S;
    binary_cross_entropy[S: Shape<Elem: Float>](Tensor<S>) -> S;
    binary_cross_entropy_with_logits[S: Shape<Elem: Float>](Tensor<S>) -> S;
    soft_margin_loss[S: Shape<Elem: Float>](Tensor<S>) -> S;
    kl_div[S: Shape<Elem: Float>](Tensor<S>) -> S;
    kl_div_log_target[S: Shape<Elem: Float>](Tensor<S>) -> S;
    cross_entropy[S: Shape<Elem: Float> + Axis<-1>, Y: ClassTarget<S>](Y) -> PerRow<S>;
    cross_entropy_smooth[S: Shape<Elem: Float> + Axis<-1>, Y: ClassTarget<S>](Y, smoothing) -> PerRow<S>;
    nll_loss[S: Shape<Elem: Float> + Axis<-1>, Y: ClassTarget<S, Item: ClassIndex>](Y) -> PerRow<S>;
}
