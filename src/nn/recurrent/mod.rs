//! [`Recurrent`]: what [`Rnn`](super::Rnn), [`Lstm`](super::Lstm) and [`Gru`](super::Gru) are.
//!
//! | file | what it holds |
//! |---|---|
//! | `mod.rs` | the layer: its parameters, its two passes |
//! | `gated.rs` | the units' shapes and names; their mathematics stand in `simd/recurrent/` |
//! | `input.rs` | what a layer is called with: sequences, a state, lengths |
//! | `lengths.rs` | [`Lengths`] |
//! | `memory.rs` | the passes through all layers, over numbers |
//! | `cell.rs` | one step: [`RecurrentCell`] |
//! | `step.rs` | one frame in place |

mod cell;
mod gated;
mod input;
mod lengths;
mod memory;
mod step;
#[cfg(test)]
mod tests;

pub use cell::{GruCell, LstmCell, RecurrentCell, RnnCell};
pub use gated::{Gated, State};
pub use input::{RecurrentInput, StartOf};
pub use lengths::{LengthError, Lengths};
pub use step::StepState;

use core::fmt::{self, Display, Formatter};

use super::options::{
    Between, Directions, Frame, Keeping, LayerCount, Parts, PartsGrads, RecurrentConfig, RecurrentOptions, Room, Widens,
};
use super::{Backprop, BiasOption, LayerSummary, LayerVisitor, Module, Name};
use crate::ops::recurrent::{CellGrads, CellWeights, Start, clear_ends, from_time, to_time};
use crate::shape::{Const, Frames};
use crate::simd::{Float, SMALL};
use crate::tensor::{Buffer, Tensor};
use memory::{Cells, Plan, Whole};

/// The configuration that options make.
type ConfigOf<O, U> = <O as RecurrentOptions<U>>::Config;
type UnitOf<C> = <C as RecurrentConfig>::Unit;
type BetweenOf<C> = <C as RecurrentConfig>::Between;
type DirectionsOf<C> = <C as RecurrentConfig>::Directions;
type LayersOf<C> = <C as RecurrentConfig>::Layers;

/// The cells of one layer, and of all above the first.
type Cell<C, I, const H: usize, T> = RecurrentCell<UnitOf<C>, I, H, <C as RecurrentConfig>::Bias, T>;
type Each<C, A> = <DirectionsOf<C> as Directions>::Each<A>;
type First<C, const IN: usize, const H: usize, T> = Each<C, Cell<C, Frame<IN>, H, T>>;
type UpperCell<C, const H: usize, T> = Cell<C, <DirectionsOf<C> as Directions>::Input<H>, H, T>;
type Upper<C, const H: usize, T> = <LayersOf<C> as LayerCount>::Upper<Each<C, UpperCell<C, H, T>>>;

/// An `A` for each direction of each layer.
type All<C, A> = <LayersOf<C> as LayerCount>::All<<DirectionsOf<C> as Directions>::Shapes<A>>;

/// An `A` for each sequence of an input, and for each of its steps.
type Batch<X, L, const IN: usize, A> = <<X as RecurrentInput<IN, L>>::Frames as Frames<IN, L>>::Batch<A>;
type Steps<X, L, const IN: usize, A> = <<X as RecurrentInput<IN, L>>::Frames as Frames<IN, L>>::Steps<Batch<X, L, IN, A>>;

/// The state for an input.
type StateOf<C, X, L, const IN: usize, const H: usize, T> = <UnitOf<C> as Gated>::State<All<C, Batch<X, L, IN, [T; H]>>>;

/// What one pass of one direction needs: gates, what is kept beside them, room for a step's products.
type GatesOf<C, X, L, const IN: usize, const H: usize, T> = Steps<X, L, IN, <UnitOf<C> as Gated>::Gates<[T; H]>>;
type ExtraOf<C, X, L, const IN: usize, const H: usize, T> = Steps<X, L, IN, <UnitOf<C> as Gated>::Extra<[T; H]>>;
type RoomOf<C, X, L, const IN: usize, const H: usize, T> =
    <UnitOf<C> as Gated>::Apart<Batch<X, L, IN, <UnitOf<C> as Gated>::Gates<[T; H]>>>;
