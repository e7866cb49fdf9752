//! Many numbers to one, or to one row.
//!
//! A strict left-to-right sum waits for each addition before the next. Here 32 partial results stand side by side, element i
//! going to partial i mod 32, and are then folded in halves: 10 to 40 times faster, a smaller rounding error, and an order
//! that depends on nothing but the length.

use super::Float;
use super::gemm::add_rows;
use super::lanes::Lanes;

/// Partial results: enough to fill the latency of the widest vectors, few enough to stay in the registers of the narrowest.
const PARTIALS: usize = 32;

/// The partials as the hot loops hold them: in pieces of a register or two, since over 32 at once the compiler gives up.
type Pieces<T> = [Lanes<T, 8>; PARTIALS / 8];

/// `step` over each element and its partial, then `join` of the partials.
#[inline(always)]
fn reduce<T: Float>(x: &[T], start: T, step: impl Fn(T, T) -> T, join: impl Fn(T, T) -> T) -> T {
    let mut pieces: Pieces<T> = [Lanes::splat(start); PARTIALS / 8];
    let (chunks, rest) = x.as_chunks::<PARTIALS>();
    for chunk in chunks {
        for (piece, &x) in pieces.iter_mut().zip(chunk.as_chunks().0) {
            piece.combine(&Lanes::new(x), &step);
        }
    }
    finish(pieces, rest, step, join)
}

/// The elements after the last whole chunk, and the fold. Out of line, and by value: where the compiler sees a loop of unknown
/// length or the fold, it may arrange the hot loop's registers to suit those, at a tenth of the speed.
#[inline(never)]
fn finish<T: Float>(pieces: Pieces<T>, rest: &[T], step: impl Fn(T, T) -> T, join: impl Fn(T, T) -> T) -> T {
    let mut partials = flat(pieces);
    for (p, &x) in partials.iter_mut().zip(rest) {
        *p = step(*p, x);
    }
    fold_halves(partials, join)
}

#[inline(always)]
fn flat<T: Float>(pieces: Pieces<T>) -> [T; PARTIALS] {
    let mut partials = [T::ZERO; PARTIALS];
    for (p, lanes) in partials.as_chunks_mut().0.iter_mut().zip(pieces) {
        *p = lanes.get();
    }
    partials
}

/// Folds the partials by halves, the upper onto the lower.
#[inline(always)]
fn fold_halves<T: Float>(mut partials: [T; PARTIALS], f: impl Fn(T, T) -> T) -> T {
    let mut half = PARTIALS / 2;
    while half > 0 {
        let (low, high) = partials.split_at_mut(half);
        for (low, high) in low.iter_mut().zip(high) {
            *low = f(*low, *high);
        }
        half /= 2;
    }
    let [first, ..] = partials;
    first
}

/// Σ x.
#[inline]
pub fn sum<T: Float>(x: &[T]) -> T {
    reduce(x, T::ZERO, |p, x| p + x, |a, b| a + b)
}

/// Σ x².
#[inline]
pub fn sum_squares<T: Float>(x: &[T]) -> T {
    reduce(x, T::ZERO, |p, x| x.mul_add(x, p), |a, b| a + b)
}

/// Σ a · b.
#[inline]
pub fn dot<T: Float>(a: &[T], b: &[T]) -> T {
    let length = a.len().min(b.len());
    let (a, b) = (a.get(..length).unwrap_or(a), b.get(..length).unwrap_or(b));
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<PARTIALS>(), b.as_chunks::<PARTIALS>());
    let mut pieces: Pieces<T> = [Lanes::ZERO; PARTIALS / 8];
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (a.as_chunks().0, b.as_chunks().0);
        for ((piece, &a), &b) in pieces.iter_mut().zip(a).zip(b) {
            piece.add_product(&Lanes::new(a), &Lanes::new(b));
        }
    }
    finish_dot(pieces, a_rest, b_rest)
}

