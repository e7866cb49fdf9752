//! Stacks of layers, and a norm behind them.

use super::{DecoderCache, TransformerDecoderLayer, TransformerDecoderLayerOptions};
use super::{TransformerEncoderLayer, TransformerEncoderLayerOptions};
use crate::nn::{
    Backprop, Gradients, Grads, Identity, KeyValueCache, LayerSummary, LayerVisitor, Module, MultiheadAttentionOptions, Name,
    Parameters,
};
use crate::ops::cost::larger;
use crate::shape::{Element, Shape};
use crate::simd::{self, Float};
use crate::tensor::{Buffer, Tensor};

/// `N` equal layers, [`TransformerEncoderLayer`]s, one after the other, and a norm behind them, if there is one.
///
/// | | |
/// |---|---|
/// | input, output | those of a layer |
/// | `layers` | named `layers.0`, `layers.1`, … |
/// | `norm` | what stands behind them: [`LayerNorm<[f32; E]>`](crate::nn::LayerNorm), or nothing |
///
/// In training each layer's input is kept, and each runs forward once more on the way back, as the layers of an array do; a
/// [`Sequential!`](macro@crate::Sequential) of them takes more memory and less time. After
/// [`torch.nn.TransformerEncoder`](https://docs.pytorch.org/docs/stable/generated/torch.nn.TransformerEncoder.html).
///
/// ```
/// use adamant::prelude::*;
/// type Layer = TransformerEncoderLayer<8, 2, 16, NormFirst>;
/// let rng = &mut SmallRng::seed_from_u64(0);
/// let encoder = TransformerEncoder::<Layer, 2, LayerNorm<[f32; 8]>>::init(rng);
/// let x = Tensor::<[[[f32; 8]; 5]; 3]>::randn(rng);
/// let y: Tensor<[[[f32; 8]; 5]; 3]> = encoder.forward(&x);
/// let y = encoder.forward((x, Tensor([[true, true, true, false, false]; 3])));
/// ```
#[derive(crate::Module, Clone, Copy, PartialEq, Debug)]
#[module(custom(forward))]
pub struct TransformerEncoder<L, const N: usize, M = Identity> {
    /// The layers.
    pub layers: [L; N],
    /// What stands behind them.
    pub norm: M,
}

/// `N` equal layers, [`TransformerDecoderLayer`]s, one after the other, each attending to the same memory, and a norm behind them, if there
/// is one. As [`TransformerEncoder`] otherwise. After
/// [`torch.nn.TransformerDecoder`](https://docs.pytorch.org/docs/stable/generated/torch.nn.TransformerDecoder.html).
///
/// ```
/// use adamant::prelude::*;
/// let rng = &mut SmallRng::seed_from_u64(0);
/// let decoder = TransformerDecoder::<TransformerDecoderLayer<8, 2, 16>, 2>::init(rng);
/// let (x, memory) = (Tensor::<[[[f32; 8]; 5]; 3]>::randn(rng), Tensor::<[[[f32; 8]; 6]; 3]>::randn(rng));
/// let y: Tensor<[[[f32; 8]; 5]; 3]> = decoder.forward((x, memory));
/// ```
#[derive(crate::Module, Clone, Copy, PartialEq, Debug)]
#[module(custom(forward))]
pub struct TransformerDecoder<L, const N: usize, M = Identity> {
    /// The layers.
    pub layers: [L; N],
    /// What stands behind them.
    pub norm: M,
}

/// What a stack takes: tokens, which each layer changes, and what all of its layers see.
pub trait Stacked: Clone {
    /// The tokens' shape.
    type Tokens: Shape<Elem: Float>;

    /// The tokens.
    fn tokens(&self) -> &Tensor<Self::Tokens>;
    /// The tokens, to write to.
    fn tokens_mut(&mut self) -> &mut Tensor<Self::Tokens>;
    /// Adds to the gradients of what all see those of one more.
    fn add(&mut self, other: &Self);
    /// Makes them zero.
    fn clear(&mut self);
}

/// What all layers of a stack see.
pub trait Seen: Clone {
    /// Adds a gradient, if there is any.
    fn add(&mut self, other: &Self);
    /// Makes the gradient zero.
    fn clear(&mut self);
}

