//! What a layer is called with.

use crate::shape::Shape;
use crate::tensor::Tensor;

/// An input of a layer, or a reference to one: `model.forward(&x)` reads it where it is, `model.forward(x)` takes a copy.
///
/// So does a layer with [`#[forward]`](macro@crate::forward), of each argument that a gradient flows to.
///
/// ```
/// use adamant::prelude::*;
/// let layer = Linear::<3, 2>::init(&mut SmallRng::seed_from_u64(0));
/// let x = Tensor([1.0f32, 2.0, 3.0]);
/// assert_eq!(layer.forward(x), layer.forward(&x));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no input of a layer",
    note = "a layer is called with a tensor or a reference to one: `model.forward(&Tensor([1.0, 2.0]))`",
    note = "an input of a type of your own is lent: `model.forward(&x)`"
)]
pub trait Lent {
    /// The input.
    type Input;

    /// The input, where it is.
    fn lent(&self) -> &Self::Input;
}

impl<X> Lent for &X {
    type Input = X;

    #[inline]
    fn lent(&self) -> &X {
        self
    }
}

impl<X> Lent for &mut X {
    type Input = X;

    #[inline]
    fn lent(&self) -> &X {
        self
    }
}

impl<S: Shape> Lent for Tensor<S> {
    type Input = Self;

    #[inline]
    fn lent(&self) -> &Self {
        self
    }
}

macro_rules! by_value {
    ($([$($generics:tt)*] $t:ty;)+) => {$(
        impl<$($generics)*> Lent for $t {
            type Input = Self;

            #[inline]
            fn lent(&self) -> &Self {
                self
            }
        }
    )+};
}

by_value! {
    [] f32;
    [] f64;
    [A, B] (A, B);
    [A, B, C] (A, B, C);
    [A, B, C, D] (A, B, C, D);
    [A, const N: usize] [A; N];
}
