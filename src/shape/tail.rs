//! Shapes as leading dimensions and a tail.

use super::{Const, Element, Flattened, Minus, Rank, Shape};

/// A shape's dimensions from axis `START` on, counted as [`Axis`](super::Axis) counts: 0 is the outermost, −1 the innermost.
///
/// `Layer` says who asks. It only serves the compiler's message, which then names the layer and the shape that it was given.
#[diagnostic::on_unimplemented(
    message = "layer `{Layer}` cannot take input `Tensor<{Self}>`",
    label = "there is no axis {START}",
    note = "axes count from 0 at the outermost dimension, or from -1 at the innermost"
)]
pub trait Tail<const START: isize, Layer: ?Sized = ()>: Shape {
    /// The dimensions from `START` on.
    type Tail: Shape<Elem = Self::Elem>;
    /// The same leading dimensions with another tail.
    type With<S: Shape<Elem = Self::Elem>>: Shape<Elem = Self::Elem>;
}

macro_rules! outside {
    ($start:literal, [$($b:ident)*]) => {
        #[diagnostic::do_not_recommend]
        impl<A: Shape, const N: usize, $(const $b: usize,)* Layer: ?Sized> Tail<$start, Layer> for nest!([A; N] $($b)*) {
            type Tail = [A; N];
            type With<S: Shape<Elem = Self::Elem>> = nest!([S] $($b)*);
        }
    };
}

from_outside!(outside);

macro_rules! inside {
    ($start:literal, [$($x:ident)*], [$($b:ident)*]) => {
        #[diagnostic::do_not_recommend]
        impl<T: Element, const N: usize, $(const $x: usize,)* $(const $b: usize,)* Layer: ?Sized> Tail<$start, Layer>
            for nest!([nest!([T] $($x)*); N] $($b)*)
        {
            type Tail = [nest!([T] $($x)*); N];
            type With<S: Shape<Elem = T>> = nest!([S] $($b)*);
        }
    };
}

from_inside!(inside);

/// A shape's axes `START` to `END` (both inclusive) merged into one, as `torch.flatten` does.
///
/// For every `START` and `END` = −1, and for every `END` that counts from 0 as `START` does.
#[diagnostic::on_unimplemented(
    message = "layer `{Layer}` cannot take input `Tensor<{Self}>`",
    label = "there are no axes {START} to {END} to merge",
    note = "axes count from 0 at the outermost dimension, or from -1 at the innermost"
)]
pub trait Merge<const START: isize, const END: isize, Layer: ?Sized = ()>: Shape {
    /// The shape with the axes merged.
    type Out: Shape<Elem = Self::Elem>;
}

impl<S, const START: isize, const N: usize, Layer: ?Sized> Merge<START, -1, Layer> for S
where
    S: Tail<START, Layer>,
    S::Tail: Flattened<Out = Const<N>>,
{
    type Out = S::With<[S::Elem; N]>;
}

/// The axes between `A` and the dimensions outside.
macro_rules! merge {
    ($($start:literal to $end:literal: [$($n:ident)+] in $outer:tt;)+) => {
        $(merge!(@one $start, $end, [$($n)+], $outer, nest!([A] $($n)+), nest!([A::Elem] $($n)+));)+
    };
    (@one $start:literal, $end:literal, [$($n:ident)+], [$($b:ident)*], $inner:ty, $merged:ty) => {
        #[diagnostic::do_not_recommend]
        impl<A: Shape, $(const $n: usize,)+ $(const $b: usize,)* const MERGED: usize, Layer: ?Sized> Merge<$start, $end, Layer>
            for nest!([$inner] $($b)*)
        where
            $merged: Flattened<Out = Const<MERGED>>,
        {
            type Out = nest!([A; MERGED] $($b)*);
        }
    };
}

