//! Rows turned into columns.

use core::mem::MaybeUninit;

use super::gemm::factor::Abreast;
use super::positive;

/// Numbers whose rows are turned into columns.
pub trait Turns: Copy {
    /// Writes rows of one length as columns that begin `stride` numbers apart in `to`; says whether it had room for them.
    #[inline(always)]
    fn turn<const R: usize>(rows: [&[Self]; R], to: &mut [MaybeUninit<Self>], stride: usize) -> bool {
        one_by_one(rows, to, stride)
    }
}

impl Turns for f64 {}

impl Turns for f32 {
    #[cfg(all(target_arch = "x86_64", target_feature = "avx"))]
    #[inline(always)]
    fn turn<const R: usize>(rows: [&[Self]; R], to: &mut [MaybeUninit<Self>], stride: usize) -> bool {
        // SAFETY: the program is built for these instructions.
        unsafe { squares::turn(rows, to, stride) }
    }
}

#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod on {
    use super::{MaybeUninit, Turns, squares};
    use crate::simd::sets::{On, Set};

    impl<S: Set> Turns for On<f64, S> {}

    impl<S: Set> Turns for On<f32, S> {
        #[inline(always)]
        fn turn<const R: usize>(rows: [&[Self]; R], to: &mut [MaybeUninit<Self>], stride: usize) -> bool {
            // SAFETY: numbers of a set are worked on in its kernels alone, which run where the machine has it, and each has these
            // instructions. No safe way calls a function that is compiled for more than the program is.
            unsafe { squares::turn(rows, to, stride) }
        }
    }
}

/// Whether the machine may turn some in registers.
pub const IN_REGISTERS: bool = cfg!(all(target_arch = "x86_64", any(feature = "std", target_feature = "avx")));

/// `depth` numbers from column `k0` on of the `R` rows from `first` on, of a matrix in rows of `width`. The first of them stands in for those
/// that the matrix does not have; nothing if it has none.
#[inline(always)]
pub fn rows_from<T, const R: usize>(x: &[T], width: usize, first: usize, k0: usize, depth: usize) -> [&[T]; R] {
    let row = |i: usize| {
        let start = (first + i) * width + k0;
        x.get(start..start + depth)
    };
    let mut rows = [row(0).unwrap_or(&[]); R];
    for (i, lane) in rows.iter_mut().enumerate() {
        *lane = row(i).unwrap_or(lane);
    }
    rows
}

/// Whether there is room for `depth` columns of `rows` numbers, `stride` apart.
#[inline(always)]
fn is_room(room: usize, rows: usize, depth: usize, stride: usize) -> bool {
    depth == 0 || room >= (depth - 1).saturating_mul(stride).saturating_add(rows)
}

/// Number by number.
#[inline(always)]
fn one_by_one<T: Copy, const R: usize>(rows: [&[T]; R], to: &mut [MaybeUninit<T>], stride: usize) -> bool {
    let depth = rows.first().map_or(0, |row| row.len());
    let Some(columns) = Abreast::of(rows, depth).filter(|_| is_room(to.len(), R, depth, stride)) else { return false };
    for (to, column) in to.chunks_mut(positive(stride)).zip(columns) {
        if let Some(to) = to.first_chunk_mut::<R>() {
            // All at once: one by one, the compiler may go through them in another order, with a scatter.
            // SAFETY: an array of what may not be written is an array that may not be. No safe way says so.
            unsafe { &mut *(core::ptr::from_mut(to) as *mut MaybeUninit<[T; R]>) }.write(column);
        }
    }
    true
}

/// In registers of eight numbers, with AVX.
#[cfg(all(target_arch = "x86_64", any(feature = "std", target_feature = "avx")))]
mod squares {
    use core::arch::x86_64::{
        __m256, _mm_loadu_ps, _mm256_castpd_ps, _mm256_castps_pd, _mm256_castps128_ps256, _mm256_insertf128_ps,
        _mm256_storeu_ps, _mm256_unpackhi_pd, _mm256_unpackhi_ps, _mm256_unpacklo_pd, _mm256_unpacklo_ps,
    };

    use super::{MaybeUninit, is_room, one_by_one};

    /// The rows that are turned together, and how many numbers of each.
    const ROWS: usize = 8;
    const COLUMNS: usize = 4;

    /// [`Turns::turn`](super::Turns::turn) for numbers that are `f32` in memory.
    #[target_feature(enable = "avx")]
    #[inline]
    pub fn turn<T: Copy, const R: usize>(rows: [&[T]; R], to: &mut [MaybeUninit<T>], stride: usize) -> bool {
        let depth = rows.first().map_or(0, |row| row.len());
        if const { !R.is_multiple_of(ROWS) || size_of::<T>() != 4 } || depth < COLUMNS {
            return one_by_one(rows, to, stride);
        }
        let fits = is_room(to.len(), R, depth, stride) && rows.iter().all(|row| row.len() == depth);
        if fits {
            for (eights, rows) in rows.as_chunks().0.iter().enumerate() {
                // SAFETY: the rows are as long, and there is the room. A safe index would be checked for each square.
                unsafe { eight(rows, depth, to.as_mut_ptr().add(eights * ROWS).cast(), stride) };
            }
        }
        fits
    }

