//! The tensor: construction, views, element access, iteration.
//!
//! | file | what it holds |
//! |---|---|
//! | `mod.rs` | [`Tensor`]: construction, flat and nested views, map and zip |
//! | `index.rs` | element access that cannot fail, or says so in its type |
//! | `arith.rs` | `+ - * /` between tensors, with scalars, in place |
//! | `random.rs` | normal and uniform tensors |
//! | `print/` | printing as NumPy prints |
//! | `buffer.rs` | [`Buffer`]: memory that a layer may ask for |
//!
//! What computes (matrix products, reductions, …) stands in [`ops`](crate::ops), one file an operation.

mod arith;
mod buffer;
mod index;
mod print;
mod random;

pub use arith::{Right, RightInPlace};
pub(crate) use arith::{combine, combine_in_place};
pub use buffer::Buffer;
pub use index::{Idx, Item};

use crate::heap::{Filled, Slot};
use crate::shape::{Element, Rank, Shape};
use crate::simd::{self, Float};
use ref_cast::RefCast;

/// An array of numbers whose shape is its type: `Tensor<[[f32; 3]; 2]>` has two rows of three.
///
/// It is a transparent wrapper of the nested array, nothing more: no pointer, no header, no heap. It is `Copy`, as arrays are;
/// pass large ones by reference.
///
/// ```
/// use adamant::prelude::*;
///
/// let x = Tensor([[1.0f32, 2.0, 3.0], [4.0, 5.0, 6.0]]);
/// assert_eq!(x.get([1, 2]), Some(&6.0));
/// assert_eq!(x.as_slice(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
/// assert_eq!(x.to_string(), "[[1. 2. 3.]\n [4. 5. 6.]]");
/// ```
#[derive(Clone, Copy, PartialEq, Debug, RefCast)]
#[repr(transparent)]
pub struct Tensor<S>(
    /// The elements as a nested array.
    pub S,
);

/// A vector of `N` numbers.
pub type Tensor1<const N: usize, T = f32> = Tensor<[T; N]>;
/// A matrix: `R` rows of `C` numbers.
pub type Tensor2<const R: usize, const C: usize, T = f32> = Tensor<[[T; C]; R]>;
/// `A` matrices: channels × height × width, or batch × time × features.
pub type Tensor3<const A: usize, const R: usize, const C: usize, T = f32> = Tensor<[[[T; C]; R]; A]>;
/// batch × channels × height × width.
pub type Tensor4<const B: usize, const C: usize, const H: usize, const W: usize, T = f32> = Tensor<[[[[T; W]; H]; C]; B]>;

/// Construction.
impl<S: Shape> Tensor<S> {
    /// The number of elements.
    #[doc(alias = "numel")]
    pub const LEN: usize = S::LEN;

    /// Every element zero (`false`).
    #[doc(alias = "zeros_like")]
    #[inline]
    pub const fn zeros() -> Self {
        Self(S::ZEROS)
    }

    /// As [`full`](Self::full), made in place.
    pub(crate) fn full_in(slot: Slot<'_, Self>, value: S::Elem) -> Filled<'_, Self> {
        crate::in_place!(slot, Self { 0: |slot| S::full_in(slot, value) })
    }

    /// Every element `value`.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor::<[[f32; 2]; 2]>::full(3.0), Tensor([[3.0, 3.0], [3.0, 3.0]]));
    /// ```
    #[doc(alias = "full_like")]
    #[inline]
    pub fn full(value: S::Elem) -> Self {
        let mut t = Self::zeros();
        t.fill(value);
        t
    }

    /// Each element computed from its index, outermost dimension first.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let eye: Tensor2<3, 3> = Tensor::from_fn(|[i, j]| if i == j { 1.0 } else { 0.0 });
    /// assert_eq!(eye, Tensor([[1., 0., 0.], [0., 1., 0.], [0., 0., 1.]]));
    /// ```
    // The number of dimensions is a parameter, not `S::Rank::Index`, so that a closure's pattern tells it while `S` is still to be found.
    #[doc(alias("eye", "arange", "linspace", "fromfunction"))]
    pub fn from_fn<const RANK: usize>(mut f: impl FnMut([usize; RANK]) -> S::Elem) -> Self
    where
        S: Shape<Rank = Rank<RANK>>,
    {
        let mut t = Self::zeros();
        let mut at = [0; RANK];
        for element in t.as_mut_slice() {
            *element = f(at);
            index::advance::<S>(&mut at);
        }
        t
    }

    /// The elements of a slice in row-major order, or `None` if their number is not [`LEN`](Self::LEN).
    pub fn from_slice(elements: &[S::Elem]) -> Option<Self> {
        let mut t = Self::zeros();
        (elements.len() == S::LEN).then(|| t.as_mut_slice().copy_from_slice(elements))?;
        Some(t)
    }

    /// A reference to a nested array as a reference to a tensor.
    #[inline]
    pub fn from_ref(array: &S) -> &Self {
        Self::ref_cast(array)
    }

    /// A reference to a nested array as a reference to a tensor, to write to.
    #[inline]
    pub fn from_mut(array: &mut S) -> &mut Self {
        Self::ref_cast_mut(array)
    }

    /// Sets every element to `value`.
    #[inline]
    pub fn fill(&mut self, value: S::Elem) {
        self.as_mut_slice().fill(value);
    }

    /// The same numbers as another type.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let pixels = Tensor([[0u8, 16], [8, 4]]);
    /// assert_eq!(pixels.map_to(|p| f32::from(p) / 16.0), Tensor([[0.0, 1.0], [0.5, 0.25]]));
    /// ```
    #[doc(alias("astype", "to", "type"))]
    pub fn map_to<U: Element>(&self, mut f: impl FnMut(S::Elem) -> U) -> Tensor<S::Cast<U>> {
        let mut t = Tensor::<S::Cast<U>>::zeros();
        for (to, from) in t.as_mut_slice().iter_mut().zip(self.as_slice()) {
            *to = f(*from);
        }
        t
    }
}

impl<S: Shape<Elem = T>, T: Float> Tensor<S> {
    /// Every element one.
    #[doc(alias = "ones_like")]
    #[inline]
    pub fn ones() -> Self {
        Self::full(T::ONE)
    }
}

/// Views.
impl<S: Shape> Tensor<S> {
    /// All elements, row by row.
    #[inline]
    pub fn as_slice(&self) -> &[S::Elem] {
        S::flatten(core::slice::from_ref(&self.0))
    }

