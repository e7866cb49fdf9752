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

impl<T: Element, const N: usize, Layer: ?Sized> Rows<N, Layer> for [T; N] {
    type Scalar = T;
    type With<const M: usize> = [T; M];
    type Lead<E: Element> = E;
    const ROWS: usize = 1;
}

#[diagnostic::do_not_recommend]
impl<A: Shape, const M: usize, const N: usize, const B: usize, Layer: ?Sized> Rows<N, Layer> for [[A; M]; B]
where
    [A; M]: Rows<N, Layer>,
{
    type Scalar = <[A; M] as Rows<N, Layer>>::Scalar;
    type With<const OUT: usize> = [<[A; M] as Rows<N, Layer>>::With<OUT>; B];
    type Lead<E: Element> = [<[A; M] as Rows<N, Layer>>::Lead<E>; B];
    const ROWS: usize = B * <[A; M] as Rows<N, Layer>>::ROWS;
}