/// The states of all steps.
type StatesOf<X, L, const IN: usize, const H: usize, T> = Steps<X, L, IN, [T; H]>;
/// What a training pass keeps of an `A` of each direction of each layer.
type Kept<C, A> = <<C as RecurrentConfig>::Keeping as Keeping>::Gates<LayersOf<C>, DirectionsOf<C>, A>;
/// An `A` for each direction.
type Both<C, A> = <DirectionsOf<C> as Directions>::Shapes<A>;
/// Room for a state's transposed weights; none where memory is short.
type Turned<C, const H: usize, T> = [[<UnitOf<C> as Gated>::Gates<[T; H]>; H]; if SMALL { 0 } else { 1 }];
/// Room for what has passed [`Dropout`](super::Dropout).
type DroppedOf<C, X, L, const IN: usize, const H: usize, T> =
    <BetweenOf<C> as Between>::Room<Both<C, StatesOf<X, L, IN, H, T>>>;

/// Recurrent layers: [`Rnn`](super::Rnn), [`Lstm`](super::Lstm), [`Gru`](super::Gru), whose pages say what they compute.
///
/// `U` is the unit, `O` sets the rest by name.
#[derive(crate::Module, Clone, Copy, PartialEq, Debug)]
#[module(custom(forward), display("{}", Printed(self)))]
pub struct Recurrent<U: Gated, const IN: usize, const H: usize, O: RecurrentOptions<U> = (), T: Float = f32> {
    /// The first layer: a cell, with [`Bidirectional`](super::Bidirectional) one for each direction.
    #[module(layer = 0)]
    pub first: First<ConfigOf<O, U>, IN, H, T>,
    /// The layers above it.
    #[module(layers = 1)]
    pub upper: Upper<ConfigOf<O, U>, H, T>,
    /// What is between layers: [`Dropout`](super::Dropout) or nothing.
    pub dropout: BetweenOf<ConfigOf<O, U>>,
}

/// As PyTorch prints it.
struct Printed<'a, M>(&'a M);

impl<U: Gated, const IN: usize, const H: usize, O: RecurrentOptions<U>, T: Float> Display
    for Printed<'_, Recurrent<U, IN, H, O, T>>
{
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}({IN}, {H}", U::NAME)?;
        match LayersOf::<O::Config>::COUNT {
            1 => {}
            layers => write!(f, ", num_layers={layers}")?,
        }
        if <O::Config as RecurrentConfig>::Bias::PRINTED == "False" {
            f.write_str(", bias=False")?;
        }
        f.write_str(", batch_first=True")?;
        if let Some(p) = self.0.dropout.p() {
            write!(f, ", dropout={p}")?;
        }
        if DirectionsOf::<O::Config>::COUNT == 2 {
            f.write_str(", bidirectional=True")?;
        }
        f.write_str(")")
    }
}

impl<U: Gated, const IN: usize, const H: usize, O: RecurrentOptions<U>, T: Float> Cells<T> for Recurrent<U, IN, H, O, T> {
    type Config = O::Config;
    const HIDDEN: usize = H;

    #[inline]
    fn cell(&self, layer: usize, direction: usize) -> Option<CellWeights<'_, T>> {
        match layer.checked_sub(1) {
            None => Some(self.first.parts().get(direction)?.weights()),
            Some(upper) => Some(self.upper.parts().get(upper)?.parts().get(direction)?.weights()),
        }
    }

    #[inline]
    fn cell_grads(grads: &mut Self::Grads, layer: usize, direction: usize) -> Option<CellGrads<'_, T>> {
        match layer.checked_sub(1) {
            None => Some(cell::grads(grads.first.parts_mut().get_mut(direction)?)),
            Some(upper) => Some(cell::grads(grads.upper.parts_mut().get_mut(upper)?.parts_mut().get_mut(direction)?)),
        }
    }

    #[inline]
    fn between(&self) -> &BetweenOf<O::Config> {
        &self.dropout
    }
}

