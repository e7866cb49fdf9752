//! Shapes that a window slides over: images and signals, one sample or any number of them.
//!
//! | trait | shape | for |
//! |---|---|---|
//! | [`Images`] | `[C][H][W]` and more leading dimensions | layers that know the number of channels, in two dimensions |
//! | [`Signals`] | `[C][L]` … | the same in one |
//! | [`Planes`] | `[H][W]` … | layers that work on each channel by itself, in two dimensions |
//! | [`Lines`] | `[L]` … | the same in one |
//!
//! Each takes a shape apart into its leading dimensions and an [`Extent`], and puts other sizes in. What a layer makes of an
//! extent is a rule of its settings, [`Slides`]. `Layer` only serves the compiler's message, as in [`Rows`](super::Rows).
//!
//! The new sizes are const parameters and not an `Extent`, so that a layer's output is an array that the compiler sees as one
//! before it knows the sizes: it checks a chain of layers in an order of its own.

use super::{Const, Element, Shape};

/// How far a plane extends: `(Const<H>, Const<W>)`, or `Const<L>` in one dimension.
pub trait Extent: 'static {
    /// The plane of elements of type `T`: `[[T; W]; H]`, or `[T; L]`.
    type Plane<T: Element>: Shape<Elem = T>;
    /// Height and width; 1 and the length in one dimension.
    const SIZES: [usize; 2];
}

impl<const H: usize, const W: usize> Extent for (Const<H>, Const<W>) {
    type Plane<T: Element> = [[T; W]; H];
    const SIZES: [usize; 2] = [H, W];
}

impl<const L: usize> Extent for Const<L> {
    type Plane<T: Element> = [T; L];
    const SIZES: [usize; 2] = [1, L];
}

/// What becomes of an extent: the rule of shape of a convolution or a pool.
pub trait Slides<Input> {
    /// The output's extent.
    type Out: Extent;
}

/// Images of `C` channels: `[C][H][W]` with any leading dimensions.
#[diagnostic::on_unimplemented(
    message = "layer `{Layer}` cannot take input `Tensor<{Self}>`",
    label = "the input must be images `[C][H][W]` with C = {C}, or a batch of them"
)]
pub trait Images<const C: usize, Layer: ?Sized>: Shape<Elem = <Self as Images<C, Layer>>::Scalar> {
    /// The type of one element.
    type Scalar: Element;
    /// Height and width.
    type Extent: Extent;
    /// The same leading dimensions with images of `N` channels of another extent.
    type With<const N: usize, const OH: usize, const OW: usize>: Shape<Elem = Self::Scalar>;
    /// The number of images.
    const SAMPLES: usize;
}

/// Signals of `C` channels: `[C][L]` with any leading dimensions.
#[diagnostic::on_unimplemented(
    message = "layer `{Layer}` cannot take input `Tensor<{Self}>`",
    label = "the input must be signals `[C][L]` with C = {C}, or a batch of them"
)]
pub trait Signals<const C: usize, Layer: ?Sized>: Shape<Elem = <Self as Signals<C, Layer>>::Scalar> {
    /// The type of one element.
    type Scalar: Element;
    /// The length.
    type Extent: Extent;
    /// The same leading dimensions with signals of `N` channels of another extent.
    type With<const N: usize, const OL: usize>: Shape<Elem = Self::Scalar>;
    /// The number of signals.
    const SAMPLES: usize;
}

/// Planes `[H][W]` with any leading dimensions (channels, batch).
#[diagnostic::on_unimplemented(
    message = "layer `{Layer}` cannot take input `Tensor<{Self}>`",
    label = "the input must be images `[C][H][W]` or a batch of them"
)]
pub trait Planes<Layer: ?Sized>: Shape<Elem = <Self as Planes<Layer>>::Scalar> {
    /// The type of one element.
    type Scalar: Element;
    /// Height and width.
    type Extent: Extent;
    /// The same leading dimensions with planes of another extent.
    type With<const OH: usize, const OW: usize>: Shape<Elem = Self::Scalar>;
    /// The leading dimensions alone.
    type Lead: Shape<Elem = Self::Scalar>;
}

