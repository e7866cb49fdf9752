//! One item along the first axis: a step of a sequence, a sample of a batch.

use super::{Accumulate, Function, Function2};
use crate::tensor::{Buffer, Item, Tensor};

impl<A: Item<View: Copy>, const N: usize> Tensor<[A; N]> {
    /// What the tensor holds at `index` along its first axis: a row of a matrix, a number of a vector.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let x = Tensor([[1.0f32, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.row(1), Tensor([3.0, 4.0]));
    /// ```
    ///
    /// # Panics
    /// If `index` is not below `N`, as an array does. In a loop over `0..N` there is no check left.
    #[inline]
    pub fn row(&self, index: usize) -> A::View {
        *self.0[index].view()
    }

    /// The tensor with what it holds at `index` along its first axis replaced.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let x = Tensor([[1.0f32, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.with_row(0, &Tensor([5.0, 6.0])), Tensor([[5.0, 6.0], [3.0, 4.0]]));
    /// ```
    ///
    /// # Panics
    /// As [`row`](Self::row).
    #[inline]
    pub fn with_row(mut self, index: usize, row: &A::View) -> Self {
        *self.0[index].view_mut() = *row;
        self
    }
}

/// [`Tensor::row`] as an operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Row {
    index: usize,
}

impl Row {
    /// The row with this index.
    pub const fn new(index: usize) -> Self {
        Self { index }
    }
}

impl<A: Item<View: Buffer + Accumulate>, const N: usize> Function<Tensor<[A; N]>> for Row {
    type Output = A::View;

    #[inline]
    fn forward(&self, x: &Tensor<[A; N]>) -> A::View {
        x.row(self.index)
    }

    /// dx\[index\] += dy.
    #[inline]
    fn backward(&self, _: &Tensor<[A; N]>, _: &A::View, dy: &A::View, dx: &mut Tensor<[A; N]>) {
        dx.0[self.index].view_mut().accumulate(dy);
    }
}

/// [`Tensor::with_row`] as an operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WithRow {
    index: usize,
}

impl WithRow {
    /// The row with this index.
    pub const fn new(index: usize) -> Self {
        Self { index }
    }
}

impl<A: Item<View: Accumulate>, const N: usize> Function2<Tensor<[A; N]>, A::View> for WithRow {
    type Output = Tensor<[A; N]>;

    #[inline]
    fn forward(&self, x: &Tensor<[A; N]>, row: &A::View) -> Tensor<[A; N]> {
        x.with_row(self.index, row)
    }

    /// dx += dy but for the row.
    #[inline]
    fn backward_a(&self, _: &Tensor<[A; N]>, _: &A::View, _: &Tensor<[A; N]>, dy: &Tensor<[A; N]>, dx: &mut Tensor<[A; N]>) {
        for (t, (dx, dy)) in dx.0.iter_mut().zip(&dy.0).enumerate() {
            if t != self.index {
                dx.view_mut().accumulate(dy.view());
            }
        }
    }

    /// drow += dy\[index\].
    #[inline]
    fn backward_b(&self, _: &Tensor<[A; N]>, _: &A::View, _: &Tensor<[A; N]>, dy: &Tensor<[A; N]>, drow: &mut A::View) {
        drow.accumulate(dy.0[self.index].view());
    }
}
