//! y = x · W + b over rows. W is stored `[IN][OUT]`, so all but the input's gradient run along OUT.

use crate::shape::Rows;
use crate::simd::{self, Float, product};
use crate::tensor::Tensor;

/// y = x · W + b.
///
/// x: `…×IN`, weight: `IN×OUT`, bias: `OUT`, y: `…×OUT`.
#[inline]
pub fn linear<T: Float, S, L, const IN: usize, const OUT: usize>(
    x: &Tensor<S>,
    weight: &Tensor<[[T; OUT]; IN]>,
    bias: Option<&Tensor<[T; OUT]>>,
    y: &mut Tensor<S::With<OUT>>,
) where
    S: Rows<IN, L, Scalar = T>,
{
    match bias {
        Some(bias) => simd::repeat(bias.as_slice(), y.as_mut_slice()),
        None => y.fill(T::ZERO),
    }
    product!(gemm_nn(S::ROWS, IN, OUT, x.as_slice(), weight.as_slice(), y.as_mut_slice()));
}

/// dx = dy · Wᵀ.
#[inline]
pub fn linear_backward_input<T: Float, S, L, const IN: usize, const OUT: usize>(
    dy: &Tensor<S::With<OUT>>,
    weight: &Tensor<[[T; OUT]; IN]>,
    dx: &mut Tensor<S>,
) where
    S: Rows<IN, L, Scalar = T>,
{
    dx.fill(T::ZERO);
    product!(gemm_nt(S::ROWS, OUT, IN, dy.as_slice(), weight.as_slice(), dx.as_mut_slice()));
}

/// dW += xᵀ · dy, db += Σ dy over the rows.
#[inline]
pub fn linear_backward_params<T: Float, S, L, const IN: usize, const OUT: usize>(
    x: &Tensor<S>,
    dy: &Tensor<S::With<OUT>>,
    dweight: &mut Tensor<[[T; OUT]; IN]>,
    dbias: Option<&mut Tensor<[T; OUT]>>,
) where
    S: Rows<IN, L, Scalar = T>,
{
    product!(gemm_tn(IN, S::ROWS, OUT, x.as_slice(), dy.as_slice(), dweight.as_mut_slice()));
    if let Some(dbias) = dbias {
        simd::sum_rows(dy.as_slice(), dbias.as_mut_slice());
    }
}
