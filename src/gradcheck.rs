//! Gradient checking: is a backward pass the derivative of its forward pass, and does a layer keep the contract of its traits?
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
//!
//! A wrong derivative is one of several ways for a layer to be wrong alone or in a chain; [`Rule`] lists what is checked.

use core::fmt::{self, Display, Formatter, Write};

use crate::nn::{Backprop, Gradients, Info, Kind, Lengths, LossOf, Name, Parameters, Visitor, VisitorMut, Zip};
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::{Buffer, Tensor, is_within};

/// What holds for every layer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Rule {
    /// A gradient is the derivative of what the pass computed. A layer that draws at random draws in its backward pass what it
    /// drew in its forward pass.
    Derivative,
    /// Every entry computes or lends the same output: in evaluation `forward`'s, in training `backprop`'s, and both are one where
    /// the layer does not say [`TRAINS_DIFFERENTLY`](Parameters::TRAINS_DIFFERENTLY).
    Output,
    /// What an output held before does not matter.
    Overwrite,
    /// The parameters' gradients are added to those that are there.
    Add,
    /// Where gradients [`carry`](Gradients::carry) again what they carried before a pass (random streams, statistics), they give
    /// that pass again: nothing is drawn from elsewhere.
    Repeat,
    /// Every training entry leaves the same random streams and statistics in the gradients.
    Carry,
}

/// A number of a layer that is not what it should be.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct GradientMismatch {
    /// What is broken.
    pub rule: Rule,
    /// The method that breaks it: `backprop`, `forward_over`.
    pub entry: &'static str,
    /// Which number: `input[3]`, `0.weight[5]`, `output[1]`, counted in row-major order.
    pub which: Place,
    /// What the layer computed.
    pub analytic: f64,
    /// What is right: the difference quotient, or what another entry or another pass computed.
    pub numeric: f64,
}

impl Display for GradientMismatch {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { rule, entry, which, analytic: found, numeric: right } = self;
        match rule {
            Rule::Derivative => {
                write!(f, "`{entry}`: the gradient with respect to {which} is {found}, but the difference quotient is {right}")
            }
            Rule::Output => write!(f, "`{entry}`: {which} is {found}, but another entry's is {right}"),
            Rule::Overwrite => {
                write!(f, "`{entry}` reads what its output held before: {which} is {found}, and over zeros {right}")
            }
            Rule::Add => {
                write!(f, "`{entry}` must add to the gradients that are there: that of {which} rose by {found}, not by {right}")
            }
            Rule::Repeat => write!(
                f,
                "`{entry}` does not repeat: {which} is {found}, and was {right}; what is random is drawn from a stream in the \
                 gradients, which they carry"
            ),
            Rule::Carry => {
                write!(f, "`{entry}` leaves other statistics or another random stream in the gradients than `backprop` did")
            }
        }
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

impl Values for f64 {
    const COUNT: usize = 1;

    fn nth(&mut self, index: usize) -> Option<&mut f64> {
        (index == 0).then_some(self)
    }
}

/// Lengths are no numbers that a gradient goes to.
impl<const L: usize, const B: usize> Values for Lengths<L, B> {
    const COUNT: usize = 0;

