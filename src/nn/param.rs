//! [`Param`]: a tensor that trains. A plain [`Tensor`] is state: saved, not trained.

use core::fmt::{self, Display, Formatter};
use core::ops::{Add, Deref, DerefMut, Div, Mul, Neg, Sub};

use rand::Rng;

use super::visit::step;
use super::{
    Gradients, Info, Kind, Layout, Name, Nothing, Of, Parameters, Step as NameStep, Untrained, Update, Visitor, VisitorMut, Zip,
};
use crate::heap::{Filled, Slot};
use crate::init::{self, Init, blank};
use crate::ops::{Addend, Operand};
use crate::shape::{Element, Shape};
use crate::simd::Float;
use crate::tensor::{Buffer, Right, RightInPlace, Tensor};

/// A trainable tensor, as [`torch.nn.Parameter`](https://docs.pytorch.org/docs/stable/generated/torch.nn.parameter.Parameter.html).
///
/// It dereferences to its [`Tensor`]. Its gradient is a `Tensor` of the same shape.
#[doc(alias("Parameter", "requires_grad"))]
// A vector that lies in two lines of the cache takes twice as long to load, which is a third of a small product's time.
#[cfg_attr(target_arch = "x86_64", repr(align(32)))]
#[cfg_attr(not(target_arch = "x86_64"), repr(transparent))]
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Param<S>(
    /// The value.
    pub Tensor<S>,
);

impl<S: Shape> Param<S> {
    /// A parameter with this value.
    pub const fn new(value: Tensor<S>) -> Self {
        Self(value)
    }

    /// Every element `value`, made in place.
    pub(super) fn full_in(slot: Slot<'_, Self>, value: S::Elem) -> Filled<'_, Self> {
        crate::in_place!(slot, Self { 0: |slot| Tensor::full_in(slot, value) })
    }
}

impl<S> Deref for Param<S> {
    type Target = Tensor<S>;

    #[inline]
    fn deref(&self) -> &Tensor<S> {
        &self.0
    }
}

impl<S> DerefMut for Param<S> {
    #[inline]
    fn deref_mut(&mut self) -> &mut Tensor<S> {
        &mut self.0
    }
}

/// Prints the tensor, with the options that a tensor takes.
impl<S> Display for Param<S>
where
    Tensor<S>: Display,
{
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// On the right of an operator a parameter is its tensor.
impl<'r, L: Shape<Elem: Float>, R> Right<L> for &'r Param<R>
where
    &'r Tensor<R>: Right<L>,
{
    type Output = <&'r Tensor<R> as Right<L>>::Output;

    #[inline]
    fn combine(self, left: Tensor<L>, f: impl Fn(L::Elem, L::Elem) -> L::Elem + Copy) -> Self::Output {
        self.0.combine(left, f)
    }
}

impl<'r, L: Shape<Elem: Float>, R> RightInPlace<L> for &'r Param<R>
where
    &'r Tensor<R>: RightInPlace<L>,
{
    #[inline]
    fn combine_in_place(self, left: &mut Tensor<L>, f: impl Fn(L::Elem, L::Elem) -> L::Elem + Copy) {
        self.0.combine_in_place(left, f);
    }
}

/// `+ - * /` with a parameter on the left, as with a tensor.
macro_rules! operators {
    ($($trait:ident $method:ident;)+) => {$(
        impl<'l, L, R> $trait<R> for &'l Param<L> where &'l Tensor<L>: $trait<R> {
            type Output = <&'l Tensor<L> as $trait<R>>::Output;

            #[inline]
            fn $method(self, right: R) -> Self::Output {
                self.0.$method(right)
            }
        }

        operators!(@scalar $trait $method f32);
        operators!(@scalar $trait $method f64);
    )+};
    (@scalar $trait:ident $method:ident $t:ty) => {
        impl<S: Shape<Elem = $t>> $trait<&Param<S>> for $t {
            type Output = Tensor<S>;

            #[inline]
            fn $method(self, right: &Param<S>) -> Tensor<S> {
                self.$method(&right.0)
            }
        }
    };
}

operators! {
    Add add;
    Sub sub;
    Mul mul;
    Div div;
}

impl<S: Shape<Elem: Float>> Neg for &Param<S> {
    type Output = Tensor<S>;

