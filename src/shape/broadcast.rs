//! Broadcasting: a tensor of the trailing dimensions repeats over the leading ones, and a dimension of 1 along any.

use core::ops::Range;

use super::dims::{Number, Numbers};
use super::{Dims, Element, Minus, Rank, Shape};
use typenum::{UInt, UTerm};

/// `Self` are the trailing dimensions of `S`, or 1 in their place, so a tensor of `Self` repeats to one of `S`: a bias over a
/// batch, a mean over the numbers that it was taken of.
///
/// For equal dimensions it holds in generic code: `[f32; N]: Broadcast<[[f32; N]; B]>` for every `N` and `B`. For a dimension of
/// 1 it holds where the other is a number that [`Dim`](super::Dim) lists; a function that is generic over it carries the bound,
/// `[f32; 1]: Broadcast<[f32; N]>`. (So this is no kind of [`Shape`]: the bound would hide what is known of the array.)
#[diagnostic::on_unimplemented(message = "a tensor of `{Self}` does not broadcast to `{S}`")]
pub trait Broadcast<S> {}

impl<S, R> Broadcast<S> for R
where
    S: Shape,
    R: Shape<Elem = S::Elem> + Trailing<S, <S::Rank as Minus<R::Rank>>::Out>,
    S::Rank: Minus<R::Rank>,
{
}

/// `Self` repeats to `S` without its first `Depth` dimensions.
#[diagnostic::on_unimplemented(
    message = "a tensor of `{Self}` does not broadcast to `{S}`",
    label = "the trailing dimensions must be equal, or 1 on the right"
)]
pub trait Trailing<S, Depth> {}

impl<S, R: Repeats<S>> Trailing<S, Rank<0>> for R {}

macro_rules! depths {
    ($($depth:literal after $less:literal),+) => {$(
        impl<S, A, const N: usize> Trailing<[A; N], Rank<$depth>> for S where S: Trailing<A, Rank<$less>> {}
    )+};
}

depths!(1 after 0, 2 after 1, 3 after 2, 4 after 3, 5 after 4, 6 after 5, 7 after 6, 8 after 7);

/// `Self` is `S`, or has 1 where that has another number.
#[diagnostic::on_unimplemented(message = "a tensor of `{Self}` does not broadcast to `{S}`")]
pub trait Repeats<S> {}

#[diagnostic::do_not_recommend]
impl<T: Element> Repeats<T> for T {}

impl<A, B: Repeats<A>, const M: usize, const N: usize> Repeats<[A; N]> for [B; M] where Numbers: Stretch<M, N> {}

/// `FROM` is `TO`, or 1.
#[diagnostic::on_unimplemented(
    message = "a dimension of {FROM} does not broadcast to one of {TO}",
    label = "the trailing dimensions must be equal, or 1 on the right"
)]
pub trait Stretch<const FROM: usize, const TO: usize> {}

#[diagnostic::do_not_recommend]
impl<const N: usize> Stretch<N, N> for Numbers {}

// It does not overlap the impl above, since 1 is not `NotOne`; the coherence rules see that.
#[diagnostic::do_not_recommend]
impl<const N: usize> Stretch<1, N> for Numbers where Numbers: Number<N, Uint: NotOne> {}

/// A typenum number other than 1.
pub trait NotOne {}

impl NotOne for UTerm {}
impl<U, A, B> NotOne for UInt<UInt<U, A>, B> {}

/// How a right-hand tensor repeats: in runs of neighbours on the left, which meet as many on the right or a single one.
struct Plan {
    /// The length of a run.
    run: usize,
    /// Whether a run meets a single number.
    single: bool,
    /// The dimensions outside a run, outermost first: the size, and how far apart their neighbours lie on the right.
    outer: [(usize, usize); Dims::MAX_RANK],
    /// How many runs there are.
    runs: usize,
    /// Whether every run meets the whole right-hand tensor.
    whole: bool,
}

impl Plan {
    /// For sizes that [`Broadcast`].
    const fn new(left: Dims, right: Dims) -> Self {
        let (left, right) = (left.as_slice(), right.as_slice());
        let lead = left.len() - right.len();
        let (mut at, mut run, mut stride) = (left.len(), 1, 1);
        let single = !right.is_empty() && right[right.len() - 1] == 1;
        while at > lead && (if single { right[at - lead - 1] == 1 } else { right[at - lead - 1] == left[at - 1] }) {
            at -= 1;
            run *= left[at];
            stride *= right[at - lead];
        }
        let (mut outer, mut runs, mut whole, mut place) = ([(1, 0); Dims::MAX_RANK], 1, true, Dims::MAX_RANK);
        while at > 0 {
            (at, place) = (at - 1, place - 1);
            runs *= left[at];
            outer[place].0 = left[at];
            if at >= lead {
                if right[at - lead] != 1 {
                    (outer[place].1, whole) = (stride, false);
                }
                stride *= right[at - lead];
            }
        }
        Self { run, single: single || right.is_empty(), outer, runs, whole }
    }
}

