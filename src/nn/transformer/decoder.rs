//! [`TransformerDecoderLayer`].

use super::{DROPOUT, DecoderInput, Network, Transforms, beside, feed_forward, keep, own, run, settle, tokens};
use crate::nn::bias::Bias;
use crate::nn::options::{DecoderLayer, Order, TransformerSettings};
use crate::nn::options_trait::options_trait;
use crate::nn::{
    Backprop, Dropout, Grads, KeyValueCache, LayerNorm, LayerSummary, LayerVisitor, Linear, Module, MultiheadAttention, Name,
};
use crate::simd::Float;
use crate::tensor::{Buffer, Tensor};

options_trait! {
    /// The options of a [`TransformerDecoderLayer`]: `()`, one, or a tuple of them.
    TransformerDecoderLayerOptions: Transforms = TransformerSettings, DecoderLayer
}

type Of<O> = <O as TransformerDecoderLayerOptions>::Settings;
type OrderOf<O> = <Of<O> as Transforms>::Order;
type ActivationOf<O> = <Of<O> as Transforms>::Activation;
type OwnOf<O> = <Of<O> as Transforms>::OwnAttention;
type MemoryOf<O> = <Of<O> as Transforms>::MemoryAttention;

/// Tokens that attend to those before them, and to a memory, and a network for each of them: g = norm1(x + attention(x)),
/// h = norm2(g + attention(g, memory)), y = norm3(h + W₂ · relu(W₁ · h + b₁) + b₂).
///
/// | | |
/// |---|---|
/// | input | `(x, memory)`: tokens `[L][E]` and a memory `[S][E]`, or batches `[B][L][E]`, `[B][S][E]`; or `(x, memory, keys)` with which of the memory's tokens are there, `Tensor<[bool; S]>` or `Tensor<[[bool; S]; B]>` |
/// | output | as the tokens |
/// | `self_attn`, `multihead_attn` | [`MultiheadAttention<E, HEADS>`](MultiheadAttention), to the tokens, which is [causal](crate::nn::Causal), and to the memory |
/// | `linear1`, `linear2` | [`Linear<E, FF>`](Linear), `Linear<FF, E>` |
/// | `norm1`, `norm2`, `norm3` | [`LayerNorm<[T; E]>`](LayerNorm) |
///
/// Options and dropout are those of [`TransformerEncoderLayer`](crate::nn::TransformerEncoderLayer); it is always causal, as a decoder is
/// for, and `RotaryPositions` turns the queries and keys of `self_attn` alone. A. Vaswani et al., *Attention is all you need*, 2017
/// (arXiv:1706.03762). After
/// [`torch.nn.TransformerDecoderLayer`](https://docs.pytorch.org/docs/stable/generated/torch.nn.TransformerDecoderLayer.html) with
/// `batch_first=True` and a causal `tgt_mask`.
///
/// ```
/// use adamant::prelude::*;
/// let rng = &mut SmallRng::seed_from_u64(0);
/// let layer = TransformerDecoderLayer::<8, 2, 16>::init(rng);
/// let (x, memory) = (Tensor::<[[[f32; 8]; 5]; 3]>::randn(rng), Tensor::<[[[f32; 8]; 6]; 3]>::randn(rng));
/// let y: Tensor<[[[f32; 8]; 5]; 3]> = layer.forward((x, memory));
/// ```
#[derive(crate::Module, Clone, Copy, PartialEq, Debug)]
#[module(custom(forward))]
pub struct TransformerDecoderLayer<
    const E: usize,
    const HEADS: usize,
    const FF: usize,
    O: TransformerDecoderLayerOptions = (),
    T: Float = f32,
> {
    /// The tokens' attention to each other.
    pub self_attn: MultiheadAttention<E, HEADS, OwnOf<O>, T>,
    /// Their attention to the memory.
    pub multihead_attn: MultiheadAttention<E, HEADS, MemoryOf<O>, T>,
    /// The network's first layer.
    pub linear1: Linear<E, FF, Bias, T>,
    /// What stands between its layers.
    pub activation: ActivationOf<O>,
    /// What drops between its layers.
    #[module(value = Dropout::new(DROPOUT))]
    pub dropout: Dropout,
    /// The network's second layer.
    pub linear2: Linear<FF, E, Bias, T>,
    /// Of the attention to each other.
    pub norm1: LayerNorm<[T; E]>,
    /// Of the attention to the memory.
    pub norm2: LayerNorm<[T; E]>,
    /// Of the network.
    pub norm3: LayerNorm<[T; E]>,
    /// What drops behind the attention to each other.
    #[module(value = Dropout::new(DROPOUT))]
    pub dropout1: Dropout,
    /// What drops behind the attention to the memory.
    #[module(value = Dropout::new(DROPOUT))]
    pub dropout2: Dropout,
    /// What drops behind the network.
    #[module(value = Dropout::new(DROPOUT))]
    pub dropout3: Dropout,
}

