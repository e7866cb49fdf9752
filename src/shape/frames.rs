//! Shapes that are sequences of frames.

use super::{Element, Shape};

/// A sequence of L frames of N numbers, `[[T; N]; L]`, or a batch of B such, `[[[T; N]; L]; B]`.
///
/// `Layer` says who asks, for the compiler's message, as in [`Rows`](super::Rows).
#[diagnostic::on_unimplemented(
    message = "layer `{Layer}` cannot take input `Tensor<{Self}>`",
    label = "a sequence of frames of {N} numbers, `[[f32; {N}]; L]`, or a batch of B sequences, `[[[f32; {N}]; L]; B]`"
)]
pub trait Frames<const N: usize, Layer: ?Sized = ()>: Shape<Elem = <Self as Frames<N, Layer>>::Scalar> {
    /// The type of one element.
    type Scalar: Element;
    /// The same with frames of `M` numbers.
    type With<const M: usize>: Shape<Elem = Self::Scalar>;
    /// An `A` for each sequence: `A` itself, or `[A; B]`.
    type Batch<A: Shape>: Shape<Elem = A::Elem>;
    /// An `A` for each step: `[A; L]`.
    type Steps<A: Shape>: Shape<Elem = A::Elem>;
    /// The number of steps.
    const STEPS: usize;
    /// The number of sequences.
    const SAMPLES: usize;
}

#[diagnostic::do_not_recommend]
impl<T: Element, const N: usize, const L: usize, Layer: ?Sized> Frames<N, Layer> for [[T; N]; L] {
    type Scalar = T;
    type With<const M: usize> = [[T; M]; L];
    type Batch<A: Shape> = A;
    type Steps<A: Shape> = [A; L];
    const STEPS: usize = L;
    const SAMPLES: usize = 1;
}

#[diagnostic::do_not_recommend]
impl<T: Element, const N: usize, const L: usize, const B: usize, Layer: ?Sized> Frames<N, Layer> for [[[T; N]; L]; B] {
    type Scalar = T;
    type With<const M: usize> = [[[T; M]; L]; B];
    type Batch<A: Shape> = [A; B];
    type Steps<A: Shape> = [A; L];
    const STEPS: usize = L;
    const SAMPLES: usize = B;
}

/// Sequences whatever their frames: `[[T; N]; L]` or a batch of B such, `[[[T; N]; L]; B]`.
#[diagnostic::on_unimplemented(
    message = "layer `{Layer}` cannot take input `Tensor<{Self}>`",
    label = "a sequence of frames, `[[f32; N]; L]`, or a batch of them, `[[[f32; N]; L]; B]`"
)]
pub trait Sequences<Layer: ?Sized = ()>: Shape<Elem = <Self as Sequences<Layer>>::Scalar> {
    /// The type of one element.
    type Scalar: Element;
    /// One frame of each sequence.
    type Frame: Shape<Elem = Self::Scalar>;
    /// The number of steps.
    const STEPS: usize;
    /// The numbers of a frame.
    const WIDTH: usize;
}

#[diagnostic::do_not_recommend]
impl<T: Element, const N: usize, const L: usize, Layer: ?Sized> Sequences<Layer> for [[T; N]; L] {
    type Scalar = T;
    type Frame = [T; N];
    const STEPS: usize = L;
    const WIDTH: usize = N;
}

#[diagnostic::do_not_recommend]
impl<T: Element, const N: usize, const L: usize, const B: usize, Layer: ?Sized> Sequences<Layer> for [[[T; N]; L]; B] {
    type Scalar = T;
    type Frame = [[T; N]; B];
    const STEPS: usize = L;
    const WIDTH: usize = N;
}
