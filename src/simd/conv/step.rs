//! One output of a correlation along time: the window's frames, of which all but the newest lie in a ring.
//!
//! **One order of sums**, on every machine with vectors: over the frames, the oldest first, and in each over the input channels; channel i
//! goes to the partial sum i modulo 4, the first two and the last two are added up, these two, and the bias last. Depthwise the bias comes
//! first, and then one product a frame.

use crate::simd::lanes::{Lanes, each_place};
use crate::simd::sets::{Kernel, Part, Same};
use crate::simd::{Float, copy, positive};

/// A window over frames of channels, for one output.
#[derive(Clone, Copy)]
pub struct Step<'a, T> {
    /// The elements of the kernel.
    pub taps: usize,
    /// The input and the output channels of a group.
    pub group: [usize; 2],
    /// The frames before the newest, in a ring, and the place of the oldest's first number.
    pub past: (&'a [T], usize),
    /// From one element of the kernel to the next, in numbers of the ring.
    pub apart: usize,
    /// The newest frame.
    pub newest: &'a [T],
    /// The weight in the order that [`arrange`] gives.
    pub weight: &'a [T],
    /// The bias; zeros where it is empty.
    pub bias: &'a [T],
}

/// The weight of a convolution, `[OUT][IN / groups][taps]`, in the order in which a step reads it: `[taps][groups][IN / groups][OUT / groups]`.
pub fn arrange<T: Float>(weight: &[T], taps: usize, groups: usize, outputs: usize, arranged: &mut [T]) {
    let group_out = outputs / positive(groups);
    let inputs = weight.len() / positive(outputs * taps);
    let mut to = arranged.iter_mut();
    for tap in 0..taps {
        for (group, input) in (0..groups).flat_map(|g| (0..inputs).map(move |i| (g, i))) {
            for (output, to) in (group * group_out..(group + 1) * group_out).zip(&mut to) {
                *to = weight.get((output * inputs + input) * taps + tap).copied().unwrap_or(T::ZERO);
            }
        }
    }
}

impl<'a, T: Float> Step<'a, T> {
    /// y = b + w ⋆ the window.
    #[inline(always)]
    pub fn run(&self, y: &mut [T]) {
        let [inputs, outputs] = self.group;
        if y.len() == outputs {
            T::dispatch(Stepping { step: self, each: inputs * outputs, y });
        } else {
            self.groups(y);
        }
    }

    /// The same of several groups, a kernel for each. (Of one group it is by reference: the numbers of a copy, written one by one, would be read
    /// in vectors, and waited for.)
    #[inline(never)]
    fn groups(&self, y: &mut [T]) {
        let [inputs, outputs] = self.group;
        if inputs == 1 && outputs == 1 {
            return T::dispatch(Depthwise { step: self, y });
        }
        let each = y.len() * inputs;
        for (group, y) in y.chunks_exact_mut(positive(outputs)).enumerate() {
            T::dispatch(Stepping { step: &self.of(group), each, y });
        }
    }

    /// That of one group. (In the ring each frame's channels begin before its end.)
    #[inline(always)]
    fn of(&self, group: usize) -> Self {
        let ([inputs, outputs], (ring, oldest)) = (self.group, self.past);
        let first = group * inputs;
        Self {
            past: (ring, oldest + first),
            newest: self.newest.get(first..first + inputs).unwrap_or_default(),
            weight: self.weight.get(first * outputs..).unwrap_or_default(),
            bias: self.bias.get(group * outputs..).unwrap_or_default(),
            ..*self
        }
    }

    /// The frames of the window, the oldest first, and the weights from theirs on; a tap of all groups has so many.
    #[inline(always)]
    const fn each_tap(&self, each: usize) -> Taps<'a, T> {
        let (ring, at) = self.past;
        Taps { ring, at, apart: self.apart, newest: self.newest, weight: self.weight, each, left: self.taps }
    }

    /// The same with another name for the numbers.
    #[inline(always)]
    fn cast<N: Same<T>>(&self) -> Step<'a, N> {
        Step {
            taps: self.taps,
            group: self.group,
            past: (N::slice(self.past.0), self.past.1),
            apart: self.apart,
            newest: N::slice(self.newest),
            weight: N::slice(self.weight),
            bias: N::slice(self.bias),
        }
    }
}

