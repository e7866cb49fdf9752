//! One axis of a shape.

use super::{Const, Dims, Element, Shape};

/// The axis `D` of a shape: 0 is the outermost, −1 the innermost, as in PyTorch.
///
/// In row-major order a shape is `OUTER` blocks of `SIZE` groups of `INNER` neighbours; everything that works along an axis
/// is written over these three numbers.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no axis {D}",
    note = "axes count from 0 at the outermost dimension, or from -1 at the innermost"
)]
pub trait Axis<const D: isize>: Shape {
    /// The shape without this axis.
    type Removed: Shape<Elem = Self::Elem>;
    /// The shape with another size of this axis.
    type With<const M: usize>: Shape<Elem = Self::Elem>;
    /// This axis' size, as a type.
    type Size;
    /// How many dimensions are outside it, as a type.
    type Place;
    /// The number of blocks before this axis: the product of the dimensions outside it.
    const OUTER: usize = Self::DIMS.product(0, Self::DIMS.place(D));
    /// The size of this axis.
    const SIZE: usize = Self::DIMS.product(Self::DIMS.place(D), Self::DIMS.place(D) + 1);
    /// The number of neighbours that share an index of this axis: the product of the dimensions inside it.
    const INNER: usize = Self::DIMS.product(Self::DIMS.place(D) + 1, Self::RANK);
}

macro_rules! outside {
    ($d:literal, [$($b:ident)*]) => {
        #[diagnostic::do_not_recommend]
        impl<A: Shape, const N: usize, $(const $b: usize,)*> Axis<$d> for nest!([A; N] $($b)*) {
            type Removed = nest!([A] $($b)*);
            type With<const M: usize> = nest!([A; M] $($b)*);
            type Size = Const<N>;
            type Place = Const<$d>;
        }
    };
}

from_outside!(outside);

/// How many names there are.
macro_rules! count {
    () => { 0 };
    ($name:ident $($rest:ident)*) => { 1 + count!($($rest)*) };
}

macro_rules! inside {
    ($d:literal, [$($x:ident)*], [$($b:ident)*]) => {
        #[diagnostic::do_not_recommend]
        impl<T: Element, const N: usize, $(const $x: usize,)* $(const $b: usize,)*> Axis<$d>
            for nest!([nest!([T] $($x)*); N] $($b)*)
        {
            type Removed = nest!([nest!([T] $($x)*)] $($b)*);
            type With<const M: usize> = nest!([nest!([T] $($x)*); M] $($b)*);
            type Size = Const<N>;
            type Place = Const<{ count!($($b)*) }>;
        }
    };
}

from_inside!(inside);

/// A shape whose axis `D` is of size 1.
pub trait Single<const D: isize>: Axis<D> {}

impl<S: Axis<D, Size = Const<N>>, const D: isize, const N: usize> Single<D> for S where Const<1>: IsOne<N, D, S> {}

/// `N`, the size of axis `D` of `S`, is 1.
#[diagnostic::on_unimplemented(
    message = "axis {D} of `{S}` has {N} places, not one",
    label = "only an axis of size 1 can go or repeat"
)]
pub trait IsOne<const N: usize, const D: isize, S> {}

#[diagnostic::do_not_recommend]
impl<const N: usize, const D: isize, S> IsOne<N, D, S> for Const<N> {}

/// A shape whose last two dimensions change places: a matrix, or any array of matrices.
#[diagnostic::on_unimplemented(message = "`{Self}` has no two last dimensions of floats to transpose")]
pub trait TransposeLast: Shape {
    /// The shape with its last two dimensions exchanged.
    type Transposed: Shape<Elem = Self::Elem>;
    /// How many matrices there are.
    const MATRICES: usize;
    /// The rows of each.
    const ROWS: usize;
    /// The columns of each.
    const COLS: usize;
}

macro_rules! matrices {
    ($([$($b:ident)*])+) => {$(
        #[diagnostic::do_not_recommend]
        impl<T: Element, const X: usize, const Y: usize, $(const $b: usize,)*> TransposeLast for nest!([[T; X]; Y] $($b)*) {
            type Transposed = nest!([[T; Y]; X] $($b)*);
            const MATRICES: usize = 1 $(* $b)*;
            const ROWS: usize = Y;
            const COLS: usize = X;
        }
    )+};
}

matrices! { [] [A] [A B] [A B C] [A B C D] [A B C D E] [A B C D E F] }

/// Where a new axis may be put in: before axis `D`, or after the last one. −1 puts it last, −2 before that.
#[diagnostic::on_unimplemented(
    message = "no axis {D} can be put into `{Self}`",
    note = "into n dimensions, 7 at most, an axis can be put at 0 (outermost) to n, or at -1 (innermost) to -n - 1"
)]
pub trait Insert<const D: isize>: Shape {
    /// The shape with an axis of size `M` put in at `D`.
    type With<const M: usize>: Shape<Elem = Self::Elem>;
    /// The product of the dimensions that stay outside the new axis.
    const OUTER: usize = Self::DIMS.product(0, new_place(Self::DIMS, D));
    /// The product of the dimensions that stay inside it.
    const INNER: usize = Self::DIMS.product(new_place(Self::DIMS, D), Self::RANK);
}