    /// All elements, row by row, to write to.
    #[inline]
    pub fn as_mut_slice(&mut self) -> &mut [S::Elem] {
        S::flatten_mut(core::slice::from_mut(&mut self.0))
    }

    /// The nested array. Rust's own indexing works on it, and refuses a constant index that is out of range.
    #[inline]
    pub const fn as_array(&self) -> &S {
        &self.0
    }

    /// The nested array, to write to.
    #[inline]
    pub const fn as_mut_array(&mut self) -> &mut S {
        &mut self.0
    }

    /// The elements, row by row.
    #[inline]
    pub fn iter(&self) -> core::slice::Iter<'_, S::Elem> {
        self.as_slice().iter()
    }

    /// The elements, row by row, to write to.
    #[inline]
    pub fn iter_mut(&mut self) -> core::slice::IterMut<'_, S::Elem> {
        self.as_mut_slice().iter_mut()
    }
}

impl<A: Item, const N: usize> Tensor<[A; N]> {
    /// What the tensor holds along its first axis: the numbers of a vector, the rows of a matrix, the samples of a batch.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let x = Tensor([[1.0f32, 2.0], [3.0, 4.0]]);
    /// let sums: Vec<f32> = x.rows().map(|row| row.sum()).collect();
    /// assert_eq!(sums, [3.0, 7.0]);
    /// ```
    #[inline]
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &A::View> + DoubleEndedIterator {
        self.0.iter().map(A::view)
    }

    /// As [`rows`](Self::rows), to write to.
    #[inline]
    pub fn rows_mut(&mut self) -> impl ExactSizeIterator<Item = &mut A::View> + DoubleEndedIterator {
        self.0.iter_mut().map(A::view_mut)
    }
}

/// Element by element.
impl<S: Shape> Tensor<S> {
    /// `f` of each element.
    #[inline]
    pub fn map(mut self, f: impl FnMut(S::Elem) -> S::Elem) -> Self {
        self.map_in_place(f);
        self
    }

    /// Replaces each element by `f` of it.
    #[inline]
    pub fn map_in_place(&mut self, mut f: impl FnMut(S::Elem) -> S::Elem) {
        for x in self.as_mut_slice() {
            *x = f(*x);
        }
    }

    /// `f` of each pair of elements.
    #[inline]
    pub fn zip(mut self, other: &Self, f: impl FnMut(S::Elem, S::Elem) -> S::Elem) -> Self {
        self.zip_in_place(other, f);
        self
    }

    /// Replaces each element by `f` of it and the other tensor's.
    #[inline]
    pub fn zip_in_place(&mut self, other: &Self, mut f: impl FnMut(S::Elem, S::Elem) -> S::Elem) {
        for (x, y) in self.as_mut_slice().iter_mut().zip(other.as_slice()) {
            *x = f(*x, *y);
        }
    }
}

