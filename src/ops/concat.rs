//! Tensors put together along an axis, and taken apart.

use core::marker::PhantomData;

use super::{Function, Function2};
use crate::shape::{Axis, Const, Insert, Shape, Sum};
use crate::simd::Float;
use crate::tensor::Tensor;

/// Tensors of `Self` and `Rhs` can stand one after the other along axis `D`: all other dimensions are equal.
///
/// A function that is generic over the sizes asks for their sum: `Const<A>: Sum<Const<B>, Out = Const<N>>`.
pub trait Join<const D: isize, Rhs>: Axis<D> {
    /// The shape whose axis `D` has the sum of both sizes.
    type Output: Shape<Elem = Self::Elem>;
}

impl<const D: isize, const A: usize, const B: usize, const N: usize, L, R> Join<D, R> for L
where
    L: Axis<D, Size = Const<A>>,
    R: Axis<D, Size = Const<B>>,
    R::Removed: SameRest<L::Removed, D, L, R>,
    Const<A>: Sum<Const<B>, Out = Const<N>>,
{
    type Output = L::With<N>;
}

/// `L` and `R` without their axes `D` are the same. `Self` is what is left of `R`, which the compiler knows last: it would
/// otherwise set it equal to what is left of `L`, and call `R` wrong in its own words.
#[diagnostic::on_unimplemented(
    message = "cannot concatenate `{L}` and `{R}` along axis {D}",
    label = "without axis {D} the left is `{Rest}`, the right `{Self}`",
    note = "all dimensions but the one along which tensors are put together must be equal"
)]
pub trait SameRest<Rest, const D: isize, L, R> {}

#[diagnostic::do_not_recommend]
impl<Rest, const D: isize, L, R> SameRest<Rest, D, L, R> for Rest {}

/// Axis `D` of `Self` divides into `A` and `B`: A + B is its size. A function that is generic over the sizes asks for
/// `Const<A>: Sum<Const<B>, Out = Const<N>>`.
pub trait SplitInto<const D: isize, const A: usize, const B: usize>: Axis<D> {}

impl<S, const D: isize, const A: usize, const B: usize, const SIZE: usize> SplitInto<D, A, B> for S
where
    S: Axis<D, Size = Const<SIZE>>,
    Const<A>: Sum<Const<B>, Out: Fills<SIZE, D, A, B, S>>,
{
}

/// `Self`, the parts `A` and `B` together, is `SIZE`.
#[diagnostic::on_unimplemented(
    message = "cannot split `{S}` along axis {D} into {A} and {B}",
    label = "{A} + {B} is not {SIZE}"
)]
pub trait Fills<const SIZE: usize, const D: isize, const A: usize, const B: usize, S> {}

#[diagnostic::do_not_recommend]
impl<const SIZE: usize, const D: isize, const A: usize, const B: usize, S> Fills<SIZE, D, A, B, S> for Const<SIZE> {}

/// One of the tensors within the whole: of each of the whole's blocks of `block` numbers, the `len` from `start`.
#[derive(Clone, Copy)]
struct Part {
    block: usize,
    start: usize,
    len: usize,
}

impl Part {
    /// Calls `f` with each number of the part's place in the whole, and the part's own.
    #[inline]
    fn put<T: Copy>(self, part: &[T], whole: &mut [T], f: impl Fn(&mut T, T)) {
        let blocks = whole.chunks_exact_mut(self.block.max(1));
        for (whole, part) in blocks.zip(part.chunks_exact(self.len.max(1))) {
            whole.iter_mut().skip(self.start).zip(part).for_each(|(w, &p)| f(w, p));
        }
    }

    /// Calls `f` with each of the part's numbers, and the one of its place in the whole.
    #[inline]
    fn take<T: Copy>(self, whole: &[T], part: &mut [T], f: impl Fn(&mut T, T)) {
        let blocks = whole.chunks_exact(self.block.max(1));
        for (whole, part) in blocks.zip(part.chunks_exact_mut(self.len.max(1))) {
            part.iter_mut().zip(whole.iter().skip(self.start)).for_each(|(p, &w)| f(p, w));
        }
    }
}

/// The two parts of a whole whose blocks have `left` and `right` numbers of them.
const fn halves(left: usize, right: usize) -> [Part; 2] {
    let block = left + right;
    [Part { block, start: 0, len: left }, Part { block, start: left, len: right }]
}

/// The left and the right tensor of a concatenation along axis `D`.
const fn concatenated<const D: isize, L: Axis<D>, R: Axis<D>>() -> [Part; 2] {
    halves(L::SIZE * L::INNER, R::SIZE * R::INNER)
}

