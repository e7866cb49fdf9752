//! What the options make of linear interpolation.

use core::fmt::{self, Display, Formatter};
use core::marker::PhantomData;

use super::{AlignCorners, AlignEdges, Area, Brief, Kernel, Length, Scale, Set, Size, Takes};
use crate::ops::Stretch;
use crate::shape::{Const, Product, Slides};

/// The configuration of `UpsampleLinear` and `UpsampleBilinear`. The kernel is what an output is made of: two neighbours along each
/// dimension.
pub struct UpsampleSettings<Kernel, Target = Untold, Alignment = AlignEdges>(PhantomData<(Kernel, Target, Alignment)>);

/// The size of an upsampling that is given none, which is none.
pub struct Untold;

set_sizes! {
    [K, S, A] Scale: UpsampleSettings<K, S, A> => UpsampleSettings<K, Scale<H, W>, A>;
    [K, S, A] Size: UpsampleSettings<K, S, A> => UpsampleSettings<K, Size<H, W>, A>;
}

set! {
    [K, S, A] AlignCorners: UpsampleSettings<K, S, A> => UpsampleSettings<K, S, AlignCorners>;
    [K, S, A] AlignEdges: UpsampleSettings<K, S, A> => UpsampleSettings<K, S, AlignEdges>;
}

/// How large the output is: [`Scale`] or [`Size`].
#[diagnostic::on_unimplemented(
    message = "an upsampling needs to know its size",
    label = "how large is the output?",
    note = "name `Scale<2>`, so many times as large, or `Size<32>`, so large"
)]
pub trait Target: 'static {
    /// Writes PyTorch's argument.
    fn describe(f: &mut Formatter<'_>, rank: usize) -> fmt::Result;
}

#[diagnostic::do_not_recommend]
impl<const H: usize, const W: usize> Target for Scale<H, W> {
    fn describe(f: &mut Formatter<'_>, rank: usize) -> fmt::Result {
        if rank == 1 || H == W { write!(f, "scale_factor={W}.0") } else { write!(f, "scale_factor=({H}.0, {W}.0)") }
    }
}

#[diagnostic::do_not_recommend]
impl<const H: usize, const W: usize> Target for Size<H, W> {
    fn describe(f: &mut Formatter<'_>, rank: usize) -> fmt::Result {
        write!(f, "size={}", Brief([H, W], rank))
    }
}

/// What keeps its place: [`AlignEdges`] or [`AlignCorners`].
pub trait Alignment: 'static {
    /// The centres of the first and the last pixel.
    const CORNERS: bool;
}

impl Alignment for AlignEdges {
    const CORNERS: bool = false;
}

impl Alignment for AlignCorners {
    const CORNERS: bool = true;
}

/// An upsampling's configuration, resolved.
pub trait Upsamples: 'static {
    /// The sizes, of planes that are not known yet.
    const STRETCH: Stretch;

    /// Writes PyTorch's arguments.
    fn describe(f: &mut Formatter<'_>) -> fmt::Result;
}

impl<K: Kernel, S: Target, A: Alignment> Upsamples for UpsampleSettings<K, S, A> {
    const STRETCH: Stretch = Stretch { input: [0; 2], output: [0; 2], corners: A::CORNERS };

    fn describe(f: &mut Formatter<'_>) -> fmt::Result {
        S::describe(f, K::RANK)?;
        f.write_str(if K::RANK == 1 { ", mode='linear'" } else { ", mode='bilinear'" })
    }
}

/// An upsampling's arguments as PyTorch prints them.
pub(in crate::nn) struct UpsampleArguments<C>(pub PhantomData<C>);

impl<C: Upsamples> Display for UpsampleArguments<C> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        C::describe(f)
    }
}

// What becomes of the planes' sizes.

impl<const L: usize, const SCALE: usize, const OL: usize, A> Slides<Const<L>> for UpsampleSettings<Length<2>, Scale<SCALE>, A>
where
    Const<L>: Product<Const<SCALE>, Out = Const<OL>>,
{
    type Out = Const<OL>;
}

impl<const L: usize, const OL: usize, A> Slides<Const<L>> for UpsampleSettings<Length<2>, Size<OL>, A> {
    type Out = Const<OL>;
}

impl<const H: usize, const W: usize, const SCALE_H: usize, const SCALE_W: usize, const OH: usize, const OW: usize, A>
    Slides<(Const<H>, Const<W>)> for UpsampleSettings<Area<2, 2>, Scale<SCALE_H, SCALE_W>, A>
where
    Const<H>: Product<Const<SCALE_H>, Out = Const<OH>>,
    Const<W>: Product<Const<SCALE_W>, Out = Const<OW>>,
{
    type Out = (Const<OH>, Const<OW>);
}

impl<const H: usize, const W: usize, const OH: usize, const OW: usize, A> Slides<(Const<H>, Const<W>)>
    for UpsampleSettings<Area<2, 2>, Size<OH, OW>, A>
{
    type Out = (Const<OH>, Const<OW>);
}
