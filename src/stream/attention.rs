//! Attention within a [`Context`](crate::nn::Context), and what tells it where a token stands: the state remembers the tokens.

use super::{After, Stream};
use crate::heap::{Filled, Slot};
use crate::nn::options::Remembers;
use crate::nn::{
    KeyValueCache, LearnedPositions, Module, MultiheadAttention, MultiheadAttentionOptions, SinusoidalPositions,
    TransformerEncoder, TransformerEncoderLayer, TransformerEncoderLayerOptions, Transforms,
};
use crate::shape::Const;
use crate::simd::Float;
use crate::tensor::{Buffer, Tensor};

/// `[generics] layer where bounds;`: a layer that goes on token by token with a cache, which is full after `N` tokens.
macro_rules! remembers {
    ($([$($g:tt)*] $layer:ty where [$($bounds:tt)*];)+) => {$(
        impl<const E: usize, const HEADS: usize, const N: usize, T: Float, $($g)*> Stream<Tensor<[[T; E]; 1]>> for $layer
        where
            $($bounds)*
        {
            type Output = Tensor<[[T; E]; 1]>;
            type State = KeyValueCache<E, N, T>;
            type Delay = After<0>;
            const RECEPTIVE_FIELD: usize = N;
            const STEP_BYTES: usize = Self::STEP_BUFFERS + size_of::<Self::Output>();

            #[inline]
            fn step<R>(
                &self,
                state: &mut Self::State,
                Tensor([x]): &mut Tensor<[[T; E]; 1]>,
                next: impl FnOnce(&mut Self::Output) -> R,
            ) -> Option<R> {
                let y: Tensor<[T; E]> = <$layer>::step(self, state, Tensor::from_ref(x))?;
                Some(next(&mut Tensor([y.0])))
            }
        }
    )+};
}

remembers! {
    [O] MultiheadAttention<E, HEADS, O, T> where [O: MultiheadAttentionOptions<Settings: Remembers<Tokens = Const<N>>>];
    [const FF: usize, O] TransformerEncoderLayer<E, HEADS, FF, O, T> where [
        O: TransformerEncoderLayerOptions,
        <O::Settings as Transforms>::Attention: MultiheadAttentionOptions<Settings: Remembers<Tokens = Const<N>>>,
        <O::Settings as Transforms>::Activation: Module<Tensor<[T; FF]>, Output = Tensor<[T; FF]>>
    ];
}

/// The layers one after the other, and then the norm.
impl<F: Buffer, L, M, const N: usize> Stream<F> for TransformerEncoder<L, N, M>
where
    L: Stream<F, Output = F> + 'static,
    M: Stream<F, Output = F> + 'static,
{
    type Output = F;
    type State = ([L::State; N], M::State);
    type Delay = ([L::Delay; N], M::Delay);
    const STRIDE: usize = <([L; N], M) as Stream<F>>::STRIDE;
    const RATE: usize = <([L; N], M) as Stream<F>>::RATE;
    const LATENCY: usize = <([L; N], M) as Stream<F>>::LATENCY;
    const RECEPTIVE_FIELD: usize = <([L; N], M) as Stream<F>>::RECEPTIVE_FIELD;
    const STEP_BYTES: usize = <([L; N], M) as Stream<F>>::STEP_BYTES;

    fn start(&self, state: &mut Self::State) {
        (&self.layers, &self.norm).start(state);
    }

    #[inline]
    fn step<R>(&self, state: &mut Self::State, x: &mut F, next: impl FnOnce(&mut F) -> R) -> Option<R> {
        (&self.layers, &self.norm).step(state, x, next)
    }

    fn rest(&self, state: &mut Self::State, next: &mut dyn FnMut(&mut F)) {
        (&self.layers, &self.norm).rest(state, next);
    }

    fn finish(&self, state: &mut Self::State, next: &mut dyn FnMut(&mut F)) {
        (&self.layers, &self.norm).finish(state, next);
    }
}

/// How many tokens have come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Position(usize);

impl Buffer for Position {
    const ZERO: Self = Self(0);

    #[inline]
    fn zero_in(slot: Slot<'_, Self>) -> Filled<'_, Self> {
        slot.write(Self(0))
    }
}

impl Position {
    /// Where the token stands that comes now.
    #[inline]
    fn advance(&mut self) -> usize {
        let position = self.0;
        self.0 = position.saturating_add(1);
        position
    }
}

impl<T: Float, const D: usize> Stream<Tensor<[[T; D]; 1]>> for SinusoidalPositions {
    type Output = Tensor<[[T; D]; 1]>;
    type State = Position;
    type Delay = After<0>;

    #[inline]
    fn step<R>(
        &self,
        position: &mut Position,
        x: &mut Tensor<[[T; D]; 1]>,
        next: impl FnOnce(&mut Self::Output) -> R,
    ) -> Option<R> {
        x.0 = x.0.map(|x| self.at(position.advance(), &Tensor(x)).0);
        Some(next(x))
    }
}

/// `None` from position `MAX` on.
impl<T: Float, const MAX: usize, const D: usize> Stream<Tensor<[[T; D]; 1]>> for LearnedPositions<MAX, D, T> {
    type Output = Tensor<[[T; D]; 1]>;
    type State = Position;
    type Delay = After<0>;

    #[inline]
    fn step<R>(
        &self,
        position: &mut Position,
        Tensor([x]): &mut Tensor<[[T; D]; 1]>,
        next: impl FnOnce(&mut Self::Output) -> R,
    ) -> Option<R> {
        let y = self.at(position.advance(), Tensor::from_ref(x))?;
        Some(next(&mut Tensor([y.0])))
    }
}
