//! One of two numbers, by a mask.

use super::{Function, Function2};
use crate::shape::{Mask, Shape};
use crate::simd::Float;
use crate::simd::positive;
use crate::tensor::Tensor;

impl<S: Shape<Elem = T>, T: Float> Tensor<S> {
    /// The element of `self` where `mask` is true, that of `other` where it is not. The mask has both tensors' dimensions, or the
    /// trailing ones and repeats; no gradient flows to it. After
    /// [`torch.where`](https://docs.pytorch.org/docs/stable/generated/torch.where.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let (a, b) = (Tensor([[1.0f32, 2.0], [3.0, 4.0]]), Tensor([[-1.0, -2.0], [-3.0, -4.0]]));
    /// assert_eq!(a.select(&Tensor([true, false]), &b), Tensor([[1.0, -2.0], [3.0, -4.0]]));
    /// ```
    #[doc(alias = "where")]
    #[inline]
    pub fn select<M: Mask<S>>(&self, mask: &Tensor<M>, other: &Self) -> Self {
        let mut y = *self;
        each(mask, &mut y, other, |y, other, chosen| *y = if chosen { *y } else { other });
        y
    }

    /// `value` where `mask` is true, the element of `self` where it is not: attention hides what it may not see with −∞. The mask
    /// has the tensor's dimensions, or the trailing ones and repeats; no gradient flows to it. After
    /// [`torch.Tensor.masked_fill`](https://docs.pytorch.org/docs/stable/generated/torch.Tensor.masked_fill.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let later = Tensor([[false, true], [false, false]]);
    /// let scores = Tensor([[1.0f32, 1.0], [1.0, 1.0]]);
    /// assert_eq!(scores.masked_fill(&later, f32::NEG_INFINITY).softmax::<-1>(), Tensor([[1.0, 0.0], [0.5, 0.5]]));
    /// ```
    #[inline]
    pub fn masked_fill<M: Mask<S>>(&self, mask: &Tensor<M>, value: T) -> Self {
        let mut y = *self;
        each(mask, &mut y, self, |y, x, hidden| *y = if hidden { value } else { x });
        y
    }
}

/// Calls `f` with each element of `y`, its counterpart in `x` and whether the mask chooses it.
#[inline(always)]
fn each<S: Shape, M: Mask<S>>(mask: &Tensor<M>, y: &mut Tensor<S>, x: &Tensor<S>, f: impl Fn(&mut S::Elem, S::Elem, bool)) {
    let period = M::LEN.max(1);
    for (y, x) in y.as_mut_slice().chunks_exact_mut(positive(period)).zip(x.as_slice().chunks_exact(positive(period))) {
        for ((y, &x), &mask) in y.iter_mut().zip(x).zip(mask) {
            f(y, x, mask);
        }
    }
}

/// da += dy where `mask` is `chosen`: with `true` the gradient of what [`Tensor::select`] takes from, with `false` of the other,
/// and of what [`Tensor::masked_fill`] leaves.
#[inline]
pub fn select_backward<S: Shape<Elem: Float>, M: Mask<S>>(mask: &Tensor<M>, chosen: bool, dy: &Tensor<S>, da: &mut Tensor<S>) {
    each(mask, da, dy, |da, dy, mask| {
        if mask == chosen {
            *da += dy;
        }
    });
}

/// [`Tensor::select`] as an operation.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Select<'m, M> {
    mask: &'m Tensor<M>,
}

impl<'m, M: Shape<Elem = bool>> Select<'m, M> {
    /// The operation with its mask.
    pub const fn new(mask: &'m Tensor<M>) -> Self {
        Self { mask }
    }
}

