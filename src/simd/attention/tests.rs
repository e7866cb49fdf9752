use super::*;
use crate::simd::Instructions;
use std::vec::Vec;

/// Numbers without a pattern between −1 and 1.
fn numbers(count: usize, seed: u64) -> Vec<f64> {
    let mut state = seed;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / (1u64 << 30) as f64 - 1.0
    };
    std::iter::repeat_with(next).take(count).collect()
}

struct Case {
    sizes: Sizes,
    q: Vec<f64>,
    k: Vec<f64>,
    v: Vec<f64>,
    dy: Vec<f64>,
    allowed: Vec<bool>,
    added: Vec<f64>,
    keys: Vec<bool>,
}

/// Output and the gradients of q, k, v.
type Results = [Vec<f64>; 4];

/// The same numbers as another type, and back.
fn cast<T: Float>(numbers: &[f64]) -> Vec<T> {
    numbers.iter().map(|&x| T::from_f64(x)).collect()
}

fn exact<T: Float>(numbers: Vec<T>) -> Vec<f64> {
    numbers.into_iter().map(T::to_f64).collect()
}

impl Case {
    /// Of numbers that `f32` holds, so that all types compute from the same ones.
    fn new(queries: usize, keys: usize, width: usize, values: usize) -> Self {
        let numbers = |count, seed| exact(cast::<f32>(&numbers(count, seed)));
        let sizes = Sizes { samples: 2, heads: 3, queries, keys, width, values };
        let [q, k, v] = [queries * width, keys * width, keys * values].map(|n| 6 * n);
        Self {
            sizes,
            q: numbers(q, 1),
            k: numbers(k, 2),
            v: numbers(v, 3),
            dy: numbers(6 * queries * values, 4),
            allowed: numbers(queries * keys, 5).iter().map(|&x| x > -0.4).collect(),
            added: numbers(queries * keys, 6),
            keys: numbers(2 * keys, 7).iter().map(|&x| x > -0.6).collect(),
        }
    }

    /// One of several masks.
    fn mask(&self, which: usize) -> Mask<'_, f64> {
        Mask {
            causal: which & 1 != 0,
            allowed: if which & 2 != 0 { &self.allowed } else { &[] },
            added: if which & 4 != 0 { &self.added } else { &[] },
            keys: if which & 8 != 0 { &self.keys } else { &[] },
        }
    }

    fn steps(&self) -> [Steps; 4] {
        let s = &self.sizes;
        [(s.queries, s.width), (s.keys, s.width), (s.keys, s.values), (s.queries, s.values)]
            .map(|(rows, width)| Steps::dense(s.heads, rows, width))
    }

    fn computed<T: Float>(&self, mask: Mask<'_, f64>, drops: Option<Drops>) -> Results {
        let [qs, ks, vs, ys] = self.steps();
        let [q, k, v, dy, added] = [&self.q, &self.k, &self.v, &self.dy, mask.added].map(cast::<T>);
        let inputs = Inputs {
            sizes: self.sizes,
            scale: T::from_f64(0.7),
            q: Vectors { numbers: &q, steps: qs },
            k: Vectors { numbers: &k, steps: ks },
            v: Vectors { numbers: &v, steps: vs },
            mask: Mask { causal: mask.causal, allowed: mask.allowed, added: &added, keys: mask.keys },
            drops,
        };
        let mut output = std::vec![T::NAN; dy.len()];
        let mut normalizers = std::vec![T::NAN; 12 * self.sizes.queries];
        attend(Attend { inputs, y: &mut output, steps: ys, normalizers: &mut normalizers });
        let [mut dq, mut dk, mut dv] = [&q, &k, &v].map(|x| std::vec![T::ZERO; x.len()]);
        attend_backward(AttendBackward {
            inputs,
            y: Vectors { numbers: &output, steps: ys },
            dy: Vectors { numbers: &dy, steps: ys },
            normalizers: &normalizers,
            gradients: VectorsMut::apart([&mut dq, &mut dk, &mut dv], [qs, ks, vs]),
        });
        [output, dq, dk, dv].map(exact)
    }

    /// The same by the definition, with all scores at once.
    fn defined(&self, mask: Mask<'_, f64>, drops: Option<Drops>) -> Results {
        let Sizes { heads, queries, keys, width, values, .. } = self.sizes;
        let scale = 0.7;
        let [mut y, mut dq, mut dk, mut dv] = [&self.dy, &self.q, &self.k, &self.v].map(|x| std::vec![0.0; x.len()]);
        for head in 0..6 {
            for i in 0..queries {
                let at = |row: usize, rows: usize, width: usize| (head * rows + row) * width;
                let (qi, yi) = (at(i, queries, width), at(i, queries, values));
                let score = |j: usize| {
                    let hidden = (mask.causal && j > i)
                        || mask.allowed.get(i * keys + j) == Some(&false)
                        || mask.keys.get(head / heads * keys + j) == Some(&false);
                    let dot: f64 = (0..width).map(|d| self.q[qi + d] * self.k[at(j, keys, width) + d]).sum();
                    let added = mask.added.get(i * keys + j).unwrap_or(&0.0);
                    if hidden { f64::NEG_INFINITY } else { dot * scale + added }
                };
                let scores: Vec<f64> = (0..keys).map(score).collect();
                let sum: f64 = scores.iter().map(|s| s.exp()).sum();
                let weights: Vec<f64> = scores.iter().map(|s| if sum == 0.0 { 0.0 } else { s.exp() / sum }).collect();
                let mut factors = std::vec![1.0; keys];
                if let Some(drops) = drops {
                    drops.apply(head * queries + i, 0, &mut factors);
                }
                let slope = |j: usize| -> f64 {
                    let dots = (0..values).map(|d| self.dy[yi + d] * self.v[at(j, keys, values) + d]);
                    dots.sum::<f64>() * factors[j]
                };
                let mean: f64 = (0..keys).map(|j| slope(j) * weights[j]).sum();
                for j in 0..keys {
                    let (kj, vj) = (at(j, keys, width), at(j, keys, values));
                    for d in 0..values {
                        y[yi + d] += weights[j] * factors[j] * self.v[vj + d];
                        dv[vj + d] += weights[j] * factors[j] * self.dy[yi + d];
                    }
                    let ds = weights[j] * (slope(j) - mean) * scale;
                    for d in 0..width {
                        dq[qi + d] += ds * self.k[kj + d];
                        dk[kj + d] += ds * self.q[qi + d];
                    }
                }
            }
        }
        [y, dq, dk, dv]
    }

    fn check(&self, which: usize, drops: Option<Drops>) {
        let defined = self.defined(self.mask(which), drops);
        self.compare(which, &self.computed::<f64>(self.mask(which), drops), &defined, 1e-12);
        self.compare(which, &self.computed::<f32>(self.mask(which), drops), &defined, 1e-5);
    }

    fn compare(&self, which: usize, computed: &Results, defined: &Results, tolerance: f64) {
        let Sizes { queries, keys, .. } = self.sizes;
        for (part, (computed, defined)) in ["y", "dq", "dk", "dv"].iter().zip(computed.iter().zip(defined)) {
            for (i, (a, b)) in computed.iter().zip(defined).enumerate() {
                assert!(
                    (a - b).abs() < tolerance * b.abs().max(1.0),
                    "{queries}×{keys}, mask {which}, {part}[{i}]: {a}, not {b}"
                );
            }
        }
    }
}

