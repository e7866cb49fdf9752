//! Each form against the triple loop.

use super::*;
use crate::simd::Instructions;

const SIZES: [usize; 14] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 17, 31, 33];
type Product<T> = fn(usize, usize, usize, &[T], &[T], &mut [T]);

/// Multiples of 1/8 within ±2: their products add up exactly in either type, so that results must match to the bit.
fn numbers<T: Float>(count: usize, seed: usize) -> Vec<T> {
    (0..count).map(|i| ((i + 1) * (seed * 2 + 7919) % 33) as f64 / 8.0 - 2.0).map(T::from_f64).collect()
}

fn transposed<T: Float>(x: &[T], width: usize) -> Vec<T> {
    (0..width).flat_map(|j| x.iter().skip(j).step_by(width).copied()).collect()
}

fn check<T: Float>(m: usize, k: usize, n: usize) {
    check_forms::<T>(m, k, n, [("nn", gemm_nn), ("tn", gemm_tn), ("nt", gemm_nt)]);
    check_forms::<T>(m, k, n, [("small nn", small::gemm_nn), ("small tn", small::gemm_tn), ("small nt", small::gemm_nt)]);
}

fn check_forms<T: Float>(m: usize, k: usize, n: usize, products: [(&str, Product<T>); 3]) {
    let (a, b, c) = (numbers::<T>(m * k, 1), numbers::<T>(k * n, 2), numbers::<T>(m * n, 3));
    let expected: Vec<T> = (0..m * n)
        .map(|at| {
            let (i, j) = (at / n, at % n);
            let dot: f64 = (0..k).map(|p| a[i * k + p].to_f64() * b[p * n + j].to_f64()).sum();
            T::from_f64(c[at].to_f64() + dot)
        })
        .collect();
    let (a_t, b_t) = (transposed(&a, k), transposed(&b, n));
    for ((name, product), (a, b)) in products.into_iter().zip([(&a, &b), (&a_t, &b), (&a, &b_t)]) {
        let mut c = c.clone();
        product(m, k, n, a, b, &mut c);
        assert!(c == expected, "{name} {m}x{k}x{n}");
    }
}

#[test]
fn every_form_is_the_triple_loop() {
    for m in SIZES {
        for k in SIZES {
            for n in SIZES {
                check::<f32>(m, k, n);
                check::<f64>(m, k, n);
            }
        }
    }
}

/// Those of a microcontroller, which other machines do not call.
#[test]
fn products_without_vectors_are_the_triple_loop() {
    for m in SIZES {
        for k in SIZES {
            for n in SIZES {
                check_forms::<f32>(m, k, n, [("nn", scalar::nn), ("tn", scalar::tn), ("nt", scalar::nt)]);
            }
        }
    }
}

#[test]
fn sums_of_rows_without_vectors_are_those_with_them() {
    for (rows, n) in [(1, 1), (7, 10), (33, 70), (257, 19), (600, 5)] {
        let (x, c) = (numbers::<f32>(rows * n, 1), numbers::<f32>(n, 2));
        let (mut scalars, mut vectors) = (c.clone(), c);
        scalar::sum_rows(&x, &mut scalars);
        f32::large_rows(&x, &mut vectors);
        assert_eq!(scalars, vectors, "{rows}x{n}");
    }
}

#[test]
fn packed_panels_and_blocks_of_depth_are_the_triple_loop() {
    for (m, k, n) in
        [(16, 64, 128), (17, 65, 129), (19, 129, 130), (33, 200, 67), (18, 128, 71), (64, 1, 100), (2, 300, 300), (1, 300, 301)]
    {
        check::<f32>(m, k, n);
        check::<f64>(m, k, n);
    }
}

/// Each instruction set of this machine in turn.
#[test]
fn every_instruction_set_is_the_triple_loop() {
    fn all<T: Float>() {
        for (m, k, n) in
            [(1, 130, 300), (1, 259, 1100), (1, 34, 2050), (2, 7, 67), (5, 64, 1), (17, 65, 129), (33, 300, 67), (64, 129, 65)]
        {
            check_forms::<T>(m, k, n, [("nn", T::large_nn), ("tn", T::large_tn), ("nt", T::large_nt)]);
        }
    }
    Instructions::each(|_| {
        all::<f32>();
        all::<f64>();
    });
}

/// However a row is read: its sums are those of a product of two rows, to the bit.
#[test]
fn a_row_alone_adds_up_as_beside_another() {
    fn all<T: Float>() {
        for (k, n) in [(31, 300), (32, 300), (35, 257), (70, 255), (259, 128), (515, 1024), (300, 1100), (270, 2071)] {
            let wavy =
                |count: usize, step: f64| -> Vec<T> { (0..count).map(|i| T::from_f64((i as f64 * step).sin())).collect() };
            let (a, b, c) = (wavy(2 * k, 0.7), wavy(k * n, 0.3), wavy(2 * n, 1.1));
            let (mut both, mut first) = (c.clone(), c[..n].to_vec());
            T::large_nn(2, k, n, &a, &b, &mut both);
            T::large_nn(1, k, n, &a[..k], &b, &mut first);
            assert!(first == both[..n], "{k}x{n}");
        }
    }
    Instructions::each(|_| {
        all::<f32>();
        all::<f64>();
    });
}

