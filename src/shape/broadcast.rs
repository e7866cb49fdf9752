//! Broadcasting: a tensor of the trailing dimensions repeats over the leading ones, and a dimension of 1 along any.

use core::ops::Range;

use super::dims::{Meet, Numbers};
use super::{Beside, Const, Dims, Element, Lead, Shape};
use crate::simd::positive;

/// `Self` are the trailing dimensions of `S`, or 1 in their place, so a tensor of `Self` repeats to one of `S`: a bias over a
/// batch, a mean over the numbers that it was taken of.
///
/// For equal dimensions it holds in generic code: `[f32; N]: Broadcast<[[f32; N]; B]>` for every `N` and `B`. For a dimension of
/// 1 it holds where the other is a number that [`Dim`](super::Dim) lists; a function that is generic over it carries the bound,
/// `[f32; 1]: Broadcast<[f32; N]>`. (So this is no kind of [`Shape`]: the bound would hide what is known of the array.)
#[diagnostic::on_unimplemented(message = "a tensor of `{Self}` does not broadcast to `{S}`")]
pub trait Broadcast<S> {}

#[diagnostic::do_not_recommend]
impl<S, R> Broadcast<S> for R where S: BroadcastWith<R, Output = S> {}

/// What tensors of `Self` and of `R` both repeat to: trailing dimensions over leading ones, a dimension of 1 along any.
///
/// For equal dimensions it holds in generic code, as [`Broadcast`] does. Where a dimension of 1 meets a generic one a function
/// carries the bound: `[[T; N]; B]: BroadcastWith<[[T; 1]; B], Output = [[T; N]; B]>`. (So this is no kind of [`Shape`]: the bound
/// would hide what is known of the array.)
#[diagnostic::on_unimplemented(message = "tensors of `{Self}` and `{R}` do not broadcast")]
pub trait BroadcastWith<R> {
    /// The shape of both.
    type Output: Shape;
}

/// How many dimensions each has more than the other.
type LeadOf<L, R> = <<L as Shape>::Rank as Beside<<R as Shape>::Rank>>::Lead;

impl<L, R> BroadcastWith<R> for L
where
    L: Shape<Rank: Beside<<R as Shape>::Rank>> + Joined<R, LeadOf<L, R>>,
    R: Shape<Elem = <L as Shape>::Elem>,
{
    type Output = <L as Joined<R, LeadOf<L, R>>>::Output;
}

/// As [`BroadcastWith`], where one side has more dimensions, as `Lead` says.
#[diagnostic::on_unimplemented(message = "tensors of `{Self}` and `{R}` do not broadcast")]
pub trait Joined<R, Lead> {
    /// The shape of both.
    type Output: Shape;
}

impl<L: Met<R>, R> Joined<R, Lead<0, 0>> for L {
    type Output = <L as Met<R>>::Output;
}

macro_rules! leads {
    ($($lead:literal after $less:literal),+) => {$(
        impl<A, R, const N: usize> Joined<R, Lead<$lead, 0>> for [A; N]
        where
            A: Joined<R, Lead<$less, 0>>,
        {
            type Output = [A::Output; N];
        }

        impl<L, A, const N: usize> Joined<[A; N], Lead<0, $lead>> for L
        where
            L: Joined<A, Lead<0, $less>>,
        {
            type Output = [<L as Joined<A, Lead<0, $less>>>::Output; N];
        }
    )+};
}

leads!(1 after 0, 2 after 1, 3 after 2, 4 after 3, 5 after 4, 6 after 5, 7 after 6, 8 after 7);

/// As [`BroadcastWith`], of as many dimensions.
#[diagnostic::on_unimplemented(message = "tensors of `{Self}` and `{R}` do not broadcast")]
pub trait Met<R> {
    /// The shape of both.
    type Output: Shape;
}

#[diagnostic::do_not_recommend]
impl<T: Element> Met<T> for T {
    type Output = T;
}

impl<A, B, const M: usize, const N: usize, const O: usize> Met<[B; N]> for [A; M]
where
    Numbers: Meet<M, N, Out = Const<O>>,
    A: Met<B>,
{
    type Output = [A::Output; O];
}

/// `T`, or nested arrays of it. By it the compiler finds the type of a literal: in `x + Tensor([1.0])` it is that of x.
pub trait Nest<T> {}

impl<T: Element> Nest<T> for T {}
impl<A: Nest<T>, T, const N: usize> Nest<T> for [A; N] {}