/// The `i`-th of `n` tensors of shape `S` stacked along axis `D`.
const fn stacked<const D: isize, S: Insert<D>>(i: usize, n: usize) -> Part {
    Part { block: n * S::INNER, start: i * S::INNER, len: S::INNER }
}

impl<S: Shape> Tensor<S> {
    /// The elements of `self` and, after them along axis `D`, those of `right`: along axis 1, `A×B×X` and `A×C×X` give
    /// `A×(B+C)×X`. After [`torch.cat`](https://docs.pytorch.org/docs/stable/generated/torch.cat.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let (a, b) = (Tensor([[1.0f32], [2.0]]), Tensor([[3.0, 4.0], [5.0, 6.0]]));
    /// assert_eq!(a.concat::<1, _>(&b), Tensor([[1.0, 3.0, 4.0], [2.0, 5.0, 6.0]]));
    /// ```
    /// ```compile_fail
    /// # use adamant::prelude::*;
    /// let (a, b) = (Tensor([[1.0f32], [2.0]]), Tensor([[3.0f32, 4.0], [5.0, 6.0]]));
    /// a.concat::<0, _>(&b); // error: cannot concatenate `[[f32; 1]; 2]` and `[[f32; 2]; 2]` along axis 0
    /// ```
    #[doc(alias("cat", "hstack", "vstack"))]
    #[inline]
    pub fn concat<const D: isize, R>(&self, right: &Tensor<R>) -> Tensor<S::Output>
    where
        S: Join<D, R>,
        R: Axis<D, Elem = S::Elem>,
    {
        let mut y = Tensor::zeros();
        let [left_part, right_part] = const { concatenated::<D, S, R>() };
        left_part.put(self.as_slice(), y.as_mut_slice(), |y, x| *y = x);
        right_part.put(right.as_slice(), y.as_mut_slice(), |y, x| *y = x);
        y
    }

    /// This tensor and another along a new axis `D`: [`stack`](Tensor::stack) of two.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let (a, b) = (Tensor([1.0f32, 2.0]), Tensor([3.0, 4.0]));
    /// assert_eq!(a.stack2::<1>(&b), Tensor([[1.0, 3.0], [2.0, 4.0]]));
    /// ```
    #[inline]
    pub fn stack2<const D: isize>(&self, other: &Self) -> Tensor<S::With<2>>
    where
        S: Insert<D>,
    {
        let mut y = Tensor::zeros();
        stacked::<D, S>(0, 2).put(self.as_slice(), y.as_mut_slice(), |y, x| *y = x);
        stacked::<D, S>(1, 2).put(other.as_slice(), y.as_mut_slice(), |y, x| *y = x);
        y
    }

    /// The first `A` and the remaining `B` of axis `D`: along axis 1, `X×(A+B)×Y` gives `X×A×Y` and `X×B×Y`. After
    /// [`torch.split`](https://docs.pytorch.org/docs/stable/generated/torch.split.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let x = Tensor([[1.0f32, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    /// assert_eq!(x.split::<1, 1, 2>(), (Tensor([[1.0], [4.0]]), Tensor([[2.0, 3.0], [5.0, 6.0]])));
    /// ```
    /// ```compile_fail
    /// # use adamant::prelude::*;
    /// Tensor([1.0f32, 2.0, 3.0]).split::<0, 2, 2>(); // error: cannot split `[f32; 3]` along axis 0 into 2 and 2
    /// ```
    #[doc(alias = "chunk")]
    #[inline]
    pub fn split<const D: isize, const A: usize, const B: usize>(&self) -> (Tensor<S::With<A>>, Tensor<S::With<B>>)
    where
        S: SplitInto<D, A, B>,
    {
        let (mut a, mut b) = (Tensor::zeros(), Tensor::zeros());
        let [a_part, b_part] = const { halves(A * S::INNER, B * S::INNER) };
        a_part.take(self.as_slice(), a.as_mut_slice(), |a, x| *a = x);
        b_part.take(self.as_slice(), b.as_mut_slice(), |b, x| *b = x);
        (a, b)
    }
}

/// da += the first part of dy, db += the rest, for y = a.concat(b).
#[inline]
pub fn concat_backward<const D: isize, L, R>(dy: &Tensor<L::Output>, da: &mut Tensor<L>, db: &mut Tensor<R>)
where
    L: Join<D, R, Elem: Float>,
    R: Axis<D, Elem = L::Elem>,
{
    let [left, right] = const { concatenated::<D, L, R>() };
    left.take(dy.as_slice(), da.as_mut_slice(), |da, dy| *da += dy);
    right.take(dy.as_slice(), db.as_mut_slice(), |db, dy| *db += dy);
}

