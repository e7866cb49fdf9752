//! The number of a model's parameters as a type, and all of them in a row.
//!
//! [`Parameters::Count`] is only an expression: it is evaluated where somebody asks for its length, so a model whose dimensions
//! are past the table of [`Dim`](crate::shape::Dim) is still a model.

use core::marker::PhantomData;
use core::ops::{Add, Mul};

use generic_array::{ArrayLength, GenericArray};
use typenum::{Prod, Sum, U0, Unsigned};

use super::{Gradients, Info, Kind, Name, Parameters, Visitor, VisitorMut};
use crate::init::Init;
use crate::shape::{Const, Dim, ElementsUint};
use crate::simd::Float;
use crate::stack::by_value;

/// No parameter.
pub struct Nothing;

/// The elements of a tensor of shape `S`.
pub struct Of<S>(PhantomData<S>);

/// The parameters of two parts.
pub struct Plus<A, B>(PhantomData<(A, B)>);

/// The parameters of `N` equal parts.
pub struct Times<A, const N: usize>(PhantomData<A>);

/// What is kept and not trained: state, and frozen or borrowed parameters.
pub struct Untrained<A>(PhantomData<A>);

/// A count of trained numbers that the type checker evaluates.
#[diagnostic::on_unimplemented(message = "the number of these parameters is past what the type checker computes")]
pub trait Evaluate {
    /// The number.
    type Out: Unsigned;
}

/// A count of all numbers that are kept, as [`Evaluate`] of those that are trained.
#[diagnostic::on_unimplemented(message = "the number of these parameters is past what the type checker computes")]
pub trait EvaluateState {
    /// The number.
    type Out: Unsigned;
}

impl Evaluate for Nothing {
    type Out = U0;
}

impl<A> Evaluate for Untrained<A> {
    type Out = U0;
}

impl<A: EvaluateState> EvaluateState for Untrained<A> {
    type Out = A::Out;
}

impl EvaluateState for Nothing {
    type Out = U0;
}

/// What both count alike.
macro_rules! evaluate {
    ($($evaluate:ident)+) => {$(
        impl<S: ElementsUint> $evaluate for Of<S> {
            type Out = S::Uint;
        }

        impl<A: $evaluate<Out: Add<B::Out, Output: Unsigned>>, B: $evaluate> $evaluate for Plus<A, B> {
            type Out = Sum<A::Out, B::Out>;
        }

        impl<A: $evaluate<Out: Mul<<Const<N> as Dim>::Uint, Output: Unsigned>>, const N: usize> $evaluate for Times<A, N>
        where
            Const<N>: Dim,
        {
            type Out = Prod<A::Out, <Const<N> as Dim>::Uint>;
        }
    )+};
}

evaluate! { Evaluate EvaluateState }

/// All trained parameters (or gradients) as one flat array, whose length the type checker sums: what evolution strategies,
/// all-reduce and storage in flash need.
///
/// The order is one of the type, for parameters as for gradients. What is absent (a `None`) takes its place all the same: it is
/// written as zeros, and passed over where it is read. [`FlatState`] has the same for all that a model keeps.
///
/// ```
/// use adamant::prelude::*;
/// let rng = &mut SmallRng::seed_from_u64(0);
/// type Net = Sequential![Linear<3, 2>, Relu, Linear<2, 1>];
/// let (a, mut b) = (Net::init(rng), Net::init(rng));
/// let flat = a.to_flat::<f32>(); // a GenericArray of 11 numbers, on the stack
/// b.copy_from_flat(&flat);
/// assert_eq!((flat.len(), a), (11, b));
/// assert_eq!(Net::from_flat(&flat), a);
/// ```
#[doc(alias("parameters_to_vector", "vector_to_parameters"))]
pub trait Flat: Parameters {
    /// The number of trained parameters.
    type Len: ArrayLength;

    /// Copies the trained parameters out, in the order of `named_parameters`.
    fn to_flat<T: Float>(&self) -> GenericArray<T, Self::Len> {
        let mut flat = GenericArray::default();
        self.copy_to_flat(&mut flat);
        flat
    }

    /// As [`to_flat`](Self::to_flat) into an array that is already there.
    fn copy_to_flat<T: Float>(&self, flat: &mut GenericArray<T, Self::Len>) {
        self.visit(Name::ROOT, &mut Out(flat, Which::Trained));
    }