/// Lines `[L]` with any leading dimensions (channels, batch).
#[diagnostic::on_unimplemented(
    message = "layer `{Layer}` cannot take input `Tensor<{Self}>`",
    label = "the input must be signals `[C][L]` or a batch of them"
)]
pub trait Lines<Layer: ?Sized>: Shape<Elem = <Self as Lines<Layer>>::Scalar> {
    /// The type of one element.
    type Scalar: Element;
    /// The length.
    type Extent: Extent;
    /// The same leading dimensions with lines of another extent.
    type With<const OL: usize>: Shape<Elem = Self::Scalar>;
}

/// Lists of leading dimensions, for the reason that `rows.rs` gives: each shape's own dimensions and as many more as make eight.
macro_rules! leading {
    ($each:ident: $($lead:tt)+) => {$($each! { $lead })+};
}

macro_rules! images {
    ([$($b:ident)*]) => {
        #[diagnostic::do_not_recommend]
        impl<T: Element, const C: usize, const H: usize, const W: usize, $(const $b: usize,)* Layer: ?Sized> Images<C, Layer>
            for nest!([[[[T; W]; H]; C]] $($b)*)
        {
            type Scalar = T;
            type Extent = (Const<H>, Const<W>);
            type With<const N: usize, const OH: usize, const OW: usize> = nest!([[[[T; OW]; OH]; N]] $($b)*);
            const SAMPLES: usize = 1 $(* $b)*;
        }
    };
}

leading! { images: [] [B1] [B1 B2] [B1 B2 B3] [B1 B2 B3 B4] [B1 B2 B3 B4 B5] }

macro_rules! signals {
    ([$($b:ident)*]) => {
        #[diagnostic::do_not_recommend]
        impl<T: Element, const C: usize, const L: usize, $(const $b: usize,)* Layer: ?Sized> Signals<C, Layer>
            for nest!([[[T; L]; C]] $($b)*)
        {
            type Scalar = T;
            type Extent = Const<L>;
            type With<const N: usize, const OL: usize> = nest!([[[T; OL]; N]] $($b)*);
            const SAMPLES: usize = 1 $(* $b)*;
        }
    };
}

leading! { signals: [] [B1] [B1 B2] [B1 B2 B3] [B1 B2 B3 B4] [B1 B2 B3 B4 B5] [B1 B2 B3 B4 B5 B6] }

macro_rules! planes {
    ([$($b:ident)*]) => {
        #[diagnostic::do_not_recommend]
        impl<T: Element, const H: usize, const W: usize, $(const $b: usize,)* Layer: ?Sized> Planes<Layer>
            for nest!([[[T; W]; H]] $($b)*)
        {
            type Scalar = T;
            type Extent = (Const<H>, Const<W>);
            type With<const OH: usize, const OW: usize> = nest!([[[T; OW]; OH]] $($b)*);
            type Lead = nest!([T] $($b)*);
        }
    };
}

leading! { planes: [] [B1] [B1 B2] [B1 B2 B3] [B1 B2 B3 B4] [B1 B2 B3 B4 B5] [B1 B2 B3 B4 B5 B6] }

macro_rules! lines {
    ([$($b:ident)*]) => {
        #[diagnostic::do_not_recommend]
        impl<T: Element, const L: usize, $(const $b: usize,)* Layer: ?Sized> Lines<Layer> for nest!([[T; L]] $($b)*) {
            type Scalar = T;
            type Extent = Const<L>;
            type With<const OL: usize> = nest!([[T; OL]] $($b)*);
        }
    };
}

leading! { lines: [] [B1] [B1 B2] [B1 B2 B3] [B1 B2 B3 B4] [B1 B2 B3 B4 B5] [B1 B2 B3 B4 B5 B6] [B1 B2 B3 B4 B5 B6 B7] }
