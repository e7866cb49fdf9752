//! [`TransformerEncoderLayer`].

use super::{DROPOUT, EncoderInput, Network, Transforms, beside, feed_forward, keep, own, run, settle, tokens};
use crate::nn::bias::Bias;
use crate::nn::options::{EncoderLayer, GoesOn, Order, TransformerSettings};
use crate::nn::options_trait::options_trait;
use crate::nn::{
    Backprop, Dropout, Grads, KeyValueCache, LayerNorm, LayerSummary, LayerVisitor, Linear, Module, MultiheadAttention,
    MultiheadAttentionOptions, Name,
};
use crate::simd::Float;
use crate::tensor::{Buffer, Tensor};

options_trait! {
    /// The options of a [`TransformerEncoderLayer`]: `()`, one, or a tuple of them.
    TransformerEncoderLayerOptions: Transforms = TransformerSettings, EncoderLayer
}

type Of<O> = <O as TransformerEncoderLayerOptions>::Settings;
type ActivationOf<O> = <Of<O> as Transforms>::Activation;
type AttentionOf<O> = <Of<O> as Transforms>::Attention;

/// Tokens that attend to each other, and a network for each of them: h = norm1(x + attention(x)), y = norm2(h + W₂ · relu(W₁ · h + b₁) + b₂).
///
/// | | |
/// |---|---|
/// | input | tokens `[L][E]`, a batch `[B][L][E]`; or `(x, keys)` with which of them are there, `Tensor<[bool; L]>` or `Tensor<[[bool; L]; B]>` |
/// | output | as the tokens |
/// | `self_attn` | [`MultiheadAttention<E, HEADS>`](MultiheadAttention) |
/// | `linear1`, `linear2` | [`Linear<E, FF>`](Linear), `Linear<FF, E>` |
/// | `norm1`, `norm2` | [`LayerNorm<[T; E]>`](LayerNorm) |
///
/// In training weights of the attention, what comes out of it and of the network, and what is between its layers are dropped with a
/// probability of 0.1, or what [`with_dropout`](Self::with_dropout) says.
///
/// | option | |
/// |---|---|
/// | [`NormFirst`](crate::nn::NormFirst) | h = x + attention(norm1(x)), y = h + network(norm2(h)) |
/// | [`Gelu`](crate::nn::Gelu), [`GeluTanh`](crate::nn::GeluTanh), [`Silu`](crate::nn::Silu) | instead of [`Relu`](crate::nn::Relu) |
/// | [`Causal`](crate::nn::Causal) | token i attends to those up to i: a language model, which goes on [token by token](Self::step) |
/// | [`Context<N>`](crate::nn::Context) | the same for at most `N` tokens; then the layer [streams](crate::stream) |
/// | [`RotaryPositions`](crate::nn::RotaryPositions) | turns queries and keys by where they stand |
///
/// A. Vaswani et al., *Attention is all you need*, 2017 (arXiv:1706.03762). After
/// [`torch.nn.TransformerEncoderLayer`](https://docs.pytorch.org/docs/stable/generated/torch.nn.TransformerEncoderLayer.html) with
/// `batch_first=True`.
///
/// ```
/// use adamant::prelude::*;
/// let rng = &mut SmallRng::seed_from_u64(0);
/// let layer = TransformerEncoderLayer::<8, 2, 16>::init(rng);
/// let x = Tensor::<[[[f32; 8]; 5]; 3]>::randn(rng);
/// let y: Tensor<[[[f32; 8]; 5]; 3]> = layer.forward(&x);
/// let y = layer.forward((x, Tensor([[true, true, true, false, false]; 3])));
///
/// let causal = TransformerEncoderLayer::<8, 2, 16, (Causal, NormFirst, Gelu)>::init(rng).with_dropout(0.2);
/// ```
#[derive(crate::Module, Clone, Copy, PartialEq, Debug)]
#[module(custom(forward))]
pub struct TransformerEncoderLayer<
    const E: usize,
    const HEADS: usize,
    const FF: usize,
    O: TransformerEncoderLayerOptions = (),
    T: Float = f32,