merge! {
    0 to 0: [N] in [];
    0 to 1: [M N] in [];
    0 to 2: [L M N] in [];
    0 to 3: [K L M N] in [];
    0 to 4: [J K L M N] in [];
    0 to 5: [I J K L M N] in [];
    0 to 6: [H I J K L M N] in [];
    0 to 7: [G H I J K L M N] in [];
    1 to 1: [N] in [B];
    1 to 2: [M N] in [B];
    1 to 3: [L M N] in [B];
    1 to 4: [K L M N] in [B];
    1 to 5: [J K L M N] in [B];
    1 to 6: [I J K L M N] in [B];
    1 to 7: [H I J K L M N] in [B];
    2 to 2: [N] in [B C];
    2 to 3: [M N] in [B C];
    2 to 4: [L M N] in [B C];
    2 to 5: [K L M N] in [B C];
    2 to 6: [J K L M N] in [B C];
    2 to 7: [I J K L M N] in [B C];
    3 to 3: [N] in [B C D];
    3 to 4: [M N] in [B C D];
    3 to 5: [L M N] in [B C D];
    3 to 6: [K L M N] in [B C D];
    3 to 7: [J K L M N] in [B C D];
    4 to 4: [N] in [B C D E];
    4 to 5: [M N] in [B C D E];
    4 to 6: [L M N] in [B C D E];
    4 to 7: [K L M N] in [B C D E];
    5 to 5: [N] in [B C D E F];
    5 to 6: [M N] in [B C D E F];
    5 to 7: [L M N] in [B C D E F];
    6 to 6: [N] in [B C D E F P];
    6 to 7: [M N] in [B C D E F P];
    7 to 7: [N] in [B C D E F P Q];
}

/// A shape whose last dimensions are those of `S`: `S` itself, or `S` under any number of leading dimensions.
///
/// It holds in generic code too: `[[f32; N]; B]: EndsIn<[f32; N]>` for every `N` and `B`.
#[diagnostic::on_unimplemented(
    message = "layer `{Layer}` cannot take input `Tensor<{Self}>`",
    label = "the last dimensions must be those of `{S}`"
)]
pub trait EndsIn<S: Shape, Layer: ?Sized = ()>: Shape<Elem = S::Elem> {
    /// The leading dimensions alone, one element for each `S`.
    type Lead: Shape<Elem = S::Elem>;
}

#[diagnostic::do_not_recommend]
impl<X, S: Shape, Layer: ?Sized> EndsIn<S, Layer> for X
where
    X: Shape<Elem = S::Elem, Rank: Minus<S::Rank>> + Below<S, <X::Rank as Minus<S::Rank>>::Out>,
{
    type Lead = X::Lead;
}

/// `Self` is `S` under `Depth` further dimensions.
pub trait Below<S: Shape, Depth> {
    /// Those dimensions alone, with `S`'s element.
    type Lead: Shape<Elem = S::Elem>;
}

impl<S: Shape> Below<S, Rank<0>> for S {
    type Lead = S::Elem;
}

macro_rules! depths {
    ($($depth:literal after $less:literal),+) => {$(
        impl<S: Shape, A: Below<S, Rank<$less>>, const N: usize> Below<S, Rank<$depth>> for [A; N] {
            type Lead = [A::Lead; N];
        }
    )+};
}

depths!(1 after 0, 2 after 1, 3 after 2, 4 after 3, 5 after 4, 6 after 5, 7 after 6, 8 after 7);

#[cfg(test)]
mod tests {
    use super::*;

    type Images = [[[[f32; 4]; 3]; 2]; 10];

    /// The types are equal, or this does not compile.
    macro_rules! equal {
        ($($left:ty = $right:ty;)*) => { $(const _: fn($left) -> $right = |x| x;)* };
    }

    equal! {
        <Images as Tail<-3>>::Tail = [[[f32; 4]; 3]; 2];
        <Images as Tail<1>>::Tail = [[[f32; 4]; 3]; 2];
        <Images as Tail<-2>>::With<[f32; 7]> = [[[f32; 7]; 2]; 10];
        <Images as Tail<0>>::With<[f32; 7]> = [f32; 7];
        <Images as Merge<-3, -1>>::Out = [[f32; 24]; 10];
        <[[[f32; 4]; 3]; 2] as Merge<-3, -1>>::Out = [f32; 24];
        <Images as Merge<0, 1>>::Out = [[[f32; 4]; 3]; 20];
        <Images as Merge<1, 2>>::Out = [[[f32; 4]; 6]; 10];
        <Images as Merge<2, 3>>::Out = <Images as Merge<-2, -1>>::Out;
        <Images as Merge<0, 2>>::Out = [[f32; 4]; 60];
        <Images as EndsIn<[[f32; 4]; 3]>>::Lead = [[f32; 2]; 10];
        <[f32; 4] as EndsIn<[f32; 4]>>::Lead = f32;
    }
}
