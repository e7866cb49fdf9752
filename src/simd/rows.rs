//! Rows of `n` numbers that lie one after the other, each worked on by itself: softmax along the innermost axis.
//!
//! A short row, of at most 32 numbers, is a vector of as many lanes. At its end the vector holds numbers of the next row, too; they are
//! not used, and written back as they were. A long one is passed over by plain loops that do one thing each: with two in one, or vectors
//! that are written out, the compiler takes them apart.
//!
//! What is computed is written over a slice, `y`. Softmax and its logarithm may read another one, `x`, and then need no copy of it.

use super::lanes::Lanes;
use super::map::{map, map_in_place, scale, zip_in_place};
use super::reduce::{products, reduce};
use super::{Float, positive, sum_of};

/// How long a row is.
#[derive(Clone, Copy)]
pub struct Length {
    /// To choose by, when the program is compiled.
    pub known: usize,
    /// The same as a number that a kernel is given. If the compiler knows the length of a long row, it takes the partial sums apart into
    /// pairs.
    pub given: usize,
}

/// Calls `$short` for each row of `$x` and what lies beside it, with lanes for its length, or `$long`.
macro_rules! each_row {
    ($n:ident, $x:ident, $beside:ident; $short:ident, $long:ident) => {
        match $n.known {
            0 => {}
            n @ 1..=8 => each_row!(@short n, $x, $beside; $short::<T, 8>),
            n @ 9..=16 => each_row!(@short n, $x, $beside; $short::<T, 16>),
            n @ 17..=32 => each_row!(@short n, $x, $beside; $short::<T, 32>),
            _ => {
                for (x, beside) in $x.chunks_exact_mut(positive($n.given)).zip($beside.chunks_exact(positive($n.given))) {
                    $long(x, beside);
                }
            }
        }
    };
    (@short $n:ident, $x:ident, $beside:ident; $row:expr) => {
        for at in (0..$x.len()).step_by(positive($n)) {
            $row($x.get_mut(at..).unwrap_or_default(), $beside.get(at..).unwrap_or_default(), $n);
        }
    };
}

/// Calls `$short` for the rows of `$y`, which are read from `$x` if that is there, with lanes for their length, or `$long` for each.
macro_rules! rows_from {
    ($n:ident, $x:ident, $y:ident; $short:ident, $long:ident) => {
        match ($n.known, $x) {
            (0, _) => {}
            (n @ 1..=8, x) => $short::<T, 8>(x, $y, n),
            (n @ 9..=16, x) => $short::<T, 16>(x, $y, n),
            (n @ 17..=32, x) => $short::<T, 32>(x, $y, n),
            (_, None) => $y.chunks_exact_mut(positive($n.given)).for_each(|y| $long(None, y)),
            (_, Some(x)) => {
                for (x, y) in x.chunks_exact(positive($n.given)).zip($y.chunks_exact_mut(positive($n.given))) {
                    $long(Some(x), y);
                }
            }
        }
    };
}

/// y = f(x), or y = f(y) where there is no x.
#[inline(always)]
fn map_from<T: Float>(x: Option<&[T]>, y: &mut [T], f: impl Fn(T) -> T) {
    match x {
        Some(x) => map(x, y, f),
        None => map_in_place(y, f),
    }
}

/// yᵢ = eˣⁱ / Σⱼ eˣʲ of each row.
#[inline(always)]
pub fn softmax<T: Float>(x: Option<&[T]>, y: &mut [T], n: Length) {
    rows_from!(n, x, y; softmax_short, softmax_long);
}

/// Rows of one vector each. The next one is read before this one is written, whose end overlaps it: it would have to wait.
#[inline(always)]
fn softmax_short<T: Float, const L: usize>(x: Option<&[T]>, y: &mut [T], n: usize) {
    let mut next = Lanes::<T, L>::padded(x.unwrap_or(y));
    for at in (0..y.len()).step_by(positive(n)) {
        let row = next;
        next = Lanes::padded(x.unwrap_or(y).get(at + n..).unwrap_or_default());
        let mut e = row.first_or(n, &Lanes::splat(T::NEG_INFINITY));
        let max = e.fold(larger);
        e = enlarged(e, max);
        let scale = e.sum().recip();
        e = e.map(|e| e * scale).first_or(n, &row);
        let to = y.get_mut(at..).unwrap_or_default();
        e.store(to, to.len().min(L));
    }
}