/// What a seen tensor is made of: numbers have gradients, truth values have none.
pub trait SeenElement: Element {
    /// x += y.
    fn add(x: &mut [Self], y: &[Self]);
    /// x = 0.
    fn clear(x: &mut [Self]);
}

#[diagnostic::do_not_recommend]
impl<T: Float> SeenElement for T {
    #[inline]
    fn add(x: &mut [T], y: &[T]) {
        simd::add_assign(x, y);
    }

    #[inline]
    fn clear(x: &mut [T]) {
        simd::fill(x, T::ZERO);
    }
}

impl SeenElement for bool {
    #[inline]
    fn add(_: &mut [bool], _: &[bool]) {}

    #[inline]
    fn clear(_: &mut [bool]) {}
}

impl<S: Shape<Elem: SeenElement>> Seen for Tensor<S> {
    #[inline]
    fn add(&mut self, other: &Self) {
        SeenElement::add(self.as_mut_slice(), other.as_slice());
    }

    #[inline]
    fn clear(&mut self) {
        SeenElement::clear(self.as_mut_slice());
    }
}

impl<S: Shape> Seen for &Tensor<S> {
    #[inline]
    fn add(&mut self, _: &Self) {}

    #[inline]
    fn clear(&mut self) {}
}

macro_rules! stacked {
    ($([$($seen:ident)*] $x:ty, |$this:ident, $other:ident| $tokens:expr, [$(($own:expr, $others:expr))*];)+) => {$(
        #[diagnostic::do_not_recommend]
        impl<S: Shape<Elem: Float> $(, $seen: Seen)*> Stacked for $x {
            type Tokens = S;

            #[inline]
            fn tokens(&self) -> &Tensor<S> {
                let $this = self;
                &$tokens
            }

            #[inline]
            fn tokens_mut(&mut self) -> &mut Tensor<S> {
                let $this = self;
                &mut $tokens
            }

            #[inline]
            fn add(&mut self, $other: &Self) {
                let _ = $other;
                let $this = self;
                let _ = &$this;
                $($own.add(&$others);)*
            }

            #[inline]
            fn clear(&mut self) {
                let $this = self;
                let _ = &$this;
                $($own.clear();)*
            }
        }
    )+};
}

stacked! {
    [] Tensor<S>, |this, other| *this, [];
    [A] (Tensor<S>, A), |this, other| this.0, [(this.1, other.1)];
    [A B] (Tensor<S>, A, B), |this, other| this.0, [(this.1, other.1) (this.2, other.2)];
}

/// What the gradients of `N` layers carried when their forward pass began, and what these were given.
struct Kept<X: Stacked, L: Parameters, const N: usize>([(Carried<L>, Tensor<X::Tokens>); N]);

type Carried<L> = <Grads<L> as Gradients>::Carried;

