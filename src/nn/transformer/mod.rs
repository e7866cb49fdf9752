//! The layers of a transformer, and stacks of them.

mod decoder;
mod encoder;
mod input;
mod stack;

pub use decoder::{DecoderCache, TransformerDecoderLayer, TransformerDecoderLayerOptions};
pub use encoder::{TransformerEncoderLayer, TransformerEncoderLayerOptions};
pub use input::{DecoderInput, EncoderInput};
pub use stack::{TransformerDecoder, TransformerEncoder};

use super::Dropout;
use super::bias::Bias;
use super::layer_norm::LayerNorm;
use super::linear::Linear;
use super::multihead_attention::MultiheadAttentionOptions;
use super::options::{AttentionSettings, Order, Sight, TransformerSettings, Turning};
use super::{Causal, Grads, Module, Parameters};
use crate::init::Init;
use crate::simd::Float;
use crate::tensor::{Buffer, Tensor};

/// The configuration of a transformer's layer, resolved.
pub trait Transforms: 'static {
    /// Where it normalises.
    type Order: Order;
    /// What stands between its two linear layers.
    type Activation: Parameters<Grads = ()> + Init + Clone + Copy + PartialEq + core::fmt::Debug;
    /// The options of an encoder's attention.
    type Attention: MultiheadAttentionOptions;
    /// Those of a decoder's to itself.
    type OwnAttention: MultiheadAttentionOptions<Settings: super::options::GoesOn>;
    /// Those of a decoder's to its memory.
    type MemoryAttention: MultiheadAttentionOptions;
}

impl<N, A, M, P> Transforms for TransformerSettings<N, A, M, P>
where
    N: Order,
    A: Parameters<Grads = ()> + Init + Clone + Copy + PartialEq + core::fmt::Debug + 'static,
    M: Sight,
    P: Turning,
    (M, P, Dropout): MultiheadAttentionOptions<Settings = AttentionSettings<Bias, M, Dropout, P>>,
    (Causal, P, Dropout): MultiheadAttentionOptions<Settings = AttentionSettings<Bias, Causal, Dropout, P>>,
{
    type Order = N;
    type Activation = A;
    type Attention = (M, P, Dropout);
    type OwnAttention = (Causal, P, Dropout);
    type MemoryAttention = Dropout;
}

/// PyTorch's default for all of a transformer's dropout.
const DROPOUT: f64 = 0.1;

/// The network of each token: y = W₂ · activation(W₁ · x + b₁) + b₂.
struct Network<'l, const E: usize, const FF: usize, A, T: Float> {
    linear1: &'l Linear<E, FF, Bias, T>,
    activation: &'l A,
    linear2: &'l Linear<FF, E, Bias, T>,
}

impl<const E: usize, const FF: usize, A, T: Float> Network<'_, E, FF, A, T> {
    /// Its output, in evaluation.
    #[inline]
    fn of<X, U>(&self, x: &X) -> X
    where
        Linear<E, FF, Bias, T>: Module<X, Output = U>,
        A: Module<U, Output = U>,
        Linear<FF, E, Bias, T>: Module<U, Output = X>,
    {
        let u = self.linear1.forward_inside(x);
        self.linear2.forward_inside(&self.activation.forward_inside(&u))
    }

    /// The same, lent to `next`.
    #[inline]
    fn lend<X: Clone, U: Buffer>(&self, x: &mut X, next: impl FnOnce(&mut X))
    where
        Linear<E, FF, Bias, T>: Module<X, Output = U>,
        A: Module<U, Output = U>,
        Linear<FF, E, Bias, T>: Module<U, Output = X>,
    {
        self.linear1.forward_with(x, |u| self.activation.forward_with(u, |u| self.linear2.forward_with(u, next)));
    }

    /// Its output, in training, with what drops between its layers and behind them.
    #[inline]
    fn train<X, U>(&self, x: &X, [inner, outer]: [(&Dropout, &mut Grads<Dropout>); 2]) -> X
    where
        Linear<E, FF, Bias, T>: Module<X, Output = U>,
        A: Module<U, Output = U>,
        Dropout: Module<U, Output = U> + Module<X, Output = X>,
        Linear<FF, E, Bias, T>: Module<U, Output = X>,
    {
        let u = self.activation.forward_inside(&self.linear1.forward_inside(x));
        let u = inner.0.forward_training(&u, inner.1);
        outer.0.forward_training(&self.linear2.forward_inside(&u), outer.1)
    }
}

/// A vector's part in a transformer: `part` of it and itself, normalised before or after.
#[inline]
fn beside<const E: usize, T: Float, N: Order>(
    norm: &LayerNorm<[T; E]>,
    x: &Tensor<[T; E]>,
    part: impl FnOnce(&Tensor<[T; E]>) -> Option<Tensor<[T; E]>>,
) -> Option<Tensor<[T; E]>> {
    if N::NORM_FIRST {
        return part(&norm.forward_inside(x)).map(|y| y + x);
    }
    let mut y = part(x)?;
    y.axpy(T::ONE, x);
    Some(norm.forward_inside(&y))
}

/// Runs a layer in a backward pass on `$x`, lends its output `$y` to what follows, and has its gradient in `$x` then.
macro_rules! run {
    (train $grads:ident, $this:ident.$layer:ident($x:expr), |$y:ident| $next:expr) => {
        $this.$layer.backprop($x, &mut $grads.$layer, |$y| $next)
    };
    (input $grads:ident, $this:ident.$layer:ident($x:expr), |$y:ident| $next:expr) => {
        $this.$layer.backprop_input($x, |$y| $next)
    };
    (params $grads:ident, $this:ident.$layer:ident($x:expr), |$y:ident| $next:expr) => {
        $this.$layer.backprop_params(&*$x, &mut $grads.$layer, |$y| $next)
    };
}

/// The two linear layers with what stands between and behind them.
macro_rules! feed_forward {
    ($how:ident $grads:ident, $this:ident, $drop:ident, $x:expr, |$y:ident| $next:expr) => {
        run!($how $grads, $this.linear1($x), |u| run!($how $grads, $this.activation(u), |u| {
            run!($how $grads, $this.dropout(u), |u| run!($how $grads, $this.linear2(u), |f| {
                run!($how $grads, $this.$drop(f), |$y| $next)
            }))
        }))
    };
}

/// What the first layer of a pass is given: a copy, which becomes its gradient, or the input itself if nobody wants one.
macro_rules! own {
    (params $x:ident) => {
        $x
    };
    ($how:ident $x:ident) => {
        &mut $x.clone()
    };
}

/// The tokens of that.
macro_rules! tokens {
    (params $own:ident) => {
        $own.tokens()
    };
    ($how:ident $own:ident) => {
        $own.tokens_mut()
    };
}

/// Puts the gradient of the shortcut from `$x` in its place.
macro_rules! keep {
    (params $x:ident, $dx:ident) => {};
    ($how:ident $x:ident, $dx:ident) => {
        *$x.tokens_mut() = *$dx
    };
}

/// Adds to it the gradient beside the shortcut.
macro_rules! settle {
    (params $x:ident, $own:ident) => {};
    ($how:ident $x:ident, $own:ident) => {
        $x.tokens_mut().axpy(T::ONE, $own.tokens())
    };
}

use {feed_forward, keep, own, run, settle, tokens};

#[cfg(test)]
mod tests;
