use adamant::prelude::*;

/// From `[B, 4]` to `[B, 4]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Net {
    pub a: Linear<4, 4>,
    pub constant: Tensor<[f32; 4]>,
    pub constant2: Tensor<[f32; 4]>,
}

#[forward]
impl Net {
    pub fn forward<const B: usize>(&self, x: Tensor2<B, 4>) -> Tensor2<B, 4> {
        self.a.forward(x) * self.constant + x * self.constant2
    }
}
