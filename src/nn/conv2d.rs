//! [`Conv2d`].

use core::fmt::{self, Debug, Display, Formatter};

use rand::Rng;

use super::bias::{BiasOption, BiasParam};
use super::options::{Area, ConvBuffers, ConvSettings, Convolves, Set};
use super::{Backprop, Grads, Module, Param};
use crate::init::{self, Init};
use crate::ops::conv::{self, Convolution};
use crate::shape::Images;
use crate::simd::Float;
use crate::tensor::Tensor;

/// The options of a [`Conv2d`]: `()`, one, or a tuple of them.
pub trait Conv2dOptions<const IN: usize, const OUT: usize, const KERNEL: usize>:
    Copy + PartialEq + Debug + Send + Sync + 'static
{
    /// The configuration that they make.
    type Settings: Convolves<IN, OUT>;
}

impl<O, const IN: usize, const OUT: usize, const KERNEL: usize> Conv2dOptions<IN, OUT, KERNEL> for O
where
    O: Set<ConvSettings<Area<KERNEL, KERNEL>>, Conv2dLayer, Out: Convolves<IN, OUT>>,
    O: Copy + PartialEq + Debug + Send + Sync + 'static,
{
    type Settings = O::Out;
}

/// Names [`Conv2d`] in the compiler's messages.
pub struct Conv2dLayer;

type Settings<O, const IN: usize, const OUT: usize, const KERNEL: usize> = <O as Conv2dOptions<IN, OUT, KERNEL>>::Settings;
type Weight<O, T, const IN: usize, const OUT: usize, const KERNEL: usize> =
    <Settings<O, IN, OUT, KERNEL> as Convolves<IN, OUT>>::Weight<T>;
type BiasOf<O, T, const IN: usize, const OUT: usize, const KERNEL: usize> =
    <<Settings<O, IN, OUT, KERNEL> as Convolves<IN, OUT>>::Bias as BiasOption>::Param<[T; OUT]>;

/// Convolution of images: y[o] = b[o] + Σ w[o][c] ⋆ x[c] over the input channels c, where ⋆ is the cross-correlation
/// (w ⋆ x)[i, j] = Σ w[k, l] · x[i · stride + k · dilation − padding, …].
///
/// | | |
/// |---|---|
/// | input | `[IN][H][W]`, a batch `[B][IN][H][W]` |
/// | output | `[OUT][OH][OW]`, `[B][OUT][OH][OW]` |
/// | `weight` | `[OUT][IN / groups][KERNEL][KERNEL]` |
/// | `bias` | `[OUT]`, or nothing with [`NoBias`](super::NoBias) |
///
/// OH = ⌊(H + 2 · padding − dilation · (KERNEL − 1) − 1) / stride⌋ + 1, and OW alike, computed by the type checker.
///
/// `O` sets the rest by name, one option or a tuple ([`options`](super::options) lists them): `Conv2d<1, 8, 3, Padding<1>>`,
/// `Conv2d<4, 6, 3, (Stride<2>, Padding<1>, Groups<2>, NoBias)>`. Defaults and starting values (uniform in ±1/√(inputs of one
/// output)) are those of [`torch.nn.Conv2d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html).
///
/// It works on one sample after the other; what it needs beside input and output is in
/// [`FORWARD_BYTES`](Module::FORWARD_BYTES), and [`ops::conv`](crate::ops::conv) says how it computes. Pointwise (`Conv2d<IN, OUT, 1>`)
/// and depthwise ([`Depthwise`](super::Depthwise)) layers need no buffer at all.
///
/// ```
/// use adamant::prelude::*;
/// let rng = &mut SmallRng::seed_from_u64(0);
/// let layer = Conv2d::<1, 8, 3>::init(rng);
/// let image = Tensor::<[[[f32; 28]; 28]; 1]>::randn(rng);
/// let y: Tensor<[[[f32; 26]; 26]; 8]> = layer.forward(&image);
/// let batch: Tensor<[[[[f32; 26]; 26]; 8]; 2]> = layer.forward(&Tensor([image.0; 2]));
/// assert_eq!(batch.at::<1>(), &y);
/// assert_eq!(layer.to_string(), "Conv2d(1, 8, kernel_size=(3, 3), stride=(1, 1))");
///
/// let half = Conv2d::<8, 16, 3, (Stride<2>, Padding<1>)>::init(rng);
/// let y: Tensor<[[[f32; 13]; 13]; 16]> = half.forward(&y);
/// ```
///
/// A block that is generic over height and width needs no arithmetic where the size is kept ([`Same`](super::Same)):
///
/// ```
/// use adamant::prelude::*;
/// type Image<const C: usize, const H: usize, const W: usize> = Tensor<[[[f32; W]; H]; C]>;
///
/// fn twice<const C: usize, const H: usize, const W: usize>(
///     conv: &Conv2d<C, C, 3, Same>,
///     x: &Image<C, H, W>,
/// ) -> Image<C, H, W> {
///     conv.forward(&conv.forward(x))
/// }
/// let conv = Conv2d::<2, 2, 3, Same>::init(&mut SmallRng::seed_from_u64(0));
/// twice(&conv, &Image::<2, 5, 7>::zeros());
/// ```
#[derive(crate::Module, Clone, Copy, PartialEq, Debug)]
#[module(custom(init, display))]
pub struct Conv2d<
    const IN: usize,
    const OUT: usize,
    const KERNEL: usize,
    O: Conv2dOptions<IN, OUT, KERNEL> = (),
    T: Float = f32,