macro_rules! stacks {
    ($($stack:ident)+) => {$(
        impl<X, L, M, const N: usize> Module<X> for $stack<L, N, M>
        where
            X: Stacked,
            L: Module<X, Output = Tensor<X::Tokens>> + 'static,
            M: Module<Tensor<X::Tokens>, Output = Tensor<X::Tokens>> + 'static,
        {
            type Output = Tensor<X::Tokens>;
            const MACS: u64 = N as u64 * L::MACS + M::MACS;
            const FORWARD_BYTES: usize = size_of::<X>() + larger(L::FORWARD_BYTES, M::FORWARD_BYTES);

            #[inline]
            fn forward_into(&self, x: &X, y: &mut Self::Output) {
                let mut x = x.clone();
                for layer in &self.layers {
                    layer.forward_into(&x, y);
                    *x.tokens_mut() = *y;
                }
                self.norm.forward_into(x.tokens(), y);
            }

            #[inline]
            fn forward_training(&self, x: &X, grads: &mut Self::Grads) -> Self::Output {
                let mut x = x.clone();
                for (layer, grads) in self.layers.iter().zip(&mut grads.layers) {
                    *x.tokens_mut() = layer.forward_training(&x, grads);
                }
                self.norm.forward_training(x.tokens(), &mut grads.norm)
            }
        }

        impl<L: Parameters + 'static, M: Parameters + 'static, const N: usize> $stack<L, N, M> {
            /// Runs the layers forward on `x`, and keeps what the way back needs.
            #[inline]
            fn keep<X: Stacked>(&self, x: &mut X, grads: &mut Grads<Self>) -> Kept<X, L, N>
            where
                L: Backprop<X, Output = Tensor<X::Tokens>>,
            {
                let mut kept = Kept([(Buffer::ZERO, Tensor::ZERO); N]);
                for ((layer, grads), (carried, input)) in self.layers.iter().zip(&mut grads.layers).zip(&mut kept.0) {
                    (*carried, *input) = (grads.carried(), *x.tokens());
                    *x.tokens_mut() = layer.forward_training(x, grads);
                }
                kept
            }
        }

        impl<X, L, M, const N: usize> Backprop<X> for $stack<L, N, M>
        where
            X: Stacked,
            L: Backprop<X, Output = Tensor<X::Tokens>> + 'static,
            M: Backprop<Tensor<X::Tokens>, Output = Tensor<X::Tokens>> + 'static,
        {
            const BACKPROP_BYTES: usize = size_of::<Kept<X, L, N>>() + 2 * size_of::<X>() + larger(L::BACKPROP_BYTES, M::BACKPROP_BYTES);

            #[inline]
            fn backprop<R>(&self, x: &mut X, grads: &mut Grads<Self>, next: impl FnOnce(&mut Self::Output) -> R) -> R {
                let mut run = x.clone();
                let kept = self.keep(&mut run, grads);
                let result = self.norm.backprop(run.tokens_mut(), &mut grads.norm, next);
                let seen = x.clone();
                x.clear();
                for ((layer, grads), (carried, input)) in self.layers.iter().zip(&mut grads.layers).zip(&kept.0).rev() {
                    let mut own = seen.clone();
                    *own.tokens_mut() = *input;
                    grads.carry(carried);
                    layer.backprop(&mut own, grads, |y| *y = *run.tokens());
                    *run.tokens_mut() = *own.tokens();
                    x.add(&own);
                }
                *x.tokens_mut() = *run.tokens();
                result
            }

            #[inline]
            fn backprop_params<R>(&self, x: &X, grads: &mut Grads<Self>, next: impl FnOnce(&mut Self::Output) -> R) -> R {
                let mut run = x.clone();
                let kept = self.keep(&mut run, grads);
                let result = self.norm.backprop(run.tokens_mut(), &mut grads.norm, next);
                for (i, ((layer, grads), (carried, input))) in
                    self.layers.iter().zip(&mut grads.layers).zip(&kept.0).enumerate().rev()
                {
                    let mut own = x.clone();
                    *own.tokens_mut() = *input;
                    grads.carry(carried);
                    layer.backprop_if(i > 0, &mut own, grads, |y| *y = *run.tokens());
                    *run.tokens_mut() = *own.tokens();
                }
                result
            }

            #[inline]
            fn backprop_input<R>(&self, x: &mut X, next: impl FnOnce(&mut Self::Output) -> R) -> R {
                let mut run = x.clone();
                let mut inputs = [Tensor::<X::Tokens>::ZERO; N];
                for (layer, input) in self.layers.iter().zip(&mut inputs) {
                    *input = *run.tokens();
                    *run.tokens_mut() = layer.forward_inside(&run);
                }
                let result = self.norm.backprop_input(run.tokens_mut(), next);
                let seen = x.clone();
                x.clear();
                for (layer, input) in self.layers.iter().zip(&inputs).rev() {
                    let mut own = seen.clone();
                    *own.tokens_mut() = *input;
                    layer.backprop_input(&mut own, |y| *y = *run.tokens());
                    *run.tokens_mut() = *own.tokens();
                    x.add(&own);
                }
                *x.tokens_mut() = *run.tokens();
                result
            }

            fn layers<V: LayerVisitor>(name: Name<'_>, depth: usize, visitor: &mut V) {
                visitor.layer(&LayerSummary::of::<X, Self>(name, depth));
                for i in 0..N {
                    L::layers(name.field("layers").index(i), depth + 1, visitor);
                }
                M::layers(name.field("norm"), depth + 1, visitor);
            }
        }
    )+};
}

