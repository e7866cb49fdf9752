//! [`BatchNorm1d`] and [`BatchNorm2d`].

use super::affine::{Affine, AffineOption, AffineParam};
use super::{Fold, Grads, Layer, Running};
use crate::ops::batch_norm::{BatchStatistics, scale_shift_of};
use crate::ops::{Addend, channels::scale_shift};
use crate::shape::Channels;
use crate::simd::Float;
use crate::tensor::Tensor;
use crate::text::Text;

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
/// norm.gradients(&Tensor::<[[f32; 8]; 1]>::zeros(), |y| mse_loss(y, &Tensor::zeros(), Reduction::Mean));
/// ```
#[derive(crate::Module, Clone, Copy, PartialEq, Debug)]
#[module(display(
    "BatchNorm1d({CHANNELS}, eps={}, momentum={}, affine={}, track_running_stats=True)",
    Tensor(self.eps),
    Tensor(self.momentum),
    A::PRINTED
))]
pub struct BatchNorm1d<const CHANNELS: usize, const AXIS: isize = 1, A: AffineOption = Affine, T: Float = f32> {
    /// The weight, `[CHANNELS]`, or `()`.
    #[module(value = AffineParam::ONES, fill = AffineParam::ones_in, init = |weight, _| weight.fill(1.0))]
    pub weight: A::Weight<[T; CHANNELS]>,
    /// The bias, `[CHANNELS]`, or `()`.
    pub bias: A::Bias<[T; CHANNELS]>,
    /// The mean of each channel over the batches seen so far.
    pub running_mean: Running<[T; CHANNELS]>,
    /// The unbiased variance of each channel over the batches seen so far.
    #[module(value = Running::ONES, fill = Running::ones_in, init = |variance, _| variance.fill(T::ONE))]
    pub running_var: Running<[T; CHANNELS]>,
    /// ε, 10⁻⁵ at the start.
    #[module(value = 1e-5)]
    pub eps: f64,
    /// How far each batch moves the running statistics, from 0 to 1; 0.1 at the start.
    #[module(value = 0.1)]
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
#[module(display(
    "BatchNorm2d({CHANNELS}, eps={}, momentum={}, affine={}, track_running_stats=True)",
    Tensor(self.eps),
    Tensor(self.momentum),
    A::PRINTED
))]
pub struct BatchNorm2d<const CHANNELS: usize, A: AffineOption = Affine, T: Float = f32> {
    /// The weight, `[CHANNELS]`, or `()`.
    #[module(value = AffineParam::ONES, fill = AffineParam::ones_in, init = |weight, _| weight.fill(1.0))]
    pub weight: A::Weight<[T; CHANNELS]>,
    /// The bias, `[CHANNELS]`, or `()`.
    pub bias: A::Bias<[T; CHANNELS]>,
    /// The mean of each channel over the batches seen so far.
    pub running_mean: Running<[T; CHANNELS]>,
    /// The unbiased variance of each channel over the batches seen so far.
    #[module(value = Running::ONES, fill = Running::ones_in, init = |variance, _| variance.fill(T::ONE))]
    pub running_var: Running<[T; CHANNELS]>,
    /// ε, 10⁻⁵ at the start.
    #[module(value = 1e-5)]
    pub eps: f64,
    /// How far each batch moves the running statistics, from 0 to 1; 0.1 at the start.
    #[module(value = 0.1)]
    pub momentum: f64,
}

/// Refuses, when the program is built, to train on one value a channel.
const fn several(layer: &str, channels: usize, samples: usize, positions: usize) {
    if samples * positions <= 1 {
        let text = Text::new().add("`").add(layer).add("` with ").number(channels).add(" channels cannot train on a batch of ");
        let text = text.number(samples).add(" with ").number(positions).add(" values a channel: no variance comes of ");
        let text = text.number(samples * positions).add(", of 2 at least it does");
        panic!("{}", text.as_str());
    }
}

