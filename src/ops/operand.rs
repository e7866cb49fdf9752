//! What stands for a value in an operation.

use ref_cast::RefCast;

use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::Tensor;

/// A tensor or a float, by value, by reference, or as a parameter: what `#[forward]` takes as an operand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an operand",
    note = "an operation takes tensors, parameters and floats"
)]
pub trait Operand {
    /// The tensor or float.
    type Value;

    /// A reference to the value.
    fn operand(&self) -> &Self::Value;
}

impl<S: Shape> Operand for Tensor<S> {
    type Value = Self;

    #[inline(always)]
    fn operand(&self) -> &Self {
        self
    }
}

impl<T: Float> Operand for T {
    type Value = T;

    #[inline(always)]
    fn operand(&self) -> &T {
        self
    }
}

/// An array is the tensor of its elements.
impl<A, const N: usize> Operand for [A; N]
where
    [A; N]: Shape,
{
    type Value = Tensor<[A; N]>;

    #[inline(always)]
    fn operand(&self) -> &Tensor<[A; N]> {
        Tensor::ref_cast(self)
    }
}

/// What is absent: a layer without a bias has this in its place.
impl Operand for () {
    type Value = Self;

    #[inline(always)]
    fn operand(&self) -> &Self {
        self
    }
}

/// What refers to an operand is one.
macro_rules! references {
    ($([$($generics:tt)*] $t:ty;)+) => {$(
        impl<$($generics)*> Operand for &$t {
            type Value = <$t as Operand>::Value;

            #[inline(always)]
            fn operand(&self) -> &Self::Value {
                (**self).operand()
            }
        }
    )+};
}

references! {
    [S: Shape] Tensor<S>;
    [] f32;
    [] f64;
}

/// A reference to the value that `operand` is or refers to.
#[inline(always)]
pub fn operand<A: Operand>(operand: &A) -> &A::Value {
    operand.operand()
}