    fn nth(&mut self, _: usize) -> Option<&mut f64> {
        None
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

/// Checks a layer on an input: every derivative that a backward pass gives, and the contract of [`Module`](crate::nn::Module)
/// and [`Backprop`], [`Rule`] by rule.
///
/// A training pass is held against difference quotients of itself, [`backprop_input`](Backprop::backprop_input) against those of
/// [`forward`](crate::nn::Module::forward). A layer that [`TRAINS_DIFFERENTLY`](Parameters::TRAINS_DIFFERENTLY) is checked at
/// three steps of what its gradients carry.
///
/// `tolerance` is relative for numbers above 1, absolute below. The layer comes back as it was.
///
/// # Errors
/// The first number that is further off, or a derivative that is not finite.
pub fn gradcheck<M, X>(layer: &mut M, x: &X, tolerance: f64) -> Result<(), GradientMismatch>
where
    X: Values,
    M: Backprop<X>,
    M::Output: Values,
{
    check_evaluation(layer, x, tolerance)?;
    let mut start = layer.zero_grads();
    for _ in 0..if M::TRAINS_DIFFERENTLY { 3 } else { 1 } {
        check_training(layer, x, &start, tolerance)?;
        check_derivatives(layer, x, &start, tolerance)?;
        start = check_carried(layer, x, &start)?;
    }
    Ok(())
}

/// Every entry that evaluates, and the derivative of evaluation.
fn check_evaluation<M, X>(layer: &M, x: &X, tolerance: f64) -> Result<(), GradientMismatch>
where
    X: Values,
    M: Backprop<X, Output: Values>,
{
    let right = layer.forward(x);
    let into = |mut y: M::Output| {
        layer.forward_into(x, &mut y);
        y
    };
    let over = |mut y: M::Output| {
        layer.forward_over(&mut x.clone(), &mut y);
        y
    };
    compare_outputs(Rule::Output, "forward_into", &into(Buffer::ZERO), &right, tolerance)?;
    compare_outputs(Rule::Output, "forward_over", &over(Buffer::ZERO), &right, tolerance)?;
    // NaN goes through sums and products, a large number through a maximum.
    for before in [f64::NAN, 1e6, -1e6] {
        compare_outputs(Rule::Overwrite, "forward_into", &into(filled(before)), &right, tolerance)?;
        compare_outputs(Rule::Overwrite, "forward_over", &over(filled(before)), &right, tolerance)?;
    }
    compare_outputs(Rule::Output, "forward_with", &layer.forward_with(&mut x.clone(), |y| *y), &right, tolerance)?;

    let mut dx = *x;
    let lent = layer.backprop_input(&mut dx, lend);
    compare_outputs(Rule::Output, "backprop_input", &lent, &right, tolerance)?;
    check_input("backprop_input", x, &dx, |x| projection(&mut layer.forward(x)), tolerance)
}

/// Every entry that trains, against `backprop` from the gradients `start`: what it lends, adds and leaves.
fn check_training<M, X>(layer: &M, x: &X, start: &M::Grads, tolerance: f64) -> Result<(), GradientMismatch>
where
    X: Values,
    M: Backprop<X, Output: Values>,
{
    let backprop = |grads: &mut M::Grads| {
        let mut dx = *x;
        (layer.backprop(&mut dx, grads, lend), dx)
    };
    let params = |grads: &mut M::Grads| layer.backprop_params(x, grads, lend);

    let mut grads = *start;
    let (right, dx) = backprop(&mut grads);
    let mut again = grads;
    again.carry(&start.carried());
    let (output, dx_again) = backprop(&mut again);
    compare_outputs(Rule::Repeat, "backprop", &output, &right, tolerance)?;
    compare_all(Rule::Repeat, "backprop", "the gradient of input", &dx_again, &dx, tolerance)?;
    if !M::TRAINS_DIFFERENTLY {
        compare_outputs(Rule::Output, "backprop", &right, &layer.forward(x), tolerance)?;
    }
    let mut params_grads = *start;
    compare_outputs(Rule::Output, "backprop_params", &params(&mut params_grads), &right, tolerance)?;
    compare_outputs(Rule::Output, "forward_training", &layer.forward_training(x, &mut start.clone()), &right, tolerance)?;

    let mut filled = *start;
    filled.zip([], &mut Fill);
    let before = filled;
    backprop(&mut filled);
    check_added("backprop", &before, &filled, &grads, tolerance)?;
    let mut filled = before;
    params(&mut filled);
    check_added("backprop_params", &before, &filled, &params_grads, tolerance)
}

/// The gradients of a training pass from the gradients `start`.
fn check_derivatives<M, X>(layer: &mut M, x: &X, start: &M::Grads, tolerance: f64) -> Result<(), GradientMismatch>
where
    X: Values,
    M: Backprop<X, Output: Values>,
{
    let (mut grads, mut params_grads, mut dx) = (*start, *start, *x);
    layer.backprop(&mut dx, &mut grads, weights);
    layer.backprop_params(x, &mut params_grads, weights);
    check_input("backprop", x, &dx, |x| training_loss(layer, x, start), tolerance)?;
    for index in 0..M::PARAMETERS {
        let (which, found) = gradient(&grads, index);
        let numeric = match parameter(layer, index) {
            None => 0.0, // of what is absent
            Some(value) => {
                let moved = |h| {
                    set(layer, index, value + h);
                    training_loss(layer, x, start)
                };
                let numeric = slope(moved, value);
                set(layer, index, value);
                numeric
            }
        };
        compare("backprop", which, found, numeric, tolerance)?;
        compare("backprop_params", which, gradient(&params_grads, index).1, numeric, tolerance)?;
    }
    Ok(())
}

/// Holds a gradient with respect to an input against the difference quotients of a loss.
fn check_input<X: Values>(
    entry: &'static str,
    x: &X,
    dx: &X,
    mut loss: impl FnMut(&X) -> f64,
    tolerance: f64,
) -> Result<(), GradientMismatch> {
    let mut moved = *x;
    for index in 0..X::COUNT {
        let at = |h| {
            shift(&mut moved, x, index, h);
            loss(&moved)
        };
        let numeric = slope(at, value(x, index));
        shift(&mut moved, x, index, 0.0);
        compare(entry, Place::new("input", index), value(dx, index), numeric, tolerance)?;
    }
    Ok(())
}

/// What each training entry leaves beside the gradients is the same: this.
fn check_carried<M, X>(layer: &M, x: &X, start: &M::Grads) -> Result<M::Grads, GradientMismatch>
where
    X: Values,
    M: Backprop<X, Output: Values>,
{
    let [mut right, mut params, mut forward] = [*start; 3];
    layer.backprop(&mut x.clone(), &mut right, weights);
    layer.backprop_params(x, &mut params, weights);
    layer.forward_training(x, &mut forward);
    let (carried, itself) = (right.carried(), right.carried());
    for (entry, found) in [("backprop_params", params.carried()), ("forward_training", forward.carried())] {
        // Statistics that are not a number are equal to nothing, not even to themselves.
        if found != carried && carried == itself {
            let which = Place::new("carried", 0);
            return Err(GradientMismatch { rule: Rule::Carry, entry, which, analytic: f64::NAN, numeric: f64::NAN });
        }
    }
    right.zero();
    Ok(right)
}

/// What a pass added to the gradients `before` is what another found from zero.
fn check_added<G: Gradients>(
    entry: &'static str,
    before: &G,
    after: &G,
    right: &G,
    tolerance: f64,
) -> Result<(), GradientMismatch> {
    let mut index = 0;
    while let Some((which, before)) = find_gradient(before, index) {
        let (found, right) = (gradient(after, index).1 - before, gradient(right, index).1);
        compare_values(Rule::Add, entry, which, found, right, tolerance)?;
        index += 1;
    }
    Ok(())
}

/// Checks a loss: that what it leaves in the prediction is the derivative of what it returns, or of the sum of several losses.
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
pub fn gradcheck_loss<P: Values, L: LossOf<P, Value: Values>>(
    prediction: &P,
    mut loss: impl FnMut(&mut P) -> L,
    tolerance: f64,
) -> Result<(), GradientMismatch> {
    let mut total = |p: &mut P| {
        let mut losses = loss(p).finish(p);
        (0..L::Value::COUNT).filter_map(|index| losses.nth(index).copied()).sum::<f64>()
    };
    let mut gradient = *prediction;
    total(&mut gradient);
    for index in 0..P::COUNT {
        let at = |h: f64| {
            let mut moved = *prediction;
            shift(&mut moved, prediction, index, h);
            total(&mut moved)
        };
        let numeric = slope(at, value(prediction, index));
        compare("loss", Place::new("prediction", index), value(&gradient, index), numeric, tolerance)?;
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

/// As `weights`, for who wants to see the output.
fn lend<Y: Values>(y: &mut Y) -> Y {
    let lent = *y;
    weights(y);
    lent
}

/// Σ wᵢ·yᵢ.
fn projection<Y: Values>(y: &mut Y) -> f64 {
    (0..Y::COUNT).map(|index| weight(index) * value(y, index)).sum()
}

/// The loss of a training pass from the gradients `start`, which may differ from `forward`'s: dropout, batch statistics.
fn training_loss<X: Values, M: Backprop<X, Output: Values>>(layer: &M, x: &X, start: &M::Grads) -> f64 {
    layer.backprop_params(x, &mut start.clone(), projection)
}

/// An output of nothing but one number.
fn filled<Y: Values>(value: f64) -> Y {
    let mut y = Y::ZERO;
    for index in 0..Y::COUNT {
        if let Some(y) = y.nth(index) {
            *y = value;
        }
    }
    y
}

/// Makes each gradient some number.
struct Fill;

impl Zip<0> for Fill {
    fn zip<T: Float>(&mut self, own: &mut [T], []: [&[T]; 0]) {
        own.iter_mut().enumerate().for_each(|(i, g)| *g = T::from_f64(0.5 + weight(i)));
    }
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

fn compare(entry: &'static str, which: Place, analytic: f64, numeric: f64, tolerance: f64) -> Result<(), GradientMismatch> {
    let difference = f64::abs(analytic - numeric);
    // A NaN and an infinity are on the wrong side of this comparison too.
    if difference.is_finite() && difference <= tolerance * f64::max(1.0, f64::abs(numeric)) {
        return Ok(());
    }
    Err(GradientMismatch { rule: Rule::Derivative, entry, which, analytic, numeric })
}

/// Two values that may be infinite or no numbers, if they are it both.
fn compare_values(
    rule: Rule,
    entry: &'static str,
    which: Place,
    analytic: f64,
    numeric: f64,
    tolerance: f64,
) -> Result<(), GradientMismatch> {
    let same = is_within(analytic, numeric, tolerance * f64::max(1.0, f64::abs(numeric)));
    if same || analytic.is_nan() && numeric.is_nan() {
        return Ok(());
    }
    Err(GradientMismatch { rule, entry, which, analytic, numeric })
}

fn compare_all<V: Values>(
    rule: Rule,
    entry: &'static str,
    name: &str,
    found: &V,
    right: &V,
    tolerance: f64,
) -> Result<(), GradientMismatch> {
    (0..V::COUNT).try_for_each(|index| {
        compare_values(rule, entry, Place::new(name, index), value(found, index), value(right, index), tolerance)
    })
}

fn compare_outputs<Y: Values>(
    rule: Rule,
    entry: &'static str,
    found: &Y,
    right: &Y,
    tolerance: f64,
) -> Result<(), GradientMismatch> {
    compare_all(rule, entry, "output", found, right, tolerance)
}

/// Finds the trainable parameter `index`: its place and value. It is not found where it is absent.
struct Find {
    index: Option<usize>,
    found: Option<(Place, f64)>,
}

impl Find {
    const fn new(index: usize) -> Self {
        Self { index: Some(index), found: None }
    }
}

impl Visitor for Find {
    fn visit<T: Float>(&mut self, info: &Info<'_>, values: &[T]) {
        let (Kind::Trainable, Some(index)) = (info.kind, self.index) else { return };
        self.found = values.get(index).map(|value| (Place::new(info.name, index), value.to_f64()));
        self.index = index.checked_sub(values.len());
    }

    fn absent(&mut self, parameters: usize, _: usize) {
        self.index = self.index.and_then(|index| index.checked_sub(parameters));
    }
}

/// The trainable parameter `index`, unless it is absent.
fn parameter(layer: &impl Parameters, index: usize) -> Option<f64> {
    let mut find = Find::new(index);
    layer.visit(Name::ROOT, &mut find);
    find.found.map(|(_, value)| value)
}

/// The place and the gradient of the trainable parameter `index`, if there are so many.
fn find_gradient(grads: &impl Gradients, index: usize) -> Option<(Place, f64)> {
    let mut find = Find::new(index);
    grads.visit(Name::ROOT, &mut find);
    find.found
}

fn gradient(grads: &impl Gradients, index: usize) -> (Place, f64) {
    find_gradient(grads, index).unwrap_or((Place::new("parameter", index), f64::NAN))
}

/// Gives the trainable parameter `index` a value.
fn set(layer: &mut impl Parameters, index: usize, value: f64) {
    struct Set(Option<usize>, f64);
    impl VisitorMut for Set {
        fn visit_mut<T: Float>(&mut self, info: &Info<'_>, values: &mut [T]) {
            let (Kind::Trainable, Some(index)) = (info.kind, self.0) else { return };
            if let Some(place) = values.get_mut(index) {
                *place = T::from_f64(self.1);
            }
            self.0 = index.checked_sub(values.len());
        }

        fn absent(&mut self, parameters: usize, _: usize) {
            self.0 = self.0.and_then(|index| index.checked_sub(parameters));
        }
    }
    layer.visit_mut(Name::ROOT, &mut Set(Some(index), value));
}

#[cfg(test)]
mod tests {
    use core::cell::Cell;

    use super::*;
    use crate::init::Init;
    use crate::nn::{Dropout, Frozen, Linear, Module, NoBias, Nothing, Param, Relu, Residual, Sequential, Streams, Update};
    use rand::{Rng, SeedableRng, rngs::SmallRng};

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
        gradcheck(&mut Dropout::new(0.3), &x, 1e-6).unwrap();
    }

    #[test]
    fn a_wrong_backward_is_found_and_named() {
        /// y = w·x with a gradient of the weight that is too large.
        #[derive(crate::Module)]
        struct Wrong {
            weight: Param<[f64; 2]>,
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
                let mut y = self.forward(&*x);
                let result = next(&mut y);
                grads.weight += *x * y * 1.001;
                *x = y * self.weight.0;
                result
            }
        }
        let mut layer = Wrong { weight: Param(Tensor([1.0, 2.0])) };
        let wrong = gradcheck(&mut layer, &Tensor([3.0, 4.0]), 1e-6).unwrap_err();
        assert_eq!(wrong.which, Place::new("weight", 0));
        assert_eq!(layer.weight.0, Tensor([1.0, 2.0]), "the layer comes back as it was");
    }

    type Pair = Tensor<[f64; 2]>;

    /// y = w·x, right but for one thing.
    #[derive(crate::Module)]
    #[module(custom(forward))]
    struct Faulty {
        fault: u8,
        weight: Param<[f64; 2]>,
    }

    const FAULTS: [(u8, Rule, &str); 9] = [
        (1, Rule::Overwrite, "`forward_into` reads what its output held before: output[0] is NaN, and over zeros 3"),
        (2, Rule::Overwrite, "`forward_over` reads what its output held before: output[0] is 1000000, and over zeros 3"),
        (3, Rule::Output, "`forward_over`: output[0] is 4, but another entry's is 3"),
        (4, Rule::Output, "`forward_with`: output[0] is 6, but another entry's is 3"),
        (5, Rule::Output, "`backprop_input`: output[0] is 0, but another entry's is 3"),
        (6, Rule::Output, "`backprop`: output[0] is 0, but another entry's is 3"),
        (7, Rule::Output, "`backprop_params`: output[0] is 0, but another entry's is 3"),
        (8, Rule::Add, "`backprop` must add to the gradients that are there: that of weight[0] rose by "),
        (9, Rule::Add, "`backprop_params` must add to the gradients that are there: that of weight[0] rose by "),
    ];

    impl Faulty {
        fn stale(&self, fault: u8, y: Pair) -> Pair {
            if self.fault == fault { Tensor::zeros() } else { y }
        }
    }

    impl Module<Pair> for Faulty {
        type Output = Pair;
        fn forward_into(&self, x: &Pair, y: &mut Pair) {
            let before = if self.fault == 1 { *y * 0.0 } else { Tensor::zeros() };
            *y = x * self.weight.0 + before;
        }
        fn forward_over(&self, x: &mut Pair, y: &mut Pair) {
            let right = *x * self.weight.0;
            match self.fault {
                2 => y.zip_in_place(&right, f64::max),
                3 => *y = right + 1.0,
                _ => *y = right,
            }
        }
        fn forward_with<R>(&self, x: &mut Pair, next: impl FnOnce(&mut Pair) -> R) -> R {
            *x *= &self.weight;
            if self.fault == 4 {
                *x *= 2.0;
            }
            next(x)
        }
    }

    impl Backprop<Pair> for Faulty {
        fn backprop<R>(&self, x: &mut Pair, grads: &mut Self::Grads, next: impl FnOnce(&mut Pair) -> R) -> R {
            let mut y = self.stale(6, self.forward(&*x));
            let result = next(&mut y);
            match self.fault {
                8 => grads.weight = *x * y,
                _ => grads.weight += *x * y,
            }
            *x = y * self.weight.0;
            result
        }
        fn backprop_params<R>(&self, x: &Pair, grads: &mut Self::Grads, next: impl FnOnce(&mut Pair) -> R) -> R {
            let mut y = self.stale(7, self.forward(x));
            let result = next(&mut y);
            match self.fault {
                9 => grads.weight = *x * y,
                _ => grads.weight += *x * y,
            }
            result
        }
        fn backprop_input<R>(&self, x: &mut Pair, next: impl FnOnce(&mut Pair) -> R) -> R {
            let mut y = self.stale(5, self.forward(&*x));
            let result = next(&mut y);
            *x = y * self.weight.0;
            result
        }
    }

    #[test]
    fn each_broken_rule_is_named() {
        let check = |fault| gradcheck(&mut Faulty { fault, weight: Param(Tensor([1.0, 2.0])) }, &Tensor([3.0, 4.0]), 1e-6);
        check(0).unwrap();
        for (fault, rule, text) in FAULTS {
            let wrong = check(fault).unwrap_err();
            assert_eq!(wrong.rule, rule, "{fault}: {wrong}");
            assert!(wrong.to_string().starts_with(text), "{fault}: {wrong}");
        }
    }

    /// y = x · noise in training, whose noise may come from where it should not.
    struct Noisy<const SAYS_SO: bool> {
        fault: u8,
        elsewhere: Cell<u64>,
    }

    #[derive(Clone, Copy, PartialEq, Debug)]
    struct Stream {
        state: u64,
        /// Whether it goes back to where it was.
        stays: bool,
    }

    impl Stream {
        /// A factor between 1 and 2.
        fn draw(&mut self) -> f64 {
            self.state = SmallRng::seed_from_u64(self.state).next_u64();
            1.0 + (self.state >> 11) as f64 / (1u64 << 53) as f64
        }
    }

    impl Buffer for Stream {
        const ZERO: Self = Self { state: 0, stays: false };
    }

    impl Gradients for Stream {
        type Carried = Self;
        fn carried(&self) -> Self {
            *self
        }
        fn carry(&mut self, carried: &Self) {
            if !self.stays {
                *self = *carried;
            }
        }
        fn zip<const K: usize, Z: Zip<K>>(&mut self, _: [&Self; K], _: &mut Z) {}
        fn visit<V: Visitor>(&self, _: Name<'_>, _: &mut V) {}
        fn visit_mut<V: VisitorMut>(&mut self, _: Name<'_>, _: &mut V) {}
    }

    impl<const SAYS_SO: bool> Parameters for Noisy<SAYS_SO> {
        type Grads = Stream;
        type Count = Nothing;
        const PARAMETERS: usize = 0;
        const NUMBERS: usize = 0;
        const TRAINS_DIFFERENTLY: bool = SAYS_SO;
        fn visit<V: Visitor>(&self, _: Name<'_>, _: &mut V) {}
        fn visit_mut<V: VisitorMut>(&mut self, _: Name<'_>, _: &mut V) {}
        fn update<const K: usize, U: Update<K>>(&mut self, _: &Stream, _: [&mut Stream; K], _: &mut U) {}
        fn begin(&self, stream: &mut Stream, _: &mut Streams) {
            stream.stays = self.fault == 4;
        }
        fn describe(&self, f: &mut Formatter<'_>) -> fmt::Result {
            f.write_str("Noisy()")
        }
    }

    impl<const SAYS_SO: bool> Module<Pair> for Noisy<SAYS_SO> {
        type Output = Pair;
        fn forward_into(&self, x: &Pair, y: &mut Pair) {
            *y = *x;
        }
        fn forward_training(&self, x: &Pair, stream: &mut Stream) -> Pair {
            let noise = stream.draw();
            let other = match self.fault {
                5 => 2.0 * noise,
                6 => stream.draw() * 0.0 + noise,
                _ => noise,
            };
            x * other
        }
    }

    impl<const SAYS_SO: bool> Backprop<Pair> for Noisy<SAYS_SO> {
        fn backprop<R>(&self, x: &mut Pair, stream: &mut Stream, next: impl FnOnce(&mut Pair) -> R) -> R {
            if self.fault == 1 {
                stream.state = self.elsewhere.replace(self.elsewhere.get() + 1);
            }
            let noise = stream.draw();
            let mut y = *x * noise;
            let result = next(&mut y);
            *x = y * if self.fault == 2 { stream.draw() } else { noise };
            result
        }
        fn backprop_params<R>(&self, x: &Pair, stream: &mut Stream, next: impl FnOnce(&mut Pair) -> R) -> R {
            let mut y = *x * stream.draw();
            if self.fault == 3 {
                stream.draw();
            }
            next(&mut y)
        }
        fn backprop_input<R>(&self, x: &mut Pair, next: impl FnOnce(&mut Pair) -> R) -> R {
            next(x)
        }
    }

    #[test]
    fn a_stream_is_replayed_and_comes_from_the_gradients() {
        fn check<const SAYS_SO: bool>(fault: u8) -> Result<(), GradientMismatch> {
            gradcheck(&mut Noisy::<SAYS_SO> { fault, elsewhere: Cell::new(0) }, &Tensor([3.0, 4.0]), 1e-6)
        }
        check::<true>(0).unwrap();
        let faults = [
            (1, Rule::Repeat, "backprop"),
            (2, Rule::Derivative, "backprop"),
            (3, Rule::Carry, "backprop_params"),
            (4, Rule::Repeat, "backprop"),
            (5, Rule::Output, "forward_training"),
            (6, Rule::Carry, "forward_training"),
        ];
        for (fault, rule, entry) in faults {
            let wrong = check::<true>(fault).unwrap_err();
            assert_eq!((wrong.rule, wrong.entry), (rule, entry), "{fault}: {wrong}");
        }
        let wrong = check::<false>(0).unwrap_err();
        assert_eq!((wrong.rule, wrong.entry), (Rule::Output, "backprop"), "{wrong}");
    }

    #[test]
    fn an_absent_part_is_no_fault() {
        /// y = a(x) + b(x), where a may be absent.
        #[derive(crate::Module)]
        #[module(custom(forward))]
        struct Sum {
            a: Option<F64<2, 2>>,
            b: F64<2, 2>,
        }
        impl Module<Pair> for Sum {
            type Output = Pair;
            fn forward_into(&self, x: &Pair, y: &mut Pair) {
                *y = self.b.forward(x);
                if let Some(a) = &self.a {
                    *y += a.forward(x);
                }
            }
        }
        impl Backprop<Pair> for Sum {
            fn backprop<R>(&self, x: &mut Pair, grads: &mut Self::Grads, next: impl FnOnce(&mut Pair) -> R) -> R {
                let mut y = self.forward(&*x);
                let result = next(&mut y);
                let mut dx = *x;
                self.b.backprop(&mut dx, &mut grads.b, |dy| *dy = y);
                if let Some(a) = &self.a {
                    a.backprop(x, &mut grads.a, |dy| *dy = y);
                    dx += &*x;
                }
                *x = dx;
                result
            }
        }
        let rng = &mut SmallRng::seed_from_u64(2);
        for a in [None, Some(F64::init(rng))] {
            gradcheck(&mut Sum { a, b: F64::init(rng) }, &Tensor([0.5, -0.25]), 1e-6).unwrap();
        }
    }
}
