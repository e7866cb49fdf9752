//! Depthwise, in long rows: the kernel's elements along the rows, without a buffer.

use super::{Convolution, over, under};
use crate::ops::window::{gather, scatter};
use crate::simd::{Cut, Float};

/// `y[p] += w[k] · x[p + k]`, for each element k of the kernel along the rows of y.
pub fn direct<T: Float>(s: &Convolution, x: &[T], weight: &[T], y: &mut [T]) {
    let (window, stride) = (&s.window, s.window.stride[1]);
    let kernels = weight.runs(window.taps()).cycle();
    let planes = x.runs(window.input_len()).zip(y.runs_mut(window.output_len()));
    for ((x, y), kernel) in planes.zip(kernels) {
        for (tap, &w) in window.each_tap().zip(kernel) {
            window.runs(tap, [0, 0], window.output_len(), |run| {
                let Some((y, x)) = under(run, y, x) else { return };
                gather(y, x, stride, |y, x| w.mul_add(x, y));
            });
        }
    }
}

/// `dx[p + k] += w[k] · dy[p]`.
pub fn direct_backward_input<T: Float>(s: &Convolution, weight: &[T], dy: &[T], dx: &mut [T]) {
    let (window, stride) = (&s.window, s.window.stride[1]);
    let kernels = weight.runs(window.taps()).cycle();
    let planes = dx.runs_mut(window.input_len()).zip(dy.runs(window.output_len()));
    for ((dx, dy), kernel) in planes.zip(kernels) {
        for (tap, &w) in window.each_tap().zip(kernel) {
            window.runs(tap, [0, 0], window.output_len(), |run| {
                let Some((dx, dy)) = over(run, dx, dy) else { return };
                scatter(dx, stride, dy, |dx, dy| w.mul_add(dy, dx));
            });
        }
    }
}
