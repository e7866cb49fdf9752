//! Gradient checking: is a backward pass the derivative of its forward pass?
//!
//! Write the layer for any [`Float`], instantiate it for `f64`, and check it in one line:
//!
//! ```
//! use adamant::gradcheck::gradcheck;
//! use adamant::prelude::*;
//!
//! let rng = &mut SmallRng::seed_from_u64(0);
//! let mut layer = Linear::<3, 2, Bias, f64>::init(rng);
//! let x = Tensor::<[[f64; 3]; 4]>::randn(rng);
//! gradcheck(&mut layer, &x, 1e-6).unwrap();
//! ```
//!
//! The numerical derivative is the central difference (f(x + h) − f(x − h)) / 2h with h = 10⁻⁶·max(1, |x|), whose error in
//! `f64` is near 10⁻⁹; it is meaningless at a kink (ReLU at 0), so draw inputs away from kinks. After
//! [`torch.autograd.gradcheck`](https://docs.pytorch.org/docs/stable/generated/torch.autograd.gradcheck.gradcheck.html).

use core::fmt::{self, Display, Formatter, Write};

use crate::nn::{Backprop, Gradients, Info, Kind, Name, Parameters, Visitor, VisitorMut};
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::{Buffer, Tensor};

/// A derivative that differs from its numerical value.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct GradientMismatch {
    /// Which one: `input[3]`, `0.weight[5]`, counted in row-major order.
    pub which: Place,
    /// What the backward pass computed.
    pub analytic: f64,
    /// What the difference quotient says.
    pub numeric: f64,
}

impl Display for GradientMismatch {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { which, analytic, numeric } = self;
        write!(f, "the gradient with respect to {which} is {analytic}, but the difference quotient is {numeric}")
    }
}

impl core::error::Error for GradientMismatch {}

/// The name of one number, kept without a heap; a long name is cut.
#[derive(Clone, Copy, PartialEq)]
pub struct Place {
    text: [u8; Self::MAX],
    len: usize,
    index: usize,
}

impl Place {
    const MAX: usize = 64;

    fn new(name: impl Display, index: usize) -> Self {
        let mut place = Self { text: [0; Self::MAX], len: 0, index };
        // A name past the end is cut, which is all that an error means here.
        let _ = write!(place, "{name}");
        place
    }
}

impl Write for Place {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for (to, from) in self.text.iter_mut().skip(self.len).zip(text.bytes()) {
            *to = from;
            self.len += 1;
        }
        Ok(())
    }
}

impl Display for Place {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let text = self.text.get(..self.len).unwrap_or_default();
        write!(f, "{}[{}]", core::str::from_utf8(text).unwrap_or("…"), self.index)
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

/// A value made of `f64`s that can be changed one by one: a tensor, or a tuple of them.
pub trait Values: Buffer {
    /// How many numbers there are.
    const COUNT: usize;

    /// The number at `index`, if there is one.
    fn nth(&mut self, index: usize) -> Option<&mut f64>;
}

impl<S: Shape<Elem = f64>> Values for Tensor<S> {
    const COUNT: usize = S::LEN;