/// As [`finish`], for two slices.
#[inline(never)]
fn finish_dot<T: Float>(pieces: Pieces<T>, a: &[T], b: &[T]) -> T {
    let mut partials = flat(pieces);
    for ((p, &a), &b) in partials.iter_mut().zip(a).zip(b) {
        *p = a.mul_add(b, *p);
    }
    fold_halves(partials, |a, b| a + b)
}

/// The largest element; NaN if any is, -∞ if there is none.
#[inline]
pub fn max<T: Float>(x: &[T]) -> T {
    reduce(x, T::NEG_INFINITY, T::maximum, T::maximum)
}

/// The smallest element; NaN if any is, ∞ if there is none.
#[inline]
pub fn min<T: Float>(x: &[T]) -> T {
    reduce(x, T::INFINITY, T::minimum, T::minimum)
}

/// The place of the first largest element, a NaN counting as larger than any number, as `torch.argmax`; 0 if there is none.
#[inline]
pub fn argmax<T: Float>(x: &[T]) -> usize {
    let largest = max(x);
    let place = if largest.is_nan() { x.iter().position(|v| v.is_nan()) } else { x.iter().position(|&v| v == largest) };
    place.unwrap_or(0)
}

/// Adds each column's sum to `acc`: `x` holds rows of `acc.len()` numbers, an incomplete last one being left alone. The
/// gradient of [`add_row`](super::add_row)'s `row`.
#[inline]
pub fn sum_rows<T: Float>(x: &[T], acc: &mut [T]) {
    add_rows(x, acc);
}

/// Σ f(x): the deviations' squares, say.
#[inline]
pub fn sum_of<T: Float>(x: &[T], f: impl Fn(T) -> T) -> T {
    reduce(x, T::ZERO, |p, x| p + f(x), |a, b| a + b)
}

/// The mean in two parts whose sum it is: a number near it, and the mean of what is left of x, which that number's rounding hides.
/// NaN if there is nothing.
///
/// It starts from the first element, so where all are equal no addition rounds, or overflows, and the parts are that element and
/// 0; the second part makes good whatever the first element and the first sum were. Infinities are as in Σ x / n.
#[inline]
pub fn mean_parts<T: Float>(x: &[T]) -> (T, T) {
    let Some(&first) = x.first() else { return (T::NAN, T::ZERO) };
    let n = T::from_usize(x.len());
    let near = near_mean(first, sum_of(x, |x| x - first), n, || sum_of(x, |x| x / n));
    let rest = sum_of(x, |x| x - near) / n;
    (near, finite_or_zero(rest))
}

/// `first` + `deviations` / n, or Σ (x / n), which cannot overflow, where a deviation is infinite.
#[inline(always)]
pub(crate) fn near_mean<T: Float>(first: T, deviations: T, n: T, parts: impl FnOnce() -> T) -> T {
    let near = first + deviations / n;
    if near.is_finite() { near } else { parts() }
}

/// What is not finite makes nothing better.
#[inline(always)]
pub(crate) fn finite_or_zero<T: Float>(x: T) -> T {
    if x.is_finite() { x } else { T::ZERO }
}

/// Σ x / n, exact where all are equal, else within a few ulp of the deviations; NaN if there is nothing.
#[inline]
pub fn mean<T: Float>(x: &[T]) -> T {
    let (near, rest) = mean_parts(x);
    near + rest
}

/// The Euclidean norm √Σ x², also where a square overflows or vanishes.
#[inline]
pub fn norm<T: Float>(x: &[T]) -> T {
    root_of_squares(x, T::ONE, |x| x)
}

/// √(Σ f(x)² / divisor).
#[inline]
pub(crate) fn root_of_squares<T: Float>(x: &[T], divisor: T, f: impl Fn(T) -> T) -> T {
    let squares = reduce(x, T::ZERO, |p, x| f(x).mul_add(f(x), p), |a, b| a + b);
    root(squares, divisor, || x.iter().map(|&x| f(x)))
}

