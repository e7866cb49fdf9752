//! [`RecurrentCell`].

use super::{Gated, StartOf, State};
use crate::nn::options::{Frame, Inputs, RnnCellOptions};
use crate::nn::param::uniform_fan_in;
use crate::nn::{Bias, BiasOption, Grads, Layer, Param};
use crate::ops::Addend;
use crate::ops::recurrent::{
    self, CellGrads, CellWeights, Memory, Start, backward_input, backward_input_params, backward_state_params, backward_steps,
};
use crate::shape::Rows;
use crate::simd::recurrent::{GruUnit, LstmUnit, Sizes};
use crate::simd::{self, Float};
use crate::tensor::{Buffer, Tensor};

/// One step of a recurrent layer: [`RnnCell`], [`LstmCell`], [`GruCell`], and what a [`Recurrent`](super::Recurrent) layer consists of.
///
/// `[GATES]` are the gates in PyTorch's order.
#[derive(crate::Module, Clone, Copy, PartialEq, Debug)]
#[module(custom(forward), display("{}Cell({}, {H}{}{})", U::NAME, I::COUNT, no_bias::<B>(), U::PRINTED))]
pub struct RecurrentCell<U: Gated, I: Inputs, const H: usize, B: BiasOption = Bias, T: Float = f32> {
    /// The input's weights, `[IN][GATES][H]` (PyTorch stores `[GATES · H][IN]`).
    #[module(transposed, fused, init = uniform_fan_in(H))]
    pub weight_ih: Param<I::Rows<U::Gates<[T; H]>>>,
    /// The state's weights, `[H][GATES][H]`.
    #[module(transposed, fused, init = uniform_fan_in(H))]
    pub weight_hh: Param<[U::Gates<[T; H]>; H]>,
    /// The input's bias, `[GATES][H]`, or `()`.
    #[module(fused, init = uniform_fan_in(H))]
    pub bias_ih: B::Param<U::Gates<[T; H]>>,
    /// The state's bias, `[GATES][H]`, or `()`.
    #[module(fused, init = uniform_fan_in(H))]
    pub bias_hh: B::Param<U::Gates<[T; H]>>,
}

/// What PyTorch prints of a layer without a bias.
pub(super) fn no_bias<B: BiasOption>() -> &'static str {
    if B::PRINTED == "False" { ", bias=False" } else { "" }
}

/// A step of a [`Rnn`](crate::nn::Rnn): h′ = tanh(x · W + b + h · Wₕ + bₕ), or relu with the option [`Relu`](crate::nn::Relu).
///
/// | | |
/// |---|---|
/// | input | a pair: x `[IN]`, h `[H]`; batches `[B][IN]`, `[B][H]`; any leading dimensions that are the same |
/// | output | h′, as h |
///
/// `O` is `()`, `Relu`, `NoBias`, or both. After [`torch.nn.RNNCell`](https://docs.pytorch.org/docs/stable/generated/torch.nn.RNNCell.html).
///
/// ```
/// use adamant::prelude::*;
/// let cell = RnnCell::<3, 4>::init(&mut SmallRng::seed_from_u64(0));
/// let mut h = Tensor::<[f32; 4]>::zeros();
/// for x in [Tensor([1.0, 2.0, 3.0]), Tensor([4.0, 5.0, 6.0])] {
///     h = cell.forward((x, h));
/// }
/// assert_eq!(cell.to_string(), "RNNCell(3, 4)");
/// ```
#[doc(alias = "RNNCell")]
pub type RnnCell<const IN: usize, const H: usize, O = (), T = f32> =
    RecurrentCell<<O as RnnCellOptions>::Unit, Frame<IN>, H, <O as RnnCellOptions>::Bias, T>;

/// A step of a [`Lstm`](crate::nn::Lstm), whose page has the formula.
///
/// | | |
/// |---|---|
/// | input | a pair: x `[IN]` and the state, a pair of h and c, `[H]` each; or batches; any leading dimensions that are the same |
/// | output | the next state, a pair of h′ and c′ |
///
/// After [`torch.nn.LSTMCell`](https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTMCell.html).
///
/// ```
/// use adamant::prelude::*;
/// let cell = LstmCell::<3, 4>::init(&mut SmallRng::seed_from_u64(0));
/// let mut state = (Tensor::<[f32; 4]>::zeros(), Tensor::zeros());
/// for x in [Tensor([1.0, 2.0, 3.0]), Tensor([4.0, 5.0, 6.0])] {
///     state = cell.forward((x, state));
/// }
/// assert_eq!(cell.to_string(), "LSTMCell(3, 4)");
/// ```
#[doc(alias = "LSTMCell")]
pub type LstmCell<const IN: usize, const H: usize, B = Bias, T = f32> = RecurrentCell<LstmUnit, Frame<IN>, H, B, T>;

