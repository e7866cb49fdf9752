//! A value as a constant.

use super::{Accumulate, Function};

operation! {
    /// [`Tensor::detach`](crate::Tensor::detach) as an operation, on anything.
    Detach
}

impl<A: Accumulate> Function<A> for Detach {
    type Output = A;
    const READS_OUTPUT: bool = false;

    #[inline]
    fn forward(&self, x: &A) -> A {
        *x
    }

    /// Nothing.
    #[inline]
    fn backward(&self, _: &A, _: &A, _: &A, _: &mut A) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::Tensor;

    #[test]
    fn no_gradient_flows() {
        let x = Tensor([1.0f32, f32::NAN]);
        let mut dx = Tensor([3.0; 2]);
        Detach::new().backward(&x, &x.detach(), &x, &mut dx);
        assert_eq!((dx, Detach::new().forward(&2.0f64)), (Tensor([3.0; 2]), 2.0));
    }
}