/// Before which dimension a new axis stands: −1 puts it behind the last.
const fn new_place(dims: Dims, axis: isize) -> usize {
    if axis < 0 { (dims.as_slice().len() + 1).wrapping_add_signed(axis) } else { dims.place(axis) }
}

macro_rules! insert_outside {
    ($d:literal, [$($b:ident)*]) => {
        #[diagnostic::do_not_recommend]
        impl<S: Shape, $(const $b: usize,)*> Insert<$d> for nest!([S] $($b)*) {
            type With<const M: usize> = nest!([S; M] $($b)*);
        }
    };
}

from_outside!(insert_outside);

macro_rules! insert_inside {
    ($d:literal, [$($x:ident)*], [$($b:ident)*]) => {
        #[diagnostic::do_not_recommend]
        impl<T: Element, $(const $x: usize,)* $(const $b: usize,)*> Insert<$d> for nest!([nest!([T] $($x)*)] $($b)*) {
            type With<const M: usize> = nest!([nest!([T] $($x)*); M] $($b)*);
        }
    };
}

from_inside!(insert_inside);

#[cfg(test)]
mod tests {
    use super::*;

    fn axis<S: Axis<D>, const D: isize>() -> (usize, usize, usize) {
        (S::OUTER, S::SIZE, S::INNER)
    }

    #[test]
    fn an_axis_splits_the_elements_in_three() {
        type S = [[[f32; 4]; 3]; 2];
        assert_eq!(axis::<S, 0>(), (1, 2, 12));
        assert_eq!(axis::<S, 1>(), (2, 3, 4));
        assert_eq!(axis::<S, 2>(), (6, 4, 1));
        assert_eq!(axis::<S, -1>(), axis::<S, 2>());
        assert_eq!(axis::<S, -2>(), axis::<S, 1>());
        assert_eq!(axis::<S, -3>(), axis::<S, 0>());
    }

    type Rank8 = [[[[[[[[f32; 9]; 8]; 7]; 6]; 5]; 4]; 3]; 2];

    /// From either side, an axis of eight.
    fn of_eight<const D: isize, const FROM_INSIDE: isize>()
    where
        Rank8: Axis<D> + Axis<FROM_INSIDE, Place = <Rank8 as Axis<D>>::Place, Removed = <Rank8 as Axis<D>>::Removed>,
    {
        let sizes = Rank8::DIMS;
        let (outer, rest) = sizes.as_slice().split_at(D.unsigned_abs());
        let expected = (outer.iter().product(), rest[0], rest[1..].iter().product());
        assert_eq!((axis::<Rank8, D>(), axis::<Rank8, FROM_INSIDE>()), (expected, expected));
        assert_eq!(FROM_INSIDE, D - 8);
    }

    #[test]
    fn axes_of_eight_dimensions() {
        of_eight::<0, -8>();
        of_eight::<1, -7>();
        of_eight::<2, -6>();
        of_eight::<3, -5>();
        of_eight::<4, -4>();
        of_eight::<5, -3>();
        of_eight::<6, -2>();
        of_eight::<7, -1>();
    }

    type Rank7 = [[[[[[[f32; 8]; 7]; 6]; 5]; 4]; 3]; 2];

    /// A new axis at either count's place stands before as many dimensions.
    fn into_seven<const D: isize, const FROM_INSIDE: isize>()
    where
        Rank7: Insert<D> + Insert<FROM_INSIDE>,
    {
        let mut sizes = Rank7::DIMS.as_slice().to_vec();
        sizes.insert(D.unsigned_abs(), 9);
        assert_eq!(<Rank7 as Insert<D>>::With::<9>::DIMS.as_slice(), sizes);
        assert_eq!(<Rank7 as Insert<FROM_INSIDE>>::With::<9>::DIMS.as_slice(), sizes);
        let (outer, inner) = (sizes[..D.unsigned_abs()].iter().product(), sizes[D.unsigned_abs() + 1..].iter().product());
        assert_eq!((<Rank7 as Insert<D>>::OUTER, <Rank7 as Insert<D>>::INNER), (outer, inner));
        assert_eq!((<Rank7 as Insert<FROM_INSIDE>>::OUTER, <Rank7 as Insert<FROM_INSIDE>>::INNER), (outer, inner));
        assert_eq!(FROM_INSIDE, D - 8);
    }

    #[test]
    fn an_axis_put_into_seven_dimensions() {
        into_seven::<0, -8>();
        into_seven::<1, -7>();
        into_seven::<2, -6>();
        into_seven::<3, -5>();
        into_seven::<4, -4>();
        into_seven::<5, -3>();
        into_seven::<6, -2>();
        into_seven::<7, -1>();
    }

    #[test]
    fn shapes_change_along_the_axis() {
        let removed: <[[[f32; 4]; 3]; 2] as Axis<-2>>::Removed = [[0.0; 4]; 2];
        let wider: <[[[f32; 4]; 3]; 2] as Axis<1>>::With<7> = [[[0.0; 4]; 7]; 2];
        assert_eq!((removed.len(), wider[0].len()), (2, 7));
    }
}
