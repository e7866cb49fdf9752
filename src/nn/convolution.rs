//! What the convolutional layers have in common: everything but their shapes and their names.
//!
//! A layer's configuration ([`Convolves`]) says what its weight is and in which direction it computes; the operation is in
//! [`ops::conv`](crate::ops::conv).

use super::bias::BiasOption;
use super::options::{ConvBuffers, Convolves};

/// The weight of a layer with the configuration `C`.
pub type WeightOf<C, T, const IN: usize, const OUT: usize> = <C as Convolves<IN, OUT>>::Weight<T>;

/// The bias of a layer with the configuration `C`: a `Param`, or `()`.
pub type BiasOf<C, T, const IN: usize, const OUT: usize> = <<C as Convolves<IN, OUT>>::Bias as BiasOption>::Param<[T; OUT]>;

/// The buffers of a layer with the configuration `C` from an extent to another.
pub type BuffersOf<C, Input, Output, const IN: usize, const OUT: usize> =
    ConvBuffers<C, <C as Convolves<IN, OUT>>::Positions<Input, Output>, IN, OUT>;

/// Starting values, passes and printing of the layer `$layer`, whose options are `$options`, whose input is `$shape` and whose
/// output has the sizes `$size` in the extent `$extent`.
macro_rules! convolution_layer {
    ($layer:ident, $options:ident, $shape:ident, [$($size:ident),+] $extent:ty) => {
        const _: () = {
            use core::fmt::{self, Display, Formatter};

            use rand::Rng;

            use $crate::init::{self, Init};
            use $crate::ops::Addend;
            use $crate::nn::convolution::BuffersOf;
            use $crate::nn::{Backprop, Grads, Module};
            use $crate::ops::conv::{self, Convolution};
            use $crate::shape::{Extent, Slides};
            use $crate::tensor::Tensor;

            impl<const IN: usize, const OUT: usize, const KERNEL: usize, O: $options<IN, OUT, KERNEL>, T: Float>
                $layer<IN, OUT, KERNEL, O, T>
            {
                /// A layer with this weight and bias (`()` with [`NoBias`](crate::nn::NoBias)).
                pub const fn new(
                    weight: Param<WeightOf<O::Settings, T, IN, OUT>>,
                    bias: BiasOf<O::Settings, T, IN, OUT>,
                ) -> Self {
                    Self { weight, bias }
                }

                /// The sizes for an input of shape `S`.
                const fn sizes<S, $(const $size: usize),+>() -> Convolution
                where
                    S: $shape<IN, Self, Scalar = T>,
                    O::Settings: Slides<S::Extent, Out = $extent>,
                {
                    O::Settings::SIZES.between(<S::Extent as Extent>::SIZES, <$extent as Extent>::SIZES)
                }

                /// dw += dy ⋆ x, db += Σ dy.
                fn backward_params<S, $(const $size: usize),+>(
                    &self,
                    x: &Tensor<S>,
                    dy: &Tensor<S::With<OUT, $($size),+>>,
                    grads: &mut Grads<Self>,
                ) where
                    S: $shape<IN, Self, Scalar = T>,
                    O::Settings: Slides<S::Extent, Out = $extent>,
                {
                    let sizes = const { &Self::sizes::<S, $($size),+>() };
                    conv::conv_backward_weight::<T, BuffersOf<O::Settings, S::Extent, $extent, IN, OUT>>(
                        sizes,
                        x.as_slice(),
                        dy.as_slice(),
                        grads.weight.as_mut_slice(),
                    );
                    if let Some(dbias) = grads.bias.tensor_mut() {
                        conv::conv_backward_bias(sizes, dy.as_slice(), dbias.as_mut_slice());
                    }
                }

                /// dx = the transpose of the convolution, of dy.
                fn backward_input<S, $(const $size: usize),+>(&self, dy: &Tensor<S::With<OUT, $($size),+>>, dx: &mut Tensor<S>)
                where
                    S: $shape<IN, Self, Scalar = T>,
                    O::Settings: Slides<S::Extent, Out = $extent>,
                {
                    dx.fill(T::ZERO);
                    conv::conv_backward_input::<T, BuffersOf<O::Settings, S::Extent, $extent, IN, OUT>>(
                        const { &Self::sizes::<S, $($size),+>() },
                        self.weight.as_slice(),
                        dy.as_slice(),
                        dx.as_mut_slice(),
                    );
                }
            }

            impl<const IN: usize, const OUT: usize, const KERNEL: usize, O: $options<IN, OUT, KERNEL>, T: Float> Init
                for $layer<IN, OUT, KERNEL, O, T>
            {
                $crate::init::blank! { weight, bias }

                fn reset_parameters<R: Rng + ?Sized>(&mut self, rng: &mut R) {
                    init::uniform_fan_in(&mut self.weight, O::Settings::FAN_IN, rng);
                    if let Some(bias) = self.bias.tensor_mut() {
                        init::uniform_fan_in(bias, O::Settings::FAN_IN, rng);
                    }
                }
            }

            impl<S, $(const $size: usize,)+ const IN: usize, const OUT: usize, const KERNEL: usize, O: $options<IN, OUT, KERNEL>, T: Float>
                Module<Tensor<S>> for $layer<IN, OUT, KERNEL, O, T>
            where
                S: $shape<IN, Self, Scalar = T>,
                O::Settings: Slides<S::Extent, Out = $extent>,
            {
                type Output = Tensor<S::With<OUT, $($size),+>>;
                const MACS: u64 = S::SAMPLES as u64 * Self::sizes::<S, $($size),+>().macs();
                const FORWARD_BYTES: usize = Self::sizes::<S, $($size),+>().forward_bytes(size_of::<T>());

                #[inline]
                fn forward_into(&self, x: &Tensor<S>, y: &mut Self::Output) {
                    conv::conv::<T, BuffersOf<O::Settings, S::Extent, $extent, IN, OUT>>(
                        const { &Self::sizes::<S, $($size),+>() },
                        x.as_slice(),
                        self.weight.as_slice(),
                        self.bias.tensor().map(Tensor::as_slice),
                        y.as_mut_slice(),
                    );
                }
            }

            impl<S, $(const $size: usize,)+ const IN: usize, const OUT: usize, const KERNEL: usize, O: $options<IN, OUT, KERNEL>, T: Float>
                Backprop<Tensor<S>> for $layer<IN, OUT, KERNEL, O, T>
            where
                S: $shape<IN, Self, Scalar = T>,
                O::Settings: Slides<S::Extent, Out = $extent>,
            {
                const BACKPROP_BYTES: usize =
 size_of::<Self::Output>() + Self::sizes::<S, $($size),+>().backward_bytes(size_of::<T>());

                #[inline]
                fn backprop<R>(
                    &self,
                    x: &mut Tensor<S>,
                    grads: &mut Self::Grads,
                    next: impl FnOnce(&mut Self::Output) -> R,
                ) -> R {
                    let mut y = Tensor::zeros();
                    self.forward_into(x, &mut y);
                    let result = next(&mut y);
                    self.backward_params(x, &y, grads);
                    self.backward_input(&y, x);
                    result
                }

                #[inline]
                fn backprop_params<R>(
                    &self,
                    x: &Tensor<S>,
                    grads: &mut Self::Grads,
                    next: impl FnOnce(&mut Self::Output) -> R,
                ) -> R {
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

            impl<const IN: usize, const OUT: usize, const KERNEL: usize, O: $options<IN, OUT, KERNEL>, T: Float> Display
                for $layer<IN, OUT, KERNEL, O, T>
            {
                fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
                    f.write_str(concat!(stringify!($layer), "("))?;
                    O::Settings::describe(f)?;
                    f.write_str(")")
                }
            }
        };
    };
}

pub(super) use convolution_layer;
