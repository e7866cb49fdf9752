//! y\[o\] = x₁ᵀ · W\[o\] · x₂ + b\[o\] over pairs of rows: a few matrix products for each o.

use crate::simd::{self, Float, positive};

/// The sizes of a bilinear map.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BilinearSizes {
    /// The number of pairs of rows.
    pub rows: usize,
    /// The lengths of the rows.
    pub inputs: [usize; 2],
    /// The numbers that each pair gives.
    pub outputs: usize,
}

/// y\[o\] = x₁ᵀ · W\[o\] · x₂ + b\[o\].
///
/// x₁: `…×IN1`, x₂: `…×IN2`, weight: `OUT×IN1×IN2`, bias: `OUT`, y: `…×OUT`; `products` is as x₂.
pub fn bilinear<T: Float>(
    sizes: &BilinearSizes,
    [x1, x2]: [&[T]; 2],
    weight: &[T],
    bias: Option<&[T]>,
    y: &mut [T],
    products: &mut [T],
) {
    let BilinearSizes { rows, inputs: [in1, in2], outputs } = *sizes;
    match bias {
        Some(bias) => simd::repeat(bias, y),
        None => y.fill(T::ZERO),
    }
    for (o, weight) in weight.chunks_exact(positive(in1 * in2)).enumerate() {
        products.fill(T::ZERO);
        simd::gemm_nn(rows, in1, in2, x1, weight, products);
        let pairs = products.chunks_exact(positive(in2)).zip(x2.chunks_exact(positive(in2)));
        for (y, (product, x2)) in y.chunks_exact_mut(positive(outputs)).zip(pairs) {
            if let Some(y) = y.get_mut(o) {
                *y += simd::dot(product, x2);
            }
        }
    }
}

/// dW\[o\] += dy\[o\] · x₁ · x₂ᵀ, db += Σ dy over the rows; `scaled` is as x₁.
pub fn bilinear_backward_params<T: Float>(
    sizes: &BilinearSizes,
    [x1, x2]: [&[T]; 2],
    dy: &[T],
    dweight: &mut [T],
    dbias: Option<&mut [T]>,
    scaled: &mut [T],
) {
    let BilinearSizes { rows, inputs: [in1, in2], .. } = *sizes;
    for (o, dweight) in dweight.chunks_exact_mut(positive(in1 * in2)).enumerate() {
        scale_rows(x1, in1, dy, [o, sizes.outputs], scaled);
        simd::gemm_tn(in1, rows, in2, scaled, x2, dweight);
    }
    if let Some(dbias) = dbias {
        simd::sum_rows(dy, dbias);
    }
}

/// dx₁ = Σ dy\[o\] · W\[o\] · x₂, dx₂ = Σ dy\[o\] · W\[o\]ᵀ · x₁; `scaled` are as x₁ and x₂.
pub fn bilinear_backward_input<T: Float>(
    sizes: &BilinearSizes,
    [x1, x2]: [&[T]; 2],
    dy: &[T],
    weight: &[T],
    [dx1, dx2]: [&mut [T]; 2],
    [scaled1, scaled2]: [&mut [T]; 2],
) {
    let BilinearSizes { rows, inputs: [in1, in2], outputs } = *sizes;
    dx1.fill(T::ZERO);
    dx2.fill(T::ZERO);
    for (o, weight) in weight.chunks_exact(positive(in1 * in2)).enumerate() {
        scale_rows(x1, in1, dy, [o, outputs], scaled1);
        scale_rows(x2, in2, dy, [o, outputs], scaled2);
        simd::gemm_nt(rows, in2, in1, scaled2, weight, dx1);
        simd::gemm_nn(rows, in1, in2, scaled1, weight, dx2);
    }
}

/// scaled = dy\[o\] · x, of each row.
fn scale_rows<T: Float>(x: &[T], width: usize, dy: &[T], [o, outputs]: [usize; 2], scaled: &mut [T]) {
    let rows = x.chunks_exact(positive(width)).zip(scaled.chunks_exact_mut(positive(width)));
    for ((x, scaled), dy) in rows.zip(dy.chunks_exact(positive(outputs))) {
        let dy = dy.get(o).copied().unwrap_or(T::ZERO);
        simd::map(x, scaled, |x| dy * x);
    }
}
