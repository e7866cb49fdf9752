use adamant::prelude::*;

/// From `[B, 3]` and `[B, 5]` to `[B, 4]` and `[B, 4]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Net {
    pub f: Linear<3, 4>,
    pub g: Linear<5, 4>,
}

#[forward]
impl Net {
    pub fn forward<const B: usize>(
        &self,
        in0: Tensor2<B, 3>,
        in1: Tensor2<B, 5>,
    ) -> (Tensor2<B, 4>, Tensor2<B, 4>) {
        let x = self.f.forward(in0);
        let h = self.g.forward(in1);
        (x * h, (x - h).softmax::<-1>())
    }
}
