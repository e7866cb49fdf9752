//! What the pools have in common: everything but their shapes and their names. Their arithmetic is in
//! [`ops::pool`](crate::ops::pool).

/// Construction, passes and printing of the pool `$layer`, whose options are `$options`, whose input is `$shape` and whose
/// output has the sizes `$size` in the extent `$extent`.
macro_rules! pooling_layer {
    ($layer:ident, $options:ident, $shape:ident, [$($size:ident),+] $extent:ty) => {
        const _: () = {
            use $crate::init::Init;
            use $crate::nn::options::{PoolArguments, PoolKind};
            use $crate::nn::stateless::stateless;
            use $crate::nn::{Backprop, Module};
            use $crate::ops::SlidingWindow;
            use $crate::shape::{Extent, Slides};
            use $crate::simd::Float;
            use $crate::tensor::Tensor;

            impl<const KERNEL: usize, O: $options<KERNEL>> $layer<KERNEL, O> {
                /// The layer. It has no parameters.
                pub const fn new() -> Self {
                    Self(PhantomData)
                }

                /// The window over an input of shape `S`.
                const fn window<S, $(const $size: usize),+>() -> SlidingWindow
                where
                    S: $shape<Self>,
                    O::Settings: Slides<S::Extent, Out = $extent>,
                {
                    O::Settings::WINDOW.over(<S::Extent as Extent>::SIZES, <$extent as Extent>::SIZES)
                }
            }

            stateless!(
                [const KERNEL: usize, O: $options<KERNEL>] $layer<KERNEL, O>,
                |_this| concat!(stringify!($layer), "({})"), PoolArguments::<O::Settings>(PhantomData);
            );

            impl<const KERNEL: usize, O: $options<KERNEL>> Init for $layer<KERNEL, O> {
                const BLANK: Self = Self::new();

                fn reset_parameters<R: rand::Rng + ?Sized>(&mut self, _: &mut R) {}
            }

            impl<S, $(const $size: usize,)+ const KERNEL: usize, O: $options<KERNEL>> Module<Tensor<S>> for $layer<KERNEL, O>
            where
                S: $shape<Self, Scalar: Float>,
                O::Settings: Slides<S::Extent, Out = $extent>,
            {
                type Output = Tensor<S::With<$($size),+>>;

                #[inline]
                fn forward_into(&self, x: &Tensor<S>, y: &mut Tensor<S::With<$($size),+>>) {
                    let window = const { &Self::window::<S, $($size),+>() };
                    <O::Settings as Pools>::Kind::forward(window, x.as_slice(), y.as_mut_slice());
                }
            }

            impl<S, $(const $size: usize,)+ const KERNEL: usize, O: $options<KERNEL>> Backprop<Tensor<S>> for $layer<KERNEL, O>
            where
                S: $shape<Self, Scalar: Float>,
                O::Settings: Slides<S::Extent, Out = $extent>,
            {
                const BACKPROP_BYTES: usize = size_of::<Self::Output>()
                    + if <O::Settings as Pools>::Kind::NEEDS_PLANE {
                        size_of::<<S::Extent as Extent>::Plane<S::Scalar>>()
                    } else {
                        0
                    };

                #[inline]
                fn backprop<R>(&self, x: &mut Tensor<S>, (): &mut (), next: impl FnOnce(&mut Self::Output) -> R) -> R {
                    let mut y = self.forward_inside(&*x);
                    let result = next(&mut y);
                    let window = const { &Self::window::<S, $($size),+>() };
                    <O::Settings as Pools>::Kind::backward::<_, <S::Extent as Extent>::Plane<S::Scalar>>(
                        window,
                        x.as_mut_slice(),
                        y.as_mut_slice(),
                    );
                    result
                }

                #[inline]
                fn backprop_params<R>(&self, x: &Tensor<S>, (): &mut (), next: impl FnOnce(&mut Self::Output) -> R) -> R {
                    next(&mut self.forward_inside(x))
                }
            }
        };
    };
}

pub(super) use pooling_layer;
