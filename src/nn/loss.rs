//! [`Loss`]: a loss that has written its gradient.

use core::fmt::{self, Display, Formatter};
use core::marker::PhantomData;
use core::ops::{Add, Deref, Mul, Neg, Sub};

use crate::shape::Shape;
use crate::simd::{self, Float};
use crate::tensor::Tensor;

/// A loss whose gradient stands in place of the prediction: what [`gradients`](super::Backprop::gradients) takes.
///
/// Only what wrote a gradient makes one: a loss of [`loss`](crate::loss) or a [`#[forward]`](macro@crate::forward) function that is
/// given the prediction as `&mut`, and [`by_hand`](Self::by_hand). `W` says over which predictions: [`Wrote<P>`](Wrote), or one for
/// each of several. It reads as its value: `*loss`, `{loss}`, `loss < 0.1`.
///
/// Losses of several outputs add up, each with its weight, in the order of the outputs. A factor reaches the gradient when
/// `gradients` takes the loss.
///
/// ```
/// use adamant::prelude::*;
///
/// #[derive(Module)]
/// struct TwoHeads { class: Linear<4, 3>, value: Linear<4, 1> }
///
/// #[forward]
/// impl TwoHeads {
///     fn forward<const B: usize>(&self, x: Tensor<[[f32; 4]; B]>) -> (Tensor<[[f32; 3]; B]>, Tensor<[[f32; 1]; B]>) {
///         (self.class.forward(x), self.value.forward(x))
///     }
/// }
///
/// let rng = &mut SmallRng::seed_from_u64(0);
/// let model = TwoHeads::init(rng);
/// let x = Tensor::<[[f32; 4]; 2]>::randn(rng);
/// let (loss, grads) = model.gradients(&x, |(class, value)| {
///     cross_entropy(class, &[0u8, 2], Reduction::Mean) + 0.5 * mse_loss(value, &Tensor::zeros(), Reduction::Mean)
/// });
/// println!("{loss} {}", grads.value.bias);
/// ```
///
/// A loss that was given a copy of the output has written its gradient elsewhere: the gradients are NaN.
///
/// A number is no loss, since nobody knows whether it has written the gradient:
///
/// ```compile_fail,E0277
/// # use adamant::prelude::*;
/// # let model = Linear::<2, 1>::BLANK;
/// # let y = Tensor::<[f32; 1]>::zeros();
/// model.gradients(&Tensor([1.0f32, 2.0]), |p| mse_loss(&*p, &y, Reduction::Mean)); // `&*p` is only read
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use = "the gradient stands where the prediction was; this is the loss itself"]
pub struct Loss<T, W> {
    value: T,
    written: W,
}

/// That a gradient was written over a prediction of type `P`.
#[derive(Clone, Copy, Debug)]
pub struct Wrote<P> {
    /// What the gradient is yet to be multiplied by.
    factor: f64,
    /// The prediction's address: a copy of the output is of the same type, and not the output.
    place: usize,
    prediction: PhantomData<fn() -> P>,
}

impl<P> Wrote<P> {
    /// The gradient stands over `prediction`.
    #[inline]
    pub(crate) fn over(prediction: &P) -> Self {
        Self { factor: 1.0, place: core::ptr::from_ref(prediction).addr(), prediction: PhantomData }
    }
}

impl<T, P> Loss<T, Wrote<P>> {
    /// A loss whose gradient you write: `write` is lent the prediction, turns it into the loss's gradient with respect to it, and
    /// returns the loss.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let model = Linear::<3, 2>::init(&mut SmallRng::seed_from_u64(0));
    /// let (loss, grads) = model.gradients(&Tensor([[1.0f32, 2.0, 3.0]; 4]), |p| {
    ///     Loss::by_hand(p, |p| {
    ///         let loss = p.square().sum();
    ///         *p *= 2.0;
    ///         loss
    ///     })
    /// });
    /// # let _ = (loss, grads);
    /// ```
    #[inline]
    pub fn by_hand(prediction: &mut P, write: impl FnOnce(&mut P) -> T) -> Self {
        Self::new(write(prediction), Wrote::over(prediction))
    }
}

