//! Products of matrices and vectors.

use super::{Function2, Sink};
use crate::shape::Shape;
use crate::simd::{self, Float, product};
use crate::tensor::Tensor;

/// Which shapes multiply, and to what: `…×K` by `K×N`, with equal leading dimensions or a right-hand side without any.
///
/// It holds in generic code for every size: `[[T; K]; M]: Multiply<[[T; N]; K]>` needs no bound.
///
/// | left | right | output | |
/// |---|---|---|---|
/// | `K` | `K×N` | `N` | vector · matrix |
/// | `M×K` | `K` | `M` | matrix · vector |
/// | `M×K` | `K×N` | `M×N` | matrix · matrix |
/// | `…×M×K` | `K` or `K×N` | `…×M` or `…×M×N` | each matrix by the same right-hand side |
/// | `…×M×K` | `…×K×N` | `…×M×N` | matrix by matrix |
#[diagnostic::on_unimplemented(
    message = "cannot multiply `{Self}` by `{Rhs}`",
    label = "the inner dimensions must be equal: `[[T; K]; M]` by `[[T; N]; K]`",
    note = "a shape reads from the inside: `[[f32; 3]; 2]` has 2 rows of 3 columns",
    note = "the left's columns must be as many as the right's rows; leading dimensions must be equal, or the right has none"
)]
pub trait Multiply<Rhs>: Shape<Elem: Float> {
    /// The product's shape.
    type Output: Shape<Elem = Self::Elem>;
    /// The rows of a left and an output matrix (M).
    const ROWS: usize;
    /// The columns of a left and the rows of a right matrix (K).
    const INNER: usize;
    /// The columns of a right and an output matrix (N).
    const COLS: usize;
}

#[diagnostic::do_not_recommend]
impl<T: Float, const K: usize, const N: usize> Multiply<[[T; N]; K]> for [T; K] {
    type Output = [T; N];
    const ROWS: usize = 1;
    const INNER: usize = K;
    const COLS: usize = N;
}

#[diagnostic::do_not_recommend]
impl<T: Float, const M: usize, const K: usize> Multiply<[T; K]> for [[T; K]; M] {
    type Output = [T; M];
    const ROWS: usize = M;
    const INNER: usize = K;
    const COLS: usize = 1;
}

#[diagnostic::do_not_recommend]
impl<T: Float, const M: usize, const K: usize, const N: usize> Multiply<[[T; N]; K]> for [[T; K]; M] {
    type Output = [[T; N]; M];
    const ROWS: usize = M;
    const INNER: usize = K;
    const COLS: usize = N;
}

#[diagnostic::do_not_recommend]
impl<T: Float, const B: usize, const M: usize, const K: usize, const N: usize> Multiply<[[[T; N]; K]; B]> for [[[T; K]; M]; B] {
    type Output = [[[T; N]; M]; B];
    const ROWS: usize = M;
    const INNER: usize = K;
    const COLS: usize = N;
}

/// One more leading dimension on the left: the matrices lie below each other, and are one tall matrix to the right-hand side.
macro_rules! shared {
    ([$($cols:ident)?] $right:ty) => {
        #[diagnostic::do_not_recommend]
        impl<T: Float, A, const X: usize, const Y: usize, const B: usize, const K: usize $(, const $cols: usize)?>
            Multiply<$right> for [[[A; X]; Y]; B]
        where
            A: Shape,
            [[A; X]; Y]: Multiply<$right>,
            Self: Shape<Elem = <[[A; X]; Y] as Shape>::Elem>,
        {
            type Output = [<[[A; X]; Y] as Multiply<$right>>::Output; B];
            const ROWS: usize = B * <[[A; X]; Y] as Multiply<$right>>::ROWS;
            const INNER: usize = <[[A; X]; Y] as Multiply<$right>>::INNER;
            const COLS: usize = <[[A; X]; Y] as Multiply<$right>>::COLS;
        }
    };
}

shared!([] [T; K]);
shared!([N] [[T; N]; K]);

/// One more leading dimension on both sides.
#[diagnostic::do_not_recommend]
impl<A, C, const X: usize, const Y: usize, const Z: usize, const U: usize, const V: usize, const B: usize>
    Multiply<[[[[C; U]; V]; Z]; B]> for [[[[A; X]; Y]; Z]; B]
