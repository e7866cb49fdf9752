//! [`Upsample`].

use super::Layer;
use super::stateless::stateless;
use crate::ops::upsample::{upsample_nearest, upsample_nearest_backward};
use crate::shape::{Const, Product, Tail};
use crate::simd::Float;
use crate::tensor::Tensor;

/// Repeats each pixel `SCALE_H` times downwards and `SCALE_W` times to the right: nearest-neighbour upsampling by whole numbers,
/// y\[h\]\[w\] = x\[h / SCALE_H\]\[w / SCALE_W\].
///
/// | | |
/// |---|---|
/// | input | `[H][W]`, any leading dimensions: an image `[C][H][W]`, a batch `[B][C][H][W]` |
/// | output | the same leading dimensions, `[H·SCALE_H][W·SCALE_W]` |
///
/// After [`torch.nn.Upsample`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Upsample.html) with `mode='nearest'`;
/// [`UpsampleLinear`](super::UpsampleLinear) and [`UpsampleBilinear`](super::UpsampleBilinear) interpolate.
///
/// ```
/// use adamant::prelude::*;
/// let y = Upsample::<2>.forward(&Tensor([[[1.0f32, 2.0]]]));
/// assert_eq!(y, Tensor([[[1.0, 1.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0]]]));
/// assert_eq!(Upsample::<2>.to_string(), "Upsample(scale_factor=2.0, mode='nearest')");
/// assert_eq!(Upsample::<1, 2>.to_string(), "Upsample(scale_factor=(1.0, 2.0), mode='nearest')");
/// ```
#[doc(alias("UpsamplingNearest2d", "interpolate"))]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Upsample<const SCALE_H: usize, const SCALE_W: usize = SCALE_H>;

stateless! {
    [const SCALE_H: usize, const SCALE_W: usize] Upsample<SCALE_H, SCALE_W> = Self, |_this| "Upsample({})", Factor(SCALE_H, SCALE_W);
}

/// The scale as PyTorch prints it.
struct Factor(usize, usize);

impl core::fmt::Display for Factor {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match *self {
            Self(h, w) if h == w => write!(f, "scale_factor={h}.0, mode='nearest'"),
            Self(h, w) => write!(f, "scale_factor=({h}.0, {w}.0), mode='nearest'"),
        }
    }
}

#[crate::layer]
impl<S, T, const H: usize, const W: usize, const OH: usize, const OW: usize, const SCALE_H: usize, const SCALE_W: usize>
    Layer<Tensor<S>> for Upsample<SCALE_H, SCALE_W>
where
    S: Tail<-2, Self, Elem = T, Tail = [[T; W]; H]>,
    T: Float,
    Const<H>: Product<Const<SCALE_H>, Out = Const<OH>>,
    Const<W>: Product<Const<SCALE_W>, Out = Const<OW>>,
{
    type Output = Tensor<S::With<[[T; OW]; OH]>>;
    type Kept = ();

    #[inline]
    fn compute(&self, x: &Tensor<S>, y: &mut Self::Output) {
        upsample_nearest(x.as_slice(), y.as_mut_slice(), W, [SCALE_H, SCALE_W]);
    }

    #[inline]
    fn backward_input(&self, x: &mut Tensor<S>, (): &(), dy: &mut Self::Output) {
        upsample_nearest_backward(x.as_mut_slice(), dy.as_slice(), W, [SCALE_H, SCALE_W]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradcheck::gradcheck;
    use crate::prelude::{SeedableRng, SmallRng};

    #[test]
    fn gradients() {
        let x = Tensor::<[[[[f64; 4]; 3]; 2]; 2]>::randn(&mut SmallRng::seed_from_u64(0));
        gradcheck(&mut Upsample::<2>, &x, 1e-6).unwrap();
        gradcheck(&mut Upsample::<3, 1>, x.at::<1>(), 1e-6).unwrap();
    }
}