impl<S: Shape<Elem: Float>, M: Mask<S>> Function2<Tensor<S>, Tensor<S>> for Select<'_, M> {
    type Output = Tensor<S>;
    const READS_OUTPUT: bool = false;

    #[inline]
    fn forward(&self, a: &Tensor<S>, b: &Tensor<S>) -> Tensor<S> {
        a.select(self.mask, b)
    }

    #[inline]
    fn backward_a(&self, _: &Tensor<S>, _: &Tensor<S>, _: &Tensor<S>, dy: &Tensor<S>, da: &mut Tensor<S>) {
        select_backward(self.mask, true, dy, da);
    }

    #[inline]
    fn backward_b(&self, _: &Tensor<S>, _: &Tensor<S>, _: &Tensor<S>, dy: &Tensor<S>, db: &mut Tensor<S>) {
        select_backward(self.mask, false, dy, db);
    }
}

/// [`Tensor::masked_fill`] as an operation.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct MaskedFill<'m, M, T> {
    mask: &'m Tensor<M>,
    value: T,
}

impl<'m, M: Shape<Elem = bool>, T> MaskedFill<'m, M, T> {
    /// The operation with its mask and value.
    pub const fn new(mask: &'m Tensor<M>, value: T) -> Self {
        Self { mask, value }
    }
}

impl<S: Shape<Elem = T>, M: Mask<S>, T: Float> Function<Tensor<S>> for MaskedFill<'_, M, T> {
    type Output = Tensor<S>;
    const READS_OUTPUT: bool = false;

    #[inline]
    fn forward(&self, x: &Tensor<S>) -> Tensor<S> {
        x.masked_fill(self.mask, self.value)
    }

    #[inline]
    fn backward(&self, _: &Tensor<S>, _: &Tensor<S>, dy: &Tensor<S>, dx: &mut Tensor<S>) {
        select_backward(self.mask, false, dy, dx);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{check, check_f32, check2, wavy};

    #[test]
    fn gradients() {
        let (a, b) = (wavy::<[[[f64; 3]; 2]; 2], f64>(0.0), wavy::<[[[f64; 3]; 2]; 2], f64>(1.0));
        let whole = Tensor::<[[[bool; 3]; 2]; 2]>::from_fn(|[i, j, k]| (i + j * k) % 2 == 0);
        check2(Select::new(&whole), &a, &b);
        check2(Select::new(&Tensor([true, false, true])), &a, &b);
        check2(Select::new(&Tensor(true)), &a, &b);
        check(MaskedFill::new(&whole, -3.0), &a);
        check(MaskedFill::new(&Tensor([[true, false, true]; 2]), -3.0), &a);
        check_f32(MaskedFill::new(&whole, -3.0), MaskedFill::new(&whole, -3.0), &a, 1e-6);
        let none = Tensor::<[[f64; 0]; 2]>::zeros();
        check2(Select::new(&Tensor::<[bool; 0]>::zeros()), &none, &none);
        check(MaskedFill::new(&Tensor::<[[bool; 0]; 2]>::zeros(), 1.0), &none);
    }

    #[test]
    fn what_is_not_chosen_leaves_no_trace() {
        let (a, b) = (Tensor([1.0f32, f32::NAN]), Tensor([f32::NAN, 2.0]));
        assert_eq!(a.select(&Tensor([true, false]), &b), Tensor([1.0, 2.0]));
        let mut da = Tensor::zeros();
        Select::new(&Tensor([true, false])).backward_a(&a, &b, &a, &Tensor([3.0, f32::NAN]), &mut da);
        assert_eq!(da, Tensor([3.0, 0.0]));
    }

    /// It asks for no bound where the sizes and the type are generic.
    fn causal<T: Float, const N: usize, const B: usize>(x: &Tensor<[[[T; N]; N]; B]>, mask: &Tensor<[[bool; N]; N]>) -> T {
        x.masked_fill(mask, T::ZERO).sum()
    }

    #[test]
    fn generic_sizes() {
        assert_eq!(causal(&Tensor([[[1.0f32, 2.0], [4.0, 8.0]]; 2]), &Tensor([[false, true], [false, false]])), 26.0);
    }
}
