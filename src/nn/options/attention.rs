//! What the options make of attention and of the layers around it.

use core::marker::PhantomData;

use super::{Causal, Context, Set};
use crate::init::Init;
use crate::nn::{Bias, BiasOption, Dropout, Grads, NoBias, Parameters, RotaryPositions};
use crate::shape::Const;
use crate::simd::attention::Drops;

/// The configuration of a `MultiheadAttention`: what the options set. The defaults are PyTorch's.
pub struct AttentionSettings<Bias = crate::nn::Bias, Mask = AllKeys, Drop = NoDropout, Positions = NoPositions>(
    PhantomData<(Bias, Mask, Drop, Positions)>,
);

/// Every query attends to every key: the default.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct AllKeys;

/// No weight is dropped: the default.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct NoDropout;

/// Attention does not know where a token stands: the default.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct NoPositions;

set! {
    [B, M, D, P] Bias: AttentionSettings<B, M, D, P> => AttentionSettings<Bias, M, D, P>;
    [B, M, D, P] NoBias: AttentionSettings<B, M, D, P> => AttentionSettings<NoBias, M, D, P>;
    [B, M, D, P] AllKeys: AttentionSettings<B, M, D, P> => AttentionSettings<B, AllKeys, D, P>;
    [B, M, D, P] Causal: AttentionSettings<B, M, D, P> => AttentionSettings<B, Causal, D, P>;
    [B, M, D, P, const N: usize] Context<N>: AttentionSettings<B, M, D, P> => AttentionSettings<B, Context<N>, D, P>;
    [B, M, D, P] NoDropout: AttentionSettings<B, M, D, P> => AttentionSettings<B, M, NoDropout, P>;
    [B, M, D, P] Dropout: AttentionSettings<B, M, D, P> => AttentionSettings<B, M, Dropout, P>;
    [B, M, D, P] NoPositions: AttentionSettings<B, M, D, P> => AttentionSettings<B, M, D, NoPositions>;
    [B, M, D, P] RotaryPositions: AttentionSettings<B, M, D, P> => AttentionSettings<B, M, D, RotaryPositions>;
}

/// Which keys a query attends to, by type: [`AllKeys`], [`Causal`] or [`Context`].
pub trait Sight: Copy + 'static {
    /// Whether query i attends to the keys up to i alone.
    const CAUSAL: bool;
    /// How many there may be.
    const TOKENS: usize = usize::MAX;
}

impl Sight for AllKeys {
    const CAUSAL: bool = false;
}

impl Sight for Causal {
    const CAUSAL: bool = true;
}

impl<const N: usize> Sight for Context<N> {
    const CAUSAL: bool = true;
    const TOKENS: usize = N;
}

/// Whether weights are dropped: [`NoDropout`] or [`Dropout`].
pub trait Dropping: 'static {
    /// What the layer holds for it.
    type Layer: Parameters<Grads: Copy> + Init + Clone + Copy + PartialEq + core::fmt::Debug;

    /// Which weights the next call drops.
    fn draw(layer: &Self::Layer, grads: &mut Grads<Self::Layer>) -> Option<Drops>;

    /// Sets the probability.
    fn set(layer: &mut Self::Layer, p: f64);
}

impl Dropping for NoDropout {
    type Layer = ();

    #[inline(always)]
    fn draw((): &(), (): &mut ()) -> Option<Drops> {
        None
    }

    fn set((): &mut (), _: f64) {}
}

impl Dropping for Dropout {
    type Layer = Dropout;

    #[inline]
    fn draw(layer: &Dropout, grads: &mut Grads<Dropout>) -> Option<Drops> {
        use rand::Rng;
        let seed = grads.stream.next_call().next_u64();
        (layer.p > 0.0).then(|| Drops::new(layer.p, seed))
    }

    fn set(layer: &mut Dropout, p: f64) {
        layer.p = p;
    }
}

/// Whether queries and keys are turned: [`NoPositions`] or [`RotaryPositions`].
pub trait Turning: 'static {
    /// How.
    const TURNS: Option<RotaryPositions>;
}

impl Turning for NoPositions {
    const TURNS: Option<RotaryPositions> = None;
}

impl Turning for RotaryPositions {
    const TURNS: Option<RotaryPositions> = Some(RotaryPositions::new());
}

