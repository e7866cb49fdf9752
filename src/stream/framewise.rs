//! Layers that compute each frame by itself: a step is the layer's forward pass.

use super::{After, Stream};
use crate::nn::*;
use crate::shape::{Element, Shape};
use crate::simd::Float;
use crate::tensor::{Buffer, Tensor};

/// `[generics] frame: layers;`. A layer stands beside the frames along whose time axis it certainly does not work.
macro_rules! framewise {
    ($([$($g:tt)*] $frame:ty: $($layer:ty),+;)+) => {$(
        framewise!(@each [$($g)*] $frame: $($layer,)+);
    )+};
    (@each $g:tt $frame:ty: $($layer:ty,)+) => {
        $(framewise!(@one $g $frame, $layer);)+
    };
    (@one [$($g:tt)*] $frame:ty, $layer:ty) => {
        #[diagnostic::do_not_recommend]
        impl<$($g)*> Stream<$frame> for $layer
        where
            Self: Module<$frame>,
        {
            type Output = <Self as Module<$frame>>::Output;
            type State = ();
            type Delay = After<0>;
            const STEP_BYTES: usize = <Self as Module<$frame>>::FORWARD_WITH_BYTES;

            #[inline]
            fn step<R>(&self, (): &mut (), x: &mut $frame, next: impl FnOnce(&mut Self::Output) -> R) -> Option<R> {
                Some(self.forward_with(x, next))
            }
        }
    };
}

framewise! {
    [X: Buffer] X: Identity;
    [S: Shape<Elem: Float>] Tensor<S>:
        Celu, Elu, Gelu, GeluTanh, Hardsigmoid, Hardswish, Hardtanh, LeakyRelu, LogSigmoid, Mish, Relu, Relu6, Selu, Sigmoid, Silu,
        Softplus, Softsign, Tanh, Tanhshrink, Dropout;
    [T: Float, const ROWS: usize, const COLUMNS: usize] Tensor<[[T; COLUMNS]; ROWS]>: Transpose;
    // The channels are axis 1, which is time in `[C][L]`: then there is one slope for all.
    [T: Float, const ROWS: usize, const COLUMNS: usize, const N: usize] Tensor<[[T; COLUMNS]; ROWS]>: PRelu<N, T>;

    // Time first.
    [T: Float, const IN: usize, const OUT: usize, B: BiasOption] Tensor<[[T; IN]; 1]>: Linear<IN, OUT, B, T>;
    [T: Float, const F: usize, A: AffineOption] Tensor<[[T; F]; 1]>: LayerNorm<[T; F], A>, RMSNorm<[T; F], A>, BatchNorm1d<F, 1, A, T>;
    [T: Float, const F: usize] Tensor<[[T; F]; 1]>:
        Softmax<-1>, Softmax<1>, LogSoftmax<-1>, LogSoftmax<1>, Glu<-1>, Glu<1>;

    [I: Element, T: Float, const NUM: usize, const DIM: usize, P: PaddingOption] Tensor<[I; 1]>: Embedding<NUM, DIM, P, T>;

    // Time last.
    [T: Float, const C: usize, A: AffineOption] Tensor<[[T; 1]; C]>: BatchNorm1d<C, -2, A, T>;
    [T: Float, const C: usize] Tensor<[[T; 1]; C]>:
        Softmax<-2>, Softmax<0>, LogSoftmax<-2>, LogSoftmax<0>, Glu<-2>, Glu<0>;
}