> {
    /// The tokens' attention to each other.
    pub self_attn: MultiheadAttention<E, HEADS, AttentionOf<O>, T>,
    /// The network's first layer.
    pub linear1: Linear<E, FF, Bias, T>,
    /// What stands between its layers.
    pub activation: ActivationOf<O>,
    /// What drops between its layers.
    #[module(value = Dropout::new(DROPOUT))]
    pub dropout: Dropout,
    /// The network's second layer.
    pub linear2: Linear<FF, E, Bias, T>,
    /// Of the attention.
    pub norm1: LayerNorm<[T; E]>,
    /// Of the network.
    pub norm2: LayerNorm<[T; E]>,
    /// What drops behind the attention.
    #[module(value = Dropout::new(DROPOUT))]
    pub dropout1: Dropout,
    /// What drops behind the network.
    #[module(value = Dropout::new(DROPOUT))]
    pub dropout2: Dropout,
}

impl<const E: usize, const HEADS: usize, const FF: usize, O, T: Float> TransformerEncoderLayer<E, HEADS, FF, O, T>
where
    O: TransformerEncoderLayerOptions,
{
    /// With another probability of all that is dropped in training; 0 drops nothing.
    #[must_use]
    pub fn with_dropout(mut self, p: f64) -> Self {
        self.self_attn = self.self_attn.with_dropout(p);
        (self.dropout.p, self.dropout1.p, self.dropout2.p) = (p, p, p);
        self
    }

    /// The bytes of a step's buffers: the token between the parts, before and behind each, and the attention's or the network's.
    pub(crate) const STEP_BUFFERS: usize = {
        let attention = MultiheadAttention::<E, HEADS, AttentionOf<O>, T>::STEP_BUFFERS;
        3 * E * size_of::<T>() + crate::ops::cost::larger(attention, (2 * FF + E) * size_of::<T>())
    };

    /// The output of the next token of a sequence, as [`MultiheadAttention::step`]: of what came before, `cache` remembers what is needed.
    /// `None` if there is no room left.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let rng = &mut SmallRng::seed_from_u64(0);
    /// let layer = TransformerEncoderLayer::<8, 2, 16, Causal>::init(rng);
    /// let x = Tensor::<[[f32; 8]; 5]>::randn(rng);
    /// let mut cache = KeyValueCache::<8, 16>::new();
    /// for (x, y) in x.rows().zip(layer.forward(&x).rows()) {
    ///     assert!(layer.step(&mut cache, x).unwrap().all_close(y, 1e-5, 1e-5));
    /// }
    /// ```
    pub fn step<const N: usize>(&self, cache: &mut KeyValueCache<E, N, T>, x: &Tensor<[T; E]>) -> Option<Tensor<[T; E]>>
    where
        AttentionOf<O>: MultiheadAttentionOptions<Settings: GoesOn>,
        ActivationOf<O>: Module<Tensor<[T; FF]>, Output = Tensor<[T; FF]>>,
    {
        let h = beside::<E, T, OrderOf<O>>(&self.norm1, x, |x| self.self_attn.step(cache, x))?;
        beside::<E, T, OrderOf<O>>(&self.norm2, &h, |h| Some(self.network().of(h)))
    }
}

type OrderOf<O> = <Of<O> as Transforms>::Order;

