use adamant::prelude::*;

/// From `[B, 4]` to `[B, 2]` and `[B]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Net {
    pub b: Linear<4, 6>,
    pub p: Linear<6, 2>,
    pub v: Linear<6, 1>,
}

#[forward]
impl Net {
    pub fn forward<const B: usize>(&self, x: Tensor2<B, 4>) -> (Tensor2<B, 2>, Tensor1<B>) {
        let x = self.b.forward(x).tanh();
        let h = self.v.forward(x).remove_axis::<-1>();
        (self.p.forward(x).softmax::<-1>(), h)
    }
}
