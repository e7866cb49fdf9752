//! A unit's shapes, and what it is called.

use crate::nn::options::{GruLayer, LstmLayer, RnnLayer};
use crate::shape::Shape;
use crate::simd::Float;
use crate::simd::recurrent::{GruUnit, LstmUnit, ReluUnit, TanhUnit, Unit};
use crate::tensor::{Buffer, Tensor};

/// A unit of a recurrent layer: its gates' mathematics, and the shapes that go with it.
pub trait Gated: Unit {
    /// An `A` for each gate.
    type Gates<A: Shape>: Shape<Elem = A::Elem>;
    /// An `A` for each number that is kept beside gates and state.
    type Extra<A: Shape>: Shape<Elem = A::Elem>;
    /// An `A` if sums of products come apart.
    type Apart<A: Shape>: Shape<Elem = A::Elem>;
    /// The state: h, or h and c.
    type State<S: Shape<Elem: Float>>: State<S::Elem>;
    /// The layer in the compiler's messages.
    type Layer;
    /// PyTorch's name of the layer.
    const NAME: &'static str;
    /// What PyTorch prints of a cell beside its sizes.
    const PRINTED: &'static str = "";

    /// The h of a state.
    fn hidden<S: Shape<Elem: Float>>(state: &Self::State<S>) -> &Tensor<S>;
}

macro_rules! gated {
    ($($unit:ident $layer:ident $name:literal [$gates:literal $extra:literal $apart:literal] $state:ty, |$h:ident| $hidden:expr $(, $printed:literal)?;)+) => {$(
        impl Gated for $unit {
            type Gates<A: Shape> = [A; $gates];
            type Extra<A: Shape> = [A; $extra];
            type Apart<A: Shape> = [A; $apart];
            type State<S: Shape<Elem: Float>> = $state;
            type Layer = $layer;
            const NAME: &'static str = $name;
            $(const PRINTED: &'static str = $printed;)?

            #[inline(always)]
            fn hidden<S: Shape<Elem: Float>>($h: &Self::State<S>) -> &Tensor<S> {
                $hidden
            }
        }
    )+};
}

gated! {
    TanhUnit RnnLayer "RNN" [1 0 0] Tensor<S>, |h| h;
    ReluUnit RnnLayer "RNN" [1 0 0] Tensor<S>, |h| h, ", nonlinearity=relu";
    LstmUnit LstmLayer "LSTM" [4 1 0] (Tensor<S>, Tensor<S>), |h| &h.0;
    GruUnit GruLayer "GRU" [3 1 1] Tensor<S>, |h| h;
}

/// A state of a recurrent layer, whatever its numbers: a tensor, or a pair of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no state of a recurrent layer",
    note = "a state is a tensor, that of an `Lstm` a pair of tensors: `layer.forward((x, state))`"
)]
pub trait AnyState: Buffer {}

#[diagnostic::do_not_recommend]
impl<S: Shape> AnyState for Tensor<S> {}

#[diagnostic::do_not_recommend]
impl<S: Shape> AnyState for (Tensor<S>, Tensor<S>) {}

/// A state whose numbers are `T`.
pub trait State<T>: AnyState {
    /// The numbers of h, and those of c.
    fn parts(&self) -> [&[T]; 2];
    /// The same, to write to.
    fn parts_mut(&mut self) -> [&mut [T]; 2];
}

impl<T: Float, S: Shape<Elem = T>> State<T> for Tensor<S> {
    #[inline]
    fn parts(&self) -> [&[T]; 2] {
        [self.as_slice(), &[]]
    }

    #[inline]
    fn parts_mut(&mut self) -> [&mut [T]; 2] {
        [self.as_mut_slice(), &mut []]
    }
}

impl<T: Float, S: Shape<Elem = T>> State<T> for (Tensor<S>, Tensor<S>) {
    #[inline]
    fn parts(&self) -> [&[T]; 2] {
        [self.0.as_slice(), self.1.as_slice()]
    }

    #[inline]
    fn parts_mut(&mut self) -> [&mut [T]; 2] {
        [self.0.as_mut_slice(), self.1.as_mut_slice()]
    }
}