impl<S: Shape<Elem = T>, T: Float> Tensor<S> {
    /// Whether every pair of elements satisfies |a − b| ≤ `atol` + `rtol` · |b|, as
    /// [`torch.allclose`](https://docs.pytorch.org/docs/stable/generated/torch.allclose.html). An infinity is close to itself
    /// alone, and a NaN to nothing.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert!(Tensor([1.0f32, 2.0]).all_close(&Tensor([1.000001, 2.0]), 1e-5, 1e-8));
    /// assert!(!Tensor([1.0f32]).all_close(&Tensor([f32::INFINITY]), 1e-5, 1e-8));
    /// ```
    #[doc(alias("allclose", "isclose"))]
    pub fn all_close(&self, other: &Self, rtol: f64, atol: f64) -> bool {
        self.iter().zip(other.iter()).all(|(a, b)| {
            let (a, b) = (a.to_f64(), b.to_f64());
            is_within(a, b, atol + rtol * Float::abs(b))
        })
    }

    /// Adds `alpha · x` to each element.
    #[doc(alias = "add_")]
    #[inline]
    pub fn axpy(&mut self, alpha: T, x: &Self) {
        simd::axpy(alpha, x.as_slice(), self.as_mut_slice());
    }
}

/// Whether two numbers differ by at most `error`. Beside an infinity a relative error is itself infinite, and bounds nothing: an
/// infinity is within any error of itself and of no other number.
pub(crate) fn is_within(a: f64, b: f64, error: f64) -> bool {
    let difference = Float::abs(a - b);
    a == b || difference.is_finite() && difference <= error
}

impl<S: Shape> Default for Tensor<S> {
    fn default() -> Self {
        Self::zeros()
    }
}

impl<S: Shape> From<S> for Tensor<S> {
    fn from(array: S) -> Self {
        Self(array)
    }
}

impl<S: Shape> AsRef<[S::Elem]> for Tensor<S> {
    fn as_ref(&self) -> &[S::Elem] {
        self.as_slice()
    }
}

impl<'a, S: Shape> IntoIterator for &'a Tensor<S> {
    type Item = &'a S::Elem;
    type IntoIter = core::slice::Iter<'a, S::Elem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn construction() {
        assert_eq!(Tensor::<[[f64; 2]; 2]>::ones(), Tensor([[1.0; 2]; 2]));
        let t = Tensor::<[[usize; 3]; 2]>::from_fn(|[i, j]| 10 * i + j);
        assert_eq!(t, Tensor([[0, 1, 2], [10, 11, 12]]));
        assert_eq!(Tensor::from_slice(&[1.0f32, 2.0]), Some(Tensor([1.0f32, 2.0])));
        assert_eq!(Tensor::<[f32; 3]>::from_slice(&[1.0, 2.0]), None);
        assert_eq!(Tensor::<f32>::from_fn(|[]| 2.0), Tensor(2.0));
    }

    #[test]
    fn views_write_through() {
        let mut t = Tensor([[1.0f32, 2.0], [3.0, 4.0]]);
        t.rows_mut().for_each(|row| row.as_mut_slice().reverse());
        assert_eq!(t, Tensor([[2.0, 1.0], [4.0, 3.0]]));
        t.as_mut_array()[1][0] = 7.0;
        assert_eq!(t.as_slice(), [2.0, 1.0, 7.0, 3.0]);
    }

    #[test]
    fn empty_tensors_are_ordinary() {
        let t = Tensor::<[[f32; 0]; 3]>::ones();
        assert_eq!(t.rows().len(), 3);
        assert!(t.all_close(&t, 0.0, 0.0));
    }

    /// What `torch.allclose` says of each pair.
    #[test]
    fn what_is_close() {
        fn check<T: Float>() {
            let (inf, nan) = (f64::INFINITY, f64::NAN);
            let close = |a: f64, b: f64, rtol, atol| Tensor([T::from_f64(a)]).all_close(&Tensor([T::from_f64(b)]), rtol, atol);
            for (rtol, atol) in [(0.0, 0.0), (1e-5, 1e-8), (1.0, 1.0), (0.0, inf), (inf, 0.0)] {
                assert!(close(inf, inf, rtol, atol) && close(-inf, -inf, rtol, atol) && close(2.0, 2.0, rtol, atol));
                for (a, b) in [(1.0, inf), (0.0, -inf), (-inf, inf), (nan, inf), (nan, 1.0)] {
                    assert!(!close(a, b, rtol, atol) && !close(b, a, rtol, atol), "{a}, {b}, {rtol}, {atol}");
                }
                assert!(!close(nan, nan, rtol, atol));
            }
            // The relative error is one of the second.
            assert!(close(2.0, 4.0, 0.5, 0.0) && !close(4.0, 2.0, 0.5, 0.0));
            assert!(close(1.5, 1.0, 0.0, 0.5) && !close(1.75, 1.0, 0.0, 0.5));
        }
        check::<f32>();
        check::<f64>();
    }

    #[cfg(feature = "alloc")]
    #[test]
    fn a_large_tensor_is_made_on_the_heap() {
        // 16 MiB: it would not fit a test thread's stack.
        let mut t = Tensor::<[[f32; 2048]; 2048]>::boxed();
        t.fill(1.0);
        assert_eq!(t.get([2047, 2047]), Some(&1.0));
    }
}
