//! Many numbers to one, or to one row.
//!
//! A strict left-to-right sum waits for each addition before the next. Here 32 partial results stand side by side, element i
//! going to partial i mod 32, and are then folded in halves: 10 to 40 times faster, a smaller rounding error, and an order
//! that depends on nothing but the length.

use super::Float;
use super::gemm;
use super::lanes::Lanes;
use super::map::add_assign;
use super::sets::{Kernel, Same, dispatch};

/// Partial results: enough to fill the latency of the widest vectors, few enough to stay in the registers of the narrowest.
pub(super) const PARTIALS: usize = 32;

/// The partials as the hot loops hold them: in pieces of a register or two, since over 32 at once the compiler gives up.
type Pieces<T> = [Lanes<T, PIECE>; PARTIALS / PIECE];

const PIECE: usize = 8;

/// `step` over each element and its partial, then `join` of the partials.
#[inline(always)]
pub(super) fn reduce<T: Float>(x: &[T], start: T, step: impl Fn(T, T) -> T, join: impl Fn(T, T) -> T) -> T {
    let mut pieces: Pieces<T> = [Lanes::splat(start); PARTIALS / PIECE];
    let (chunks, mut rest) = x.as_chunks::<PARTIALS>();
    for chunk in chunks {
        for (piece, &x) in pieces.iter_mut().zip(chunk.as_chunks().0) {
            piece.combine(&Lanes::new(x), &step);
        }
    }
    for piece in &mut pieces {
        if rest.is_empty() {
            break;
        }
        let mut next = *piece;
        next.combine(&Lanes::load(rest, rest.len(), &Lanes::ZERO), &step);
        *piece = next.first_or(rest.len(), piece);
        rest = rest.get(PIECE..).unwrap_or(&[]);
    }
    fold(pieces, join)
}

/// Folds the partials by halves, the upper onto the lower.
#[inline(always)]
fn fold<T: Float>([mut a, mut b, c, d]: Pieces<T>, f: impl Fn(T, T) -> T) -> T {
    a.combine(&c, &f);
    b.combine(&d, &f);
    a.combine(&b, &f);
    a.fold(f)
}

/// A function of slices to a number, on the machine's best instructions.
macro_rules! reductions {
    ($($(#[$doc:meta])+ $name:ident = $kernel:ident($($x:ident),+) $body:expr;)+) => {$(
        $(#[$doc])+
        #[inline(always)]
        pub fn $name<T: Float>($($x: &[T]),+) -> T {
            struct $kernel<'a, T> {
                $($x: &'a [T],)+
            }

            impl<T: Float> Kernel<T> for $kernel<'_, T> {
                type Output = T;
                const WIDE: bool = true;

                #[inline(always)]
                fn run<N: Same<T>>(self) -> T {
                    $(let $x = N::slice(self.$x);)+
                    N::get($body)
                }
            }

            dispatch([$($x.len()),+][0], $kernel { $($x),+ })
        }
    )+};
}

reductions! {
    /// Σ x.
    sum = Sum(x) reduce(x, N::ZERO, |p, x| p + x, |a, b| a + b);

    /// Σ x².
    sum_squares = SumSquares(x) reduce(x, N::ZERO, |p, x| x.mul_add(x, p), |a, b| a + b);

    /// Σ a · b.
    dot = Dot(a, b) products(a, b);

    /// The largest element; NaN if any is, -∞ if there is none.
    max = Max(x) reduce(x, N::NEG_INFINITY, N::maximum, N::maximum);

    /// The smallest element; NaN if any is, ∞ if there is none.
    min = Min(x) reduce(x, N::INFINITY, N::minimum, N::minimum);
}

/// Σ (x − center) and Σ (x − center)².
#[inline(always)]
pub(crate) fn deviations<T: Float>(x: &[T], center: T) -> (T, T) {
    let (mut sums, mut squares): (Pieces<T>, Pieces<T>) = ([Lanes::ZERO; PARTIALS / PIECE], [Lanes::ZERO; PARTIALS / PIECE]);
    let (chunks, mut rest) = x.as_chunks::<PARTIALS>();
    for chunk in chunks {
        for ((sum, squares), &x) in sums.iter_mut().zip(&mut squares).zip(chunk.as_chunks().0) {
            let x = Lanes::<T, PIECE>::new(x).map(|x| x - center);
            sum.combine(&x, |sum, x| sum + x);
            squares.add_product(&x, &x);
        }
    }
    for (sum, squares) in sums.iter_mut().zip(&mut squares) {
        if rest.is_empty() {
            break;
        }
        let x = Lanes::<T, PIECE>::load(rest, rest.len(), &Lanes::splat(center)).map(|x| x - center);
        sum.combine(&x, |sum, x| sum + x);
        squares.add_product(&x, &x);
        rest = rest.get(PIECE..).unwrap_or(&[]);
    }
    (fold(sums, |a, b| a + b), fold(squares, |a, b| a + b))
}

/// Σ a · b, on the instructions that run.
#[inline(always)]
pub(super) fn products<T: Float>(a: &[T], b: &[T]) -> T {
    let length = a.len().min(b.len());
    let (a, b) = (a.get(..length).unwrap_or(a), b.get(..length).unwrap_or(b));
    let ((a, mut a_rest), (b, mut b_rest)) = (a.as_chunks::<PARTIALS>(), b.as_chunks::<PARTIALS>());
    let mut pieces: Pieces<T> = [Lanes::ZERO; PARTIALS / PIECE];
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (a.as_chunks().0, b.as_chunks().0);
        for ((piece, &a), &b) in pieces.iter_mut().zip(a).zip(b) {
            piece.add_product(&Lanes::new(a), &Lanes::new(b));
        }
    }
    for piece in &mut pieces {
        if a_rest.is_empty() {
            break;
        }
        let load = |x: &[T]| Lanes::load(x, x.len(), &Lanes::ZERO);
        piece.add_product(&load(a_rest), &load(b_rest));
        a_rest = a_rest.get(PIECE..).unwrap_or(&[]);
        b_rest = b_rest.get(PIECE..).unwrap_or(&[]);
    }
    fold(pieces, |a, b| a + b)
}