/// An iterator and not a function of a closure, which would not be inlined into the kernel.
struct Taps<'a, T> {
    ring: &'a [T],
    at: usize,
    apart: usize,
    newest: &'a [T],
    weight: &'a [T],
    each: usize,
    left: usize,
}

impl<'a, T: Float> Iterator for Taps<'a, T> {
    type Item = (&'a [T], &'a [T]);

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        if self.left == 0 {
            return Some((self.newest, self.weight));
        }
        let frame = self.ring.get(self.at..self.at + self.newest.len())?;
        let (weight, later) = self.weight.split_at_checked(self.each)?;
        self.weight = later;
        self.at += self.apart;
        self.at = if self.at >= self.ring.len() { self.at - self.ring.len() } else { self.at };
        Some((frame, weight))
    }
}

/// y += w · x, number by number.
#[inline(always)]
fn add_products<T: Float>(x: &[T], w: &[T], y: &mut [T]) {
    let ((y, y_rest), (x, x_rest), (w, w_rest)) = (y.as_chunks_mut::<8>(), x.as_chunks::<8>(), w.as_chunks::<8>());
    for ((y, &x), &w) in y.iter_mut().zip(x).zip(w) {
        let mut sum = Lanes::new(*y);
        sum.add_product(&Lanes::new(w), &Lanes::new(x));
        *y = sum.get();
    }
    for ((y, &x), &w) in y_rest.iter_mut().zip(x_rest).zip(w_rest) {
        *y = w.mul_add(x, *y);
    }
}

/// Outputs of one group, and how many weights a tap of all groups has.
pub struct Stepping<'a, T> {
    step: &'a Step<'a, T>,
    each: usize,
    y: &'a mut [T],
}

impl<T: Float> Kernel<T> for Stepping<'_, T> {
    type Output = ();
    const WIDE: bool = true;
    const DOUBLES: bool = false;

    #[inline(always)]
    fn fills_wide(&self) -> bool {
        self.y.len() >= 16
    }

    #[inline(always)]
    fn run<N: Same<T>>(self) {
        let outputs = Outputs { step: &self.step.cast(), each: self.each, y: N::slice_mut(self.y) };
        // The target's in a function, as there are several calls.
        if const { N::CHOSEN } { outputs.run() } else { N::apart(outputs) }
    }
}

/// The same of numbers of a set.
struct Outputs<'a, N> {
    step: &'a Step<'a, N>,
    each: usize,
    y: &'a mut [N],
}

impl<N: Float> Part for Outputs<'_, N> {
    #[inline(always)]
    fn run(self) {
        N::window(self.step, self.each, self.y);
    }
}

