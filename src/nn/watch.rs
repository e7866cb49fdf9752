//! [`Watch`]: gradients as they become final.

use super::Gradients;

/// Is lent the gradients of each part of a model as soon as a backward pass adds nothing more to them, so that what is done with them
/// (sending them to other machines, clipping, an update) need not wait for the rest. See
/// [`add_gradients_watched`](super::Backprop::add_gradients_watched).
///
/// Parts are the layers of chains and of structs that chain their fields, those inside them too. A struct with a `#[forward]` of its own,
/// a [`Residual`](super::Residual) and an array of layers are one part each. They come from the end: the last layer's first, and all
/// together are the model's gradients, each number once.
///
/// ```
/// use adamant::nn::Watch;
/// use adamant::prelude::*;
///
/// /// Keeps each part's norm.
/// struct Norms(Vec<f64>);
///
/// impl Watch for Norms {
///     fn settled<G: Gradients>(&mut self, grads: &mut G) {
///         self.0.push(grads.norm());
///     }
/// }
///
/// let rng = &mut SmallRng::seed_from_u64(0);
/// let net = <Sequential![Linear<3, 8>, Tanh, Linear<8, 2>]>::init(rng);
/// let mut x = Tensor::<[[f32; 3]; 4]>::randn(rng);
/// let (mut grads, mut norms) = (net.zero_grads(), Norms(Vec::new()));
/// net.add_gradients_watched(&mut x, &mut grads, &mut norms, |y| mse_loss(y, &Tensor::zeros(), Reduction::Mean));
/// let (first, (_, last)) = *grads;
/// assert_eq!(norms.0, [last.norm(), 0.0, first.norm()]);
/// ```
#[doc(alias("hook", "register_post_accumulate_grad_hook"))]
pub trait Watch {
    /// Is lent the gradients of the part in front of those before.
    fn settled<G: Gradients>(&mut self, grads: &mut G);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use std::vec::Vec;

    type Input = Tensor<[[f32; 6]; 5]>;

    /// The numbers of each part, the statistics among them.
    #[derive(Default)]
    struct Parts(Vec<Vec<f64>>);

    impl Watch for Parts {
        fn settled<G: Gradients>(&mut self, grads: &mut G) {
            let mut numbers = Numbers(Vec::new());
            grads.zip([], &mut numbers);
            self.0.push(numbers.0);
        }
    }

    struct Numbers(Vec<f64>);

    impl Zip<0> for Numbers {
        fn zip<T: Float>(&mut self, own: &mut [T], []: [&[T]; 0]) {
            self.0.extend(own.iter().map(|x| x.to_f64()));
        }

        fn observed<T: Float>(&mut self, own: &mut [T], others: [&[T]; 0]) {
            self.zip(own, others);
        }
    }

    /// The sizes of the parts, which are those of the gradients without a watch.
    fn parts<M: Backprop<Input, Output = Tensor<[[f32; 2]; 5]>> + Init>() -> Vec<usize> {
        let rng = &mut SmallRng::seed_from_u64(1);
        let model = M::init(rng);
        let mut x = Input::randn(rng);
        let loss = |y: &mut Tensor<_>| mse_loss(y, &Tensor::ones(), Reduction::Mean);
        let (right, mut expected) = model.gradients(&x, loss);
        let (mut grads, mut parts) = (model.zero_grads(), Parts::default());
        let found = model.add_gradients_watched(&mut x, &mut grads, &mut parts, loss);
        assert_eq!((found, &grads), (right, &expected));
        let mut whole = Numbers(Vec::new());
        expected.zip([], &mut whole);
        assert_eq!(parts.0.iter().rev().flatten().copied().collect::<Vec<_>>(), whole.0);
        parts.0.iter().map(Vec::len).collect()
    }

    #[derive(crate::Module)]
    struct Struct {
        norm: BatchNorm1d<6>,
        first: Linear<6, 4>,
        relu: Relu,
        drop: Dropout,
        body: Sequential![Linear<4, 4>, Tanh],
        residual: Residual<Sequential![Linear<4, 4>, Tanh]>,
        second: Linear<4, 4, NoBias>,
        third: Linear<4, 4>,
        last: Linear<4, 2>,
    }

    #[test]
    fn parts_come_from_the_end_and_are_final() {
        assert_eq!(parts::<Linear<6, 2>>(), [14]);
        assert_eq!(parts::<Sequential![Relu, Linear<6, 4>, Dropout, Tanh, Linear<4, 2>]>(), [10, 0, 0, 28, 0]);
        assert_eq!(parts::<Struct>(), [10, 20, 16, 20, 0, 20, 0, 0, 28, 24]);
        assert_eq!(parts::<Sequential![Frozen<Linear<6, 6>>, [Linear<6, 6>; 2], Linear<6, 2>]>(), [14, 84, 0]);
    }
}
