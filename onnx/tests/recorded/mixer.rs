use adamant::prelude::*;

/// From `[B, 5, 4]` to `[B, 4]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Net {
    pub n: LayerNorm<[f32; 4]>,
    pub t: Linear<5, 5>,
    pub c: Linear<4, 4>,
}

#[forward]
impl Net {
    pub fn forward<const B: usize>(&self, x: Tensor3<B, 5, 4>) -> Tensor2<B, 4> {
        let h = self.n.forward(x).transpose();
        let x = x + self.t.forward(h).transpose();
        (x + self.c.forward(x).gelu()).max_axis::<1>()
    }
}