where
    A: Shape,
    C: Shape,
    [[[A; X]; Y]; Z]: Multiply<[[[C; U]; V]; Z]>,
    Self: Shape<Elem = <[[[A; X]; Y]; Z] as Shape>::Elem>,
{
    type Output = [<[[[A; X]; Y]; Z] as Multiply<[[[C; U]; V]; Z]>>::Output; B];
    const ROWS: usize = <[[[A; X]; Y]; Z] as Multiply<[[[C; U]; V]; Z]>>::ROWS;
    const INNER: usize = <[[[A; X]; Y]; Z] as Multiply<[[[C; U]; V]; Z]>>::INNER;
    const COLS: usize = <[[[A; X]; Y]; Z] as Multiply<[[[C; U]; V]; Z]>>::COLS;
}

impl<S: Shape> Tensor<S> {
    /// The matrix product Y = A · B, y\[i\]\[j\] = Σₖ a\[i\]\[k\] · b\[k\]\[j\].
    ///
    /// `M×K` by `K×N` gives `M×N`; [`Multiply`] lists the other shapes. With K = 0 the product is zero. After
    /// [`torch.matmul`](https://docs.pytorch.org/docs/stable/generated/torch.matmul.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let a = Tensor([[1.0f32, 2.0], [3.0, 4.0]]);
    /// let b = Tensor([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]);
    /// assert_eq!(a.matmul(&b), Tensor([[1.0, 2.0, 3.0], [3.0, 4.0, 7.0]]));
    /// assert_eq!(Tensor([1.0f32, 1.0]).matmul(&b), Tensor([1.0, 1.0, 2.0]));
    /// ```
    /// ```compile_fail
    /// # use adamant::prelude::*;
    /// let a = Tensor([[1.0f32, 2.0]]);
    /// a.matmul(&a); // error: cannot multiply `[[f32; 2]; 1]` by `[[f32; 2]; 1]`
    /// ```
    #[doc(alias("mm", "bmm", "einsum"))]
    #[inline]
    pub fn matmul<R: Shape<Elem = S::Elem>>(&self, right: &Tensor<R>) -> Tensor<S::Output>
    where
        S: Multiply<R>,
    {
        let mut product = Tensor::zeros();
        multiply(self, right, &mut product);
        product
    }

    /// As [`matmul`](Self::matmul), written over `product`.
    #[inline]
    pub fn matmul_into<R: Shape<Elem = S::Elem>>(&self, right: &Tensor<R>, product: &mut Tensor<S::Output>)
    where
        S: Multiply<R>,
    {
        product.fill(S::Elem::ZERO);
        multiply(self, right, product);
    }
}

/// Y += A · B.
#[inline]
fn multiply<L: Multiply<R>, R: Shape<Elem = L::Elem>>(a: &Tensor<L>, b: &Tensor<R>, y: &mut Tensor<L::Output>) {
    let (m, k, n) = (L::ROWS, L::INNER, L::COLS);
    products(a.as_slice(), m * k, b.as_slice(), k * n, y.as_mut_slice(), m * n, |a, b, y| {
        product!(gemm_nn(L::ROWS, L::INNER, L::COLS, a, b, y));
    });
}

/// dA += dY · Bᵀ, for Y = A · B.
#[inline]
pub fn matmul_backward_lhs<L: Multiply<R>, R: Shape<Elem = L::Elem>>(
    b: &Tensor<R>,
    dy: &Tensor<L::Output>,
    da: &mut Tensor<L>,
) {
    let (m, k, n) = (L::ROWS, L::INNER, L::COLS);
    products(dy.as_slice(), m * n, b.as_slice(), k * n, da.as_mut_slice(), m * k, |dy, b, da| {
        product!(gemm_nt(L::ROWS, L::COLS, L::INNER, dy, b, da));
    });
}

/// dB += Aᵀ · dY, for Y = A · B. A right-hand side that many matrices share gets the sum over all of them.
#[inline]
pub fn matmul_backward_rhs<L: Multiply<R>, R: Shape<Elem = L::Elem>>(
    a: &Tensor<L>,
    dy: &Tensor<L::Output>,
    db: &mut Tensor<R>,
) {
    let (m, k, n) = (L::ROWS, L::INNER, L::COLS);
    products(a.as_slice(), m * k, dy.as_slice(), m * n, db.as_mut_slice(), k * n, |a, dy, db| {
        product!(gemm_tn(L::INNER, L::ROWS, L::COLS, a, dy, db));
    });
}

