//! Matrix products of the linear-algebra crates. Storage is row-major throughout; a transposed operand is a view.

use std::hint::black_box;

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use nalgebra::{Dyn, MatrixView, MatrixViewMut};

use crate::inputs::Inputs;
use crate::program::Program;

/// C = A · B or C += A · B of M×K by K×N, whose operands may be stored transposed.
#[derive(Clone, Copy)]
struct Product {
    m: usize,
    k: usize,
    n: usize,
    a_transposed: bool,
    b_transposed: bool,
    adds: bool,
}

impl Product {
    fn of(task: &str, a: &[usize], b: &[usize]) -> Option<Self> {
        let (a_transposed, b_transposed) = match task {
            "nn" => (false, false),
            "tn" => (true, false),
            "nt" => (false, true),
            _ => return None,
        };
        let [m, k] = if a_transposed { [a[1], a[0]] } else { [a[0], a[1]] };
        let n = if b_transposed { b[0] } else { b[1] };
        Some(Self { m, k, n, a_transposed, b_transposed, adds: task != "nn" })
    }

    /// Of A: from row to row, and from column to column.
    fn a_strides(&self) -> [isize; 2] {
        if self.a_transposed { [1, self.m as isize] } else { [self.k as isize, 1] }
    }

    /// Of B.
    fn b_strides(&self) -> [isize; 2] {
        if self.b_transposed { [1, self.k as isize] } else { [self.n as isize, 1] }
    }

    fn factor(&self) -> f32 {
        if self.adds { 1.0 } else { 0.0 }
    }

    fn check(&self, a: &[f32], b: &[f32], c: &[f32]) {
        assert_eq!([a.len(), b.len(), c.len()], [self.m * self.k, self.k * self.n, self.m * self.n]);
    }

    fn matrixmultiply(&self, a: &[f32], b: &[f32], c: &mut [f32]) {
        self.check(a, b, c);
        let ([a_row, a_col], [b_row, b_col], n) = (self.a_strides(), self.b_strides(), self.n as isize);
        let (a, b, c) = (a.as_ptr(), b.as_ptr(), c.as_mut_ptr());
        // SAFETY: the slices are as long as their matrices, which `check` made sure of.
        unsafe {
            let (factor, m, k) = (self.factor(), self.m, self.k);
            matrixmultiply::sgemm(m, k, self.n, 1.0, a, a_row, a_col, b, b_row, b_col, factor, c, n, 1);
        }
    }

    fn gemm(&self, a: &[f32], b: &[f32], c: &mut [f32]) {
        self.check(a, b, c);
        let ([a_row, a_col], [b_row, b_col], n) = (self.a_strides(), self.b_strides(), self.n as isize);
        let (a, b, c) = (a.as_ptr(), b.as_ptr(), c.as_mut_ptr());
        let (m, k, one) = (self.m, self.k, gemm::Parallelism::None);
        // SAFETY: the slices are as long as their matrices, which `check` made sure of.
        unsafe {
            let (no, factor) = (false, self.factor());
            gemm::gemm(m, self.n, k, c, 1, n, self.adds, a, a_col, a_row, b, b_col, b_row, factor, 1.0, no, no, no, one);
        }
    }

    /// faer likes a column-major output best: what is a row-major M×N to us is a column-major N×M to it, so Cᵀ = Bᵀ · Aᵀ.
    fn faer(&self, a: &[f32], b: &[f32], c: &mut [f32]) {
        let view = |x, transposed, rows, columns| match transposed {
            true => MatRef::from_row_major_slice(x, rows, columns),
            false => MatRef::from_column_major_slice(x, rows, columns),
        };
        let (b, a) = (view(b, self.b_transposed, self.n, self.k), view(a, self.a_transposed, self.k, self.m));
        let c = MatMut::from_column_major_slice_mut(c, self.n, self.m);
        matmul(c, if self.adds { Accum::Add } else { Accum::Replace }, b, a, 1.0, Par::Seq);
    }

    /// The same for nalgebra, which stores columns. A transposed operand is transposed first: its own product of one is slower by far.
    fn nalgebra(&self, a: &[f32], b: &[f32], c: &mut [f32]) {
        let (m, k, n) = (self.m, self.k, self.n);
        let mut c = MatrixViewMut::<f32, Dyn, Dyn>::from_slice_generic(c, Dyn(n), Dyn(m));
        let factor = self.factor();
        match (self.a_transposed, self.b_transposed) {
            (false, false) => c.gemm(1.0, &view(b, n, k), &view(a, k, m), factor),
            (true, _) => c.gemm(1.0, &view(b, n, k), &view(a, m, k).transpose(), factor),
            (_, true) => c.gemm(1.0, &view(b, k, n).transpose(), &view(a, k, m), factor),
        }
    }
}

fn view(x: &[f32], rows: usize, columns: usize) -> MatrixView<'_, f32, Dyn, Dyn> {
    MatrixView::<f32, Dyn, Dyn>::from_slice_generic(x, Dyn(rows), Dyn(columns))
}

type Multiply = fn(&Product, &[f32], &[f32], &mut [f32]);

const CRATES: [(&str, Multiply); 4] = [
    ("matrixmultiply", Product::matrixmultiply),
    ("gemm", Product::gemm),
    ("faer", Product::faer),
    ("nalgebra", Product::nalgebra),
];

/// The programs of the four crates.
pub fn programs(task: &str, inputs: &Inputs) -> Vec<Program> {
    if !["nn", "tn", "nt"].contains(&task) {
        return Vec::new();
    }
    let (a, b) = (inputs.get("a"), inputs.get("b"));
    let Some(product) = Product::of(task, &a.dims, &b.dims) else { return Vec::new() };
    let program = |(name, multiply): (&str, Multiply)| {
        let (a, b) = (a.data.clone(), b.data.clone());
        let start = move || vec![0.0f32; product.m * product.n];
        let run = move |c: &mut Vec<f32>| multiply(&product, black_box(&a), black_box(&b), c);
        Program::new(name, start, run, Vec::clone)
    };
    CRATES.map(program).into_iter().collect()
}
