//! Dimensions in another order.

use super::{Axis, Const, Dims, Element, Shape};

/// Axes `A` and `B` of a shape change places.
#[diagnostic::on_unimplemented(message = "`{Self}` has no axes {A} and {B} to exchange")]
pub trait Swap<const A: isize, const B: isize>: Axis<A> {
    /// The shape with both sizes exchanged.
    type Output: Shape<Elem = Self::Elem>;
}

#[diagnostic::do_not_recommend]
impl<S, const A: isize, const B: isize, const X: usize, const Y: usize> Swap<A, B> for S
where
    S: Axis<A, Size = Const<X>> + Axis<B, Size = Const<Y>>,
    <S as Axis<A>>::With<Y>: Axis<B, Elem = <S as Shape>::Elem>,
{
    type Output = <<S as Axis<A>>::With<Y> as Axis<B>>::With<X>;
}

/// The order of a shape's dimensions, outermost first: [`Order2`], [`Order3`] or [`Order4`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no order of the axes",
    label = "each axis must be named once, from 0",
    note = "a matrix's axes are 0 and 1, and `x.permute::<1, 0>()` transposes it"
)]
pub trait Order {
    /// Where the axis that is to stand at each place stands before.
    const FROM: &'static [usize];
}

/// Axis `A`, then `B`.
pub struct Order2<const A: isize, const B: isize>;
/// Axis `A`, then `B`, then `C`.
pub struct Order3<const A: isize, const B: isize, const C: isize>;
/// Axis `A`, then `B`, then `C`, then `D`.
pub struct Order4<const A: isize, const B: isize, const C: isize, const D: isize>;

/// The dimensions of a shape of 2, 3 or 4 in the order `O`.
#[diagnostic::on_unimplemented(message = "the axes of `{Self}` cannot stand in the order `{O}`")]
pub trait Permuted<O>: Shape {
    /// The shape in this order.
    type Output: Shape<Elem = Self::Elem>;
}

/// Each order with the dimensions that it gives, from the inside.
macro_rules! orders {
    ($name:ident of $dims:tt: $([$($d:literal)+: $($out:ident)+])+) => {$(
        #[diagnostic::do_not_recommend]
        impl Order for $name<$($d),+> {
            const FROM: &'static [usize] = &[$($d),+];
        }

        orders!(@permuted $name<$($d),+>, $dims, [$($out)+]);
    )+};
    (@permuted $order:ty, [$($n:ident)+], [$($out:ident)+]) => {
        #[diagnostic::do_not_recommend]
        impl<T: Element, $(const $n: usize),+> Permuted<$order> for nest!([T] $($n)+) {
            type Output = nest!([T] $($out)+);
        }
    };
}

orders! { Order2 of [Y X]:
    [0 1: Y X] [1 0: X Y]
}
orders! { Order3 of [Z Y X]:
    [0 1 2: Z Y X] [0 2 1: Y Z X] [1 0 2: Z X Y] [1 2 0: X Z Y]
    [2 0 1: Y X Z] [2 1 0: X Y Z]
}
orders! { Order4 of [Z Y X W]:
    [0 1 2 3: Z Y X W] [0 1 3 2: Y Z X W] [0 2 1 3: Z X Y W] [0 2 3 1: X Z Y W]
    [0 3 1 2: Y X Z W] [0 3 2 1: X Y Z W] [1 0 2 3: Z Y W X] [1 0 3 2: Y Z W X]
    [1 2 0 3: Z W Y X] [1 2 3 0: W Z Y X] [1 3 0 2: Y W Z X] [1 3 2 0: W Y Z X]
    [2 0 1 3: Z X W Y] [2 0 3 1: X Z W Y] [2 1 0 3: Z W X Y] [2 1 3 0: W Z X Y]
    [2 3 0 1: X W Z Y] [2 3 1 0: W X Z Y] [3 0 1 2: Y X W Z] [3 0 2 1: X Y W Z]
    [3 1 0 2: Y W X Z] [3 1 2 0: W Y X Z] [3 2 0 1: X W Y Z] [3 2 1 0: W X Y Z]
}

/// A walk over a tensor's numbers in the order of another's dimensions.
#[derive(Clone, Copy)]
pub(crate) struct Walk {
    /// The other's dimensions, outermost first, after leading ones: the size, and how far apart its neighbours lie in the first.
    dims: [(usize, usize); Dims::MAX_RANK],
}

impl Walk {
    /// In an order of axes.
    pub(crate) const fn ordered(dims: Dims, from: &[usize]) -> Self {
        let sizes = dims.as_slice();
        let mut walk = [(1, 0); Dims::MAX_RANK];
        let mut place = 0;
        while place < from.len() {
            let (mut stride, mut inner) = (1, from[place] + 1);
            while inner < sizes.len() {
                stride *= sizes[inner];
                inner += 1;
            }
            walk[Dims::MAX_RANK - from.len() + place] = (sizes[from[place]], stride);
            place += 1;
        }
        Self { dims: walk }
    }

    /// With two axes exchanged, which count from the innermost where they are negative.
    pub(crate) const fn swapped(dims: Dims, a: isize, b: isize) -> Self {
        let rank = dims.as_slice().len();
        let mut from = [0, 1, 2, 3, 4, 5, 6, 7];
        let a = if a < 0 { rank - a.unsigned_abs() } else { a.unsigned_abs() };
        let b = if b < 0 { rank - b.unsigned_abs() } else { b.unsigned_abs() };
        (from[a], from[b]) = (b, a);
        Self::ordered(dims, from.split_at(rank).0)
    }

    /// The length of each row that the walk makes, and how far apart a row's numbers lie.
    pub(crate) const fn row(self) -> (usize, usize) {
        let [.., row] = self.dims;
        row
    }

    /// Where each row starts.
    #[inline]
    pub(crate) fn starts(self) -> impl Iterator<Item = usize> {
        let [outer @ .., _] = self.dims;
        let (mut at, mut start) = ([0; Dims::MAX_RANK - 1], 0);
        (0..outer.iter().map(|(size, _)| size).product()).map(move |_: usize| {
            let current = start;
            for (at, (size, stride)) in at.iter_mut().zip(outer).rev() {
                (*at, start) = (*at + 1, start + stride);
                if *at < size {
                    break;
                }
                (*at, start) = (0, start - size * stride);
            }
            current
        })
    }
}