/// What a layer computes from an input of type `X`: [`Module`] and [`Backprop`] in one.
#[diagnostic::on_unimplemented(
    message = "layer `{Self}` cannot take input `{X}`",
    label = "this layer and this input do not fit",
    note = "a recurrent layer of IN inputs takes sequences `[[f32; IN]; L]`, a batch `[[[f32; IN]; L]; B]`; with a state, with lengths, with both: `(x, state)`, `(x, lengths)`, `(x, state, lengths)`",
    note = "lengths are `Lengths<L, B>`, of the batch's L steps and B sequences: `Lengths::new([5, 3])?`",
    note = "the state of H units is `[[f32; H]; LAYERS]`, of a batch `[[[f32; H]; B]; LAYERS]`, in both directions `[[[[f32; H]; B]; 2]; LAYERS]`; that of an `Lstm` is a pair of such"
)]
#[doc(hidden)]
pub trait Call<X>: super::Parameters {
    type Output: Buffer;
    const MACS: u64;
    const FORWARD_BYTES: usize;
    const BACKPROP_BYTES: usize;

    /// The output, in evaluation.
    fn evaluate(&self, x: &X, y: &mut Self::Output);

    /// The output lent to `next`, and the way back: adds to the gradients, if there are any, and turns x into its own, if it may.
    fn train<R>(&self, x: Input<'_, X>, grads: Option<&mut Self::Grads>, next: impl FnOnce(&mut Self::Output) -> R) -> R;
}

/// An input that may become its gradient, or not.
#[doc(hidden)]
pub enum Input<'a, X> {
    Read(&'a X),
    Write(&'a mut X),
}

impl<X> Input<'_, X> {
    const fn get(&self) -> &X {
        match self {
            Self::Read(x) => x,
            Self::Write(x) => x,
        }
    }
}

impl<X, U, const IN: usize, const H: usize, const W: usize, O, T> Call<X> for Recurrent<U, IN, H, O, T>
where
    U: Gated,
    O: RecurrentOptions<U, Config: Widens<H, Out = Const<W>>>,
    T: Float,
    X: RecurrentInput<IN, Self, Frames: Frames<IN, Self, Scalar = T>>,
    X::State: StartOf<StateOf<O::Config, X, Self, IN, H, T>, Self>,
{
    type Output = X::Output<Tensor<<X::Frames as Frames<IN, Self>>::With<W>>, StateOf<O::Config, X, Self, IN, H, T>>;
    const MACS: u64 = X::Frames::STEPS as u64 * X::Frames::SAMPLES as u64 * Self::STEP_MACS;
    const FORWARD_BYTES: usize = size_of::<GatesOf<O::Config, X, Self, IN, H, T>>()
        + size_of::<ExtraOf<O::Config, X, Self, IN, H, T>>()
        + size_of::<RoomOf<O::Config, X, Self, IN, H, T>>()
        + size_of::<All<O::Config, StatesOf<X, Self, IN, H, T>>>()
        + size_of::<Steps<X, Self, IN, [T; IN]>>()
        + 2 * size_of::<StateOf<O::Config, X, Self, IN, H, T>>();
    const BACKPROP_BYTES: usize = size_of::<Self::Output>()
        + size_of::<Kept<O::Config, GatesOf<O::Config, X, Self, IN, H, T>>>()
        + size_of::<Kept<O::Config, ExtraOf<O::Config, X, Self, IN, H, T>>>()
        + size_of::<RoomOf<O::Config, X, Self, IN, H, T>>()
        + size_of::<All<O::Config, StatesOf<X, Self, IN, H, T>>>()
        + size_of::<Both<O::Config, StatesOf<X, Self, IN, H, T>>>()
        + size_of::<DroppedOf<O::Config, X, Self, IN, H, T>>()
        + size_of::<Turned<O::Config, H, T>>()
        + size_of::<Steps<X, Self, IN, [T; IN]>>()
        + 2 * size_of::<StateOf<O::Config, X, Self, IN, H, T>>();

    fn evaluate(&self, x: &X, y: &mut Self::Output) {
        let plan = Plan { steps: X::Frames::STEPS, batch: X::Frames::SAMPLES, lengths: x.lengths() };
        let mut frames = Tensor::<Steps<X, Self, IN, [T; IN]>>::zeros();
        let frames = match plan.batch {
            1 => x.frames().as_slice(),
            _ => {
                to_time(plan.steps, plan.batch, IN, x.frames().as_slice(), frames.as_mut_slice());
                frames.as_slice()
            }
        };
        let mut gates = Tensor::<GatesOf<O::Config, X, Self, IN, H, T>>::zeros();
        let mut extra = Tensor::<ExtraOf<O::Config, X, Self, IN, H, T>>::zeros();
        let mut room = Tensor::<RoomOf<O::Config, X, Self, IN, H, T>>::zeros();
        let mut states = Tensor::<All<O::Config, StatesOf<X, Self, IN, H, T>>>::zeros();
        let mut whole = Whole {
            gates: gates.as_mut_slice(),
            extra: extra.as_mut_slice(),
            slots: 1,
            room: room.as_mut_slice(),
            states: states.as_mut_slice(),
            dropped: &mut [],
        };
        let given = x.state().given().copied();
        let (start, mut end) = (given.unwrap_or(Buffer::ZERO), <StateOf<O::Config, X, Self, IN, H, T>>::ZERO);
        let from = Start { parts: start.parts(), given: given.is_some() };
        memory::run(self, &plan, frames, from, &mut whole, None, end.parts_mut());
        let (y, state) = X::output(y);
        memory::finish(self, &plan, whole.states, y.as_mut_slice());
        if let Some(state) = state {
            *state = end;
        }
    }

    fn train<R>(&self, mut x: Input<'_, X>, grads: Option<&mut Self::Grads>, next: impl FnOnce(&mut Self::Output) -> R) -> R {
        let mut grads = grads;
        let plan = Plan { steps: X::Frames::STEPS, batch: X::Frames::SAMPLES, lengths: x.get().lengths() };
        let mut frames = Tensor::<Steps<X, Self, IN, [T; IN]>>::zeros();
        to_time(plan.steps, plan.batch, IN, x.get().frames().as_slice(), frames.as_mut_slice());
        // What is not read must not be a factor of a gradient either: it may be NaN.
        clear_ends(plan.lengths, plan.batch, IN, frames.as_mut_slice());
        let mut gates = Tensor::<Kept<O::Config, GatesOf<O::Config, X, Self, IN, H, T>>>::zeros();
        let mut extra = Tensor::<Kept<O::Config, ExtraOf<O::Config, X, Self, IN, H, T>>>::zeros();
        let mut room = Tensor::<RoomOf<O::Config, X, Self, IN, H, T>>::zeros();
        let mut states = Tensor::<All<O::Config, StatesOf<X, Self, IN, H, T>>>::zeros();
        let mut dropped = DroppedOf::<O::Config, X, Self, IN, H, T>::ZERO;
        let mut whole = Whole {
            gates: gates.as_mut_slice(),
            extra: extra.as_mut_slice(),
            slots: if Self::KEEPS { Self::LAYERS * Self::DIRECTIONS } else { Self::DIRECTIONS },
            room: room.as_mut_slice(),
            states: states.as_mut_slice(),
            dropped: dropped.room(),
        };
        let given = x.get().state().given().copied();
        let (start, mut end) = (given.unwrap_or(Buffer::ZERO), <StateOf<O::Config, X, Self, IN, H, T>>::ZERO);
        let from = Start { parts: start.parts(), given: given.is_some() };

        let draws = grads.as_deref_mut().and_then(|grads| <BetweenOf<O::Config> as Between>::draws(&mut grads.dropout));
        let drawn = draws.as_deref().copied();
        memory::run(self, &plan, frames.as_slice(), from, &mut whole, draws, end.parts_mut());
        let mut output = Self::Output::ZERO;
        let (y, state) = X::output(&mut output);
        memory::finish(self, &plan, whole.states, y.as_mut_slice());
        if let Some(state) = state {
            *state = end;
        }
        let result = next(&mut output);

        let (dy, d_state) = X::output(&mut output);
        end = d_state.copied().unwrap_or(Buffer::ZERO);
        let mut d_states = Tensor::<Both<O::Config, StatesOf<X, Self, IN, H, T>>>::zeros();
        memory::begin_back(self, &plan, dy.as_slice(), d_states.as_mut_slice());
        let mut turned = Tensor::<Turned<O::Config, H, T>>::zeros();
        let back = memory::Back {
            x: frames.as_mut_slice(),
            wants_input: matches!(x, Input::Write(_)),
            d_states: d_states.as_mut_slice(),
            turned: turned.as_mut_slice(),
            d_end: end.parts_mut(),
            grads,
            draws: drawn,
        };
        memory::back(self, &plan, from, &mut whole, back);
        if let Input::Write(x) = &mut x {
            from_time(X::Frames::STEPS, X::Frames::SAMPLES, [IN, 0, IN], frames.as_slice(), x.frames_mut().as_mut_slice());
            if let Some(given) = x.state_mut().and_then(StartOf::given_mut) {
                *given = end;
            }
        }
        result
    }
}

impl<U: Gated, const IN: usize, const H: usize, O: RecurrentOptions<U>, T: Float> Recurrent<U, IN, H, O, T> {
    const LAYERS: usize = <Self as Cells<T>>::LAYERS;
    const DIRECTIONS: usize = <Self as Cells<T>>::DIRECTIONS;
    const KEEPS: bool = <Self as Cells<T>>::KEEPS;