/// Calls `f` with each run of a left-hand tensor's numbers and those of a right-hand one that they meet: as many, or one that
/// they all meet.
#[inline(always)]
pub(crate) fn each_run<L: Shape, R: Shape + Broadcast<L>>(mut f: impl FnMut(Range<usize>, Range<usize>)) {
    let plan = const { Plan::new(L::DIMS, R::DIMS) };
    let (run, width) = (plan.run, if plan.single { 1 } else { plan.run });
    if plan.whole {
        return (0..plan.runs).for_each(|i| f(i * run..(i + 1) * run, 0..width));
    }
    let (mut at, mut start) = ([0; Dims::MAX_RANK], 0);
    for i in 0..plan.runs {
        f(i * run..(i + 1) * run, start..start + width);
        for (at, (size, stride)) in at.iter_mut().zip(plan.outer).rev() {
            (*at, start) = (*at + 1, start + stride);
            if *at < size {
                break;
            }
            (*at, start) = (0, start - size * stride);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The place on the right that each number on the left meets, by the definition.
    fn expected<L: Shape, R: Shape>() -> Vec<usize> {
        let (left, right) = (L::DIMS, R::DIMS);
        let lead = left.as_slice().len() - right.as_slice().len();
        let place = |mut i: usize| {
            let (mut place, mut stride) = (0, 1);
            for (d, size) in left.as_slice().iter().enumerate().rev().take_while(|(d, _)| *d >= lead) {
                let own = right.as_slice()[d - lead];
                place += if own == 1 { 0 } else { i % size * stride };
                (i, stride) = (i / size, stride * own);
            }
            place
        };
        (0..L::LEN).map(place).collect()
    }

    fn check<L: Shape, R: Shape + Broadcast<L>>() {
        let mut places = Vec::new();
        each_run::<L, R>(|left, right| {
            assert_eq!(left.start, places.len());
            assert!(right.len() == left.len() || right.len() == 1);
            places.extend(left.clone().enumerate().map(|(i, _)| right.start + if right.len() == 1 { 0 } else { i }));
        });
        assert_eq!(places, expected::<L, R>());
    }

    #[test]
    fn runs_meet_their_numbers() {
        check::<f32, f32>();
        check::<[f32; 3], f32>();
        check::<[f32; 3], [f32; 1]>();
        check::<[f32; 1], [f32; 1]>();
        check::<[[f32; 3]; 2], [f32; 3]>();
        check::<[[f32; 3]; 2], [[f32; 3]; 2]>();
        check::<[[f32; 3]; 2], [[f32; 1]; 2]>();
        check::<[[f32; 3]; 2], [[f32; 3]; 1]>();
        check::<[[f32; 3]; 2], [[f32; 1]; 1]>();
        check::<[[f32; 1]; 2], [[f32; 1]; 2]>();
        check::<[[[f32; 4]; 3]; 2], [[f32; 1]; 3]>();
        check::<[[[f32; 4]; 3]; 2], [[[f32; 4]; 1]; 2]>();
        check::<[[[f32; 4]; 3]; 2], [[[f32; 1]; 3]; 1]>();
        check::<[[[f32; 4]; 3]; 2], [[[f32; 1]; 3]; 2]>();
        check::<[[[[f32; 5]; 4]; 3]; 2], [[[f32; 1]; 4]; 1]>();
        check::<[[[[f32; 5]; 4]; 3]; 2], [[[[f32; 1]; 4]; 1]; 2]>();
        check::<[[[[f32; 5]; 4]; 3]; 2], [[[[f32; 5]; 1]; 3]; 1]>();
        check::<[[f32; 0]; 2], [[f32; 1]; 2]>();
        check::<[[f32; 2]; 0], [[f32; 2]; 1]>();
        check::<[[f32; 0]; 0], [f32; 0]>();
    }

    /// Equal dimensions need no bound, and neither does a number where a generic dimension is.
    fn generic<T: Element, const N: usize, const B: usize>() {
        check::<[[T; N]; B], [T; N]>();
        check::<[[T; N]; B], T>();
        check::<[[T; N]; B], [[T; N]; B]>();
    }

    /// A dimension of 1 does.
    fn stretched<T: Element, const N: usize, const B: usize>()
    where
        [T; 1]: Broadcast<[T; N]>,
        [[T; 1]; B]: Broadcast<[[T; N]; B]>,
    {
        check::<[T; N], [T; 1]>();
        check::<[[T; N]; B], [[T; 1]; B]>();
    }

    #[test]
    fn generic_sizes() {
        generic::<f64, 3, 2>();
        stretched::<f64, 3, 2>();
        stretched::<f64, 1, 2>();
    }
}