impl<T, W> Loss<T, W> {
    /// What has written its gradient.
    #[inline]
    pub(crate) const fn new(value: T, written: W) -> Self {
        Self { value, written }
    }

    /// The loss as a plain value.
    #[inline]
    pub fn value(self) -> T {
        self.value
    }
}

impl<T, W> Deref for Loss<T, W> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: Display, W> Display for Loss<T, W> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<T: PartialEq, W> PartialEq<T> for Loss<T, W> {
    fn eq(&self, other: &T) -> bool {
        self.value == *other
    }
}

impl<T: PartialOrd, W> PartialOrd<T> for Loss<T, W> {
    fn partial_cmp(&self, other: &T) -> Option<core::cmp::Ordering> {
        self.value.partial_cmp(other)
    }
}

/// What a model with the output `P` is trained by: a [`Loss`] that has written the gradient with respect to all of it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no loss of the model's output `{P}`",
    label = "this must leave its gradient in place of the output",
    note = "a loss writes it where it is given the output itself: `|p| mse_loss(p, &y, Reduction::Mean)`, not `&*p` or a copy",
    note = "a formula becomes a loss with `#[forward] fn my_loss(p: Tensor<…>, y: &Tensor<…>) -> f32 {{ … }}`",
    note = "of several outputs each has its loss, in their order: `|(a, b)| loss_of_a(a, …) + 0.5 * loss_of_b(b, …)`",
    note = "what writes the gradient by hand says so: `|p| Loss::by_hand(p, |p| …)`"
)]
pub trait LossOf<P> {
    /// A number, or a tensor of losses.
    type Value;

    /// Multiplies the gradient by the factors that stand before the loss, and gives the loss.
    fn finish(self, gradient: &mut P) -> Self::Value;
}

impl<T, W: Gradient<P>, P> LossOf<P> for Loss<T, W> {
    type Value = T;

    #[inline]
    fn finish(self, gradient: &mut P) -> T {
        self.written.finish(gradient);
        self.value
    }
}

/// That gradients were written over all of a prediction of type `P`.
#[diagnostic::on_unimplemented(
    message = "the gradient was written over `{Self}`, and the model's output is `{P}`",
    label = "this must leave its gradient in place of the whole output",
    note = "of several outputs each has its loss, in their order: `|(a, b)| loss_of_a(a, …) + 0.5 * loss_of_b(b, …)`",
    note = "two terms of the same output are one formula: `#[forward] fn my_loss(p: Tensor<…>, y: &Tensor<…>) -> f32 {{ … }}`"
)]
pub trait Gradient<P> {
    /// Multiplies the gradient by what is yet to be multiplied.
    fn finish(self, gradient: &mut P);
}

#[diagnostic::do_not_recommend]
impl<P: Rescale> Gradient<P> for Wrote<P> {
    /// Over a copy was no gradient written: what stands here is the output itself, and becomes NaN.
    #[inline]
    fn finish(self, gradient: &mut P) {
        let factor = if self.place == core::ptr::from_ref(gradient).addr() { self.factor } else { f64::NAN };
        if factor != 1.0 {
            gradient.rescale(factor);
        }
    }
}

/// A gradient that can be multiplied by a number.
pub trait Rescale {
    /// Multiplies every element by `factor`.
    fn rescale(&mut self, factor: f64);
}

impl<S: Shape<Elem: Float>> Rescale for Tensor<S> {
    fn rescale(&mut self, factor: f64) {
        simd::scale(self.as_mut_slice(), Float::from_f64(factor));
    }
}

impl<T: Float> Rescale for T {
    fn rescale(&mut self, factor: f64) {
        *self *= T::from_f64(factor);
    }
}

/// What was written by several losses.
pub trait And<W> {
    /// All of it.
    type All;

    /// All of it.
    fn and(self, other: W) -> Self::All;
}

/// What can be weighted.
pub trait Weighted {
    /// Multiplies every gradient by `factor`.
    fn weighted(self, factor: f64) -> Self;
}