/// The backward pass of `$x`, whose first layer `run!` calls as `$first`, and the others as `$rest`.
macro_rules! pass {
    ($first:ident $rest:ident $grads:ident, $this:ident, $x:ident, $next:ident) => {{
        let own = own!($first $x);
        let result = if OrderOf::<O>::NORM_FIRST {
            run!($first $grads, $this.norm1(tokens!($first own)), |n| {
                let mut inner = $x.clone();
                *inner.tokens_mut() = *n;
                let result = run!($rest $grads, $this.self_attn(&mut inner), |a| run!($rest $grads, $this.dropout1(a), |h| {
                    h.axpy(T::ONE, $x.tokens());
                    let mut m = *h;
                    let result = run!($rest $grads, $this.norm2(&mut m), |n| {
                        feed_forward!($rest $grads, $this, dropout2, n, |y| {
                            y.axpy(T::ONE, h);
                            let result = $next(y);
                            *h = *y;
                            result
                        })
                    });
                    h.axpy(T::ONE, &m);
                    keep!($first $x, h);
                    result
                }));
                *n = *inner.tokens();
                result
            })
        } else {
            run!($first $grads, $this.self_attn(own), |a| run!($rest $grads, $this.dropout1(a), |a| {
                a.axpy(T::ONE, $x.tokens());
                let result = run!($rest $grads, $this.norm1(a), |h| {
                    let mut f = *h;
                    let result = feed_forward!($rest $grads, $this, dropout2, &mut f, |y| {
                        y.axpy(T::ONE, h);
                        let result = run!($rest $grads, $this.norm2(y), |y| $next(y));
                        *h = *y;
                        result
                    });
                    h.axpy(T::ONE, &f);
                    result
                });
                keep!($first $x, a);
                result
            }))
        };
        settle!($first $x, own);
        result
    }};
}

/// What a layer's parts take and give.
macro_rules! parts {
    ($Entry:ident, [$($items:tt)*]) => {
        impl<X, const E: usize, const HEADS: usize, const FF: usize, O, T> $Entry<X> for TransformerEncoderLayer<E, HEADS, FF, O, T>
        where
            X: EncoderInput<E, T, Self>,
            O: TransformerEncoderLayerOptions,
            T: Float,
            MultiheadAttention<E, HEADS, AttentionOf<O>, T>: $Entry<X, Output = Tensor<X::Tokens>>,
            LayerNorm<[T; E]>: $Entry<Tensor<X::Tokens>, Output = Tensor<X::Tokens>>,
            Linear<E, FF, Bias, T>: $Entry<Tensor<X::Tokens>, Output = Tensor<X::With<FF>>>,
            ActivationOf<O>: $Entry<Tensor<X::With<FF>>, Output = Tensor<X::With<FF>>>,
            Linear<FF, E, Bias, T>: $Entry<Tensor<X::With<FF>>, Output = Tensor<X::Tokens>>,
        {
            $($items)*
        }
    };
}

parts! { Module, [
    type Output = Tensor<X::Tokens>;

    const MACS: u64 = <MultiheadAttention<E, HEADS, AttentionOf<O>, T> as Module<X>>::MACS
        + <Linear<E, FF, Bias, T> as Module<Tensor<X::Tokens>>>::MACS
        + <Linear<FF, E, Bias, T> as Module<Tensor<X::With<FF>>>>::MACS;
    const FORWARD_BYTES: usize = {
        let attention = <MultiheadAttention<E, HEADS, AttentionOf<O>, T> as Module<X>>::FORWARD_BYTES;
        let first = if OrderOf::<O>::NORM_FIRST { size_of::<X>() } else { size_of::<Self::Output>() };
        first + crate::ops::cost::larger(attention, size_of::<Self::Output>() + size_of::<X::With<FF>>())
    };

    #[inline]
    fn forward_into(&self, x: &X, y: &mut Self::Output) {
        if OrderOf::<O>::NORM_FIRST {
            let mut n = x.clone();
            self.norm1.forward_into(x.tokens(), n.tokens_mut());
            self.self_attn.forward_into(&n, y);
            y.axpy(T::ONE, x.tokens());
            self.norm2.forward_into(y, n.tokens_mut());
            self.network().lend(n.tokens_mut(), |f| y.axpy(T::ONE, f));
        } else {
            let mut a = Tensor::<X::Tokens>::ZERO;
            self.self_attn.forward_into(x, &mut a);
            a.axpy(T::ONE, x.tokens());
            self.norm1.forward_into(&a, y);
            a = *y;
            self.network().lend(&mut a, |f| {
                f.axpy(T::ONE, y);
                self.norm2.forward_into(f, y);
            });
        }
    }

    #[inline]
    fn forward_training(&self, x: &X, grads: &mut Self::Grads) -> Self::Output {
        if OrderOf::<O>::NORM_FIRST {
            let mut n = x.clone();
            self.norm1.forward_into(x.tokens(), n.tokens_mut());
            let a = self.self_attn.forward_training(&n, &mut grads.self_attn);
            let mut h = self.dropout1.forward_training(&a, &mut grads.dropout1);
            h.axpy(T::ONE, x.tokens());
            self.norm2.forward_into(&h, n.tokens_mut());
            h.axpy(T::ONE, &self.network().train(n.tokens(), [(&self.dropout, &mut grads.dropout), (&self.dropout2, &mut grads.dropout2)]));
            h
        } else {
            let a = self.self_attn.forward_training(x, &mut grads.self_attn);
            let mut h = self.dropout1.forward_training(&a, &mut grads.dropout1);
            h.axpy(T::ONE, x.tokens());
            let h = self.norm1.forward_inside(&h);
            let mut f = self.network().train(&h, [(&self.dropout, &mut grads.dropout), (&self.dropout2, &mut grads.dropout2)]);
            f.axpy(T::ONE, &h);
            self.norm2.forward_inside(&f)
        }
    }
] }