/// What a [`TransformerDecoderLayer`] remembers from one token to the next: up to `CAPACITY` tokens, and a memory of `S`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct DecoderCache<const E: usize, const CAPACITY: usize, const S: usize, T: Float = f32> {
    /// The tokens so far.
    pub tokens: KeyValueCache<E, CAPACITY, T>,
    /// The memory.
    pub memory: KeyValueCache<E, S, T>,
}

impl<const E: usize, const HEADS: usize, const FF: usize, O, T: Float> TransformerDecoderLayer<E, HEADS, FF, O, T>
where
    O: TransformerDecoderLayerOptions,
{
    /// With another probability of all that is dropped in training; 0 drops nothing.
    #[must_use]
    pub fn with_dropout(mut self, p: f64) -> Self {
        self.self_attn = self.self_attn.with_dropout(p);
        self.multihead_attn = self.multihead_attn.with_dropout(p);
        (self.dropout.p, self.dropout1.p, self.dropout2.p, self.dropout3.p) = (p, p, p, p);
        self
    }

    /// What the first token finds: a memory, and no token before it.
    pub fn begin<const CAPACITY: usize, const S: usize>(
        &self,
        memory: &Tensor<[[T; E]; S]>,
    ) -> DecoderCache<E, CAPACITY, S, T> {
        DecoderCache { tokens: KeyValueCache::EMPTY, memory: self.multihead_attn.remember(memory) }
    }

    /// The output of the next token of a sequence, as [`MultiheadAttention::step`]. `None` if there is no room left for it.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let rng = &mut SmallRng::seed_from_u64(0);
    /// let layer = TransformerDecoderLayer::<8, 2, 16>::init(rng);
    /// let (x, memory) = (Tensor::<[[f32; 8]; 5]>::randn(rng), Tensor::<[[f32; 8]; 6]>::randn(rng));
    /// let mut cache = layer.begin::<16, 6>(&memory);
    /// for (x, y) in x.rows().zip(layer.forward((x, memory)).rows()) {
    ///     assert!(layer.step(&mut cache, x).unwrap().all_close(y, 1e-5, 1e-5));
    /// }
    /// ```
    pub fn step<const CAPACITY: usize, const S: usize>(
        &self,
        cache: &mut DecoderCache<E, CAPACITY, S, T>,
        x: &Tensor<[T; E]>,
    ) -> Option<Tensor<[T; E]>>
    where
        ActivationOf<O>: Module<Tensor<[T; FF]>, Output = Tensor<[T; FF]>>,
    {
        let DecoderCache { tokens, memory } = cache;
        let position = tokens.len();
        let g = beside::<E, T, OrderOf<O>>(&self.norm1, x, |x| self.self_attn.step(tokens, x))?;
        let h = beside::<E, T, OrderOf<O>>(&self.norm2, &g, |g| Some(self.multihead_attn.recall(memory, g, position)))?;
        beside::<E, T, OrderOf<O>>(&self.norm3, &h, |h| Some(self.network().of(h)))
    }
}