impl<T: Float> Step<'_, T> {
    /// Outputs side by side, as many as vectors of `L` lanes hold, and no fewer than `LEAST`. (In `f64`, in which gradients are checked, one vector at a time, which is less to
    /// compile.)
    #[inline(always)]
    pub fn outputs<const L: usize, const LEAST: usize>(&self, each: usize, y: &mut [T]) {
        let n = y.len();
        let mut at = 0;
        while const { size_of::<T>() == 4 } && n - at >= 2 * L {
            self.vectors::<2, L>(each, at, y);
            at += 2 * L;
        }
        if const { LEAST >= L } || n >= L {
            self.rest::<L>(each, at, y);
        } else if const { L > 4 } && n >= 4 {
            self.rest::<4>(each, at, y);
        } else {
            self.rest::<1>(each, at, y);
        }
    }

    /// The outputs from `at` on, of which there are `L` or more in all, a vector at a time; the last one has some before once more.
    #[inline(always)]
    fn rest<const L: usize>(&self, each: usize, mut at: usize, y: &mut [T]) {
        while at < y.len() {
            self.vectors::<1, L>(each, usize::min(at, y.len().saturating_sub(L)), y);
            at += L;
        }
    }

    /// Those of `V` vectors from `at`. With few of them to hide the latency of a multiply-add behind, there are four sums of each.
    #[inline(always)]
    fn vectors<const V: usize, const L: usize>(&self, each: usize, at: usize, y: &mut [T]) {
        let n = y.len();
        // By name, and not by number: an array is left in memory, and each sum would wait for its way there and back.
        let [mut a, mut b, mut c, mut d] = [[Lanes::<T, L>::ZERO; V]; 4];
        for (frame, weight) in self.each_tap(each) {
            let mut weight = weight.get(at..).unwrap_or_default();
            let (fours, rest) = frame.as_chunks::<4>();
            for &[p, q, r, s] in fours {
                let rows = (row(weight, 0), row(weight, n), row(weight, 2 * n), row(weight, 3 * n));
                let (Some(first), Some(second), Some(third), Some(fourth)) = rows else { break };
                add_row(&mut a, p, first);
                add_row(&mut b, q, second);
                add_row(&mut c, r, third);
                add_row(&mut d, s, fourth);
                weight = weight.get(4 * n..).unwrap_or_default();
            }
            let rows = (row(weight, 0), row(weight, n), row(weight, 2 * n));
            if let (Some(&p), Some(first)) = (rest.first(), rows.0) {
                add_row(&mut a, p, first);
            }
            if let (Some(&q), Some(second)) = (rest.get(1), rows.1) {
                add_row(&mut b, q, second);
            }
            if let (Some(&r), Some(third)) = (rest.get(2), rows.2) {
                add_row(&mut c, r, third);
            }
        }
        add(&mut a, &b);
        add(&mut c, &d);
        add(&mut a, &c);
        // (What y holds is not read: it was just written, in pieces that a vector would have to wait for.)
        let bias = row::<T, V, L>(self.bias, at);
        if let Some(y) = y.get_mut(at..).and_then(|y| y.as_chunks_mut::<L>().0.first_chunk_mut::<V>()) {
            each_place!(V, |v| {
                let bias = if let Some(bias) = bias { Lanes::new(bias[v]) } else { Lanes::ZERO };
                a[v].combine(&bias, |sum, bias| sum + bias);
                y[v] = a[v].get();
            });
        }
    }
}

/// a += b.
#[inline(always)]
fn add<T: Float, const V: usize, const L: usize>(a: &mut [Lanes<T, L>; V], b: &[Lanes<T, L>; V]) {
    each_place!(V, |i| a[i].combine(&b[i], |a, b| a + b));
}

/// The row of the weight from `at`.
#[inline(always)]
fn row<T, const V: usize, const L: usize>(weight: &[T], at: usize) -> Option<&[[T; L]; V]> {
    weight.get(at..)?.as_chunks().0.first_chunk()
}

/// sums += x · row.
#[inline(always)]
fn add_row<T: Float, const V: usize, const L: usize>(sums: &mut [Lanes<T, L>; V], x: T, row: &[[T; L]; V]) {
    each_place!(V, |i| sums[i].add_scaled(x, &Lanes::new(row[i])));
}

/// A step of which every channel is a group.
struct Depthwise<'a, T> {
    step: &'a Step<'a, T>,
    y: &'a mut [T],
}

impl<T: Float> Kernel<T> for Depthwise<'_, T> {
    type Output = ();
    const DOUBLES: bool = false;

    #[inline(always)]
    fn run<N: Same<T>>(self) {
        let (step, y) = (self.step.cast::<N>(), N::slice_mut(self.y));
        match step.bias {
            [] => y.fill(N::ZERO),
            bias => copy(bias, y),
        }
        for (frame, weight) in step.each_tap(y.len()) {
            add_products(frame, weight, y);
        }
    }
}