    /// # Safety
    ///
    /// The rows are of `depth` numbers of four bytes, no fewer than `COLUMNS`, and there is room for so many columns of `ROWS` numbers.
    #[target_feature(enable = "avx")]
    #[inline]
    unsafe fn eight<T>(rows: &[&[T]; ROWS], depth: usize, to: *mut f32, stride: usize) {
        let rows = rows.map(|row| row.as_ptr().cast());
        let mut at = 0;
        loop {
            // SAFETY: from `at` on there are as many numbers in each row, and columns to write to.
            unsafe { square(rows, at, to.add(at * stride), stride) };
            if at + COLUMNS == depth {
                return;
            }
            // The last square may begin within the one before it.
            at = usize::min(at + COLUMNS, depth - COLUMNS);
        }
    }

    /// Four numbers of each row. The halves of a register hold rows that are four apart, and each is turned within itself.
    ///
    /// # Safety
    ///
    /// From `at` on there are so many, and room for four columns of eight.
    #[target_feature(enable = "avx")]
    #[inline]
    unsafe fn square([a, b, c, d, e, f, g, h]: [*const f32; ROWS], at: usize, to: *mut f32, stride: usize) {
        // SAFETY: the caller says so.
        let (first, second, third, fourth) = unsafe { (pair(a, e, at), pair(b, f, at), pair(c, g, at), pair(d, h, at)) };
        let low = [_mm256_unpacklo_ps(first, second), _mm256_unpacklo_ps(third, fourth)];
        let high = [_mm256_unpackhi_ps(first, second), _mm256_unpackhi_ps(third, fourth)];
        for (place, column) in [lower(low), upper(low), lower(high), upper(high)].into_iter().enumerate() {
            // SAFETY: there is room for it.
            unsafe { _mm256_storeu_ps(to.add(place * stride), column) };
        }
    }

    /// Four numbers of each row.
    ///
    /// # Safety
    ///
    /// From `at` on there are so many.
    #[target_feature(enable = "avx")]
    #[inline]
    unsafe fn pair(low: *const f32, high: *const f32, at: usize) -> __m256 {
        // SAFETY: the caller says so. A safe load is one of a reference to an array, which is checked for each.
        let [low, high] = unsafe { [_mm_loadu_ps(low.add(at)), _mm_loadu_ps(high.add(at))] };
        _mm256_insertf128_ps::<1>(_mm256_castps128_ps256(low), high)
    }

    /// The lower pair of each half of one, then of the other.
    #[target_feature(enable = "avx")]
    #[inline]
    fn lower([x, y]: [__m256; 2]) -> __m256 {
        _mm256_castpd_ps(_mm256_unpacklo_pd(_mm256_castps_pd(x), _mm256_castps_pd(y)))
    }

    /// The upper ones.
    #[target_feature(enable = "avx")]
    #[inline]
    fn upper([x, y]: [__m256; 2]) -> __m256 {
        _mm256_castpd_ps(_mm256_unpackhi_pd(_mm256_castps_pd(x), _mm256_castps_pd(y)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::sets::{Kernel, Same};
    use crate::simd::{Float, Instructions};

    /// Turns `R` rows of `depth` numbers into columns that begin `stride` apart, in too little room and in just enough.
    struct Turn<const R: usize> {
        depth: usize,
        stride: usize,
    }

    impl<T: Float, const R: usize> Kernel<T> for Turn<R> {
        type Output = ();
        const WIDE: bool = true;

        #[inline(always)]
        fn run<N: Same<T>>(self) {
            let Self { depth, stride } = self;
            let numbers: Vec<N> = (0..R * depth).map(N::from_usize).collect();
            let rows = core::array::from_fn::<_, R, _>(|i| &numbers[i * depth..(i + 1) * depth]);
            let mut room = vec![MaybeUninit::new(-N::ONE); (depth - 1) * stride + R];
            let short = room.len() - 1;
            assert!(!N::turn(rows, &mut room[..short], stride));
            assert!(N::turn(rows, &mut room, stride));
            for (at, number) in room.into_iter().enumerate() {
                let (k, row) = (at / stride, at % stride);
                let expected = if row < R { N::from_usize(row * depth + k) } else { -N::ONE };
                // SAFETY: it was written above.
                assert!(unsafe { number.assume_init() } == expected, "{R} rows of {depth}, {k} {row}");
            }
        }
    }

    #[test]
    fn rows_become_columns_on_every_instruction_set() {
        fn all<T: Float>() {
            for depth in 1..40 {
                T::dispatch(Turn::<4> { depth, stride: 4 });
                T::dispatch(Turn::<8> { depth, stride: 11 });
                T::dispatch(Turn::<16> { depth, stride: 32 });
            }
        }
        Instructions::each(|_| {
            all::<f32>();
            all::<f64>();
        });
    }
}
