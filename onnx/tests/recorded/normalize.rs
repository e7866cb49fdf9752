use adamant::prelude::*;

/// From `[B, 4]` to `[B, 6]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Net {
    pub fc: Linear<4, 6>,
}

#[forward]
impl Net {
    pub fn forward<const B: usize>(&self, x: Tensor2<B, 4>) -> Tensor2<B, 6> {
        let x = self.fc.forward(x);
        let h = x.norm_axis::<-1>().insert_axis::<-1>();
        x / h.clamp(1e-12, f32::INFINITY)
    }
}
