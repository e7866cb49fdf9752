//! Dimensions in another order.

use super::Function;
use crate::shape::{Element, Order, Order2, Order3, Order4, Order5, Order6, Order7, Order8, Permuted, Shape, Swap, Walk};
use crate::simd::Float;
use crate::tensor::Tensor;

impl<S: Shape> Tensor<S> {
    /// Axes `A` and `B` exchanged: of axes 0 and 1, `A×B×C` gives `B×A×C`. As
    /// [`torch.transpose`](https://docs.pytorch.org/docs/stable/generated/torch.transpose.html), but a new tensor, not a view.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let x = Tensor([[[1.0f32, 2.0], [3.0, 4.0], [5.0, 6.0]]]);
    /// assert_eq!(x.swap_axes::<0, 1>(), Tensor([[[1.0, 2.0]], [[3.0, 4.0]], [[5.0, 6.0]]]));
    /// assert_eq!(x.swap_axes::<-1, -2>(), x.transpose());
    /// ```
    #[doc(alias("swapaxes", "swapdims", "movedim"))]
    #[inline]
    pub fn swap_axes<const A: isize, const B: isize>(&self) -> Tensor<S::Output>
    where
        S: Swap<A, B>,
    {
        walked(const { Walk::swapped(S::DIMS, A, B) }, self)
    }
}

