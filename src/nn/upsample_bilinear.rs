//! [`UpsampleBilinear`].

use core::fmt::Debug;
use core::marker::PhantomData;

use super::options::{Area, Set, UpsampleBilinearLayer, UpsampleSettings, Upsamples};
use super::upsampling::upsampling_layer;
use crate::shape::{Const, Planes};

/// The options of an [`UpsampleBilinear`]: one, or a tuple of them.
pub trait UpsampleBilinearOptions: Copy + PartialEq + Debug + Send + Sync + 'static {
    /// The configuration that they make.
    type Settings: Upsamples;
}

impl<O> UpsampleBilinearOptions for O
where
    O: Set<UpsampleSettings<Area<2, 2>>, UpsampleBilinearLayer, Out: Upsamples>,
    O: Copy + PartialEq + Debug + Send + Sync + 'static,
{
    type Settings = O::Out;
}

/// Stretches each plane by bilinear interpolation: an output that lies at k + s, l + t among the inputs is
/// `(1 − s) · ((1 − t) · x[k, l] + t · x[k, l + 1]) + s · ((1 − t) · x[k + 1, l] + t · x[k + 1, l + 1])`.
///
/// | | |
/// |---|---|
/// | input | `[H][W]`, any leading dimensions: an image `[C][H][W]`, a batch `[B][C][H][W]` |
/// | output | the same leading dimensions, `[OH][OW]` |
///
/// `O` says how large the output is ([`options`](super::options)): with [`Scale<M, N>`](super::Scale) OH = H · M and OW = W · N, with
/// [`Size<M, N>`](super::Size) OH = M and OW = N, which may be smaller. Row i lies at (i + ½) · H / OH − ½, and what lies before the first
/// row or behind the last is as that; with [`AlignCorners`](super::AlignCorners) it lies at i · (H − 1) / (OH − 1). Columns alike.
///
/// After [`torch.nn.Upsample`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Upsample.html) with `mode='bilinear'`.
///
/// ```
/// use adamant::prelude::*;
/// let x = Tensor([[[1.0, 3.0], [5.0, 7.0]]]);
/// let y: Tensor<[[[f32; 4]; 4]; 1]> = UpsampleBilinear::<Scale<2>>::new().forward(&x);
/// assert_eq!(y.at::<0>().0[1], [2.0, 2.5, 3.5, 4.0]);
/// let corners = UpsampleBilinear::<(Size<3>, AlignCorners)>::new();
/// assert_eq!(corners.forward(&x), Tensor([[[1.0, 2.0, 3.0], [3.0, 4.0, 5.0], [5.0, 6.0, 7.0]]]));
/// assert_eq!(corners.to_string(), "Upsample(size=3, mode='bilinear')");
/// ```
#[doc(alias("Upsample", "UpsamplingBilinear2d", "interpolate", "resize"))]
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct UpsampleBilinear<O: UpsampleBilinearOptions>(PhantomData<O>);

upsampling_layer!(UpsampleBilinear, UpsampleBilinearOptions, Planes, [OH, OW] (Const<OH>, Const<OW>));
