//! Rows of `n` numbers that lie one after the other, each worked on by itself: softmax along the innermost axis.
//!
//! A short row, of at most 32 numbers, is a vector of as many lanes. At its end the vector holds numbers of the next row, too; they are
//! not used, and written back as they were. A long one is passed over by plain loops that do one thing each: with two in one, or vectors
//! that are written out, the compiler takes them apart. (An exponential is so much that 32 of them are a loop to the compiler, and may
//! have more beside them.)
//!
//! What is computed is written over a slice, `y`. Softmax and its logarithm may read another one, `x`, and then need no copy of it.

use super::lanes::Lanes;
use super::map::{copy, map, map_in_place, scale, zip_in_place};
use super::reduce::{PARTIALS, products, reduce};
use super::{Float, positive, sum_of};

/// How long a row is.
#[derive(Clone, Copy)]
pub struct Length {
    /// To choose by, when the program is compiled.
    pub known: usize,
    /// The same as a number that a kernel is given. If the compiler knows the length of a long row, it takes partial sums apart into pairs;
    /// if it does not, those of a choice between numbers into single ones.
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

/// Calls `$short` for the rows of `$y`, which are read from `$x` if that is there, with lanes for their length, or `$long`.
macro_rules! rows_from {
    ($n:ident, $x:ident, $y:ident; $short:ident, $long:ident) => {
        match ($n.known, $x) {
            (0, _) => {}
            (n @ 1..=8, x) => $short::<T, 8>(x, $y, n),
            (n @ 9..=16, x) => $short::<T, 16>(x, $y, n),
            (n @ 17..=32, x) => $short::<T, 32>(x, $y, n),
            (_, x) => $long(x, $y, positive($n.given)),
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

/// While the exponentials of a row are computed, the largest number of the next one is found, which comes from memory meanwhile.
#[inline(always)]
fn softmax_long<T: Float>(mut x: Option<&[T]>, mut y: &mut [T], n: usize) {
    let mut max = largest(x.unwrap_or(y).get(..n).unwrap_or_default());
    while let Some((row, rest)) = core::mem::take(&mut y).split_at_mut_checked(n) {
        let (from, later) = x.and_then(|x| x.split_at_checked(n)).unzip();
        let next = later.unwrap_or(rest).get(..n).unwrap_or_default();
        let sum;
        (sum, max) = exponentials(from, row, next, max);
        scale(row, sum.recip());
        (x, y) = (later, rest);
    }
}

/// y = 2⁶³ · eˣ⁻ᵐᵃˣ (`f64`: 2⁵¹¹); returns their sum, and the largest number of `next`, of which there may be none.
#[inline(always)]
fn exponentials<T: Float>(x: Option<&[T]>, y: &mut [T], next: &[T], max: T) -> (T, T) {
    let none = [T::NEG_INFINITY; PARTIALS];
    let (mut sums, mut largest) = ([T::ZERO; PARTIALS], none);
    let ((chunks, rest), (nexts, next_rest)) = (y.as_chunks_mut(), next.as_chunks());
    let x = x.map(<[T]>::as_chunks);
    for (i, y) in chunks.iter_mut().enumerate() {
        let x = x.and_then(|(x, _)| x.get(i)).unwrap_or(y);
        *y = exponentials_of(*x, *nexts.get(i).unwrap_or(&none), max, &mut sums, &mut largest);
    }
    if !rest.is_empty() {
        let (mut last, mut next) = (none, none);
        copy(x.map_or(rest, |(_, rest)| rest), &mut last);
        copy(next_rest, &mut next);
        copy(&exponentials_of(last, next, max, &mut sums, &mut largest), rest);
    }
    (Lanes::new(sums).sum(), Lanes::new(largest).fold(larger))
}

/// Of as many numbers as there are partial results, number i of a row being added to sum i mod 32, as in [`reduce`]. All are arrays of
/// its own: of numbers in memory it would have to be seen first that they do not overlap.
#[inline(always)]
fn exponentials_of<T: Float>(
    mut x: [T; PARTIALS],
    next: [T; PARTIALS],
    max: T,
    sums: &mut [T; PARTIALS],
    largest: &mut [T; PARTIALS],
) -> [T; PARTIALS] {
    for ((x, sum), (largest, next)) in x.iter_mut().zip(sums).zip(largest.iter_mut().zip(next)) {
        *x = (*x - max).exp_enlarged();
        *sum += *x;
        *largest = larger(*largest, next);
    }
    x
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
    let n = Length { given: n.known, ..n };
    rows_from!(n, x, y; log_softmax_short, log_softmax_long);
}

/// The logarithm of a sum of exponentials, of which the largest is 1. They are added in two parts, since beside 1 the others would lose
/// the digits of which the logarithm of a sum near 1 consists.
#[inline(always)]
fn log_of_parts<T: Float>(ones: T, others: T) -> T {
    (others + (ones - T::ONE)).ln_1p()
}

#[inline(always)]
fn log_softmax_long<T: Float>(x: Option<&[T]>, y: &mut [T], n: usize) {
    match x {
        Some(x) => x.chunks_exact(n).zip(y.chunks_exact_mut(n)).for_each(|(x, y)| log_softmax_row(Some(x), y)),
        None => y.chunks_exact_mut(n).for_each(|y| log_softmax_row(None, y)),
    }
}

#[inline(always)]
fn log_softmax_row<T: Float>(x: Option<&[T]>, y: &mut [T]) {
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
