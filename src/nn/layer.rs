//! [`Layer`]: a layer's shape rule and its mathematics, each once.

use super::{Grads, Parameters};
use crate::tensor::Buffer;

/// What a layer computes and its two backward functions, from which [`#[layer]`](macro@crate::layer) writes [`Module`](super::Module)
/// and [`Backprop`](super::Backprop) with all their entries.
///
/// This is how the layers of the box are written whose backward pass is written by hand, and how one of your own is. (One that is a
/// formula needs no backward functions: [`#[forward]`](macro@crate::forward) derives them.) An entry that a layer does better by itself,
/// `forward_training`, `backprop`, `backprop_params` or `backprop_input`, stands in the same impl, and `#[layer]` takes it from there; one
/// that trains differently from evaluation writes its `backprop_input`.
///
/// ```
/// use adamant::nn::Layer;
/// use adamant::prelude::*;
///
/// /// y = w · x³, element by element.
/// #[derive(Module)]
/// struct Cube { w: Param<[f32; 1]> }
///
/// #[adamant::layer]
/// impl<const N: usize> Layer<Tensor<[f32; N]>> for Cube {
///     type Output = Tensor<[f32; N]>;
///     type Kept = ();
///
///     fn compute(&self, x: &Tensor<[f32; N]>, y: &mut Tensor<[f32; N]>) {
///         *y = x.powi(3) * self.w.sum();
///     }
///
///     fn backward_params(&self, x: &Tensor<[f32; N]>, _: &(), dy: &Tensor<[f32; N]>, grads: &mut Grads<Self>) {
///         grads.w += (x.powi(3) * dy).sum();
///     }
///
///     fn backward_input(&self, x: &mut Tensor<[f32; N]>, _: &(), dy: &mut Tensor<[f32; N]>) {
///         *x = x.square() * (3.0 * self.w.sum()) * &*dy;
///     }
/// }
///
/// let model = Cube { w: Param(Tensor([2.0])) };
/// let (loss, grads) = model.gradients(&Tensor([1.0, 2.0]), |y| mse_loss(y, &Tensor::zeros(), Reduction::Sum));
/// assert_eq!((loss, grads.w), (4.0 + 256.0, Tensor([4.0 + 256.0])));
/// ```
#[diagnostic::on_unimplemented(
    message = "layer `{Self}` cannot take input `{X}`",
    label = "this layer and this input do not fit"
)]
pub trait Layer<X: Clone>: Parameters {
    /// What the layer gives.
    type Output: Buffer;
    /// What the backward functions read beside x and dy: statistics, gates, indices. `()` where nothing.
    type Kept: Buffer;

    /// Multiply-accumulates of one forward pass.
    const MACS: u64 = 0;
    /// Bytes of buffers that [`compute`](Self::compute) makes.
    const COMPUTE_BYTES: usize = 0;
    /// Bytes of buffers that [`lend`](Self::lend) makes.
    const LEND_BYTES: usize = Self::COMPUTE_BYTES + size_of::<Self::Output>();
    /// Bytes of buffers that the backward functions make, or `train` if those are more.
    const BACKWARD_BYTES: usize = Self::COMPUTE_BYTES;
    /// Bytes of all buffers of a training pass.
    const TRAIN_BYTES: usize = size_of::<Self::Output>() + size_of::<Self::Kept>() + Self::BACKWARD_BYTES;
    /// Whether training turns x into something else that the backward functions read in its place: then
    /// [`train_over`](Self::train_over) is written, and else [`train`](Self::train), if training differs from `compute` at all.
    const OVERWRITES: bool = false;

    /// y = f(x), in evaluation. The former content of `y` does not matter.
    fn compute(&self, x: &X, y: &mut Self::Output);

    /// y = f(x), in evaluation, lent to `next`: in place where the layer can.
    #[inline]
    fn lend<R>(&self, x: &mut X, next: impl FnOnce(&mut Self::Output) -> R) -> R {
        let mut y = Self::Output::ZERO;
        self.compute(x, &mut y);
        next(&mut y)
    }

    /// y = f(x) in training: keeps what the backward functions read.
    #[inline]
    fn train(&self, x: &X, kept: &mut Self::Kept, y: &mut Self::Output) {
        let _ = kept;
        self.compute(x, y);
    }

    /// As [`train`](Self::train), and may turn `x` into what the backward functions read.
    #[inline]
    fn train_over(&self, x: &mut X, kept: &mut Self::Kept, y: &mut Self::Output) {
        self.train(x, kept, y);
    }

    /// After `train`: what training observes, as running statistics, moves on in `grads`.
    #[inline]
    fn observe(&self, kept: &Self::Kept, grads: &mut Grads<Self>) {
        let _ = (kept, grads);
    }

    /// dp += …: adds the parameters' gradients, given dy. Nothing where there are none.
    #[inline]
    fn backward_params(&self, x: &X, kept: &Self::Kept, dy: &Self::Output, grads: &mut Grads<Self>) {
        let _ = (x, kept, dy, grads);
    }

    /// x ← dx, given dy, which is working memory.
    fn backward_input(&self, x: &mut X, kept: &Self::Kept, dy: &mut Self::Output);

    /// Both, where they share what they compute.
    #[inline]
    fn backward(&self, x: &mut X, kept: &Self::Kept, dy: &mut Self::Output, grads: &mut Grads<Self>) {
        self.backward_params(x, kept, dy, grads);
        self.backward_input(x, kept, dy);
    }
}
