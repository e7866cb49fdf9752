//! Losses as operations: how a forward pass calls them.
//!
//! A type of each loss's name stands beside the function, in the namespace of types, and computes what the function does, so a
//! [`#[forward]`](macro@crate::forward) function may call `mse_loss(p, y, Reduction::Mean)` and go on with its result.

use super::class::PerRow;
use super::reduction::LossValue;
use super::{ClassIndices, ClassTarget, Reduce, SequenceTarget, Sequences};
use crate::nn::stateless::stateless;
use crate::nn::{Backprop, Module};
use crate::shape::{Axis, Shape};
use crate::simd::{Float, positive};
use crate::tensor::Tensor;

/// `loss[its generics](predictions; the rest) -> losses of this shape;` A prediction `x by n` has all losses again after each `n` numbers.
/// What it makes beside its result stands behind, for `[evaluation, training]`.
macro_rules! operations {
    ($($name:ident[$($generics:tt)*]($($p:ident $(by $n:expr)?),+; $($rest:ident: $ty:ty),*) -> $losses:ty $(, beside $beside:expr)?;)+) => {$(
        #[doc = concat!("The operation of the function [`", stringify!($name), "`](super::", stringify!($name), "()), which forward passes call.")]
        #[allow(non_camel_case_types, reason = "it has the function's name")]
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub struct $name {}

        stateless! {
            [] $name, |_this| stringify!($name);
        }

        impl<$($generics)*, R: Reduce> Module<($(operations!(@tensor $p),)+ $($ty,)* R)> for $name {
            type Output = R::Output<$losses>;
            const FORWARD_BYTES: usize = operations!(@beside $($beside)?)[0];

            #[inline]
            fn forward_into(&self, x: &($(operations!(@tensor $p),)+ $($ty,)* R), y: &mut R::Output<$losses>) {
                let ($($p,)+ $($rest,)* reduction) = x;
                *y = super::$name($($p,)+ $(*$rest,)* *reduction);
            }
        }

        impl<$($generics)*, R: Reduce> Backprop<($(operations!(@tensor $p),)+ $($ty,)* R)> for $name {
            const BACKPROP_BYTES: usize = size_of::<R::Output<$losses>>() + operations!(@beside $($beside)?)[1];

            #[inline]
            fn backprop<Z>(
                &self,
                x: &mut ($(operations!(@tensor $p),)+ $($ty,)* R),
                (): &mut (),
                next: impl FnOnce(&mut R::Output<$losses>) -> Z,
            ) -> Z {
                let ($($p,)+ $($rest,)* reduction) = x;
                let mut y = super::$name($(&mut *$p,)+ $(*$rest,)* *reduction).value();
                let result = next(&mut y);
                $(operations!(@chain y, $p $(, $n)?);)+
                result
            }
        }
    )+};
    (@beside) => { [0; 2] };
    (@beside $bytes:expr) => { $bytes };
    (@tensor $p:ident) => { Tensor<S> };
    (@chain $y:ident, $p:ident) => { $y.chain($p.as_mut_slice()) };
    (@chain $y:ident, $p:ident, $n:expr) => {
        $p.as_mut_slice().chunks_exact_mut(positive($n)).for_each(|p| $y.chain(p))
    };
}

operations! {
    mse_loss['t, S: Shape<Elem: Float>](p; target: &'t Tensor<S>) -> S;
    l1_loss['t, S: Shape<Elem: Float>](p; target: &'t Tensor<S>) -> S;
    smooth_l1_loss['t, S: Shape<Elem: Float>](p; target: &'t Tensor<S>, beta: f64) -> S;
    huber_loss['t, S: Shape<Elem: Float>](p; target: &'t Tensor<S>, delta: f64) -> S;
    binary_cross_entropy['t, S: Shape<Elem: Float>](p; target: &'t Tensor<S>) -> S;
    binary_cross_entropy_with_logits['t, S: Shape<Elem: Float>](p; target: &'t Tensor<S>) -> S;
    soft_margin_loss['t, S: Shape<Elem: Float>](p; target: &'t Tensor<S>) -> S;
    hinge_embedding_loss['t, S: Shape<Elem: Float>](p; target: &'t Tensor<S>) -> S;
    kl_div['t, S: Shape<Elem: Float>](p; target: &'t Tensor<S>) -> S;
    kl_div_log_target['t, S: Shape<Elem: Float>](p; target: &'t Tensor<S>) -> S;
    poisson_nll_loss['t, S: Shape<Elem: Float>](p; target: &'t Tensor<S>) -> S;
    gaussian_nll_loss['t, S: Shape<Elem: Float>](mean, variance; target: &'t Tensor<S>) -> S;
    margin_ranking_loss['t, S: Shape<Elem: Float>](a, b; target: &'t Tensor<S>) -> S;
    cosine_embedding_loss['t, S: Shape<Elem: Float> + Axis<-1>](a, b; target: &'t Tensor<PerRow<S>>) -> PerRow<S>;
    triplet_margin_loss[S: Shape<Elem: Float> + Axis<-1>](anchor, positive, negative;) -> PerRow<S>;
    cross_entropy['t, S: Shape<Elem: Float> + Axis<-1>, Y: ClassTarget<S>](p; target: &'t Y) -> PerRow<S>;
    cross_entropy_smooth['t, S: Shape<Elem: Float> + Axis<-1>, Y: ClassTarget<S>](p; target: &'t Y, smoothing: f64) -> PerRow<S>;
    nll_loss['t, S: Shape<Elem: Float> + Axis<-1>, Y: ClassIndices<S>](p; target: &'t Y) -> PerRow<S>;
    multi_margin_loss['t, S: Shape<Elem: Float> + Axis<-1>, Y: ClassIndices<S>](p; target: &'t Y) -> PerRow<S>;
    ctc_loss['t, S: Sequences, Y: SequenceTarget<S>](x by S::Losses::LEN * Y::CLASSES; target: &'t Y) -> S::Losses, beside Y::BYTES;
}