/// dx += da and, after it along axis `D`, db, for (a, b) = x.split().
#[inline]
pub fn split_backward<const D: isize, const A: usize, const B: usize, S>(
    da: &Tensor<S::With<A>>,
    db: &Tensor<S::With<B>>,
    dx: &mut Tensor<S>,
) where
    S: SplitInto<D, A, B, Elem: Float>,
{
    let [a_part, b_part] = const { halves(A * S::INNER, B * S::INNER) };
    a_part.put(da.as_slice(), dx.as_mut_slice(), |dx, da| *dx += da);
    b_part.put(db.as_slice(), dx.as_mut_slice(), |dx, db| *dx += db);
}

// `N` stands here so that the axis is all that `stack::<1>` has to name.
impl<S: Shape, const N: usize> Tensor<[S; N]> {
    /// `N` tensors of one shape along a new axis `D`: along axis 0, `A×B` gives `N×A×B`, along axis 2 `A×B×N`. After
    /// [`torch.stack`](https://docs.pytorch.org/docs/stable/generated/torch.stack.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let (a, b) = (Tensor([1.0f32, 2.0]), Tensor([3.0, 4.0]));
    /// assert_eq!(Tensor::stack::<0>([a, b]), Tensor([[1.0, 2.0], [3.0, 4.0]]));
    /// assert_eq!(Tensor::stack::<1>([a, b]), Tensor([[1.0, 3.0], [2.0, 4.0]]));
    /// ```
    #[inline]
    pub fn stack<const D: isize>(tensors: [Tensor<S>; N]) -> Tensor<S::With<N>>
    where
        S: Insert<D>,
    {
        let mut y = Tensor::zeros();
        for (i, x) in tensors.iter().enumerate() {
            stacked::<D, S>(i, N).put(x.as_slice(), y.as_mut_slice(), |y, x| *y = x);
        }
        y
    }
}

/// Each dx += its part of dy, for y = stack(x).
#[inline]
pub fn stack_backward<const D: isize, const N: usize, S>(dy: &Tensor<S::With<N>>, dx: [&mut Tensor<S>; N])
where
    S: Insert<D, Elem: Float>,
{
    for (i, dx) in dx.into_iter().enumerate() {
        stacked::<D, S>(i, N).take(dy.as_slice(), dx.as_mut_slice(), |dx, dy| *dx += dy);
    }
}

/// [`Tensor::concat`] as an operation. `R` is the right-hand tensor's shape, and may be left to the compiler: `_`.
#[derive(Clone, Copy, Debug)]
pub struct Concat<const D: isize, R>(PhantomData<fn(R)>);

impl<const D: isize, R> Concat<D, R> {
    /// The operation; it has no settings.
    #[allow(clippy::new_without_default, reason = "one way to make an operation")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<const D: isize, L, R> Function2<Tensor<L>, Tensor<R>> for Concat<D, R>
where
    L: Join<D, R, Elem: Float>,
    R: Axis<D, Elem = L::Elem>,
{
    type Output = Tensor<L::Output>;
    const READS_OUTPUT: bool = false;

    #[inline]
    fn forward(&self, a: &Tensor<L>, b: &Tensor<R>) -> Tensor<L::Output> {
        a.concat::<D, R>(b)
    }

    #[inline]
    fn backward_a(&self, _: &Tensor<L>, _: &Tensor<R>, _: &Tensor<L::Output>, dy: &Tensor<L::Output>, da: &mut Tensor<L>) {
        let [left, _] = const { concatenated::<D, L, R>() };
        left.take(dy.as_slice(), da.as_mut_slice(), |da, dy| *da += dy);
    }

    #[inline]
    fn backward_b(&self, _: &Tensor<L>, _: &Tensor<R>, _: &Tensor<L::Output>, dy: &Tensor<L::Output>, db: &mut Tensor<R>) {
        let [_, right] = const { concatenated::<D, L, R>() };
        right.take(dy.as_slice(), db.as_mut_slice(), |db, dy| *db += dy);
    }
}

operation! {
    /// [`Tensor::split`] as an operation. It gives two tensors.
    Split<const D: isize, const A: usize, const B: usize>
}

impl<const D: isize, const A: usize, const B: usize, S: SplitInto<D, A, B, Elem: Float>> Function<Tensor<S>>
    for Split<D, A, B>
{
    type Output = (Tensor<S::With<A>>, Tensor<S::With<B>>);
    const READS_OUTPUT: bool = false;

    #[inline]
    fn forward(&self, x: &Tensor<S>) -> Self::Output {
        x.split::<D, A, B>()
    }

    #[inline]
    fn backward(&self, _: &Tensor<S>, _: &Self::Output, dy: &Self::Output, dx: &mut Tensor<S>) {
        split_backward::<D, A, B, S>(&dy.0, &dy.1, dx);
    }
}

operation! {
    /// [`Tensor::stack`] as an operation on an array of tensors.
    Stack<const D: isize>
}

impl<const D: isize, const N: usize, S: Insert<D, Elem: Float>> Function<[Tensor<S>; N]> for Stack<D> {
    type Output = Tensor<S::With<N>>;
    const READS_OUTPUT: bool = false;

