//! [`BatchNorm1d`] and [`BatchNorm2d`].

use core::fmt::{self, Display, Formatter};

use rand::Rng;

use super::affine::{Affine, AffineOption, AffineParam};
use super::bias::BiasParam;
use super::{Backprop, Fold, Module, Running};
use crate::init::Init;
use crate::ops::batch_norm::{BatchStatistics, scale_shift_of};
use crate::ops::channels::scale_shift;
use crate::shape::Channels;
use crate::simd::Float;
use crate::tensor::Tensor;

/// y = (x − μ) / √(σ² + ε) · weight + bias for each feature.
///
/// | | |
/// |---|---|
/// | input | a batch `[B][CHANNELS]` or `[B][CHANNELS][L]`; one sample `[CHANNELS]` |
/// | output | as the input |
/// | `weight`, `bias` | `[CHANNELS]`, starting at 1 and 0; nothing with [`NoAffine`](super::NoAffine) |
/// | `running_mean`, `running_var` | `[CHANNELS]`, starting at 0 and 1: saved, not trained |
///
/// As in PyTorch two dimensions are a batch of features, not one signal `[CHANNELS][L]`. `AXIS` says where the channels lie if
/// not along axis 1: `BatchNorm1d<C, -2>` takes one signal `[C][L]` and batches of them ([`Channels`] lists the shapes).
///
/// [`BatchNorm2d`] says what is common to both.
///
/// After [`torch.nn.BatchNorm1d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm1d.html).
///
/// ```
/// use adamant::prelude::*;
/// type Net = Sequential![Linear<4, 8>, BatchNorm1d<8>, Relu, Linear<8, 2>];
/// let net = Net::init(&mut SmallRng::seed_from_u64(0));
/// let batch: Tensor<[[f32; 2]; 16]> = net.forward(&Tensor::<[[f32; 4]; 16]>::zeros());
/// let one: Tensor<[f32; 2]> = net.forward(&Tensor::<[f32; 4]>::zeros());
/// let norm = BatchNorm1d::<8>::BLANK;
/// assert_eq!(norm.to_string(), "BatchNorm1d(8, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)");
/// ```
///
/// A batch of one value a channel does not build when it is trained on:
///
/// ```compile_fail
/// # use adamant::prelude::*;
/// let norm = BatchNorm1d::<8>::BLANK;
/// norm.gradients(&Tensor::<[[f32; 8]; 1]>::zeros(), |_| ());
/// ```
#[derive(crate::Module, Clone, Copy, PartialEq, Debug)]
#[module(custom(forward, init, display))]
pub struct BatchNorm1d<const CHANNELS: usize, const AXIS: isize = 1, A: AffineOption = Affine, T: Float = f32> {
    /// The weight, `[CHANNELS]`, or `()`.
    pub weight: A::Weight<[T; CHANNELS]>,
    /// The bias, `[CHANNELS]`, or `()`.
    pub bias: A::Bias<[T; CHANNELS]>,
    /// The mean of each channel over the batches seen so far.
    pub running_mean: Running<[T; CHANNELS]>,
    /// The unbiased variance of each channel over the batches seen so far.
    pub running_var: Running<[T; CHANNELS]>,
    /// ε, 10⁻⁵ at the start.
    pub eps: f64,
    /// How far each batch moves the running statistics, from 0 to 1; 0.1 at the start.
    pub momentum: f64,
}

