//! Shapes with channels along a known axis.

use super::{Element, Shape};

/// A shape with `C` channels along axis `AXIS`, counted as [`Axis`](super::Axis) counts. A layer that treats each channel by
/// itself takes any of them with one impl.
///
/// | `AXIS` | shapes |
/// |---|---|
/// | −4 to −8 | a volume `[C][D][H][W]`, and further in |
/// | −3 | an image `[C][H][W]`, a batch `[B][C][H][W]`, any leading dimensions |
/// | −2 | a signal `[C][L]`, a batch `[B][C][L]`, any leading dimensions |
/// | −1 | features `[C]`, a batch `[B][C]`, any leading dimensions |
/// | 1 | PyTorch's `(N, C, *)`: `[B][C]`, `[B][C][L]`, `[B][C][H][W]` and so on; and `[C]`, one sample of features |
///
/// `Layer` says who asks. It only serves the compiler's message, which then names the layer and the shape that it was given.
#[diagnostic::on_unimplemented(
    message = "layer `{Layer}` cannot take input `Tensor<{Self}>`",
    label = "there must be {C} channels along axis {AXIS}"
)]
pub trait Channels<const C: usize, const AXIS: isize, Layer: ?Sized = ()>:
    Shape<Elem = <Self as Channels<C, AXIS, Layer>>::Scalar>
{
    /// The type of one element. (Known from the innermost array alone, so that a literal `1.0` takes the layer's type.)
    type Scalar: Element;
    /// The leading dimensions alone, an `S` for each sample.
    type Lead<S: Shape>: Shape<Elem = S::Elem>;
    /// The number of samples: the product of the dimensions outside the channels.
    const SAMPLES: usize = Self::DIMS.product(0, Self::DIMS.place(AXIS));
    /// The number of positions: the product of the dimensions inside the channels.
    const POSITIONS: usize = Self::DIMS.product(Self::DIMS.place(AXIS) + 1, Self::RANK);
}

/// One sample, and any number of dimensions outside it.
macro_rules! samples {
    ($axis:literal, [$($x:ident)*], [$($b:ident)*]) => {
        #[diagnostic::do_not_recommend]
        impl<T: Element, const CHANNELS: usize, $(const $x: usize,)* $(const $b: usize,)* Layer: ?Sized>
            Channels<CHANNELS, $axis, Layer> for nest!([nest!([T] $($x)*); CHANNELS] $($b)*)
        {
            type Scalar = T;
            type Lead<S: Shape> = nest!([S] $($b)*);
        }
    };
}

from_inside!(samples);

impl<T: Element, const C: usize, Layer: ?Sized> Channels<C, 1, Layer> for [T; C] {
    type Scalar = T;
    type Lead<S: Shape> = S;
    const SAMPLES: usize = 1;
    const POSITIONS: usize = 1;
}

/// PyTorch's own convention: the batch comes first.
macro_rules! batches {
    ($([$($size:ident),*] $item:ty;)+) => {$(
        #[diagnostic::do_not_recommend]
        impl<T: Element, $(const $size: usize,)* const C: usize, const B: usize, Layer: ?Sized> Channels<C, 1, Layer>
            for [[$item; C]; B]
        {
            type Scalar = T;
            type Lead<S: Shape> = [S; B];
        }
    )+};
}

batches! {
    [] T;
    [X] [T; X];
    [X, Y] [[T; X]; Y];
    [X, Y, Z] [[[T; X]; Y]; Z];
    [X, Y, Z, V] [[[[T; X]; Y]; Z]; V];
    [X, Y, Z, V, U] [[[[[T; X]; Y]; Z]; V]; U];
    [X, Y, Z, V, U, P] [[[[[[T; X]; Y]; Z]; V]; U]; P];
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts<const C: usize, const AXIS: isize, S: Channels<C, AXIS>>() -> (usize, usize) {
        (S::SAMPLES, S::POSITIONS)
    }

    #[test]
    fn channels_split_the_elements_in_three() {
        assert_eq!(counts::<4, -3, [[[f32; 5]; 3]; 4]>(), (1, 15));
        assert_eq!(counts::<4, -3, [[[[[f32; 5]; 3]; 4]; 2]; 6]>(), (12, 15));
        assert_eq!(counts::<4, -2, [[[f32; 5]; 4]; 2]>(), (2, 5));
        assert_eq!(counts::<4, 1, [[[f32; 5]; 4]; 2]>(), (2, 5));
        assert_eq!(counts::<4, 1, [[f32; 4]; 2]>(), (2, 1));
        assert_eq!(counts::<4, 1, [f32; 4]>(), (1, 1));
    }
}