/// One block and several, whole ones and parts.
const LENGTHS: [(usize, usize); 8] =
    [(1, 1), (3, 5), (16, 16), (QUERIES, KEYS), (QUERIES + 1, KEYS + 1), (5, 2 * KEYS + 3), (2 * QUERIES + 7, 9), (70, 150)];

#[test]
fn blocks_are_the_definition() {
    Instructions::each(|_| {
        for ((queries, keys), masks) in LENGTHS.into_iter().zip([16, 16, 8, 4, 16, 4, 4, 4]) {
            let case = Case::new(queries, keys, 8, 8);
            (0..16).step_by(16 / masks).for_each(|mask| case.check(mask, None));
        }
        for (width, values) in [(3, 5), (17, 33), (300, 2)] {
            let case = Case::new(5, 7, width, values);
            [0, 1, 14].into_iter().for_each(|mask| case.check(mask, None));
        }
    });
}

#[test]
fn weights_are_dropped() {
    Instructions::each(|_| {
        for (queries, keys) in [(3, 5), (QUERIES + 1, KEYS + 1)] {
            let case = Case::new(queries, keys, 4, 4);
            case.check(0, Some(Drops::new(0.3, 9)));
            case.check(3, Some(Drops::new(0.7, 10)));
            case.check(0, Some(Drops::new(1.0, 10)));
        }
    });
}

#[test]
fn about_p_are_dropped() {
    let mut weights = [1.0f32; 1000];
    let (mut kept, mut sum) = (0, 0.0);
    for row in 0..40 {
        weights.fill(1.0);
        Drops::new(0.25, 3).apply(row, 0, &mut weights);
        kept += weights.iter().filter(|&&w| w != 0.0).count();
        sum += weights.iter().sum::<f32>();
    }
    assert!(kept.abs_diff(30_000) < 400 && (sum / 40_000.0 - 1.0).abs() < 0.02, "{kept} {sum}");
}

/// Scores far apart, equal ones, and what is no number: as the definition, also where that lies in a later block.
#[test]
fn extreme_scores() {
    Instructions::each(|_| {
        let (keys, width) = (2 * KEYS + 3, 4);
        let row =
            |case: &Case, i: usize| -> Vec<f64> { case.computed::<f32>(Mask::NONE, None)[0][i * width..][..width].to_vec() };
        for at in [0, 5, KEYS, keys - 1] {
            let mut case = Case::new(3, keys, width, width);
            let value = |case: &Case| case.v[at * width..][..width].to_vec();
            // One score is above all others by far more than an exponential holds: its value is the output.
            case.q[..width].fill(1.0);
            case.k[at * width..][..width].fill(1e30);
            assert_eq!(row(&case, 0), value(&case));
            case.k[at * width..][..width].fill(-1e30);
            assert!(row(&case, 0).iter().all(|y| y.abs() <= 1.0));
            // Equal scores: the mean of the values.
            case.k[..keys * width].fill(1e4);
            let mean = |d: usize| (0..keys).map(|j| case.v[j * width + d]).sum::<f64>() / keys as f64;
            for (d, y) in row(&case, 0).into_iter().enumerate() {
                assert!((y - mean(d)).abs() < 1e-5, "{y}, not {}", mean(d));
            }
            for wrong in [f64::NAN, f64::INFINITY] {
                case.k[at * width] = wrong;
                assert!(row(&case, 0).iter().all(|y| y.is_nan()), "{wrong} at {at}");
            }
        }
    });
}

#[test]
fn who_may_attend_to_nothing_gives_zeros() {
    let mut case = Case::new(3, 70, 4, 4);
    case.allowed[70..140].fill(false);
    case.check(2, None);
    let [y, dq, ..] = case.computed::<f32>(case.mask(2), None);
    assert!(y[4..8].iter().chain(&dq[4..8]).all(|&y| y == 0.0));
}