/// y = (x − μ) / √(σ² + ε) · weight + bias for each channel of an image.
///
/// | | |
/// |---|---|
/// | input | an image `[CHANNELS][H][W]`, a batch `[B][CHANNELS][H][W]`, any leading dimensions |
/// | output | as the input |
/// | `weight`, `bias` | `[CHANNELS]`, starting at 1 and 0; nothing with [`NoAffine`](super::NoAffine) |
/// | `running_mean`, `running_var` | `[CHANNELS]`, starting at 0 and 1: saved, not trained |
///
/// `backprop` (training) takes μ and σ² from the batch and moves the running statistics towards them:
/// running ← (1 − momentum) · running + momentum · batch, σ² being the unbiased one there. `forward` (evaluation) takes the
/// running ones, and so does a [`Frozen`](super::Frozen) layer in training.
///
/// The running statistics advance in the gradients: `zero_grads` copies them there, each `backprop` moves that copy on (so two
/// micro-batches count twice, and zeroing, adding or scaling gradients changes nothing), an optimiser's step takes it back. Where
/// several gradients are added up, each worker's own is kept. [`Running`] is how a layer of yours does the same.
///
/// A batch of one value a channel has no variance: PyTorch raises, here a program that trains on one does not build. There is
/// no `num_batches_tracked`, which PyTorch counts for `momentum=None` alone; a file may hold it.
///
/// For inference [`fold_into`](Self::fold_into) takes the layer into the one before it.
///
/// S. Ioffe and C. Szegedy, *Batch normalization*, 2015 (arXiv:1502.03167). After
/// [`torch.nn.BatchNorm2d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html).
///
/// ```
/// use adamant::prelude::*;
/// let mut norm = BatchNorm2d::<1>::init(&mut SmallRng::seed_from_u64(0));
/// let batch = Tensor([[[[2.0f32, 4.0]]], [[[4.0, 6.0]]]]); // two images of 1 × 2
/// let mut grads = norm.zero_grads();
/// norm.backprop_params(&batch, &mut grads, |y| assert!(y.all_close(&((batch - 4.0) / 2f32.sqrt()), 1e-4, 0.0)));
/// norm.absorb(&grads); // an optimiser's step does it
/// assert!(norm.running_mean.all_close(&Tensor([0.1 * 4.0]), 1e-6, 0.0));
/// assert!(norm.running_var.all_close(&Tensor([0.9 + 0.1 * 8.0 / 3.0]), 1e-6, 0.0));
/// assert_eq!(norm.to_string(), "BatchNorm2d(1, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)");
/// ```
#[derive(crate::Module, Clone, Copy, PartialEq, Debug)]
#[module(custom(forward, init, display))]
pub struct BatchNorm2d<const CHANNELS: usize, A: AffineOption = Affine, T: Float = f32> {
    /// The weight, `[CHANNELS]`, or `()`.
    pub weight: A::Weight<[T; CHANNELS]>,
    /// The bias, `[CHANNELS]`, or `()`.
    pub bias: A::Bias<[T; CHANNELS]>,
    /// The mean of each channel over the batches seen so far.
    pub running_mean: Running<[T; CHANNELS]>,
    /// The unbiased variance of each channel over the batches seen so far.
    pub running_var: Running<[T; CHANNELS]>,
    /// ε, 10⁻⁵ at the start.
    pub eps: f64,
    /// How far each batch moves the running statistics, from 0 to 1; 0.1 at the start.
    pub momentum: f64,
}

