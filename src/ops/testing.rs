//! What the operations' tests share: numbers to feed them, and finite differences to hold their gradients against.

use super::{Function, Function2, Sink};
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::{Buffer, Tensor, is_within};

/// Numbers in (-1, 1) without a pattern, all different: sin of steps of an irrational length.
pub(crate) fn wavy<S: Shape<Elem = T>, T: Float>(phase: f64) -> Tensor<S> {
    let mut t = Tensor::<S>::zeros();
    for (i, x) in t.iter_mut().enumerate() {
        *x = T::from_f64(Float::sin(1.7 * Float::sqrt(i as f64 + 1.0) * (i as f64 + 1.0) + phase));
    }
    t
}

/// Holds `backward` against central differences of Σ dy · forward(x), for a dy without a pattern. Also that it accumulates.
pub(crate) fn check_gradient<S, R>(
    x: &Tensor<S>,
    forward: impl Fn(&Tensor<S>) -> Tensor<R>,
    backward: impl Fn(&Tensor<R>, &mut Tensor<S>),
) where
    S: Shape<Elem = f64>,
    R: Shape<Elem = f64>,
{
    const STEP: f64 = 1e-5;
    let dy = wavy::<R, f64>(0.3);
    let loss = |x: &Tensor<S>| forward(x).iter().zip(&dy).map(|(y, dy)| y * dy).sum::<f64>();
    let mut dx = Tensor::ones();
    backward(&dy, &mut dx);
    for (i, dx) in dx.iter().enumerate() {
        let moved = |by: f64| {
            let mut x = *x;
            x.as_mut_slice()[i] += by;
            loss(&x)
        };
        let expected = (moved(STEP) - moved(-STEP)) / (2.0 * STEP);
        let error = 1e-6 * f64::max(1.0, f64::abs(expected));
        assert!(is_within(dx - 1.0, expected, error), "dx[{i}] is {}, not {expected}", dx - 1.0);
    }
}

/// A value made of numbers, as the tests see it.
pub(crate) trait Numbers: Buffer {
    /// Replaces each number by `f` of it.
    fn update(&mut self, f: &mut dyn FnMut(f64) -> f64);

    /// How many numbers there are.
    fn count(&self) -> usize {
        let mut count = 0;
        self.each(|_| count += 1);
        count
    }

    /// Calls `f` with each number.
    fn each(&self, mut f: impl FnMut(f64)) {
        let mut copy = *self;
        copy.update(&mut |x| {
            f(x);
            x
        });
    }

    /// `f` of each number.
    fn updated(&self, mut f: impl FnMut(f64) -> f64) -> Self {
        let mut copy = *self;
        copy.update(&mut f);
        copy
    }
}

impl<T: Float> Numbers for T {
    fn update(&mut self, f: &mut dyn FnMut(f64) -> f64) {
        *self = T::from_f64(f(self.to_f64()));
    }
}

impl<S: Shape<Elem: Float>> Numbers for Tensor<S> {
    fn update(&mut self, f: &mut dyn FnMut(f64) -> f64) {
        self.iter_mut().for_each(|x| x.update(f));
    }
}

impl<A: Numbers, const N: usize> Numbers for [A; N] {
    fn update(&mut self, f: &mut dyn FnMut(f64) -> f64) {
        self.iter_mut().for_each(|x| x.update(f));
    }
}

impl<A: Numbers, B: Numbers> Numbers for (A, B) {
    fn update(&mut self, f: &mut dyn FnMut(f64) -> f64) {
        self.0.update(f);
        self.1.update(f);
    }
}

/// A gradient to begin with: numbers without a pattern.
fn waves<A: Numbers>(like: &A) -> A {
    let mut n = 0.0;
    like.updated(|_| {
        n += 1.0;
        Float::sin(1.7 * Float::sqrt(n) * n + 0.3)
    })
}

/// Σ a · b.
fn product<A: Numbers>(a: &A, b: &A) -> f64 {
    let mut others = Vec::new();
    b.each(|x| others.push(x));
    let mut others = others.into_iter();
    let mut sum = 0.0;
    a.each(|x| sum += x * others.next().unwrap());
    sum
}

