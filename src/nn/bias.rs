//! A bias that may be absent, without a branch or a byte.

use core::fmt::Debug;

use super::fields::Plain;
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

/// A bias or nothing, as an [`Addend`]; so is its gradient.
///
/// A layer of one's own adds it with [`Tensor::add_bias`].
pub trait BiasParam<S>:
    Parameters<Grads: Addend<S> + Sink<<Self as Operand>::Value>>
    + Operand<Value: Addend<S>>
    + Addend<S>
    + Init
    + Plain
    + Clone
    + Copy
    + PartialEq
    + Debug
    + Send
    + Sync
{
}

impl<S: Shape<Elem: Float>> BiasParam<S> for Param<S> {}

impl<S> BiasParam<S> for () {}

impl<S> Addend<S> for Param<S> {
    #[inline(always)]
    fn tensor(&self) -> Option<&Tensor<S>> {
        Some(&self.0)
    }

    #[inline(always)]
    fn tensor_mut(&mut self) -> Option<&mut Tensor<S>> {
        Some(&mut self.0)
    }
}
