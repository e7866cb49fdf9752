//! What the upsamplings by interpolation have in common: everything but their shapes and their names. Their arithmetic is in
//! [`ops::upsample`](crate::ops::upsample).

/// Construction, passes and printing of the layer `$layer`, whose options are `$options`, whose input is `$shape` and whose output
/// has the sizes `$size` in the extent `$extent`.
macro_rules! upsampling_layer {
    ($layer:ident, $options:ident, $shape:ident, [$($size:ident),+] $extent:ty) => {
        const _: () = {
            use $crate::nn::options::UpsampleArguments;
            use $crate::nn::stateless::stateless;
            use $crate::nn::Layer;
            use $crate::ops::{Stretch, upsample_linear, upsample_linear_backward};
            use $crate::shape::{Extent, Slides};
            use $crate::simd::Float;
            use $crate::tensor::Tensor;

            impl<O: $options> $layer<O> {
                /// The layer. It has no parameters.
                pub const fn new() -> Self {
                    Self(PhantomData)
                }

                /// The sizes for an input of shape `S`.
                const fn stretch<S, $(const $size: usize),+>() -> Stretch
                where
                    S: $shape<Self>,
                    O::Settings: Slides<S::Extent, Out = $extent>,
                {
                    O::Settings::STRETCH.between(<S::Extent as Extent>::SIZES, <$extent as Extent>::SIZES)
                }
            }

            stateless!([O: $options] $layer<O> = Self::new(), |_this| "Upsample({})", UpsampleArguments::<O::Settings>(PhantomData););

            #[$crate::layer]
            impl<S, $(const $size: usize,)+ O: $options> Layer<Tensor<S>> for $layer<O>
            where
                S: $shape<Self, Scalar: Float>,
                O::Settings: Slides<S::Extent, Out = $extent>,
            {
                type Output = Tensor<S::With<$($size),+>>;
                type Kept = ();

                #[inline]
                fn compute(&self, x: &Tensor<S>, y: &mut Self::Output) {
                    upsample_linear(const { &Self::stretch::<S, $($size),+>() }, x.as_slice(), y.as_mut_slice());
                }

                #[inline]
                fn backward_input(&self, x: &mut Tensor<S>, (): &(), dy: &mut Self::Output) {
                    upsample_linear_backward(const { &Self::stretch::<S, $($size),+>() }, dy.as_slice(), x.as_mut_slice());
                }
            }
        };
    };
}

pub(super) use upsampling_layer;
