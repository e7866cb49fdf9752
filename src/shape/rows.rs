//! Shapes whose last dimension is known.

use super::{Element, Shape};

/// A shape whose last dimension is `N`: `[f32; N]`, `[[f32; N]; B]` and deeper. A layer that works on rows takes any of them
/// with one impl.
///
/// `Layer` says who asks. It only serves the compiler's message, which then names the layer and the shape that it was given.
#[diagnostic::on_unimplemented(
    message = "layer `{Layer}` cannot take input `Tensor<{Self}>`",
    label = "the last dimension must be {N}"
)]
pub trait Rows<const N: usize, Layer: ?Sized = ()>: Shape<Elem = <Self as Rows<N, Layer>>::Scalar> {
    /// The type of one element. (Known from the innermost array alone, so that a literal `1.0` takes the layer's type.)
    type Scalar: Element;
    /// The same leading dimensions with rows of `M` elements.
    type With<const M: usize>: Shape<Elem = Self::Scalar>;
    /// The leading dimensions alone, one element of type `E` a row.
    type Lead<E: Element>: Shape<Elem = E>;
    /// The number of rows.
    const ROWS: usize;
}

/// The leading dimensions of the shapes `A` and `B` are the same. `Self` are those of one, `Lead` those of the other.
#[diagnostic::on_unimplemented(
    message = "layer `{Layer}` cannot take input `(Tensor<{A}>, Tensor<{B}>)`",
    label = "all dimensions but the last must be the same"
)]
pub trait SameLead<Lead, A, B, Layer: ?Sized> {}

#[diagnostic::do_not_recommend]
impl<Lead, A, B, Layer: ?Sized> SameLead<Lead, A, B, Layer> for Lead {}

/// A list of ranks, because an impl for `[A; B] where A: Rows<N>` lets the compiler look for ever deeper arrays when it does not
/// know the type yet: it then reports an overflow instead of the mistake.
macro_rules! ranks {
    ($([$($b:ident)*])+) => {$(
        #[diagnostic::do_not_recommend]
        impl<T: Element, const N: usize, $(const $b: usize,)* Layer: ?Sized> Rows<N, Layer> for nest!([T; N] $($b)*) {
            type Scalar = T;
            type With<const M: usize> = nest!([T; M] $($b)*);
            type Lead<E: Element> = nest!([E] $($b)*);
            const ROWS: usize = 1 $(* $b)*;
        }
    )+};
}

ranks! {
    []
    [B1]
    [B1 B2]
    [B1 B2 B3]
    [B1 B2 B3 B4]
    [B1 B2 B3 B4 B5]
    [B1 B2 B3 B4 B5 B6]
    [B1 B2 B3 B4 B5 B6 B7]
}
