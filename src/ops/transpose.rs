//! Transposition.

use super::Function;
use crate::shape::TransposeLast;
use crate::simd::{self, Float, positive};
use crate::tensor::Tensor;

impl<S: TransposeLast> Tensor<S> {
    /// The last two dimensions exchanged, y\[…\]\[j\]\[i\] = x\[…\]\[i\]\[j\]: `…×R×C` gives `…×C×R`. As
    /// [`Tensor.mT`](https://docs.pytorch.org/docs/stable/tensors.html#torch.Tensor.mT), but a new tensor, not a view.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let x = Tensor([[1.0f32, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    /// assert_eq!(x.transpose(), Tensor([[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]));
    /// ```
    #[doc(alias("t", "mT"))]
    pub fn transpose(&self) -> Tensor<S::Transposed> {
        let mut y = Tensor::zeros();
        transpose(self, &mut y);
        y
    }
}

/// y = xᵀ.
pub fn transpose<S: TransposeLast>(x: &Tensor<S>, y: &mut Tensor<S::Transposed>) {
    each_matrix::<S::Elem>([S::ROWS, S::COLS], x.as_slice(), y.as_mut_slice(), simd::transpose, |y, x| *y = x);
}

/// dx += dyᵀ, for y = xᵀ: transposition is its own backward pass.
pub fn transpose_backward<S: TransposeLast<Elem: Float>>(dy: &Tensor<S::Transposed>, dx: &mut Tensor<S>) {
    each_matrix([S::COLS, S::ROWS], dy.as_slice(), dx.as_mut_slice(), simd::add_transposed, |dx, dy| *dx += dy);
}

operation! {
    /// [`Tensor::transpose`] as an operation.
    Transpose
}

impl<S: TransposeLast<Elem: Float>> Function<Tensor<S>> for Transpose {
    type Output = Tensor<S::Transposed>;
    const READS_OUTPUT: bool = false;

    #[inline]
    fn forward(&self, x: &Tensor<S>) -> Self::Output {
        x.transpose()
    }

    #[inline]
    fn backward(&self, _: &Tensor<S>, _: &Self::Output, dy: &Self::Output, dx: &mut Tensor<S>) {
        transpose_backward(dy, dx);
    }
}

/// The rows that are read side by side: what they write next to each other fills a cache line of `f32`.
const STRIP: usize = 16;

/// Puts together the matrices of `y` and those of `x`, of `rows`×`cols`: by the kernel `turn`, or if that says no, each element with its
/// counterpart by `f`.
#[inline]
fn each_matrix<T: Copy>(
    [rows, cols]: [usize; 2],
    x: &[T],
    y: &mut [T],
    turn: impl Fn(usize, usize, &[T], &mut [T]) -> bool,
    f: impl Fn(&mut T, T),
) {
    let length = (rows * cols).max(1);
    for (x, y) in x.chunks_exact(positive(length)).zip(y.chunks_exact_mut(positive(length))) {
        if !turn(rows, cols, x, y) {
            each_transposed(rows, cols, x, y, &f);
        }
    }
}

/// Calls `f` with each element of `y` and its counterpart in `x`, of `rows`×`cols`.
///
/// It goes over `x` in strips of rows. While a strip's columns are read one after the other, its rows stay in the cache, and
/// each column writes a run of neighbours.
#[inline]
fn each_transposed<T: Copy>(rows: usize, cols: usize, x: &[T], y: &mut [T], f: impl Fn(&mut T, T)) {
    for (strip, x) in x.chunks(positive(STRIP * cols)).enumerate() {
        for (j, y) in y.chunks_exact_mut(positive(rows)).enumerate() {
            let column = x.iter().skip(j).step_by(positive(cols));
            y.iter_mut().skip(strip * STRIP).zip(column).for_each(|(y, &x)| f(y, x));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{check, check_f32, check_gradient, wavy};
    use crate::simd::Instructions;

    #[test]
    fn rows_become_columns() {
        let x = wavy::<[[f64; 37]; 35], f64>(0.0);
        assert_eq!(x.transpose(), Tensor::<[[f64; 35]; 37]>::from_fn(|[i, j]| x.0[j][i]));
        assert_eq!(x.transpose().transpose(), x);
        check_gradient(&x, Tensor::transpose, transpose_backward);
    }

    #[test]
    fn every_size_on_every_instruction_set() {
        fn all<const R: usize, const C: usize>() {
            let x = Tensor::<[[i32; C]; R]>::from_fn(|[i, j]| (1000 * i + j) as i32 - 3000);
            let y = Tensor::<[[i32; R]; C]>::from_fn(|[j, i]| (1000 * i + j) as i32 - 3000);
            assert_eq!(x.transpose(), y);
            let x = Tensor::<[[f32; C]; R]>::from_fn(|[i, j]| (1000 * i + j) as f32);
            let y = Tensor::<[[f32; R]; C]>::from_fn(|[j, i]| (1000 * i + j) as f32);
            assert_eq!(x.transpose(), y);
            let mut dx = x;
            transpose_backward(&y, &mut dx);
            assert_eq!(dx, x + x);
        }
        Instructions::each(|_| {
            all::<7, 40>();
            all::<8, 32>();
            all::<9, 67>();
            all::<16, 16>();
            all::<17, 64>();
            all::<37, 65>();
            all::<48, 131>();
            all::<70, 4>();
            all::<70, 5>();
        });
    }

    #[test]
    fn leading_dimensions_stay() {
        let x = Tensor::<[[[[usize; 4]; 3]; 2]; 2]>::from_fn(|[a, b, i, j]| 1000 * a + 100 * b + 10 * i + j);
        let y = Tensor::<[[[[usize; 3]; 4]; 2]; 2]>::from_fn(|[a, b, j, i]| 1000 * a + 100 * b + 10 * i + j);
        assert_eq!(x.transpose(), y);
        let x = wavy::<[[[f64; 4]; 3]; 2], f64>(0.0);
        check_gradient(&x, Tensor::transpose, transpose_backward);
    }

    #[test]
    fn empty_matrices() {
        assert_eq!(Tensor::<[[f32; 0]; 3]>::zeros().transpose(), Tensor::<[[f32; 3]; 0]>::zeros());
        assert_eq!(Tensor::<[[[f32; 2]; 0]; 2]>::zeros().transpose(), Tensor([[[], []], [[], []]]));
    }

    #[test]
    fn as_an_operation() {
        let x = wavy::<[[[f64; 4]; 3]; 2], f64>(0.0);
        check(Transpose::new(), &x);
        check(Transpose::new(), &Tensor::<[[f64; 0]; 3]>::zeros());
        check_f32(Transpose::new(), Transpose::new(), &x, 1e-6);
    }
}
