//! Rows by their numbers: the embedding of words.

use core::slice;

use super::Function2;
use crate::shape::{Indices, Shape};
use crate::simd::{self, Float};
use crate::tensor::Tensor;

impl<A: Shape<Elem: Float>, const V: usize> Tensor<[A; V]> {
    /// The rows that `indices` name, yᵢ = x\[indicesᵢ\]: a table `V×E` and `N` indices give `N×E`, and `B×N` indices `B×N×E`. An
    /// index that is negative or not below `V` gives a row of NaN. After
    /// [`torch.nn.functional.embedding`](https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.embedding.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let table = Tensor([[1.0f32, 2.0], [3.0, 4.0], [5.0, 6.0]]);
    /// assert_eq!(table.gather(&Tensor([2u8, 0, 2])), Tensor([[5.0, 6.0], [1.0, 2.0], [5.0, 6.0]]));
    /// assert_eq!(table.gather(&Tensor(1usize)), Tensor([3.0, 4.0]));
    /// ```
    #[doc(alias("embedding", "index_select", "take"))]
    #[inline]
    pub fn gather<I: Indices>(&self, indices: &Tensor<I>) -> Tensor<I::Rows<A>> {
        let mut y = Tensor::<I::Rows<A>>::zeros();
        self.gather_into(indices, &mut y);
        y
    }

    /// As [`gather`](Self::gather), written over `y`.
    #[inline]
    pub fn gather_into<I: Indices>(&self, indices: &Tensor<I>, y: &mut Tensor<I::Rows<A>>) {
        for (y, &i) in y.as_mut_slice().chunks_exact_mut(A::LEN.max(1)).zip(indices) {
            match place(i).and_then(|i| self.0.get(i)) {
                Some(row) => simd::copy(A::flatten(slice::from_ref(row)), y),
                None => y.fill(Float::NAN),
            }
        }
    }
}

/// dx\[indicesᵢ\] += dyᵢ, for y = x.gather(indices). An index out of range adds to nothing.
#[inline]
pub fn gather_backward<A: Shape<Elem: Float>, I: Indices, const V: usize>(
    indices: &Tensor<I>,
    dy: &Tensor<I::Rows<A>>,
    dx: &mut Tensor<[A; V]>,
) {
    for (dy, &i) in dy.as_slice().chunks_exact(A::LEN.max(1)).zip(indices) {
        if let Some(row) = place(i).and_then(|i| dx.0.get_mut(i)) {
            simd::add_assign(A::flatten_mut(slice::from_mut(row)), dy);
        }
    }
}

/// The index as the computer counts, if it is not negative.
#[inline(always)]
fn place(index: impl TryInto<usize>) -> Option<usize> {
    index.try_into().ok()
}

operation! {
    /// [`Tensor::gather`] as an operation. To the indices no gradient flows.
    Gather
}

impl<A: Shape<Elem: Float>, I: Indices, const V: usize> Function2<Tensor<[A; V]>, Tensor<I>> for Gather {
    type Output = Tensor<I::Rows<A>>;
    const READS_OUTPUT: bool = false;

    #[inline]
    fn forward(&self, x: &Tensor<[A; V]>, indices: &Tensor<I>) -> Self::Output {
        x.gather(indices)
    }

    #[inline]
    fn backward_a(
        &self,
        _: &Tensor<[A; V]>,
        indices: &Tensor<I>,
        _: &Self::Output,
        dy: &Self::Output,
        dx: &mut Tensor<[A; V]>,
    ) {
        gather_backward(indices, dy, dx);
    }

    /// Nothing.
    #[inline]
    fn backward_b(&self, _: &Tensor<[A; V]>, _: &Tensor<I>, _: &Self::Output, _: &Self::Output, _: &mut Tensor<I>) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::Function;
    use crate::ops::testing::{check, check_f32, wavy};
    use crate::tensor::Buffer;

    /// With its indices.
    struct Gathered<I>(Tensor<I>);

    impl<T: Float, A: Shape<Elem = T>, I: Indices, const V: usize> Function<Tensor<[A; V]>> for Gathered<I>
    where
        Tensor<I::Rows<A>>: Buffer,
    {
        type Output = Tensor<I::Rows<A>>;
        const READS_OUTPUT: bool = false;

        fn forward(&self, x: &Tensor<[A; V]>) -> Self::Output {
            Gather::new().forward(x, &self.0)
        }

        fn backward(&self, x: &Tensor<[A; V]>, y: &Self::Output, dy: &Self::Output, dx: &mut Tensor<[A; V]>) {
            Gather::new().backward_a(x, &self.0, y, dy, dx);
        }
    }

    #[test]
    fn gradients() {
        let x = wavy::<[[f64; 3]; 4], f64>(0.0);
        check(Gathered(Tensor([3usize, 0, 3])), &x);
        check(Gathered(Tensor([[3u8, 0], [1, 1], [2, 2]])), &x);
        check(Gathered(Tensor(2i64)), &x);
        check(Gathered(Tensor::<[u8; 0]>::zeros()), &x);
        check(Gathered(Tensor([0u8, 1])), &Tensor::<[[f64; 0]; 2]>::zeros());
        check(Gathered(Tensor([0u8, 1])), &Tensor([1.0, 2.0]));
        check_f32(Gathered(Tensor([3usize, 0, 3])), Gathered(Tensor([3usize, 0, 3])), &x, 1e-6);
    }

    #[test]
    fn an_index_out_of_range_gives_nan_and_no_gradient() {
        let x = Tensor([[1.0f32, 2.0], [3.0, 4.0]]);
        let y = x.gather(&Tensor([-1i64, 1, 2, i64::MAX]));
        assert_eq!(y.0[1], [3.0, 4.0]);
        assert!([0, 2, 3].iter().all(|&i| y.0[i].iter().all(|y| y.is_nan())));
        let mut dx = Tensor::zeros();
        gather_backward(&Tensor([-1i64, 1, 2, i64::MAX]), &Tensor([[1.0, 10.0]; 4]), &mut dx);
        assert_eq!(dx, Tensor([[0.0, 0.0], [1.0, 10.0]]));
        assert!(Tensor::<[f32; 0]>::zeros().gather(&Tensor(0usize)).0.is_nan());
    }

    /// It asks for no bound where the sizes are generic.
    fn embedding<T: Float, const V: usize, const E: usize, const N: usize>(
        table: &Tensor<[[T; E]; V]>,
        words: &Tensor<[usize; N]>,
    ) -> Tensor<[[T; E]; N]> {
        table.gather(words)
    }

    #[test]
    fn generic_sizes() {
        assert_eq!(embedding(&Tensor([[1.0f32, 2.0]]), &Tensor([0, 0])), Tensor([[1.0, 2.0]; 2]));
    }
}