/// The configuration of attention, resolved.
pub trait Attentive: 'static {
    /// Whether the projections have biases.
    type Bias: BiasOption;
    /// Whether weights are dropped.
    type Drop: Dropping;
    /// Which keys a query attends to.
    type Sight: Sight;
    /// Whether queries and keys are turned.
    type Turning: Turning;
}

impl<B: BiasOption, M: Sight, D: Dropping, P: Turning> Attentive for AttentionSettings<B, M, D, P> {
    type Bias = B;
    type Drop = D;
    type Sight = M;
    type Turning = P;
}

/// Attention whose queries see nothing later than themselves, so that it can go on token by token.
#[diagnostic::on_unimplemented(
    message = "this attention sees later tokens, so it cannot go on token by token",
    label = "say `Causal` among the layer's options"
)]
pub trait GoesOn {}

impl<B, D, P> GoesOn for AttentionSettings<B, Causal, D, P> {}

impl<B, D, P, const N: usize> GoesOn for AttentionSettings<B, Context<N>, D, P> {}

/// Attention that goes on within so many tokens, and so can remember them all.
#[diagnostic::on_unimplemented(
    message = "attention streams within a context of so many tokens, and this one names none",
    label = "say `Context<256>` among the layer's options, for up to 256 tokens",
    note = "`Causal` attention also goes on token by token, by its own `step` with a `KeyValueCache`"
)]
pub trait Remembers: GoesOn {
    /// The `Const` of how many.
    type Tokens;
}

impl<B, D, P, const N: usize> Remembers for AttentionSettings<B, Context<N>, D, P> {
    type Tokens = Const<N>;
}

/// The configuration of `TransformerEncoderLayer` and `TransformerDecoderLayer`.
pub struct TransformerSettings<Order = NormLast, Activation = crate::nn::Relu, Mask = AllKeys, Positions = NoPositions>(
    PhantomData<(Order, Activation, Mask, Positions)>,
);

/// Each part of a transformer is normalised after its shortcut: the default.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct NormLast;

/// Each part of a transformer is normalised before it, and its shortcut is not, which trains deep stacks without a warm-up (R. Xiong et
/// al., *On layer normalization in the transformer architecture*, 2020). PyTorch's `norm_first=True`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[doc(alias = "norm_first")]
pub struct NormFirst;

set! {
    [O, A, M, P] NormLast: TransformerSettings<O, A, M, P> => TransformerSettings<NormLast, A, M, P>;
    [O, A, M, P] NormFirst: TransformerSettings<O, A, M, P> => TransformerSettings<NormFirst, A, M, P>;
    [O, A, M, P] crate::nn::Relu: TransformerSettings<O, A, M, P> => TransformerSettings<O, crate::nn::Relu, M, P>;
    [O, A, M, P] crate::nn::Gelu: TransformerSettings<O, A, M, P> => TransformerSettings<O, crate::nn::Gelu, M, P>;
    [O, A, M, P] crate::nn::GeluTanh: TransformerSettings<O, A, M, P> => TransformerSettings<O, crate::nn::GeluTanh, M, P>;
    [O, A, M, P] crate::nn::Silu: TransformerSettings<O, A, M, P> => TransformerSettings<O, crate::nn::Silu, M, P>;
    [O, A, M, P] AllKeys: TransformerSettings<O, A, M, P> => TransformerSettings<O, A, AllKeys, P>;
    [O, A, M, P] Causal: TransformerSettings<O, A, M, P> => TransformerSettings<O, A, Causal, P>;
    [O, A, M, P, const N: usize] Context<N>: TransformerSettings<O, A, M, P> => TransformerSettings<O, A, Context<N>, P>;
    [O, A, M, P] NoPositions: TransformerSettings<O, A, M, P> => TransformerSettings<O, A, M, NoPositions>;
    [O, A, M, P] RotaryPositions: TransformerSettings<O, A, M, P> => TransformerSettings<O, A, M, RotaryPositions>;
}

/// Where a transformer normalises: [`NormLast`] or [`NormFirst`].
pub trait Order: 'static {
    /// Before each part.
    const NORM_FIRST: bool;
}

impl Order for NormLast {
    const NORM_FIRST: bool = false;
}

impl Order for NormFirst {
    const NORM_FIRST: bool = true;
}
