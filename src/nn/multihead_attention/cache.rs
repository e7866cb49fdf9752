//! Decoding token by token.

use super::{MultiheadAttention, MultiheadAttentionOptions};
use crate::heap::{Filled, Slot};
use crate::nn::options::{Attentive, GoesOn, Turning};
use crate::ops::positions::Turn;
use crate::simd::Float;
use crate::simd::attention::{Attend, Inputs, Mask, Sizes, Steps, Vectors, attend, scratch_bytes};
use crate::tensor::{Buffer, Tensor};

/// The keys and the values of up to `CAPACITY` tokens, which a decoder remembers: a plain value whose size is a constant.
///
/// [`MultiheadAttention::step`] adds a token to it, [`MultiheadAttention::remember`] fills it with a memory at once.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct KeyValueCache<const E: usize, const CAPACITY: usize, T: Float = f32> {
    /// The key and the value of each token.
    tokens: Tensor<[[[T; E]; 2]; CAPACITY]>,
    len: usize,
}

impl<const E: usize, const CAPACITY: usize, T: Float> KeyValueCache<E, CAPACITY, T> {
    /// Without a token.
    pub const EMPTY: Self = Self { tokens: Tensor::ZERO, len: 0 };

    /// Without a token.
    pub const fn new() -> Self {
        Self::EMPTY
    }

    /// How many tokens it remembers.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether it remembers none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether there is no room for a token more.
    pub const fn is_full(&self) -> bool {
        self.len == CAPACITY
    }

    /// Forgets all tokens: the next one is the first.
    pub const fn clear(&mut self) {
        self.len = 0;
    }

    /// Forgets what came after the first `len` tokens.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }
}

impl<const E: usize, const CAPACITY: usize, T: Float> Buffer for KeyValueCache<E, CAPACITY, T> {
    const ZERO: Self = Self::EMPTY;

    #[inline]
    fn zero_in(slot: Slot<'_, Self>) -> Filled<'_, Self> {
        crate::in_place!(slot, Self { tokens: Tensor::zero_in, len: |slot| slot.write(0) })
    }
}

impl<const E: usize, const CAPACITY: usize, T: Float> Default for KeyValueCache<E, CAPACITY, T> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<const E: usize, const HEADS: usize, O: MultiheadAttentionOptions, T: Float> MultiheadAttention<E, HEADS, O, T> {
    /// The bytes of a step's buffers: q, k, v, what the heads give, and what is made of that.
    pub(crate) const STEP_BUFFERS: usize = 5 * E * size_of::<T>() + scratch_bytes::<T>(false);

    /// Turns the queries or the keys of one token at some position.
    #[inline]
    fn turn_at(position: usize, vector: &mut [T]) {
        let Some(positions) = <O::Settings as Attentive>::Turning::TURNS else { return };
        let steps = Steps { sample: 0, head: Self::HEAD, row: 0 };
        let turn = Turn { samples: 1, heads: HEADS, rows: 1, width: Self::HEAD, steps, first: position };
        turn.run(vector, T::from_f64(positions.base), false);
    }

    /// The output of one query, given all that a cache holds.
    #[inline]
    fn attend_to<const N: usize>(&self, cache: &KeyValueCache<E, N, T>, query: &[T]) -> Tensor<[T; E]> {
        let sizes = Sizes { samples: 1, heads: HEADS, queries: 1, keys: cache.len, width: Self::HEAD, values: Self::HEAD };
        let head = |row| Steps { sample: 0, head: Self::HEAD, row };
        let keys = cache.tokens.as_slice();
        let mut mixed = Tensor::<[T; E]>::zeros();
        attend(Attend {
            inputs: Inputs {
                sizes,
                scale: T::from_usize(Self::HEAD).rsqrt(),
                q: Vectors { numbers: query, steps: head(E) },
                k: Vectors { numbers: keys, steps: head(2 * E) },
                v: Vectors { numbers: keys.get(E..).unwrap_or_default(), steps: head(2 * E) },
                mask: Mask::NONE,
                drops: None,
            },
            y: mixed.as_mut_slice(),
            steps: head(E),
            normalizers: &mut [],
        });
        let mut y = Tensor::zeros();
        self.join(mixed.as_slice(), y.as_mut_slice());
        y
    }

    /// The output of the next token of a sequence: what [`forward`](crate::nn::Module::forward) gives in its place, but for rounding,
    /// computed from it and from what `cache` remembers of the tokens before. It remembers this one, too. `None` if there is no room left for it: the
    /// cache is as it was. It never allocates, and takes a time that grows with the number of tokens.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let rng = &mut SmallRng::seed_from_u64(0);
    /// let attention = MultiheadAttention::<8, 2, Causal>::init(rng);
    /// let x = Tensor::<[[f32; 8]; 5]>::randn(rng);
    /// let y = attention.forward(&x);
    /// let mut cache = KeyValueCache::<8, 5>::new();
    /// for (x, y) in x.rows().zip(y.rows()) {
    ///     assert!(attention.step(&mut cache, x).unwrap().all_close(y, 1e-5, 1e-5));
    /// }
    /// assert_eq!(attention.step(&mut cache, &x.0[0].into()), None);
    /// ```
    #[doc(alias("kv_cache", "generate"))]
    pub fn step<const N: usize>(&self, cache: &mut KeyValueCache<E, N, T>, x: &Tensor<[T; E]>) -> Option<Tensor<[T; E]>>
    where
        O::Settings: GoesOn,
    {
        let position = cache.len;
        let mut projection = Tensor::<[[T; E]; 3]>::zeros();
        let token = cache.tokens.0.get_mut(position)?;
        self.project(0, 3, x.as_slice(), projection.as_mut_slice());
        let [query, key, value] = &mut projection.0;
        Self::turn_at(position, query);
        Self::turn_at(position, key);
        *token = [*key, *value];
        cache.len += 1;
        Some(self.attend_to(cache, query))
    }

    /// The keys and values of a memory, to [`recall`](Self::recall) at each step: what stays the same is computed once.
    pub fn remember<const S: usize>(&self, memory: &Tensor<[[T; E]; S]>) -> KeyValueCache<E, S, T> {
        let mut cache = KeyValueCache { tokens: Tensor::zeros(), len: S };
        self.project(1, 2, memory.as_slice(), cache.tokens.as_mut_slice());
        for (position, [key, _]) in cache.tokens.0.iter_mut().enumerate() {
            Self::turn_at(position, key);
        }
        cache
    }

    /// The output of a token that attends to all that a cache holds, and is not remembered itself. `position` is where it stands, which
    /// only matters with [`RotaryPositions`](crate::nn::RotaryPositions).
    pub fn recall<const S: usize>(
        &self,
        cache: &KeyValueCache<E, S, T>,
        x: &Tensor<[T; E]>,
        position: usize,
    ) -> Tensor<[T; E]> {
        let mut query = Tensor::<[T; E]>::zeros();
        self.project(0, 1, x.as_slice(), query.as_mut_slice());
        Self::turn_at(position, query.as_mut_slice());
        self.attend_to(cache, query.as_slice())
    }
}