/// How two tensors repeat to one of the larger of their dimensions: in runs of neighbours of the output, which meet as many on
/// each side or a single one.
struct Plan {
    /// The length of a run.
    run: usize,
    /// How many numbers it meets on the left and on the right: `run` or 1.
    widths: [usize; 2],
    /// The dimensions outside a run, outermost first: the size, and how far apart their neighbours lie on the left and on the right.
    outer: [(usize, [usize; 2]); Dims::MAX_RANK],
    /// How many runs there are.
    runs: usize,
    /// How far apart the starts of neighbouring runs lie on either side, where they are evenly spaced.
    even: Option<[usize; 2]>,
}

/// The size of a dimension, counted from the last, which is 1 where there is none.
const fn size(dims: &[usize], from_last: usize) -> usize {
    if from_last < dims.len() { dims[dims.len() - 1 - from_last] } else { 1 }
}

impl Plan {
    /// For sizes that broadcast.
    const fn new(left: Dims, right: Dims) -> Self {
        let sides = [left.as_slice(), right.as_slice()];
        let rank = if sides[0].len() > sides[1].len() { sides[0].len() } else { sides[1].len() };
        let mut plan = Self { run: 1, widths: [1; 2], outer: [(1, [0; 2]); Dims::MAX_RANK], runs: 1, even: None };
        let (mut strides, mut full, mut decided, mut at) = ([1; 2], [true; 2], false, 0);
        // A run goes on as long as the same sides repeat. A dimension of 1 on both belongs to any.
        while at < rank {
            let sizes = [size(sides[0], at), size(sides[1], at)];
            let out = if sizes[0] == 1 { sizes[1] } else { sizes[0] };
            let own = [sizes[0] == out, sizes[1] == out];
            if out != 1 && decided && (own[0] != full[0] || own[1] != full[1]) {
                break;
            }
            if out != 1 {
                (full, decided) = (own, true);
            }
            plan.run *= out;
            (strides[0], strides[1]) = (strides[0] * sizes[0], strides[1] * sizes[1]);
            at += 1;
        }
        let mut side = 0;
        while side < 2 {
            plan.widths[side] = if full[side] { plan.run } else { 1 };
            side += 1;
        }
        // Outside, a side steps on by its own stride, or stays.
        let (mut place, mut steps, mut stays) = (Dims::MAX_RANK, [true; 2], [true; 2]);
        while at < rank {
            place -= 1;
            let sizes = [size(sides[0], at), size(sides[1], at)];
            plan.outer[place].0 = if sizes[0] == 1 { sizes[1] } else { sizes[0] };
            plan.runs *= plan.outer[place].0;
            side = 0;
            while side < 2 {
                if sizes[side] != 1 {
                    (plan.outer[place].1[side], stays[side]) = (strides[side], false);
                } else if plan.outer[place].0 != 1 {
                    steps[side] = false;
                }
                strides[side] *= sizes[side];
                side += 1;
            }
            at += 1;
        }
        if (steps[0] || stays[0]) && (steps[1] || stays[1]) {
            plan.even = Some([if steps[0] { plan.widths[0] } else { 0 }, if steps[1] { plan.widths[1] } else { 0 }]);
        }
        plan
    }
}

/// Which number of an `R` that repeats to an `S` the number `i` of the `S` meets.
#[inline]
pub(crate) fn met<S: Shape, R: Shape>(i: usize) -> usize {
    let (mut rest, mut place, mut stride) = (i, 0, 1);
    for from_last in 0..S::DIMS.as_slice().len() {
        let [out, own] = const { [S::DIMS, R::DIMS] }.map(|dims| size(dims.as_slice(), from_last));
        place += if own == 1 { 0 } else { rest % positive(out) * stride };
        (rest, stride) = (rest / positive(out), stride * own);
    }
    place
}

