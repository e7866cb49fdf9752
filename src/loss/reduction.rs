//! Many losses to one number, or not.

use crate::shape::Shape;
use crate::simd::{self, Float};
use crate::tensor::{Buffer, Tensor};

/// What becomes of the losses: [`Reduction::Mean`], [`Reduction::Sum`] or [`Reduction::None`] is the last argument of every loss.
///
/// Each is a type of its own, because what a loss returns depends on it. After the `reduction` of
/// [`torch.nn.MSELoss`](https://docs.pytorch.org/docs/stable/generated/torch.nn.MSELoss.html).
#[allow(non_snake_case, reason = "it is written as an enum's name, and its items as the variants")]
pub mod Reduction {
    /// The sum of the losses over their number, as PyTorch's `"mean"`: of the elements in an element-wise loss, of the rows in a
    /// loss of classes, where a row counts as its class's weight does and not at all if it is ignored. NaN if there are none.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
    pub struct Mean;

    /// The sum of the losses, as PyTorch's `"sum"`.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
    pub struct Sum;

    /// The sum of the losses over the size of the first dimension, as PyTorch's `"batchmean"` of
    /// [`kl_div()`](super::super::kl_div()). A rank of 0 counts as a batch of 1.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
    pub struct BatchMean;

    /// A tensor of losses, as PyTorch's `"none"`. The gradient that is left is that of their sum.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
    pub struct None;
}

/// A reduction as a loss sees it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a reduction",
    note = "write `Reduction::Mean`, `Reduction::Sum` or `Reduction::None`"
)]
pub trait Reduce: Copy {
    /// What a loss returns whose losses have the shape `S`.
    type Output<S: Shape<Elem: Float>>: LossValue<S::Elem>;

    /// Whether it is the mean, in which one loss may count for more than another.
    const MEAN: bool = false;

    /// What the sum of losses of the shape `S` is divided by, where all count alike.
    fn divisor<S: Shape>(self) -> usize;

    /// Reduces losses of the shape `S`: a sum is divided by `divisor`. `next` writes the next ones, in row-major order, over the
    /// slice that it is given.
    fn reduce<S: Shape<Elem: Float>>(self, divisor: S::Elem, next: impl FnMut(&mut [S::Elem])) -> Self::Output<S>;
}

/// A number, or a tensor of losses in the order of the prediction's elements or rows.
pub trait LossValue<T>: Buffer {
    /// Multiplies the gradient of each loss, its part of `gradient`, by what stands here: the gradient with respect to the loss.
    fn chain(&self, gradient: &mut [T]);
}

impl<T: Float> LossValue<T> for T {
    #[inline]
    fn chain(&self, gradient: &mut [T]) {
        simd::scale(gradient, *self);
    }
}

impl<T: Float, S: Shape<Elem = T>> LossValue<T> for Tensor<S> {
    #[inline]
    fn chain(&self, gradient: &mut [T]) {
        match gradient.len().checked_div(S::LEN) {
            Some(1) => simd::zip_in_place(gradient, self.as_slice(), |g, factor| g * factor),
            Some(each @ 2..) => {
                let parts = gradient.chunks_exact_mut(each).zip(self.as_slice());
                parts.for_each(|(part, factor)| simd::scale(part, *factor));
            }
            _ => {}
        }
    }
}

macro_rules! quotients {
    ($($reduction:ident / |$shape:ident| $divisor:expr, $mean:expr;)+) => {$(
        impl Reduce for Reduction::$reduction {
            type Output<S: Shape<Elem: Float>> = S::Elem;

            const MEAN: bool = $mean;

            #[inline]
            fn divisor<$shape: Shape>(self) -> usize {
                $divisor
            }

            #[inline]
            fn reduce<S: Shape<Elem: Float>>(self, divisor: S::Elem, next: impl FnMut(&mut [S::Elem])) -> S::Elem {
                sum_blocks(S::LEN, next) / divisor
            }
        }
    )+};
}

quotients! {
    Mean / |S| S::LEN, true;
    Sum / |S| 1, false;
    BatchMean / |S| S::DIMS.as_slice().first().copied().unwrap_or(1), false;
}

impl Reduce for Reduction::None {
    type Output<S: Shape<Elem: Float>> = Tensor<S>;

    #[inline]
    fn divisor<S: Shape>(self) -> usize {
        1
    }

    #[inline]
    fn reduce<S: Shape<Elem: Float>>(self, _: S::Elem, mut next: impl FnMut(&mut [S::Elem])) -> Tensor<S> {
        let mut losses = Tensor::zeros();
        next(losses.as_mut_slice());
        losses
    }
}

/// The sum of `len` numbers, of which `next` writes as many as it is given room for. Element i goes to partial sum i mod 32.
#[inline(always)]
pub(super) fn sum_blocks<T: Float>(len: usize, mut next: impl FnMut(&mut [T])) -> T {
    let mut partials = [T::ZERO; 32];
    let mut left = len;
    while left > 0 {
        let mut block = [T::ZERO; 32];
        let room = left.min(block.len());
        if let Some(block) = block.get_mut(..room) {
            next(block);
        }
        simd::add_assign(&mut partials, &block);
        left -= room;
    }
    simd::sum(&partials)
}

/// Σ f(x).
#[inline(always)]
pub(super) fn sum_of<T: Float>(mut x: &[T], f: impl Fn(T) -> T) -> T {
    sum_blocks(x.len(), |block| simd::map(x.split_off(..block.len()).unwrap_or_default(), block, &f))
}

/// Σ f(a, b).
#[inline(always)]
pub(super) fn sum_of_pairs<T: Float>(mut a: &[T], mut b: &[T], f: impl Fn(T, T) -> T) -> T {
    sum_blocks(a.len().min(b.len()), |block| {
        let (a, b) = (a.split_off(..block.len()), b.split_off(..block.len()));
        simd::zip(a.unwrap_or_default(), b.unwrap_or_default(), block, &f);
    })
}

/// Σ f(a, b, c).
#[inline(always)]
pub(super) fn sum_of_triples<T: Float>(mut a: &[T], mut b: &[T], mut c: &[T], f: impl Fn(T, T, T) -> T) -> T {
    sum_blocks(a.len().min(b.len()).min(c.len()), |block| {
        let (a, b, c) = (a.split_off(..block.len()), b.split_off(..block.len()), c.split_off(..block.len()));
        let (a, b, c) = (a.unwrap_or_default(), b.unwrap_or_default(), c.unwrap_or_default());
        for (sum, ((&a, &b), &c)) in block.iter_mut().zip(a.iter().zip(b).zip(c)) {
            *sum = f(a, b, c);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_is_summed_once() {
        let x: [f64; 100] = core::array::from_fn(|i| i as f64);
        for len in [0, 1, 31, 32, 33, 64, 100] {
            assert_eq!(sum_of(&x[..len], |x| x), (len * len.saturating_sub(1) / 2) as f64);
            assert_eq!(sum_of_pairs(&x[..len], &x, |a, b| a - b), 0.0);
            assert_eq!(sum_of_triples(&x, &x[..len], &x, |a, b, c| a + b - 2.0 * c), 0.0);
        }
    }

    #[test]
    fn divisors() {
        type S = [[f32; 3]; 5];
        assert_eq!(Reduction::Mean.divisor::<S>(), 15);
        assert_eq!(Reduction::Sum.divisor::<S>(), 1);
        assert_eq!(Reduction::None.divisor::<S>(), 1);
        assert_eq!(Reduction::BatchMean.divisor::<S>(), 5);
        assert_eq!(Reduction::BatchMean.divisor::<f32>(), 1);
    }
}
