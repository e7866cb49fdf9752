//! What the options make of a recurrent layer.

use core::fmt::Debug;
use core::marker::PhantomData;

use super::{Bidirectional, KeepGates, Layers, OneWay, Recompute, Set};
use crate::init::Init;
use crate::nn::{Bias, BiasOption, Draws, Dropout, Gated, NoBias, Parameters, Relu, Tanh};
use crate::shape::{Const, Product, Shape};
use crate::simd::Float;
use crate::simd::recurrent::{ReluUnit, TanhUnit};
use crate::tensor::{Buffer, Tensor};

/// The configuration of `Rnn`, `Lstm` and `Gru`: what the options set. The defaults are PyTorch's.
pub struct RecurrentSettings<
    Unit,
    Layers = super::Layers<1>,
    Direction = OneWay,
    Bias = crate::nn::Bias,
    Between = (),
    Keeping = KeepGates,
>(PhantomData<(Unit, Layers, Direction, Bias, Between, Keeping)>);

set! {
    [U, N, D, B, P, K, const L: usize] Layers<L>: RecurrentSettings<U, N, D, B, P, K> => RecurrentSettings<U, Layers<L>, D, B, P, K>;
    [U, N, D, B, P, K] Bidirectional: RecurrentSettings<U, N, D, B, P, K> => RecurrentSettings<U, N, Bidirectional, B, P, K>;
    [U, N, D, B, P, K] Bias: RecurrentSettings<U, N, D, B, P, K> => RecurrentSettings<U, N, D, Bias, P, K>;
    [U, N, D, B, P, K] NoBias: RecurrentSettings<U, N, D, B, P, K> => RecurrentSettings<U, N, D, NoBias, P, K>;
    [U, N, D, B, P, K] Dropout: RecurrentSettings<U, N, D, B, P, K> => RecurrentSettings<U, N, D, B, Dropout, K>;
    [U, N, D, B, P, K] Recompute: RecurrentSettings<U, N, D, B, P, K> => RecurrentSettings<U, N, D, B, P, Recompute>;
    [N, D, B, P, K] Relu: RecurrentSettings<TanhUnit, N, D, B, P, K> => RecurrentSettings<ReluUnit, N, D, B, P, K>;
    [N, D, B, P, K] Tanh: RecurrentSettings<TanhUnit, N, D, B, P, K> => RecurrentSettings<TanhUnit, N, D, B, P, K>;
}

/// Equal parts of a model.
pub trait Parts<A: Parameters>:
    Parameters<Grads: PartsGrads<A::Grads>> + Init + Copy + PartialEq + Debug + Send + Sync + 'static
{
    /// All of them.
    fn parts(&self) -> &[A];
}

/// The gradients of equal parts.
pub trait PartsGrads<G>: Copy + PartialEq + Debug + Send + Sync {
    /// All of them.
    fn parts_mut(&mut self) -> &mut [G];
}

impl<A: Part, const N: usize> Parts<A> for [A; N] {
    fn parts(&self) -> &[A] {
        self
    }
}

impl<G: Copy + PartialEq + Debug + Send + Sync, const N: usize> PartsGrads<G> for [G; N] {
    fn parts_mut(&mut self) -> &mut [G] {
        self
    }
}

/// What there may be several of.
pub trait Part: Parameters + Init + Copy + PartialEq + Debug + Send + Sync + 'static {}

impl<A: Parameters + Init + Copy + PartialEq + Debug + Send + Sync + 'static> Part for A {}

/// The number of layers.
#[diagnostic::on_unimplemented(
    message = "a recurrent layer has 1 to 16 layers: `{Self}` is not among them",
    label = "not so many layers"
)]
pub trait LayerCount: 'static {
    /// Those above the first.
    type Upper<A: Part>: Parts<A>;
    /// An `A` for each.
    type All<A: Shape>: Shape<Elem = A::Elem>;
    /// The number.
    const COUNT: usize;

    /// The last of them.
    fn last<A: Shape>(all: &Self::All<A>) -> &A;
}