impl<P> Weighted for Wrote<P> {
    #[inline]
    fn weighted(self, factor: f64) -> Self {
        Self { factor: self.factor * factor, ..self }
    }
}

/// Nothing was written: the prediction is only read.
impl<W> And<W> for () {
    type All = W;

    #[inline]
    fn and(self, other: W) -> W {
        other
    }
}

impl<P> And<()> for Wrote<P> {
    type All = Self;

    #[inline]
    fn and(self, (): ()) -> Self {
        self
    }
}

impl<P, Q> And<Wrote<Q>> for Wrote<P> {
    type All = (Self, Wrote<Q>);

    #[inline]
    fn and(self, other: Wrote<Q>) -> Self::All {
        (self, other)
    }
}

/// Several predictions.
macro_rules! several {
    ($(($($p:ident $i:tt),+))+) => {$(
        impl<$($p: Rescale),+> Gradient<($($p,)+)> for ($(Wrote<$p>,)+) {
            #[inline]
            fn finish(self, gradient: &mut ($($p,)+)) {
                $(self.$i.finish(&mut gradient.$i);)+
            }
        }

        impl<$($p: Rescale),+> Rescale for ($($p,)+) {
            fn rescale(&mut self, factor: f64) {
                $(self.$i.rescale(factor);)+
            }
        }

        impl<$($p),+> Weighted for ($(Wrote<$p>,)+) {
            #[inline]
            fn weighted(self, factor: f64) -> Self {
                ($(self.$i.weighted(factor),)+)
            }
        }

        impl<$($p),+> And<()> for ($(Wrote<$p>,)+) {
            type All = Self;

            #[inline]
            fn and(self, (): ()) -> Self {
                self
            }
        }

        impl<$($p),+> Outcome for ($(Wrote<$p>,)+) {
            type Loss<T> = Loss<T, Self>;

            #[inline]
            fn loss<T>(self, value: T) -> Loss<T, Self> {
                Loss::new(value, self)
            }
        }
    )+};
}

several! {
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
}

/// One prediction more.
macro_rules! one_more {
    ($(($($p:ident $i:tt),+) $more:ident)+) => {$(
        impl<$($p,)+ $more> And<Wrote<$more>> for ($(Wrote<$p>,)+) {
            type All = ($(Wrote<$p>,)+ Wrote<$more>);

            #[inline]
            fn and(self, other: Wrote<$more>) -> Self::All {
                ($(self.$i,)+ other)
            }
        }
    )+};
}

one_more! {
    (A 0, B 1) C
    (A 0, B 1, C 2) D
    (A 0, B 1, C 2, D 3) E
    (A 0, B 1, C 2, D 3, E 4) F
}

impl<T: Add<Output = T>, W: And<V>, V> Add<Loss<T, V>> for Loss<T, W> {
    type Output = Loss<T, W::All>;

    #[inline]
    fn add(self, other: Loss<T, V>) -> Self::Output {
        Loss::new(self.value + other.value, self.written.and(other.written))
    }
}

impl<T: Sub<Output = T>, W: And<V>, V: Weighted> Sub<Loss<T, V>> for Loss<T, W> {
    type Output = Loss<T, W::All>;

    #[inline]
    fn sub(self, other: Loss<T, V>) -> Self::Output {
        Loss::new(self.value - other.value, self.written.and(other.written.weighted(-1.0)))
    }
}

impl<T: Neg<Output = T>, W: Weighted> Neg for Loss<T, W> {
    type Output = Self;

    #[inline]
    fn neg(self) -> Self {
        Self::new(-self.value, self.written.weighted(-1.0))
    }
}

