//! Matrix products. NN overwrites C, as a forward pass does; TN and NT add to it, as the gradients of a layer do. The sizes of TN and
//! NT are those of the gradients of the layer whose forward pass is NN: dW += xᵀ · dy, dx += dy · Wᵀ.

use std::hint::black_box;

use adamant::prelude::*;
use adamant::simd::{gemm_nt, gemm_tn};

use super::programs::randn;
use crate::inputs::Inputs;
use crate::program::Program;
use crate::row::{Row, Work};

pub const ROWS: &[fn() -> Row] = &[
    nn::<64, 128, 784>,
    nn::<32, 64, 64>,
    nn::<256, 256, 256>,
    tn::<64, 128, 784>,
    tn::<32, 64, 64>,
    tn::<256, 256, 256>,
    nt::<64, 128, 784>,
    nt::<32, 64, 64>,
    nt::<256, 256, 256>,
];

fn row(kind: &str, task: &'static str, [m, n, k]: [usize; 3], inputs: Inputs, program: Program) -> Row {
    let work = Work::Flops(2.0 * (m * n * k) as f64);
    let row = Row::new(format!("product {kind} {m}×{n}×{k}"), task, inputs, work, program);
    // Sums of k terms, in whatever order.
    Row { tolerance: 1e-4 * (k as f32).sqrt(), ..row }
}

/// C = A · B for the layer's batch of `M`, `K` inputs and `N` outputs.
fn nn<const M: usize, const N: usize, const K: usize>() -> Row {
    let (a, b) = (randn::<[[f32; K]; M]>(2), randn::<[[f32; N]; K]>(3));
    let inputs = Inputs::default().with("a", &a).with("b", &b);
    let run = move |c: &mut Box<Tensor<[[f32; N]; M]>>| black_box(&a).matmul_into(black_box(&*b), c);
    let program = Program::new("adamant", Tensor::boxed, run, |c| c.as_slice().to_vec());
    row("NN", "nn", [M, N, K], inputs, program)
}

/// C += Aᵀ · B: a weight's gradient, K×N.
fn tn<const M: usize, const N: usize, const K: usize>() -> Row {
    let (a, b) = (randn::<[[f32; K]; M]>(2), randn::<[[f32; N]; M]>(3));
    let inputs = Inputs::default().with("a", &a).with("b", &b);
    let run = move |c: &mut Box<Tensor<[[f32; N]; K]>>| {
        gemm_tn(K, M, N, black_box(a.as_slice()), black_box(b.as_slice()), c.as_mut_slice());
    };
    row("TN", "tn", [K, N, M], inputs, Program::new("adamant", Tensor::boxed, run, |c| c.as_slice().to_vec()))
}

/// C += A · Bᵀ: an input's gradient, M×K.
fn nt<const M: usize, const N: usize, const K: usize>() -> Row {
    let (a, b) = (randn::<[[f32; N]; M]>(2), randn::<[[f32; N]; K]>(3));
    let inputs = Inputs::default().with("a", &a).with("b", &b);
    let run = move |c: &mut Box<Tensor<[[f32; K]; M]>>| {
        gemm_nt(M, N, K, black_box(a.as_slice()), black_box(b.as_slice()), c.as_mut_slice());
    };
    row("NT", "nt", [M, K, N], inputs, Program::new("adamant", Tensor::boxed, run, |c| c.as_slice().to_vec()))
}
