//! [`PixelShuffle`].

use super::Layer;
use super::stateless::stateless;
use crate::ops::pixel_shuffle::{pixel_shuffle, pixel_shuffle_backward};
use crate::shape::{Const, Product, Quotient, Tail};
use crate::simd::Float;
use crate::tensor::Tensor;

/// Makes a block of `R` × `R` pixels of each `R`² channels: y\[c\]\[h·R + i\]\[w·R + j\] = x\[c·R² + i·R + j\]\[h\]\[w\].
///
/// | | |
/// |---|---|
/// | input | `[C·R²][H][W]`, any leading dimensions |
/// | output | the same leading dimensions, `[C][H·R][W·R]` |
///
/// The number of channels must be a multiple of `R`².
///
/// W. Shi et al., *Real-time single image and video super-resolution using an efficient sub-pixel convolutional neural network*,
/// 2016 (arXiv:1609.05158). After
/// [`torch.nn.PixelShuffle`](https://docs.pytorch.org/docs/stable/generated/torch.nn.PixelShuffle.html).
///
/// ```
/// use adamant::prelude::*;
/// let x = Tensor([[[1.0f32]], [[2.0]], [[3.0]], [[4.0]]]); // four channels of one pixel
/// assert_eq!(PixelShuffle::<2>.forward(&x), Tensor([[[1.0, 2.0], [3.0, 4.0]]]));
/// assert_eq!(PixelShuffle::<2>.to_string(), "PixelShuffle(upscale_factor=2)");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct PixelShuffle<const R: usize>;

stateless! {
    [const R: usize] PixelShuffle<R> = Self, |_this| "PixelShuffle(upscale_factor={R})";
}

/// An image's shape after shuffling by `R`.
#[diagnostic::on_unimplemented(
    message = "layer `PixelShuffle<{R}>` cannot take images `Tensor<{Self}>`",
    label = "the number of channels must be a multiple of {R} * {R}",
    note = "{R} times the height and {R} times the width must be dimensions that adamant knows"
)]
pub trait Shuffled<const R: usize> {
    /// Height and width of the input.
    const SIZE: [usize; 2];
    /// The output's shape.
    type Out;
}

#[diagnostic::do_not_recommend]
impl<
    T,
    const CRR: usize,
    const C: usize,
    const H: usize,
    const W: usize,
    const OH: usize,
    const OW: usize,
    const RR: usize,
    const R: usize,
> Shuffled<R> for [[[T; W]; H]; CRR]
where
    Const<R>: Product<Const<R>, Out = Const<RR>>,
    Const<CRR>: Quotient<Const<RR>, Out = Const<C>>,
    Const<H>: Product<Const<R>, Out = Const<OH>>,
    Const<W>: Product<Const<R>, Out = Const<OW>>,
{
    const SIZE: [usize; 2] = [H, W];
    type Out = [[[T; OW]; OH]; C];
}

#[crate::layer]
impl<S, Y, const R: usize> Layer<Tensor<S>> for PixelShuffle<R>
where
    S: Tail<-3, Self, Elem: Float>,
    S::Tail: Shuffled<R, Out = Y>,
    Y: crate::Shape<Elem = S::Elem>,
{
    type Output = Tensor<S::With<Y>>;
    type Kept = ();

    #[inline]
    fn compute(&self, x: &Tensor<S>, y: &mut Self::Output) {
        pixel_shuffle(x.as_slice(), y.as_mut_slice(), <S::Tail as Shuffled<R>>::SIZE, R);
    }

    #[inline]
    fn backward_input(&self, x: &mut Tensor<S>, (): &(), dy: &mut Self::Output) {
        pixel_shuffle_backward(x.as_mut_slice(), dy.as_slice(), <S::Tail as Shuffled<R>>::SIZE, R);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradcheck::gradcheck;
    use crate::nn::Module;
    use crate::prelude::{SeedableRng, SmallRng};

    #[test]
    fn gradients() {
        let x = Tensor::<[[[[f64; 3]; 2]; 8]; 2]>::randn(&mut SmallRng::seed_from_u64(0));
        gradcheck(&mut PixelShuffle::<2>, &x, 1e-6).unwrap();
        gradcheck(&mut PixelShuffle::<1>, x.at::<1>(), 1e-6).unwrap();
    }

    #[test]
    fn every_element_lands_where_the_formula_says() {
        let x = Tensor::<[[[f32; 3]; 2]; 18]>::randn(&mut SmallRng::seed_from_u64(1));
        let y: Tensor<[[[f32; 9]; 6]; 2]> = PixelShuffle::<3>.forward(&x);
        assert_eq!(y, Tensor::from_fn(|[c, h, w]: [usize; 3]| x.0[c * 9 + h % 3 * 3 + w % 3][h / 3][w / 3]));
    }
}
