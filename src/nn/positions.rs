//! [`SinusoidalPositions`], [`LearnedPositions`] and [`RotaryPositions`].

use super::stateless::stateless;
use super::{Grads, Layer, Param};
use crate::init;
use crate::ops::positions::{Turn, add_sinusoids};
use crate::shape::{Axis, Shape};
use crate::simd::attention::Steps;
use crate::simd::{self, Float};
use crate::tensor::Tensor;
use crate::text::Text;

/// The base that all who use these waves took over from A. Vaswani et al.
const BASE: f64 = 10_000.0;

/// y\[t\] = x\[t\] + p\[t\], where p\[t\]\[2i\] = sin(t·ωᵢ), p\[t\]\[2i + 1\] = cos(t·ωᵢ), ωᵢ = base^(−2i / D): tells attention where a
/// token stands.
///
/// | | |
/// |---|---|
/// | input | a sequence `[L][D]`, any leading dimensions |
/// | output | as the input |
///
/// It has no parameters and holds no table. A. Vaswani et al., *Attention is all you need*, 2017 (arXiv:1706.03762), 3.5.
///
/// ```
/// use adamant::prelude::*;
/// let y = SinusoidalPositions::new().forward(Tensor::<[[f32; 4]; 3]>::zeros());
/// assert!(y.all_close(&Tensor([[0.0, 1.0, 0.0, 1.0], [0.8415, 0.5403, 0.01, 0.99995], [0.9093, -0.4161, 0.02, 0.9998]]), 0.0, 1e-4));
/// ```
#[doc(alias = "PositionalEncoding")]
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SinusoidalPositions {
    /// How far the slowest wave is stretched, 10,000 at the start.
    pub base: f64,
}

impl SinusoidalPositions {
    /// With the base of the paper.
    pub const fn new() -> Self {
        Self { base: BASE }
    }

    /// y = x + p\[position\] for a token that is decoded by itself.
    pub fn at<T: Float, const D: usize>(&self, position: usize, x: &Tensor<[T; D]>) -> Tensor<[T; D]> {
        let mut y = *x;
        add_sinusoids(y.as_mut_slice(), position..position + 1, D, T::from_f64(self.base));
        y
    }
}

impl Default for SinusoidalPositions {
    fn default() -> Self {
        Self::new()
    }
}

stateless!([] SinusoidalPositions = Self::new(), |_this| "SinusoidalPositions()";);

#[crate::layer]
#[diagnostic::do_not_recommend]
impl<S: Axis<-2, Elem: Float>> Layer<Tensor<S>> for SinusoidalPositions {
    type Output = Tensor<S>;
    type Kept = ();
    const LEND_BYTES: usize = 0;
    const TRAIN_BYTES: usize = 0;

    #[inline]
    fn compute(&self, x: &Tensor<S>, y: &mut Tensor<S>) {
        *y = *x;
        add_sinusoids(y.as_mut_slice(), 0..S::SIZE, S::INNER, Float::from_f64(self.base));
    }

    #[inline]
    fn lend<R>(&self, x: &mut Tensor<S>, next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
        add_sinusoids(x.as_mut_slice(), 0..S::SIZE, S::INNER, Float::from_f64(self.base));
        next(x)
    }

    #[inline]
    fn backward_input(&self, x: &mut Tensor<S>, (): &(), dy: &mut Tensor<S>) {
        *x = *dy;
    }

    #[inline]
    fn backprop<R>(&self, x: &mut Tensor<S>, (): &mut (), next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
        self.lend(x, next)
    }

    #[inline]
    fn backprop_input<R>(&self, x: &mut Tensor<S>, next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
        self.lend(x, next)
    }
}

/// y\[t\] = x\[t\] + weight\[t\]: a vector for each of `MAX` positions, which trains.
///
/// | | |
/// |---|---|
/// | input | a sequence `[L][D]`, any leading dimensions; L is at most `MAX`, or the program does not build |
/// | output | as the input |
/// | `weight` | `[MAX][D]`, starting normal with a deviation of 0.02; the name is that of an `Embedding`, as GPT-2's `wpe.weight` |
///
/// A. Radford et al., *Improving language understanding by generative pre-training*, 2018.
///
/// ```
/// use adamant::prelude::*;
/// let layer = LearnedPositions::<16, 4>::init(&mut SmallRng::seed_from_u64(0));
/// let y = layer.forward(Tensor::<[[f32; 4]; 3]>::zeros());
/// assert_eq!(y.0[2], layer.weight.0.0[2]);
/// ```
#[derive(crate::Module, Clone, Copy, PartialEq, Debug)]
#[module(display("LearnedPositions({MAX}, {D})"))]
pub struct LearnedPositions<const MAX: usize, const D: usize, T: Float = f32> {
    /// A vector for each position, `[MAX][D]`.
    #[module(init = |weight, rng| init::normal(weight, T::ZERO, T::from_f64(0.02), rng))]
    pub weight: Param<[[T; D]; MAX]>,
}

