//! A bias that may be absent, without a branch or a byte.

use core::fmt::Debug;

use super::{Param, Parameters};
use crate::init::Init;
use crate::ops::{Addend, Operand, Sink};
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::Tensor;

/// The layer adds a bias: the default.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bias;

/// The layer adds no bias: PyTorch's `bias=False`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoBias;

/// Whether a layer has a bias: [`Bias`] or [`NoBias`].
pub trait BiasOption: Copy + PartialEq + Debug + Send + Sync + 'static {
    /// What PyTorch prints: `True` or `False`.
    const PRINTED: &'static str;
    /// What the layer holds for a bias of shape `S`.
    type Param<S: Shape<Elem: Float>>: BiasParam<S>;
}

impl BiasOption for Bias {
    const PRINTED: &'static str = "True";
    type Param<S: Shape<Elem: Float>> = Param<S>;
}

impl BiasOption for NoBias {
    const PRINTED: &'static str = "False";
    type Param<S: Shape<Elem: Float>> = ();
}

/// A bias or nothing. Which one is known when the layer is compiled, so the [`Option`]s cost nothing.
///
/// A layer of one's own adds it with [`Tensor::add_bias`].
pub trait BiasParam<S>:
    Parameters<Grads: Sink<<Self as Operand>::Value>> + Operand<Value: Addend<S>> + Init + Clone + Copy + PartialEq + Debug
{
    /// The bias.
    fn get(&self) -> Option<&Tensor<S>>;

    /// The bias, to write to.
    fn get_mut(&mut self) -> Option<&mut Tensor<S>>;

    /// Its gradient, to add to.
    fn grad(grads: &mut Self::Grads) -> Option<&mut Tensor<S>>;
}

impl<S: Shape<Elem: Float>> BiasParam<S> for Param<S> {
    #[inline]
    fn get(&self) -> Option<&Tensor<S>> {
        Some(self)
    }

    #[inline]
    fn get_mut(&mut self) -> Option<&mut Tensor<S>> {
        Some(self)
    }

    #[inline]
    fn grad(grads: &mut Tensor<S>) -> Option<&mut Tensor<S>> {
        Some(grads)
    }
}

impl<S> BiasParam<S> for () {
    #[inline]
    fn get(&self) -> Option<&Tensor<S>> {
        None
    }

    #[inline]
    fn get_mut(&mut self) -> Option<&mut Tensor<S>> {
        None
    }

    #[inline]
    fn grad((): &mut ()) -> Option<&mut Tensor<S>> {
        None
    }
}