> {
    /// The weights, `[OUT][IN / groups][KERNEL][KERNEL]`.
    pub weight: Param<Weight<O, T, IN, OUT, KERNEL>>,
    /// The bias, `[OUT]`, or `()`.
    pub bias: BiasOf<O, T, IN, OUT, KERNEL>,
}

impl<const IN: usize, const OUT: usize, const KERNEL: usize, O: Conv2dOptions<IN, OUT, KERNEL>, T: Float>
    Conv2d<IN, OUT, KERNEL, O, T>
{
    /// A layer with this weight and bias (`()` with [`NoBias`](super::NoBias)).
    pub const fn new(weight: Param<Weight<O, T, IN, OUT, KERNEL>>, bias: BiasOf<O, T, IN, OUT, KERNEL>) -> Self {
        Self { weight, bias }
    }
}

impl<const IN: usize, const OUT: usize, const KERNEL: usize, O: Conv2dOptions<IN, OUT, KERNEL>, T: Float> Init
    for Conv2d<IN, OUT, KERNEL, O, T>
{
    const BLANK: Self = Self { weight: Init::BLANK, bias: Init::BLANK };

    fn reset_parameters<R: Rng + ?Sized>(&mut self, rng: &mut R) {
        init::uniform_fan_in(&mut self.weight, O::Settings::FAN_IN, rng);
        if let Some(bias) = self.bias.get_mut() {
            init::uniform_fan_in(bias, O::Settings::FAN_IN, rng);
        }
    }
}

/// The sizes for an input of shape `S`.
const fn sizes<S, C, L, const IN: usize, const OUT: usize>() -> Convolution
where
    S: Images<IN, C, L>,
    C: Convolves<IN, OUT>,
{
    C::SIZES.over(S::INPUT, S::OUTPUT)
}

#[diagnostic::do_not_recommend]
impl<S, const IN: usize, const OUT: usize, const KERNEL: usize, O: Conv2dOptions<IN, OUT, KERNEL>, T: Float> Module<Tensor<S>>
    for Conv2d<IN, OUT, KERNEL, O, T>
where
    S: Images<IN, O::Settings, Self, Scalar = T>,
{
    type Output = Tensor<S::Out<OUT>>;
    const MACS: usize = S::IMAGES * sizes::<S, O::Settings, Self, IN, OUT>().macs();
    const FORWARD_BYTES: usize = sizes::<S, O::Settings, Self, IN, OUT>().buffer_bytes(size_of::<T>());

    #[inline]
    fn forward_into(&self, x: &Tensor<S>, y: &mut Self::Output) {
        let sizes = const { &sizes::<S, O::Settings, Self, IN, OUT>() };
        let bias = self.bias.get().map(Tensor::as_slice);
        conv::conv::<T, ConvBuffers<O::Settings, S::Plane, IN, OUT>>(
            sizes,
            x.as_slice(),
            self.weight.as_slice(),
            bias,
            y.as_mut_slice(),
        );
    }
}