/// The two layers differ in their names and in the axis of the channels.
macro_rules! batch_norm {
    ($($name:ident<C, $([const $axis_param:ident])? A, T>, axis $axis:tt;)+) => {$(
        impl<const C: usize, $(const $axis_param: isize,)? A: AffineOption, T: Float> $name<C, $($axis_param,)? A, T> {
            /// The layer in evaluation, as two numbers a channel: y = x · scale + shift with
            /// scale = weight / √(running_var + ε) and shift = bias − running_mean · scale.
            pub fn scale_shift(&self) -> (Tensor<[T; C]>, Tensor<[T; C]>) {
                scale_shift_of(&self.running_mean, &self.running_var, self.eps, self.weight.get(), self.bias.get())
            }

            /// The layer before this one with this one taken in: what the two compute in evaluation, at the cost of the
            /// first alone. It has a bias, whether `layer` has or not.
            ///
            /// ```
            /// use adamant::prelude::*;
            /// let rng = &mut SmallRng::seed_from_u64(0);
            /// let linear = Linear::<4, 8, NoBias>::init(rng);
            /// let mut norm = BatchNorm1d::<8>::init(rng);
            /// norm.running_mean.fill(0.5);
            /// let folded: Linear<4, 8> = norm.fold_into(&linear);
            /// let x = Tensor::<[f32; 4]>::randn(rng);
            /// assert!(folded.forward(&x).all_close(&norm.forward(&linear.forward(&x)), 0.0, 1e-6));
            /// ```
            pub fn fold_into<L: Fold<[T; C]>>(&self, layer: &L) -> L::Folded {
                let (scale, shift) = self.scale_shift();
                layer.fold(&scale, &shift)
            }

            /// x ← x̂ by the batch's statistics, which also move the running ones.
            fn standardize<S: Channels<C, $axis, Self, Scalar = T>>(
                &self,
                x: &mut Tensor<S>,
                grads: &mut <Self as super::Parameters>::Grads,
            ) -> BatchStatistics<[T; C]> {
                const {
                    assert!(
                        S::SAMPLES * S::POSITIONS > 1,
                        "batch normalisation needs more than one value a channel in training, as in PyTorch"
                    );
                };
                let batch = BatchStatistics::standardize(x.as_mut_slice(), S::SAMPLES, S::POSITIONS, self.eps);
                batch.observe(self.momentum, &mut grads.running_mean.0, &mut grads.running_var.0);
                batch
            }
        }

        impl<const C: usize, $(const $axis_param: isize,)? A: AffineOption, T: Float> Init
            for $name<C, $($axis_param,)? A, T>
        {
            const BLANK: Self = Self {
                weight: AffineParam::ONES,
                bias: Init::BLANK,
                running_mean: Init::BLANK,
                running_var: Running(Tensor([T::ONE; C])),
                eps: 1e-5,
                momentum: 0.1,
            };

            fn reset_parameters<R: Rng + ?Sized>(&mut self, _: &mut R) {
                *self = Self { eps: self.eps, momentum: self.momentum, ..Self::BLANK };
            }
        }

        #[diagnostic::do_not_recommend]
        impl<S, const C: usize, $(const $axis_param: isize,)? A: AffineOption, T: Float> Module<Tensor<S>>
            for $name<C, $($axis_param,)? A, T>
        where
            S: Channels<C, $axis, Self, Scalar = T>,
        {
            type Output = Tensor<S>;
            const MACS: usize = S::LEN;
            const FORWARD_BYTES: usize = 2 * size_of::<[T; C]>();
            const FORWARD_WITH_BYTES: usize = 2 * size_of::<[T; C]>();

            #[inline]
            fn forward_into(&self, x: &Tensor<S>, y: &mut Tensor<S>) {
                *y = *x;
                let (scale, shift) = self.scale_shift();
                scale_shift(y.as_mut_slice(), S::POSITIONS, Some(scale.as_slice()), Some(shift.as_slice()));
            }

            #[inline]
            fn forward_with<R>(&self, x: &mut Tensor<S>, next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
                {
                    let (scale, shift) = self.scale_shift();
                    scale_shift(x.as_mut_slice(), S::POSITIONS, Some(scale.as_slice()), Some(shift.as_slice()));
                }
                next(x)
            }
        }

        #[diagnostic::do_not_recommend]
        impl<S, const C: usize, $(const $axis_param: isize,)? A: AffineOption, T: Float> Backprop<Tensor<S>>
            for $name<C, $($axis_param,)? A, T>
        where
            S: Channels<C, $axis, Self, Scalar = T>,
        {
            const BACKPROP_BYTES: usize =
                size_of::<Tensor<S>>() + size_of::<BatchStatistics<[T; C]>>() + 3 * size_of::<[T; C]>();

            #[inline]
            fn backprop<R>(&self, x: &mut Tensor<S>, grads: &mut Self::Grads, next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
                let batch = self.standardize(x, grads);
                let mut y = *x;
                let (weight, bias) = (self.weight.get(), self.bias.get());
                let slices = (weight.map(Tensor::as_slice), bias.map(Tensor::as_slice));
                scale_shift(y.as_mut_slice(), S::POSITIONS, slices.0, slices.1);
                let result = next(&mut y);
                let dweight = A::Weight::<[T; C]>::grad(&mut grads.weight);
                let dbias = A::Bias::<[T; C]>::grad(&mut grads.bias);
                batch.backward(x.as_mut_slice(), y.as_slice(), weight, dweight, dbias);
                result
            }

            #[inline]
            fn backprop_params<R>(
                &self,
                x: &Tensor<S>,
                grads: &mut Self::Grads,
                next: impl FnOnce(&mut Tensor<S>) -> R,
            ) -> R {
                let mut x = *x;
                if <Self as super::Parameters>::PARAMETERS == 0 {
                    self.standardize(&mut x, grads);
                    return next(&mut x);
                }
                self.backprop(&mut x, grads, next)
            }

            /// By the running statistics, so in place: dx = dy · scale.
            #[inline]
            fn backprop_input<R>(&self, x: &mut Tensor<S>, next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
                let (scale, shift) = self.scale_shift();
                scale_shift(x.as_mut_slice(), S::POSITIONS, Some(scale.as_slice()), Some(shift.as_slice()));
                let result = next(x);
                scale_shift(x.as_mut_slice(), S::POSITIONS, Some(scale.as_slice()), None);
                result
            }
        }

        impl<const C: usize, $(const $axis_param: isize,)? A: AffineOption, T: Float> Display
            for $name<C, $($axis_param,)? A, T>
        {
            fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
                let (name, eps, momentum, affine) = (stringify!($name), Tensor(self.eps), Tensor(self.momentum), A::PRINTED);
                write!(f, "{name}({C}, eps={eps}, momentum={momentum}, affine={affine}, track_running_stats=True)")
            }
        }
    )+};
}

batch_norm! {
    BatchNorm1d<C, [const AXIS] A, T>, axis AXIS;
    BatchNorm2d<C, A, T>, axis { -3 };
}
