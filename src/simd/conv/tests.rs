//! Each correlation and each gradient against the plain loops, on each instruction set of this machine.

use super::*;
use crate::simd::Instructions;

const SAMPLES: usize = 2;
const GROUPS: usize = 2;

/// Multiples of 1/8 within ±2: their products add up exactly in either type, so that results must match to the bit.
fn numbers<T: Float>(count: usize, seed: usize) -> Vec<T> {
    (0..count).map(|i| ((i + 1) * (seed * 2 + 7919) % 33) as f64 / 8.0 - 2.0).map(T::from_f64).collect()
}

/// Sizes for each width and kernel: the rest follows from a counter, so that each meets each.
fn all_sizes() -> Vec<Correlation> {
    let mut found = Vec::new();
    let mut i = 0;
    for width in 1..=40 {
        for kernel in 1..=5 {
            i += 1;
            let dilation = 1 + i % 7 / 6;
            let [stride, padding] = [1 + [0, 0, 1, 2][i % 4], [0, 0, 1, 2][i % 5 % 4]];
            let kernel = [1 + i % 3, kernel];
            let source = [1 + i % 5, width];
            let size = |axis: usize| {
                (source[axis] + 2 * padding).checked_sub((kernel[axis] - 1) * dilation + 1).map(|n| n / stride + 1)
            };
            let (Some(rows), Some(columns)) = (size(0), size(1)) else { continue };
            let around = width > padding && source[0] > padding && i % 3 == 0;
            found.push(Correlation {
                channels: [1, 2, 3, 4, 5][i % 5],
                outputs: [1, 2, 3, 4, 5, 9, 17][i % 7],
                kernel,
                stride: [stride; 2],
                padding: [padding; 2],
                dilation: [dilation; 2],
                beyond: if around { Some(|i, n| Some(i.clamp(0, n.cast_signed() - 1).cast_unsigned())) } else { None },
                source,
                output: [rows, columns],
                turned: i % 2 == 0,
            });
        }
    }
    found
}

/// The number under an output and a tap; 0 where there is none.
fn under<T: Float>(s: &Correlation, plane: &[T], output: [usize; 2], tap: [usize; 2]) -> T {
    let mut at = [0; 2];
    for axis in 0..2 {
        let i = (output[axis] * s.stride[axis] + tap[axis] * s.dilation[axis]).cast_signed() - s.padding[axis].cast_signed();
        let inside = usize::try_from(i).ok().filter(|&i| i < s.source[axis]);
        match inside.or_else(|| s.beyond?(i, s.source[axis])) {
            Some(i) => at[axis] = i,
            None => return T::ZERO,
        }
    }
    plane[at[0] * s.source[1] + at[1]]
}

/// Calls `f` with the places in y, in the weight, and the number of x between them.
fn each<T: Float>(s: &Correlation, x: &[T], mut f: impl FnMut(usize, usize, T)) {
    let (plane, taps) = (s.source_len(), s.taps());
    for sample_group in 0..SAMPLES * GROUPS {
        for (o, p) in (0..s.outputs).flat_map(|o| (0..s.output_len()).map(move |p| (o, p))) {
            let y = (sample_group * s.outputs + o) * s.output_len() + p;
            for (c, k) in (0..s.channels).flat_map(|c| (0..taps).map(move |k| (c, k))) {
                let w = if s.turned { (c * s.outputs + o) * taps + taps - 1 - k } else { (o * s.channels + c) * taps + k };
                let w = sample_group % GROUPS * s.outputs * s.channels * taps + w;
                let from = (sample_group * s.channels + c) * plane;
                let x =
                    under(s, &x[from..from + plane], [p / s.output[1], p % s.output[1]], [k / s.kernel[1], k % s.kernel[1]]);
                f(y, w, x);
            }
        }
    }
}

#[track_caller]
fn assert_same<T: Float>(found: &[T], expected: &[T], s: &Correlation, what: &str) {
    for (at, (a, b)) in found.iter().zip(expected).enumerate() {
        let sizes = (s.channels, s.outputs, s.kernel, s.stride, s.padding, s.dilation, s.source, s.turned);
        assert!(a == b || (a.is_nan() && b.is_nan()), "{what} {sizes:?} at {at}: {a} and not {b}");
    }
}