    /// The model with these trained parameters. Its settings and its state are those of [`BLANK`](Init::BLANK). One that is too large
    /// for a stack does not build: make it with [`init_boxed`](Init::init_boxed), and [`copy_from_flat`](Self::copy_from_flat).
    #[doc(alias = "vector_to_parameters")]
    fn from_flat<T: Float>(flat: &GenericArray<T, Self::Len>) -> Self
    where
        Self: Init,
    {
        const { by_value::<Self>("`from_flat`", "`let mut net = Net::init_boxed(rng); net.copy_from_flat(&flat);`") };
        let mut model = Self::BLANK;
        model.copy_from_flat(flat);
        model
    }

    /// Copies the trained parameters in.
    fn copy_from_flat<T: Float>(&mut self, flat: &GenericArray<T, Self::Len>) {
        self.visit_mut(Name::ROOT, &mut In(flat, Which::Trained));
    }

    /// Copies gradients of this model out into a flat array.
    fn grads_to_flat<T: Float>(grads: &Self::Grads) -> GenericArray<T, Self::Len> {
        let mut flat = GenericArray::default();
        grads.visit(Name::ROOT, &mut Out(&mut flat, Which::Trained));
        flat
    }

    /// Copies gradients of this model in from a flat array.
    fn grads_copy_from_flat<T: Float>(grads: &mut Self::Grads, flat: &GenericArray<T, Self::Len>) {
        grads.zip([], &mut In(flat, Which::Trained));
    }
}

impl<M: Parameters<Count: Evaluate<Out: ArrayLength>>> Flat for M {
    type Len = <M::Count as Evaluate>::Out;
}

/// All that a model keeps as one flat array: what a file of its would hold, running statistics and frozen parameters included. It is
/// what a checkpoint in flash needs; evolution strategies and all-reduce need what is trained, [`Flat`].
///
/// | | what is trained | all that is kept |
/// |---|---|---|
/// | out | [`to_flat`](Flat::to_flat), [`copy_to_flat`](Flat::copy_to_flat) | [`state_to_flat`](Self::state_to_flat), [`copy_state_to_flat`](Self::copy_state_to_flat) |
/// | in | [`copy_from_flat`](Flat::copy_from_flat) | [`copy_state_from_flat`](Self::copy_state_from_flat) |
/// | a new model | [`from_flat`](Flat::from_flat) | [`from_flat_state`](Self::from_flat_state) |
/// | how many | [`PARAMETERS`](Parameters::PARAMETERS) | [`NUMBERS`](Parameters::NUMBERS) |
///
/// The order is that of [`named_parameters`](Parameters::named_parameters), which is PyTorch's of a `state_dict`. What is absent
/// (a `None`) is written as zeros and passed over where it is read; what is borrowed is written, and passed over where it is read.
/// Settings are not kept (a dropout's probability), nor are random streams.
///
/// ```
/// use adamant::prelude::*;
/// let rng = &mut SmallRng::seed_from_u64(0);
/// type Net = Sequential![Linear<3, 2>, BatchNorm1d<2>, Relu, Linear<2, 1>];
/// let mut a = Net::init(rng);
/// let (x, y) = (Tensor::<[[f32; 3]; 4]>::randn(rng), Tensor::<[[f32; 1]; 4]>::randn(rng));
/// let (_, grads) = a.gradients(&x, |p| mse_loss(p, &y, Reduction::Mean));
/// Sgd::new(&a).step(&mut a, &grads); // the running mean and variance have moved
///
/// let state = a.state_to_flat::<f32>(); // 8 + 4 + 3 trained numbers, and 4 of statistics
/// let b = Net::from_flat_state(&state);
/// assert_eq!((state.len(), b), (19, a));
///
/// let numbers: [f32; Net::NUMBERS] = state.into(); // as a plain array, for a file or flash
/// assert_eq!(Net::from_flat_state(&numbers.into()), a);
/// ```
#[doc(alias("state_dict", "load_state_dict", "checkpoint"))]
pub trait FlatState: Parameters {
    /// The number of numbers that are kept.
    type StateLen: ArrayLength;

    /// Copies all that is kept out.
    #[doc(alias = "state_dict")]
    fn state_to_flat<T: Float>(&self) -> GenericArray<T, Self::StateLen> {
        let mut flat = GenericArray::default();
        self.copy_state_to_flat(&mut flat);
        flat
    }

