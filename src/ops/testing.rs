//! What the operations' tests share: numbers to feed them, and finite differences to hold their gradients against.

use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::Tensor;

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
        let error = f64::abs(dx - 1.0 - expected);
        assert!(error <= 1e-6 * f64::max(1.0, f64::abs(expected)), "dx[{i}] is {}, not {expected}", dx - 1.0);
    }
}