#[diagnostic::do_not_recommend]
impl<S, const IN: usize, const OUT: usize, const KERNEL: usize, O: Conv2dOptions<IN, OUT, KERNEL>, T: Float> Backprop<Tensor<S>>
    for Conv2d<IN, OUT, KERNEL, O, T>
where
    S: Images<IN, O::Settings, Self, Scalar = T>,
{
    const BACKPROP_BYTES: usize = size_of::<Self::Output>() + <Self as Module<Tensor<S>>>::FORWARD_BYTES;

    #[inline]
    fn backprop<R>(&self, x: &mut Tensor<S>, grads: &mut Self::Grads, next: impl FnOnce(&mut Self::Output) -> R) -> R {
        let mut y = Tensor::zeros();
        self.forward_into(x, &mut y);
        let result = next(&mut y);
        self.backward_params(x, &y, grads);
        self.backward_input(&y, x);
        result
    }

    #[inline]
    fn backprop_params<R>(&self, x: &Tensor<S>, grads: &mut Self::Grads, next: impl FnOnce(&mut Self::Output) -> R) -> R {
        let mut y = Tensor::zeros();
        self.forward_into(x, &mut y);
        let result = next(&mut y);
        self.backward_params(x, &y, grads);
        result
    }

    #[inline]
    fn backprop_input<R>(&self, x: &mut Tensor<S>, next: impl FnOnce(&mut Self::Output) -> R) -> R {
        let mut y = Tensor::zeros();
        self.forward_into(x, &mut y);
        let result = next(&mut y);
        self.backward_input(&y, x);
        result
    }
}

impl<const IN: usize, const OUT: usize, const KERNEL: usize, O: Conv2dOptions<IN, OUT, KERNEL>, T: Float>
    Conv2d<IN, OUT, KERNEL, O, T>
{
    /// dw += dy ⋆ x, db += Σ dy.
    fn backward_params<S>(&self, x: &Tensor<S>, dy: &Tensor<S::Out<OUT>>, grads: &mut Grads<Self>)
    where
        S: Images<IN, O::Settings, Self, Scalar = T>,
    {
        let sizes = const { &sizes::<S, O::Settings, Self, IN, OUT>() };
        let (dy, dweight) = (dy.as_slice(), grads.weight.as_mut_slice());
        conv::conv_backward_weight::<T, ConvBuffers<O::Settings, S::Plane, IN, OUT>>(sizes, x.as_slice(), dy, dweight);
        if let Some(dbias) = <BiasOf<O, T, IN, OUT, KERNEL> as BiasParam<[T; OUT]>>::grad(&mut grads.bias) {
            conv::conv_backward_bias(dy, dbias.as_mut_slice(), sizes.window.output_len());
        }
    }

    /// dx = the transposed convolution of dy.
    fn backward_input<S>(&self, dy: &Tensor<S::Out<OUT>>, dx: &mut Tensor<S>)
    where
        S: Images<IN, O::Settings, Self, Scalar = T>,
    {
        let sizes = const { &sizes::<S, O::Settings, Self, IN, OUT>() };
        dx.fill(T::ZERO);
        conv::conv_backward_input::<T, ConvBuffers<O::Settings, S::Plane, IN, OUT>>(
            sizes,
            self.weight.as_slice(),
            dy.as_slice(),
            dx.as_mut_slice(),
        );
    }
}

impl<const IN: usize, const OUT: usize, const KERNEL: usize, O: Conv2dOptions<IN, OUT, KERNEL>, T: Float> Display
    for Conv2d<IN, OUT, KERNEL, O, T>
{
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("Conv2d(")?;
        O::Settings::describe(f)?;
        f.write_str(")")
    }
}