    /// As [`state_to_flat`](Self::state_to_flat) into an array that is already there.
    fn copy_state_to_flat<T: Float>(&self, flat: &mut GenericArray<T, Self::StateLen>) {
        const { all_is_counted::<Self>() };
        self.visit(Name::ROOT, &mut Out(flat, Which::Kept));
    }

    /// Copies all that is kept in.
    #[doc(alias = "load_state_dict")]
    fn copy_state_from_flat<T: Float>(&mut self, flat: &GenericArray<T, Self::StateLen>) {
        const { all_is_counted::<Self>() };
        self.visit_mut(Name::ROOT, &mut In(flat, Which::Kept));
    }

    /// The model that keeps this. Its settings are those of [`BLANK`](Init::BLANK). One that is too large for a stack does not build:
    /// make it with [`init_boxed`](Init::init_boxed), and [`copy_state_from_flat`](Self::copy_state_from_flat).
    #[doc(alias = "load_state_dict")]
    fn from_flat_state<T: Float>(flat: &GenericArray<T, Self::StateLen>) -> Self
    where
        Self: Init,
    {
        const {
            by_value::<Self>("`from_flat_state`", "`let mut net = Net::init_boxed(rng); net.copy_state_from_flat(&flat);`");
        }
        let mut model = Self::BLANK;
        model.copy_state_from_flat(flat);
        model
    }
}

impl<M: Parameters<Count: EvaluateState<Out: ArrayLength>>> FlatState for M {
    type StateLen = <M::Count as EvaluateState>::Out;
}

/// Refuses at build time a layer by hand whose two counts differ.
const fn all_is_counted<M: FlatState + ?Sized>() {
    assert!(
        M::StateLen::USIZE == M::NUMBERS,
        "a layer whose `Parameters` are written by hand must count what it keeps: `type Count = Untrained<Of<S>>` for a tensor of shape S"
    );
}

/// Which of a model's numbers.
#[derive(Clone, Copy, PartialEq)]
enum Which {
    Trained,
    Kept,
}

impl Which {
    /// Whether a tensor of this kind is one of them.
    fn has(self, kind: Kind) -> bool {
        self == Self::Kept || kind == Kind::Trainable
    }

    /// How many of them an absent part has.
    fn of(self, parameters: usize, numbers: usize) -> usize {
        match self {
            Self::Trained => parameters,
            Self::Kept => numbers,
        }
    }
}

/// Writes what it is shown to the front of a slice and keeps the rest.
struct Out<'a, T>(&'a mut [T], Which);

impl<'a, T> Out<'a, T> {
    fn front(&mut self, len: usize) -> &'a mut [T] {
        let (front, rest) = core::mem::take(&mut self.0).split_at_mut_checked(len).unwrap_or_default();
        self.0 = rest;
        front
    }
}

impl<T: Float> Visitor for Out<'_, T> {
    fn visit<U: Float>(&mut self, info: &Info<'_>, values: &[U]) {
        if !self.1.has(info.kind) {
            return;
        }
        for (to, from) in self.front(values.len()).iter_mut().zip(values) {
            *to = T::from_f64(from.to_f64());
        }
    }

    fn absent(&mut self, parameters: usize, numbers: usize) {
        self.front(self.1.of(parameters, numbers)).fill(T::ZERO);
    }
}

/// Fills what it is lent from the front of a slice and keeps the rest.
struct In<'a, T>(&'a [T], Which);

impl<'a, T: Float> In<'a, T> {
    fn front(&mut self, len: usize) -> &'a [T] {
        let (front, rest) = self.0.split_at_checked(len).unwrap_or_default();
        self.0 = rest;
        front
    }

    fn fill<U: Float>(&mut self, values: &mut [U]) {
        let front = self.front(values.len());
        for (to, from) in values.iter_mut().zip(front) {
            *to = U::from_f64(from.to_f64());
        }
    }
}

impl<T: Float> VisitorMut for In<'_, T> {
    fn visit_mut<U: Float>(&mut self, info: &Info<'_>, values: &mut [U]) {
        if self.1.has(info.kind) {
            self.fill(values);
        }
    }

    fn absent(&mut self, parameters: usize, numbers: usize) {
        self.front(self.1.of(parameters, numbers));
    }
}

