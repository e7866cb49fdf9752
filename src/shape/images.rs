//! Shapes that a window slides over: images and signals, one sample or any number of them.
//!
//! What a window makes of a length is a *rule*, a type that a layer's settings give: [`Slide`] for one dimension, [`Slide2`]
//! for two. The traits here carry the rule into the nested array. `Layer` only serves the compiler's message, as in
//! [`Rows`](super::Rows).

use super::{Const, Element, Shape};

/// What becomes of a length of `L`.
pub trait Slide<const L: usize> {
    /// The output's `Const`.
    type Out;
}

/// What becomes of a height of `H` and a width of `W`.
pub trait Slide2<const H: usize, const W: usize> {
    /// The `Const` of the output's height.
    type OutH;
    /// The `Const` of the output's width.
    type OutW;
}

/// One sample, for each type of element. (For all types at once, an array might be the element of another, and the compiler could
/// not tell which impl it is that fails.)
macro_rules! one_sample {
    ($($t:ty)+) => {$(
        impl<const C: usize, const H: usize, const W: usize, const OH: usize, const OW: usize, Rule, Layer: ?Sized>
            Images<C, Rule, Layer> for [[[$t; W]; H]; C]
        where
            Rule: Slide2<H, W, OutH = Const<OH>, OutW = Const<OW>>,
        {
            type Scalar = $t;
            type Out<const N: usize> = [[[$t; OW]; OH]; N];
            type PlaneIn = [[$t; W]; H];
            type PlaneOut = [[$t; OW]; OH];
            const SAMPLES: usize = 1;
            const INPUT: [usize; 2] = [H, W];
            const OUTPUT: [usize; 2] = [OH, OW];
        }

        impl<const C: usize, const L: usize, const OL: usize, Rule, Layer: ?Sized> Signals<C, Rule, Layer> for [[$t; L]; C]
        where
            Rule: Slide<L, Out = Const<OL>>,
        {
            type Scalar = $t;
            type Out<const N: usize> = [[$t; OL]; N];
            type PlaneIn = [$t; L];
            type PlaneOut = [$t; OL];
            const SAMPLES: usize = 1;
            const INPUT: [usize; 2] = [1, L];
            const OUTPUT: [usize; 2] = [1, OL];
        }

        impl<const H: usize, const W: usize, const OH: usize, const OW: usize, Rule, Layer: ?Sized> Planes<Rule, Layer>
            for [[$t; W]; H]
        where
            Rule: Slide2<H, W, OutH = Const<OH>, OutW = Const<OW>>,
        {
            type Scalar = $t;
            type Out = [[$t; OW]; OH];
            type Lead = $t;
            type Plane = Self;
            const INPUT: [usize; 2] = [H, W];
            const OUTPUT: [usize; 2] = [OH, OW];
        }

        impl<const L: usize, const OL: usize, Rule, Layer: ?Sized> Lines<Rule, Layer> for [$t; L]
        where
            Rule: Slide<L, Out = Const<OL>>,
        {
            type Scalar = $t;
            type Out = [$t; OL];
            type Plane = Self;
            const INPUT: [usize; 2] = [1, L];
            const OUTPUT: [usize; 2] = [1, OL];
        }
    )+};
}

one_sample! { f32 f64 }

/// Images of `C` channels, `[C][H][W]` and with any leading dimensions, and what `Rule` makes of them.
#[diagnostic::on_unimplemented(
    message = "layer `{Layer}` cannot take input `Tensor<{Self}>`",
    label = "the input must be images `[C][H][W]` of {C} channels, or a batch of them"
)]
pub trait Images<const C: usize, Rule, Layer: ?Sized>: Shape<Elem = <Self as Images<C, Rule, Layer>>::Scalar> {
    /// The type of one element.
    type Scalar: Element;
    /// The same leading dimensions with images of `N` channels, as large as the rule says.
    type Out<const N: usize>: Shape<Elem = Self::Scalar>;
    /// One channel of the input.
    type PlaneIn: Shape<Elem = Self::Scalar>;
    /// One channel of the output.
    type PlaneOut: Shape<Elem = Self::Scalar>;
    /// The number of images.
    const SAMPLES: usize;
    /// Height and width of the input.
    const INPUT: [usize; 2];
    /// Height and width of the output.
    const OUTPUT: [usize; 2];
}

#[diagnostic::do_not_recommend]
impl<A: Shape, const D: usize, const H: usize, const W: usize, const B: usize, const C: usize, Rule, Layer: ?Sized>
    Images<C, Rule, Layer> for [[[[A; W]; H]; D]; B]
where
    [[[A; W]; H]; D]: Images<C, Rule, Layer>,
{
    type Scalar = <[[[A; W]; H]; D] as Images<C, Rule, Layer>>::Scalar;
    type Out<const N: usize> = [<[[[A; W]; H]; D] as Images<C, Rule, Layer>>::Out<N>; B];
    type PlaneIn = <[[[A; W]; H]; D] as Images<C, Rule, Layer>>::PlaneIn;
    type PlaneOut = <[[[A; W]; H]; D] as Images<C, Rule, Layer>>::PlaneOut;
    const SAMPLES: usize = B * <[[[A; W]; H]; D] as Images<C, Rule, Layer>>::SAMPLES;
    const INPUT: [usize; 2] = <[[[A; W]; H]; D] as Images<C, Rule, Layer>>::INPUT;
    const OUTPUT: [usize; 2] = <[[[A; W]; H]; D] as Images<C, Rule, Layer>>::OUTPUT;
}

