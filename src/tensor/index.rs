//! Element access that cannot fail, or says so in its type.
//!
//! There is no `t[7]` on a tensor, and no `t[[i, j]]`: Rust's `[]` has no answer but a panic where the index is out of range. One
//! that may be gives an [`Option`] ([`Tensor::get`]), a constant one is checked by the compiler ([`Tensor::at`]), and [`Idx`] is a
//! number that is known to be in range, with which `t[i][j]` is safe. Who wants the panic has the nested array: `t.0[i][j]`.

use super::Tensor;
use crate::shape::{RankNumber, Shape};

/// The index of one element of a tensor of shape `S`: an array of as many numbers as `S` has dimensions.
pub type Index<S> = <<S as Shape>::Rank as RankNumber>::Index;

/// Moves an index to the next element in row-major order.
pub(super) fn advance<S: Shape>(at: &mut [usize]) {
    for (i, size) in at.iter_mut().zip(S::DIMS.as_slice()).rev() {
        *i += 1;
        if *i < *size {
            return;
        }
        *i = 0;
    }
}

/// What stands in an array of shapes, as a user sees it: the number itself, or a tensor.
pub trait Item: Shape {
    /// `Self` for a number, `Tensor<Self>` for an array.
    type View;
    /// An item whose every element is `value`, as its view.
    fn filled(value: Self::Elem) -> Self::View;
    /// A reference to the item as its view.
    fn view(&self) -> &Self::View;
    /// A reference to the item as its view, to write to.
    fn view_mut(&mut self) -> &mut Self::View;
}

impl<A: Shape, const N: usize> Item for [A; N] {
    type View = Tensor<[A; N]>;

    #[inline]
    fn filled(value: Self::Elem) -> Self::View {
        Tensor::full(value)
    }

    #[inline]
    fn view(&self) -> &Self::View {
        Tensor::from_ref(self)
    }

    #[inline]
    fn view_mut(&mut self) -> &mut Self::View {
        Tensor::from_mut(self)
    }
}

macro_rules! numbers {
    ($($t:ty),+) => {$(
        impl Item for $t {
            type View = $t;

            #[inline]
            fn filled(value: $t) -> $t {
                value
            }

            #[inline]
            fn view(&self) -> &$t {
                self
            }

            #[inline]
            fn view_mut(&mut self) -> &mut $t {
                self
            }
        }
    )+};
}

numbers!(f32, f64, bool, usize, isize, u8, u16, u32, u64, i8, i16, i32, i64);

/// A number below `N`: an index that is always in range, so that `x[i]` is safe. An index that may not be is for
/// [`get`](Tensor::get), `x.get([i, j])`, and a constant one for [`at`](Tensor::at).
///
/// ```
/// use adamant::prelude::*;
/// let x = Tensor([3.0f32, 1.0, 2.0]);
/// let best: Idx<3> = x.argmax_index().unwrap();
/// assert_eq!(x[best], 3.0);
/// assert_eq!(Idx::<3>::all().map(|i| x[i]).sum::<f32>(), 6.0);
/// assert!(Idx::<3>::new(3).is_none());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Idx<const N: usize>(usize);

impl<const N: usize> Idx<N> {
    /// `i`, or `None` if it is not below `N`.
    #[inline]
    pub const fn new(i: usize) -> Option<Self> {
        if i < N { Some(Self(i)) } else { None }
    }

    /// The number.
    #[inline]
    pub const fn get(self) -> usize {
        self.0
    }

    /// Every number below `N`, in order.
    pub fn all() -> impl ExactSizeIterator<Item = Self> + DoubleEndedIterator + Clone {
        (0..N).map(Self)
    }
}

impl<A: Item, const N: usize> core::ops::Index<Idx<N>> for Tensor<[A; N]> {
    type Output = A::View;

    #[inline]
    fn index(&self, i: Idx<N>) -> &A::View {
        // `min` changes nothing (an `Idx` is below N); it shows the optimiser that no check is needed.
        self.0[i.0.min(N - 1)].view()
    }
}

impl<A: Item, const N: usize> core::ops::IndexMut<Idx<N>> for Tensor<[A; N]> {
    #[inline]
    fn index_mut(&mut self, i: Idx<N>) -> &mut A::View {
        self.0[i.0.min(N - 1)].view_mut()
    }
}

impl<S: Shape> Tensor<S> {
    /// The element at an index, or `None` if a number of it is out of range.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let x = Tensor([[1.0f32, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.get([1, 0]), Some(&3.0));
    /// assert_eq!(x.get([0, 2]), None);
    /// ```
    #[doc(alias = "item")]
    #[inline]
    pub fn get(&self, index: Index<S>) -> Option<&S::Elem> {
        self.as_slice().get(offset::<S>(index)?)
    }

    /// The element at an index, to write to, or `None` if a number of it is out of range.
    #[inline]
    pub fn get_mut(&mut self, index: Index<S>) -> Option<&mut S::Elem> {
        let at = offset::<S>(index)?;
        self.as_mut_slice().get_mut(at)
    }
}

/// Where an element stands in the flat view.
#[inline]
fn offset<S: Shape>(index: Index<S>) -> Option<usize> {
    let mut at = 0;
    for (i, size) in index.as_ref().iter().zip(S::DIMS.as_slice()) {
        if i >= size {
            return None;
        }
        at = at * size + i;
    }
    Some(at)
}

impl<A: Item, const N: usize> Tensor<[A; N]> {
    /// The item at a constant place: the number of a vector, the row of a matrix. A place out of range does not compile.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let x = Tensor([[1.0f32, 2.0], [3.0, 4.0]]);
    /// assert_eq!(*x.at::<1>().at::<0>(), 3.0);
    /// ```
    /// ```compile_fail
    /// # use adamant::prelude::*;
    /// Tensor([1.0f32, 2.0]).at::<2>();
    /// ```
    #[inline]
    pub fn at<const I: usize>(&self) -> &A::View {
        const { assert!(I < N, "the index is past the end of the tensor's first dimension") };
        self.0[I].view()
    }

    /// The item at a constant place, to write to. A place out of range does not compile.
    #[inline]
    pub fn at_mut<const I: usize>(&mut self) -> &mut A::View {
        const { assert!(I < N, "the index is past the end of the tensor's first dimension") };
        self.0[I].view_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn out_of_range_is_none() {
        let mut t = Tensor([[[1.0f32, 2.0], [3.0, 4.0]]]);
        assert_eq!(t.get([0, 1, 1]), Some(&4.0));
        assert_eq!(t.get([1, 0, 0]), None);
        assert_eq!(t.get([0, 0, 2]), None);
        *t.get_mut([0, 1, 0]).unwrap() = 9.0;
        assert_eq!(t.as_slice(), [1.0, 2.0, 9.0, 4.0]);
    }

    #[test]
    fn typed_indices_read_and_write() {
        let mut t = Tensor([[1.0f32, 2.0], [3.0, 4.0]]);
        for (i, j) in Idx::<2>::all().zip(Idx::<2>::all().rev()) {
            t[i][j] = 0.0;
        }
        assert_eq!(t, Tensor([[1.0, 0.0], [0.0, 4.0]]));
        *t.at_mut::<0>().at_mut::<1>() = 5.0;
        assert_eq!(*t.at::<0>(), Tensor([1.0, 5.0]));
    }
}