impl<const MAX: usize, const D: usize, T: Float> LearnedPositions<MAX, D, T> {
    /// A layer with these vectors.
    pub const fn new(weight: Param<[[T; D]; MAX]>) -> Self {
        Self { weight }
    }

    /// y = x + weight\[position\] for a token that is decoded by itself; `None` from position `MAX` on.
    pub fn at(&self, position: usize, x: &Tensor<[T; D]>) -> Option<Tensor<[T; D]>> {
        Some(x + Tensor::from_ref(self.weight.0.0.get(position)?))
    }

    /// Refuses, when the program is built, a sequence that is too long.
    const fn holds(length: usize) {
        if length > MAX {
            let text = Text::new().add("`LearnedPositions<").plain(MAX).add(", ").plain(D).add(">` takes sequences of up to ");
            let text = text.plain(MAX).add(" tokens, and this one has ").plain(length);
            panic!("{}", text.as_str())
        }
    }

    /// The vectors of the first positions.
    #[inline]
    fn first(&self, length: usize) -> &[T] {
        self.weight.as_slice().get(..length * D).unwrap_or_default()
    }
}

/// A sequence of vectors of `D` numbers, or several: `[L][D]`, any leading dimensions.
#[diagnostic::on_unimplemented(
    message = "layer `{Layer}` cannot take input `Tensor<{Self}>`",
    label = "must be sequences `[L][{D}]`"
)]
pub trait Tokens<const D: usize, Layer: ?Sized = ()>: Shape {
    /// How many vectors a sequence has.
    const LENGTH: usize;
}

#[diagnostic::do_not_recommend]
impl<S: crate::shape::Rows<D, Layer> + Axis<-2>, const D: usize, Layer: ?Sized> Tokens<D, Layer> for S {
    const LENGTH: usize = <S as Axis<-2>>::SIZE;
}

#[crate::layer]
impl<S, const MAX: usize, const D: usize, T: Float> Layer<Tensor<S>> for LearnedPositions<MAX, D, T>
where
    S: Tokens<D, Self, Elem = T>,
{
    type Output = Tensor<S>;
    type Kept = ();
    const MACS: u64 = {
        Self::holds(S::LENGTH);
        0
    };
    const LEND_BYTES: usize = 0;

    #[inline]
    fn compute(&self, x: &Tensor<S>, y: &mut Tensor<S>) {
        *y = *x;
        self.lend(y, |_| ());
    }

    #[inline]
    fn lend<R>(&self, x: &mut Tensor<S>, next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
        const { Self::holds(S::LENGTH) };
        for sequence in x.as_mut_slice().chunks_exact_mut((S::LENGTH * D).max(1)) {
            simd::add_assign(sequence, self.first(S::LENGTH));
        }
        next(x)
    }

    #[inline]
    fn backward_params(&self, _: &Tensor<S>, (): &(), dy: &Tensor<S>, grads: &mut Grads<Self>) {
        let dweight = grads.weight.as_mut_slice().get_mut(..S::LENGTH * D).unwrap_or_default();
        simd::sum_rows(dy.as_slice(), dweight);
    }

    #[inline]
    fn backward_input(&self, x: &mut Tensor<S>, (): &(), dy: &mut Tensor<S>) {
        *x = *dy;
    }
}

/// Turns each pair of numbers of the vector at position t by the angle t·ωᵢ, ωᵢ = base^(−2i / D): (x₂ᵢ, x₂ᵢ₊₁) becomes
/// (x₂ᵢ·cos − x₂ᵢ₊₁·sin, x₂ᵢ₊₁·cos + x₂ᵢ·sin). The product of a query and a key then depends on how far apart they stand.
///
/// | | |
/// |---|---|
/// | input | queries or keys `[L][D]`, any leading dimensions |
/// | output | as the input |
///
/// As an option of [`MultiheadAttention`](super::MultiheadAttention) and of the transformer's layers it turns the queries and the keys of
/// each head. The last of an odd number stays as it is. J. Su et al., *RoFormer: enhanced transformer with rotary position embedding*,
/// 2021 (arXiv:2104.09864); neighbours are a pair, as there (and not the two halves, as in some models).
///
/// ```
/// use adamant::prelude::*;
/// let y = RotaryPositions::new().forward(Tensor([[1.0f32, 0.0], [1.0, 0.0]]));
/// assert!(y.all_close(&Tensor([[1.0, 0.0], [0.5403, 0.8415]]), 0.0, 1e-4));
/// ```
#[doc(alias("rope", "RotaryPositionalEmbeddings"))]
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct RotaryPositions {
    /// How far the slowest turn is stretched, 10,000 at the start.
    pub base: f64,
}

