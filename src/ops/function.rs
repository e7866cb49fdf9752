//! What an operation is: a forward pass and, under it, its backward pass.
//!
//! Every operation of this room is a small value that implements one of these traits, and so is a user's own. Settings (an
//! exponent, bounds, a mask) are fields of that value; what a gradient may flow to are the operands.

use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::{Buffer, Tensor};

/// An operation on one value, with its backward pass: what one subclasses
/// [`torch.autograd.Function`](https://docs.pytorch.org/docs/stable/autograd.html#torch.autograd.Function) for in PyTorch.
///
/// ```
/// use adamant::ops::Function;
/// use adamant::prelude::*;
///
/// /// The sign of x, with a straight-through gradient.
/// struct Sign;
///
/// impl<S: Shape<Elem = f32>> Function<Tensor<S>> for Sign {
///     type Output = Tensor<S>;
///
///     fn forward(&self, x: &Tensor<S>) -> Tensor<S> {
///         x.map(f32::signum)
///     }
///
///     fn backward(&self, _x: &Tensor<S>, _y: &Tensor<S>, dy: &Tensor<S>, dx: &mut Tensor<S>) {
///         dx.axpy(1.0, dy);
///     }
/// }
///
/// assert_eq!(Tensor([-3.0f32, 2.0]).apply(Sign), Tensor([-1.0, 1.0]));
/// ```
#[doc(alias = "autograd")]
#[diagnostic::on_unimplemented(message = "operation `{Self}` cannot take `{A}`")]
pub trait Function<A> {
    /// What the operation gives.
    type Output: Buffer;

    /// Whether [`backward`](Self::backward) reads y. Where it does not, no copy of y is kept: y's buffer becomes dy, and `backward`
    /// is given dy for both.
    const READS_OUTPUT: bool = true;
    /// Multiply-accumulates of one forward pass.
    const MACS: u64 = 0;
    /// Bytes of buffers that [`backprop`](Self::backprop) makes, without those of `next`.
    const BACKPROP_BYTES: usize = kept::<Self::Output>(Self::READS_OUTPUT) + size_of::<A>();

    /// y = f(a).
    fn forward(&self, a: &A) -> Self::Output;

    /// Adds to `da` the loss's gradient with respect to `a`, given the one with respect to y.
    fn backward(&self, a: &A, y: &Self::Output, dy: &Self::Output, da: &mut A);

    /// Runs forward on `a`, lets `next` turn the output into the loss's gradient with respect to it, then turns `a` into the
    /// gradient with respect to `a`: what [`Backprop::backprop`](crate::nn::Backprop::backprop) is to a layer.
    ///
    /// The provided method calls [`forward`](Self::forward) and [`backward`](Self::backward). An operation that can do with
    /// fewer buffers overrides it.
    #[inline]
    fn backprop<R>(&self, a: &mut A, next: impl FnOnce(&mut Self::Output) -> R) -> R
    where
        A: Buffer,
    {
        let mut dy = self.forward(a);
        let kept = Self::READS_OUTPUT.then_some(dy);
        let result = next(&mut dy);
        let y = kept.as_ref().unwrap_or(&dy);
        let mut da = A::ZERO;
        self.backward(a, y, &dy, &mut da);
        *a = da;
        result
    }
}

/// Bytes of an output and, if the backward pass reads it, of its gradient beside it.
const fn kept<Y>(reads_output: bool) -> usize {
    if reads_output { 2 * size_of::<Y>() } else { size_of::<Y>() }
}

/// An operation on two values, with its backward passes.
#[diagnostic::on_unimplemented(message = "operation `{Self}` cannot take `{A}` and `{B}`")]
pub trait Function2<A, B> {
    /// What the operation gives.
    type Output: Buffer;

    /// Whether the backward passes read y. Where they do not, no copy of y is kept: y's buffer becomes dy, and they are given dy
    /// for both.
    const READS_OUTPUT: bool = true;
    /// Multiply-accumulates of one forward pass.
    const MACS: u64 = 0;
    /// Bytes of buffers that [`backprop`](Self::backprop) makes, without those of `next`.
    const BACKPROP_BYTES: usize = kept::<Self::Output>(Self::READS_OUTPUT) + size_of::<A>();

    /// y = f(a, b).
    fn forward(&self, a: &A, b: &B) -> Self::Output;

    /// Adds to `da` the loss's gradient with respect to `a`, given the one with respect to y.
    fn backward_a(&self, a: &A, b: &B, y: &Self::Output, dy: &Self::Output, da: &mut A);

    /// Adds to `db` the loss's gradient with respect to `b`, given the one with respect to y.
    fn backward_b(&self, a: &A, b: &B, y: &Self::Output, dy: &Self::Output, db: &mut B);

    /// As [`Function::backprop`]: turns `a` into the gradient with respect to `a`, and adds the one with respect to `b` to `db`,
    /// if somebody wants it.
    #[inline]
    fn backprop<R>(&self, a: &mut A, b: &B, db: &mut impl Sink<B>, next: impl FnOnce(&mut Self::Output) -> R) -> R
    where
        A: Buffer,
    {
        let mut dy = self.forward(a, b);
        let kept = Self::READS_OUTPUT.then_some(dy);
        let result = next(&mut dy);
        let y = kept.as_ref().unwrap_or(&dy);
        db.accumulate(|db| self.backward_b(a, b, y, &dy, db));
        let mut da = A::ZERO;
        self.backward_a(a, b, y, &dy, &mut da);
        *a = da;
        result
    }
}

impl<S: Shape> Tensor<S> {
    /// The value of an operation at this tensor: `x.apply(Sign)`.
    #[inline]
    pub fn apply<F: Function<Self>>(&self, f: F) -> F::Output {
        f.forward(self)
    }

    /// The value of an operation on two values: `x.apply2(MyBilinear, &y)`.
    #[inline]
    pub fn apply2<B, F: Function2<Self, B>>(&self, f: F, b: &B) -> F::Output {
        f.forward(self, b)
    }

    /// The tensor itself; in [`#[forward]`](macro@crate::forward) no gradient flows through it. After
    /// [`torch.Tensor.detach`](https://docs.pytorch.org/docs/stable/generated/torch.Tensor.detach.html).
    #[doc(alias("stop_gradient", "no_grad"))]
    #[inline]
    #[must_use]
    pub fn detach(&self) -> Self {
        *self
    }
}

/// Where the gradient with respect to a value goes: to a tensor of the same shape, which accumulates it, or nowhere (`()`), and
/// then it is not even computed.
///
/// The field of a model's gradients is one or the other by type: a `Param`'s is a tensor, a plain tensor's is `()`.
pub trait Sink<A> {
    /// Lets `add` add a gradient, if somebody wants it.
    fn accumulate(&mut self, add: impl FnOnce(&mut A));
}

impl<S: Shape<Elem: Float>> Sink<Tensor<S>> for Tensor<S> {
    #[inline(always)]
    fn accumulate(&mut self, add: impl FnOnce(&mut Tensor<S>)) {
        add(self);
    }
}

impl<T: Float> Sink<T> for T {
    #[inline(always)]
    fn accumulate(&mut self, add: impl FnOnce(&mut T)) {
        add(self);
    }
}

impl<A> Sink<A> for () {
    #[inline(always)]
    fn accumulate(&mut self, _: impl FnOnce(&mut A)) {}
}

/// Of an array of settings.
impl<A, G: Sink<A>, const N: usize> Sink<Tensor<[A; N]>> for [G; N] {
    #[inline(always)]
    fn accumulate(&mut self, _: impl FnOnce(&mut Tensor<[A; N]>)) {}
}
