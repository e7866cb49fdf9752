use adamant::prelude::*;

/// From `[B, 6]` to `[B, 3]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Net {
    pub a: Linear<6, 4>,
    pub b: Linear<6, 4>,
    pub c: Linear<8, 3>,
}

#[forward]
impl Net {
    pub fn forward<const B: usize>(&self, x: Tensor2<B, 6>) -> Tensor2<B, 3> {
        let h = self.b.forward(x).sigmoid() * 2.0 - 1.0;
        let x = self.a.forward(x).tanh().concat::<-1, _>(&h);
        self.c.forward(x).log_softmax::<-1>()
    }
}
