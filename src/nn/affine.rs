//! The weight and the bias of a normalisation, either of which may be absent, without a branch or a byte.

use core::fmt::Debug;

use super::Param;
use super::bias::{BiasParam, NoBias};
use crate::heap::{Filled, Slot};
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::Tensor;

/// The layer multiplies by a weight and adds a bias, both trained: PyTorch's `affine=True`, `elementwise_affine=True`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Affine;

/// The layer only normalises: PyTorch's `affine=False`, `elementwise_affine=False`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoAffine;

/// What a normalisation trains: [`Affine`], [`NoAffine`], or [`NoBias`] for a weight alone (PyTorch's `bias=False`).
pub trait AffineOption: Copy + PartialEq + Debug + Send + Sync + 'static {
    /// What PyTorch prints: `True` or `False`.
    const PRINTED: &'static str;
    /// What the layer holds for a weight of shape `S`.
    type Weight<S: Shape<Elem: Float>>: AffineParam<S>;
    /// What the layer holds for a bias of shape `S`.
    type Bias<S: Shape<Elem: Float>>: AffineParam<S>;
}

impl AffineOption for Affine {
    const PRINTED: &'static str = "True";
    type Weight<S: Shape<Elem: Float>> = Param<S>;
    type Bias<S: Shape<Elem: Float>> = Param<S>;
}

impl AffineOption for NoAffine {
    const PRINTED: &'static str = "False";
    type Weight<S: Shape<Elem: Float>> = ();
    type Bias<S: Shape<Elem: Float>> = ();
}

impl AffineOption for NoBias {
    const PRINTED: &'static str = "True";
    type Weight<S: Shape<Elem: Float>> = Param<S>;
    type Bias<S: Shape<Elem: Float>> = ();
}

/// A weight, a bias or nothing, and the constants that they start from.
pub trait AffineParam<S>: BiasParam<S> {
    /// Every element one.
    const ONES: Self;

    /// [`ONES`](Self::ONES), made in place.
    fn ones_in(slot: Slot<'_, Self>) -> Filled<'_, Self>
    where
        S: Shape<Elem: Float>,
    {
        Self::blank_in(slot).then(|param| param.fill(1.0))
    }

    /// Sets every element to `value`.
    fn fill(&mut self, value: f64)
    where
        S: Shape<Elem: Float>,
    {
        if let Some(tensor) = self.tensor_mut() {
            tensor.fill(Float::from_f64(value));
        }
    }
}

impl<S: Shape<Elem: Float>> AffineParam<S> for Param<S> {
    const ONES: Self = Self(Tensor(S::ONES));
}

impl<S> AffineParam<S> for () {
    const ONES: Self = ();
}