parts! { Backprop, [
    const BACKPROP_BYTES: usize = <MultiheadAttention<E, HEADS, AttentionOf<O>, T> as Backprop<X>>::BACKPROP_BYTES
        + 2 * <LayerNorm<[T; E]> as Backprop<Tensor<X::Tokens>>>::BACKPROP_BYTES
        + <Linear<E, FF, Bias, T> as Backprop<Tensor<X::Tokens>>>::BACKPROP_BYTES
        + <ActivationOf<O> as Backprop<Tensor<X::With<FF>>>>::BACKPROP_BYTES
        + <Linear<FF, E, Bias, T> as Backprop<Tensor<X::With<FF>>>>::BACKPROP_BYTES
        + size_of::<X>()
        + size_of::<X::Tokens>()
        + if OrderOf::<O>::NORM_FIRST { size_of::<X>() } else { 0 };

    #[inline]
    fn backprop<R>(&self, x: &mut X, grads: &mut Grads<Self>, next: impl FnOnce(&mut Self::Output) -> R) -> R {
        pass!(train train grads, self, x, next)
    }

    #[inline]
    fn backprop_params<R>(&self, x: &X, grads: &mut Grads<Self>, next: impl FnOnce(&mut Self::Output) -> R) -> R {
        pass!(params train grads, self, x, next)
    }

    #[inline]
    fn backprop_input<R>(&self, x: &mut X, next: impl FnOnce(&mut Self::Output) -> R) -> R {
        pass!(input input grads, self, x, next)
    }

    fn layers<V: LayerVisitor>(name: Name<'_>, depth: usize, visitor: &mut V) {
        visitor.layer(&LayerSummary::of::<X, Self>(name, depth));
        let depth = depth + 1;
        <MultiheadAttention<E, HEADS, AttentionOf<O>, T> as Backprop<X>>::layers(name.field("self_attn"), depth, visitor);
        <Linear<E, FF, Bias, T> as Backprop<Tensor<X::Tokens>>>::layers(name.field("linear1"), depth, visitor);
        <ActivationOf<O> as Backprop<Tensor<X::With<FF>>>>::layers(name.field("activation"), depth, visitor);
        <Linear<FF, E, Bias, T> as Backprop<Tensor<X::With<FF>>>>::layers(name.field("linear2"), depth, visitor);
        for norm in ["norm1", "norm2"] {
            <LayerNorm<[T; E]> as Backprop<Tensor<X::Tokens>>>::layers(name.field(norm), depth, visitor);
        }
    }
] }

impl<const E: usize, const HEADS: usize, const FF: usize, O, T: Float> TransformerEncoderLayer<E, HEADS, FF, O, T>
where
    O: TransformerEncoderLayerOptions,
{
    /// The network of each token.
    #[inline]
    const fn network(&self) -> Network<'_, E, FF, ActivationOf<O>, T> {
        Network { linear1: &self.linear1, activation: &self.activation, linear2: &self.linear2 }
    }
}
