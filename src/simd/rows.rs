//! Rows of `n` numbers that lie one after the other, each worked on by itself: softmax along the innermost axis.
//!
//! A row is read in vectors of as many lanes as it fills, up to 32. At its end a vector holds numbers of the next row, too; they are
//! not used, and written back as they were.

use super::lanes::Lanes;
use super::{Float, positive};

/// Calls `$row` for each row, with lanes for its length.
macro_rules! each_row {
    ($x:ident, $n:ident, |$at:ident| $row:ident($($argument:expr),+)) => {{
        let mut $at = 0;
        while $at < $x.len() && $n > 0 {
            match $n {
                ..=8 => $row::<T, 8>($($argument),+),
                ..=16 => $row::<T, 16>($($argument),+),
                _ => $row::<T, 32>($($argument),+),
            }
            $at += $n;
        }
    }};
}

/// yᵢ = eˣⁱ / Σⱼ eˣʲ of each row, written over `x`.
#[inline(always)]
pub fn softmax<T: Float>(x: &mut [T], n: usize) {
    match n {
        0 => {}
        1..=8 => softmax_short::<T, 8>(x, n),
        9..=16 => softmax_short::<T, 16>(x, n),
        17..=32 => softmax_short::<T, 32>(x, n),
        _ => {
            for at in (0..x.len()).step_by(positive(n)) {
                softmax_row::<T, 32>(x.get_mut(at..).unwrap_or_default(), n);
            }
        }
    }
}

/// Rows of one vector each. The next one is read before this one is written, whose end overlaps it: it would have to wait.
#[inline(always)]
fn softmax_short<T: Float, const L: usize>(x: &mut [T], n: usize) {
    let mut next = Lanes::<T, L>::padded(x);
    for at in (0..x.len()).step_by(positive(n)) {
        let row = next;
        next = Lanes::padded(x.get(at + n..).unwrap_or_default());
        let mut y = row.first_or(n, &Lanes::splat(T::NEG_INFINITY));
        let max = y.fold(larger);
        y = enlarged(y, max);
        let scale = y.sum().recip();
        y = y.map(|e| e * scale).first_or(n, &row);
        let to = x.get_mut(at..).unwrap_or_default();
        y.store(to, to.len().min(L));
    }
}

#[inline(always)]
fn softmax_row<T: Float, const L: usize>(x: &mut [T], n: usize) {
    let (max, low) = (largest::<T, L>(x, n), Lanes::splat(T::NEG_INFINITY));
    let mut sum = Lanes::<T, L>::ZERO;
    for at in (0..n).step_by(L) {
        let x = x.get_mut(at..).unwrap_or_default();
        let exponentials = enlarged(Lanes::load(x, n - at, &low), max);
        sum.combine(&exponentials, |sum, e| sum + e);
        exponentials.store(x, n - at);
    }
    let scale = sum.sum().recip();
    for at in (0..n).step_by(L) {
        let x = x.get_mut(at..).unwrap_or_default();
        Lanes::<T, L>::load(x, n - at, &Lanes::ZERO).map(|x| x * scale).store(x, n - at);
    }
}

#[inline(always)]
fn enlarged<T: Float, const L: usize>(x: Lanes<T, L>, max: T) -> Lanes<T, L> {
    x.map(|x| (x - max).exp_enlarged())
}

/// The larger of two; what is computed from a NaN is NaN anyhow, and so the comparison is one instruction.
#[inline(always)]
pub(super) fn larger<T: Float>(max: T, x: T) -> T {
    if x > max { x } else { max }
}

/// The largest of the first `n` numbers that is one.
#[inline(always)]
fn largest<T: Float, const L: usize>(x: &[T], n: usize) -> T {
    let low = Lanes::splat(T::NEG_INFINITY);
    let mut max: Lanes<T, L> = low;
    for at in (0..n).step_by(L) {
        max.combine(&Lanes::load(x.get(at..).unwrap_or_default(), n - at, &low), larger);
    }
    max.fold(larger)
}