/// Calls `f` with each run of numbers of what two tensors broadcast to, and those that it meets on the left and on the right: as
/// many, or one that they all meet.
#[inline(always)]
pub(crate) fn each_run<L: Shape, R: Shape>(mut f: impl FnMut(Range<usize>, Range<usize>, Range<usize>)) {
    let plan = const { Plan::new(L::DIMS, R::DIMS) };
    let (run, [left, right]) = (plan.run, plan.widths);
    if let Some([l, r]) = plan.even {
        return (0..plan.runs).for_each(|i| f(i * run..(i + 1) * run, i * l..i * l + left, i * r..i * r + right));
    }
    let (mut at, mut l, mut r) = ([0; Dims::MAX_RANK], 0, 0);
    for i in 0..plan.runs {
        f(i * run..(i + 1) * run, l..l + left, r..r + right);
        for (at, (size, [left, right])) in at.iter_mut().zip(plan.outer).rev() {
            (*at, l, r) = (*at + 1, l + left, r + right);
            if *at < size {
                break;
            }
            (*at, l, r) = (0, l - size * left, r - size * right);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The place that each number of the output meets on one side, by the definition.
    fn expected(out: Dims, side: Dims) -> Vec<usize> {
        let (out, side) = (out.as_slice(), side.as_slice());
        let lead = out.len() - side.len();
        let place = |mut i: usize| {
            let (mut place, mut stride) = (0, 1);
            for (d, size) in out.iter().enumerate().rev().take_while(|(d, _)| *d >= lead) {
                let own = side[d - lead];
                place += if own == 1 { 0 } else { i % size * stride };
                (i, stride) = (i / size, stride * own);
            }
            place
        };
        (0..out.iter().product()).map(place).collect()
    }

    fn check<L: BroadcastWith<R> + Shape, R: Shape>() {
        let (mut count, mut lefts, mut rights) = (0, Vec::new(), Vec::new());
        each_run::<L, R>(|run, left, right| {
            assert_eq!(run.start, count);
            count = run.end;
            for (side, places) in [(left, &mut lefts), (right, &mut rights)] {
                assert!(side.len() == run.len() || side.len() == 1);
                places.extend((0..run.len()).map(|i| side.start + if side.len() == 1 { 0 } else { i }));
            }
        });
        assert_eq!(lefts, expected(L::Output::DIMS, L::DIMS));
        assert_eq!(rights, expected(L::Output::DIMS, R::DIMS));
    }

    /// On either side.
    fn both<L: BroadcastWith<R> + Shape, R: BroadcastWith<L> + Shape>() {
        check::<L, R>();
        check::<R, L>();
    }

    #[test]
    fn runs_meet_their_numbers() {
        both::<f32, f32>();
        both::<[f32; 3], f32>();
        both::<[f32; 3], [f32; 1]>();
        both::<[f32; 1], [f32; 1]>();
        both::<[[f32; 3]; 2], [f32; 3]>();
        both::<[[f32; 3]; 2], [[f32; 3]; 2]>();
        both::<[[f32; 3]; 2], [[f32; 1]; 2]>();
        both::<[[f32; 3]; 2], [[f32; 3]; 1]>();
        both::<[[f32; 3]; 2], [[f32; 1]; 1]>();
        both::<[[f32; 1]; 2], [[f32; 1]; 2]>();
        both::<[[[f32; 4]; 3]; 2], [[f32; 1]; 3]>();
        both::<[[[f32; 4]; 3]; 2], [[[f32; 4]; 1]; 2]>();
        both::<[[[f32; 4]; 3]; 2], [[[f32; 1]; 3]; 1]>();
        both::<[[[f32; 4]; 3]; 2], [[[f32; 1]; 3]; 2]>();
        both::<[[[[f32; 5]; 4]; 3]; 2], [[[f32; 1]; 4]; 1]>();
        both::<[[[[f32; 5]; 4]; 3]; 2], [[[[f32; 1]; 4]; 1]; 2]>();
        both::<[[[[f32; 5]; 4]; 3]; 2], [[[[f32; 5]; 1]; 3]; 1]>();
        both::<[[f32; 0]; 2], [[f32; 1]; 2]>();
        both::<[[f32; 2]; 0], [[f32; 2]; 1]>();
        both::<[[f32; 0]; 0], [f32; 0]>();
        // Both repeat.
        both::<[[f32; 1]; 2], [[f32; 3]; 1]>();
        both::<[[f32; 1]; 2], [f32; 3]>();
        both::<[[[f32; 4]; 1]; 2], [[[f32; 1]; 3]; 1]>();
        both::<[[[[f32; 5]; 1]; 3]; 1], [[[f32; 1]; 4]; 1]>();
        both::<[[[[f32; 1]; 4]; 3]; 1], [[[[f32; 5]; 1]; 3]; 2]>();
        both::<[[[[f32; 1]; 4]; 1]; 2], [[[[f32; 5]; 1]; 3]; 1]>();
    }

    /// Equal dimensions need no bound, and neither does a number where a generic dimension is.
    fn generic<T: Element, const N: usize, const B: usize>() {
        both::<[[T; N]; B], [T; N]>();
        both::<[[T; N]; B], T>();
        both::<[[T; N]; B], [[T; N]; B]>();
    }

    /// A dimension of 1 does.
    fn stretched<T: Element, const N: usize, const B: usize>()
    where
        [[T; N]; B]: BroadcastWith<[[T; 1]; B]>,
    {
        check::<[[T; N]; B], [[T; 1]; B]>();
    }

    #[test]
    fn generic_sizes() {
        generic::<f64, 3, 2>();
        stretched::<f64, 3, 2>();
        stretched::<f64, 1, 2>();
    }
}