impl RotaryPositions {
    /// With the base of the paper.
    pub const fn new() -> Self {
        Self { base: BASE }
    }

    #[inline]
    fn turn<S: Axis<-2, Elem: Float>>(&self, x: &mut Tensor<S>, back: bool) {
        let steps = Steps::dense(1, S::SIZE, S::INNER);
        let turn = Turn { samples: S::OUTER, heads: 1, rows: S::SIZE, width: S::INNER, steps, first: 0 };
        turn.run(x.as_mut_slice(), Float::from_f64(self.base), back);
    }
}

impl Default for RotaryPositions {
    fn default() -> Self {
        Self::new()
    }
}

stateless!([] RotaryPositions = Self::new(), |_this| "RotaryPositions()";);

#[crate::layer]
#[diagnostic::do_not_recommend]
impl<S: Axis<-2, Elem: Float>> Layer<Tensor<S>> for RotaryPositions {
    type Output = Tensor<S>;
    type Kept = ();
    const LEND_BYTES: usize = 0;
    const TRAIN_BYTES: usize = 0;

    #[inline]
    fn compute(&self, x: &Tensor<S>, y: &mut Tensor<S>) {
        *y = *x;
        self.turn(y, false);
    }

    #[inline]
    fn lend<R>(&self, x: &mut Tensor<S>, next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
        self.turn(x, false);
        next(x)
    }

    #[inline]
    fn backward_input(&self, x: &mut Tensor<S>, (): &(), dy: &mut Tensor<S>) {
        *x = *dy;
        self.turn(x, true);
    }

    #[inline]
    fn backprop<R>(&self, x: &mut Tensor<S>, (): &mut (), next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
        self.backprop_input(x, next)
    }

    #[inline]
    fn backprop_input<R>(&self, x: &mut Tensor<S>, next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
        self.turn(x, false);
        let result = next(x);
        self.turn(x, true);
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradcheck::gradcheck;
    use crate::nn::Module;
    use crate::prelude::{Init, SeedableRng, SmallRng};

    #[test]
    fn gradients() {
        let rng = &mut SmallRng::seed_from_u64(0);
        let x = Tensor::<[[[f64; 5]; 4]; 2]>::randn(rng);
        gradcheck(&mut SinusoidalPositions::new(), &x, 1e-6).unwrap();
        gradcheck(&mut RotaryPositions::new(), &x, 1e-6).unwrap();
        gradcheck(&mut LearnedPositions::<7, 5, f64>::init(rng), &x, 1e-6).unwrap();
    }

    #[test]
    fn a_token_by_itself_is_one_of_a_sequence() {
        let rng = &mut SmallRng::seed_from_u64(0);
        let (x, learned) = (Tensor::<[[f32; 6]; 4]>::randn(rng), LearnedPositions::<4, 6>::init(rng));
        for (i, x_i) in x.rows().enumerate() {
            assert_eq!(SinusoidalPositions::new().at(i, x_i), Tensor(SinusoidalPositions::new().forward(x).0[i]));
            assert_eq!(learned.at(i, x_i).unwrap().0, learned.forward(x).0[i]);
        }
        assert_eq!(learned.at(4, x.at::<0>()), None);
    }

    #[test]
    fn turns_depend_on_distance_alone() {
        let rng = &mut SmallRng::seed_from_u64(0);
        let (q, k) = (Tensor::<[f64; 6]>::randn(rng), Tensor::<[f64; 6]>::randn(rng));
        let turned = |x: Tensor<[f64; 6]>| RotaryPositions::new().forward(Tensor([x.0; 9]));
        let (q, k) = (turned(q), turned(k));
        let score = |i: usize, j: usize| Tensor(q.0[i]).dot(&Tensor(k.0[j]));
        assert!((score(3, 1) - score(8, 6)).abs() < 1e-12 && (score(3, 1) - score(3, 2)).abs() > 1e-3);
    }
}