    fn nth(&mut self, index: usize) -> Option<&mut f64> {
        self.as_mut_slice().get_mut(index)
    }
}

macro_rules! tuples {
    ($($name:ident)+) => {
        impl<$($name: Values),+> Values for ($($name,)+) {
            const COUNT: usize = 0 $(+ $name::COUNT)+;

            fn nth(&mut self, mut index: usize) -> Option<&mut f64> {
                #[allow(non_snake_case, reason = "the values are named as their types")]
                let ($($name,)+) = self;
                $(
                    if index < $name::COUNT {
                        return $name.nth(index);
                    }
                    index -= $name::COUNT;
                )+
                let _ = index;
                None
            }
        }
    };
}

tuples!(A);
tuples!(A B);
tuples!(A B C);
tuples!(A B C D);

/// Checks a layer's backward pass on an input: the gradients of the input and of every parameter, the entry without the input's
/// gradient ([`backprop_params`](Backprop::backprop_params)) and the one without the parameters'
/// ([`backprop_input`](Backprop::backprop_input), against [`forward`](crate::nn::Module::forward)).
///
/// `tolerance` is relative for derivatives above 1, absolute below. The layer comes back as it was.
///
/// # Errors
/// The first derivative that is further off, or is not finite.
pub fn gradcheck<M, X>(layer: &mut M, x: &X, tolerance: f64) -> Result<(), GradientMismatch>
where
    X: Values,
    M: Backprop<X>,
    M::Output: Values,
{
    let mut grads = layer.zero_grads();
    let mut dx = *x;
    layer.backprop(&mut dx, &mut grads, weights);
    let mut params_only = layer.zero_grads();
    layer.backprop_params(x, &mut params_only, weights);
    let mut dx_only = *x;
    layer.backprop_input(&mut dx_only, weights);

    let mut moved = *x;
    for index in 0..X::COUNT {
        let training = slope(
            |h| {
                shift(&mut moved, x, index, h);
                training_loss(layer, &moved)
            },
            value(x, index),
        );
        compare(Place::new("input", index), value(&dx, index), training, tolerance)?;
        let evaluation = slope(
            |h| {
                shift(&mut moved, x, index, h);
                projection(&mut layer.forward(&moved))
            },
            value(x, index),
        );
        compare(Place::new("input (backprop_input)", index), value(&dx_only, index), evaluation, tolerance)?;
        shift(&mut moved, x, index, 0.0);
    }

    for index in 0..M::PARAMETERS {
        let mut find = Find { index, found: None };
        layer.visit(Name::ROOT, &mut find);
        let Some((which, start)) = find.found else { break };
        let numeric = slope(
            |h| {
                set(layer, index, start + h);
                training_loss(layer, x)
            },
            start,
        );
        set(layer, index, start);
        compare(which, gradient(&grads, index), numeric, tolerance)?;
        compare(which, gradient(&params_only, index), numeric, tolerance)?;
    }
    Ok(())
}

/// Checks a loss: that what it leaves in the prediction is the derivative of what it returns.
///
/// ```
/// use adamant::gradcheck::gradcheck_loss;
/// use adamant::prelude::*;
/// let y = Tensor([0.5f64, -1.0]);
/// gradcheck_loss(&Tensor([1.0, 2.0]), |p| mse_loss(p, &y, Reduction::Mean), 1e-6).unwrap();
/// ```
///
/// # Errors
/// The first derivative that is further off than `tolerance`, or is not finite.
pub fn gradcheck_loss<P: Values>(
    prediction: &P,
    mut loss: impl FnMut(&mut P) -> f64,
    tolerance: f64,
) -> Result<(), GradientMismatch> {
    let mut gradient = *prediction;
    loss(&mut gradient);
    for index in 0..P::COUNT {
        let at = |h: f64| {
            let mut moved = *prediction;
            shift(&mut moved, prediction, index, h);
            loss(&mut moved)
        };
        let numeric = slope(at, value(prediction, index));
        compare(Place::new("prediction", index), value(&gradient, index), numeric, tolerance)?;
    }
    Ok(())
}

/// The weight of output `index` in the loss Σ wᵢ·yᵢ that a layer is checked with: any fixed numbers without a pattern.
fn weight(index: usize) -> f64 {
    Float::sin(1.0 + 1.7 * index as f64)
}

/// Turns an output into that loss's gradient.
fn weights<Y: Values>(y: &mut Y) {
    for index in 0..Y::COUNT {
        if let Some(y) = y.nth(index) {
            *y = weight(index);
        }
    }
}

/// Σ wᵢ·yᵢ.
fn projection<Y: Values>(y: &mut Y) -> f64 {
    (0..Y::COUNT).map(|index| weight(index) * value(y, index)).sum()
}

/// The loss of a training pass, which may differ from `forward`'s: dropout, batch statistics.
fn training_loss<X: Values, M: Backprop<X, Output: Values>>(layer: &M, x: &X) -> f64 {
    layer.backprop_params(x, &mut layer.zero_grads(), projection)
}

fn value<V: Values>(values: &V, index: usize) -> f64 {
    let mut values = *values;
    values.nth(index).map_or(f64::NAN, |v| *v)
}

/// Makes `moved` equal to `x` but for one number, which is `h` further.
fn shift<V: Values>(moved: &mut V, x: &V, index: usize, h: f64) {
    if let Some(to) = moved.nth(index) {
        *to = value(x, index) + h;
    }
}

/// The central difference of a function of the step, for a variable that is now at `at`.
fn slope(mut f: impl FnMut(f64) -> f64, at: f64) -> f64 {
    let h = 1e-6 * f64::max(1.0, f64::abs(at));
    (f(h) - f(-h)) / (2.0 * h)
}

fn compare(which: Place, analytic: f64, numeric: f64, tolerance: f64) -> Result<(), GradientMismatch> {
    let scale = f64::max(1.0, f64::abs(numeric));
    // A NaN and an infinity are on the wrong side of this comparison too.
    let difference = f64::abs(analytic - numeric);
    if difference.is_finite() && difference <= tolerance * scale {
        Ok(())
    } else {
        Err(GradientMismatch { which, analytic, numeric })
    }
}

/// Finds the trainable parameter `index`: its place and value.
struct Find {
    index: usize,
    found: Option<(Place, f64)>,
}

impl Visitor for Find {
    fn visit<T: Float>(&mut self, info: &Info<'_>, values: &[T]) {
        if info.kind != Kind::Trainable || self.found.is_some() {
            return;
        }
        match values.get(self.index) {
            Some(value) => self.found = Some((Place::new(info.name, self.index), value.to_f64())),
            None => self.index -= values.len(),
        }
    }
}

/// The gradient of the trainable parameter `index`.
fn gradient(grads: &impl Gradients, index: usize) -> f64 {
    let mut find = Find { index, found: None };
    grads.visit(Name::ROOT, &mut find);
    find.found.map_or(f64::NAN, |(_, value)| value)
}

/// Gives the trainable parameter `index` a value.
fn set(layer: &mut impl Parameters, index: usize, value: f64) {
    struct Set(Option<usize>, f64);
    impl VisitorMut for Set {
        fn visit_mut<T: Float>(&mut self, info: &Info<'_>, values: &mut [T]) {
            let (Kind::Trainable, Some(index)) = (info.kind, self.0) else { return };
            self.0 = match values.get_mut(index) {
                Some(place) => {
                    *place = T::from_f64(self.1);
                    None
                }
                None => Some(index - values.len()),
            };
        }
    }
    layer.visit_mut(Name::ROOT, &mut Set(Some(index), value));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::Init;
    use crate::nn::{Dropout, Frozen, Linear, Module, NoBias, Relu, Residual, Sequential};
    use rand::{SeedableRng, rngs::SmallRng};

    type F64<const IN: usize, const OUT: usize> = Linear<IN, OUT, crate::nn::Bias, f64>;

    #[test]
    fn layers_and_chains_pass() {
        let rng = &mut SmallRng::seed_from_u64(5);
        let x = Tensor::<[[f64; 3]; 4]>::randn(rng);
        gradcheck(&mut F64::<3, 2>::init(rng), &x, 1e-6).unwrap();
        gradcheck(&mut Linear::<3, 2, NoBias, f64>::init(rng), &x, 1e-6).unwrap();
        type Chain = Sequential<(F64<3, 5>, (Relu, (Residual<F64<5, 5>>, (Frozen<F64<5, 4>>, F64<4, 2>))))>;
        gradcheck(&mut Chain::init(rng), &x, 1e-6).unwrap();
        type Late = Sequential<(Frozen<F64<3, 5>>, (Relu, F64<5, 2>))>;
        gradcheck(&mut Late::init(rng), &x, 1e-6).unwrap();
        gradcheck(&mut Dropout { p: 0.3, seed: 1 }, &x, 1e-6).unwrap();
    }

    #[test]
    fn a_wrong_backward_is_found_and_named() {
        /// y = w·x with a gradient of the weight that is too large.
        #[derive(crate::Module)]
        struct Wrong {
            weight: crate::nn::Param<[f64; 2]>,
        }
        impl Module<Tensor<[f64; 2]>> for Wrong {
            type Output = Tensor<[f64; 2]>;
            fn forward_into(&self, x: &Tensor<[f64; 2]>, y: &mut Tensor<[f64; 2]>) {
                *y = x * self.weight.0;
            }
        }
        impl Backprop<Tensor<[f64; 2]>> for Wrong {
            fn backprop<R>(
                &self,
                x: &mut Tensor<[f64; 2]>,
                grads: &mut Self::Grads,
                next: impl FnOnce(&mut Tensor<[f64; 2]>) -> R,
            ) -> R {
                let mut y = self.forward(x);
                let result = next(&mut y);
                grads.weight += *x * y * 1.001;
                *x = y * self.weight.0;
                result
            }
        }
        let mut layer = Wrong { weight: crate::nn::Param(Tensor([1.0, 2.0])) };
        let wrong = gradcheck(&mut layer, &Tensor([3.0, 4.0]), 1e-6).unwrap_err();
        assert_eq!(wrong.which, Place::new("weight", 0));
        assert_eq!(layer.weight.0, Tensor([1.0, 2.0]), "the layer comes back as it was");
    }
}