/// A step of a [`Gru`](crate::nn::Gru), whose page has the formula.
///
/// | | |
/// |---|---|
/// | input | a pair: x `[IN]`, h `[H]`; batches `[B][IN]`, `[B][H]`; any leading dimensions that are the same |
/// | output | h′, as h |
///
/// After [`torch.nn.GRUCell`](https://docs.pytorch.org/docs/stable/generated/torch.nn.GRUCell.html).
///
/// ```
/// use adamant::prelude::*;
/// let cell = GruCell::<3, 4>::init(&mut SmallRng::seed_from_u64(0));
/// let batch = Tensor::<[[f32; 3]; 8]>::ones();
/// let h: Tensor<[[f32; 4]; 8]> = cell.forward((batch, Tensor::zeros()));
/// assert_eq!(cell.to_string(), "GRUCell(3, 4)");
/// ```
#[doc(alias = "GRUCell")]
pub type GruCell<const IN: usize, const H: usize, B = Bias, T = f32> = RecurrentCell<GruUnit, Frame<IN>, H, B, T>;

impl<U: Gated, I: Inputs, const H: usize, B: BiasOption, T: Float> RecurrentCell<U, I, H, B, T> {
    /// A cell with these weights, `[IN][GATES][H]` and `[H][GATES][H]`, and these biases (`()` without).
    pub const fn new(
        weight_ih: Param<I::Rows<U::Gates<[T; H]>>>,
        weight_hh: Param<[U::Gates<[T; H]>; H]>,
        bias_ih: B::Param<U::Gates<[T; H]>>,
        bias_hh: B::Param<U::Gates<[T; H]>>,
    ) -> Self {
        Self { weight_ih, weight_hh, bias_ih, bias_hh }
    }

    const COLUMNS: usize = U::GATES * H;

    /// As numbers.
    #[inline]
    pub(super) fn weights(&self) -> CellWeights<'_, T> {
        let bias = self.bias_ih.tensor().zip(self.bias_hh.tensor());
        CellWeights {
            ih: self.weight_ih.as_slice(),
            hh: self.weight_hh.as_slice(),
            bias: bias.map(|(input, state)| [input.as_slice(), state.as_slice()]),
        }
    }
}

/// Gradients as numbers.
#[inline]
pub(super) fn grads<U: Gated, I: Inputs, const H: usize, B: BiasOption, T: Float>(
    grads: &mut Grads<RecurrentCell<U, I, H, B, T>>,
) -> CellGrads<'_, T> {
    let bias = grads.bias_ih.tensor_mut().zip(grads.bias_hh.tensor_mut());
    CellGrads {
        ih: grads.weight_ih.as_mut_slice(),
        hh: grads.weight_hh.as_mut_slice(),
        bias: bias.map(|(input, state)| [input.as_mut_slice(), state.as_mut_slice()]),
    }
}

/// What a step keeps: gates, what is kept beside, the next h.
type Kept<U, S> = (Tensor<<U as Gated>::Gates<S>>, Tensor<<U as Gated>::Extra<S>>, Tensor<S>);

/// A step is a sequence of one.
const fn one_step<'a>(batch: usize, hidden: usize) -> Sizes<'a> {
    Sizes { steps: 1, batch, hidden, reverse: false, lengths: None }
}

impl<U: Gated, const IN: usize, const H: usize, B: BiasOption, T: Float> RecurrentCell<U, Frame<IN>, H, B, T> {
    /// The step, and what it keeps.
    #[inline]
    fn run<S, St>(&self, (x, state): &(Tensor<S>, St), kept: &mut Kept<U, S::With<H>>, next: &mut U::State<S::With<H>>)
    where
        S: Rows<IN, Self, Scalar = T>,
        St: StartOf<U::State<S::With<H>>, Self>,
    {
        let zero = Buffer::ZERO;
        let parts = state.given().unwrap_or(&zero).parts();
        let mut room = Tensor::<U::Apart<U::Gates<S::With<H>>>>::zeros();
        let (gates, extra, h) = kept;
        let mut memory = Memory { gates: gates.as_mut_slice(), extra: extra.as_mut_slice(), room: room.as_mut_slice() };
        let inputs = recurrent::Inputs { x: x.as_slice(), parts: 1 };
        let start = Start { parts, given: true };
        recurrent::forward::<T, U>(one_step(S::ROWS, H), inputs, &self.weights(), start, &mut memory, h.as_mut_slice());
        let [next_h, next_c] = next.parts_mut();
        simd::copy(h.as_slice(), next_h);
        simd::copy(extra.as_slice(), next_c);
    }