    #[inline]
    fn neg(self) -> Tensor<S> {
        -&self.0
    }
}

/// In an operation a parameter is its tensor.
impl<S: Shape> Operand for Param<S> {
    type Value = Tensor<S>;

    #[inline(always)]
    fn operand(&self) -> &Tensor<S> {
        self
    }
}

impl<S: Shape> Operand for &Param<S> {
    type Value = Tensor<S>;

    #[inline(always)]
    fn operand(&self) -> &Tensor<S> {
        self
    }
}

/// Shows one tensor of some kind.
fn show<S: Shape<Elem: Float>, V: Visitor>(tensor: &Tensor<S>, name: Name<'_>, kind: Kind, visitor: &mut V) {
    let dims = name.dims(S::DIMS);
    visitor.visit(&Info { name, dims, kind }, tensor.as_slice());
}

/// Lends one tensor of some kind to be written.
fn show_mut<S: Shape<Elem: Float>, V: VisitorMut>(tensor: &mut Tensor<S>, name: Name<'_>, kind: Kind, visitor: &mut V) {
    let dims = name.dims(S::DIMS);
    visitor.visit_mut(&Info { name, dims, kind }, tensor.as_mut_slice());
}

impl<S: Shape<Elem: Float>> Parameters for Param<S> {
    type Grads = Tensor<S>;
    type Count = Of<S>;
    const PARAMETERS: usize = S::LEN;
    const NUMBERS: usize = S::LEN;
    const IS_LAYER: bool = false;
    const LAYOUT: Layout<Self> = crate::layout!(Self { 0: Tensor<S> = NameStep::SAME });

    #[inline]
    fn visit<V: Visitor>(&self, name: Name<'_>, visitor: &mut V) {
        show(self, name, Kind::Trainable, visitor);
    }

    #[inline]
    fn visit_mut<V: VisitorMut>(&mut self, name: Name<'_>, visitor: &mut V) {
        show_mut(self, name, Kind::Trainable, visitor);
    }

    #[inline]
    fn update<const K: usize, U: Update<K>>(&mut self, grads: &Tensor<S>, state: [&mut Tensor<S>; K], update: &mut U) {
        step(update, self.as_mut_slice(), grads.as_slice(), state.map(Tensor::as_mut_slice));
    }

    fn describe(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "Param({})", S::DIMS)
    }
}

/// Starts a parameter, if there is one, uniform in ±1/√`fan_in`.
pub(super) fn uniform_fan_in<P: Addend<S>, S: Shape<Elem: Float>, R: Rng + ?Sized>(
    fan_in: usize,
) -> impl FnOnce(&mut P, &mut R) {
    move |param, rng| {
        if let Some(tensor) = param.tensor_mut() {
            init::uniform_fan_in(tensor, fan_in, rng);
        }
    }
}

/// A matrix starts as `Linear`'s weight does, uniform in ±1/√(fan in); a vector or a scalar starts at zero.
impl<S: Shape<Elem: Float>> Init for Param<S> {
    blank! { 0 = Tensor::zeros() => Buffer::zero_in }

    fn reset_parameters<R: Rng + ?Sized>(&mut self, rng: &mut R) {
        match S::DIMS.as_slice() {
            [inputs, _, ..] => init::uniform_fan_in(self, *inputs, rng),
            _ => self.fill(Float::ZERO),
        }
    }
}

impl<S: Shape<Elem: Float>> Gradients for Tensor<S> {
    type Carried = ();

    #[inline]
    fn carried(&self) {}

    #[inline]
    fn carry(&mut self, (): &()) {}

    #[inline]
    fn zip<const K: usize, Z: Zip<K>>(&mut self, others: [&Self; K], zip: &mut Z) {
        zip.zip(self.as_mut_slice(), others.map(Tensor::as_slice));
    }

    #[inline]
    fn visit<V: Visitor>(&self, name: Name<'_>, visitor: &mut V) {
        show(self, name, Kind::Trainable, visitor);
    }

    #[inline]
    fn visit_mut<V: VisitorMut>(&mut self, name: Name<'_>, visitor: &mut V) {
        show_mut(self, name, Kind::Trainable, visitor);
    }
}

/// What a plain tensor in a model is made of: floats are state, which is saved and not trained; indices and truth values are
/// settings, neither saved nor trained.
pub trait State: Element {
    /// The count of a tensor of it, as [`Parameters::Count`].
    type Count<S>;
    /// Whether it is saved.
    const SAVED: bool = false;