/// [`Tensor::matmul`] as an operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct MatMul;

impl MatMul {
    /// The operation; it has no settings.
    pub const fn new() -> Self {
        Self
    }
}

impl<L: Multiply<R>, R: Shape<Elem = L::Elem>> Function2<Tensor<L>, Tensor<R>> for MatMul {
    type Output = Tensor<L::Output>;
    const READS_OUTPUT: bool = false;
    const MACS: u64 = L::Output::LEN as u64 * L::INNER as u64;
    const BACKPROP_BYTES: usize = size_of::<Self::Output>();

    #[inline]
    fn forward(&self, a: &Tensor<L>, b: &Tensor<R>) -> Tensor<L::Output> {
        a.matmul(b)
    }

    #[inline]
    fn backward_a(&self, _: &Tensor<L>, b: &Tensor<R>, _: &Tensor<L::Output>, dy: &Tensor<L::Output>, da: &mut Tensor<L>) {
        matmul_backward_lhs(b, dy, da);
    }

    #[inline]
    fn backward_b(&self, a: &Tensor<L>, _: &Tensor<R>, _: &Tensor<L::Output>, dy: &Tensor<L::Output>, db: &mut Tensor<R>) {
        matmul_backward_rhs(a, dy, db);
    }

    #[inline]
    fn backprop<F>(
        &self,
        a: &mut Tensor<L>,
        b: &Tensor<R>,
        db: &mut impl Sink<Tensor<R>>,
        next: impl FnOnce(&mut Tensor<L::Output>) -> F,
    ) -> F {
        let mut dy = a.matmul(b);
        let result = next(&mut dy);
        db.accumulate(|db| matmul_backward_rhs(a, &dy, db));
        a.fill(L::Elem::ZERO);
        matmul_backward_lhs(b, &dy, a);
        result
    }
}

/// Calls `product` with one matrix of each after another, of so many numbers. Without numbers there is no product to add.
#[inline]
fn products<T>(
    a: &[T],
    a_len: usize,
    b: &[T],
    b_len: usize,
    c: &mut [T],
    c_len: usize,
    product: impl Fn(&[T], &[T], &mut [T]),
) {
    let a = a.chunks_exact(a_len.max(1));
    let b = b.chunks_exact(b_len.max(1));
    let c = c.chunks_exact_mut(c_len.max(1));
    for ((a, b), c) in a.zip(b).zip(c) {
        product(a, b, c);
    }
}

impl<T: Float, const N: usize> Tensor<[T; N]> {
    /// The inner product Σᵢ aᵢ · bᵢ of two vectors; 0 for empty ones. After
    /// [`torch.dot`](https://docs.pytorch.org/docs/stable/generated/torch.dot.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([1.0f32, 2.0]).dot(&Tensor([3.0, 4.0])), 11.0);
    /// ```
    #[inline]
    pub fn dot(&self, other: &Self) -> T {
        simd::dot(self.as_slice(), other.as_slice())
    }

    /// The outer product, y\[i\]\[j\] = aᵢ · bⱼ: `M` and `N` give `M×N`. After
    /// [`torch.outer`](https://docs.pytorch.org/docs/stable/generated/torch.outer.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([1.0f32, 2.0]).outer(&Tensor([3.0, 4.0, 5.0])), Tensor([[3.0, 4.0, 5.0], [6.0, 8.0, 10.0]]));
    /// ```
    #[doc(alias = "ger")]
    #[inline]
    pub fn outer<const M: usize>(&self, other: &Tensor<[T; M]>) -> Tensor<[[T; M]; N]> {
        let mut y = Tensor::zeros();
        product!(gemm_nn(N, 1, M, self.as_slice(), other.as_slice(), y.as_mut_slice()));
        y
    }
}

/// da += dy · b, for y = a.dot(b). The same gives db, from a.
#[inline]
pub fn dot_backward<T: Float, const N: usize>(b: &Tensor<[T; N]>, dy: T, da: &mut Tensor<[T; N]>) {
    da.axpy(dy, b);
}

/// da += dY · b, for Y = a.outer(b).
#[inline]
pub fn outer_backward_lhs<T: Float, const M: usize, const N: usize>(
    b: &Tensor<[T; N]>,
    dy: &Tensor<[[T; N]; M]>,
    da: &mut Tensor<[T; M]>,
) {
    product!(gemm_nn(M, N, 1, dy.as_slice(), b.as_slice(), da.as_mut_slice()));
}

