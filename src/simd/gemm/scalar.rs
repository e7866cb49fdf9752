//! Products for a machine without vectors, where sums need not have the order of machines with them.
//!
//! What makes a microcontroller fast is to keep sums in registers and to read what lies side by side. So the sums have names: arrays in
//! a loop would be kept in memory by a compiler that optimises for size, which unrolls nothing. And each product is one function for all
//! its sizes, since flash is short, too.

use crate::simd::{Cut, Float};

/// C += A·B.
#[inline(never)]
pub fn nn<T: Float>(_: usize, k: usize, n: usize, a: &[T], b: &[T], c: &mut [T]) {
    if n == 1 {
        // A column lies in memory as a row does.
        return dots(b, a, c);
    }
    for (a, c) in a.runs(k).zip(c.runs_mut(n)) {
        add_rows(a.iter().copied(), b, c);
    }
}

/// C += Aᵀ·B.
#[inline(never)]
pub fn tn<T: Float>(m: usize, k: usize, n: usize, a: &[T], b: &[T], c: &mut [T]) {
    if k == 1 {
        return outer(a, b, c);
    }
    if n == 1 {
        // A vector is its own transpose, and of two the matrix goes to the right.
        return add_rows(b.iter().copied(), a, c);
    }
    for (i, c) in c.runs_mut(n).enumerate() {
        add_rows(a.runs(m).map_while(|row| row.get(i).copied()), b, c);
    }
}

/// C += A·Bᵀ.
#[inline(never)]
pub fn nt<T: Float>(_: usize, k: usize, n: usize, a: &[T], b: &[T], c: &mut [T]) {
    for (a, c) in a.runs(k).zip(c.runs_mut(n)) {
        dots(a, b, c);
    }
}

/// c += the sum of each column of `x`.
#[inline(never)]
pub fn sum_rows<T: Float>(x: &[T], c: &mut [T]) {
    add_rows(core::iter::repeat(T::ONE), x, c);
}

/// c += Σ a · row of B, in strips of columns.
#[inline(always)]
fn add_rows<T: Float>(a: impl Iterator<Item = T> + Clone, b: &[T], c: &mut [T]) {
    let n = c.len();
    let mut at = 0;
    while n - at >= 16 {
        strip16(a.clone(), b, c, at);
        at += 16;
    }
    while n - at >= 4 {
        strip4(a.clone(), b, c, at);
        at += 4;
    }
    while n > at {
        strip1(a.clone(), b, c, at);
        at += 1;
    }
}

/// Defines a strip whose sums have these names.
macro_rules! strip {
    ($name:ident, $width:literal: $($c:ident $b:ident),+) => {
        #[inline(always)]
        fn $name<T: Float>(a: impl Iterator<Item = T>, b: &[T], c: &mut [T], at: usize) {
            let n = c.len();
            let Some(c) = c.get_mut(at..).and_then(|c| c.first_chunk_mut::<$width>()) else { return };
            let [$(mut $c),+] = *c;
            for (a, b) in a.zip(b.runs(n)) {
                let Some(&[$($b),+]) = b.get(at..).and_then(|b| b.first_chunk::<$width>()) else { break };
                $($c = a.mul_add($b, $c);)+
            }
            *c = [$($c),+];
        }
    };
}

strip!(strip16, 16: c0 b0, c1 b1, c2 b2, c3 b3, c4 b4, c5 b5, c6 b6, c7 b7, c8 b8, c9 b9, c10 b10, c11 b11, c12 b12, c13 b13, c14 b14, c15 b15);
strip!(strip4, 4: c0 b0, c1 b1, c2 b2, c3 b3);
strip!(strip1, 1: c0 b0);

/// C += the column a times the row b.
#[inline(always)]
fn outer<T: Float>(a: &[T], b: &[T], c: &mut [T]) {
    for (c, &a) in c.runs_mut(b.len()).zip(a) {
        let ((c8, c), (b8, b)) = (c.as_chunks_mut::<8>(), b.as_chunks::<8>());
        for (c, &[b0, b1, b2, b3, b4, b5, b6, b7]) in c8.iter_mut().zip(b8) {
            let [c0, c1, c2, c3, c4, c5, c6, c7] = *c;
            *c = [
                a.mul_add(b0, c0),
                a.mul_add(b1, c1),
                a.mul_add(b2, c2),
                a.mul_add(b3, c3),
                a.mul_add(b4, c4),
                a.mul_add(b5, c5),
                a.mul_add(b6, c6),
                a.mul_add(b7, c7),
            ];
        }
        for (c, &b) in c.iter_mut().zip(b) {
            *c = a.mul_add(b, *c);
        }
    }
}

/// c += the dot products of a and each row of B.
#[inline(always)]
fn dots<T: Float>(a: &[T], b: &[T], c: &mut [T]) {
    let (a4, a1) = a.as_chunks::<4>();
    for (c, row) in c.iter_mut().zip(b.runs(a.len())) {
        let (b4, b1) = row.as_chunks::<4>();
        let (mut even, mut odd) = (*c, T::ZERO);
        for (&[a0, a1, a2, a3], &[b0, b1, b2, b3]) in a4.iter().zip(b4) {
            even = a0.mul_add(b0, even);
            odd = a1.mul_add(b1, odd);
            even = a2.mul_add(b2, even);
            odd = a3.mul_add(b3, odd);
        }
        for (&a, &b) in a1.iter().zip(b1) {
            even = a.mul_add(b, even);
        }
        *c = even + odd;
    }
}