/// Signals of `C` channels, `[C][L]` and with any leading dimensions, and what `Rule` makes of them.
#[diagnostic::on_unimplemented(
    message = "layer `{Layer}` cannot take input `Tensor<{Self}>`",
    label = "the input must be signals `[C][L]` of {C} channels, or a batch of them"
)]
pub trait Signals<const C: usize, Rule, Layer: ?Sized>: Shape<Elem = <Self as Signals<C, Rule, Layer>>::Scalar> {
    /// The type of one element.
    type Scalar: Element;
    /// The same leading dimensions with signals of `N` channels, as long as the rule says.
    type Out<const N: usize>: Shape<Elem = Self::Scalar>;
    /// One channel of the input.
    type PlaneIn: Shape<Elem = Self::Scalar>;
    /// One channel of the output.
    type PlaneOut: Shape<Elem = Self::Scalar>;
    /// The number of signals.
    const SAMPLES: usize;
    /// A height of 1 and the length of the input.
    const INPUT: [usize; 2];
    /// A height of 1 and the length of the output.
    const OUTPUT: [usize; 2];
}

#[diagnostic::do_not_recommend]
impl<A: Shape, const D: usize, const L: usize, const B: usize, const C: usize, Rule, Layer: ?Sized> Signals<C, Rule, Layer>
    for [[[A; L]; D]; B]
where
    [[A; L]; D]: Signals<C, Rule, Layer>,
{
    type Scalar = <[[A; L]; D] as Signals<C, Rule, Layer>>::Scalar;
    type Out<const N: usize> = [<[[A; L]; D] as Signals<C, Rule, Layer>>::Out<N>; B];
    type PlaneIn = <[[A; L]; D] as Signals<C, Rule, Layer>>::PlaneIn;
    type PlaneOut = <[[A; L]; D] as Signals<C, Rule, Layer>>::PlaneOut;
    const SAMPLES: usize = B * <[[A; L]; D] as Signals<C, Rule, Layer>>::SAMPLES;
    const INPUT: [usize; 2] = <[[A; L]; D] as Signals<C, Rule, Layer>>::INPUT;
    const OUTPUT: [usize; 2] = <[[A; L]; D] as Signals<C, Rule, Layer>>::OUTPUT;
}

/// Planes `[H][W]` with any leading dimensions (channels, batch), and what `Rule` makes of each.
#[diagnostic::on_unimplemented(
    message = "layer `{Layer}` cannot take input `Tensor<{Self}>`",
    label = "the input must be images `[C][H][W]` or a batch of them"
)]
pub trait Planes<Rule, Layer: ?Sized>: Shape<Elem = <Self as Planes<Rule, Layer>>::Scalar> {
    /// The type of one element.
    type Scalar: Element;
    /// The same leading dimensions with planes as large as the rule says.
    type Out: Shape<Elem = Self::Scalar>;
    /// The leading dimensions alone.
    type Lead: Shape<Elem = Self::Scalar>;
    /// One plane of the input.
    type Plane: Shape<Elem = Self::Scalar>;
    /// Height and width of the input.
    const INPUT: [usize; 2];
    /// Height and width of the output.
    const OUTPUT: [usize; 2];
}

impl<A: Shape, const H: usize, const W: usize, const N: usize, Rule, Layer: ?Sized> Planes<Rule, Layer> for [[[A; W]; H]; N]
where
    [[A; W]; H]: Planes<Rule, Layer>,
{
    type Scalar = <[[A; W]; H] as Planes<Rule, Layer>>::Scalar;
    type Out = [<[[A; W]; H] as Planes<Rule, Layer>>::Out; N];
    type Lead = [<[[A; W]; H] as Planes<Rule, Layer>>::Lead; N];
    type Plane = <[[A; W]; H] as Planes<Rule, Layer>>::Plane;
    const INPUT: [usize; 2] = <[[A; W]; H] as Planes<Rule, Layer>>::INPUT;
    const OUTPUT: [usize; 2] = <[[A; W]; H] as Planes<Rule, Layer>>::OUTPUT;
}

/// Lines `[L]` with any leading dimensions (channels, batch), and what `Rule` makes of each.
#[diagnostic::on_unimplemented(
    message = "layer `{Layer}` cannot take input `Tensor<{Self}>`",
    label = "the input must be signals `[C][L]` or a batch of them"
)]
pub trait Lines<Rule, Layer: ?Sized>: Shape<Elem = <Self as Lines<Rule, Layer>>::Scalar> {
    /// The type of one element.
    type Scalar: Element;
    /// The same leading dimensions with lines as long as the rule says.
    type Out: Shape<Elem = Self::Scalar>;
    /// One line of the input.
    type Plane: Shape<Elem = Self::Scalar>;
    /// A height of 1 and the length of the input.
    const INPUT: [usize; 2];
    /// A height of 1 and the length of the output.
    const OUTPUT: [usize; 2];
}

impl<A: Shape, const L: usize, const N: usize, Rule, Layer: ?Sized> Lines<Rule, Layer> for [[A; L]; N]
where
    [A; L]: Lines<Rule, Layer>,
{
    type Scalar = <[A; L] as Lines<Rule, Layer>>::Scalar;
    type Out = [<[A; L] as Lines<Rule, Layer>>::Out; N];
    type Plane = <[A; L] as Lines<Rule, Layer>>::Plane;
    const INPUT: [usize; 2] = <[A; L] as Lines<Rule, Layer>>::INPUT;
    const OUTPUT: [usize; 2] = <[A; L] as Lines<Rule, Layer>>::OUTPUT;
}
