//! What a recurrent layer is called with.

use super::gated::AnyState;
use super::lengths::Lengths;
use crate::shape::{Frames, Shape};
use crate::simd::Float;
use crate::tensor::{Buffer, Tensor};

/// Sequences, with or without a state to start from, and lengths: `x`, `(x, state)`, `(x, lengths)`, `(x, state, lengths)`.
#[diagnostic::on_unimplemented(
    message = "layer `{Layer}` cannot take input `{Self}`",
    label = "a sequence, `[[f32; {IN}]; L]`, or a batch, `[[[f32; {IN}]; L]; B]`, with a state or without",
    note = "a recurrent layer takes `x`, `(x, state)`, `(x, lengths)` and `(x, state, lengths)`"
)]
pub trait RecurrentInput<const IN: usize, Layer: ?Sized>: Copy {
    /// The sequences' shape.
    type Frames: Frames<IN, Layer>;
    /// The state that is given; a type without a value where there is none.
    type State;
    /// What the layer gives, where the sequences become `Y` and the state `S`.
    type Output<Y: Buffer, S: Buffer>: Buffer;

    /// The sequences.
    fn frames(&self) -> &Tensor<Self::Frames>;
    /// The sequences, to write to.
    fn frames_mut(&mut self) -> &mut Tensor<Self::Frames>;
    /// The state.
    fn state(&self) -> &Self::State;
    /// The state, to write to, if one is given.
    fn state_mut(&mut self) -> Option<&mut Self::State>;
    /// The lengths, if not all are the same.
    fn lengths(&self) -> Option<&[usize]>;
    /// The parts of what the layer gives.
    fn output<Y: Buffer, S: Buffer>(output: &mut Self::Output<Y, S>) -> (&mut Y, Option<&mut S>);
}

/// No state is given: it starts from zero.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Zero;

#[diagnostic::do_not_recommend]
impl<S: Frames<IN, Layer>, const IN: usize, Layer: ?Sized> RecurrentInput<IN, Layer> for Tensor<S> {
    type Frames = S;
    type State = Zero;
    type Output<Y: Buffer, State: Buffer> = Y;

    #[inline]
    fn frames(&self) -> &Tensor<S> {
        self
    }

    #[inline]
    fn frames_mut(&mut self) -> &mut Tensor<S> {
        self
    }

    #[inline]
    fn state(&self) -> &Zero {
        &Zero
    }

    #[inline]
    fn state_mut(&mut self) -> Option<&mut Zero> {
        None
    }

    #[inline]
    fn lengths(&self) -> Option<&[usize]> {
        None
    }

    #[inline]
    fn output<Y: Buffer, St: Buffer>(output: &mut Y) -> (&mut Y, Option<&mut St>) {
        (output, None)
    }
}

/// The parts of a tuple that has a state, or lengths, or both.
macro_rules! tuples {
    ($([$($generics:tt)*] $t:ty, $frames:ty, $state:ty, |$this:ident| $get:expr, $get_mut:expr, $lengths:expr;)+) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*, const IN: usize, Layer: ?Sized> RecurrentInput<IN, Layer> for $t
        where
            $frames: Frames<IN, Layer>,
        {
            type Frames = $frames;
            type State = $state;
            type Output<Y: Buffer, State: Buffer> = (Y, State);

            #[inline]
            fn frames(&self) -> &Tensor<$frames> {
                &self.0
            }

            #[inline]
            fn frames_mut(&mut self) -> &mut Tensor<$frames> {
                &mut self.0
            }

            #[inline]
            fn state(&self) -> &$state {
                let $this = self;
                $get
            }

            #[inline]
            fn state_mut(&mut self) -> Option<&mut $state> {
                let $this = self;
                $get_mut
            }

            #[inline]
            fn lengths(&self) -> Option<&[usize]> {
                let $this = self;
                $lengths
            }

            #[inline]
            fn output<Y: Buffer, St: Buffer>((y, state): &mut (Y, St)) -> (&mut Y, Option<&mut St>) {
                (y, Some(state))
            }
        }
    )+};
}

tuples! {
    [S: Shape, A: AnyState] (Tensor<S>, A), S, A, |this| &this.1, Some(&mut this.1), { let _ = this; None };
    [T: Float, const N: usize, const L: usize, const B: usize] (Tensor<[[[T; N]; L]; B]>, Lengths<L, B>), [[[T; N]; L]; B], Zero,
        |this| { let _ = this; &Zero }, { let _ = this; None }, Some(this.1.as_slice());
    [T: Float, A: AnyState, const N: usize, const L: usize, const B: usize] (Tensor<[[[T; N]; L]; B]>, A, Lengths<L, B>), [[[T; N]; L]; B], A,
        |this| &this.1, Some(&mut this.1), Some(this.2.as_slice());
}

/// A state that a layer whose states are `Expected` may start from: such a one, or [`Zero`].
#[diagnostic::on_unimplemented(
    message = "layer `{Layer}` cannot take the state `{Self}`",
    label = "for these sequences its state is `{Expected}`"
)]
pub trait StartOf<Expected, Layer: ?Sized> {
    /// The state, if one is given.
    fn given(&self) -> Option<&Expected>;
    /// The state, to write to.
    fn given_mut(&mut self) -> Option<&mut Expected>;
}

#[diagnostic::do_not_recommend]
impl<E, Layer: ?Sized> StartOf<E, Layer> for Zero {
    #[inline]
    fn given(&self) -> Option<&E> {
        None
    }

    #[inline]
    fn given_mut(&mut self) -> Option<&mut E> {
        None
    }
}

#[diagnostic::do_not_recommend]
impl<E: Buffer, Layer: ?Sized> StartOf<E, Layer> for E {
    #[inline]
    fn given(&self) -> Option<&E> {
        Some(self)
    }

    #[inline]
    fn given_mut(&mut self) -> Option<&mut E> {
        Some(self)
    }
}
