//! What the pools have in common: everything but their shapes and their names. Their arithmetic is in
//! [`ops::pool`](crate::ops::pool).

/// Construction, passes and printing of the pool `$layer`, whose options are `$options` and whose input is `$shape`.
macro_rules! pooling_layer {
    ($layer:ident, $options:ident, $shape:ident) => {
        const _: () = {
            use $crate::init::Init;
            use $crate::nn::options::{PoolArguments, PoolKind};
            use $crate::nn::stateless::stateless;
            use $crate::nn::{Backprop, Module};
            use $crate::ops::SlidingWindow;
            use $crate::simd::Float;
            use $crate::tensor::Tensor;

            impl<const KERNEL: usize, O: $options<KERNEL>> $layer<KERNEL, O> {
                /// The layer. It has no parameters.
                pub const fn new() -> Self {
                    Self(PhantomData)
                }

                /// The window over an input of shape `S`.
                const fn window<S: $shape<O::Settings, Self>>() -> SlidingWindow {
                    O::Settings::WINDOW.over(S::INPUT, S::OUTPUT)
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

            impl<S, const KERNEL: usize, O: $options<KERNEL>> Module<Tensor<S>> for $layer<KERNEL, O>
            where
                S: $shape<O::Settings, Self, Scalar: Float>,
            {
                type Output = Tensor<S::Out>;

                #[inline]
                fn forward_into(&self, x: &Tensor<S>, y: &mut Tensor<S::Out>) {
                    let window = const { &Self::window::<S>() };
                    <O::Settings as Pools>::Kind::forward(window, x.as_slice(), y.as_mut_slice());
                }
            }

            impl<S, const KERNEL: usize, O: $options<KERNEL>> Backprop<Tensor<S>> for $layer<KERNEL, O>
            where
                S: $shape<O::Settings, Self, Scalar: Float>,
            {
                const BACKPROP_BYTES: usize = size_of::<Self::Output>()
                    + if <O::Settings as Pools>::Kind::NEEDS_PLANE { size_of::<S::Plane>() } else { 0 };

                #[inline]
                fn backprop<R>(&self, x: &mut Tensor<S>, (): &mut (), next: impl FnOnce(&mut Self::Output) -> R) -> R {
                    let mut y = self.forward(&*x);
                    let result = next(&mut y);
                    let window = const { &Self::window::<S>() };
                    <O::Settings as Pools>::Kind::backward::<_, S::Plane>(window, x.as_mut_slice(), y.as_mut_slice());
                    result
                }

                #[inline]
                fn backprop_params<R>(&self, x: &Tensor<S>, (): &mut (), next: impl FnOnce(&mut Self::Output) -> R) -> R {
                    next(&mut self.forward(x))
                }
            }
        };
    };
}

pub(super) use pooling_layer;
