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

/// The order of a shape's dimensions, outermost first: [`Order2`] to [`Order8`].
pub trait Order {
    /// Where the axis that is to stand at each place stands before.
    const FROM: &'static [usize];
}

/// The dimensions of a shape of 2 to 8 in the order `O`.
#[diagnostic::on_unimplemented(message = "the axes of `{Self}` cannot stand in the order `{O}`")]
pub trait Permuted<O>: Shape {
    /// The shape in this order.
    type Output: Shape<Elem = Self::Elem>;
}

/// An order names an axis once: `Self` and `Other` are the places of its axes `A` and `B`.
#[diagnostic::on_unimplemented(
    message = "axes {A} and {B} of an order are the same axis",
    label = "each axis must be named once",
    note = "a matrix's axes are 0 and 1, or -2 and -1, and `x.permute::<1, 0>()` transposes it"
)]
pub trait Apart<Other, const A: isize, const B: isize> {}

macro_rules! apart {
    ($($a:literal: $($b:literal)+;)+) => {$($(
        #[diagnostic::do_not_recommend]
        impl<const A: isize, const B: isize> Apart<Const<$b>, A, B> for Const<$a> {}
    )+)+};
}

apart! {
    0: 1 2 3 4 5 6 7;
    1: 0 2 3 4 5 6 7;
    2: 0 1 3 4 5 6 7;
    3: 0 1 2 4 5 6 7;
    4: 0 1 2 3 5 6 7;
    5: 0 1 2 3 4 6 7;
    6: 0 1 2 3 4 5 7;
    7: 0 1 2 3 4 5 6;
}

/// The place of axis `d` of so many.
const fn place(d: isize, rank: usize) -> usize {
    if d < 0 { rank.wrapping_add_signed(d) } else { d.unsigned_abs() }
}

/// An order of so many axes, and the shapes that it is an order of: each axis' size moves to its new place.
macro_rules! order {
    ($(#[$doc:meta])+ $name:ident, $rank:literal: $([$axis:ident $size:ident $place:ident])+; $($n:ident)+; $($inner_size:ident)+;
        $([$first:ident $left:ident: $([$second:ident $right:ident])+])+) => {
        $(#[$doc])+
        pub struct $name<$(const $axis: isize),+>;

        impl<$(const $axis: isize),+> Order for $name<$($axis),+> {
            const FROM: &'static [usize] = &[$(place($axis, $rank)),+];
        }

        impl<T, $(const $n: usize,)+ $(const $axis: isize, const $size: usize, $place,)+> Permuted<$name<$($axis),+>>
            for nest!([T] $($n)+)
        where
            T: Element,
            Self: Shape<Elem = T> $(+ Axis<$axis, Size = Const<$size>, Place = $place>)+,
            $($first: $(Apart<$second, $left, $right> +)+,)+
        {
            type Output = nest!([T] $($inner_size)+);
        }
    };
}

order! {
    /// Axis `A`, then `B`.
    Order2, 2: [A SA PA] [B SB PB];
    N0 N1; SB SA;
    [PA A: [PB B]]
}

order! {
    /// Axis `A`, then `B`, then `C`.
    Order3, 3: [A SA PA] [B SB PB] [C SC PC];
    N0 N1 N2; SC SB SA;
    [PA A: [PB B] [PC C]]
    [PB B: [PC C]]
}

order! {
    /// Axis `A`, then `B`, then `C`, then `D`.
    Order4, 4: [A SA PA] [B SB PB] [C SC PC] [D SD PD];
    N0 N1 N2 N3; SD SC SB SA;
    [PA A: [PB B] [PC C] [PD D]]
    [PB B: [PC C] [PD D]]
    [PC C: [PD D]]
}

order! {
    /// Axis `A`, then `B`, then `C`, then `D`, then `E`.
    Order5, 5: [A SA PA] [B SB PB] [C SC PC] [D SD PD] [E SE PE];
    N0 N1 N2 N3 N4; SE SD SC SB SA;
    [PA A: [PB B] [PC C] [PD D] [PE E]]
    [PB B: [PC C] [PD D] [PE E]]
    [PC C: [PD D] [PE E]]
    [PD D: [PE E]]
}

order! {
    /// Axis `A`, then `B`, then `C`, then `D`, then `E`, then `F`.
    Order6, 6: [A SA PA] [B SB PB] [C SC PC] [D SD PD] [E SE PE] [F SF PF];
    N0 N1 N2 N3 N4 N5; SF SE SD SC SB SA;
    [PA A: [PB B] [PC C] [PD D] [PE E] [PF F]]
    [PB B: [PC C] [PD D] [PE E] [PF F]]
    [PC C: [PD D] [PE E] [PF F]]
    [PD D: [PE E] [PF F]]
    [PE E: [PF F]]
}

order! {
    /// Axis `A`, then `B`, then `C`, then `D`, then `E`, then `F`, then `G`.
    Order7, 7: [A SA PA] [B SB PB] [C SC PC] [D SD PD] [E SE PE] [F SF PF] [G SG PG];
    N0 N1 N2 N3 N4 N5 N6; SG SF SE SD SC SB SA;
    [PA A: [PB B] [PC C] [PD D] [PE E] [PF F] [PG G]]
    [PB B: [PC C] [PD D] [PE E] [PF F] [PG G]]
    [PC C: [PD D] [PE E] [PF F] [PG G]]
    [PD D: [PE E] [PF F] [PG G]]
    [PE E: [PF F] [PG G]]
    [PF F: [PG G]]
}

order! {
    /// Axis `A`, then `B`, then `C`, then `D`, then `E`, then `F`, then `G`, then `H`.
    Order8, 8: [A SA PA] [B SB PB] [C SC PC] [D SD PD] [E SE PE] [F SF PF] [G SG PG] [H SH PH];
    N0 N1 N2 N3 N4 N5 N6 N7; SH SG SF SE SD SC SB SA;
    [PA A: [PB B] [PC C] [PD D] [PE E] [PF F] [PG G] [PH H]]
    [PB B: [PC C] [PD D] [PE E] [PF F] [PG G] [PH H]]
    [PC C: [PD D] [PE E] [PF F] [PG G] [PH H]]
    [PD D: [PE E] [PF F] [PG G] [PH H]]
    [PE E: [PF F] [PG G] [PH H]]
    [PF F: [PG G] [PH H]]
    [PG G: [PH H]]
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