stacks! { TransformerEncoder TransformerDecoder }

impl<const E: usize, const HEADS: usize, const FF: usize, O, T: Float, M, const N: usize>
    TransformerEncoder<TransformerEncoderLayer<E, HEADS, FF, O, T>, N, M>
where
    O: TransformerEncoderLayerOptions,
{
    /// With another probability of all that is dropped in training; 0 drops nothing.
    #[must_use]
    pub fn with_dropout(self, p: f64) -> Self {
        Self { layers: self.layers.map(|layer| layer.with_dropout(p)), ..self }
    }

    /// The output of the next token of a sequence, as [`TransformerEncoderLayer::step`], with a cache for each layer. `None` if there is no
    /// room left for it: the caches are as they were.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let rng = &mut SmallRng::seed_from_u64(0);
    /// let encoder = TransformerEncoder::<TransformerEncoderLayer<8, 2, 16, Causal>, 2>::init(rng);
    /// let mut caches = [KeyValueCache::<8, 16>::new(); 2];
    /// let y: Option<Tensor<[f32; 8]>> = encoder.step(&mut caches, &Tensor([1.0; 8]));
    /// ```
    pub fn step<const CAPACITY: usize>(
        &self,
        caches: &mut [KeyValueCache<E, CAPACITY, T>; N],
        x: &Tensor<[T; E]>,
    ) -> Option<Tensor<[T; E]>>
    where
        <O::Settings as super::Transforms>::Attention: MultiheadAttentionOptions<Settings: crate::nn::options::GoesOn>,
        <O::Settings as super::Transforms>::Activation: Module<Tensor<[T; FF]>, Output = Tensor<[T; FF]>>,
        M: Module<Tensor<[T; E]>, Output = Tensor<[T; E]>>,
    {
        if caches.iter().any(KeyValueCache::is_full) {
            return None;
        }
        let mut x = *x;
        for (layer, cache) in self.layers.iter().zip(caches) {
            x = layer.step(cache, &x)?;
        }
        Some(self.norm.forward_inside(&x))
    }
}

impl<const E: usize, const HEADS: usize, const FF: usize, O, T: Float, M, const N: usize>
    TransformerDecoder<TransformerDecoderLayer<E, HEADS, FF, O, T>, N, M>
where
    O: TransformerDecoderLayerOptions,
{
    /// With another probability of all that is dropped in training; 0 drops nothing.
    #[must_use]
    pub fn with_dropout(self, p: f64) -> Self {
        Self { layers: self.layers.map(|layer| layer.with_dropout(p)), ..self }
    }

    /// What the first token finds in each layer: a memory, and no token before it.
    pub fn begin<const CAPACITY: usize, const S: usize>(
        &self,
        memory: &Tensor<[[T; E]; S]>,
    ) -> [DecoderCache<E, CAPACITY, S, T>; N] {
        self.layers.each_ref().map(|layer| layer.begin(memory))
    }

    /// The output of the next token of a sequence, as [`TransformerDecoderLayer::step`], with a cache for each layer. `None` if there is no
    /// room left for it: the caches are as they were.
    pub fn step<const CAPACITY: usize, const S: usize>(
        &self,
        caches: &mut [DecoderCache<E, CAPACITY, S, T>; N],
        x: &Tensor<[T; E]>,
    ) -> Option<Tensor<[T; E]>>
    where
        <O::Settings as super::Transforms>::Activation: Module<Tensor<[T; FF]>, Output = Tensor<[T; FF]>>,
        M: Module<Tensor<[T; E]>, Output = Tensor<[T; E]>>,
    {
        if caches.iter().any(|cache| cache.tokens.is_full()) {
            return None;
        }
        let mut x = *x;
        for (layer, cache) in self.layers.iter().zip(caches) {
            x = layer.step(cache, &x)?;
        }
        Some(self.norm.forward_inside(&x))
    }
}
