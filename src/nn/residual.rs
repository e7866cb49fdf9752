//! [`Residual`].

use super::wrapper::{numbers_parts, prints_and_starts};
use super::{Backprop, LayerSummary, LayerVisitor, Module, Name, Parameters};
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::Tensor;

/// y = x + M(x): a shortcut around a layer or chain that keeps the shape.
///
/// K. He et al., *Deep Residual Learning for Image Recognition*, 2015. The inner layer is its part `0`, in names as in print, as it is in
/// PyTorch where one derives such a module from `nn.Sequential`: `0.weight` around a `Linear`, `0.0.weight` around a chain of them.
///
/// ```
/// use adamant::prelude::*;
/// let block = Residual(<Sequential![Linear<4, 4>, Tanh]>::init(&mut SmallRng::seed_from_u64(0)));
/// let y: Tensor<[f32; 4]> = block.forward(&Tensor([1.0, 2.0, 3.0, 4.0]));
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
#[repr(transparent)]
pub struct Residual<M>(
    /// The layer or chain that the shortcut goes around.
    pub M,
);

impl<M: Parameters> Parameters for Residual<M> {
    numbers_parts! { M at .0, "Residual" }
}

prints_and_starts!(Residual);

impl<S: Shape<Elem: Float>, M: Module<Tensor<S>, Output = Tensor<S>>> Module<Tensor<S>> for Residual<M> {
    type Output = Tensor<S>;
    const MACS: u64 = M::MACS;
    const FORWARD_BYTES: usize = M::FORWARD_BYTES;

    #[inline]
    fn forward_into(&self, x: &Tensor<S>, y: &mut Tensor<S>) {
        self.0.forward_into(x, y);
        y.axpy(Float::ONE, x);
    }

    #[inline]
    fn forward_training(&self, x: &Tensor<S>, grads: &mut Self::Grads) -> Tensor<S> {
        let mut y = self.0.forward_training(x, grads);
        y.axpy(Float::ONE, x);
        y
    }
}

impl<S: Shape<Elem: Float>, M: Backprop<Tensor<S>, Output = Tensor<S>>> Backprop<Tensor<S>> for Residual<M> {
    const BACKPROP_BYTES: usize = size_of::<Tensor<S>>() + M::BACKPROP_BYTES;

    #[inline]
    fn backprop<R>(&self, x: &mut Tensor<S>, grads: &mut Self::Grads, next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
        let mut inner = *x;
        let result = self.0.backprop(&mut inner, grads, |y| shortcut(x, y, next));
        x.axpy(Float::ONE, &inner);
        result
    }

    #[inline]
    fn backprop_params<R>(&self, x: &Tensor<S>, grads: &mut Self::Grads, next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
        self.0.backprop_params(x, grads, |y| {
            y.axpy(Float::ONE, x);
            next(y)
        })
    }

    #[inline]
    fn backprop_input<R>(&self, x: &mut Tensor<S>, next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
        let mut inner = *x;
        let result = self.0.backprop_input(&mut inner, |y| shortcut(x, y, next));
        x.axpy(Float::ONE, &inner);
        result
    }

    fn layers<V: LayerVisitor>(name: Name<'_>, depth: usize, visitor: &mut V) {
        visitor.layer(&LayerSummary::of::<Tensor<S>, Self>(name, depth));
        M::layers_chain(name, 0, depth + 1, visitor);
    }
}

/// Adds the shortcut to the inner layer's output and leaves its gradient, which is the output's, in `x`.
#[inline]
fn shortcut<S: Shape<Elem: Float>, R>(x: &mut Tensor<S>, y: &mut Tensor<S>, next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
    y.axpy(Float::ONE, x);
    let result = next(y);
    *x = *y;
    result
}

#[cfg(test)]
mod tests {
    use crate::prelude::*;
    use std::string::{String, ToString};
    use std::vec::Vec;

    fn names(model: &impl Parameters) -> Vec<String> {
        let mut names = Vec::new();
        model.named_parameters(|info| names.push(info.name.to_string()));
        names
    }

    #[test]
    fn names_are_what_is_printed() {
        let model = sequential![Residual(Linear::<4, 4>::BLANK), Residual(<Sequential![Linear<4, 4>, Relu]>::BLANK)];
        assert_eq!(names(&model), ["0.0.weight", "0.0.bias", "1.0.0.weight", "1.0.0.bias"]);
        let text = "\
Sequential(
  (0): Residual(
    (0): Linear(in_features=4, out_features=4, bias=True)
  )
  (1): Residual(
    (0): Sequential(
      (0): Linear(in_features=4, out_features=4, bias=True)
      (1): ReLU()
    )
  )
)";
        assert_eq!(model.to_string(), text);
        let table = model.summary(&Tensor::<[f32; 4]>::zeros()).to_string();
        assert!(["Linear (0.0)", "Sequential (1.0)", "Linear (1.0.0)"].iter().all(|row| table.contains(row)), "{table}");
        let pair = Residual((Linear::<4, 4>::BLANK, Relu));
        assert_eq!((names(&pair)[0].as_str(), pair.to_string().contains("(1): ReLU()")), ("0.weight", true));
    }
}