/// The place of the first largest element, a NaN counting as larger than any number, as `torch.argmax`; 0 if there is none.
#[inline(always)]
pub fn argmax<T: Float>(x: &[T]) -> usize {
    let largest = max(x);
    let place = if largest.is_nan() { x.iter().position(|v| v.is_nan()) } else { x.iter().position(|&v| v == largest) };
    place.unwrap_or(0)
}

/// Adds each column's sum to `acc`: `x` holds rows of `acc.len()` numbers, an incomplete last one being left alone. The
/// gradient of [`add_row`](super::add_row)'s `row`.
#[inline(always)]
pub fn sum_rows<T: Float>(x: &[T], acc: &mut [T]) {
    if x.len() == acc.len() {
        return add_assign(acc, x);
    }
    gemm::sum_rows(x, acc);
}

/// Σ f(x): the deviations' squares, say.
#[inline(always)]
pub fn sum_of<T: Float>(x: &[T], f: impl Fn(T) -> T) -> T {
    reduce(x, T::ZERO, |p, x| p + f(x), |a, b| a + b)
}

/// The mean in two parts whose sum it is: a number near it, and the mean of what is left of x, which that number's rounding hides.
/// NaN if there is nothing.
///
/// It starts from the first element, so where all are equal no addition rounds, or overflows, and the parts are that element and
/// 0; the second part makes good whatever the first element and the first sum were. Infinities are as in Σ x / n.
#[inline(always)]
pub fn mean_parts<T: Float>(x: &[T]) -> (T, T) {
    let near = first_part(x);
    let rest = sum_of(x, |x| x - near) / T::from_usize(x.len());
    (near, finite_or_zero(rest))
}

/// The first of the [parts of the mean](mean_parts).
#[inline(always)]
pub(crate) fn first_part<T: Float>(x: &[T]) -> T {
    let Some(&first) = x.first() else { return T::NAN };
    let n = T::from_usize(x.len());
    near_mean(first, sum_of(x, |x| x - first), n, || sum_of(x, |x| x / n))
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
#[inline(always)]
pub fn mean<T: Float>(x: &[T]) -> T {
    let (near, rest) = mean_parts(x);
    near + rest
}

/// The Euclidean norm √Σ x², also where a square overflows or vanishes.
#[inline(always)]
pub fn norm<T: Float>(x: &[T]) -> T {
    root_of_squares(x, T::ONE, |x| x)
}

/// √(Σ f(x)² / divisor).
#[inline(always)]
pub(crate) fn root_of_squares<T: Float>(x: &[T], divisor: T, f: impl Fn(T) -> T) -> T {
    let squares = reduce(x, T::ZERO, |p, x| f(x).mul_add(f(x), p), |a, b| a + b);
    root(squares, divisor, || x.iter().map(|&x| f(x)))
}

/// Σ x² as a unit and a sum of squares in that unit, both representable: the unit is 1 unless squares would be lost.
#[inline(always)]
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
    use crate::simd::Instructions;

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
        // Those of more rows than a block has, of long rows, and of few columns are added up in ways of their own.
        let sizes =
            [(0, 3), (3, 0), (1, 1), (7, 10), (33, 70), (100, 5), (257, 10), (513, 1), (600, 5), (300, 1100), (20, 2050)];
        Instructions::each(|_| {
            for (rows, n) in sizes {
                let (x, mut acc) = (numbers(rows * n), numbers(n));
                let expected: Vec<f32> = (0..n).map(|j| acc[j] + (0..rows).map(|i| x[i * n + j]).sum::<f32>()).collect();
                sum_rows(&x, &mut acc);
                assert_eq!(acc, expected, "{rows}x{n}");
            }
        });
        let mut acc = [0.0; 2];
        sum_rows(&[1.0, 2.0, 3.0, 4.0, 5.0], &mut acc);
        assert_eq!(acc, [4.0, 6.0]);
    }
}