/// `permute` of one rank.
macro_rules! permute {
    ($shape:ty, [$($n:ident)+], $order:ident<$($d:ident),+>, $(#[$doc:meta])+) => {
        impl<T: Element, $(const $n: usize),+> Tensor<$shape> {
            $(#[$doc])+
            #[inline]
            pub fn permute<$(const $d: isize),+>(&self) -> Tensor<<$shape as Permuted<$order<$($d),+>>>::Output>
            where
                $shape: Permuted<$order<$($d),+>>,
            {
                walked(const { Walk::ordered(<$shape as Shape>::DIMS, $order::<$($d),+>::FROM) }, self)
            }
        }
    };
}

permute! { [[T; Y]; X], [X Y], Order2<A, B>,
    /// The axes in the order `A`, `B`. After
    /// [`torch.permute`](https://docs.pytorch.org/docs/stable/generated/torch.permute.html), but a new tensor, not a view.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([[1.0f32, 2.0]]).permute::<1, 0>(), Tensor([[1.0], [2.0]]));
    /// ```
}

permute! { [[[T; Z]; Y]; X], [X Y Z], Order3<A, B, C>,
    /// The axes in the order `A`, `B`, `C`: in the order 2, 0, 1, `X×Y×Z` gives `Z×X×Y`. After
    /// [`torch.permute`](https://docs.pytorch.org/docs/stable/generated/torch.permute.html), but a new tensor, not a view.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let rgb = Tensor([[[1.0f32, 2.0, 3.0], [4.0, 5.0, 6.0]]]); // height × width × channels
    /// assert_eq!(rgb.permute::<2, 0, 1>(), Tensor([[[1.0, 4.0]], [[2.0, 5.0]], [[3.0, 6.0]]]));
    /// assert_eq!(rgb.permute::<-1, 0, 1>(), rgb.permute::<2, 0, 1>());
    /// ```
    /// ```compile_fail
    /// # use adamant::prelude::*;
    /// Tensor([[[1.0f32]]]).permute::<0, 1, -2>(); // error: axes 1 and -2 of an order are the same axis
    /// ```
}

permute! { [[[[T; Z]; Y]; X]; W], [W X Y Z], Order4<A, B, C, D>,
    /// The axes in the order `A`, `B`, `C`, `D`: in the order 0, 2, 1, 3, `W×X×Y×Z` gives `W×Y×X×Z`. After
    /// [`torch.permute`](https://docs.pytorch.org/docs/stable/generated/torch.permute.html), but a new tensor, not a view.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let x = Tensor([[[[1.0f32, 2.0]], [[3.0, 4.0]]]]); // batch × time × heads × features
    /// assert_eq!(x.permute::<0, 2, 1, 3>(), Tensor([[[[1.0, 2.0], [3.0, 4.0]]]]));
    /// ```
}

permute! { [[[[[T; Z]; Y]; X]; W]; V], [V W X Y Z], Order5<A, B, C, D, E>,
    /// The axes in the order `A` to `E`, as for fewer of them.
}

permute! { [[[[[[T; Z]; Y]; X]; W]; V]; U], [U V W X Y Z], Order6<A, B, C, D, E, F>,
    /// The axes in the order `A` to `F`, as for fewer of them.
}

permute! { [[[[[[[T; Z]; Y]; X]; W]; V]; U]; S], [S U V W X Y Z], Order7<A, B, C, D, E, F, G>,
    /// The axes in the order `A` to `G`, as for fewer of them.
}

permute! { [[[[[[[[T; Z]; Y]; X]; W]; V]; U]; S]; R], [R S U V W X Y Z], Order8<A, B, C, D, E, F, G, H>,
    /// The axes in the order `A` to `H`, as for fewer of them.
}

/// y = x in the order of a walk.
#[inline]
fn walked<S: Shape, R: Shape<Elem = S::Elem>>(walk: Walk, x: &Tensor<S>) -> Tensor<R> {
    let mut y = Tensor::zeros();
    let (len, stride) = walk.row();
    for (y, start) in y.as_mut_slice().chunks_exact_mut(len.max(1)).zip(walk.starts()) {
        let x = x.iter().skip(start).step_by(stride.max(1));
        y.iter_mut().zip(x).for_each(|(y, &x)| *y = x);
    }
    y
}

/// dx += dy, whose dimensions stand in the order of a walk.
#[inline]
fn walked_backward<S: Shape<Elem: Float>, R: Shape<Elem = S::Elem>>(walk: Walk, dy: &Tensor<R>, dx: &mut Tensor<S>) {
    let (len, stride) = walk.row();
    for (dy, start) in dy.as_slice().chunks_exact(len.max(1)).zip(walk.starts()) {
        let dx = dx.iter_mut().skip(start).step_by(stride.max(1));
        dx.zip(dy).for_each(|(dx, &dy)| *dx += dy);
    }
}

/// dx += dy with axes `A` and `B` exchanged, for y = x.swap_axes().
#[inline]
pub fn swap_axes_backward<const A: isize, const B: isize, S: Swap<A, B, Elem: Float>>(
    dy: &Tensor<S::Output>,
    dx: &mut Tensor<S>,
) {
    walked_backward(const { Walk::swapped(S::DIMS, A, B) }, dy, dx);
}

/// dx += dy with its axes put back, for y = x.permute() to the order `O`.
#[inline]
pub fn permute_backward<O: Order, S: Permuted<O, Elem: Float>>(dy: &Tensor<S::Output>, dx: &mut Tensor<S>) {
    walked_backward(const { Walk::ordered(S::DIMS, O::FROM) }, dy, dx);
}

operation! {
    /// [`Tensor::swap_axes`] as an operation.
    SwapAxes<const A: isize, const B: isize>
}

impl<const A: isize, const B: isize, S: Swap<A, B, Elem: Float>> Function<Tensor<S>> for SwapAxes<A, B> {
    type Output = Tensor<S::Output>;
    const READS_OUTPUT: bool = false;

    #[inline]
    fn forward(&self, x: &Tensor<S>) -> Self::Output {
        x.swap_axes::<A, B>()
    }

    #[inline]
    fn backward(&self, _: &Tensor<S>, _: &Self::Output, dy: &Self::Output, dx: &mut Tensor<S>) {
        swap_axes_backward::<A, B, S>(dy, dx);
    }
}

/// Where an order of axes is shorter than 8.
const NONE: isize = isize::MIN;

/// `permute` as an operation, of a tensor with as many dimensions as axes are named: `Permute::<0, 2, 1>::new()`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Permute<
    const A: isize,
    const B: isize,
    const C: isize = NONE,
    const D: isize = NONE,
    const E: isize = NONE,
    const F: isize = NONE,
    const G: isize = NONE,
    const H: isize = NONE,
>;

impl<
    const A: isize,
    const B: isize,
    const C: isize,
    const D: isize,
    const E: isize,
    const F: isize,
    const G: isize,
    const H: isize,
> Permute<A, B, C, D, E, F, G, H>
{
    /// The operation; it has no settings.
    pub const fn new() -> Self {
        Self
    }
}

macro_rules! function {
    ($shape:ty, [$($n:ident)+], $order:ident<$($d:ident),+> $(, $none:ident)*) => {
        impl<T: Float, $(const $n: usize,)+ $(const $d: isize),+> Function<Tensor<$shape>> for Permute<$($d,)+ $($none),*>
        where
            $shape: Permuted<$order<$($d),+>> + Shape<Elem = T>,
        {
            type Output = Tensor<<$shape as Permuted<$order<$($d),+>>>::Output>;
            const READS_OUTPUT: bool = false;

            #[inline]
            fn forward(&self, x: &Tensor<$shape>) -> Self::Output {
                x.permute::<$($d),+>()
            }

            #[inline]
            fn backward(&self, _: &Tensor<$shape>, _: &Self::Output, dy: &Self::Output, dx: &mut Tensor<$shape>) {
                permute_backward::<$order<$($d),+>, $shape>(dy, dx);
            }
        }
    };
}

function!([[T; Y]; X], [X Y], Order2<A, B>, NONE, NONE, NONE, NONE, NONE, NONE);
function!([[[T; Z]; Y]; X], [X Y Z], Order3<A, B, C>, NONE, NONE, NONE, NONE, NONE);
function!([[[[T; Z]; Y]; X]; W], [W X Y Z], Order4<A, B, C, D>, NONE, NONE, NONE, NONE);
function!([[[[[T; Z]; Y]; X]; W]; V], [V W X Y Z], Order5<A, B, C, D, E>, NONE, NONE, NONE);
function!([[[[[[T; Z]; Y]; X]; W]; V]; U], [U V W X Y Z], Order6<A, B, C, D, E, F>, NONE, NONE);
function!([[[[[[[T; Z]; Y]; X]; W]; V]; U]; S], [S U V W X Y Z], Order7<A, B, C, D, E, F, G>, NONE);
function!([[[[[[[[T; Z]; Y]; X]; W]; V]; U]; S]; R], [R S U V W X Y Z], Order8<A, B, C, D, E, F, G, H>);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{check, check_f32, wavy};

    #[test]
    fn dimensions_change_places() {
        let x = Tensor::<[[[[usize; 5]; 4]; 3]; 2]>::from_fn(|[a, b, c, d]| 1000 * a + 100 * b + 10 * c + d);
        let y = Tensor::<[[[[usize; 2]; 4]; 5]; 3]>::from_fn(|[b, d, c, a]| 1000 * a + 100 * b + 10 * c + d);
        assert_eq!(x.permute::<1, 3, 2, 0>(), y);
        assert_eq!(y.permute::<3, 0, 2, 1>(), x);
        assert_eq!(x.permute::<0, 1, 2, 3>(), x);
        let y = Tensor::<[[[[usize; 3]; 4]; 5]; 2]>::from_fn(|[a, d, c, b]| 1000 * a + 100 * b + 10 * c + d);
        assert_eq!((x.swap_axes::<1, 3>(), x.swap_axes::<-1, 1>()), (y, y));
        assert_eq!(x.swap_axes::<2, 2>(), x);
        let x = Tensor::<[[[usize; 4]; 3]; 2]>::from_fn(|[a, b, c]| 100 * a + 10 * b + c);
        assert_eq!(x.permute::<2, 0, 1>(), Tensor::<[[[usize; 3]; 2]; 4]>::from_fn(|[c, a, b]| 100 * a + 10 * b + c));
        assert_eq!(Tensor([[1, 2, 3]]).permute::<1, 0>(), Tensor([[1], [2], [3]]));
    }

    /// Every rank: the numbers of y, at its index, are those of x at the index put back.
    macro_rules! of_rank {
        ($($rank:literal: $order:tt = $negative:tt, $shape:ty => $output:ty;)+) => {$({
            let x = Tensor::<$shape>::from_fn(|i| i.iter().fold(0, |code, &i| 10 * code + i));
            let from: [usize; $rank] = $order;
            let y = Tensor::<$output>::from_fn(|i| {
                let mut index = [0; $rank];
                from.iter().zip(i).for_each(|(&axis, i)| index[axis] = i);
                index.iter().fold(0, |code, &i| 10 * code + i)
            });
            assert_eq!(of_rank!(@permute x $order), y);
            assert_eq!(of_rank!(@permute x $negative), y);
        })+};
        (@permute $x:ident [$($axis:literal),+]) => { $x.permute::<$($axis),+>() };
    }

    #[test]
    fn every_rank() {
        of_rank! {
            2: [1, 0] = [-1, -2], [[usize; 3]; 2] => [[usize; 2]; 3];
            3: [2, 0, 1] = [-1, 0, -2], [[[usize; 4]; 3]; 2] => [[[usize; 3]; 2]; 4];
            4: [1, 3, 0, 2] = [-3, 3, -4, 2], [[[[usize; 5]; 4]; 3]; 2] => [[[[usize; 4]; 2]; 5]; 3];
            5: [4, 0, 3, 1, 2] = [-1, -5, -2, -4, -3],
                [[[[[usize; 3]; 2]; 4]; 3]; 2] => [[[[[usize; 4]; 3]; 2]; 2]; 3];
            6: [5, 4, 3, 2, 1, 0] = [-1, -2, -3, -4, -5, -6],
                [[[[[[usize; 3]; 2]; 1]; 4]; 3]; 2] => [[[[[[usize; 2]; 3]; 4]; 1]; 2]; 3];
            7: [1, 0, 3, 2, 6, 5, 4] = [-6, -7, -4, -5, -1, -2, -3],
                [[[[[[[usize; 2]; 3]; 2]; 1]; 4]; 3]; 2] => [[[[[[[usize; 2]; 3]; 2]; 4]; 1]; 2]; 3];
            8: [7, 1, 2, 3, 4, 5, 6, 0] = [-1, 1, -6, 3, -4, 5, -2, 0],
                [[[[[[[[usize; 3]; 1]; 2]; 3]; 2]; 1]; 2]; 2] => [[[[[[[[usize; 2]; 1]; 2]; 3]; 2]; 1]; 2]; 3];
        }
    }

    #[test]
    fn as_operations() {
        let x = wavy::<[[[f64; 4]; 3]; 2], f64>(0.0);
        check(Permute::<2, 0, 1>::new(), &x);
        check(Permute::<1, 0>::new(), &wavy::<[[f64; 4]; 3], f64>(0.0));
        check(Permute::<3, 1, 0, 2>::new(), &wavy::<[[[[f64; 2]; 4]; 1]; 3], f64>(0.0));
        let deep = wavy::<[[[[[[[[f64; 2]; 1]; 2]; 1]; 3]; 1]; 1]; 2], f64>(0.0);
        check(Permute::<7, 1, 2, 3, 4, 5, 6, 0>::new(), &deep);
        check(Permute::<-1, 1, 2, -4, 3, 5, 6, 0>::new(), &deep);
        check(SwapAxes::<-8, 3>::new(), &deep);
        check(SwapAxes::<0, 2>::new(), &x);
        check(SwapAxes::<-2, -3>::new(), &x);
        check_f32(Permute::<2, 0, 1>::new(), Permute::<2, 0, 1>::new(), &x, 1e-6);
        check_f32(SwapAxes::<0, 2>::new(), SwapAxes::<0, 2>::new(), &x, 1e-6);
        check(Permute::<2, 0, 1>::new(), &Tensor::<[[[f64; 2]; 0]; 3]>::zeros());
        check(SwapAxes::<0, 1>::new(), &Tensor::<[[f64; 0]; 3]>::zeros());
        assert_eq!(Tensor::<[[f32; 0]; 3]>::zeros().swap_axes::<0, 1>(), Tensor([]));
    }

    /// Neither asks for a bound where the sizes are generic.
    fn heads<T: Float, const E: usize, const H: usize, const N: usize>(
        x: &Tensor<[[[T; E]; H]; N]>,
    ) -> Tensor<[[[T; E]; N]; H]> {
        assert_eq!(x.swap_axes::<0, 1>(), x.permute::<1, 0, 2>());
        Permute::<1, 0, 2>::new().forward(x)
    }

    #[test]
    fn generic_sizes() {
        assert_eq!(heads(&Tensor([[[1.0f32], [2.0]]])), Tensor([[[1.0]], [[2.0]]]));
    }
}