/// The two layers differ in their names and in the axis of the channels.
macro_rules! batch_norm {
    ($($name:ident<C, $([const $axis_param:ident])? A, T>, axis $axis:tt;)+) => {$(
        impl<const C: usize, $(const $axis_param: isize,)? A: AffineOption, T: Float> $name<C, $($axis_param,)? A, T> {
            /// The layer in evaluation, as two numbers a channel: y = x · scale + shift with
            /// scale = weight / √(running_var + ε) and shift = bias − running_mean · scale.
            pub fn scale_shift(&self) -> (Tensor<[T; C]>, Tensor<[T; C]>) {
                scale_shift_of(&self.running_mean, &self.running_var, self.eps, self.weight.tensor(), self.bias.tensor())
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
        }

        /// In training x becomes x̂, and the batch's statistics are kept.
        #[crate::layer]
        impl<S, const C: usize, $(const $axis_param: isize,)? A: AffineOption, T: Float> Layer<Tensor<S>>
            for $name<C, $($axis_param,)? A, T>
        where
            S: Channels<C, $axis, Self, Scalar = T>,
        {
            type Output = Tensor<S>;
            type Kept = BatchStatistics<[T; C]>;
            const COMPUTE_BYTES: usize = 2 * size_of::<[T; C]>();
            const LEND_BYTES: usize = 2 * size_of::<[T; C]>();
            const BACKWARD_BYTES: usize = 3 * size_of::<[T; C]>();
            const OVERWRITES: bool = true;

            #[inline]
            fn compute(&self, x: &Tensor<S>, y: &mut Tensor<S>) {
                *y = *x;
                let (scale, shift) = self.scale_shift();
                scale_shift(y.as_mut_slice(), S::POSITIONS, Some(scale.as_slice()), Some(shift.as_slice()));
            }

            #[inline]
            fn lend<R>(&self, x: &mut Tensor<S>, next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
                {
                    let (scale, shift) = self.scale_shift();
                    scale_shift(x.as_mut_slice(), S::POSITIONS, Some(scale.as_slice()), Some(shift.as_slice()));
                }
                next(x)
            }

            #[inline]
            fn train_over(&self, x: &mut Tensor<S>, batch: &mut Self::Kept, y: &mut Tensor<S>) {
                const { several(stringify!($name), C, S::SAMPLES, S::POSITIONS) };
                *batch = BatchStatistics::standardize(x.as_mut_slice(), S::SAMPLES, S::POSITIONS, self.eps);
                *y = *x;
                let (weight, bias) = (self.weight.tensor(), self.bias.tensor());
                scale_shift(y.as_mut_slice(), S::POSITIONS, weight.map(Tensor::as_slice), bias.map(Tensor::as_slice));
            }

            #[inline]
            fn observe(&self, batch: &Self::Kept, grads: &mut Grads<Self>) {
                let count = S::SAMPLES * S::POSITIONS;
                batch.observe(count, self.momentum, &mut grads.running_mean.0, &mut grads.running_var.0);
            }

            #[inline]
            fn backward_params(&self, x_hat: &Tensor<S>, batch: &Self::Kept, dy: &Tensor<S>, grads: &mut Grads<Self>) {
                let (dots, sums) = batch.sums(x_hat.as_slice(), dy.as_slice(), S::POSITIONS);
                add(&dots, &sums, grads.weight.tensor_mut(), grads.bias.tensor_mut());
            }

            #[inline]
            fn backward_input(&self, x_hat: &mut Tensor<S>, batch: &Self::Kept, dy: &mut Tensor<S>) {
                let (dots, sums) = batch.sums(x_hat.as_slice(), dy.as_slice(), S::POSITIONS);
                let sizes = [S::SAMPLES * S::POSITIONS, S::POSITIONS];
                batch.backward(x_hat.as_mut_slice(), dy.as_slice(), self.weight.tensor(), sizes, &dots, &sums);
            }

            #[inline]
            fn backward(&self, x_hat: &mut Tensor<S>, batch: &Self::Kept, dy: &mut Tensor<S>, grads: &mut Grads<Self>) {
                let (dots, sums) = batch.sums(x_hat.as_slice(), dy.as_slice(), S::POSITIONS);
                add(&dots, &sums, grads.weight.tensor_mut(), grads.bias.tensor_mut());
                let sizes = [S::SAMPLES * S::POSITIONS, S::POSITIONS];
                batch.backward(x_hat.as_mut_slice(), dy.as_slice(), self.weight.tensor(), sizes, &dots, &sums);
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
    )+};
}

/// dweight += Σ dy · x̂, dbias += Σ dy.
fn add<T: Float, const C: usize>(
    dots: &Tensor<[T; C]>,
    sums: &Tensor<[T; C]>,
    dweight: Option<&mut Tensor<[T; C]>>,
    dbias: Option<&mut Tensor<[T; C]>>,
) {
    if let Some(dweight) = dweight {
        dweight.axpy(T::ONE, dots);
    }
    if let Some(dbias) = dbias {
        dbias.axpy(T::ONE, sums);
    }
}

batch_norm! {
    BatchNorm1d<C, [const AXIS] A, T>, axis AXIS;
    BatchNorm2d<C, A, T>, axis { -3 };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradcheck::gradcheck;
    use crate::init::Init;
    use crate::nn::{Backprop, Frozen, Gradients, Kind, Linear, Loss, Module, NoAffine, Param, Parameters, Sequential, Update};
    use crate::prelude::{SeedableRng, SmallRng};
    use crate::tensor::Buffer;

    fn layer<const C: usize>(rng: &mut SmallRng) -> BatchNorm1d<C, 1, Affine, f64> {
        BatchNorm1d {
            weight: Param::new(Tensor::randn(rng)),
            bias: Param::new(Tensor::randn(rng)),
            running_mean: Running(Tensor::randn(rng)),
            running_var: Running(Tensor::uniform(0.5, 2.0, rng)),
            ..Init::BLANK
        }
    }

    #[test]
    #[should_panic(
        expected = "`BatchNorm1d` with 8 channels cannot train on a batch of 1 with 1 values a channel: no variance comes of 1, of 2"
    )]
    fn one_value_a_channel_is_refused_with_its_numbers() {
        several("BatchNorm1d", 8, 2, 1);
        several("BatchNorm2d", 8, 1, 2);
        several("BatchNorm1d", 8, 1, 1);
    }

    #[test]
    fn gradients() {
        let rng = &mut SmallRng::seed_from_u64(0);
        let mut features = layer::<3>(rng);
        gradcheck(&mut features, &Tensor::<[[f64; 3]; 5]>::randn(rng), 1e-6).unwrap();
        gradcheck(&mut features, &Tensor::<[[[f64; 2]; 3]; 4]>::randn(rng), 1e-6).unwrap();
        let mut signals = BatchNorm1d::<3, -2, NoAffine, f64>::BLANK;
        gradcheck(&mut signals, &Tensor::<[[f64; 5]; 3]>::randn(rng), 1e-6).unwrap();
        let mut images = BatchNorm2d::<2, Affine, f64>::BLANK;
        images.weight = Param::new(Tensor::randn(rng));
        gradcheck(&mut images, &Tensor::<[[[[f64; 3]; 2]; 2]; 2]>::randn(rng), 1e-6).unwrap();
        gradcheck(&mut images, &Tensor::<[[[f64; 3]; 2]; 2]>::randn(rng), 1e-6).unwrap();
    }

    #[test]
    fn running_statistics_accumulate_over_micro_batches_and_survive_arithmetic() {
        let rng = &mut SmallRng::seed_from_u64(1);
        let mut layer = layer::<3>(rng);
        let halves = [(); 2].map(|()| Tensor::<[[f64; 3]; 4]>::randn(rng));
        let mut by_hand = (*layer.running_mean, *layer.running_var);
        let mut grads = layer.zero_grads();
        for x in &halves {
            layer.backprop_params(x, &mut grads, |_| ());
            let mean = x.rows().fold(Tensor::zeros(), |sum: Tensor<[f64; 3]>, row| sum + row) / 4.0;
            let squares = x.rows().fold(Tensor::zeros(), |sum: Tensor<[f64; 3]>, row| sum + (*row - mean) * (*row - mean));
            by_hand.0 = by_hand.0 * 0.9 + mean * 0.1;
            by_hand.1 = by_hand.1 * 0.9 + squares / 3.0 * 0.1;
        }
        let observed = (grads.running_mean, grads.running_var);
        let other = layer.zero_grads();
        grads.add(&other);
        grads.scale(0.5);
        grads.clip_norm(1e-3);
        grads.zero();
        assert_eq!((grads.running_mean, grads.running_var), observed);
        assert!(grads.running_mean.0.all_close(&by_hand.0, 1e-12, 1e-12));
        assert!(grads.running_var.0.all_close(&by_hand.1, 1e-12, 1e-12));
        layer.absorb(&grads);
        assert_eq!((*layer.running_mean, *layer.running_var), (observed.0.0, observed.1.0));
    }

    /// Plain gradient descent: what an optimiser's step does.
    struct Descend;

    impl Update<0> for Descend {
        fn update<T: Float>(&mut self, param: &mut [T], grad: &[T], []: [&mut [T]; 0]) {
            crate::simd::axpy(T::from_f64(-0.1), grad, param);
        }
    }

    #[test]
    fn a_step_takes_the_statistics_home_through_a_chain() {
        let rng = &mut SmallRng::seed_from_u64(2);
        let mut net = <Sequential<(Linear<2, 3>, (BatchNorm1d<3>, Linear<3, 1>))>>::init(rng);
        let x = Tensor::<[[f32; 2]; 8]>::randn(rng);
        let before = net;
        let (_, grads) = net.gradients(&x, |y| Loss::by_hand(y, |y| y.fill(1.0)));
        assert_eq!(net, before, "the model is shared while it learns");
        net.update(&grads, [], &mut Descend);
        net.absorb(&grads);
        assert_ne!(net.0.1.0.running_mean, before.0.1.0.running_mean);
        assert_ne!(net.0.1.0.running_var, before.0.1.0.running_var);
        assert_ne!(net.0.1.0.bias, before.0.1.0.bias);
    }

    #[test]
    fn constant_planes_become_zero_in_training() {
        let norm = BatchNorm2d::<2>::BLANK;
        let mut x = Tensor([[[[1234.5677f32; 8]; 8], [[40000.1; 8]; 8]]; 4]);
        let mut grads = norm.zero_grads();
        norm.backprop(&mut x, &mut grads, |y| assert_eq!(*y, Tensor::zeros()));
        assert!(grads.running_mean.0.all_close(&Tensor([123.45677, 4000.01]), 1e-6, 0.0));
        assert!(grads.running_var.0.all_close(&Tensor([0.9, 0.9]), 1e-6, 0.0));
    }

    #[test]
    fn a_frozen_layer_keeps_its_statistics() {
        let rng = &mut SmallRng::seed_from_u64(3);
        let mut frozen = Frozen(layer::<3>(rng));
        let x = Tensor::<[[f64; 3]; 4]>::randn(rng);
        let y = frozen.forward(&x);
        let before = frozen;
        let mut grads = ();
        frozen.backprop(&mut x.clone(), &mut grads, |seen| assert_eq!(*seen, y));
        frozen.absorb(&grads);
        assert_eq!(frozen, before);
    }

    #[test]
    fn evaluation_takes_one_sample() {
        let rng = &mut SmallRng::seed_from_u64(4);
        let mut norm = BatchNorm2d::<3>::BLANK;
        norm.running_mean.0 = Tensor::randn(rng);
        let x = Tensor::<[[[[f32; 4]; 2]; 3]; 2]>::randn(rng);
        let y = norm.forward(&x);
        assert!(x.rows().zip(y.rows()).all(|(x, y)| norm.forward(x).all_close(y, 1e-6, 1e-6)));
        assert_eq!(norm.forward_with(&mut x.clone(), |y| *y), y);
        // One pixel of one image is fine in evaluation.
        norm.forward(&Tensor::<[[[f32; 1]; 1]; 3]>::zeros());
    }

    /// No bound on the sizes is needed.
    fn any_size<const B: usize, const H: usize, const W: usize>(
        norm: &BatchNorm2d<3>,
        x: &Tensor<[[[[f32; W]; H]; 3]; B]>,
    ) -> Tensor<[[[[f32; W]; H]; 3]; B]> {
        norm.forward(x)
    }

    #[test]
    fn the_image_size_is_generic() {
        let x = Tensor::<[[[[f32; 1027]; 2]; 3]; 2]>::ones();
        assert!(any_size(&BatchNorm2d::BLANK, &x).all_close(&x, 1e-5, 0.0));
    }

    #[test]
    fn folding_is_the_chain_in_evaluation() {
        let rng = &mut SmallRng::seed_from_u64(5);
        let norm = layer::<3>(rng);
        let x = Tensor::<[[f64; 4]; 5]>::randn(rng);
        let linear = Linear::<4, 3, super::super::Bias, f64>::init(rng);
        let folded = norm.fold_into(&linear);
        assert!(folded.forward(&x).all_close(&norm.forward(&linear.forward(&x)), 1e-12, 1e-12));
        let linear = Linear::<4, 3, super::super::NoBias, f64>::init(rng);
        let folded = norm.fold_into(&linear);
        assert!(folded.forward(&x).all_close(&norm.forward(&linear.forward(&x)), 1e-12, 1e-12));
    }

    #[test]
    fn names_and_counts() {
        type Norm = BatchNorm2d<3>;
        let mut names = Vec::new();
        Norm::BLANK.named_parameters(|info| names.push(format!("{} {:?}", info.name, info.kind)));
        let buffer = |name| format!("{name} {:?}", Kind::Buffer);
        assert_eq!(names[..2], ["weight Trainable", "bias Trainable"]);
        assert_eq!(names[2..], [buffer("running_mean"), buffer("running_var")]);
        assert_eq!((Norm::PARAMETERS, Norm::NUMBERS), (6, 12));
        assert_eq!(<BatchNorm2d<3, NoAffine> as Parameters>::PARAMETERS, 0);
        // A start that the statistics may be loaded into, and that computes y = x until then.
        static BLANK: Norm = Norm::BLANK;
        let x = Tensor::<[[[f32; 2]; 2]; 3]>::ones();
        assert!(BLANK.forward(&x).all_close(&x, 1e-5, 0.0));
        assert_eq!(<super::super::Grads<Norm> as Buffer>::ZERO.running_var.0, Tensor::zeros());
    }
}