/// Rows of few columns, which add up several sums at once, over several blocks along k; panels of a transposed factor that few rows repay;
/// and columns, of more rows than share their loads.
#[test]
fn few_rows_or_columns_on_every_instruction_set_are_the_triple_loop() {
    fn all<T: Float>() {
        let rows =
            [1, 2, 3, 4, 5, 7, 255, 256, 257, 259, 603, 1025].into_iter().flat_map(|k| [2, 3, 5, 8, 9, 16].map(|n| (1, k, n)));
        let packed = [(4, 16, 70), (5, 50, 130), (8, 100, 70), (11, 130, 33), (15, 160, 5)];
        let columns = [(7, 100, 1), (130, 257, 1), (33, 1030, 1)];
        for (m, k, n) in rows.chain(packed).chain(columns) {
            check_forms::<T>(m, k, n, [("nn", T::large_nn), ("tn", T::large_tn), ("nt", T::large_nt)]);
        }
    }
    Instructions::each(|_| {
        all::<f32>();
        all::<f64>();
    });
}

/// A NaN in one row of B must not reach the columns beside it through the surplus lanes.
#[test]
fn surplus_lanes_are_dropped() {
    for (m, n) in [(1, 3), (5, 10), (20, 10), (20, 500)] {
        let mut b = vec![1.0; 20 * n];
        b[n] = f32::NAN;
        let mut c = vec![0.0; m * n];
        gemm_nn(m, 20, n, &vec![1.0; m * 20], &b, &mut c);
        for (at, c) in c.iter().enumerate() {
            assert_eq!(c.is_nan(), at % n == 0, "{m} {n} {at}");
        }
    }
}

#[test]
fn longer_slices_are_read_to_their_matrix_only() {
    let mut c = [0.0; 5];
    gemm_nn(2, 2, 2, &[1.0; 9], &[1.0; 7], &mut c);
    assert_eq!(c, [2.0, 2.0, 2.0, 2.0, 0.0]);
}

#[test]
#[cfg(not(debug_assertions))]
fn short_slices_add_nothing() {
    let mut c = [0.0; 4];
    gemm_nn(2, 2, 2, &[1.0; 3], &[1.0; 4], &mut c);
    gemm_tn(usize::MAX, 2, usize::MAX, &[1.0; 4], &[1.0; 4], &mut c);
    gemm_nt(2, usize::MAX, 2, &[1.0; 4], &[1.0; 4], &mut c);
    assert_eq!(c, [0.0; 4]);
}

/// Each size from 1 to 67 in each dimension, on each instruction set.
#[test]
fn every_size_on_every_instruction_set_is_the_triple_loop() {
    fn all<T: Float>() {
        for size in 1..=67 {
            for (other, another) in [(1, 1), (3, 17), (18, 5), (33, 4)] {
                for (m, k, n) in [(size, other, another), (other, size, another), (other, another, size)] {
                    check_forms::<T>(m, k, n, [("nn", T::large_nn), ("tn", T::large_tn), ("nt", T::large_nt)]);
                }
            }
        }
    }
    Instructions::each(|_| {
        all::<f32>();
        all::<f64>();
    });
}

/// As in the plain loop, on each instruction set: a NaN or an infinity reaches the rows and columns that it is part of, and no other.
#[test]
fn what_is_not_finite_stays_where_it_belongs() {
    fn all<T: Float>() {
        let forms: [(&str, Product<T>); 3] = [("nn", T::large_nn), ("tn", T::large_tn), ("nt", T::large_nt)];
        for (m, k, n) in [(1, 20, 9), (1, 9, 40), (3, 5, 7), (17, 33, 35), (20, 300, 33), (2, 70, 5)] {
            for bad in [T::NAN, T::INFINITY] {
                let (row, inner, column) = (m / 2, k / 2, n / 2);
                for (name, product) in forms {
                    let (mut a, mut b) = (vec![T::ONE; m * k], vec![T::ONE; k * n]);
                    a[if name == "tn" { inner * m + row } else { row * k + inner }] = bad;
                    let mut c = vec![T::ZERO; m * n];
                    product(m, k, n, &a, &b, &mut c);
                    assert!(c.iter().enumerate().all(|(at, c)| c.is_finite() == (at / n != row)), "{name} {m}x{k}x{n}");
                    a.fill(T::ONE);
                    b[if name == "nt" { column * k + inner } else { inner * n + column }] = bad;
                    c.fill(T::ZERO);
                    product(m, k, n, &a, &b, &mut c);
                    assert!(c.iter().enumerate().all(|(at, c)| c.is_finite() == (at % n != column)), "{name} {m}x{k}x{n}");
                }
            }
        }
    }
    Instructions::each(|_| {
        all::<f32>();
        all::<f64>();
    });
}
