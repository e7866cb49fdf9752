//! What the machine can do at best: multiply-adds in registers, and reading.

use std::hint::black_box;
use std::time::Instant;

use pulp::{Arch, Simd, WithSimd};

/// Sums that are computed at a time: enough to cover a fused multiply-add's latency at two an instruction cycle, and few enough for
/// 16 registers.
const SUMS: usize = 10;

/// Chains of multiply-adds of registers; gives how many floating-point operations it made.
#[derive(Clone, Copy)]
struct MultiplyAdd;

impl WithSimd for MultiplyAdd {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f64 {
        const TIMES: usize = 5000;
        let (factor, term) = (simd.splat_f32s(black_box(0.5)), simd.splat_f32s(black_box(0.25)));
        let mut sums = [term; SUMS];
        for _ in 0..TIMES {
            for sum in &mut sums {
                *sum = simd.mul_add_f32s(*sum, factor, term);
            }
        }
        black_box(sums.map(|sum| simd.reduce_sum_f32s(sum)));
        (2 * TIMES * SUMS * size_of::<S::f32s>() / size_of::<f32>()) as f64
    }
}

/// A sum of all numbers.
#[derive(Clone, Copy)]
struct Read<'x>(&'x [f32]);

impl WithSimd for Read<'_> {
    type Output = f32;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f32 {
        let (vectors, _) = S::as_simd_f32s(self.0);
        let mut sums = [simd.splat_f32s(0.0); SUMS];
        let chunks = vectors.chunks_exact(SUMS);
        for chunk in chunks {
            for (sum, &x) in sums.iter_mut().zip(chunk) {
                *sum = simd.add_f32s(*sum, x);
            }
        }
        sums.into_iter().map(|sum| simd.reduce_sum_f32s(sum)).sum()
    }
}

/// The seconds of the fastest of many runs: a limit is what the machine does when nothing disturbs it.
fn seconds<R>(run: impl Fn() -> R) -> f64 {
    const RUNS: usize = 500;
    let time = |_| {
        let start = Instant::now();
        black_box(run());
        start.elapsed().as_secs_f64()
    };
    (0..RUNS).map(time).fold(f64::INFINITY, f64::min)
}

/// Floating-point operations a second of one thread whose numbers stay in registers.
pub fn peak() -> f64 {
    let arch = Arch::new();
    arch.dispatch(MultiplyAdd) / seconds(|| arch.dispatch(MultiplyAdd))
}

/// Bytes a second that one thread reads again and again from a buffer of so many bytes.
pub fn bandwidth(bytes: usize) -> f64 {
    let buffer = vec![1.0f32; bytes / size_of::<f32>()];
    let arch = Arch::new();
    bytes as f64 / seconds(|| arch.dispatch(Read(black_box(&buffer))))
}
