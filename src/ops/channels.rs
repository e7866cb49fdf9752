//! Arithmetic with a number for each channel.
//!
//! Every slice `x` holds samples of `a.len()` channels of `positions` neighbours. With one position the loops run along the
//! channels, else along the positions: along the contiguous side.

use crate::simd::positive;
use crate::simd::{self, Float, Kernel, Same};

/// What is done with the channels of some samples.
enum Work<'a, T> {
    ScaleShift { x: &'a mut [T], scale: Option<&'a [T]>, shift: Option<&'a [T]> },
    Blend { x: &'a mut [T], dy: &'a [T], numbers: [&'a [T]; 3] },
    Sums { x: &'a [T], acc: &'a mut [T] },
    Deviations { x: &'a [T], center: &'a [T], acc: &'a mut [T] },
    Subtract { x: &'a mut [T], a: &'a [T], b: &'a [T] },
    Dots { a: &'a [T], b: &'a [T], acc: &'a mut [T] },
}

/// Work on channels of so many positions.
struct Channels<'a, T> {
    positions: usize,
    work: Work<'a, T>,
}

impl<T: Float> Kernel<T> for Channels<'_, T> {
    type Output = ();
    const WIDE: bool = true;

    #[inline(always)]
    fn run<N: Same<T>>(self) {
        let positions = self.positions;
        match self.work {
            Work::ScaleShift { x, scale, shift } => {
                run::scale_shift(N::slice_mut(x), positions, scale.map(N::slice), shift.map(N::slice));
            }
            Work::Blend { x, dy, numbers: [a, b, c] } => {
                run::blend(N::slice_mut(x), N::slice(dy), positions, [N::slice(a), N::slice(b), N::slice(c)]);
            }
            Work::Sums { x, acc } => run::channel_sums(N::slice(x), positions, N::slice_mut(acc)),
            Work::Deviations { x, center, acc } => {
                run::channel_deviations(N::slice(x), positions, N::slice(center), N::slice_mut(acc));
            }
            Work::Subtract { x, a, b } => run::subtract(N::slice_mut(x), positions, N::slice(a), N::slice(b)),
            Work::Dots { a, b, acc } => run::channel_dots(N::slice(a), N::slice(b), positions, N::slice_mut(acc)),
        }
    }
}

/// x ← x · scale + shift.
#[inline(always)]
pub(crate) fn scale_shift<T: Float>(x: &mut [T], positions: usize, scale: Option<&[T]>, shift: Option<&[T]>) {
    simd::dispatch(x.len(), Channels { positions, work: Work::ScaleShift { x, scale, shift } });
}

/// x ← a · dy + b · x + c.
#[inline(always)]
pub(crate) fn blend<T: Float>(x: &mut [T], dy: &[T], positions: usize, numbers: [&[T]; 3]) {
    simd::dispatch(dy.len(), Channels { positions, work: Work::Blend { x, dy, numbers } });
}

/// acc += Σ x over the channel.
#[inline(always)]
pub(crate) fn channel_sums<T: Float>(x: &[T], positions: usize, acc: &mut [T]) {
    simd::dispatch(x.len(), Channels { positions, work: Work::Sums { x, acc } });
}

/// acc += Σ (x − center) over the channel.
#[inline(always)]
pub(crate) fn channel_deviations<T: Float>(x: &[T], positions: usize, center: &[T], acc: &mut [T]) {
    simd::dispatch(x.len(), Channels { positions, work: Work::Deviations { x, center, acc } });
}

/// x ← (x − a) − b.
#[inline(always)]
pub(crate) fn subtract<T: Float>(x: &mut [T], positions: usize, a: &[T], b: &[T]) {
    simd::dispatch(x.len(), Channels { positions, work: Work::Subtract { x, a, b } });
}

/// acc += Σ a · b over the channel.
#[inline(always)]
pub(crate) fn channel_dots<T: Float>(a: &[T], b: &[T], positions: usize, acc: &mut [T]) {
    simd::dispatch(a.len(), Channels { positions, work: Work::Dots { a, b, acc } });
}

/// The same in numbers of any instruction set, for kernels: what is dispatched within one stands there in all its forms.
pub(super) mod run {
    use super::{Float, positive, simd};

    /// x ← f(x, a, b), where each channel has its own a and b.
    #[inline(always)]
    fn each_channel<T: Float>(x: &mut [T], positions: usize, a: &[T], b: &[T], f: impl Fn(T, T, T) -> T) {
        // A width of 0 has no samples, and `chunks_exact_mut` would refuse it.
        for sample in x.chunks_exact_mut((a.len() * positions).max(1)) {
            if positions == 1 {
                for (x, (&a, &b)) in sample.iter_mut().zip(a.iter().zip(b)) {
                    *x = f(*x, a, b);
                }
            } else {
                for (x, (&a, &b)) in sample.chunks_exact_mut(positions.max(1)).zip(a.iter().zip(b)) {
                    simd::map_in_place(x, |x| f(x, a, b));
                }
            }
        }
    }

    #[inline(always)]
    pub(in crate::ops) fn scale_shift<T: Float>(x: &mut [T], positions: usize, scale: Option<&[T]>, shift: Option<&[T]>) {
        match (scale, shift) {
            (Some(scale), Some(shift)) => each_channel(x, positions, scale, shift, |x, a, b| a.mul_add(x, b)),
            (Some(scale), None) => each_channel(x, positions, scale, scale, |x, a, _| x * a),
            (None, Some(shift)) => each_channel(x, positions, shift, shift, |x, b, _| x + b),
            (None, None) => {}
        }
    }

    #[inline(always)]
    pub(in crate::ops) fn blend<T: Float>(x: &mut [T], dy: &[T], positions: usize, [a, b, c]: [&[T]; 3]) {
        let width = (a.len() * positions).max(1);
        for (x, dy) in x.chunks_exact_mut(positive(width)).zip(dy.chunks_exact(positive(width))) {
            let numbers = a.iter().zip(b).zip(c);
            if positions == 1 {
                for ((x, &dy), ((&a, &b), &c)) in x.iter_mut().zip(dy).zip(numbers) {
                    *x = a.mul_add(dy, b.mul_add(*x, c));
                }
            } else {
                let channels = x.chunks_exact_mut(positions.max(1)).zip(dy.chunks_exact(positions.max(1)));
                for ((x, dy), ((&a, &b), &c)) in channels.zip(numbers) {
                    simd::zip_in_place(x, dy, |x, dy| a.mul_add(dy, b.mul_add(x, c)));
                }
            }
        }
    }

    #[inline(always)]
    pub(in crate::ops) fn channel_sums<T: Float>(x: &[T], positions: usize, acc: &mut [T]) {
        if positions == 1 {
            let (fours, rest) = fours(x, acc.len());
            for [x0, x1, x2, x3] in fours {
                for (acc, ((&x0, &x1), (&x2, &x3))) in acc.iter_mut().zip(x0.iter().zip(x1).zip(x2.iter().zip(x3))) {
                    *acc = (((*acc + x0) + x1) + x2) + x3;
                }
            }
            return rest.for_each(|x| simd::add_assign(acc, x));
        }
        for sample in x.chunks_exact((acc.len() * positions).max(1)) {
            for (acc, x) in acc.iter_mut().zip(sample.chunks_exact(positions.max(1))) {
                *acc += simd::sum(x);
            }
        }
    }

    #[inline(always)]
    pub(in crate::ops) fn channel_deviations<T: Float>(x: &[T], positions: usize, center: &[T], acc: &mut [T]) {
        if positions == 1 {
            let (fours, rest) = fours(x, acc.len());
            for [x0, x1, x2, x3] in fours {
                let x = x0.iter().zip(x1).zip(x2.iter().zip(x3));
                for ((acc, &center), ((&x0, &x1), (&x2, &x3))) in acc.iter_mut().zip(center).zip(x) {
                    *acc = (((*acc + (x0 - center)) + (x1 - center)) + (x2 - center)) + (x3 - center);
                }
            }
            for x in rest {
                acc.iter_mut().zip(center).zip(x).for_each(|((acc, &center), &x)| *acc += x - center);
            }
            return;
        }
        for sample in x.chunks_exact((acc.len() * positions).max(1)) {
            let channels = acc.iter_mut().zip(center).zip(sample.chunks_exact(positions.max(1)));
            channels.for_each(|((acc, &center), x)| *acc += simd::sum_of(x, |x| x - center));
        }
    }

    /// Rows of `n`, four at a time, and the rest of them: what is added up over a column, one row after the other, is read and written
    /// once for four.
    #[inline(always)]
    fn fours<T>(x: &[T], n: usize) -> (impl Iterator<Item = [&[T]; 4]>, impl Iterator<Item = &[T]>) {
        let n = positive(n);
        let fours = x.chunks_exact(positive(4 * n));
        let rest = fours.remainder().chunks_exact(n);
        let four = move |x| {
            let [(x0, x1), (x2, x3)] = <[_; 2]>::from(halves(x)).map(halves);
            [x0, x1, x2, x3]
        };
        (fours.map(four), rest)
    }

    #[inline(always)]
    fn halves<T>(x: &[T]) -> (&[T], &[T]) {
        x.split_at_checked(x.len() / 2).unwrap_or_default()
    }

    #[inline(always)]
    pub(in crate::ops) fn subtract<T: Float>(x: &mut [T], positions: usize, a: &[T], b: &[T]) {
        each_channel(x, positions, a, b, |x, a, b| (x - a) - b);
    }

    #[inline(always)]
    pub(in crate::ops) fn channel_dots<T: Float>(a: &[T], b: &[T], positions: usize, acc: &mut [T]) {
        if positions == 1 {
            let ((a_fours, a_rest), (b_fours, b_rest)) = (fours(a, acc.len()), fours(b, acc.len()));
            for ([a0, a1, a2, a3], [b0, b1, b2, b3]) in a_fours.zip(b_fours) {
                let pairs = a0.iter().zip(b0).zip(a1.iter().zip(b1)).zip(a2.iter().zip(b2).zip(a3.iter().zip(b3)));
                for (acc, (((&a0, &b0), (&a1, &b1)), ((&a2, &b2), (&a3, &b3)))) in acc.iter_mut().zip(pairs) {
                    *acc = a3.mul_add(b3, a2.mul_add(b2, a1.mul_add(b1, a0.mul_add(b0, *acc))));
                }
            }
            for (a, b) in a_rest.zip(b_rest) {
                acc.iter_mut().zip(a.iter().zip(b)).for_each(|(acc, (&a, &b))| *acc = a.mul_add(b, *acc));
            }
            return;
        }
        let width = (acc.len() * positions).max(1);
        for (a, b) in a.chunks_exact(positive(width)).zip(b.chunks_exact(positive(width))) {
            let (a, b) = (a.chunks_exact(positions.max(1)), b.chunks_exact(positions.max(1)));
            for (acc, (a, b)) in acc.iter_mut().zip(a.zip(b)) {
                *acc += simd::dot(a, b);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_added_up_row_by_row() {
        for rows in 0..11 {
            let numbers = |seed: usize| -> Vec<f32> { (0..rows * 5).map(|i| ((i + seed) * 37 % 101) as f32 / 7.0).collect() };
            let (a, b, center) = (numbers(0), numbers(3), [0.3, 1.0, -2.0, 0.0, 0.1]);
            let [mut sums, mut dots, mut deviations] = [[0.1f32; 5]; 3];
            let [mut right_sums, mut right_dots, mut right_deviations] = [[0.1f32; 5]; 3];
            run::channel_sums(&a, 1, &mut sums);
            run::channel_dots(&a, &b, 1, &mut dots);
            run::channel_deviations(&a, 1, &center, &mut deviations);
            for (i, (&a, &b)) in a.iter().zip(&b).enumerate() {
                right_sums[i % 5] += a;
                right_dots[i % 5] = Float::mul_add(a, b, right_dots[i % 5]);
                right_deviations[i % 5] += a - center[i % 5];
            }
            assert_eq!((sums, dots, deviations), (right_sums, right_dots, right_deviations), "{rows}");
        }
    }
}