    /// Shows what is saved.
    fn show<S: Shape<Elem = Self>, V: Visitor>(_: &Tensor<S>, _: Name<'_>, _: &mut V) {}

    /// Lends what is saved.
    fn show_mut<S: Shape<Elem = Self>, V: VisitorMut>(_: &mut Tensor<S>, _: Name<'_>, _: &mut V) {}
}

#[diagnostic::do_not_recommend]
impl<T: Float> State for T {
    type Count<S> = Untrained<Of<S>>;
    const SAVED: bool = true;

    fn show<S: Shape<Elem = T>, V: Visitor>(tensor: &Tensor<S>, name: Name<'_>, visitor: &mut V) {
        show(tensor, name, Kind::Buffer, visitor);
    }

    fn show_mut<S: Shape<Elem = T>, V: VisitorMut>(tensor: &mut Tensor<S>, name: Name<'_>, visitor: &mut V) {
        show_mut(tensor, name, Kind::Buffer, visitor);
    }
}

macro_rules! settings {
    ($($t:ty)+) => {$(
        impl State for $t {
            type Count<S> = Nothing;
        }
    )+};
}

settings!(bool usize isize u8 u16 u32 u64 i8 i16 i32 i64);

impl<S: Shape<Elem: State>> Parameters for Tensor<S> {
    type Grads = ();
    type Count = <S::Elem as State>::Count<S>;
    const PARAMETERS: usize = 0;
    const NUMBERS: usize = if S::Elem::SAVED { S::LEN } else { 0 };
    const IS_LAYER: bool = false;
    const LAYOUT: Layout<Self> = if S::Elem::SAVED { Layout::TENSOR } else { Layout::NOTHING };

    fn visit<V: Visitor>(&self, name: Name<'_>, visitor: &mut V) {
        S::Elem::show(self, name, visitor);
    }

    fn visit_mut<V: VisitorMut>(&mut self, name: Name<'_>, visitor: &mut V) {
        S::Elem::show_mut(self, name, visitor);
    }

    fn update<const K: usize, U: Update<K>>(&mut self, _: &(), _: [&mut (); K], _: &mut U) {}

    fn describe(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "Tensor({})", S::DIMS)
    }
}

impl<S: Shape<Elem: State>> Init for Tensor<S> {
    const BLANK: Self = Tensor::zeros();

    fn blank_in(slot: Slot<'_, Self>) -> Filled<'_, Self> {
        Self::zero_in(slot)
    }

    fn reset_parameters<R: Rng + ?Sized>(&mut self, _: &mut R) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The layer of the README: parameters as operands, in generic code.
    struct Layer<const IN: usize, const OUT: usize> {
        weight: Param<[[f32; OUT]; IN]>,
        bias: Param<[f32; IN]>,
    }

    impl<const IN: usize, const OUT: usize> Layer<IN, OUT> {
        fn forward<const N: usize>(&self, x: Tensor<[[f32; IN]; N]>) -> Tensor<[[f32; OUT]; N]> {
            (x.square() + &self.bias).matmul(&self.weight)
        }
    }

    #[test]
    fn parameters_are_operands() {
        let layer = Layer { weight: Param(Tensor([[1.0], [10.0]])), bias: Param(Tensor([1.0, 2.0])) };
        assert_eq!(layer.forward(Tensor([[1.0, 2.0], [3.0, 4.0]])), Tensor([[62.0], [190.0]]));
    }

    #[test]
    fn parameters_print_as_tensors() {
        let tensor = Tensor([[1.0f32, 2.5]]);
        assert_eq!(std::format!("{} {:.1}", Param(tensor), Param(tensor)), std::format!("{tensor} {tensor:.1}"));
    }

    #[test]
    fn operators_take_parameters_on_either_side() {
        let (x, p) = (Tensor([[1.0f32, 2.0]; 2]), Param(Tensor([3.0, 4.0])));
        assert_eq!(&x + &p, Tensor([[4.0, 6.0]; 2]));
        assert_eq!(&p - &p, Tensor::zeros());
        assert_eq!(-&p, -p.0);
        assert_eq!(1.0 - &p * 2.0 / Tensor([1.0, 2.0]), Tensor([-5.0, -3.0]));
        assert_eq!(12.0 / &p, Tensor([4.0, 3.0]));
        let mut y = x;
        y *= &p;
        assert_eq!(y, x * &p);
    }
}
