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

impl Case {
    fn new(queries: usize, keys: usize, width: usize, values: usize) -> Self {
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

    fn computed(&self, mask: Mask<'_, f64>, drops: Option<Drops>) -> Results {
        let [q, k, v, y] = self.steps();
        let inputs = Inputs {
            sizes: self.sizes,
            scale: 0.7,
            q: Vectors { numbers: &self.q, steps: q },
            k: Vectors { numbers: &self.k, steps: k },
            v: Vectors { numbers: &self.v, steps: v },
            mask,
            drops,
        };
        let mut output = std::vec![f64::NAN; self.dy.len()];
        let mut normalizers = std::vec![f64::NAN; 12 * self.sizes.queries];
        attend(Attend { inputs, y: &mut output, steps: y, normalizers: &mut normalizers });
        let [mut dq, mut dk, mut dv] = [&self.q, &self.k, &self.v].map(|x| std::vec![0.0; x.len()]);
        attend_backward(AttendBackward {
            inputs,
            y: Vectors { numbers: &output, steps: y },
            dy: Vectors { numbers: &self.dy, steps: y },
            normalizers: &normalizers,
            gradients: VectorsMut::apart([&mut dq, &mut dk, &mut dv], [q, k, v]),
        });
        [output, dq, dk, dv]
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
        let (computed, defined) = (self.computed(self.mask(which), drops), self.defined(self.mask(which), drops));
        for (part, (computed, defined)) in ["y", "dq", "dk", "dv"].iter().zip(computed.iter().zip(&defined)) {
            for (i, (a, b)) in computed.iter().zip(defined).enumerate() {
                let Sizes { queries, keys, .. } = self.sizes;
                assert!((a - b).abs() < 1e-12 * b.abs().max(1.0), "{queries}×{keys}, mask {which}, {part}[{i}]: {a}, not {b}");
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

#[test]
fn who_may_attend_to_nothing_gives_zeros() {
    let mut case = Case::new(3, 70, 4, 4);
    case.allowed[70..140].fill(false);
    case.check(2, None);
    let [y, dq, ..] = case.computed(case.mask(2), None);
    assert!(y[4..8].iter().chain(&dq[4..8]).all(|&y| y == 0.0));
}