    #[inline]
    fn forward(&self, x: &[Tensor<S>; N]) -> Self::Output {
        Tensor::stack::<D>(*x)
    }

    #[inline]
    fn backward(&self, _: &[Tensor<S>; N], _: &Self::Output, dy: &Self::Output, dx: &mut [Tensor<S>; N]) {
        stack_backward::<D, N, S>(dy, dx.each_mut());
    }
}

operation! {
    /// [`Tensor::stack2`] as an operation.
    Stack2<const D: isize>
}

impl<const D: isize, S: Insert<D, Elem: Float>> Function2<Tensor<S>, Tensor<S>> for Stack2<D> {
    type Output = Tensor<S::With<2>>;
    const READS_OUTPUT: bool = false;

    #[inline]
    fn forward(&self, a: &Tensor<S>, b: &Tensor<S>) -> Self::Output {
        a.stack2::<D>(b)
    }

    #[inline]
    fn backward_a(&self, _: &Tensor<S>, _: &Tensor<S>, _: &Self::Output, dy: &Self::Output, da: &mut Tensor<S>) {
        stacked::<D, S>(0, 2).take(dy.as_slice(), da.as_mut_slice(), |da, dy| *da += dy);
    }

    #[inline]
    fn backward_b(&self, _: &Tensor<S>, _: &Tensor<S>, _: &Self::Output, dy: &Self::Output, db: &mut Tensor<S>) {
        stacked::<D, S>(1, 2).take(dy.as_slice(), db.as_mut_slice(), |db, dy| *db += dy);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{check, check_f32, check_gradient, check2, wavy};

    #[test]
    fn concatenation_along_each_axis() {
        let a = Tensor::<[[[usize; 2]; 2]; 2]>::from_fn(|[i, j, k]| 100 * i + 10 * j + k);
        let b = Tensor::<[[[usize; 2]; 3]; 2]>::from_fn(|[i, j, k]| 100 * i + 10 * (j + 2) + k);
        let y = Tensor::<[[[usize; 2]; 5]; 2]>::from_fn(|[i, j, k]| 100 * i + 10 * j + k);
        assert_eq!((a.concat::<1, _>(&b), a.concat::<-2, _>(&b)), (y, y));
        assert_eq!((y.split::<1, 2, 3>(), y.split::<-2, 2, 3>()), ((a, b), (a, b)));
        let b = Tensor([[[9; 2]; 2]]);
        assert_eq!(a.concat::<0, _>(&b), Tensor([a.0[0], a.0[1], b.0[0]]));
        assert_eq!(b.concat::<0, _>(&a).split::<0, 1, 2>(), (b, a));
        let b = Tensor([[[9]; 2]; 2]);
        let y = a.concat::<2, _>(&b);
        assert_eq!(y, Tensor([[[0, 1, 9], [10, 11, 9]], [[100, 101, 9], [110, 111, 9]]]));
        assert_eq!(y.split::<-1, 2, 1>(), (a, b));
        assert_eq!(Tensor([1.0f32]).concat::<-1, _>(&Tensor([2.0, 3.0])), Tensor([1.0, 2.0, 3.0]));
    }

    #[test]
    fn gradients_of_concat() {
        let (a, b) = (wavy::<[[[f64; 3]; 2]; 2], f64>(0.0), wavy::<[[[f64; 3]; 4]; 2], f64>(1.0));
        check_gradient(&a, |a| a.concat::<1, _>(&b), |dy, da| concat_backward::<1, _, _>(dy, da, &mut { b }));
        check_gradient(&b, |b| a.concat::<1, _>(b), |dy, db| concat_backward::<1, _, _>(dy, &mut { a }, db));
    }

    #[test]
    fn gradients_of_split() {
        let x = wavy::<[[[f64; 3]; 6]; 2], f64>(0.0);
        let none = (Tensor::zeros(), Tensor::zeros());
        check_gradient(&x, |x| x.split::<1, 2, 4>().0, |da, dx| split_backward::<1, 2, 4, _>(da, &none.1, dx));
        check_gradient(&x, |x| x.split::<1, 2, 4>().1, |db, dx| split_backward::<1, 2, 4, _>(&none.0, db, dx));
    }

    #[test]
    fn stacking_along_each_axis() {
        let (a, b) = (Tensor([[1.0f32, 2.0], [3.0, 4.0]]), Tensor([[5.0, 6.0], [7.0, 8.0]]));
        assert_eq!(Tensor::stack::<0>([a, b]), Tensor([a.0, b.0]));
        assert_eq!(Tensor::stack::<1>([a, b]), Tensor([[[1.0, 2.0], [5.0, 6.0]], [[3.0, 4.0], [7.0, 8.0]]]));
        assert_eq!(Tensor::stack::<2>([a, b]), Tensor([[[1.0, 5.0], [2.0, 6.0]], [[3.0, 7.0], [4.0, 8.0]]]));
        assert_eq!(Tensor::stack::<0>([Tensor(1.0f64), Tensor(2.0)]), Tensor([1.0, 2.0]));
    }

    #[test]
    fn gradients_of_stack() {
        let (a, b) = (wavy::<[[f64; 3]; 2], f64>(0.0), wavy::<[[f64; 3]; 2], f64>(1.0));
        check_gradient(&b, |b| Tensor::stack::<1>([a, *b]), |dy, db| stack_backward::<1, 2, _>(dy, [&mut { a }, db]));
        check_gradient(&b, |b| Tensor::stack::<2>([*b, a]), |dy, db| stack_backward::<2, 2, _>(dy, [db, &mut { a }]));
    }

    #[test]
    fn empty_parts() {
        let (x, none) = (Tensor([[1.0f32, 2.0], [3.0, 4.0]]), Tensor::<[[f32; 0]; 2]>::zeros());
        assert_eq!(x.concat::<1, _>(&none), x);
        assert_eq!(none.concat::<1, _>(&x).split::<1, 0, 2>(), (none, x));
        assert_eq!(none.concat::<0, _>(&none), Tensor([[], [], [], []]));
        assert_eq!(Tensor::stack::<1>([none; 3]), Tensor([[[]; 3]; 2]));
        assert_eq!(Tensor::<[[f32; 2]; 0]>::stack::<1>([]), Tensor([[], []]));
    }

    /// A generic size carries the bound, as every operation that computes with dimensions.
    fn swap<const A: usize, const B: usize, const N: usize>(x: &Tensor<[f32; N]>) -> Tensor<[f32; N]>
    where
        Const<A>: Sum<Const<B>, Out = Const<N>>,
        Const<B>: Sum<Const<A>, Out = Const<N>>,
    {
        let (a, b) = x.split::<0, A, B>();
        b.concat::<0, _>(&a)
    }

    #[test]
    fn generic_sizes() {
        assert_eq!(swap::<1, 2, 3>(&Tensor([1.0, 2.0, 3.0])), Tensor([2.0, 3.0, 1.0]));
    }

    #[test]
    fn as_operations() {
        let (a, b) = (wavy::<[[[f64; 3]; 2]; 2], f64>(0.0), wavy::<[[[f64; 3]; 4]; 2], f64>(1.0));
        check2(Concat::<1, _>::new(), &a, &b);
        check2(Concat::<-2, _>::new(), &b, &a);
        check2(Concat::<0, _>::new(), &Tensor::<[f64; 0]>::zeros(), &Tensor([1.0]));
        check(Split::<1, 1, 3>::new(), &b);
        check(Split::<0, 0, 2>::new(), &b);
        check_f32(Split::<1, 1, 3>::new(), Split::<1, 1, 3>::new(), &b, 1e-6);
        check(Stack::<1>::new(), &[a, a * 2.0, a + 1.0]);
        check(Stack::<0>::new(), &[a; 0]);
        check2(Stack2::<0>::new(), &a, &(a + 1.0));
        check2(Stack2::<3>::new(), &a, &(a + 1.0));
        assert_eq!(a.stack2::<1>(&(a + 1.0)), Tensor::stack::<1>([a, a + 1.0]));
    }
}
