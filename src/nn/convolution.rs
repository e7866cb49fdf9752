//! What the convolutional layers have in common: everything but their shapes and their names.
//!
//! A layer's configuration ([`Convolves`]) says what its weight is and in which direction it computes; the operation is in
//! [`ops::conv`](crate::ops::conv).

use core::fmt::{self, Display, Formatter};
use core::marker::PhantomData;

use super::bias::BiasOption;
use super::options::{ConvBuffers, Convolves};
use crate::ops::conv::{self, Convolution};
use crate::shape::{Extent, Shape, Slides};
use crate::simd::Float;
use crate::tensor::Tensor;

/// The weight of a layer with the configuration `C`.
pub type WeightOf<C, T, const IN: usize, const OUT: usize> = <C as Convolves<IN, OUT>>::Weight<T>;

/// The bias of a layer with the configuration `C`: a `Param`, or `()`.
pub type BiasOf<C, T, const IN: usize, const OUT: usize> = <<C as Convolves<IN, OUT>>::Bias as BiasOption>::Param<[T; OUT]>;

/// Prints the arguments of a layer with the configuration `C`.
pub(super) struct Arguments<C, const IN: usize, const OUT: usize>(pub PhantomData<C>);

impl<C: Convolves<IN, OUT>, const IN: usize, const OUT: usize> Display for Arguments<C, IN, OUT> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        C::describe(f)
    }
}

/// What a layer with the configuration `C` does with an input of extent `E`.
pub(super) struct Convolve<C, E, const IN: usize, const OUT: usize>(PhantomData<(C, E)>);

/// The buffers of the operation.
type Buffers<C, E, const IN: usize, const OUT: usize> =
    ConvBuffers<C, <C as Convolves<IN, OUT>>::Positions<E, <C as Slides<E>>::Out>, IN, OUT>;

impl<C: Convolves<IN, OUT> + Slides<E>, E: Extent, const IN: usize, const OUT: usize> Convolve<C, E, IN, OUT> {
    const SIZES: Convolution = C::SIZES.between(E::SIZES, <C::Out as Extent>::SIZES);
    /// Multiply-accumulates for one sample.
    pub const MACS: u64 = Self::SIZES.macs();

    /// Bytes of buffers that [`forward`](Self::forward) makes.
    pub const fn forward_bytes<T: Float>() -> usize {
        Self::SIZES.forward_bytes(size_of::<T>())
    }

    /// Bytes of buffers that the larger of the backward functions makes.
    pub const fn backward_bytes<T: Float>() -> usize {
        Self::SIZES.backward_bytes(size_of::<T>())
    }

    /// y = w ⋆ x + b.
    #[inline]
    pub fn forward<T: Float, X: Shape<Elem = T>, Y: Shape<Elem = T>>(
        x: &Tensor<X>,
        weight: &Tensor<C::Weight<T>>,
        bias: Option<&Tensor<[T; OUT]>>,
        y: &mut Tensor<Y>,
    ) {
        conv::conv::<T, Buffers<C, E, IN, OUT>>(
            const { &Self::SIZES },
            x.as_slice(),
            weight.as_slice(),
            bias.map(Tensor::as_slice),
            y.as_mut_slice(),
        );
    }

    /// dw += dy ⋆ x, db += Σ dy.
    #[inline]
    pub fn backward_params<T: Float, X: Shape<Elem = T>, Y: Shape<Elem = T>>(
        x: &Tensor<X>,
        dy: &Tensor<Y>,
        dweight: &mut Tensor<C::Weight<T>>,
        dbias: Option<&mut Tensor<[T; OUT]>>,
    ) {
        let sizes = const { &Self::SIZES };
        conv::conv_backward_weight::<T, Buffers<C, E, IN, OUT>>(sizes, x.as_slice(), dy.as_slice(), dweight.as_mut_slice());
        if let Some(dbias) = dbias {
            conv::conv_backward_bias(sizes, dy.as_slice(), dbias.as_mut_slice());
        }
    }

    /// dx = the transpose of the convolution, of dy.
    #[inline]
    pub fn backward_input<T: Float, X: Shape<Elem = T>, Y: Shape<Elem = T>>(
        dy: &Tensor<Y>,
        weight: &Tensor<C::Weight<T>>,
        dx: &mut Tensor<X>,
    ) {
        dx.fill(T::ZERO);
        let sizes = const { &Self::SIZES };
        conv::conv_backward_input::<T, Buffers<C, E, IN, OUT>>(sizes, weight.as_slice(), dy.as_slice(), dx.as_mut_slice());
    }
}
