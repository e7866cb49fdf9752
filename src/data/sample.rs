//! What samples become side by side in a batch.

use crate::shape::Shape;
use crate::tensor::Tensor;

/// A sample, a target or a label: something of which a batch of `B` has a type of its own.
///
/// | sample | batch of B |
/// |---|---|
/// | an array, `[f32; 64]` or `[[u8; 28]; 28]` | a tensor, `Tensor<[[f32; 64]; B]>` |
/// | `Tensor<S>` | `Tensor<[S; B]>` |
/// | a float: a target of regression | `Tensor<[f32; B]>` |
/// | an integer or `bool`: a class label | an array, `[u8; B]` |
#[diagnostic::on_unimplemented(message = "`{Self}` is not a sample, of which a batch can be made")]
pub trait Sample: Copy {
    /// What stands in the batch for the sample.
    type Item: Copy;
    /// A batch of `B` samples.
    type Batch<const B: usize>;

    /// The sample as it stands in the batch.
    fn item(&self) -> &Self::Item;

    /// A batch filled with zeros (`false`).
    fn zeros<const B: usize>() -> Self::Batch<B>;

    /// The items of a batch, to write to.
    fn items<const B: usize>(batch: &mut Self::Batch<B>) -> &mut [Self::Item; B];
}

impl<S: Shape> Sample for Tensor<S> {
    type Item = S;
    type Batch<const B: usize> = Tensor<[S; B]>;

    #[inline]
    fn item(&self) -> &S {
        &self.0
    }

    #[inline]
    fn zeros<const B: usize>() -> Tensor<[S; B]> {
        Tensor::zeros()
    }

    #[inline]
    fn items<const B: usize>(batch: &mut Tensor<[S; B]>) -> &mut [S; B] {
        &mut batch.0
    }
}

/// Samples that stand in a tensor as they are.
macro_rules! in_tensors {
    ($([$($generics:tt)*] $t:ty;)+) => {$(
        impl<$($generics)*> Sample for $t {
            type Item = Self;
            type Batch<const B: usize> = Tensor<[Self; B]>;

            #[inline]
            fn item(&self) -> &Self {
                self
            }

            #[inline]
            fn zeros<const B: usize>() -> Tensor<[Self; B]> {
                Tensor::zeros()
            }

            #[inline]
            fn items<const B: usize>(batch: &mut Tensor<[Self; B]>) -> &mut [Self; B] {
                &mut batch.0
            }
        }
    )+};
}

in_tensors! {
    [A: Shape, const N: usize] [A; N];
    [] f32;
    [] f64;
}

macro_rules! in_arrays {
    ($($t:ty),+) => {$(
        impl Sample for $t {
            type Item = Self;
            type Batch<const B: usize> = [Self; B];

            #[inline]
            fn item(&self) -> &Self {
                self
            }

            #[inline]
            fn zeros<const B: usize>() -> [Self; B] {
                Shape::ZEROS
            }

            #[inline]
            fn items<const B: usize>(batch: &mut [Self; B]) -> &mut [Self; B] {
                batch
            }
        }
    )+};
}

in_arrays!(bool, u8, u16, u32, u64, usize, i8, i16, i32, i64, isize);