/// db += a · dY, for Y = a.outer(b).
#[inline]
pub fn outer_backward_rhs<T: Float, const M: usize, const N: usize>(
    a: &Tensor<[T; M]>,
    dy: &Tensor<[[T; N]; M]>,
    db: &mut Tensor<[T; N]>,
) {
    product!(gemm_nn(1, M, N, a.as_slice(), dy.as_slice(), db.as_mut_slice()));
}

operation! {
    /// [`Tensor::dot`] as an operation.
    Dot
}

impl<T: Float, const N: usize> Function2<Tensor<[T; N]>, Tensor<[T; N]>> for Dot {
    type Output = T;
    const READS_OUTPUT: bool = false;
    const MACS: u64 = N as u64;

    #[inline]
    fn forward(&self, a: &Tensor<[T; N]>, b: &Tensor<[T; N]>) -> T {
        a.dot(b)
    }

    #[inline]
    fn backward_a(&self, _: &Tensor<[T; N]>, b: &Tensor<[T; N]>, _: &T, dy: &T, da: &mut Tensor<[T; N]>) {
        dot_backward(b, *dy, da);
    }

    #[inline]
    fn backward_b(&self, a: &Tensor<[T; N]>, _: &Tensor<[T; N]>, _: &T, dy: &T, db: &mut Tensor<[T; N]>) {
        dot_backward(a, *dy, db);
    }
}

operation! {
    /// [`Tensor::outer`] as an operation.
    Outer
}

impl<T: Float, const M: usize, const N: usize> Function2<Tensor<[T; M]>, Tensor<[T; N]>> for Outer {
    type Output = Tensor<[[T; N]; M]>;
    const READS_OUTPUT: bool = false;
    const MACS: u64 = M as u64 * N as u64;

    #[inline]
    fn forward(&self, a: &Tensor<[T; M]>, b: &Tensor<[T; N]>) -> Self::Output {
        a.outer(b)
    }

    #[inline]
    fn backward_a(&self, _: &Tensor<[T; M]>, b: &Tensor<[T; N]>, _: &Self::Output, dy: &Self::Output, da: &mut Tensor<[T; M]>) {
        outer_backward_lhs(b, dy, da);
    }