macro_rules! layer_counts {
    ($($n:literal $upper:literal;)+) => {$(
        #[diagnostic::do_not_recommend]
        impl LayerCount for Layers<$n> {
            type Upper<A: Part> = [A; $upper];
            type All<A: Shape> = [A; $n];
            const COUNT: usize = $n;

            #[inline(always)]
            fn last<A: Shape>([.., last]: &[A; $n]) -> &A {
                last
            }
        }
    )+};
}

layer_counts! {
    1 0; 2 1; 3 2; 4 3; 5 4; 6 5; 7 6; 8 7; 9 8; 10 9; 11 10; 12 11; 13 12; 14 13; 15 14; 16 15;
}

/// The directions of time.
pub trait Directions: 'static {
    /// One of each.
    type Each<A: Part>: Parts<A>;
    /// An `A` for each, in a shape: without a dimension of their own where there is one.
    type Shapes<A: Shape>: Shape<Elem = A::Elem>;
    /// What an upper layer's frames are.
    type Input<const H: usize>: Inputs;
    /// The number.
    const COUNT: usize;
}

impl Directions for OneWay {
    type Each<A: Part> = [A; 1];
    type Shapes<A: Shape> = A;
    type Input<const H: usize> = Frame<H>;
    const COUNT: usize = 1;
}

impl Directions for Bidirectional {
    type Each<A: Part> = [A; 2];
    type Shapes<A: Shape> = [A; 2];
    type Input<const H: usize> = TwoFrames<H>;
    const COUNT: usize = 2;
}

/// A direction in which each step needs none but those before it.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` layer cannot be run step by step",
    label = "its backward direction begins at the end of the sequence, which has not come yet",
    note = "without the option `Bidirectional` it can"
)]
pub trait StepByStep: Directions {}

impl StepByStep for OneWay {}

/// What a cell takes.
pub trait Inputs: Copy + PartialEq + Debug + Send + Sync + 'static {
    /// An `A` for each number.
    type Rows<A: Shape>: Shape<Elem = A::Elem>;
    /// How many there are.
    const COUNT: usize;
}

/// `N` numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Frame<const N: usize>;

/// `N` numbers from each direction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TwoFrames<const N: usize>;

impl<const N: usize> Inputs for Frame<N> {
    type Rows<A: Shape> = [A; N];
    const COUNT: usize = N;
}

impl<const N: usize> Inputs for TwoFrames<N> {
    type Rows<A: Shape> = [[A; N]; 2];
    const COUNT: usize = 2 * N;
}

/// What stands between layers: nothing, or [`Dropout`].
pub trait Between: Part {
    /// Room for what has passed it.
    type Room<S: Shape<Elem: Float>>: Room<S::Elem>;
    /// Whether there is anything.
    const DROPS: bool;

    /// What a pass draws from.
    fn draws(grads: &mut Self::Grads) -> Option<&mut Draws>;

    /// Drops, in training, as these draws say.
    fn drop<T: Float>(&self, draws: &mut Draws, x: &mut [T]);

    /// The probability, if there is one.
    fn p(&self) -> Option<f64>;
}

impl Between for () {
    type Room<S: Shape<Elem: Float>> = ();
    const DROPS: bool = false;

    fn draws((): &mut ()) -> Option<&mut Draws> {
        None
    }

    fn drop<T: Float>(&self, _: &mut Draws, _: &mut [T]) {}

    fn p(&self) -> Option<f64> {
        None
    }
}

impl Between for Dropout {
    type Room<S: Shape<Elem: Float>> = Tensor<S>;
    const DROPS: bool = true;

    fn draws(grads: &mut Self::Grads) -> Option<&mut Draws> {
        Some(&mut grads.stream)
    }

    fn drop<T: Float>(&self, draws: &mut Draws, x: &mut [T]) {
        self.mask(draws.next_call(), x);
    }

    fn p(&self) -> Option<f64> {
        Some(self.p)
    }
}