    /// The way back.
    #[inline]
    fn back<S, St>(
        &self,
        (x, state): &mut (Tensor<S>, St),
        kept: &Kept<U, S::With<H>>,
        d_next: &U::State<S::With<H>>,
        grads: Option<&mut Grads<Self>>,
        wants_input: bool,
    ) where
        S: Rows<IN, Self, Scalar = T>,
        St: StartOf<U::State<S::With<H>>, Self>,
    {
        let zero = Buffer::ZERO;
        let (mut gates, mut extra, h) = *kept;
        let mut room = Tensor::<U::Apart<U::Gates<S::With<H>>>>::zeros();
        let mut memory = Memory { gates: gates.as_mut_slice(), extra: extra.as_mut_slice(), room: room.as_mut_slice() };
        let mut d_state = *d_next;
        let (sizes, inputs) = (one_step(S::ROWS, H), recurrent::Inputs { x: x.as_slice(), parts: 1 });
        let start = Start { parts: state.given().unwrap_or(&zero).parts(), given: true };
        let d_states = Tensor::<S::With<H>>::zeros();
        backward_steps::<T, U>(
            sizes,
            self.weight_hh.as_slice(),
            None,
            start,
            &mut memory,
            [h.as_slice(), d_states.as_slice()],
            d_state.parts_mut(),
        );
        let mut dx = Tensor::<S>::zeros();
        if wants_input {
            backward_input(S::ROWS, Self::COLUMNS, memory.gates, self.weight_ih.as_slice(), 1, dx.as_mut_slice());
        }
        if let Some(grads) = grads {
            backward_input_params(S::ROWS, Self::COLUMNS, inputs, memory.gates, self::grads(grads));
            backward_state_params::<T, U>(sizes, start, &mut memory, h.as_slice(), self::grads(grads));
        }
        if wants_input {
            *x = dx;
            if let Some(state) = state.given_mut() {
                *state = d_state;
            }
        }
    }
}

#[crate::layer]
#[diagnostic::do_not_recommend]
impl<S, St: Buffer, U: Gated, const IN: usize, const H: usize, B: BiasOption, T: Float> Layer<(Tensor<S>, St)>
    for RecurrentCell<U, Frame<IN>, H, B, T>
where
    S: Rows<IN, Self, Scalar = T>,
    St: StartOf<U::State<S::With<H>>, Self>,
{
    type Output = U::State<S::With<H>>;
    type Kept = Kept<U, S::With<H>>;
    const MACS: u64 = S::ROWS as u64 * (IN + H) as u64 * Self::COLUMNS as u64;
    const COMPUTE_BYTES: usize = size_of::<Self::Kept>() + size_of::<U::Apart<U::Gates<S::With<H>>>>();
    const BACKWARD_BYTES: usize = size_of::<Self::Kept>()
        + size_of::<U::Apart<U::Gates<S::With<H>>>>()
        + size_of::<Tensor<S>>()
        + size_of::<S::With<H>>()
        + size_of::<Self::Output>();

    #[inline]
    fn compute(&self, x: &(Tensor<S>, St), y: &mut Self::Output) {
        let mut kept = Self::Kept::ZERO;
        self.run(x, &mut kept, y);
    }

    #[inline]
    fn train(&self, x: &(Tensor<S>, St), kept: &mut Self::Kept, y: &mut Self::Output) {
        self.run(x, kept, y);
    }

    #[inline]
    fn backward_params(&self, x: &(Tensor<S>, St), kept: &Self::Kept, dy: &Self::Output, grads: &mut Grads<Self>) {
        self.back(&mut x.clone(), kept, dy, Some(grads), false);
    }

    #[inline]
    fn backward_input(&self, x: &mut (Tensor<S>, St), kept: &Self::Kept, dy: &mut Self::Output) {
        self.back(x, kept, dy, None, true);
    }

    #[inline]
    fn backward(&self, x: &mut (Tensor<S>, St), kept: &Self::Kept, dy: &mut Self::Output, grads: &mut Grads<Self>) {
        self.back(x, kept, dy, Some(grads), true);
    }
}