    /// Multiply-accumulates of a step of one sequence.
    const STEP_MACS: u64 = {
        let (inputs, columns) = (IN + (Self::LAYERS - 1) * Self::DIRECTIONS * H, <Self as Cells<T>>::COLUMNS as u64);
        Self::DIRECTIONS as u64 * columns * (inputs + Self::LAYERS * H) as u64
    };
}

#[diagnostic::do_not_recommend]
impl<X, U: Gated, const IN: usize, const H: usize, O: RecurrentOptions<U>, T: Float> Module<X> for Recurrent<U, IN, H, O, T>
where
    Self: Call<X>,
{
    type Output = <Self as Call<X>>::Output;
    const MACS: u64 = <Self as Call<X>>::MACS;
    const FORWARD_BYTES: usize = <Self as Call<X>>::FORWARD_BYTES;

    #[inline]
    fn forward_into(&self, x: &X, y: &mut Self::Output) {
        self.evaluate(x, y);
    }

    #[inline]
    fn forward_training(&self, x: &X, grads: &mut Self::Grads) -> Self::Output {
        let mut y = Self::Output::ZERO;
        match BetweenOf::<O::Config>::DROPS {
            // A training pass without a way back would be another pass to write, for one option of few: its gradients are dropped.
            true => {
                let mut trained = *grads;
                self.train(Input::Read(x), Some(&mut trained), |output| y = *output);
                super::Gradients::carry(grads, &super::Gradients::carried(&trained));
            }
            false => self.evaluate(x, &mut y),
        }
        y
    }
}

#[diagnostic::do_not_recommend]
impl<X: Clone, U: Gated, const IN: usize, const H: usize, O: RecurrentOptions<U>, T: Float> Backprop<X>
    for Recurrent<U, IN, H, O, T>
where
    Self: Call<X>,
{
    const BACKPROP_BYTES: usize = <Self as Call<X>>::BACKPROP_BYTES;

    #[inline]
    fn backprop<R>(&self, x: &mut X, grads: &mut Self::Grads, next: impl FnOnce(&mut Self::Output) -> R) -> R {
        self.train(Input::Write(x), Some(grads), next)
    }

    #[inline]
    fn backprop_params<R>(&self, x: &X, grads: &mut Self::Grads, next: impl FnOnce(&mut Self::Output) -> R) -> R {
        self.train(Input::Read(x), Some(grads), next)
    }

    #[inline]
    fn backprop_input<R>(&self, x: &mut X, next: impl FnOnce(&mut Self::Output) -> R) -> R {
        self.train(Input::Write(x), None, next)
    }

    fn layers<V: LayerVisitor>(name: Name<'_>, depth: usize, visitor: &mut V) {
        visitor.layer(&LayerSummary { kind: U::NAME, ..LayerSummary::of::<X, Self>(name, depth) });
    }
}