/// Σ x² as a unit and a sum of squares in that unit, both representable: the unit is 1 unless squares would be lost.
#[inline]
pub(crate) fn squares_in_units<T: Float>(x: &[T]) -> (T, T) {
    in_units(sum_squares(x), || x.iter().copied())
}

/// √(`squares` / divisor) of a sum of the squares of `numbers`.
#[inline(always)]
pub(crate) fn root<T: Float, I: Iterator<Item = T>>(squares: T, divisor: T, numbers: impl Fn() -> I) -> T {
    let (unit, squares) = in_units(squares, numbers);
    unit * (squares / divisor).sqrt()
}

/// A sum of the squares of `numbers`, in units of 1, or of the largest number where the sum is so large or so small that squares
/// may have been lost.
#[inline(always)]
fn in_units<T: Float, I: Iterator<Item = T>>(squares: T, numbers: impl Fn() -> I) -> (T, T) {
    // Below, squares that were rounded as denormal numbers may count.
    let lost = T::MIN_POSITIVE / T::EPSILON;
    if squares >= lost && squares.is_finite() { (T::ONE, squares) } else { in_largest_units(numbers) }
}

#[cold]
fn in_largest_units<T: Float, I: Iterator<Item = T>>(numbers: impl Fn() -> I) -> (T, T) {
    let largest = numbers().fold(T::ZERO, |largest, x| largest.maximum(x.abs()));
    if largest == T::ZERO || !largest.is_finite() {
        return (largest, T::ONE);
    }
    (largest, numbers().fold(T::ZERO, |sum, x| (x / largest).mul_add(x / largest, sum)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(count: usize) -> Vec<f32> {
        (0..count).map(|i| (i * 37 % 101) as f32 / 8.0 - 6.0).collect()
    }

    #[test]
    fn every_length_is_the_plain_loop() {
        for count in (0..200).chain([1000, 4099]) {
            let (a, b) = (numbers(count), numbers(count + 3));
            let f = |v: &f32| f64::from(*v);
            assert_eq!(f(&sum(&a)), a.iter().map(f).sum::<f64>());
            assert_eq!(f(&sum_squares(&a)), a.iter().map(|v| f(v) * f(v)).sum::<f64>());
            let plain: f64 = a.iter().zip(&b).map(|(a, b)| f(a) * f(b)).sum();
            assert_eq!((f(&dot(&a, &b)), f(&dot(&b, &a))), (plain, plain));
            assert_eq!(max(&a), a.iter().copied().fold(f32::NEG_INFINITY, f32::max));
            assert_eq!(min(&a), a.iter().copied().fold(f32::INFINITY, f32::min));
            let largest = max(&a);
            assert_eq!(argmax(&a), a.iter().position(|&v| v == largest).unwrap_or(0));
        }
    }

    #[test]
    fn nan_propagates_from_anywhere() {
        for at in 0..70 {
            let mut x = numbers(70);
            x[at] = f32::NAN;
            assert!(max(&x).is_nan() && min(&x).is_nan() && sum(&x).is_nan());
            x[69] = f32::NAN;
            assert_eq!(argmax(&x), at);
        }
    }

    /// The values of numbers that every sum rounds.
    fn constants<T: Float>() -> impl Iterator<Item = T> {
        let small = if size_of::<T>() == 4 { 1e-44 } else { 1e-320 };
        [0.1, 40000.1, 1234.5677, 1e30, 1e-30, 3e38, -0.3, 0.0, small].into_iter().map(T::from_f64)
    }

    fn mean_of_equals<T: Float>() {
        for c in constants::<T>() {
            for count in [1, 2, 7, 31, 33, 768, 4099, 100_003] {
                let x = vec![c; count];
                assert_eq!((mean_parts(&x), mean(&x)), ((c, T::ZERO), c), "{count} times {c}");
            }
        }
        let huge = [T::MAX, -T::MAX, T::MAX, -T::MAX];
        assert_eq!(mean(&huge), T::ZERO);
        assert_eq!((mean(&[T::INFINITY, T::ONE]), mean(&[T::ONE, T::NEG_INFINITY])), (T::INFINITY, T::NEG_INFINITY));
        assert!(mean(&[T::INFINITY, T::NEG_INFINITY]).is_nan() && mean(&[T::ONE, T::NAN]).is_nan() && mean::<T>(&[]).is_nan());
    }

    #[test]
    fn the_mean_of_equal_numbers_is_one_of_them() {
        mean_of_equals::<f32>();
        mean_of_equals::<f64>();
    }

    #[test]
    fn the_mean_is_that_of_wider_arithmetic() {
        for (offset, first) in [(0.0, 0.0), (4096.0, 0.0), (1e6, 0.0), (0.0, 1e6), (1.0, 1e30), (-300.0, 1e-30)] {
            for count in [2, 33, 768, 4099] {
                let mut x: Vec<f32> = numbers(count).iter().map(|x| x / 7.0 + offset).collect();
                x[0] += first;
                let exact = x.iter().map(|&x| f64::from(x)).sum::<f64>() / count as f64;
                let spread = x.iter().map(|&x| (f64::from(x) - exact).abs()).sum::<f64>() / count as f64;
                let (near, rest) = mean_parts(&x);
                let error = (f64::from(near) + f64::from(rest) - exact).abs();
                assert!(error <= 4e-7 * spread, "{count} of {offset}, {first}: {error:e} of {spread:e}");
            }
        }
    }

    fn norms<T: Float>(extreme: f64, tolerance: f64) {
        let near =
            |found: T, right: f64| assert!((found.to_f64() / right - 1.0).abs() <= tolerance, "{found:e}, not {right:e}");
        for unit in [1.0, extreme, 1.0 / extreme] {
            let scaled = |x: f64| T::from_f64(x * unit);
            near(norm(&[3.0, -4.0].map(scaled)), 5.0 * unit);
            near(norm(&[scaled(1.0); 100]), 10.0 * unit);
            near(norm(&[scaled(1.0), T::ZERO, T::ZERO]), unit);
            near(root_of_squares(&[scaled(1.0); 100], T::from_usize(4), |x| x + x), 10.0 * unit);
        }
        assert_eq!((norm(&[T::ZERO; 3]), norm::<T>(&[])), (T::ZERO, T::ZERO));
        assert_eq!((norm(&[T::MAX]), norm(&[T::MAX; 2])), (T::MAX, T::INFINITY));
        assert_eq!(norm(&[T::ONE, T::NEG_INFINITY]), T::INFINITY);
        assert!(norm(&[T::NAN, T::INFINITY]).is_nan() && norm(&[T::ZERO, T::NAN]).is_nan());
    }

    #[test]
    fn a_norm_needs_no_square_to_be_representable() {
        norms::<f32>(1e20, 4e-7);
        norms::<f32>(1e36, 4e-7);
        norms::<f64>(1e200, 1e-15);
        norms::<f64>(1e300, 1e-15);
    }

    #[test]
    fn columns_are_summed() {
        for (rows, n) in [(0, 3), (3, 0), (1, 1), (7, 10), (33, 70), (100, 5)] {
            let (x, mut acc) = (numbers(rows * n), numbers(n));
            let expected: Vec<f32> = (0..n).map(|j| acc[j] + (0..rows).map(|i| x[i * n + j]).sum::<f32>()).collect();
            sum_rows(&x, &mut acc);
            assert_eq!(acc, expected);
        }
        let mut acc = [0.0; 2];
        sum_rows(&[1.0, 2.0, 3.0, 4.0, 5.0], &mut acc);
        assert_eq!(acc, [4.0, 6.0]);
    }
}