macro_rules! factors {
    ($($t:ty)+) => {$(
        impl<W: Weighted> Mul<Loss<$t, W>> for $t {
            type Output = Loss<$t, W>;

            #[inline]
            fn mul(self, loss: Loss<$t, W>) -> Loss<$t, W> {
                Loss::new(self * loss.value, loss.written.weighted(f64::from(self)))
            }
        }

        impl<W: Weighted> Mul<$t> for Loss<$t, W> {
            type Output = Self;

            #[inline]
            fn mul(self, factor: $t) -> Self {
                factor * self
            }
        }

        /// What is added has no gradient, so the sum is a plain number.
        impl<W> Add<$t> for Loss<$t, W> {
            type Output = $t;

            #[inline]
            fn add(self, number: $t) -> $t {
                self.value + number
            }
        }

        /// A plain number, as the sum is.
        impl<W> Sub<$t> for Loss<$t, W> {
            type Output = $t;

            #[inline]
            fn sub(self, number: $t) -> $t {
                self.value - number
            }
        }
    )+};
}

factors!(f32 f64);

/// What a loss of some predictions gives: a plain value where none was written over, and else a [`Loss`].
pub trait Outcome: Sized {
    /// The value, or the loss.
    type Loss<T>;

    /// The value, or the loss.
    fn loss<T>(self, value: T) -> Self::Loss<T>;
}

impl Outcome for () {
    type Loss<T> = T;

    #[inline]
    fn loss<T>(self, value: T) -> T {
        value
    }
}

impl<P> Outcome for Wrote<P> {
    type Loss<T> = Loss<T, Self>;

    #[inline]
    fn loss<T>(self, value: T) -> Loss<T, Self> {
        Loss::new(value, self)
    }
}

#[cfg(test)]
mod tests {
    use crate::prelude::*;

    type Output = (Tensor<[f32; 2]>, Tensor<[f32; 1]>);

    /// Two heads that give their input.
    #[derive(Module, Clone, Copy, PartialEq)]
    #[module(custom(forward))]
    struct Heads {
        a: Linear<2, 2, NoBias>,
        b: Linear<2, 1, NoBias>,
    }

    #[forward]
    impl Heads {
        fn forward(&self, x: Tensor<[f32; 2]>) -> (Tensor<[f32; 2]>, Tensor<[f32; 1]>) {
            (self.a.forward(x), self.b.forward(x))
        }
    }

    #[test]
    fn factors_reach_value_and_gradient() {
        let heads = Heads::init(&mut SmallRng::seed_from_u64(0));
        let x = Tensor([1.0f32, -2.0]);
        let (a, b): Output = heads.forward(x);
        let (ya, yb) = (Tensor([0.5f32, 0.25]), Tensor([2.0f32]));
        let (loss, grads) = heads
            .gradients(&x, |(a, b)| -(2.0 * mse_loss(a, &ya, Reduction::Sum) - 0.5 * l1_loss(b, &yb, Reduction::Sum) * 4.0));
        let value = -2.0 * mse_loss(a, &ya, Reduction::Sum) + 2.0 * l1_loss(b, &yb, Reduction::Sum);
        assert_eq!(loss, value);
        assert!(grads.a.weight.all_close(&x.outer(&((a - ya) * -4.0)), 1e-6, 0.0));
        assert!(grads.b.weight.all_close(&x.outer(&Tensor([2.0 * (b.0[0] - 2.0).signum()])), 1e-6, 0.0));
    }

    #[test]
    fn a_gradient_over_a_copy_is_nan() {
        let model = Linear::<2, 2>::BLANK;
        let (y, x) = (Tensor([1.0f32, 2.0]), Tensor([3.0f32, 4.0]));
        let (loss, grads) = model.gradients(&x, |p| mse_loss(&mut p.clone(), &y, Reduction::Sum));
        assert!(loss == 5.0 && grads.bias.iter().all(|g| g.is_nan()));
    }

    #[test]
    fn it_reads_as_its_value() {
        let mut p = Tensor([1.0f32, 3.0]);
        let loss = mse_loss(&mut p, &Tensor([1.0, 1.0]), Reduction::Sum);
        assert!(loss == 4.0 && loss < 5.0 && loss.is_finite() && loss.to_string() == "4" && loss.value() == 4.0);
        assert_eq!(p, Tensor([0.0, 4.0]));
    }
}