/// Holds `dx`, which began with ones, against central differences of Σ dy · f(x).
fn compare<A: Numbers, Y: Numbers>(x: &A, dx: &A, dy: &Y, f: impl Fn(&A) -> Y) {
    const STEP: f64 = 1e-5;
    let mut found = Vec::new();
    dx.each(|dx| found.push(dx - 1.0));
    for (i, found) in found.into_iter().enumerate() {
        let moved = |by: f64| {
            let mut n = 0;
            let x = x.updated(|x| {
                n += 1;
                if n == i + 1 { x + by } else { x }
            });
            product(&f(&x), dy)
        };
        let expected = (moved(STEP) - moved(-STEP)) / (2.0 * STEP);
        let error = 1e-6 * f64::max(1.0, f64::abs(expected));
        assert!(is_within(found, expected, error), "dx[{i}] is {found}, not {expected}");
    }
}

/// Holds an operation's backward pass against central differences; also that it accumulates.
pub(crate) fn check<A: Numbers, F: Function<A, Output: Numbers>>(op: F, a: &A) {
    let y = op.forward(a);
    let dy = waves(&y);
    let mut da = a.updated(|_| 1.0);
    op.backward(a, &y, &dy, &mut da);
    compare(a, &da, &dy, |a| op.forward(a));
    let mut over = *a;
    let lent = op.backprop(&mut over, |y| core::mem::replace(y, dy));
    close(&lent, &y, 1e-15);
    close(&over.updated(|x| x + 1.0), &da, 1e-12);
}

/// As [`check`], for both operands.
pub(crate) fn check2<A: Numbers, B: Numbers, F: Function2<A, B, Output: Numbers>>(op: F, a: &A, b: &B) {
    let y = op.forward(a, b);
    let dy = waves(&y);
    let (mut da, mut db) = (a.updated(|_| 1.0), b.updated(|_| 1.0));
    op.backward_a(a, b, &y, &dy, &mut da);
    op.backward_b(a, b, &y, &dy, &mut db);
    compare(a, &da, &dy, |a| op.forward(a, b));
    compare(b, &db, &dy, |b| op.forward(a, b));
    let (mut over, mut sum) = (*a, b.updated(|_| 1.0));
    let lent = op.backprop(&mut over, b, &mut Target(&mut sum), |y| core::mem::replace(y, dy));
    close(&lent, &y, 1e-15);
    close(&over.updated(|x| x + 1.0), &da, 1e-12);
    close(&sum, &db, 1e-12);
    let mut over = *a;
    op.backprop(&mut over, b, &mut (), |y| *y = dy);
    close(&over.updated(|x| x + 1.0), &da, 1e-12);
}

/// Where a gradient of any kind goes.
struct Target<'a, A>(&'a mut A);

impl<A> Sink<A> for Target<'_, A> {
    fn accumulate(&mut self, add: impl FnOnce(&mut A)) {
        add(self.0);
    }
}

/// Asserts that the numbers of both are the same to a relative and absolute `tolerance`.
fn close(single: &impl Numbers, double: &impl Numbers, tolerance: f64) {
    let mut numbers = Vec::new();
    single.each(|x| numbers.push(x));
    let mut i = 0;
    assert_eq!(numbers.len(), double.count());
    double.each(|x| {
        let error = tolerance * f64::max(1.0, f64::abs(x));
        let same = numbers[i].to_bits() == x.to_bits(); // a NaN, too
        assert!(same || is_within(numbers[i], x, error), "[{i}] is {}, not {x}", numbers[i]);
        i += 1;
    });
}

/// Copies numbers into a value of another type.
fn converted<A: Numbers, B: Buffer + Numbers>(from: &A) -> B {
    let mut numbers = Vec::new();
    from.each(|x| numbers.push(x));
    let mut numbers = numbers.into_iter();
    B::ZERO.updated(|_| numbers.next().unwrap())
}

/// Holds both passes in `f32` against those in `f64`.
pub(crate) fn check_f32<S, F32, F64>(single: F32, double: F64, x: &Tensor<S>, tolerance: f64)
where
    S: Shape<Elem = f64>,
    F32: Function<Tensor<S::Cast<f32>>, Output: Numbers>,
    F64: Function<Tensor<S>, Output: Numbers>,
{
    let x32: Tensor<S::Cast<f32>> = converted(x);
    let (y32, y) = (single.forward(&x32), double.forward(x));
    close(&y32, &y, tolerance);
    let dy = waves(&y);
    let (mut dx32, mut dx) = (Tensor::ones(), Tensor::ones());
    single.backward(&x32, &y32, &converted(&dy), &mut dx32);
    double.backward(x, &y, &dy, &mut dx);
    close(&dx32, &dx, tolerance);
}