#[inline(always)]
fn softmax_long<T: Float>(x: Option<&[T]>, y: &mut [T]) {
    let max = largest(x.unwrap_or(y));
    map_from(x, y, |x| (x - max).exp_enlarged());
    let sum = sum_of(y, |e| e);
    scale(y, sum.recip());
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

/// The largest that is a number.
#[inline(always)]
fn largest<T: Float>(x: &[T]) -> T {
    reduce(x, T::NEG_INFINITY, larger, larger)
}

/// dxᵢ = yᵢ · (dyᵢ − Σⱼ dyⱼ · yⱼ) of each row, written over the output `y`.
#[inline(always)]
pub fn softmax_backward<T: Float>(y: &mut [T], dy: &[T], n: Length) {
    each_row!(n, y, dy; softmax_backward_short, softmax_backward_long);
}

#[inline(always)]
fn softmax_backward_long<T: Float>(y: &mut [T], dy: &[T]) {
    let dot = products(y, dy);
    zip_in_place(y, dy, |y, dy| y * (dy - dot));
}

#[inline(always)]
fn softmax_backward_short<T: Float, const L: usize>(y: &mut [T], dy: &[T], n: usize) {
    let load = |x: &[T]| Lanes::<T, L>::load(x, n, &Lanes::ZERO);
    let (mut dx, dy) = (load(y), load(dy));
    let mut dot = Lanes::ZERO;
    dot.add_product(&dx, &dy);
    let dot = dot.sum();
    dx.combine(&dy, |y, dy| y * (dy - dot));
    dx.store(y, n);
}

/// yᵢ = xᵢ − ln Σⱼ eˣʲ of each row.
#[inline(always)]
pub fn log_softmax<T: Float>(x: Option<&[T]>, y: &mut [T], n: Length) {
    rows_from!(n, x, y; log_softmax_short, log_softmax_long);
}

/// The logarithm of a sum of exponentials, of which the largest is 1. They are added in two parts, since beside 1 the others would lose
/// the digits of which the logarithm of a sum near 1 consists.
#[inline(always)]
fn log_of_parts<T: Float>(ones: T, others: T) -> T {
    (others + (ones - T::ONE)).ln_1p()
}

#[inline(always)]
fn log_softmax_long<T: Float>(x: Option<&[T]>, y: &mut [T]) {
    let max = largest(x.unwrap_or(y));
    map_from(x, y, |x| x - max);
    // Nearer to 0, and the exponential is 1.
    let near = -T::EPSILON * T::QUARTER;
    let ones = sum_of(y, |y| if y >= near { T::ONE } else { T::ZERO });
    let others = sum_of(y, |y| if y >= near { T::ZERO } else { y.exp() });
    let log = log_of_parts(ones, others);
    map_in_place(y, |y| y - log);
}

#[inline(always)]
fn log_softmax_short<T: Float, const L: usize>(x: Option<&[T]>, y: &mut [T], n: usize) {
    for at in (0..y.len()).step_by(positive(n)) {
        let from = x.unwrap_or(y).get(at..).unwrap_or_default();
        let mut row = Lanes::<T, L>::load(from, n, &Lanes::splat(T::NEG_INFINITY));
        let max = row.fold(larger);
        row = row.map(|x| x - max);
        let exponentials = row.map(T::exp);
        let ones = exponentials.map(|e| if e == T::ONE { e } else { T::ZERO }).sum();
        let others = exponentials.map(|e| if e == T::ONE { T::ZERO } else { e }).sum();
        let log = log_of_parts(ones, others);
        row.map(|x| x - log).store(y.get_mut(at..).unwrap_or_default(), n);
    }
}

/// dxᵢ = dyᵢ − eʸⁱ · Σⱼ dyⱼ of each row, written over the output `y`.
#[inline(always)]
pub fn log_softmax_backward<T: Float>(y: &mut [T], dy: &[T], n: Length) {
    each_row!(n, y, dy; log_softmax_backward_short, log_softmax_backward_long);
}

#[inline(always)]
fn log_softmax_backward_long<T: Float>(y: &mut [T], dy: &[T]) {
    let sum = sum_of(dy, |dy| dy);
    zip_in_place(y, dy, |y, dy| dy - y.exp() * sum);
}

#[inline(always)]
fn log_softmax_backward_short<T: Float, const L: usize>(y: &mut [T], dy: &[T], n: usize) {
    let load = |x: &[T]| Lanes::<T, L>::load(x, n, &Lanes::ZERO);
    let (mut dx, dy) = (load(y), load(dy));
    let sum = dy.sum();
    dx.combine(&dy, |y, dy| dy - y.exp() * sum);
    dx.store(y, n);
}