/// Working memory, or none.
pub trait Room<T>: Buffer {
    /// Its numbers.
    fn room(&mut self) -> &mut [T];
}

impl<T> Room<T> for () {
    fn room(&mut self) -> &mut [T] {
        &mut []
    }
}

impl<T: Float, S: Shape<Elem = T>> Room<T> for Tensor<S> {
    fn room(&mut self) -> &mut [T] {
        self.as_mut_slice()
    }
}

/// What is kept for the way back: [`KeepGates`] or [`Recompute`].
pub trait Keeping: 'static {
    /// Gates `A` of each direction of each layer, or of each direction of one.
    type Gates<L: LayerCount, D: Directions, A: Shape>: Shape<Elem = A::Elem>;
    /// Whether they are of each layer.
    const GATES: bool;
}

impl Keeping for KeepGates {
    type Gates<L: LayerCount, D: Directions, A: Shape> = L::All<D::Shapes<A>>;
    const GATES: bool = true;
}

impl Keeping for Recompute {
    type Gates<L: LayerCount, D: Directions, A: Shape> = D::Shapes<A>;
    const GATES: bool = false;
}

/// A recurrent layer's configuration, resolved.
pub trait RecurrentConfig: 'static {
    /// The gates' mathematics.
    type Unit: Gated;
    /// The number of layers.
    type Layers: LayerCount;
    /// The directions.
    type Directions: Directions;
    /// Whether there is a bias.
    type Bias: BiasOption;
    /// What stands between layers.
    type Between: Between;
    /// What is kept.
    type Keeping: Keeping;
}

impl<U: Gated, N: LayerCount, D: Directions, B: BiasOption, P: Between, K: Keeping> RecurrentConfig
    for RecurrentSettings<U, N, D, B, P, K>
{
    type Unit = U;
    type Layers = N;
    type Directions = D;
    type Bias = B;
    type Between = P;
    type Keeping = K;
}

/// The options of a recurrent layer with the unit `U`: `()`, one, or a tuple of them.
pub trait RecurrentOptions<U: Gated>: Copy + PartialEq + Debug + Send + Sync + 'static {
    /// The configuration that they make.
    type Config: RecurrentConfig;
}

impl<U: Gated, O> RecurrentOptions<U> for O
where
    O: Set<RecurrentSettings<U>, U::Layer, Out: RecurrentConfig>,
    O: Copy + PartialEq + Debug + Send + Sync + 'static,
{
    type Config = O::Out;
}

/// The options of a [`RnnCell`](crate::nn::RnnCell): `()`, [`Relu`], [`NoBias`], or both.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an option of `RnnCell`",
    note = "its options are `Relu` and `NoBias`"
)]
pub trait RnnCellOptions {
    /// What h′ is of the sum.
    type Unit: Gated;
    /// Whether there is a bias.
    type Bias: BiasOption;
}

macro_rules! cell_options {
    ($($t:ty: $unit:ident $bias:ident;)+) => {$(
        #[diagnostic::do_not_recommend]
        impl RnnCellOptions for $t {
            type Unit = $unit;
            type Bias = $bias;
        }
    )+};
}

cell_options! {
    (): TanhUnit Bias;
    Bias: TanhUnit Bias;
    NoBias: TanhUnit NoBias;
    Relu: ReluUnit Bias;
    (Relu, NoBias): ReluUnit NoBias;
    (NoBias, Relu): ReluUnit NoBias;
}

/// How wide the output of a layer of `H` units is.
pub trait Widens<const H: usize> {
    /// The [`Const`] of it.
    type Out;
}

impl<U, N, B, P, K, const H: usize> Widens<H> for RecurrentSettings<U, N, OneWay, B, P, K> {
    type Out = Const<H>;
}

impl<U, N, B, P, K, const H: usize> Widens<H> for RecurrentSettings<U, N, Bidirectional, B, P, K>
where
    Const<H>: Product<Const<2>>,
{
    type Out = <Const<H> as Product<Const<2>>>::Out;
}