/// The backward pass of `$x`, whose first layer `run!` calls as `$first`, and the others as `$rest`.
macro_rules! pass {
    ($first:ident $rest:ident $grads:ident, $this:ident, $x:ident, $next:ident) => {{
        let own = own!($first $x);
        let result = if OrderOf::<O>::NORM_FIRST {
            run!($first $grads, $this.norm1(tokens!($first own)), |n| run!($rest $grads, $this.self_attn(n), |a| {
                run!($rest $grads, $this.dropout1(a), |g| {
                    g.axpy(T::ONE, $x.tokens());
                    let mut n = *g;
                    let result = run!($rest $grads, $this.norm2(&mut n), |n| {
                        let mut inner = $x.clone();
                        *inner.tokens_mut() = *n;
                        let result = run!($rest $grads, $this.multihead_attn(&mut inner), |a| {
                            run!($rest $grads, $this.dropout2(a), |h| {
                                h.axpy(T::ONE, g);
                                let mut m = *h;
                                let result = run!($rest $grads, $this.norm3(&mut m), |n| {
                                    feed_forward!($rest $grads, $this, dropout3, n, |y| {
                                        y.axpy(T::ONE, h);
                                        let result = $next(y);
                                        *h = *y;
                                        result
                                    })
                                });
                                h.axpy(T::ONE, &m);
                                *g = *h;
                                result
                            })
                        });
                        *n = *inner.tokens();
                        remember!($first $x, inner);
                        result
                    });
                    g.axpy(T::ONE, &n);
                    keep!($first $x, g);
                    result
                })
            }))
        } else {
            run!($first $grads, $this.self_attn(tokens!($first own)), |a| run!($rest $grads, $this.dropout1(a), |a| {
                a.axpy(T::ONE, $x.tokens());
                let result = run!($rest $grads, $this.norm1(a), |g| {
                    let mut inner = $x.clone();
                    *inner.tokens_mut() = *g;
                    let result = run!($rest $grads, $this.multihead_attn(&mut inner), |b| {
                        run!($rest $grads, $this.dropout2(b), |b| {
                            b.axpy(T::ONE, g);
                            let result = run!($rest $grads, $this.norm2(b), |h| {
                                let mut f = *h;
                                let result = feed_forward!($rest $grads, $this, dropout3, &mut f, |y| {
                                    y.axpy(T::ONE, h);
                                    let result = run!($rest $grads, $this.norm3(y), |y| $next(y));
                                    *h = *y;
                                    result
                                });
                                h.axpy(T::ONE, &f);
                                result
                            });
                            *g = *b;
                            result
                        })
                    });
                    g.axpy(T::ONE, inner.tokens());
                    remember!($first $x, inner);
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

/// Puts the memory's gradient in its place.
macro_rules! remember {
    (params $x:ident, $inner:ident) => {};
    ($how:ident $x:ident, $inner:ident) => {
        *$x.memory_mut() = *$inner.memory_mut()
    };
}

/// What a layer's parts take and give.
macro_rules! parts {
    ($Entry:ident, [$($items:tt)*]) => {
        impl<X, const E: usize, const HEADS: usize, const FF: usize, O, T> $Entry<X> for TransformerDecoderLayer<E, HEADS, FF, O, T>
        where
            X: DecoderInput<E, T, Self>,
            O: TransformerDecoderLayerOptions,
            T: Float,
            MultiheadAttention<E, HEADS, OwnOf<O>, T>: $Entry<Tensor<X::Tokens>, Output = Tensor<X::Tokens>>,
            MultiheadAttention<E, HEADS, MemoryOf<O>, T>: $Entry<X, Output = Tensor<X::Tokens>>,
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

    const MACS: u64 = <MultiheadAttention<E, HEADS, OwnOf<O>, T> as Module<Tensor<X::Tokens>>>::MACS
        + <MultiheadAttention<E, HEADS, MemoryOf<O>, T> as Module<X>>::MACS
        + <Linear<E, FF, Bias, T> as Module<Tensor<X::Tokens>>>::MACS
        + <Linear<FF, E, Bias, T> as Module<Tensor<X::With<FF>>>>::MACS;
    const FORWARD_BYTES: usize = {
        use crate::ops::cost::larger;
        let own = <MultiheadAttention<E, HEADS, OwnOf<O>, T> as Module<Tensor<X::Tokens>>>::FORWARD_BYTES;
        let memory = <MultiheadAttention<E, HEADS, MemoryOf<O>, T> as Module<X>>::FORWARD_BYTES;
        let network = size_of::<Self::Output>() + size_of::<X::With<FF>>();
        size_of::<X>() + size_of::<Self::Output>() + larger(larger(own, memory), network)
    };

    #[inline]
    fn forward_into(&self, x: &X, y: &mut Self::Output) {
        let (mut n, mut a) = (x.clone(), Tensor::<X::Tokens>::ZERO);
        if OrderOf::<O>::NORM_FIRST {
            self.norm1.forward_into(x.tokens(), &mut a);
            self.self_attn.forward_into(&a, y);
            y.axpy(T::ONE, x.tokens());
            self.norm2.forward_into(y, n.tokens_mut());
            self.multihead_attn.forward_into(&n, &mut a);
            y.axpy(T::ONE, &a);
            self.norm3.forward_into(y, &mut a);
            self.network().lend(&mut a, |f| y.axpy(T::ONE, f));
        } else {
            self.self_attn.forward_into(x.tokens(), &mut a);
            a.axpy(T::ONE, x.tokens());
            self.norm1.forward_into(&a, n.tokens_mut());
            self.multihead_attn.forward_into(&n, &mut a);
            a.axpy(T::ONE, n.tokens());
            self.norm2.forward_into(&a, y);
            a = *y;
            self.network().lend(&mut a, |f| {
                f.axpy(T::ONE, y);
                self.norm3.forward_into(f, y);
            });
        }
    }

    #[inline]
    fn forward_training(&self, x: &X, grads: &mut Self::Grads) -> Self::Output {
        let mut n = x.clone();
        if OrderOf::<O>::NORM_FIRST {
            self.norm1.forward_into(x.tokens(), n.tokens_mut());
            let a = self.self_attn.forward_training(n.tokens(), &mut grads.self_attn);
            let mut h = self.dropout1.forward_training(&a, &mut grads.dropout1);
            h.axpy(T::ONE, x.tokens());
            self.norm2.forward_into(&h, n.tokens_mut());
            let a = self.multihead_attn.forward_training(&n, &mut grads.multihead_attn);
            h.axpy(T::ONE, &self.dropout2.forward_training(&a, &mut grads.dropout2));
            self.norm3.forward_into(&h, n.tokens_mut());
            h.axpy(T::ONE, &self.network().train(n.tokens(), [(&self.dropout, &mut grads.dropout), (&self.dropout3, &mut grads.dropout3)]));
            h
        } else {
            let a = self.self_attn.forward_training(x.tokens(), &mut grads.self_attn);
            let mut a = self.dropout1.forward_training(&a, &mut grads.dropout1);
            a.axpy(T::ONE, x.tokens());
            self.norm1.forward_into(&a, n.tokens_mut());
            let a = self.multihead_attn.forward_training(&n, &mut grads.multihead_attn);
            let mut a = self.dropout2.forward_training(&a, &mut grads.dropout2);
            a.axpy(T::ONE, n.tokens());
            let h = self.norm2.forward_inside(&a);
            let mut f = self.network().train(&h, [(&self.dropout, &mut grads.dropout), (&self.dropout3, &mut grads.dropout3)]);
            f.axpy(T::ONE, &h);
            self.norm3.forward_inside(&f)
        }
    }
] }

parts! { Backprop, [
    const BACKPROP_BYTES: usize = <MultiheadAttention<E, HEADS, OwnOf<O>, T> as Backprop<Tensor<X::Tokens>>>::BACKPROP_BYTES
        + <MultiheadAttention<E, HEADS, MemoryOf<O>, T> as Backprop<X>>::BACKPROP_BYTES
        + 3 * <LayerNorm<[T; E]> as Backprop<Tensor<X::Tokens>>>::BACKPROP_BYTES
        + <Linear<E, FF, Bias, T> as Backprop<Tensor<X::Tokens>>>::BACKPROP_BYTES
        + <ActivationOf<O> as Backprop<Tensor<X::With<FF>>>>::BACKPROP_BYTES
        + <Linear<FF, E, Bias, T> as Backprop<Tensor<X::With<FF>>>>::BACKPROP_BYTES
        + 2 * size_of::<X>()
        + if OrderOf::<O>::NORM_FIRST { 2 } else { 1 } * size_of::<X::Tokens>();

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
        <MultiheadAttention<E, HEADS, OwnOf<O>, T> as Backprop<Tensor<X::Tokens>>>::layers(name.field("self_attn"), depth, visitor);
        <MultiheadAttention<E, HEADS, MemoryOf<O>, T> as Backprop<X>>::layers(name.field("multihead_attn"), depth, visitor);
        <Linear<E, FF, Bias, T> as Backprop<Tensor<X::Tokens>>>::layers(name.field("linear1"), depth, visitor);
        <ActivationOf<O> as Backprop<Tensor<X::With<FF>>>>::layers(name.field("activation"), depth, visitor);
        <Linear<FF, E, Bias, T> as Backprop<Tensor<X::With<FF>>>>::layers(name.field("linear2"), depth, visitor);
        for norm in ["norm1", "norm2", "norm3"] {
            <LayerNorm<[T; E]> as Backprop<Tensor<X::Tokens>>>::layers(name.field(norm), depth, visitor);
        }
    }
] }

impl<const E: usize, const HEADS: usize, const FF: usize, O, T: Float> TransformerDecoderLayer<E, HEADS, FF, O, T>
where
    O: TransformerDecoderLayerOptions,
{
    /// The network of each token.
    #[inline]
    const fn network(&self) -> Network<'_, E, FF, ActivationOf<O>, T> {
        Network { linear1: &self.linear1, activation: &self.activation, linear2: &self.linear2 }
    }
}
