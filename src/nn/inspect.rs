//! [`Inspect`]: a look at what passes.

use rand::Rng;

use super::stateless::stateless;
use super::{Backprop, Direction, Module, Passing, Probe};
use crate::init::Init;
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::Tensor;

/// y = x, and a look at x and at the loss's gradient with respect to it: a layer to find out where a network goes wrong.
///
/// | | |
/// |---|---|
/// | input | any tensor |
/// | output | as the input |
///
/// `P` says what is done with what is seen: [`Print`](super::Print) (with `std`) writes a line to the standard error, [`StopAtNan`](super::StopAtNan) panics at the
/// first NaN and says where it was, and a type of your own that is a [`Probe`] does what you write. What passes is named, so that
/// several can be told apart; one that was made by [`init`](Init::init) has no name.
///
/// In evaluation there are no gradients, nor is there one in front of the first trained layer of a model, since nobody would read it.
///
/// After [`register_forward_hook`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html) and
/// [`register_hook`](https://docs.pytorch.org/docs/stable/generated/torch.Tensor.register_hook.html).
///
/// ```
/// use adamant::prelude::*;
/// type Net = Sequential![Linear<3, 8>, Inspect<Print>, Tanh, Inspect<StopAtNan>, Linear<8, 1>];
/// let rng = &mut SmallRng::seed_from_u64(0);
/// let mut net: Net = sequential![
///     Linear::init(rng), Inspect::new("hidden"), Tanh, Inspect::new("bounded"), Linear::init(rng)
/// ];
/// let x = Tensor::<[[f32; 3]; 4]>::randn(rng);
/// let (loss, grads) = net.gradients(&x, |y| mse_loss(y, &Tensor::zeros(), Reduction::Mean));
/// // hidden, value [4, 8]: mean -0.079, from -1.7 to 1.9
/// // hidden, gradient [4, 8]: mean 0.0023, from -0.061 to 0.084
/// ```
#[doc(alias("hook", "register_forward_hook", "register_full_backward_hook", "detect_anomaly"))]
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Inspect<P> {
    /// What is shown is called this.
    pub name: &'static str,
    /// What is done with it.
    pub probe: P,
}

impl<P: Init> Inspect<P> {
    /// A look at what passes here, which is called `name`.
    pub const fn new(name: &'static str) -> Self {
        Self { name, probe: P::BLANK }
    }
}

stateless!([P: Probe] Inspect<P>, |this| "Inspect({})", this.name;);

impl<P: Init> Init for Inspect<P> {
    const BLANK: Self = Self::new("");

    fn reset_parameters<R: Rng + ?Sized>(&mut self, _: &mut R) {}
}

impl<P: Probe> Inspect<P> {
    fn show<S: Shape<Elem: Float>>(&self, x: &Tensor<S>, direction: Direction) {
        self.probe.see(&Passing { name: self.name, direction, dims: S::DIMS, numbers: x.as_slice() });
    }
}

impl<S: Shape<Elem: Float>, P: Probe> Module<Tensor<S>> for Inspect<P> {
    type Output = Tensor<S>;
    const FORWARD_WITH_BYTES: usize = 0;

    #[inline]
    fn forward_into(&self, x: &Tensor<S>, y: &mut Tensor<S>) {
        self.show(x, Direction::Value);
        y.clone_from(x);
    }

    #[inline]
    fn forward_with<R>(&self, x: &mut Tensor<S>, next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
        self.show(x, Direction::Value);
        next(x)
    }
}

impl<S: Shape<Elem: Float>, P: Probe> Backprop<Tensor<S>> for Inspect<P> {
    const BACKPROP_BYTES: usize = 0;

    #[inline]
    fn backprop<R>(&self, x: &mut Tensor<S>, (): &mut (), next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
        self.show(x, Direction::Value);
        let result = next(x);
        self.show(x, Direction::Gradient);
        result
    }

    /// Nobody computes the gradient here, so it is not shown.
    #[inline]
    fn backprop_params<R>(&self, x: &Tensor<S>, (): &mut (), next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
        self.show(x, Direction::Value);
        next(&mut x.clone())
    }

    #[inline]
    fn backprop_input<R>(&self, x: &mut Tensor<S>, next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
        self.backprop(x, &mut (), next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::{Frozen, Linear, Loss, Param, Reduction, StopAtNan, mse_loss};
    use core::cell::RefCell;
    use std::string::{String, ToString};
    use std::vec::Vec;

    /// Keeps every line.
    struct Keep<'a>(&'a RefCell<Vec<String>>);

    impl Probe for Keep<'_> {
        fn see<T: Float>(&self, passing: &Passing<'_, T>) {
            self.0.borrow_mut().push(passing.to_string());
        }
    }

    fn linear() -> Linear<2, 2> {
        Linear { weight: Param(Tensor([[1.0, 0.0], [0.0, 2.0]])), bias: Param(Tensor([0.0; 2])) }
    }

    #[test]
    fn a_value_and_its_gradient_are_seen_and_left_alone() {
        let seen = RefCell::new(Vec::new());
        let look = |name| Inspect { name, probe: Keep(&seen) };
        let net = crate::sequential![look("x"), linear(), look("h"), Frozen(linear()), look("y")];
        let plain = crate::sequential![linear(), Frozen(linear())];
        let x = Tensor([[1.0f32, -2.0]]);
        let loss = |y: &mut Tensor<_>| mse_loss(y, &Tensor::zeros(), Reduction::Sum);
        let (value, grads) = net.gradients(&x, loss);
        let (same, plain_grads) = plain.gradients(&x, loss);
        assert_eq!((value, grads.1.0), (same, plain_grads.0));
        assert_eq!(
            *seen.borrow(),
            [
                "x, value [1, 2]: mean -5.000e-1, from -2.000e0 to 1.000e0",
                "h, value [1, 2]: mean -1.500e0, from -4.000e0 to 1.000e0",
                "y, value [1, 2]: mean -3.500e0, from -8.000e0 to 1.000e0",
                "y, gradient [1, 2]: mean -7.000e0, from -1.600e1 to 2.000e0",
                "h, gradient [1, 2]: mean -1.500e1, from -3.200e1 to 2.000e0",
            ]
        );
        seen.borrow_mut().clear();
        assert_eq!(net.forward(&x), plain.forward(&x));
        assert_eq!(seen.borrow().len(), 3);
    }

    #[test]
    #[should_panic(expected = "the first NaN: gradient at `h`, [2, 2], element [1, 0]")]
    fn a_run_stops_at_the_first_nan() {
        let net = crate::sequential![linear(), Inspect::<StopAtNan>::new("h")];
        net.gradients(&Tensor([[1.0f32, 2.0]; 2]), |y| {
            Loss::by_hand(y, |y| {
                y.0[1] = [f32::NAN, f32::NAN];
                0.0
            })
        });
    }

    #[test]
    fn it_prints_its_name() {
        assert_eq!(Inspect::<StopAtNan>::new("h").to_string(), "Inspect(h)");
    }
}