/// dxᵢ = yᵢ · (dyᵢ − Σⱼ dyⱼ · yⱼ) of each row, written over the output `y`.
#[inline(always)]
pub fn softmax_backward<T: Float>(y: &mut [T], dy: &[T], n: usize) {
    each_row!(y, n, |at| softmax_backward_row(y.get_mut(at..).unwrap_or_default(), dy.get(at..).unwrap_or_default(), n));
}

#[inline(always)]
fn softmax_backward_row<T: Float, const L: usize>(y: &mut [T], dy: &[T], n: usize) {
    let mut dot = Lanes::<T, L>::ZERO;
    for at in (0..n).step_by(L) {
        let load = |x: &[T]| Lanes::load(x.get(at..).unwrap_or_default(), n - at, &Lanes::ZERO);
        dot.add_product(&load(y), &load(dy));
    }
    let dot = dot.sum();
    for at in (0..n).step_by(L) {
        let (y, dy) = (y.get_mut(at..).unwrap_or_default(), dy.get(at..).unwrap_or_default());
        let mut dx = Lanes::<T, L>::load(y, n - at, &Lanes::ZERO);
        dx.combine(&Lanes::load(dy, n - at, &Lanes::ZERO), |y, dy| y * (dy - dot));
        dx.store(y, n - at);
    }
}

/// yᵢ = xᵢ − ln Σⱼ eˣʲ of each row, written over `x`.
#[inline(always)]
pub fn log_softmax<T: Float>(x: &mut [T], n: usize) {
    each_row!(x, n, |at| log_softmax_row(x.get_mut(at..).unwrap_or_default(), n));
}

#[inline(always)]
fn log_softmax_row<T: Float, const L: usize>(x: &mut [T], n: usize) {
    let (max, low) = (largest::<T, L>(x, n), Lanes::splat(T::NEG_INFINITY));
    // The exponentials, of which the largest is 1, are added in two parts, since beside 1 the others would lose the digits of which the
    // logarithm of a sum near 1 consists.
    let (mut ones, mut others) = (Lanes::<T, L>::ZERO, Lanes::<T, L>::ZERO);
    for at in (0..n).step_by(L) {
        let x = x.get_mut(at..).unwrap_or_default();
        let differences = Lanes::load(x, n - at, &low).map(|x| x - max);
        let exponentials = differences.map(T::exp);
        ones.combine(&exponentials, |ones, e| if e == T::ONE { ones + e } else { ones });
        others.combine(&exponentials, |others, e| if e == T::ONE { others } else { others + e });
        differences.store(x, n - at);
    }
    let log = (others.sum() + (ones.sum() - T::ONE)).ln_1p();
    for at in (0..n).step_by(L) {
        let x = x.get_mut(at..).unwrap_or_default();
        Lanes::<T, L>::load(x, n - at, &Lanes::ZERO).map(|x| x - log).store(x, n - at);
    }
}

/// dxᵢ = dyᵢ − eʸⁱ · Σⱼ dyⱼ of each row, written over the output `y`.
#[inline(always)]
pub fn log_softmax_backward<T: Float>(y: &mut [T], dy: &[T], n: usize) {
    each_row!(y, n, |at| log_softmax_backward_row(y.get_mut(at..).unwrap_or_default(), dy.get(at..).unwrap_or_default(), n));
}

#[inline(always)]
fn log_softmax_backward_row<T: Float, const L: usize>(y: &mut [T], dy: &[T], n: usize) {
    let mut sum = Lanes::<T, L>::ZERO;
    for at in (0..n).step_by(L) {
        sum.combine(&Lanes::load(dy.get(at..).unwrap_or_default(), n - at, &Lanes::ZERO), |sum, dy| sum + dy);
    }
    let sum = sum.sum();
    for at in (0..n).step_by(L) {
        let (y, dy) = (y.get_mut(at..).unwrap_or_default(), dy.get(at..).unwrap_or_default());
        let mut dx = Lanes::<T, L>::load(y, n - at, &Lanes::ZERO);
        dx.combine(&Lanes::load(dy, n - at, &Lanes::ZERO), |y, dy| dy - y.exp() * sum);
        dx.store(y, n - at);
    }
}