impl<T: Float> super::Zip<0> for In<'_, T> {
    fn zip<U: Float>(&mut self, own: &mut [U], []: [&[U]; 0]) {
        self.fill(own);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::{Affine, BatchNorm1d, Frozen, Linear, Param, Relu};
    use crate::tensor::Tensor;
    use crate::{Module, Sequential};
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    static BASE: Linear<2, 3> = Linear::new(Param(Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])), Param(Tensor([7.0, 8.0, 9.0])));

    type Absent = Sequential![Linear<1, 2>, BatchNorm1d<2, 1, Affine, f64>, Frozen<Linear<1, 1>>];

    /// Every kind of part: trained, frozen, borrowed, absent, state, settings.
    #[derive(Module, Clone, Copy, PartialEq, Debug)]
    #[module(custom(forward, init))]
    struct Net {
        norm: BatchNorm1d<2>,
        base: &'static Linear<2, 3>,
        absent: Option<Absent>,
        frozen: Frozen<(Linear<2, 2>, Option<Linear<1, 1>>)>,
        scale: Tensor<[f64; 3]>,
        mask: Tensor<[bool; 5]>,
        rate: f32,
        layers: [(Linear<1, 1>, Relu); 2],
    }

    impl Init for Net {
        const BLANK: Self = Self {
            norm: Init::BLANK,
            base: &BASE,
            absent: None,
            frozen: Init::BLANK,
            scale: Tensor::zeros(),
            mask: Tensor::zeros(),
            rate: 0.5,
            layers: [Init::BLANK; 2],
        };

        fn reset_parameters<R: rand::Rng + ?Sized>(&mut self, rng: &mut R) {
            self.norm.reset_parameters(rng);
            self.frozen.reset_parameters(rng);
            self.layers.reset_parameters(rng);
        }
    }

    const TRAINED: usize = 4 + 8 + 4;
    const KEPT: usize = 8 + 9 + (4 + 8 + 2) + (6 + 2) + 3 + 4;

    /// A model whose present parts hold their own places in the order of all that is kept, and 100 more.
    fn numbered(absent: bool) -> Net {
        let mut net = Net { absent: (!absent).then_some(Init::BLANK), ..Net::BLANK };
        net.copy_state_from_flat(&core::array::from_fn::<f32, KEPT, _>(|i| 100.0 + i as f32).into());
        net
    }

    #[test]
    fn all_that_is_kept_comes_back() {
        assert_eq!((Net::PARAMETERS, Net::NUMBERS), (TRAINED, KEPT));
        for absent in [false, true] {
            let net = numbered(absent);
            assert_eq!((net.norm.running_var.0.0[1], net.scale.0[2], net.layers[1].0.bias.0.0[0]), (107.0, 141.0, 145.0));
            assert_eq!(*net.base, BASE); // nobody wrote to it
            let flat: [f32; KEPT] = net.state_to_flat().into();
            for (i, number) in flat.into_iter().enumerate() {
                let expected = match i {
                    8..17 => i as f32 - 7.0,
                    17..31 if absent => 0.0,
                    37..39 => 0.0,
                    _ => 100.0 + i as f32,
                };
                assert_eq!(number, expected, "{i}");
            }
            let mut again = Net { absent: net.absent.map(|_| Init::BLANK), ..Net::BLANK };
            again.copy_state_from_flat::<f64>(&net.state_to_flat());
            assert_eq!(again, net);
            if absent {
                assert_eq!(Net::from_flat_state::<f32>(&net.state_to_flat()), net);
            }
        }
    }

    #[test]
    fn what_is_trained_comes_back_alone() {
        let net = numbered(true);
        let again = Net::from_flat::<f32>(&net.to_flat());
        assert_eq!(again.norm.weight, net.norm.weight);
        assert_eq!(again.layers, net.layers);
        assert_eq!((again.norm.running_mean, again.scale, again.rate), (Net::BLANK.norm.running_mean, Tensor::zeros(), 0.5));
        let linear = Linear::<3, 4>::init(&mut SmallRng::seed_from_u64(0));
        assert_eq!(Linear::from_flat(&linear.to_flat::<f32>()), linear);
        assert_eq!(linear.state_to_flat::<f32>(), linear.to_flat());
    }
}