    #[inline]
    fn backward_b(&self, a: &Tensor<[T; M]>, _: &Tensor<[T; N]>, _: &Self::Output, dy: &Self::Output, db: &mut Tensor<[T; N]>) {
        outer_backward_rhs(a, dy, db);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{check_gradient, check2, wavy};

    /// Holds the product and both gradients against loops and finite differences.
    fn check<L: Multiply<R, Elem = f64>, R: Shape<Elem = f64>>() {
        let (a, b) = (wavy::<L, f64>(0.0), wavy::<R, f64>(1.0));
        let y = a.matmul(&b);
        let (m, k, n) = (L::ROWS, L::INNER, L::COLS);
        for (at, y) in y.iter().enumerate() {
            let (p, i, j) = (at / (m * n), at / n % m, at % n);
            let term = |l| a.as_slice()[(p * m + i) * k + l] * b.as_slice()[(p * k + l) * n + j];
            let expected: f64 = (0..k).map(term).sum();
            assert!((y - expected).abs() < 1e-12, "y[{at}] is {y}, not {expected}");
        }
        check_gradient(&a, |a| a.matmul(&b), |dy, da| matmul_backward_lhs(&b, dy, da));
        check_gradient(&b, |b| a.matmul(b), |dy, db| matmul_backward_rhs(&a, dy, db));
    }

    #[test]
    fn every_pair_of_ranks() {
        check::<[f64; 5], [[f64; 3]; 5]>();
        check::<[[f64; 5]; 4], [f64; 5]>();
        check::<[[f64; 5]; 4], [[f64; 3]; 5]>();
        check::<[[f64; 19]; 21], [[f64; 17]; 19]>();
        check::<[[[f64; 5]; 4]; 2], [f64; 5]>();
        check::<[[[f64; 5]; 4]; 2], [[f64; 3]; 5]>();
        check::<[[[[f64; 5]; 4]; 2]; 3], [[f64; 3]; 5]>();
        check::<[[[f64; 5]; 4]; 2], [[[f64; 3]; 5]; 2]>();
        check::<[[[[f64; 5]; 4]; 2]; 3], [[[[f64; 3]; 5]; 2]; 3]>();
    }

    #[test]
    fn the_shapes_of_the_outputs() {
        let batch = Tensor([[[1.0f32, 2.0]; 3]; 4]);
        let _: Tensor<[[[f32; 5]; 3]; 4]> = batch.matmul(&Tensor([[1.0; 5]; 2]));
        let _: Tensor<[[[f32; 5]; 3]; 4]> = batch.matmul(&Tensor([[[1.0; 5]; 2]; 4]));
        let y: Tensor<[[f32; 3]; 4]> = batch.matmul(&Tensor([1.0, 10.0]));
        assert_eq!(y, Tensor::full(21.0));
    }

    #[test]
    fn products_are_written_over_their_buffer() {
        let (a, b) = (wavy::<[[f32; 3]; 2], f32>(0.0), wavy::<[[f32; 4]; 3], f32>(1.0));
        let mut y = Tensor::full(9.0);
        a.matmul_into(&b, &mut y);
        assert_eq!(y, a.matmul(&b));
    }

    #[test]
    fn empty_dimensions_give_zeros_or_nothing() {
        let wide = Tensor::<[[f32; 0]; 2]>::zeros().matmul(&Tensor::<[[f32; 3]; 0]>::zeros());
        assert_eq!(wide, Tensor([[0.0; 3]; 2]));
        assert_eq!(Tensor::<[[f32; 3]; 0]>::zeros().matmul(&Tensor([[1.0; 2]; 3])), Tensor([]));
        assert_eq!(Tensor([[1.0f32; 3]; 2]).matmul(&Tensor::<[[f32; 0]; 3]>::zeros()), Tensor([[], []]));
        let mut da = Tensor::<[[f32; 0]; 2]>::zeros();
        matmul_backward_lhs(&Tensor::<[[f32; 3]; 0]>::zeros(), &wide, &mut da);
        assert_eq!(Tensor::<[[[f32; 2]; 2]; 0]>::zeros().matmul(&Tensor([[1.0; 2]; 2])), Tensor([]));
    }

    #[test]
    fn dot_and_outer() {
        let (a, b) = (wavy::<[f64; 37], f64>(0.0), wavy::<[f64; 37], f64>(1.0));
        let expected: f64 = a.iter().zip(&b).map(|(a, b)| a * b).sum();
        assert!((a.dot(&b) - expected).abs() < 1e-12);
        check_gradient(&a, |a| Tensor(a.dot(&b)), |dy, da| dot_backward(&b, dy.0, da));
        let b = wavy::<[f64; 5], f64>(1.0);
        assert_eq!(a.outer(&b), Tensor::<[[f64; 5]; 37]>::from_fn(|[i, j]| a.0[i] * b.0[j]));
        check_gradient(&a, |a| a.outer(&b), |dy, da| outer_backward_lhs(&b, dy, da));
        check_gradient(&b, |b| a.outer(b), |dy, db| outer_backward_rhs(&a, dy, db));
        assert_eq!(Tensor::<[f32; 0]>::zeros().dot(&Tensor([])), 0.0);
    }

    /// The product needs no bound where the sizes are generic.
    fn layer<T: Float, const I: usize, const O: usize, const B: usize>(
        x: &Tensor<[[T; I]; B]>,
        w: &Tensor<[[T; O]; I]>,
    ) -> Tensor<[[T; O]; B]> {
        x.matmul(w)
    }

    #[test]
    fn generic_sizes() {
        assert_eq!(layer(&Tensor([[1.0f32, 2.0]]), &Tensor([[3.0], [4.0]])), Tensor([[11.0]]));
    }

    #[test]
    fn as_operations() {
        let (a, b) = (wavy::<[f64; 7], f64>(0.0), wavy::<[f64; 7], f64>(1.0));
        check2(Dot::new(), &a, &b);
        check2(Dot::new(), &Tensor::<[f64; 0]>::zeros(), &Tensor([]));
        check2(Outer::new(), &a, &Tensor([2.0, 3.0]));
        check2(Outer::new(), &a, &Tensor::<[f64; 0]>::zeros());
        check2(MatMul::new(), &wavy::<[[f64; 3]; 2], f64>(0.0), &wavy::<[[f64; 4]; 3], f64>(1.0));
    }
}
