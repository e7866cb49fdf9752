//! Element by element. Each is a plain loop over zipped slices, which the compiler vectorises as it stands.

use super::{Float, SMALL};

/// y = value, everywhere.
#[inline(always)]
pub fn fill<T: Float>(y: &mut [T], value: T) {
    if SMALL {
        // Optimised for size, a loop of single numbers would stay one.
        let (eights, rest) = y.as_chunks_mut::<8>();
        eights.fill([value; 8]);
        return rest.fill(value);
    }
    y.fill(value);
}

/// y = x.
#[inline(always)]
pub fn copy<T: Float>(x: &[T], y: &mut [T]) {
    map(x, y, |v| v);
}

/// y = f(x).
#[inline(always)]
pub fn map<T: Float>(x: &[T], y: &mut [T], f: impl Fn(T) -> T) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y = f(x);
    }
}

/// y = f(y).
#[inline(always)]
pub fn map_in_place<T: Float>(y: &mut [T], f: impl Fn(T) -> T) {
    for y in y {
        *y = f(*y);
    }
}

/// y = f(a, b).
#[inline(always)]
pub fn zip<T: Float>(a: &[T], b: &[T], y: &mut [T], f: impl Fn(T, T) -> T) {
    for (y, (&a, &b)) in y.iter_mut().zip(a.iter().zip(b)) {
        *y = f(a, b);
    }
}

/// a = f(a, b).
#[inline(always)]
pub fn zip_in_place<T: Float>(a: &mut [T], b: &[T], f: impl Fn(T, T) -> T) {
    for (a, &b) in a.iter_mut().zip(b) {
        *a = f(*a, b);
    }
}

/// y += x.
#[inline(always)]
pub fn add_assign<T: Float>(y: &mut [T], x: &[T]) {
    zip_in_place(y, x, |y, x| y + x);
}

/// y += alpha · x.
#[inline(always)]
pub fn axpy<T: Float>(alpha: T, x: &[T], y: &mut [T]) {
    zip_in_place(y, x, |y, x| alpha.mul_add(x, y));
}

/// y *= alpha.
#[inline(always)]
pub fn scale<T: Float>(y: &mut [T], alpha: T) {
    map_in_place(y, |y| y * alpha);
}

/// y = eˣ.
#[inline(always)]
pub fn exp<T: Float>(x: &[T], y: &mut [T]) {
    map(x, y, T::exp);
}

/// y = tanh x.
#[inline(always)]
pub fn tanh<T: Float>(x: &[T], y: &mut [T]) {
    map(x, y, T::tanh);
}

/// Adds `row` to each row of `x`, whose width is `row.len()`: the bias of a layer. An incomplete last row is left alone.
#[inline(always)]
pub fn add_row<T: Float>(x: &mut [T], row: &[T]) {
    // A width of 0 has no rows, and `chunks_exact_mut` would refuse it.
    for x in x.chunks_exact_mut(row.len().max(1)) {
        add_assign(x, row);
    }
}

/// Writes `row` to each row of `y`.
#[inline(always)]
pub fn repeat<T: Float>(row: &[T], y: &mut [T]) {
    // A width of 0 has no rows, and `chunks_mut` would refuse it.
    y.chunks_mut(row.len().max(1)).for_each(|y| copy(row, y));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unequal_lengths_share_a_prefix() {
        let x = [1.0, 2.0, 3.0];
        let mut y = [10.0; 2];
        map(&x, &mut y, |v| v + 1.0);
        assert_eq!(y, [2.0, 3.0]);
        zip(&x, &[5.0], &mut y, |a, b| a * b);
        assert_eq!(y, [5.0, 3.0]);
        axpy(2.0, &x, &mut y);
        assert_eq!(y, [7.0, 7.0]);
        add_assign(&mut y, &[1.0]);
        scale(&mut y, 2.0);
        assert_eq!(y, [16.0, 14.0]);
        copy(&x, &mut y);
        assert_eq!(y, [1.0, 2.0]);
        fill(&mut y, 0.0);
        exp(&y.clone(), &mut y);
        assert_eq!(y, [1.0; 2]);
        tanh(&[0.0, 100.0], &mut y);
        assert_eq!(y, [0.0, 1.0]);
    }

    #[test]
    fn a_row_is_added_to_whole_rows() {
        let mut x = [0.0; 5];
        add_row(&mut x, &[1.0, 2.0]);
        assert_eq!(x, [1.0, 2.0, 1.0, 2.0, 0.0]);
        add_row(&mut x, &[]);
        add_row::<f64>(&mut [], &[1.0]);
    }
}