/// With a NaN in `x` and `dy` at these places, if any.
fn check<T: Float>(s: &Correlation, nan: Option<[usize; 2]>) {
    let groups = SAMPLES * GROUPS;
    let mut x = numbers::<T>(groups * s.channels * s.source_len(), 1);
    let mut dy = numbers::<T>(groups * s.outputs * s.output_len(), 2);
    let weight = numbers::<T>(GROUPS * s.channels * s.outputs * s.taps(), 3);
    let bias = numbers::<T>(GROUPS * s.outputs, 4);
    if let Some([i, j]) = nan {
        let (i, j) = (i % x.len(), j % dy.len());
        (x[i], dy[j]) = (T::NAN, T::NAN);
    }

    let before = [Before::Itself, Before::Zero, Before::Bias(&bias)][(s.source[1] + s.outputs) % 3];
    let mut y = numbers::<T>(dy.len(), 5);
    let mut expected = y.clone();
    for (at, y) in expected.iter_mut().enumerate() {
        match before {
            Before::Itself => {}
            Before::Zero => *y = T::ZERO,
            Before::Bias(bias) => *y = bias[at / s.output_len() % bias.len()],
        }
    }
    each(s, &x, |at, w, x| expected[at] += weight[w] * x);
    correlate(s, &x, &weight, before, &mut y);
    assert_same(&y, &expected, s, "y");

    if !s.turned {
        let mut dweight = numbers::<T>(weight.len(), 6);
        let mut expected = dweight.clone();
        each(s, &x, |at, w, x| expected[w] += dy[at] * x);
        correlate_weight(s, GROUPS, &x, &dy, &mut dweight);
        assert_same(&dweight, &expected, s, "dw");
    }
}

#[test]
fn every_instruction_set_is_the_plain_loops() {
    let sizes = all_sizes();
    assert!(sizes.len() > 150 && sizes.iter().all(Correlation::fits));
    Instructions::each(|_| {
        for (i, s) in sizes.iter().enumerate() {
            let nan = [None, Some([i * 977, i * 613])][i / 2 % 2];
            if i / 4 % 2 == 0 { check::<f32>(s, nan) } else { check::<f64>(s, nan) }
        }
    });
}

#[test]
fn planes_of_many_parts_are_the_plain_loops() {
    Instructions::each(|_| many_parts());
}

fn many_parts() {
    let sizes = Correlation {
        channels: 6,
        outputs: 2,
        kernel: [5, 3],
        stride: [1; 2],
        padding: [2, 1],
        dilation: [1; 2],
        beyond: None,
        source: [30, 60],
        output: [30, 60],
        turned: false,
    };
    check::<f32>(&sizes, None);
    check::<f32>(&Correlation { channels: 1, source: [3, 3000], output: [3, 3000], ..sizes }, None);
    check::<f64>(&Correlation { stride: [2, 3], output: [15, 20], ..sizes }, Some([4000, 900]));
    let square = Correlation { channels: 2, kernel: [3, 3], padding: [1, 1], source: [67, 60], output: [67, 60], ..sizes };
    check::<f32>(&square, Some([5000, 7000]));
    check::<f32>(&Correlation { outputs: 7, stride: [2, 1], output: [34, 60], ..square }, None);
    check::<f32>(&Correlation { channels: 60, outputs: 6, source: [7, 9], output: [7, 9], ..square }, None);
    let ready = Correlation { padding: [0; 2], output: [65, 58], ..square };
    check::<f32>(&ready, Some([4000, 900]));
    check::<f32>(
        &Correlation {
            dilation: [2, 3],
            output: [63, 54],
            beyond: Some(|i, n| i.checked_rem(n.cast_signed())?.try_into().ok()),
            ..ready
        },
        None,
    );
    check::<f64>(&Correlation { channels: 70, source: [4, 20], output: [4, 20], turned: true, ..sizes }, None);
}
