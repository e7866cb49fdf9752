//! One item along the first axis: a step of a sequence, a sample of a batch.

use super::{Accumulate, Function, Function2};
use crate::simd::Float;
use crate::tensor::{Buffer, Item, Tensor};

impl<A: Item<Elem: Float, View: Copy>, const N: usize> Tensor<[A; N]> {
    /// What the tensor holds at `index` along its first axis: a row of a matrix, a number of a vector.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let x = Tensor([[1.0f32, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.row(1), Tensor([3.0, 4.0]));
    /// ```
    ///
    /// An index that is not below `N` gives NaN. (A panic would put a panicking path into every forward pass with a loop. Where
    /// the index may be wrong, ask [`get`](Self::get) or [`rows`](Self::rows).)
    #[doc(alias = "unbind")]
    #[inline]
    pub fn row(&self, index: usize) -> A::View {
        self.0.get(index).map_or_else(|| A::filled(Float::NAN), |item| *item.view())
    }

    /// The tensor with what it holds at `index` along its first axis replaced.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let x = Tensor([[1.0f32, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.with_row(0, &Tensor([5.0, 6.0])), Tensor([[5.0, 6.0], [3.0, 4.0]]));
    /// ```
    ///
    /// An index that is not below `N` gives NaN everywhere.
    #[doc(alias("index_put", "select_scatter"))]
    #[inline]
    pub fn with_row(mut self, index: usize, row: &A::View) -> Self {
        match self.0.get_mut(index) {
            Some(item) => *item.view_mut() = *row,
            None => self.fill(Float::NAN),
        }
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

impl<A: Item<Elem: Float, View: Buffer + Accumulate>, const N: usize> Function<Tensor<[A; N]>> for Row {
    type Output = A::View;
    const READS_OUTPUT: bool = false;

    #[inline]
    fn forward(&self, x: &Tensor<[A; N]>) -> A::View {
        x.row(self.index)
    }

    /// dx\[index\] += dy.
    #[inline]
    fn backward(&self, _: &Tensor<[A; N]>, _: &A::View, dy: &A::View, dx: &mut Tensor<[A; N]>) {
        if let Some(item) = dx.0.get_mut(self.index) {
            item.view_mut().accumulate(dy);
        }
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

impl<A: Item<Elem: Float, View: Accumulate>, const N: usize> Function2<Tensor<[A; N]>, A::View> for WithRow {
    type Output = Tensor<[A; N]>;
    const READS_OUTPUT: bool = false;

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
        if let Some(item) = dy.0.get(self.index) {
            drow.accumulate(item.view());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_out_of_range_gives_nan() {
        let x = Tensor([[1.0f32, 2.0], [3.0, 4.0]]);
        assert!(x.row(2).iter().all(|x| x.is_nan()));
        assert!(x.at::<0>().row(7).is_nan());
        assert!(x.with_row(2, &Tensor([0.0, 0.0])).iter().all(|x| x.is_nan()));
        let mut dx = Tensor::zeros();
        Row::new(2).backward(&x, &x.row(2), &Tensor([1.0, 1.0]), &mut dx);
        assert_eq!(dx, Tensor::zeros());
    }
}
